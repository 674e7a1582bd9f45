package handlers

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"readout/liveblog"
	"readout/realtime"
)

func TestNotReadyWhileDraining(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for range 3 { // the check itself does not use up tickets
		s.do(t, "GET", "/readyz", "").want(t, 200)
	}
	ticket, err := s.hub.Admit(netip.MustParseAddr("192.0.2.1"))
	if err != nil {
		t.Fatal(err)
	}
	drained := make(chan error, 1)
	go func() { drained <- s.hub.Drain(t.Context(), time.Millisecond) }()
	for deadline := time.Now().Add(patience); s.do(t, "GET", "/readyz", "").StatusCode != 503; {
		if time.Now().After(deadline) {
			t.Fatalf("after %v a draining node is still ready", patience)
		}
	}
	select {
	case err := <-drained:
		t.Fatalf("the drain ended (%v) before the last reader was gone", err)
	default:
	}
	s.do(t, "GET", "/readyz?store=any", "").want(t, 503)
	s.do(t, "GET", "/healthz", "").want(t, 200)
	if log := s.log.String(); strings.Contains(log, "ERROR") {
		t.Errorf("the log has an error: %s", log)
	}
	ticket.Release()
	if err := <-drained; err != nil {
		t.Error(err)
	}
}

func TestReadyWithoutFreeTickets(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var tickets []*realtime.Ticket
	for {
		ticket, err := s.hub.Admit(netip.Addr{})
		if err != nil {
			break
		}
		tickets = append(tickets, ticket)
	}
	s.do(t, "GET", "/readyz", "").want(t, 200)
	for _, ticket := range tickets {
		ticket.Release()
	}
}

func TestReadyWithoutTheStore(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.store.down.Store(true)
	s.do(t, "GET", "/readyz", "").want(t, 503)
	s.do(t, "GET", "/readyz?store=any", "").want(t, 200)
}

// A node that can serve readers is ready, and its answer names what is to be mended.
func TestReadyWithTroubles(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		ahead time.Duration
		full  bool
		want  string
	}{
		{0, false, "ok"},
		{2 * time.Second, false, "ok"},
		{-2 * time.Second, false, "ok"},
		{-2010 * time.Millisecond, false, "ok\nThe clock of this node is 2s ahead of the database's."},
		{24 * time.Hour, false, "ok\nThe clock of this node is 24h0m0s behind the database's."},
		{0, true, "ok\nThe disk of the database is full: editors cannot save."},
		{3 * time.Second, true, "ok\nThe disk of the database is full: editors cannot save.\n" +
			"The clock of this node is 3s behind the database's."},
	} {
		s := newSite(t)
		s.store.ahead.Store(int64(tc.ahead))
		s.store.full.Store(tc.full)
		if got := string(s.do(t, "GET", "/readyz", "").want(t, 200).body); got != tc.want {
			t.Errorf("a clock %v ahead, a full disk %v: /readyz is %q, want %q", tc.ahead, tc.full, got, tc.want)
		}
	}
}

// Editors learn that the disk is full, and when to try again; the log has the error.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.store.full.Store(true)
	a := s.call(t, liveblog.Editor, "POST", "/blogs/summit/entries", `{"body":"Kept."}`)
	a.header(t, "Retry-After", "5").problem(t, 507, liveblog.DiskFull, "")
	if !strings.Contains(string(a.body), "The disk of the database is full.") {
		t.Errorf("the answer is %s", a.body)
	}
	if log := s.log.String(); !strings.Contains(log, "level=ERROR") || !strings.Contains(log, "disk_full") {
		t.Errorf("the log has no error: %s", log)
	}
}
