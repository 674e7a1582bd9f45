package paste

import (
	"flag"
	"math/rand/v2"
	"strings"
	"testing"

	"readout/liveblog"
	"readout/views/markdown"

	"golang.org/x/net/html"
)

// fragments are what generated documents consist of: text that Markdown could take for signs, in several scripts, and
// what is dangerous or must not be seen.
var fragments = []string{
	"word", " ", "  ", "\n", "*", "**", "_", "`code`", "~~", "~", "[a](b)", "![x](y)", "# ", "> ", "- ", "+ ", "1. ",
	"2) ", "|", "\\", "&lt;b&gt;", "&amp;amp;", "&amp;", "&nbsp;", "。", "「引」", "“quote”", "قال", "정상회담", "会談",
	"!", "…", "• ", "· ", "１．", "---", "===", "/move x", " https://example.org/a_b*c?utm_source=x&amp;y=1 ",
	" www.example.org/x_y ", "javascript:alert(1)", " a@example.org ", "$1", "{{x}}", "<br>", "<br><br>", "</p>", "<hr>",
	"é", "🙂", "=", ":", "\"",
}

var elements = []string{
	"p", "div", "span", "b", "strong", "i", "em", "s", "code", "pre", "h1", "h3", "ul", "ol", "li", "blockquote",
	"table", "tr", "td", "th", "a href='https://example.org/?fbclid=1'", "a href='javascript:alert(1)'", "script",
	"style", "b style='font-weight:normal'", "span style='font-weight:700;font-style:italic'",
	"p class='MsoListParagraph'", "p class='MsoNormal' style='mso-list:l0 level2 lfo1'",
	"span style='mso-list:Ignore'", "td colspan=3 rowspan=2", "li data-aria-level='3'", "q",
	"img alt='🙂' src=x onerror=alert(1)", "div style='white-space:pre-wrap'", "font", "sup",
}

func document(r *rand.Rand) string {
	var s strings.Builder
	var part func(depth int)
	part = func(depth int) {
		for range r.IntN(6) {
			if depth < 5 && r.IntN(2) == 0 {
				name := elements[r.IntN(len(elements))]
				s.WriteString("<" + name + ">")
				part(depth + 1)
				tag, _, _ := strings.Cut(name, " ")
				s.WriteString("</" + tag + ">")
			} else {
				s.WriteString(fragments[r.IntN(len(fragments))])
			}
		}
	}
	part(0)
	return s.String()
}

var documents = flag.Int("documents", 1_000, "how many documents TestGeneratedHTML converts")

// TestGeneratedHTML converts generated documents. It fails if a sign is no longer escaped, if marks are written where
// Markdown does not see them, or if a script or its address can come through.
func TestGeneratedHTML(t *testing.T) {
	t.Parallel()
	refused := 0
	for seed := range *documents {
		source := document(rand.New(rand.NewPCG(1, uint64(seed))))
		if err := check(t, source); err != nil {
			t.Logf("seed %d: %v", seed, err)
			refused++
		}
	}
	if refused > *documents/500 {
		t.Errorf("%d of %d documents can only be pasted as plain text", refused, *documents)
	}
}

func FuzzMarkdown(f *testing.F) {
	f.Add("<p>a <b>b</b></p>")
	f.Fuzz(func(t *testing.T, source string) { _ = check(t, source) })
}

// check converts a document. It returns the error of one that can only be pasted as plain text.
func check(t *testing.T, source string) error {
	t.Helper()
	got, err := Markdown(source)
	if err != nil {
		if code := liveblog.CodeOf(err); code != liveblog.TooLarge && code != liveblog.Invalid {
			t.Fatalf("%q: %v", source, err)
		}
		return err
	}
	if len(got) > liveblog.MaxBody {
		t.Fatalf("%d bytes become %d", len(source), len(got))
	}
	shown, err := html.Parse(strings.NewReader(markdown.HTML(got)))
	if err != nil {
		t.Fatalf("%q: %v", source, err)
	}
	for n := range shown.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if n.Data == "script" || n.Data == "style" || n.Data == "img" {
			t.Fatalf("%q has a <%s>: %q", source, n.Data, got)
		}
		for _, a := range n.Attr {
			tracks := strings.Contains(a.Val, "utm_") || strings.Contains(a.Val, "fbclid")
			bad := tracks || strings.HasPrefix(a.Val, "javascript:")
			if a.Key == "href" && bad || strings.HasPrefix(a.Key, "on") || a.Key == "style" {
				t.Fatalf("%q keeps %s=%q: %q", source, a.Key, a.Val, got)
			}
		}
	}
	return nil
}

// TestWorkIsBounded converts texts of the greatest length that are hard to convert. It fails by the time limit of the
// tests if the work grows with the square of their length.
func TestWorkIsBounded(t *testing.T) {
	t.Parallel()
	for name, part := range map[string]string{
		"open elements": "<b>", "nested": "<div>", "stars": "*a ", "brackets": "[", "marks": "<b>a</b><i>b</i>",
		"links": "<a href=https://a.b>x</a>", "cells": "<td>", "spans": "<tr><td colspan=9999 rowspan=9999>",
		"items": "<li>a", "lists": "<ul><li>", "quotes": "<blockquote>", "breaks": "<br>a", "addresses": "https://a.b",
		"paragraphs": "<p>• a", "redirects": "<a href=https://google.com/url?q=https://a.b>x</a>",
		"rows": "<table><tr><td>a<td>b", "dashes": "-", "word": "<p class=MsoListParagraph>1. a",
		"entities": "&amp;lt;", "formatting": "<p><b><i>", "backticks": "`",
	} {
		for _, size := range []int{MaxHTML, liveblog.MaxBody} {
			out, err := Markdown(strings.Repeat(part, size/len(part)))
			if len(out) > liveblog.MaxBody {
				t.Errorf("%d bytes of %s become %d (%v)", size, name, len(out), err)
			}
		}
	}
}
