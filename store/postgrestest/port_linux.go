package postgrestest

import (
	"os"
	"syscall"
)

// keepPort returns a port of 127.0.0.1 that the kernel gives to nobody else until giveBack is called, though the server
// may take it as often as it starts. A socket is bound to it that never listens; PostgreSQL can listen there all the
// same, since both sockets have SO_REUSEADDR. (Package porttest does so for the servers of realtime's tests; store
// imports nothing of realtime.)
func keepPort() (port int, giveBack func() error, err error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, nil, os.NewSyscallError("socket", err)
	}
	giveBack = func() error { return os.NewSyscallError("close", syscall.Close(fd)) }
	if err = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err == nil {
		err = syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	}
	var addr syscall.Sockaddr
	if err == nil {
		addr, err = syscall.Getsockname(fd)
	}
	if err != nil {
		giveBack()
		return 0, nil, os.NewSyscallError("keep a port", err)
	}
	return addr.(*syscall.SockaddrInet4).Port, giveBack, nil
}
