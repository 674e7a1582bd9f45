package web

import (
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// It fails if events are logged beyond the budget, or if the summary of those left out is missing.
func TestLogBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := new(bytes.Buffer)
		b := NewLogBudget(slog.New(slog.NewTextHandler(log, nil)))
		for i := range 100_000 {
			b.Note(slog.LevelInfo, "requests were cut", fmt.Sprintf("number %d", i))
			if i == 0 {
				b.Note(slog.LevelWarn, "another kind", "its example")
				time.Sleep(time.Millisecond / 2) // no event coincides with the end of a window
			}
			time.Sleep(time.Millisecond)
		}
		time.Sleep(budgetWindow)
		synctest.Wait() // the summary is another goroutine's
		var got []string
		for line := range strings.Lines(log.String()) {
			_, text, _ := strings.Cut(line, " level=")
			got = append(got, strings.TrimSpace(text))
		}
		want := []string{
			`INFO msg="requests were cut" example="number 0"`,
			`WARN msg="another kind" example="its example"`,
			`INFO msg="log lines were left out" kind="requests were cut" count=59999 example="number 1"`,
			`INFO msg="log lines were left out" kind="requests were cut" count=40000 example="number 60000"`,
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("the log is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		time.Sleep(2 * budgetWindow)
		b.Note(slog.LevelInfo, "requests were cut", "after a pause")
		if !strings.Contains(log.String(), "after a pause") {
			t.Error("after a quiet minute, an event is not logged")
		}
	})
}

// At level DEBUG an operator sees every event, whatever its budget.
func TestLogBudgetAtDebug(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	b := NewLogBudget(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	for range 10 {
		b.Note(slog.LevelInfo, "requests were cut", "")
	}
	if n := strings.Count(log.String(), "\n"); n != 10 {
		t.Errorf("%d lines, want 10", n)
	}
}

// Every request that anybody can send must have a budget, whatever its method and status; otherwise it could fill the
// log.
func TestEveryRequestHasABudget(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "PROPFIND"} {
		for status := 100; status < 600; status++ {
			for _, refused := range []bool{false, true} {
				kind, lines := RequestBudget(method, status, refused)
				if kind == "" || lines < 1 || lines > requestLines {
					t.Errorf("%s, %d, %v: %q has %d lines", method, status, refused, kind, lines)
				}
			}
		}
	}
}

// The HTTP server's own lines contain full client addresses and may be as long as a client likes.
func TestServerLogHidesAddresses(t *testing.T) {
	t.Parallel()
	log := new(bytes.Buffer)
	b := NewLogBudget(slog.New(slog.NewTextHandler(log, nil)))
	local, remote := &net.TCPAddr{IP: net.IPv4(203, 0, 113, 7), Port: 40000},
		&net.TCPAddr{IP: net.IPv4(203, 0, 113, 8), Port: 40000}
	cut := &net.OpError{Op: "read", Net: "tcp", Source: local, Addr: remote,
		Err: fmt.Errorf("cut %s", strings.Repeat("x", 1000))}
	for range 10 {
		b.Printf("error when serving connection %q<->%q: %v", local, remote,
			fmt.Errorf("error when reading request headers: %w", cut))
	}
	if s := log.String(); strings.Count(s, "\n") != 1 || strings.Contains(s, "203.0.113") ||
		!strings.Contains(s, "read: cut xxx") || len(s) > 2*ExampleBytes+200 {
		t.Errorf("the log is %s", s)
	}
}
