package audit_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"
	"time"

	"readout/cmd/readout/acceptance/node"
	"readout/cmd/readout/demo"
	"readout/realtime"

	"github.com/PuerkitoBio/goquery"
	"github.com/andybalholm/brotli"
)

// TestPageWeight limits the compressed size of a page of twenty entries of ordinary length, with its style sheets and
// scripts, for readers on slow networks.
func TestPageWeight(t *testing.T) {
	t.Parallel()
	const pageLimit, scriptLimit = 40 << 10, 12 << 10
	n := node.Start(t)
	script, err := demo.Load()
	if err != nil {
		t.Fatal(err)
	}
	if err := script.Seed(t.Context(), n.Store, realtime.NewLocalBroker(), time.Now()); err != nil {
		t.Fatal(err)
	}
	html, sum := compressed(t, n, "/live/"+demo.Blog.Slug)
	t.Logf("the page: %d bytes", sum)
	page, err := goquery.NewDocumentFromReader(bytes.NewReader(html))
	if err != nil {
		t.Fatal(err)
	}
	if got := page.Find("[data-stream] > article").Length(); got != 20 {
		t.Fatalf("the page has %d entries, want 20", got)
	}
	for _, resource := range []struct {
		selector, attribute string
		limit               int
	}{
		{`link[rel="stylesheet"]`, "href", pageLimit},
		{"script", "src", scriptLimit},
	} {
		found := page.Find(resource.selector)
		if found.Length() == 0 {
			t.Errorf("the page has no %s", resource.selector)
		}
		for _, e := range found.EachIter() {
			path, _ := e.Attr(resource.attribute)
			_, size := compressed(t, n, path)
			t.Logf("%s: %d bytes", path, size)
			if size >= resource.limit {
				t.Errorf("%s is %d bytes, want less than %d", path, size, resource.limit)
			}
			sum += size
		}
	}
	if sum >= pageLimit {
		t.Errorf("the page with its style sheets and scripts is %d bytes, want less than %d", sum, pageLimit)
	}
}

// compressed requests a path and returns its content and its compressed size.
func compressed(t *testing.T, n *node.Node, path string) (body []byte, size int) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, n.BaseURL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "br")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	sent, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Encoding") != "br" {
		t.Fatalf("%s: %s with the Content-Encoding %q, want 200 with br",
			path, res.Status, res.Header.Get("Content-Encoding"))
	}
	if body, err = io.ReadAll(brotli.NewReader(bytes.NewReader(sent))); err != nil {
		t.Fatal(err)
	}
	return body, len(sent)
}
