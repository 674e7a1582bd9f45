// Package porttest reserves ports of the loopback address for servers that tests start, stop and start again.
package porttest

import (
	"net"
	"strconv"
	"testing"
)

// Port is a reserved TCP port of 127.0.0.1: the kernel gives it only to sockets that ask for it by its number, whether
// a server listens on it or not. While no server does, connections to it are refused.
//
// A server uses the port by listening on it with SO_REUSEADDR, as Go, PostgreSQL and Redis do. Systems other than Linux
// cannot reserve a port for another process; there it is a port that was free when Keep returned.
type Port struct {
	number  int
	release func() error
}

// Keep reserves a port until Release is called.
func Keep() (*Port, error) { return keep() }

// For reserves a port until t ends.
func For(t testing.TB) *Port {
	t.Helper()
	p, err := Keep()
	if err != nil {
		t.Fatalf("porttest: reserve a port: %v", err)
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

// Addr returns the port with its host, as host:port.
func (p *Port) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(p.number)) }

// Release ends the reservation. It must be called only once.
func (p *Port) Release() error { return p.release() }
