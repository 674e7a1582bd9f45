package handlers

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"readout/handlers/web"
)

// TestPastPagesAreShared: those who ask for the same moment share a page, and made-up moments fill a cache of their own
// that is bounded. It is red where pages of past moments are not kept, are kept among the others, or are kept by the
// moment's name in the blog's present version only.
func TestPastPagesAreShared(t *testing.T) {
	t.Parallel()
	s := newTalks(t)
	s.do(t, "GET", "/live/summit/claims", "").want(t, http.StatusOK)
	kept, _ := s.server.pages.Current.Held()
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
	n, size := s.server.pages.Past.Held()
	if n != 1 {
		t.Errorf("%d past pages are kept, want 1", n)
	}
	s.server.pages.Past.Limit = 3 * size
	for i := range 20 {
		s.do(t, "GET", fmt.Sprintf("/live/summit/claims?at=2025-10-30T11:00:%02dZ", i), "").want(t, http.StatusOK)
	}
	if n, size := s.server.pages.Past.Held(); n > 3 || size > s.server.pages.Past.Limit {
		t.Errorf("%d past pages of %d bytes are kept", n, size)
	}
	if n, _ := s.server.pages.Current.Held(); n != kept {
		t.Errorf("%d present pages are kept, want %d", n, kept)
	}
	// A page says which moment it is of, and is made anew where the blog has another name.
	a := s.do(t, "GET", "/live/summit/claims?at=2025-10-30T11:00:05Z", "").want(t, http.StatusOK)
	if !strings.Contains(string(a.body), `20:00`) {
		t.Error("the page does not say its moment")
	}
}
