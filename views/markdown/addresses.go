package markdown

import (
	"bytes"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// webAddresses makes links of the addresses of pages that stand in the text, whatever script is before and behind them:
// "见https://example.com。" has one. It begins at the colon behind "https", or the dot behind "www", since the parser asks
// only at punctuation; what comes before is the end of the text so far.
type webAddresses struct{}

// Trigger implements [parser.InlineParser].
func (webAddresses) Trigger() []byte { return []byte{':', '.'} }

// Parse implements [parser.InlineParser].
func (webAddresses) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, segment := block.PeekLine()
	last, ok := parent.LastChild().(*ast.Text)
	if !ok || pc.IsInLinkLabel() || last.Segment.Stop != segment.Start {
		return nil
	}
	name, sign := beginning(last.Segment.Value(block.Source()), line)
	if name == 0 {
		return nil
	}
	n := addressEnd(line[sign:])
	if n == 0 {
		return nil
	}
	start := segment.Start - name
	if last.Segment = last.Segment.WithStop(start); last.Segment.IsEmpty() {
		parent.RemoveChild(parent, last)
	}
	block.Advance(sign + n)
	link := ast.NewAutoLink(ast.AutoLinkURL, ast.NewTextSegment(text.NewSegment(start, segment.Start+sign+n)))
	if line[0] == '.' {
		link.Protocol = []byte("http")
	}
	return link
}

// beginning returns how many bytes before and behind the place between two texts begin an address: "https" and "://", or
// "www" and ".". They are 0 where none begins, as within a word.
func beginning(before, behind []byte) (name, sign int) {
	for _, b := range []struct{ name, sign string }{{"https", "://"}, {"http", "://"}, {"www", "."}} {
		n := len(before) - len(b.name)
		if n < 0 || !bytes.HasPrefix(behind, []byte(b.sign)) || !strings.EqualFold(string(before[n:]), b.name) {
			continue
		}
		if n > 0 && (util.IsAlphaNumeric(before[n-1]) || strings.IndexByte("-_+./@", before[n-1]) >= 0) {
			return 0, 0
		}
		return len(b.name), len(b.sign)
	}
	return 0, 0
}

// addressEnd returns how many bytes at the beginning of a text belong to an address whose scheme is before it, 0 where no
// host is there. Letters of all scripts belong to a path. Punctuation at the end does not, nor a bracket that the address
// does not open, nor any of the punctuation of Chinese and Japanese.
func addressEnd(line []byte) int {
	host := hostEnd(line)
	if host == 0 {
		return 0
	}
	end := host
	if end < len(line) && strings.IndexByte("/?#", line[end]) >= 0 {
		for end < len(line) {
			r, n := utf8.DecodeRune(line[end:])
			if endsAddress(r) {
				break
			}
			end += n
		}
	}
	return len(trimmedAddress(line[:end], host))
}

// maxHost is how many bytes of a host name are looked at.
const maxHost = 256

// hostEnd returns how many bytes at the beginning of a line are a host, with a dot in it, and its port.
func hostEnd(line []byte) int {
	end, dot := 0, false
	for end < min(len(line), maxHost) {
		r, n := utf8.DecodeRune(line[end:])
		switch {
		case r < utf8.RuneSelf && util.IsAlphaNumeric(byte(r)), strings.ContainsRune("-_~%@", r):
		case r == '.':
			dot = dot || end > 0 && end+1 < len(line) && line[end+1] != '.' && !endsAddress(firstRune(string(line[end+1:min(len(line), end+5)])))
		case r == ':' && end+1 < len(line) && '0' <= line[end+1] && line[end+1] <= '9':
		case r >= utf8.RuneSelf && line[0] >= utf8.RuneSelf && unicode.In(r, unicode.L, unicode.M, unicode.N):
			// A name in another script; behind one of plain letters the text goes on.
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

// endsAddress reports whether a character is in no address that somebody types into a text.
func endsAddress(r rune) bool {
	return r == utf8.RuneError || unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("<>\"`*|“”„‘’«»‹›", r) ||
		isPunctuation(r) && isCJK(r)
}

// trimmedAddress leaves away what ends the sentence and not the address, but for the host itself.
func trimmedAddress(address []byte, host int) []byte {
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

// unopened reports whether an address has more of a closing bracket than of its opening one.
func unopened(address []byte, closing rune) bool {
	opening := map[rune]string{')': "(", ']': "[", '}': "{"}[closing]
	return bytes.Count(address, []byte(string(closing))) > bytes.Count(address, []byte(opening))
}

// linkable reports whether an address may become a link: of a page, or of a mailbox. It is read as the renderer escapes it,
// so that "50%-off" is one.
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
