package node

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"readout/cmd/readout/server"
)

// newPartner is another site, with one script tag for the blog "summit" of the server at the address that base gives.
func newPartner(t *testing.T, base func() string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			w.WriteHeader(http.StatusNoContent) // the icon that browsers ask for
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><title>A partner</title><p>Above</p><script src="%s/embed.js" data-blog="summit"></script><p>Below</p>`, base())
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// StartEmbedding starts a node by start, with a site that may embed the blog "summit", and one that may not.
func StartEmbedding(t *testing.T, start func(*testing.T, ...func(*server.Settings)) *Node) (n *Node, listed, stranger string) {
	t.Helper()
	base := sync.OnceValue(func() string { return n.BaseURL })
	listed, stranger = newPartner(t, base), newPartner(t, base)
	n = start(t, func(s *server.Settings) { s.EmbedOrigins = []string{listed} })
	return n, listed, stranger
}
