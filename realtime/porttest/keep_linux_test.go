package porttest

import (
	"errors"
	"net"
	"syscall"
	"testing"
)

// ipLocalPortRange is IP_LOCAL_PORT_RANGE of linux/in.h. Its value is the lowest port that a socket may be given, and
// the highest one in the upper 16 bits.
const ipLocalPortRange = 51

// TestReservedPortIsNotGivenOut: the kernel gives a reserved port neither to a server that asks for any port nor to an
// outgoing connection. The test restricts both to the one reserved port, so that they fail; a port that is not reserved
// they would get.
func TestReservedPortIsNotGivenOut(t *testing.T) {
	t.Parallel()
	p := For(t)
	only := func(_, _ string, c syscall.RawConn) (err error) {
		if e := c.Control(func(fd uintptr) {
			err = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IP, ipLocalPortRange, p.Number()|p.Number()<<16)
		}); e != nil {
			return e
		}
		return err
	}
	listen := net.ListenConfig{Control: only}
	l, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if errors.Is(err, syscall.ENOPROTOOPT) {
		t.Skip("this kernel has no IP_LOCAL_PORT_RANGE")
	}
	if !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("a server that takes any port gets %v, error %v", l, err)
	}
	target, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	dial := net.Dialer{Control: only}
	if c, err := dial.DialContext(t.Context(), "tcp", target.Addr().String()); !errors.Is(err, syscall.EADDRNOTAVAIL) {
		t.Errorf("an outgoing connection gets %v, error %v", c, err)
	}
}
