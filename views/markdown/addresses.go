package markdown

import (
	"bytes"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// bareURLs turns URLs in running text into links, in text of any script: "见https://example.com。" contains one. The
// library calls inline parsers only at punctuation and spaces, so this one starts at the colon after "https" or the dot
// after "www" and takes the scheme or "www" from the end of the text node before it.
type bareURLs struct{}

// Trigger implements [parser.InlineParser].
func (bareURLs) Trigger() []byte { return []byte{':', '.'} }

// Parse implements [parser.InlineParser].
func (bareURLs) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, segment := block.PeekLine()
	last, ok := parent.LastChild().(*ast.Text)
	if !ok || pc.IsInLinkLabel() || last.Segment.Stop != segment.Start {
		return nil
	}
	prefix, separator := urlStart(last.Segment.Value(block.Source()), line)
	if prefix == 0 {
		return nil
	}
	n := urlLength(line[separator:])
	if n == 0 {
		return nil
	}
	start := segment.Start - prefix
	if last.Segment = last.Segment.WithStop(start); last.Segment.IsEmpty() {
		parent.RemoveChild(parent, last)
	}
	block.Advance(separator + n)
	link := ast.NewAutoLink(ast.AutoLinkURL, ast.NewTextSegment(text.NewSegment(start, segment.Start+separator+n)))
	if line[0] == '.' {
		link.Protocol = []byte("http")
	}
	return link
}

// urlStart reports whether before ends with, and after continues, the start of a URL: "https" or "http" and "://", or
// "www" and ".". It returns the lengths of the two parts in bytes, or zeros if no URL starts here, for example because
// the prefix is the end of a longer word.
func urlStart(before, after []byte) (prefix, separator int) {
	for _, s := range []struct{ prefix, separator string }{{"https", "://"}, {"http", "://"}, {"www", "."}} {
		n := len(before) - len(s.prefix)
		if n < 0 || !bytes.HasPrefix(after, []byte(s.separator)) || !strings.EqualFold(string(before[n:]), s.prefix) {
			continue
		}
		if n > 0 && (util.IsAlphaNumeric(before[n-1]) || strings.IndexByte("-_+./@", before[n-1]) >= 0) {
			return 0, 0
		}
		return len(s.prefix), len(s.separator)
	}
	return 0, 0
}

// urlLength returns how many bytes of line belong to a URL whose scheme precedes line, or 0 if line does not begin with
// a host. A path may contain letters of any script. Trailing punctuation, closing brackets that the URL does not open,
// and Chinese and Japanese punctuation are not part of the URL.
func urlLength(line []byte) int {
	host := hostLength(line)
	if host == 0 {
		return 0
	}
	end := host
	if end < len(line) && strings.IndexByte("/?#", line[end]) >= 0 {
		for end < len(line) {
			r, n := utf8.DecodeRune(line[end:])
			if endsURL(r) {
				break
			}
			end += n
		}
	}
	return len(trimURL(line[:end], host))
}

// maxHost is the number of bytes within which a host name must end.
const maxHost = 256

// hostLength returns how many bytes at the beginning of line are a host with its port, or 0 if there is no host with a
// dot in it.
func hostLength(line []byte) int {
	end, dot := 0, false
	for end < min(len(line), maxHost) {
		r, n := utf8.DecodeRune(line[end:])
		switch {
		case r < utf8.RuneSelf && util.IsAlphaNumeric(byte(r)), strings.ContainsRune("-_~%@", r):
		case r == '.':
			dot = dot || end > 0 && end+1 < len(line) && line[end+1] != '.' &&
				!endsURL(firstRune(string(line[end+1:min(len(line), end+5)])))
		case r == ':' && end+1 < len(line) && '0' <= line[end+1] && line[end+1] <= '9':
		case r >= utf8.RuneSelf && line[0] >= utf8.RuneSelf && unicode.In(r, unicode.L, unicode.M, unicode.N):
			// An internationalized host name. After a host that begins with ASCII, such a letter belongs to the
			// surrounding text instead.
		default:
			n = 0
		}
		if n == 0 {
			break
		}
		end += n
	}
	if !dot || !util.IsAlphaNumeric(line[0]) && line[0] < utf8.RuneSelf {
		return 0
	}
	return end
}

// endsURL reports whether r cannot be part of a URL in running text.
func endsURL(r rune) bool {
	return r == utf8.RuneError || unicode.IsSpace(r) || unicode.IsControl(r) ||
		strings.ContainsRune("<>\"`*|“”„‘’«»‹›", r) || isPunctuation(r) && isCJK(r)
}

// trimURL removes trailing punctuation that belongs to the sentence around the URL. It removes closing brackets only
// after the first host bytes.
func trimURL(address []byte, host int) []byte {
	for len(address) > 0 {
		r, n := utf8.DecodeLastRune(address)
		switch {
		case strings.ContainsRune("?!.,:;'_~…·", r):
		case len(address) > host && strings.ContainsRune(")]}", r) && unopened(address, r):
		default:
			return address
		}
		address = address[:len(address)-n]
	}
	return address
}

// unopened reports whether address contains more of the closing bracket than of the matching opening one.
func unopened(address []byte, closing rune) bool {
	opening := map[rune]string{')': "(", ']': "[", '}': "{"}[closing]
	return bytes.Count(address, []byte(string(closing))) > bytes.Count(address, []byte(opening))
}

// linkable reports whether address may become a link: an http or https URL with a host, or a mailto URL. It parses the
// address in the form that the renderer escapes it to, so that a stray percent sign, as in "50%-off", is valid.
func linkable(address string) bool {
	u, err := url.Parse(string(util.URLEscape([]byte(address), true)))
	if err != nil {
		return false
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		return u.Host != ""
	case "mailto":
		return u.Opaque != ""
	}
	return false
}

// bareEmails turns email addresses in running text into links. It calls the library's parser only where there can be an
// address, because that parser would run its regular expression at every space and emphasis mark.
type bareEmails struct{ parser.InlineParser }

func newBareEmails() bareEmails {
	never := regexp.MustCompile(`^\z`) // bareURLs finds the URLs
	return bareEmails{extension.NewLinkifyParser(
		extension.WithLinkifyURLRegexp(never), extension.WithLinkifyWWWRegexp(never))}
}

// Parse implements [parser.InlineParser].
func (p bareEmails) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, _ := block.PeekLine()
	if bytes.IndexByte(p.Trigger(), line[0]) >= 0 {
		line = line[1:]
	}
	if !hasEmail(line) {
		return nil
	}
	return p.InlineParser.Parse(parent, block, pc)
}

// hasEmail reports whether line may begin with an email address: a local part of up to 64 bytes, "@", and a host name
// with a dot in it.
func hasEmail(line []byte) bool {
	at := bytes.IndexByte(line[:min(65, len(line))], '@')
	if at <= 0 || bytes.ContainsAny(line[:at], " \t\r\n") {
		return false
	}
	for _, c := range line[at+1 : min(at+1+maxHost, len(line))] {
		switch {
		case c == '.':
			return true
		case !util.IsAlphaNumeric(c) && c != '-':
			return false
		}
	}
	return false
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}
