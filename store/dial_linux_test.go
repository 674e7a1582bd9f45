package store

import (
	"net"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func TestDialerLimitsUnacknowledged(t *testing.T) {
	t.Parallel()
	cfg, err := parsePostgres("postgres://u@h/d")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := cfg.conn.DialFunc(t.Context(), "tcp", silent(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	raw, err := conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var got int
	var read error
	if err := raw.Control(func(fd uintptr) {
		got, read = unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT)
	}); err != nil || read != nil {
		t.Fatal(err, read)
	}
	if int64(got) != unacknowledged.Milliseconds() {
		t.Errorf("TCP_USER_TIMEOUT is %d ms, want %v", got, unacknowledged)
	}

	// Unix sockets have no such option, but can be dialled as well.
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	local, err := cfg.conn.DialFunc(t.Context(), "unix", path)
	if err != nil {
		t.Fatal(err)
	}
	local.Close()
}
