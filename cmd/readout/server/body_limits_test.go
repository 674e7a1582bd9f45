package server

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"readout/liveblog"
)

// It catches a node whose desk takes Markdown that its pages cannot show.
func TestNodeRefusesTooMuchMarkdown(t *testing.T) {
	t.Parallel()
	n, err := Open(t.Context(), Settings{Listen: "127.0.0.1:0", Database: "sqlite:" + filepath.Join(t.TempDir(), "r.db"), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	admin := liveblog.Actor{ID: "u_1", Name: "Root", Role: liveblog.Admin}
	if _, err := n.Desk.CreateBlog(t.Context(), admin, liveblog.NewBlog{Slug: "summit", Title: "The summit"}); err != nil {
		t.Fatal(err)
	}
	_, _, err = n.Desk.Post(t.Context(), admin, "summit", liveblog.EntryInput{Body: strings.Repeat(">", 60000)}, nil)
	if liveblog.CodeOf(err) != liveblog.Invalid {
		t.Errorf("it took 60,000 quotes within each other: %v", err)
	}
}
