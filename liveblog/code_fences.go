package liveblog

import "strings"

// CodeFences follows the lines of a Markdown text and tells which of them belong to fenced code blocks, by CommonMark
// 0.31.2, section 4.5: also within quotations and list items. The zero value is at the beginning of a text.
type CodeFences struct {
	open   codeFence
	quotes int  // how many quotations the last line is in
	item   int  // how far the content of the list item is indented that the last line belongs to; 0 for none
	gap    bool // the last line does not go on in the next one
}

// codeFence is the run of backticks or tildes that opens or closes a fenced code block.
type codeFence struct {
	char   byte
	length int // at least 3; 0 for no fence
	quotes int // how many quotations it is in
	item   int // how far the content of its list item is indented; 0 for none
}

// Next takes the next line and reports whether it belongs to a fenced code block, the fences included.
func (c *CodeFences) Next(line string) bool {
	line = strings.ReplaceAll(strings.TrimRight(line, "\r\n"), "\t", "    ")
	if c.open.length > 0 {
		rest, inside := withinQuotes(line, c.open.quotes)
		if inside && c.open.item > 0 && strings.TrimSpace(rest) != "" && indent(rest) < c.open.item {
			inside, c.item = false, 0
		}
		if inside {
			if f, info := fenceOf(cutIndent(rest, c.open.item)); f.closes(c.open, info) {
				c.open, c.gap = codeFence{}, true
			}
			return true
		}
		c.open = codeFence{}
	}
	quotes, rest := 0, line
	for {
		inner, inside := withinQuotes(rest, 1)
		if !inside {
			break
		}
		quotes, rest = quotes+1, inner
	}
	if quotes != c.quotes {
		c.quotes, c.item = quotes, 0
	}
	rest = c.inItem(rest)
	f, info := fenceOf(cutIndent(rest, c.item))
	if !f.opens(info) {
		return false
	}
	f.quotes, f.item = quotes, c.item
	c.open = f
	return true
}

// inItem finds out which list item a line belongs to, and returns the line with its markers replaced by spaces.
func (c *CodeFences) inItem(line string) string {
	if strings.TrimSpace(line) == "" {
		c.gap = true
		return line
	}
	if f, info := fenceOf(line); indent(line) < c.item && (c.gap || f.opens(info)) {
		c.item = 0
	}
	c.gap = false
	for {
		at := indent(line)
		text := line[at:]
		marker := itemMarker(text)
		if marker == 0 || at > c.item+3 {
			return line
		}
		content := strings.TrimLeft(text[marker:], " ")
		spaces := len(text) - marker - len(content)
		if content == "" || spaces > 4 {
			spaces = 1
		}
		c.item = at + marker + spaces
		line = strings.Repeat(" ", min(at+marker+spaces, len(line))) + line[min(at+marker+spaces, len(line)):]
	}
}

// itemMarker returns the length of the marker of a list item at the beginning of a text; 0 for none.
func itemMarker(text string) int {
	digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
	n := 1
	switch {
	case digits > 9 || digits == len(text):
		return 0
	case digits > 0:
		if text[digits] != '.' && text[digits] != ')' {
			return 0
		}
		n = digits + 1
	case !strings.ContainsRune("-+*", rune(text[0])):
		return 0
	}
	if len(text) > n && text[n] != ' ' {
		return 0
	}
	return n
}

// withinQuotes returns a line without the signs of so many quotations, and whether it has all of them.
func withinQuotes(line string, quotes int) (rest string, inside bool) {
	for range quotes {
		text := strings.TrimLeft(line, " ")
		if len(line)-len(text) > 3 || !strings.HasPrefix(text, ">") {
			return line, false
		}
		line = strings.TrimPrefix(text[1:], " ")
	}
	return line, true
}

// fenceOf returns the fence at the beginning of a line, and what follows it.
func fenceOf(line string) (f codeFence, info string) {
	text := line[indent(line):]
	if indent(line) > 3 || text == "" || text[0] != '`' && text[0] != '~' {
		return codeFence{}, ""
	}
	info = strings.TrimLeft(text, text[:1])
	if n := len(text) - len(info); n >= 3 {
		return codeFence{char: text[0], length: n}, info
	}
	return codeFence{}, ""
}

// opens reports whether the fence begins a block: what follows is its info string, which has no backtick after some.
func (f codeFence) opens(info string) bool {
	return f.length > 0 && (f.char == '~' || !strings.Contains(info, "`"))
}

// closes reports whether the fence ends the block that open began.
func (f codeFence) closes(open codeFence, info string) bool {
	return f.char == open.char && f.length >= open.length && strings.TrimSpace(info) == ""
}

// indent returns with how many spaces a line begins.
func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

func cutIndent(line string, n int) string { return line[min(n, indent(line)):] }
