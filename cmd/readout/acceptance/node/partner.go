package node

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"readout/cmd/readout/server"
)

// newPartner starts the site of a partner and returns its URL. Its page embeds the blog "summit" of the node at base,
// with one script tag.
func newPartner(t *testing.T, base func() string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			w.WriteHeader(http.StatusNoContent) // browsers request an icon
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><title>A partner</title>
			<p>Above</p><script src="%s/embed.js" data-blog="summit"></script><p>Below</p>`, base())
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// StartEmbedding starts a node with start, and two sites that embed its blog "summit": one that the node allows, and
// one that it does not.
func StartEmbedding(
	t *testing.T, start func(*testing.T, ...func(*server.Settings)) *Node,
) (n *Node, allowed, stranger string) {
	t.Helper()
	base := sync.OnceValue(func() string { return n.BaseURL })
	allowed, stranger = newPartner(t, base), newPartner(t, base)
	n = start(t, func(s *server.Settings) { s.EmbedOrigins = []string{allowed} })
	return n, allowed, stranger
}
