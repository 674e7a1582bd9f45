package audit_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"readout/cmd/readout/demo"
	"readout/liveblog"
	"readout/realtime"
)

// tools are what package.json names. Without it the test is skipped, but not in CI.
func tools(t *testing.T, name string) (dir string) {
	t.Helper()
	dir, err := filepath.Abs("testdata/npm")
	if err != nil {
		t.Fatal(err)
	}
	_, err = os.Stat(filepath.Join(dir, "node_modules", name))
	if _, noNode := exec.LookPath("node"); err != nil || noNode != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is not installed: run npm ci in cmd/readout/testdata/npm", name)
		}
		t.Skipf("%s is not installed: run npm ci in cmd/readout/testdata/npm", name)
	}
	return dir
}

// found returns the first of the programs that is there. Without one the test is skipped, but not in CI.
func found(t *testing.T, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("none of %v is on this machine", names)
	}
	t.Skipf("none of %v is on this machine", names)
	return ""
}

// outputOf runs a program to its end and returns what it printed.
func outputOf(t *testing.T, c *exec.Cmd) []byte {
	t.Helper()
	var out, problems bytes.Buffer
	c.Stdout, c.Stderr = &out, &problems
	if err := c.Run(); err != nil {
		t.Fatalf("%v: %v\n%s", c.Args[:2], err, &problems)
	}
	return out.Bytes()
}

// publicPages are the pages of the blog "summit" that readers see.
var publicPages = append(slices.Clone(axePages),
	"/live/summit/search", "/live/summit?around=999", "/live/summit?before=x", "/embed/empty")

func TestHTMLIsValid(t *testing.T) {
	t.Parallel()
	dir := tools(t, "html-validate")
	n := node.StartTalks(t)
	n.EveryKind()
	pages := t.TempDir()
	for _, language := range []string{"en", "ar", "zh", "de"} {
		n.UpdateBlog("summit", liveblog.BlogPatch{Language: &language})
		for i, path := range publicPages {
			req, err := http.NewRequestWithContext(t.Context(), "GET", n.BaseURL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Accept", "text/html")
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(res.Body)
			res.Body.Close()
			if err != nil || !bytes.HasPrefix(body, []byte("<!doctype html>")) {
				t.Fatalf("%s: %v, %.60s", path, err, body)
			}
			name := language + string(rune('a'+i/26)) + string(rune('a'+i%26)) + ".html"
			if err := os.WriteFile(filepath.Join(pages, name), append(body, "\n<!-- "+path+" -->\n"...), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	c := exec.CommandContext(t.Context(), "node", filepath.Join(dir, "node_modules/html-validate/bin/html-validate.mjs"),
		"--config", filepath.Join(dir, "htmlvalidate.json"), "--formatter", "stylish", filepath.Join(pages, "*.html"))
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

var performance = flag.Float64("performance", 0, "the least that Lighthouse may give for performance, of 100")

// TestLighthouse looks at the demonstration as Lighthouse does, on a phone. How fast it is depends on the machine and on what
// else runs there, so that is told and asked for by the flag alone.
func TestLighthouse(t *testing.T) {
	dir := tools(t, "lighthouse")
	browser := found(t, "chromium", "chromium-browser", "google-chrome")
	n := node.Start(t)
	script, err := demo.Load()
	if err != nil {
		t.Fatal(err)
	}
	if err := script.Seed(t.Context(), n.Store, realtime.NewLocalBroker(), time.Now()); err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), "node", filepath.Join(dir, "node_modules/lighthouse/cli/index.js"), n.BaseURL+"/live/"+demo.Blog.Slug,
		"--quiet", "--chrome-flags=--headless=new --no-sandbox --disable-gpu --user-data-dir="+t.TempDir(), "--output=json")
	c.Env = append(os.Environ(), "CHROME_PATH="+browser)
	var report struct {
		Categories map[string]struct {
			Score     float64
			AuditRefs []struct {
				ID     string
				Weight float64
			}
		}
		Audits map[string]struct {
			Score        *float64
			NumericValue float64
			Title        string
		}
	}
	if err := json.Unmarshal(outputOf(t, c), &report); err != nil {
		t.Fatal(err)
	}
	for name, least := range map[string]float64{"accessibility": 100, "best-practices": 100, "seo": 100, "performance": *performance} {
		category, ok := report.Categories[name]
		t.Logf("%s: %.0f", name, category.Score*100)
		if !ok || category.Score*100 < least {
			t.Errorf("%s is %.0f, want %.0f", name, category.Score*100, least)
			for _, ref := range category.AuditRefs {
				if a := report.Audits[ref.ID]; ref.Weight > 0 && a.Score != nil && *a.Score < 1 {
					t.Errorf("%s: %s", ref.ID, a.Title)
				}
			}
		}
	}
	if shift, ok := report.Audits["cumulative-layout-shift"]; !ok || shift.NumericValue != 0 {
		t.Errorf("the layout shifts by %v", shift.NumericValue)
	}
}

func TestFirefox(t *testing.T) {
	dir := tools(t, "puppeteer-core")
	browser := found(t, "firefox-esr", "firefox")
	n, partner, _ := newEmbeddingNode(t)
	for range 27 {
		n.Post("summit", liveblog.EntryInput{Headline: "An update", Body: strings.Repeat("Both sides talk. ", 40)})
	}
	const email, password = "ana@readout.example", "a long enough one"
	if _, err := n.Accounts.AddUser(t.Context(), node.Operator(), email, "Ana Ruiz", liveblog.Editor, password); err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), "node", filepath.Join(dir, "firefox.mjs"), browser, n.BaseURL, partner, n.token, email, password)
	c.Env = append(os.Environ(), "HOME="+t.TempDir())
	var seen struct {
		Errors   []string
		Stored   int
		Desk     string
		Notice   string // after one update
		Many     string // after thirty more, ten of which were removed
		Strayed  float64
		Older    bool
		UTC      string
		Embedded int // entries, and what its cookies hold
	}
	if err := json.Unmarshal(outputOf(t, c), &seen); err != nil {
		t.Fatal(err)
	}
	if len(seen.Errors) > 0 || seen.Stored != 0 || seen.Desk != "/desk" || seen.Notice != "1 new update" || seen.Many != "21 new updates" || !seen.Older || !strings.HasPrefix(seen.UTC, "UTC") || seen.Embedded != 11 {
		t.Errorf("Firefox shows %+v", seen)
	}
	if seen.Strayed > 0.5 { // what rounding to the screen's pixels takes
		t.Errorf("what is read strayed by %v px", seen.Strayed)
	}
}
