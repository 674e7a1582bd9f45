package audit_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"readout/cmd/readout/acceptance/node"
	"readout/liveblog"
)

func TestHTMLIsValid(t *testing.T) {
	t.Parallel()
	dir := tools(t, "html-validate")
	n := node.StartTalks(t)
	n.EveryKind()
	public := append(node.PublicPages(),
		"/live/summit/search", "/live/summit?around=999", "/live/summit?before=x", "/embed/empty")
	pages := t.TempDir()
	for _, language := range []string{"en", "ar", "zh", "de"} {
		n.UpdateBlog("summit", liveblog.BlogPatch{Language: &language})
		for i, path := range public {
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
			name := fmt.Sprintf("%s-%02d.html", language, i)
			body = append(body, "\n<!-- "+path+" -->\n"...)
			if err := os.WriteFile(filepath.Join(pages, name), body, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	c := exec.CommandContext(t.Context(), "node",
		filepath.Join(dir, "node_modules/html-validate/bin/html-validate.mjs"),
		"--config", filepath.Join(dir, "htmlvalidate.json"), "--formatter", "stylish", filepath.Join(pages, "*.html"))
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
