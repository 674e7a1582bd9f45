package porttest

import (
	"errors"
	"net"
	"syscall"
	"testing"
)

// TestServerRestartsOnReservedPort: a server can listen on a reserved port again and again, which needs SO_REUSEADDR on
// the socket that reserves it.
func TestServerRestartsOnReservedPort(t *testing.T) {
	t.Parallel()
	p := For(t)
	for range 3 {
		if _, err := net.Dial("tcp", p.Addr()); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Fatalf("while no server listens, a connection gets %v", err)
		}
		l, err := net.Listen("tcp", p.Addr())
		if err != nil {
			t.Fatal(err)
		}
		c, err := net.Dial("tcp", p.Addr())
		if err != nil {
			t.Fatal(err)
		}
		// The server's side closes first, so the port is left in TIME_WAIT.
		served, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		served.Close()
		c.Close()
		l.Close()
	}
}
