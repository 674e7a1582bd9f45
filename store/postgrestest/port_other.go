//go:build !linux

package postgrestest

import "net"

// reservePort returns a free port without reserving it, since only Linux lets a server listen on a reserved one.
func reservePort() (port int, release func() error, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, nil, err
	}
	return l.Addr().(*net.TCPAddr).Port, func() error { return nil }, l.Close()
}
