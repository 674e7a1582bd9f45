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
func TestCodeIsNoCommand(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		part := rapid.SampledFrom([]string{"", "", "text", "```", "~~~", "````", "``` go", "  ```", "   ~~~", "    ```",
			"> ```", "> text", "> ", ">", "> > ~~~", "- ```", "- text", "  text", "1. ~~~", "   ```", "``` a`b", "```x```",
			"COMMAND", "COMMAND", "> COMMAND", "  COMMAND"})
		parts := rapid.SliceOfN(part, 1, 12).Draw(r, "lines")
		lines := make([]string, len(parts))
		for i, p := range parts {
			lines[i] = strings.Replace(p, "COMMAND", fmt.Sprintf("/cite c%d.", i), 1)
		}
		body := strings.Join(lines, "\n")
		shown := HTML(body)
		_, lifted := liveblog.LiftCommands(body)
		taken := map[string]bool{}
		for _, c := range lifted {
			taken[strings.Fields(c.Text)[1]] = true
		}
		for i, p := range parts {
			name := fmt.Sprintf("c%d.", i)
			before, _, _ := strings.Cut(shown, name)
			code := strings.Count(before, "<pre ") > strings.Count(before, "</pre>")
			switch {
			case code && taken[name]:
				r.Fatalf("%s is code of\n%s\nand was taken out of it:\n%s", name, body, shown)
			case !code && p == "COMMAND" && !taken[name]:
				r.Fatalf("%s is no code of\n%s\nand stays in it:\n%s", name, body, shown)
			}
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
