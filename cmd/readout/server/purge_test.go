package server_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"readout/cmd/readout/server"
	"readout/liveblog"
)

// forgotten is a log that closes done when the node has forgotten its pages.
type forgotten struct {
	once sync.Once
	done chan struct{}
}

// Write implements [io.Writer].
func (f *forgotten) Write(line []byte) (int, error) {
	if strings.Contains(string(line), "has forgotten the pages") && strings.Contains(string(line), "pages=1") {
		f.once.Do(func() { close(f.done) })
	}
	return len(line), nil
}

// startNode serves a node on a database until the test ends.
func startNode(t *testing.T, database string, log io.Writer) *server.Node {
	t.Helper()
	n, err := server.Open(t.Context(), server.Settings{Listen: "127.0.0.1:0", Database: database,
		Log: slog.New(slog.NewTextHandler(log, nil))})
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

// It fails if a node keeps a text that another node has purged, in the changes for readers who come back or in its cached
// page, which it would send while the store is away, although no broker tells it of the purge.
func TestOtherNodesForgetPurgedTexts(t *testing.T) {
	t.Parallel()
	database := "sqlite:" + filepath.Join(t.TempDir(), "readout.db")
	log := &forgotten{done: make(chan struct{})}
	here, there := startNode(t, database, io.Discard), startNode(t, database, log)
	in := liveblog.NewBlog{Slug: "summit", Title: "Summit"}
	if _, err := here.Desk.CreateBlog(t.Context(), operator, in); err != nil {
		t.Fatal(err)
	}
	start, err := here.Store.Cursor(t.Context(), "summit")
	if err != nil {
		t.Fatal(err)
	}
	text := liveblog.EntryInput{Body: "Say xylocanary."}
	e, _, err := here.Desk.Post(t.Context(), operator, "summit", text, nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: contractPatience}
	read := func(path string) []byte {
		t.Helper()
		res, err := client.Get(there.BaseURL + path)
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
	const canary = "xylocanary"
	poll := "/live/summit/changes?after=" + start.String()
	for _, path := range []string{"/live/summit", poll} {
		if !bytes.Contains(read(path), []byte(canary)) {
			t.Fatalf("%s of the other node lacks the text before", path)
		}
	}
	if _, err := here.Desk.Purge(t.Context(), operator, "summit", e.Number, 0, "a court"); err != nil {
		t.Fatal(err)
	}
	patience, tick := time.After(contractPatience), time.NewTicker(50*time.Millisecond)
	defer tick.Stop()
	for bytes.Contains(read(poll), []byte(canary)) {
		select {
		case <-tick.C:
		case <-patience:
			t.Fatal("the other node still has the change")
		}
	}
	select {
	case <-log.done:
	case <-patience:
		t.Fatal("the other node has not forgotten its pages")
	}
}
