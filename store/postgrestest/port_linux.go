package postgrestest

import (
	"fmt"
	"os"
	"syscall"
)

// reservePort reserves a port on 127.0.0.1 until release is called: the kernel assigns it to no other program, but the
// server can listen on it whenever it starts. It binds a socket that never listens; PostgreSQL can listen on the same
// port because both sockets have SO_REUSEADDR. (Package porttest does the same for realtime's tests, which store cannot
// import.)
func reservePort() (port int, release func() error, err error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, nil, os.NewSyscallError("socket", err)
	}
	release = func() error { return os.NewSyscallError("close", syscall.Close(fd)) }
	if err = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err == nil {
		err = syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	}
	var addr syscall.Sockaddr
	if err == nil {
		addr, err = syscall.Getsockname(fd)
	}
	if err != nil {
		release()
		return 0, nil, fmt.Errorf("reserve a port: %w", err)
	}
	return addr.(*syscall.SockaddrInet4).Port, release, nil
}
