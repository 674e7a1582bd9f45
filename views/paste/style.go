package paste

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// marks are how a text looks that Markdown can express.
type marks uint8

const (
	strong marks = 1 << iota
	emphasis
	deleted
	code
)

// style is what a text inherits from the elements around it.
type style struct {
	marks marks
	href  string
	pre   bool // line breaks are kept
	depth int
}

func (s *style) set(m marks, on bool) {
	if on {
		s.marks |= m
	} else {
		s.marks &^= m
	}
}

// within returns the style of what an element contains.
func (s style) within(n *html.Node) style {
	s.depth++
	switch n.DataAtom {
	case atom.B, atom.Strong:
		s.set(strong, true)
	case atom.I, atom.Em, atom.Cite, atom.Dfn, atom.Var:
		s.set(emphasis, true)
	case atom.S, atom.Strike, atom.Del:
		s.set(deleted, true)
	case atom.Code, atom.Kbd, atom.Samp, atom.Tt:
		s.set(code, true)
	case atom.A:
		if href := cleanAddress(attribute(n, "href")); href != "" {
			s.href = href
		}
	}
	for name, value := range declarations(n) {
		switch name {
		case "font-weight":
			switch weight, err := strconv.Atoi(value); {
			case value == "bold" || value == "bolder" || err == nil && weight >= 600:
				s.set(strong, true)
			case value == "normal" || value == "lighter" || err == nil:
				s.set(strong, false)
			}
		case "font-style":
			switch value {
			case "italic", "oblique":
				s.set(emphasis, true)
			case "normal":
				s.set(emphasis, false)
			}
		case "text-decoration", "text-decoration-line":
			switch {
			case strings.Contains(value, "line-through"):
				s.set(deleted, true)
			case value == "none" && n.DataAtom != atom.A:
				s.set(deleted, false)
			}
		case "white-space":
			s.pre = strings.HasPrefix(value, "pre") || value == "break-spaces"
		}
	}
	return s
}

// declarations yields the properties and values of an element's style attribute, in lower case.
func declarations(n *html.Node) func(func(string, string) bool) {
	return func(yield func(string, string) bool) {
		for declaration := range strings.SplitSeq(attribute(n, "style"), ";") {
			name, value, _ := strings.Cut(declaration, ":")
			value, _, _ = strings.Cut(strings.ToLower(value), "!")
			if !yield(strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)) {
				return
			}
		}
	}
}

// property returns the value of a property in an element's style attribute, or "".
func property(n *html.Node, name string) string {
	found := ""
	for declared, value := range declarations(n) {
		if declared == name {
			found = value
		}
	}
	return found
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func hasAttribute(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func hasClass(n *html.Node, names ...string) bool {
	for class := range strings.FieldsSeq(attribute(n, "class")) {
		for _, name := range names {
			if class == name {
				return true
			}
		}
	}
	return false
}

// skipped reports whether an element has no text that readers of the source see.
func skipped(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Head, atom.Style, atom.Script, atom.Template, atom.Noscript, atom.Iframe, atom.Object, atom.Embed,
		atom.Svg, atom.Canvas, atom.Video, atom.Audio, atom.Map, atom.Input, atom.Select, atom.Textarea, atom.Button,
		atom.Title, atom.Link, atom.Meta, atom.Base, atom.Frame, atom.Frameset, atom.Noframes, atom.Datalist,
		atom.Rp, atom.Rt:
		return true
	}
	if n.Data == "xml" || strings.HasPrefix(n.Data, "o:") && n.FirstChild == nil {
		return true
	}
	if hasAttribute(n, "hidden") || property(n, "display") == "none" || property(n, "visibility") == "hidden" ||
		property(n, "mso-hide") == "all" || strings.HasPrefix(property(n, "mso-element"), "comment") {
		return true
	}
	// Marks of notes and buttons to edit, which lead nowhere elsewhere.
	return hasClass(n, "mw-editsection", "MsoCommentReference") || n.DataAtom == atom.Sup && hasClass(n, "reference")
}
