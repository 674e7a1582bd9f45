package redistest

import (
	"bytes"
	"net"
	"sync"
	"testing"
	"time"

	"readout/realtime/porttest"
)

// Proxy forwards connections to a server and injects faults into them. It ends with the test.
type Proxy struct {
	t      testing.TB
	target string
	port   *porttest.Port // reserved even while the proxy refuses connections
	work   sync.WaitGroup // all goroutines

	mu    sync.Mutex // guards what follows
	ln    net.Listener
	pairs map[*pair]struct{}
	fault Fault
}

// Fault says what happens to connections, existing and new ones.
type Fault struct {
	DropReplies     bool          // nothing that the server sends arrives; the connections stay open
	DropRequests    bool          // nothing that the client sends arrives; the connections stay open
	SubscribersOnly bool          // drop only on connections that have subscribed to a channel
	ReplyDelay      time.Duration // of each read from the server
	ResetAfter      int           // bytes from the server after which a connection is reset; 0: never
}

// pair is a client's connection and the proxy's connection to the server for it.
type pair struct {
	client, server net.Conn
	subscribed     bool // the client has subscribed; guarded by the proxy's mu
}

// StartProxy starts a proxy for a server's address.
func StartProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	p := &Proxy{t: t, target: target, port: porttest.For(t), pairs: make(map[*pair]struct{})}
	p.Accept()
	t.Cleanup(func() {
		p.Refuse()
		p.work.Wait()
	})
	return p
}

// Addr returns the proxy's own address.
func (p *Proxy) Addr() string { return p.port.Addr() }

// Set replaces the current fault. The zero Fault is none. What was dropped before stays lost.
func (p *Proxy) Set(f Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = f
}

// Reset closes all connections with a TCP reset, as a crash does.
func (p *Proxy) Reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for q := range p.pairs {
		q.reset()
	}
}

// Refuse resets all connections and refuses new ones until Accept.
func (p *Proxy) Refuse() {
	p.mu.Lock()
	if p.ln != nil {
		p.ln.Close()
		p.ln = nil
	}
	p.mu.Unlock()
	p.Reset()
}

// Accept accepts connections again, on the same port.
func (p *Proxy) Accept() {
	p.t.Helper()
	ln, err := net.Listen("tcp", p.Addr())
	if err != nil {
		p.t.Fatalf("redistest: %v", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ln = ln
	p.work.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			p.work.Go(func() { p.forward(c) })
		}
	})
}

func (q *pair) reset() {
	q.client.(*net.TCPConn).SetLinger(0)
	q.client.Close()
	q.server.Close()
}

// forward connects to the server and copies in both directions.
func (p *Proxy) forward(client net.Conn) {
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		client.Close()
		return
	}
	q := &pair{client: client, server: server}
	p.mu.Lock()
	p.pairs[q] = struct{}{}
	if p.ln == nil {
		q.reset()
	}
	p.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() { p.copyRequests(q); q.reset() })
	both.Go(func() { p.copyReplies(q); q.reset() })
	both.Wait()
	p.mu.Lock()
	delete(p.pairs, q)
	p.mu.Unlock()
}

// copyRequests copies what the client sends.
func (p *Proxy) copyRequests(q *pair) {
	buf := make([]byte, 64<<10)
	for {
		n, err := q.client.Read(buf)
		p.mu.Lock()
		if bytes.Contains(buf[:n], []byte("subscribe\r\n")) {
			q.subscribed = true
		}
		f := p.fault
		drop := f.DropRequests && (q.subscribed || !f.SubscribersOnly)
		p.mu.Unlock()
		if !drop && n > 0 {
			if _, err := q.server.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// copyReplies copies what the server sends.
func (p *Proxy) copyReplies(q *pair) {
	buf := make([]byte, 64<<10)
	for total := 0; ; {
		n, err := q.server.Read(buf)
		p.mu.Lock()
		f := p.fault
		drop := f.DropReplies && (q.subscribed || !f.SubscribersOnly)
		p.mu.Unlock()
		if f.ReplyDelay > 0 {
			time.Sleep(f.ReplyDelay) // this is the fault; nothing is waited for
		}
		total += n
		reset := f.ResetAfter > 0 && total >= f.ResetAfter
		if reset {
			n = max(0, n-(total-f.ResetAfter))
		}
		if !drop && n > 0 {
			if _, err := q.client.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil || reset {
			return
		}
	}
}
