package handlers

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"readout/realtime"
)

func TestReadyEndsWithTheDrain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for range 3 { // asking takes no place for good
		s.do(t, "GET", "/readyz", "").want(t, 200)
	}
	place, err := s.hub.Admit(netip.MustParseAddr("192.0.2.1"))
	if err != nil {
		t.Fatal(err)
	}
	drained := make(chan error, 1)
	go func() { drained <- s.hub.Drain(t.Context(), time.Millisecond) }()
	for limit := time.Now().Add(patience); s.do(t, "GET", "/readyz", "").StatusCode != 503; {
		if time.Now().After(limit) {
			t.Fatalf("after %v a node that drains still counts as ready", patience)
		}
	}
	select {
	case err := <-drained:
		t.Fatalf("the drain ended (%v) before the last reader had gone", err)
	default:
	}
	s.do(t, "GET", "/readyz?store=any", "").want(t, 503)
	s.do(t, "GET", "/healthz", "").want(t, 200)
	if log := s.log.String(); strings.Contains(log, "ERROR") {
		t.Errorf("the log calls it a failure: %s", log)
	}
	place.Release()
	if err := <-drained; err != nil {
		t.Error(err)
	}
}

func TestReadyWhenAllPlacesAreTaken(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var places []*realtime.Ticket
	for {
		place, err := s.hub.Admit(netip.Addr{})
		if err != nil {
			break
		}
		places = append(places, place)
	}
	s.do(t, "GET", "/readyz", "").want(t, 200)
	for _, place := range places {
		place.Release()
	}
}

func TestReadyWithoutTheStoreForABalancer(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.store.away.Store(true)
	s.do(t, "GET", "/readyz", "").want(t, 503)
	s.do(t, "GET", "/readyz?store=any", "").want(t, 200)
}
