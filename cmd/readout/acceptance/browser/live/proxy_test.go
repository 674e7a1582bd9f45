package live_test

import (
	"io"
	"net"
	"sync"
	"testing"
)

// cuttableLine is a way to a server that can be cut, with all connections on it, and mended.
type cuttableLine struct {
	url string

	mu    sync.Mutex // guards what follows
	down  bool
	conns map[net.Conn]struct{}
}

func newCuttableLine(t *testing.T, server string) *cuttableLine {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &cuttableLine{url: "http://" + listener.Addr().String(), conns: map[net.Conn]struct{}{}}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { l.join(near, server) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		l.cut()
		running.Wait()
	})
	return l
}

func (l *cuttableLine) join(near net.Conn, server string) {
	defer near.Close()
	far, err := net.Dial("tcp", server)
	if err != nil {
		return
	}
	defer far.Close()
	l.mu.Lock()
	if l.down {
		l.mu.Unlock()
		return
	}
	l.conns[near], l.conns[far] = struct{}{}, struct{}{}
	l.mu.Unlock()
	var there sync.WaitGroup
	there.Go(func() {
		io.Copy(far, near)
		far.Close()
	})
	io.Copy(near, far)
	near.Close()
	there.Wait()
	l.mu.Lock()
	delete(l.conns, near)
	delete(l.conns, far)
	l.mu.Unlock()
}

// cut ends every connection; new ones end at once until the line is mended.
func (l *cuttableLine) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = true
	for c := range l.conns {
		c.Close()
	}
}

func (l *cuttableLine) mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = false
}
