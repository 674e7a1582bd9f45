package handlers

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"readout/handlers/web"
)

// TestPastPagesAreShared checks that readers who ask for the same moment share a page, and that pages of made-up
// moments go into a bounded cache of their own. It fails if such pages are not cached, are cached with the current
// ones, or have the moment as their only version.
func TestPastPagesAreShared(t *testing.T) {
	t.Parallel()
	s := newTalks(t)
	s.do(t, "GET", "/live/summit/claims", "").want(t, http.StatusOK)
	kept, _ := s.server.reader.Current.Held()
	var readers sync.WaitGroup
	for range 8 {
		readers.Go(func() {
			a := s.do(t, "GET", "/live/summit/claims?at=2025-10-30T11:00:00Z", "")
			if a.StatusCode != http.StatusOK || a.Header.Get("Cache-Control") != web.CachePast {
				t.Errorf("%d, %v", a.StatusCode, a.Header)
			}
		})
	}
	readers.Wait()
	n, size := s.server.reader.Past.Held()
	if n != 1 {
		t.Errorf("%d past pages are cached, want 1", n)
	}
	s.server.reader.Past.Limit = 3 * size
	for i := range 20 {
		s.do(t, "GET", fmt.Sprintf("/live/summit/claims?at=2025-10-30T11:00:%02dZ", i), "").want(t, http.StatusOK)
	}
	if n, size := s.server.reader.Past.Held(); n > 3 || size > s.server.reader.Past.Limit {
		t.Errorf("%d past pages with %d bytes are cached", n, size)
	}
	if n, _ := s.server.reader.Current.Held(); n != kept {
		t.Errorf("%d current pages are cached, want %d", n, kept)
	}
	// A page shows its moment, and is rendered again after the blog was renamed.
	a := s.do(t, "GET", "/live/summit/claims?at=2025-10-30T11:00:05Z", "").want(t, http.StatusOK)
	if !strings.Contains(string(a.body), `20:00`) {
		t.Error("the page does not show its moment or the new title")
	}
}
