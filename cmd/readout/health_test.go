package main

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"readout/cmd/readout/server"
	"readout/realtime/porttest"
)

func TestHealth(t *testing.T) {
	t.Parallel()
	n, err := server.Open(t.Context(), server.Settings{
		Listen:   "127.0.0.1:0",
		Database: "sqlite:" + filepath.Join(t.TempDir(), "readout.db"),
		Log:      slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	served := make(chan error, 1)
	go func() { served <- n.Serve(ctx) }()
	defer func() {
		stop()
		if err := <-served; err != nil {
			t.Errorf("the node ended with an error: %v", err)
		}
	}()
	health := func(address string) (int, string) {
		var stderr strings.Builder
		status := run(t.Context(), []string{"health", "--listen", address},
			streams{strings.NewReader(""), io.Discard, &stderr})
		return status, stderr.String()
	}
	if status, stderr := health(n.Addr().String()); status != 0 || stderr != "" {
		t.Errorf("for a ready node the status is %d and standard error is %q", status, stderr)
	}
	unready := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/readyz" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer unready.Close()
	for _, address := range []string{unready.Listener.Addr().String(), porttest.For(t).Addr(), "nonsense"} {
		status, stderr := health(address)
		if status != 1 || strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stderr, "readout: the ") {
			t.Errorf("for %s the status is %d and standard error is %q, want 1 and one line", address, status, stderr)
		}
	}
}

// TestHealthTimesOut asks a listener that accepts connections and never answers. The command must give up by itself,
// long before the test's own deadline of a minute.
func TestHealthTimesOut(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := (&healthCommand{Listen: l.Addr().String()}).Run(ctx); err == nil {
		t.Error("a node that does not answer counts as ready")
	}
	if ctx.Err() != nil {
		t.Error("the command waited for a minute")
	}
}

func TestReadyURL(t *testing.T) {
	t.Parallel()
	for listen, want := range map[string]string{
		":8080":          "http://127.0.0.1:8080/readyz",
		"0.0.0.0:80":     "http://127.0.0.1:80/readyz",
		"[::]:80":        "http://[::1]:80/readyz",
		"[::1]:80":       "http://[::1]:80/readyz",
		"10.0.0.7:8080":  "http://10.0.0.7:8080/readyz",
		"localhost:8080": "http://localhost:8080/readyz",
	} {
		if got, err := readyURL(listen); got != want {
			t.Errorf("readyURL(%q) is %q (%v), want %q", listen, got, err, want)
		}
	}
}
