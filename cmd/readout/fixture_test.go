package main

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"readout/cmd/readout/server"
)

// newTestNode starts a node on a port of its own, with a database that goes with the test. It has stopped, without an error, when the test ends.
func newTestNode(t *testing.T, adjust ...func(*server.Settings)) *server.Node {
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
	return n
}
