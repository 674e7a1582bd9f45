package redistest

import (
	"bytes"
	"net"
	"sync"
	"testing"
	"time"

	"readout/realtime/porttest"
)

// Proxy stands between a client and a server and spoils their connections. It ends with the test.
type Proxy struct {
	t      testing.TB
	target string
	port   *porttest.Port // kept while the proxy refuses
	work   sync.WaitGroup

	mu    sync.Mutex // guards what follows
	ln    net.Listener
	pairs map[*pair]struct{}
	fault Fault
}

// Fault says what becomes of connections, old and new.
type Fault struct {
	Mute      bool          // nothing that the server says arrives; the connections stay up
	Deaf      bool          // nothing that the client says arrives; the connections stay up
	Listeners bool          // Mute and Deaf are only for connections that have subscribed
	Delay     time.Duration // of each piece that the server says
	CutAfter  int           // bytes of the server after which a connection is reset; 0: never
}

// pair is a client's connection and the one made for it.
type pair struct {
	client, server net.Conn
	listens        bool // the client has subscribed; guarded by the proxy's mu
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

// Set makes a fault the one that holds from now on. The zero Fault is none; what was held back is lost all the same.
func (p *Proxy) Set(f Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = f
}

// Reset ends every connection, in the way of a crash: by a reset.
func (p *Proxy) Reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for q := range p.pairs {
		q.reset()
	}
}

// Refuse ends every connection and takes no new ones until Accept.
func (p *Proxy) Refuse() {
	p.mu.Lock()
	if p.ln != nil {
		p.ln.Close()
		p.ln = nil
	}
	p.mu.Unlock()
	p.Reset()
}

// Accept takes connections, on the old port.
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
			p.work.Go(func() { p.carry(c) })
		}
	})
}

func (q *pair) reset() {
	q.client.(*net.TCPConn).SetLinger(0)
	q.client.Close()
	q.server.Close()
}

func (p *Proxy) carry(client net.Conn) {
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
	both.Go(func() { p.upward(q); q.reset() })
	both.Go(func() { p.downward(q); q.reset() })
	both.Wait()
	p.mu.Lock()
	delete(p.pairs, q)
	p.mu.Unlock()
}

// upward carries what the client says.
func (p *Proxy) upward(q *pair) {
	buf := make([]byte, 64<<10)
	for {
		n, err := q.client.Read(buf)
		p.mu.Lock()
		if bytes.Contains(buf[:n], []byte("subscribe\r\n")) {
			q.listens = true
		}
		f := p.fault
		lost := f.Deaf && (q.listens || !f.Listeners)
		p.mu.Unlock()
		if !lost && n > 0 {
			if _, err := q.server.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// downward carries what the server says.
func (p *Proxy) downward(q *pair) {
	buf := make([]byte, 64<<10)
	for total := 0; ; {
		n, err := q.server.Read(buf)
		p.mu.Lock()
		f := p.fault
		lost := f.Mute && (q.listens || !f.Listeners)
		p.mu.Unlock()
		if f.Delay > 0 {
			time.Sleep(f.Delay) // this is the fault, not a wait for something
		}
		total += n
		cut := f.CutAfter > 0 && total >= f.CutAfter
		if cut {
			n = max(0, n-(total-f.CutAfter))
		}
		if !lost && n > 0 {
			if _, err := q.client.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil || cut {
			return
		}
	}
}
