//go:build !linux

package postgrestest

import "net"

// keepPort finds a port that nobody listens on: only Linux can keep it from others and let a server take it.
func keepPort() (port int, giveBack func() error, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, nil, err
	}
	return l.Addr().(*net.TCPAddr).Port, func() error { return nil }, l.Close()
}
