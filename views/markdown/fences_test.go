package markdown

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"readout/liveblog"
)

// TestCodeIsNoCommand makes texts of fences, quotations, lists and lines with commands. It fails if a command is taken
// out of what readers see as code, or if a line that is no code and begins with a command stays in the text. The rules
// for fences are CommonMark's: what opens one, what closes it, and what ends the quotation or the item that it is in.
// Items without content and tabs within a line are left out: the library has rules of its own for them.
func TestCodeIsNoCommand(t *testing.T) {
	t.Parallel()
	signs := []string{"\t", "", " ", "  ", "   ", "    ", "> ", ">", "- ", "* ", "1. ", "2) ", "-   ", "• "}
	texts := []string{"", "text", "```", "~~~", "````", "``` go", "``` a`b", "```x```", "# h", "---", "===", "- - -",
		"| a | b |", "|---|---|", "--", "COMMAND", "COMMAND"}
	line := rapid.Custom(func(r *rapid.T) string {
		var b strings.Builder
		for i := range rapid.IntRange(0, 3).Draw(r, "depth") {
			b.WriteString(rapid.SampledFrom(signs[min(i, 1):]).Draw(r, "sign"))
		}
		text := rapid.SampledFrom(texts).Draw(r, "text")
		if text == "" && strings.Trim(b.String(), " >\t") != "" {
			text = "text"
		}
		return b.String() + text
	})
	check := func(r *rapid.T) {
		all := rapid.SliceOfN(line, 1, 9).Draw(r, "lines")
		for i := range all {
			all[i] = strings.Replace(all[i], "COMMAND", fmt.Sprintf("/cite c%d.", i), 1)
		}
		rest, lifted := liveblog.LiftCommands(strings.Join(all, "\n"))
		taken := map[int]bool{}
		for _, c := range lifted {
			taken[c.Line-1] = true
		}
		for i, command := range all {
			if !strings.HasPrefix(strings.TrimLeft(command, " "), "/") {
				continue
			}
			name, text := fmt.Sprintf("c%d.", i), rest
			if taken[i] { // what would readers see if it stayed?
				var with []string
				for j, line := range all {
					if j == i || !taken[j] {
						with = append(with, line)
					}
				}
				text = strings.Join(with, "\n")
			}
			before, _, shown := strings.Cut(HTML(text), name)
			code := strings.Count(before, "<pre ") > strings.Count(before, "</pre>")
			switch indented := strings.HasPrefix(command, "    "); {
			case !shown:
				r.Fatalf("%s is lost from\n%s", name, text)
			case code && taken[i] && !indented:
				r.Fatalf("%s is code of\n%s\nand was taken out of it:\n%s", name, text, HTML(text))
			case !code && !taken[i]:
				r.Fatalf("%s is no code of\n%s\nand stays in it:\n%s", name, text, HTML(text))
			}
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		for range 300 { // texts
			check(r)
		}
	})
}

// A backslash before a full-width slash is for the reader of commands, not for readers.
func TestLiteralFullWidthSlash(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"\\／move": "<p>／move</p>\n", "北京\n\\／移动": "<p>北京／移动</p>\n", "a \\／ b": "<p>a \\／ b</p>\n",
		"```\n\\／x\n```": "<pre tabindex=\"0\"><code>\\／x\n</code></pre>\n",
	} {
		if got := HTML(body); got != want {
			t.Errorf("%q is shown as %q, want %q", body, got, want)
		}
	}
}
