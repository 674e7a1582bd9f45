package liveblog

import "strings"

// CodeFences follows the lines of a Markdown text and tells which of them belong to fenced code blocks, by CommonMark
// 0.31.2, sections 3 and 4.5: also within quotations and list items. The zero value is at the beginning of a text. The
// work for a line is bounded by its length and by [maxContainers].
type CodeFences struct {
	begun     bool
	open      []container // the outermost first
	fence     codeFence   // of the block in the innermost container; its length is 0 for none
	paragraph bool        // the innermost container ends with a paragraph, which the next line may continue
	opened    bool        // the last line opened the block
	hollow    bool        // an empty line followed an item without content, which ends the lists around it for goldmark
}

// maxContainers is how deep quotations and list items are followed. Deeper ones are refused when the text is saved.
const maxContainers = 100

// container is a quotation or a list item.
type container struct {
	indent int  // of the content of a list item; 0 for a quotation
	empty  bool // the item has no content yet
}

// codeFence is the run of backticks or tildes that opens or closes a fenced code block.
type codeFence struct {
	char   byte
	length int // at least 3; 0 for no fence
}

// TypedBullets are the characters that people type, or word processors copy, as the markers of list items.
const TypedBullets = "•‣◦▪●"

// HyphenForBullet returns a line with a hyphen, which is a marker of Markdown, in place of the one of [TypedBullets]
// with which it begins before a space or tab.
func HyphenForBullet(line string) string {
	text := strings.TrimLeft(line, " ")
	rest := strings.TrimLeft(text, TypedBullets)
	if at := len(line) - len(text); at <= 3 && len(text)-len(rest) == len("•") {
		if content := strings.TrimLeft(rest, " \t\u3000"); content != rest {
			return line[:at] + "- " + content
		}
	}
	return line
}

// Holds reports whether a line would be in a code block if it came next. The line must be no fence.
func (c *CodeFences) Holds(line string) bool {
	if c.fence.length == 0 {
		return false
	}
	_, matched := c.within(expandTabs(strings.TrimRight(line, "\r\n")))
	return matched == len(c.open)
}

// Next takes the next line and reports whether it belongs to a fenced code block, the fences included.
func (c *CodeFences) Next(line string) bool {
	if !c.begun {
		line, c.begun = strings.TrimPrefix(line, "\ufeff"), true
	}
	line = strings.TrimRight(line, "\r\n")
	c.opened = false
	rest, matched := c.within(expandTabs(line))
	if matched == len(c.open) && c.fence.length > 0 {
		if f, info := fenceOf(rest); f.closes(c.fence, info) {
			c.fence = codeFence{}
		}
		return true
	}
	if hyphened := HyphenForBullet(line); hyphened != line {
		rest, matched = c.within(expandTabs(hyphened))
	}
	return c.begin(rest, matched)
}

// Opened reports whether the last line opened a block, and so is not in it.
func (c *CodeFences) Opened() bool { return c.opened }

// within returns a line without what continues the open containers, and how many of them it continues.
func (c *CodeFences) within(line string) (rest string, matched int) {
	rest = line
	for i, at := range c.open {
		blank := isSpaces(rest)
		switch inner, quoted := cutQuote(rest); {
		case at.indent == 0 && quoted:
			rest = inner
		case at.indent > 0 && at.empty && blank:
			c.hollow = true
			return rest, i
		case at.indent > 0 && !blank && indent(rest) >= at.indent && !c.hollow:
			rest = rest[at.indent:]
			c.open[i].empty = false
		case at.indent > 0 && blank:
			rest = ""
		default:
			return rest, i
		}
	}
	return rest, len(c.open)
}

// begin opens the containers and the fence that begin in what follows the matched containers of a line, and reports
// whether there is a fence.
func (c *CodeFences) begin(rest string, matched int) bool {
	lazy := c.paragraph && matched < len(c.open) // the paragraph goes on unless something else begins
	direct := c.paragraph && matched == len(c.open)
	enter := func(at ...container) {
		c.open = append(c.open[:matched], at...)
		matched = len(c.open)
		c.fence, c.paragraph, lazy, direct = codeFence{}, false, false, false
	}
	for {
		f, info := fenceOf(rest)
		inner, quoted := cutQuote(rest)
		item, content := itemOf(rest, direct)
		switch {
		case isSpaces(rest):
			enter()
			return false
		case indent(rest) > 3:
			if !lazy && !direct {
				enter() // it is indented code
			}
			return false
		case direct && isUnderline(rest), isBreak(rest), isHeading(rest):
			enter()
			return false
		case f.opens(info):
			enter()
			c.fence, c.opened = f, true
			return true
		case matched == maxContainers && (quoted || item.indent > 0):
			enter()
			return false
		case quoted:
			enter(container{})
			rest = inner
		case item.indent > 0:
			enter(item)
			c.hollow = false
			rest = content
			if item.empty {
				return false
			}
		default:
			if !lazy {
				enter()
				c.paragraph = true
			}
			return false
		}
	}
}

// cutQuote cuts the sign of a quotation from the beginning of a line.
func cutQuote(line string) (rest string, ok bool) {
	text := strings.TrimLeft(line, " ")
	if len(line)-len(text) > 3 || !strings.HasPrefix(text, ">") {
		return line, false
	}
	return strings.TrimPrefix(text[1:], " "), true
}

// itemOf returns the list item that begins a line, and what follows its marker; an item with the indent 0 if none does.
// In a paragraph only some lists begin.
func itemOf(line string, inParagraph bool) (item container, content string) {
	at := indent(line)
	text := line[at:]
	digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
	end := digits + 1
	switch {
	case at > 3 || digits > 9 || digits == len(text):
		return item, line
	case digits > 0 && text[digits] != '.' && text[digits] != ')':
		return item, line
	case digits == 0 && !strings.ContainsRune("-+*", rune(text[0])):
		return item, line
	case len(text) > end && text[end] != ' ':
		return item, line
	case inParagraph && digits > 0 && strings.TrimLeft(text[:digits], "0") != "1":
		return item, line
	}
	spaces := indent(text[end:])
	switch blank := end+spaces == len(text); {
	case blank && inParagraph:
		return item, line
	case blank:
		return container{indent: at + end + 1, empty: true}, ""
	case spaces > 4:
		spaces = 1
	}
	return container{indent: at + end + spaces}, text[end+spaces:]
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
	return f.char == open.char && f.length >= open.length && isSpaces(info)
}

// isHeading reports whether a line is a heading that begins with number signs.
func isHeading(line string) bool {
	text := strings.TrimLeft(line, " ")
	after := strings.TrimLeft(text, "#")
	n := len(text) - len(after)
	return n >= 1 && n <= 6 && (after == "" || after[0] == ' ')
}

// isUnderline reports whether a line makes a heading of the paragraph above it.
func isUnderline(line string) bool {
	text := strings.TrimSpace(line)
	return text != "" && (strings.Trim(text, "=") == "" || strings.Trim(text, "-") == "")
}

// isBreak reports whether a line is a thematic break.
func isBreak(line string) bool {
	text := strings.ReplaceAll(line, " ", "")
	return len(text) >= 3 && strings.ContainsRune("-*_", rune(text[0])) && strings.Trim(text, text[:1]) == ""
}

// indent returns with how many spaces a line begins.
func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// isSpaces reports whether a line has nothing but spaces.
func isSpaces(line string) bool { return strings.Trim(line, " ") == "" }

// expandTabs replaces tabs by spaces, up to columns that are multiples of four.
func expandTabs(line string) string {
	if !strings.Contains(line, "\t") {
		return line
	}
	var b strings.Builder
	for i, part := range strings.Split(line, "\t") {
		if i > 0 {
			b.WriteString("    "[b.Len()%4:])
		}
		b.WriteString(part)
	}
	return b.String()
}
