package paste

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"readout/views/markdown"
)

var update = flag.Bool("update", false, "write what the samples become")

// forbidden must not survive: styles, scripts, images, comments, addresses that only track readers.
var forbidden = regexp.MustCompile(`(?i)javascript:|<script|<style|mso-|secret|utm_|fbclid|gclid|safelinks|` +
	`google\.com/url|l\.php|slack-redir|\.gif|\.png|\.jpg|file:|data:text`)

// TestSamples pastes samples in the shape in which word processors, mail programs and browsers put text on the
// clipboard. It fails if a kind of sample loses its lists, tables, links or marks, or keeps what it must not.
func TestSamples(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.html")
	if err != nil || len(files) < 40 {
		t.Fatalf("there are %d samples, want 40 or more (%v)", len(files), err)
	}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Markdown(string(source))
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		golden := strings.TrimSuffix(file, ".html") + ".md"
		if *update {
			if err := os.WriteFile(golden, []byte(got+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got+"\n" != string(want) {
			t.Errorf("%s becomes\n%s\nwant\n%s", file, got, want)
		}
		shown := strings.ReplaceAll(markdown.HTML(got), "&lt;script&gt;alert(1)&lt;/script&gt;", "")
		if bad := forbidden.FindString(shown); bad != "" {
			t.Errorf("%s keeps %q:\n%s", file, bad, shown)
		}
	}
}

// TestAddresses cleans addresses. It fails if a kind of redirect or tracking parameter is no longer known, or if other
// parameters go with them.
func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ href, want string }{
		{"https://example.org/a?b=1&utm_source=x&c=2", "https://example.org/a?b=1&c=2"},
		{"https://example.org/?UTM_Medium=x", "https://example.org/"},
		{"https://example.org/a?ref=main#part", "https://example.org/a?ref=main#part"},
		{"https://example.org/a#:~:text=quoted", "https://example.org/a"},
		{"https://mara:secret@example.org/", "https://example.org/"},
		{"https://www.google.co.uk/url?sa=t&url=https%3A%2F%2Fa.org%2F%3Fq=1", "https://a.org/?q=1"},
		{"https://www.google.com/search?q=talks", "https://www.google.com/search?q=talks"},
		{"https://urldefense.com/v3/__https://a.org/b__;!!x", "https://a.org/b"},
		{"https://urldefense.proofpoint.com/v2/url?u=https-3A__a.org_b", "https://a.org/b"},
		{"https://www.youtube.com/redirect?q=https%3A%2F%2Fa.org", "https://a.org"},
		{
			"https://x.safelinks.protection.outlook.com/?url=https%3A%2F%2Fl.facebook.com%2Fl.php%3Fu%3Dhttps%253A%252F%252Fa",
			"https://a",
		},
		{"https://www.google.com/url?q=javascript:alert(1)", "https://www.google.com/url?q=javascript:alert%281%29"},
		{"https://en.wikipedia.org/wiki/A_(b)", "https://en.wikipedia.org/wiki/A_%28b%29"},
		{"mailto:mara@example.org", "mailto:mara@example.org"},
		{"javascript:alert(1)", ""},
		{"data:text/html,x", ""},
		{"file:///etc/passwd", ""},
		{"/path", ""},
		{"#part", ""},
		{"", ""},
		{"https://" + strings.Repeat("a", 5_000) + ".org", ""},
	} {
		if got := cleanAddress(row.href); got != row.want {
			t.Errorf("%s becomes %s, want %s", row.href, got, row.want)
		}
	}
}
