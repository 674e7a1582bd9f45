package paste

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/text/unicode/norm"
)

var (
	wordLevel = regexp.MustCompile(`\bl\d+\s+level(\d)`)
	// wordBullet is the sign of a list item as Word and Outlook put it before the text: in fonts of symbols, most are
	// letters.
	wordBullet = regexp.MustCompile(
		`^[\s\x{a0}]*([·•▪▫●○■□◦§o\x{f0a7}\x{f0b7}\x{f0d8}\x{f0fc}ØüvÀ*–—-])(?:[\s\x{a0}]+|$)`)
	wordNumber = regexp.MustCompile(`^[\s\x{a0}]*\(?(\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)](?:[\s\x{a0}]+|$)`)
)

// wordItem reads a paragraph of Word or Outlook that is an item of a list, with its sign as text before it. The item
// may be empty.
func (r *reader) wordItem(n *html.Node, in style) (*block, bool) {
	value := property(n, "mso-list")
	m := wordLevel.FindStringSubmatch(value)
	named := strings.Contains(attribute(n, "class"), "MsoListParagraph")
	if m == nil && (!named || value != "") {
		return nil, false
	}
	it := &block{kind: item, level: 1}
	if m != nil {
		it.level, _ = strconv.Atoi(m[1])
	}
	var sign *html.Node
	for d := range n.Descendants() {
		if property(d, "mso-list") == "ignore" {
			sign = d
			break
		}
	}
	if sign != nil {
		it.ordered, it.start = orderOf(content(sign))
		sign.Parent.RemoveChild(sign)
	}
	inner := &flow{}
	before := r.nodes
	r.children(n, in, inner)
	inner.flush()
	if sign == nil && (len(inner.blocks) == 0 || !takeSign(inner.blocks[0], it, wordBullet, wordNumber)) {
		r.nodes = before // it is read again, as a paragraph
		return nil, false
	}
	it.blocks = slices.DeleteFunc(inner.blocks, func(b *block) bool { return b.kind == paragraph && len(b.runs) == 0 })
	return it, true
}

func content(n *html.Node) string {
	var s strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			s.WriteString(d.Data)
		}
	}
	return s.String()
}

// orderOf returns whether the sign of an item is a number or a letter, and which number it is.
func orderOf(sign string) (ordered bool, number int) {
	m := wordNumber.FindStringSubmatch(sign)
	if m == nil {
		return false, 1
	}
	return true, numberOf(m[1])
}

// numberOf returns the number that a text in digits of either width says, or 1.
func numberOf(s string) int {
	number, err := strconv.Atoi(norm.NFKC.String(s))
	if err != nil {
		return 1
	}
	return number
}

// takeSign removes the sign at the beginning of a paragraph, and tells the item about it. It reports whether there was
// one.
func takeSign(p *block, it *block, bullet, number *regexp.Regexp) bool {
	all := text(p.runs)
	n := 0
	if m := bullet.FindString(all); m != "" {
		n, it.ordered, it.start = len(m), false, 1
	} else if m := number.FindStringSubmatch(all); m != nil {
		n, it.ordered, it.start = len(m[0]), true, numberOf(m[1])
	}
	if n == 0 {
		return false
	}
	p.runs = tidied(cutRuns(p.runs, n))
	return true
}

// cutRuns returns runs without their first n bytes.
func cutRuns(runs []run, n int) []run {
	var out []run
	for _, r := range runs {
		cut := min(n, len(r.text))
		n -= cut
		if r.text = r.text[cut:]; r.text != "" {
			out = append(out, r)
		}
	}
	return out
}
