// Package node gives acceptance tests a node in the process of the test, and posts entries to it through its desk.
package node

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"readout/cmd/readout/acceptance/program"
	"readout/cmd/readout/server"
	"readout/liveblog"
	"readout/store"
	"readout/store/sqlitetest"
)

// Node is a running node with a free port and a temporary SQLite database.
type Node struct {
	*server.Node
	Editor liveblog.Actor

	t *testing.T
}

// databases creates the database of each node.
var databases = sqlitetest.NewTemplate(store.Migrate)

// Start starts a node, after the functions have adjusted its settings. The node stops when the test ends, which fails
// if the node stops with an error.
func Start(t *testing.T, adjust ...func(*server.Settings)) *Node {
	t.Helper()
	s := server.Settings{
		Listen:   "127.0.0.1:0",
		Database: databases.URL(t),
		Drain:    time.Millisecond,
		Log:      slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
	for _, f := range adjust {
		f(&s)
	}
	n, err := server.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	served := make(chan error, 1)
	go func() { served <- n.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Errorf("the node stopped with an error: %v", err)
		}
	})
	return &Node{Node: n, t: t, Editor: liveblog.Actor{ID: "u_test", Name: "Ana Ruiz", Role: liveblog.Editor}}
}

// Token creates an editor's token for the API.
func (n *Node) Token() string {
	n.t.Helper()
	token, err := n.Accounts.AddToken(n.t.Context(), program.Operator(),
		liveblog.NewToken{Name: "Newsroom", Role: liveblog.Editor})
	n.want(err)
	return token
}

// AddEditor adds an editor who can log in at the desk.
func (n *Node) AddEditor(email, password string) {
	n.t.Helper()
	n.addUser(email, password, liveblog.Editor)
}

// AddAdmin adds an admin of all blogs who can log in at the desk.
func (n *Node) AddAdmin(email, password string) {
	n.t.Helper()
	n.addUser(email, password, liveblog.Admin)
}

func (n *Node) addUser(email, password string, role liveblog.Role) {
	n.t.Helper()
	_, err := n.Accounts.AddUser(n.t.Context(), program.Operator(),
		liveblog.NewUser{Email: email, Name: "Ana Ruiz", Role: role, Password: password})
	n.want(err)
}

// want fails the test if err is not nil.
func (n *Node) want(err error) {
	n.t.Helper()
	if err != nil {
		n.t.Fatal(err)
	}
}

// CreateBlog creates a live blog.
func (n *Node) CreateBlog(slug, title string) {
	n.t.Helper()
	blog := liveblog.NewBlog{Slug: slug, Title: title, Status: liveblog.Live}
	_, err := n.Desk.CreateBlog(n.t.Context(), n.Editor, blog)
	n.want(err)
}

// UpdateBlog patches a blog.
func (n *Node) UpdateBlog(slug string, p liveblog.BlogPatch) {
	n.t.Helper()
	_, err := n.Desk.UpdateBlog(n.t.Context(), n.Editor, slug, p)
	n.want(err)
}

// Post publishes an entry.
func (n *Node) Post(slug string, in liveblog.EntryInput) liveblog.Entry {
	n.t.Helper()
	e, _, err := n.Desk.Post(n.t.Context(), n.Editor, slug, in, nil)
	n.want(err)
	return e
}

// Fill publishes count entries, each of a few lines.
func (n *Node) Fill(slug string, count int) {
	n.t.Helper()
	for i := range count {
		n.Post(slug, liveblog.EntryInput{
			Headline: fmt.Sprintf("Update %d", i+1),
			Body:     strings.Repeat("The delegations met again, and neither side spoke to the press. ", 4+i%5),
		})
	}
}

// Edit edits the current revision of an entry.
func (n *Node) Edit(slug string, number int, p liveblog.EntryPatch) liveblog.Entry {
	n.t.Helper()
	e, err := n.Desk.Edit(n.t.Context(), n.Editor, slug, number, p, 0)
	n.want(err)
	return e
}

// Remove removes the current revision of an entry.
func (n *Node) Remove(slug string, number int) {
	n.t.Helper()
	_, err := n.Desk.Remove(n.t.Context(), n.Editor, slug, number, 0)
	n.want(err)
}

// Backfill writes count entries with times in the past, one a minute up to two minutes ago. It writes to the store, so
// readers who are connected are not told.
func (n *Node) Backfill(slug string, count int) {
	n.t.Helper()
	last := time.Now().Add(-2 * time.Minute).UTC().Truncate(time.Microsecond)
	for i := range count {
		at := last.Add(time.Duration(i+1-count) * time.Minute)
		e := liveblog.Entry{
			Headline: fmt.Sprintf("Update %d", i+1), Body: strings.Repeat("Both sides are in the room. ", 10+i%7*3),
			Author: "Ana Ruiz", Status: liveblog.Published, CreatedAt: at, PublishedAt: at, UpdatedAt: at,
		}
		_, err := n.Store.Commit(n.t.Context(), liveblog.Commit{Slug: slug, Entry: e, Audit: liveblog.Audit{At: at}})
		n.want(err)
	}
}
