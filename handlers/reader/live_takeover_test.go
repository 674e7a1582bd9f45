package reader

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"readout/realtime"
)

func TestTakeoverRecoversFromPanics(t *testing.T) {
	t.Parallel()
	broker := realtime.NewLocalBroker()
	t.Cleanup(func() { broker.Close() })
	hub, err := realtime.NewHub(realtime.Options{Store: struct{ realtime.Store }{}, Broker: broker,
		Log: slog.New(slog.DiscardHandler), MaxClients: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { hub.Close() })
	ticket, err := hub.Admit(netip.Addr{})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	broken := &Live{Log: slog.New(slog.NewTextHandler(&log, nil))} // its hub is nil
	client, conn := net.Pipe()
	client.SetDeadline(time.Now().Add(time.Minute))
	done := make(chan []byte, 1)
	go func() {
		b, _ := io.ReadAll(client)
		done <- b
	}()
	broken.takeOver(conn, &takeover{join: realtime.Join{Slug: "summit", Ticket: ticket, Protocol: realtime.EventStream},
		head: []byte("head")})
	if b := <-done; string(b) != "head" {
		t.Errorf("the client got %q", b)
	}
	if !strings.Contains(log.String(), "panic") {
		t.Errorf("the panic is not in the log: %s", &log)
	}
	if again, err := hub.Admit(netip.Addr{}); err != nil {
		t.Errorf("the ticket was not released: %v", err)
	} else {
		again.Release()
	}
}
