//go:build !linux

package porttest

import "net"

// keep finds a port on which no server listens. On these systems a bound socket would exclude the test's server as
// well.
func keep() (*Port, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return &Port{number: l.Addr().(*net.TCPAddr).Port, release: func() error { return nil }}, l.Close()
}
