package live_test

import (
	"io"
	"net"
	"sync"
	"testing"
)

// cuttableProxy is a TCP proxy in front of a server. While it is cut it closes all connections.
type cuttableProxy struct {
	url string

	mu    sync.Mutex // guards the fields below
	down  bool
	conns map[net.Conn]struct{}
}

// newCuttableProxy starts a proxy for a server at the address. It stops when the test ends.
func newCuttableProxy(t *testing.T, server string) *cuttableProxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &cuttableProxy{url: "http://" + listener.Addr().String(), conns: map[net.Conn]struct{}{}}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { l.forward(client, server) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		l.cut()
		running.Wait()
	})
	return l
}

// forward copies between a client and the server until one of them closes its connection.
func (l *cuttableProxy) forward(client net.Conn, address string) {
	defer client.Close()
	server, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer server.Close()
	l.mu.Lock()
	if l.down {
		l.mu.Unlock()
		return
	}
	l.conns[client], l.conns[server] = struct{}{}, struct{}{}
	l.mu.Unlock()
	var upstream sync.WaitGroup
	upstream.Go(func() {
		io.Copy(server, client)
		server.Close()
	})
	io.Copy(client, server)
	client.Close()
	upstream.Wait()
	l.mu.Lock()
	delete(l.conns, client)
	delete(l.conns, server)
	l.mu.Unlock()
}

// cut closes all connections, and new ones at once, until restore is called.
func (l *cuttableProxy) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = true
	for c := range l.conns {
		c.Close()
	}
}

func (l *cuttableProxy) restore() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = false
}
