package porttest

import (
	"os"
	"syscall"
)

// keep binds a socket that never listens. The kernel then gives the port neither to a server that asks for any port nor
// to an outgoing connection. Another socket can still listen on it, since this one has SO_REUSEADDR.
func keep() (*Port, error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	number, err := bind(fd)
	if err != nil {
		syscall.Close(fd)
		return nil, err
	}
	return &Port{number: number, release: func() error { return os.NewSyscallError("close", syscall.Close(fd)) }}, nil
}

// bind binds the socket to a port that the kernel chooses.
func bind(fd int) (int, error) {
	if err := syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err != nil {
		return 0, os.NewSyscallError("setsockopt", err)
	}
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return 0, os.NewSyscallError("bind", err)
	}
	addr, err := syscall.Getsockname(fd)
	if err != nil {
		return 0, os.NewSyscallError("getsockname", err)
	}
	return addr.(*syscall.SockaddrInet4).Port, nil
}
