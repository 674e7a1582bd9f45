// Package porttest keeps ports of the loopback address for servers that tests start, stop and start again.
package porttest

import (
	"net"
	"strconv"
	"testing"
)

// Port is a TCP port of 127.0.0.1 that the kernel gives to nobody who does not ask for it by its number, whether a
// server listens on it or not. While none does, connections to it are refused.
//
// A server takes the port by listening on it with SO_REUSEADDR, as Go, PostgreSQL and Redis do. Where the system
// cannot keep a port for others (all but Linux), it is one that was free when Keep returned.
type Port struct {
	number  int
	release func() error
}

// Keep returns a port that is kept until Release is called.
func Keep() (*Port, error) { return keep() }

// For returns a port that is kept until t ends.
func For(t testing.TB) *Port {
	t.Helper()
	p, err := Keep()
	if err != nil {
		t.Fatalf("porttest: keep a port: %v", err)
	}
	t.Cleanup(func() {
		if err := p.Release(); err != nil {
			t.Errorf("porttest: release port %d: %v", p.number, err)
		}
	})
	return p
}

// Number returns the port's number.
func (p *Port) Number() int { return p.number }

// Addr returns the port with its host.
func (p *Port) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(p.number)) }

// Release gives the port back to the kernel. It is called once.
func (p *Port) Release() error { return p.release() }
