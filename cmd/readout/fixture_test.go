package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"readout/cmd/readout/server"
	"readout/liveblog"
)

// testNode is a node that serves on a port of its own, with a database that goes with the test.
type testNode struct {
	*server.Node
	editor liveblog.Actor
	token  string // of an editor, for the API
}

// newTestNode starts the real thing. It has stopped, without an error, when the test ends.
func newTestNode(t *testing.T, adjust ...func(*server.Settings)) *testNode {
	t.Helper()
	s := server.Settings{
		Listen:   "127.0.0.1:0",
		Database: "sqlite:" + filepath.Join(t.TempDir(), "readout.db"),
		Drain:    50 * time.Millisecond,
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
			t.Errorf("the node ended with an error: %v", err)
		}
	})
	token, err := n.Accounts.AddToken(t.Context(), operator(), "Newsroom", liveblog.Editor)
	if err != nil {
		t.Fatal(err)
	}
	return &testNode{Node: n, token: token, editor: liveblog.Actor{ID: "u_test", Name: "Ana Ruiz", Role: liveblog.Editor}}
}

// createBlog adds a live blog.
func (n *testNode) createBlog(t *testing.T, slug, title string) {
	t.Helper()
	_, err := n.Desk.CreateBlog(t.Context(), n.editor, liveblog.NewBlog{Slug: slug, Title: title, Status: liveblog.Live})
	if err != nil {
		t.Fatal(err)
	}
}

// post publishes an entry at the desk.
func (n *testNode) post(t *testing.T, slug string, in liveblog.EntryInput) liveblog.Entry {
	t.Helper()
	e, _, err := n.Desk.Post(t.Context(), n.editor, slug, in, nil)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// fill publishes count entries, each of a few lines.
func (n *testNode) fill(t *testing.T, slug string, count int) {
	t.Helper()
	for i := range count {
		n.post(t, slug, liveblog.EntryInput{
			Headline: fmt.Sprintf("Update %d", i+1),
			Body:     strings.Repeat("The delegations met again, and neither side spoke to the press. ", 4+i%5),
		})
	}
}

// edit changes an entry at the desk, whatever its revision.
func (n *testNode) edit(t *testing.T, slug string, number int, p liveblog.EntryPatch) liveblog.Entry {
	t.Helper()
	e, err := n.Desk.Edit(t.Context(), n.editor, slug, number, p, 0)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// remove takes an entry back at the desk, whatever its revision.
func (n *testNode) remove(t *testing.T, slug string, number int) {
	t.Helper()
	if _, err := n.Desk.Remove(t.Context(), n.editor, slug, number, 0); err != nil {
		t.Fatal(err)
	}
}

// apiEntry is what the API says about an entry, as far as tests ask.
type apiEntry struct {
	Number   int `json:"number"`
	Revision int `json:"revision"`
}

// call makes a request to the API, wants the status, and returns the entry in the answer, if there is one, and when
// the answer had come.
func (n *testNode) call(t *testing.T, method, path string, body map[string]any, status int) (e apiEntry, at time.Time) {
	t.Helper()
	var b bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&b).Encode(body); err != nil {
			t.Fatal(err)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), method, n.BaseURL+"/api/v1"+path, &b)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+n.token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	at = time.Now()
	if res.StatusCode != status {
		t.Fatalf("%s %s answered %s, want %d", method, path, res.Status, status)
	}
	if status == http.StatusNoContent {
		return e, at
	}
	if err := json.NewDecoder(res.Body).Decode(&e); err != nil {
		t.Fatal(err)
	}
	return e, at
}
