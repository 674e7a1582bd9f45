package server

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"readout/liveblog"
)

// TestNodeRefusesTooMuchMarkdown checks that the node's desk refuses Markdown that its pages cannot show.
func TestNodeRefusesTooMuchMarkdown(t *testing.T) {
	t.Parallel()
	n, err := Open(t.Context(), Settings{
		Listen:   "127.0.0.1:0",
		Database: "sqlite:" + filepath.Join(t.TempDir(), "r.db"),
		Log:      slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	admin := liveblog.Actor{ID: "u_1", Name: "Root", Role: liveblog.Admin}
	_, err = n.Desk.CreateBlog(t.Context(), admin, liveblog.NewBlog{Slug: "summit", Title: "The summit"})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = n.Desk.Post(t.Context(), admin, "summit", liveblog.EntryInput{Body: strings.Repeat(">", 60000)}, nil)
	if liveblog.CodeOf(err) != liveblog.Invalid {
		t.Errorf("60,000 nested block quotes: %v, want the code %s", err, liveblog.Invalid)
	}
}
