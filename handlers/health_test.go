package handlers

import (
	"net/netip"
	"strings"
	"testing"
	"time"

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
