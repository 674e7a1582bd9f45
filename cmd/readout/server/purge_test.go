package server_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"readout/cmd/readout/server"
	"readout/liveblog"
)

// startNode serves a node on a database until the test ends.
func startNode(t *testing.T, database string) *server.Node {
	t.Helper()
	n, err := server.Open(t.Context(), server.Settings{Listen: "127.0.0.1:0", Database: database,
		Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))})
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
	return n
}

// It fails if a node keeps a text that another node has purged for longer than a few seconds, although no message
// between nodes tells it of the purge: here there is no broker that could.
func TestOtherNodesForgetPurgedTexts(t *testing.T) {
	t.Parallel()
	database := "sqlite:" + filepath.Join(t.TempDir(), "readout.db")
	here, there := startNode(t, database), startNode(t, database)
	if _, err := here.Desk.CreateBlog(t.Context(), operator, liveblog.NewBlog{Slug: "summit", Title: "Summit"}); err != nil {
		t.Fatal(err)
	}
	start, err := here.Store.Cursor(t.Context(), "summit")
	if err != nil {
		t.Fatal(err)
	}
	e, _, err := here.Desk.Post(t.Context(), operator, "summit", liveblog.EntryInput{Body: "Say xylocanary."}, nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: contractPatience}
	read := func() []byte {
		t.Helper()
		res, err := client.Get(there.BaseURL + "/live/summit/changes?after=" + start.String())
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return body
	}
	if !bytes.Contains(read(), []byte("xylocanary")) {
		t.Fatal("the other node does not have the text before")
	}
	if _, err := here.Desk.Purge(t.Context(), operator, "summit", e.Number, 0, "a court"); err != nil {
		t.Fatal(err)
	}
	began, tick := time.Now(), time.NewTicker(50*time.Millisecond)
	defer tick.Stop()
	for bytes.Contains(read(), []byte("xylocanary")) {
		if time.Since(began) > contractPatience {
			t.Fatal("the other node still has the text")
		}
		<-tick.C
	}
	t.Logf("the other node has forgotten the text after %v", time.Since(began).Round(time.Millisecond))
}
