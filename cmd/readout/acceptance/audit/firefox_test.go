package audit_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"readout/cmd/readout/acceptance/node"
	"readout/cmd/readout/acceptance/program"
	"readout/liveblog"
)

// TestFirefox runs testdata/npm/firefox.mjs, which uses the pages, the desk and an embed in Firefox.
func TestFirefox(t *testing.T) {
	t.Parallel()
	dir := tools(t, "puppeteer-core")
	path, err := exec.LookPath("firefox-esr")
	if err != nil {
		path, err = exec.LookPath("firefox")
	}
	if err != nil {
		program.Missing(t, "Firefox is not installed")
	}
	n, partner, _ := node.StartEmbedding(t, node.Start)
	n.CreateBlog("summit", "The summit")
	n.Fill("summit", 3)
	for range 27 {
		n.Post("summit", liveblog.EntryInput{Headline: "An update", Body: strings.Repeat("Both sides talk. ", 40)})
	}
	const email, password = "ana@readout.example", "a long enough one"
	n.AddEditor(email, password)
	c := exec.CommandContext(t.Context(), "node", filepath.Join(dir, "firefox.mjs"),
		path, n.BaseURL, partner, n.Token(), email, password)
	c.Env = append(os.Environ(), "HOME="+t.TempDir())
	var seen struct {
		Errors   []string
		Stored   int
		Desk     string
		Notice   string  // after one update
		Many     string  // after thirty more, ten of which were removed
		Strayed  float64 // by how many pixels the entry that is read has moved
		Older    bool
		UTC      string
		Embedded int // entries and the length of the cookies
	}
	c.Stderr = t.Output()
	out, err := c.Output()
	if err != nil {
		t.Fatalf("Firefox: %v\n%s", err, out)
	}
	if err := json.Unmarshal(out, &seen); err != nil {
		t.Fatal(err)
	}
	if len(seen.Errors) > 0 || seen.Stored != 0 || seen.Desk != "/desk" || seen.Notice != "1 new update" ||
		seen.Many != "21 new updates" || !seen.Older || !strings.HasPrefix(seen.UTC, "UTC") || seen.Embedded != 11 {
		t.Errorf("Firefox shows %+v", seen)
	}
	if seen.Strayed > 0.5 { // the browser rounds to pixels
		t.Errorf("the entry that is read moved by %v px", seen.Strayed)
	}
}
