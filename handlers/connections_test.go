package handlers

import (
	"fmt"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"readout/handlers/web"

	"github.com/valyala/fasthttp"
)

// fakeConn is a connection of a stated address. It carries nothing.
type fakeConn struct {
	net.Conn
	peer   net.Addr
	name   string
	closed bool
}

func (c *fakeConn) RemoteAddr() net.Addr { return c.peer }

func (c *fakeConn) Close() error {
	c.closed = true
	return nil
}

func peer(address string) net.Addr {
	return net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(address), 40000))
}

// open admits a connection as the listener and the server do. It returns nil where there is no room.
func (cs *connections) open(name, address string) *fakeConn {
	c := &fakeConn{peer: peer(address), name: name}
	if cs.makeRoom(c) != admitted {
		return nil
	}
	cs.connState(c, fasthttp.StateNew)
	return c
}

// Each row is red where its phase, its age or its place in the order is not looked at.
func TestTheSmallestLossMakesRoom(t *testing.T) {
	t.Parallel()
	const public = "203.0.113.7"
	begin := func(cs *connections, c net.Conn) { cs.connState(c, fasthttp.StateActive) }
	serve := func(cs *connections, c net.Conn) { begin(cs, c); cs.enter(c, serving) }
	rest := func(cs *connections, c net.Conn) { serve(cs, c); cs.connState(c, fasthttp.StateIdle) }
	for name, tc := range map[string]struct {
		steps  []any // a name opens a connection, a function acts on the last one, a duration passes
		victim string
	}{
		"one that never sent a byte, before an idle one": {[]any{"idle", rest, time.Second, "silent", silentGrace}, "silent"},
		"the oldest of those":                            {[]any{"first", "second", silentGrace}, "first"},
		"an endless head, before an idle one":            {[]any{"idle", rest, "slow", begin, silentGrace}, "slow"},
		"an idle one, before one that has just come":     {[]any{"new", "idle", rest}, "idle"},
		"an idle one, before a head that has just begun": {[]any{"head", begin, "idle", rest}, "idle"},
		"the one that is idle longest":                   {[]any{"first", rest, time.Second, "second", rest}, "first"},
		"a new one, where all others work":               {[]any{"busy", serve, "new"}, "new"},
		"a head, where all others work":                  {[]any{"busy", serve, "head", begin}, "head"},
		"none that works":                                {[]any{"busy", serve, servingGrace - 1, "busy too", serve}, ""},
		"one whose client does not read or send":         {[]any{"stuck", serve, servingGrace, "busy", serve}, "stuck"},
		"none, where one was handed over":                {[]any{"reader", serve, func(cs *connections, c net.Conn) { cs.connState(c, fasthttp.StateHijacked) }, "a"}, ""},
		"none, where one has ended":                      {[]any{"gone", func(cs *connections, c net.Conn) { cs.connState(c, fasthttp.StateClosed) }, "a"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			cs := newConnections(ConnectionLimits{Total: 2}, nil)
			var clock time.Time
			cs.now = func() time.Time { return clock }
			var all []*fakeConn
			for _, step := range tc.steps {
				switch step := step.(type) {
				case string:
					all = append(all, cs.open(step, public))
				case time.Duration:
					clock = clock.Add(step)
				case func(*connections, net.Conn):
					step(cs, all[len(all)-1])
				}
			}
			full := len(cs.byConn) == 2
			if newcomer := cs.open("newcomer", public); (newcomer != nil) != (!full || tc.victim != "") {
				t.Errorf("the newcomer got in: %v", newcomer != nil)
			}
			for _, c := range all {
				if c.closed != (c.name == tc.victim) {
					t.Errorf("%s was closed: %v, want that of %q", c.name, c.closed, tc.victim)
				}
			}
		})
	}
}

// Without the account of addresses, one address takes the connections of all others; without the exceptions, the
// readers behind a proxy share the places of one.
func TestConnectionsOfOneAddress(t *testing.T) {
	t.Parallel()
	trusted, err := web.ParseProxies([]string{"198.51.100.0/24"})
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		addresses func(i int) string
		limited   bool
	}{
		"an IPv4 address":         {func(int) string { return "203.0.113.7" }, true},
		"an IPv6 network":         {func(i int) string { return fmt.Sprintf("2001:db8::%x", i+1) }, true},
		"an IPv4 address in IPv6": {func(int) string { return "::ffff:203.0.113.7" }, true},
		"IPv6 networks":           {func(i int) string { return fmt.Sprintf("2001:db8:0:%x::1", i) }, false},
		"IPv4 addresses":          {func(i int) string { return fmt.Sprintf("203.0.113.%d", i) }, false},
		"loopback":                {func(int) string { return "127.0.0.1" }, false},
		"IPv6 loopback":           {func(int) string { return "::1" }, false},
		"a private network":       {func(int) string { return "10.1.2.3" }, false},
		"a private IPv6 network":  {func(int) string { return "fd00::1" }, false},
		"a link-local address":    {func(int) string { return "fe80::1" }, false},
		"a trusted proxy":         {func(int) string { return "198.51.100.9" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			cs := newConnections(ConnectionLimits{Total: 100, PerAddress: 4}, trusted)
			var first []*fakeConn
			for i := range 8 {
				first = append(first, cs.open("", tc.addresses(i)))
			}
			for i, c := range first {
				if c.closed != (tc.limited && i < 4) {
					t.Errorf("connection %d was closed: %v", i, c.closed)
				}
			}
			if !tc.limited {
				return
			}
			for _, c := range first[4:] {
				cs.enter(c, serving)
			}
			if cs.makeRoom(first[0]) != refused {
				t.Error("an address has more requests at work than it may have connections")
			}
			if other := cs.open("", "192.0.2.1"); other == nil || first[7].closed {
				t.Error("another address suffers")
			}
			for _, c := range first {
				cs.connState(c, fasthttp.StateClosed)
			}
			if len(cs.byAddress) != 1 {
				t.Errorf("%d addresses are remembered, want that of the one connection", len(cs.byAddress))
			}
		})
	}
}

// scriptedListener returns what its script says, then waits until it is closed.
type scriptedListener struct {
	script []any // an error or a net.Conn
	closed chan struct{}
}

func (l *scriptedListener) Accept() (net.Conn, error) {
	if len(l.script) == 0 {
		<-l.closed
		return nil, net.ErrClosed
	}
	next := l.script[0]
	l.script = l.script[1:]
	if err, ok := next.(error); ok {
		return nil, err
	}
	return next.(net.Conn), nil
}

func (l *scriptedListener) Close() error {
	close(l.closed)
	return nil
}

func (l *scriptedListener) Addr() net.Addr { return peer("127.0.0.1") }

// Accept waits while every connection is at work, and goes on as soon as one ends, grows old, or the listener is
// closed. Without the wait the limit is passed; without the signal, the age or the closing a row never ends.
func TestAcceptWaitsForRoom(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		end  func(cs *connections, busy net.Conn, ln net.Listener)
		wait time.Duration
		err  error
	}{
		"until a connection ends":    {func(cs *connections, c net.Conn, _ net.Listener) { cs.connState(c, fasthttp.StateClosed) }, 0, nil},
		"until a connection is idle": {func(cs *connections, c net.Conn, _ net.Listener) { cs.connState(c, fasthttp.StateIdle) }, 0, nil},
		"until a reader is taken":    {func(cs *connections, c net.Conn, _ net.Listener) { cs.connState(c, fasthttp.StateHijacked) }, 0, nil},
		"until one is stuck":         {nil, servingGrace, nil},
		"until it is closed":         {func(_ *connections, _ net.Conn, ln net.Listener) { ln.Close() }, 0, net.ErrClosed},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cs := newConnections(ConnectionLimits{Total: 1}, nil)
				busy, newcomer := &fakeConn{peer: peer("203.0.113.7")}, &fakeConn{peer: peer("203.0.113.8")}
				ln := cs.listen(&scriptedListener{script: []any{busy, newcomer}, closed: make(chan struct{})}, func(string, string) {})
				if c, err := ln.Accept(); c != busy || err != nil {
					t.Fatal(c, err)
				}
				cs.connState(busy, fasthttp.StateNew)
				cs.enter(busy, serving)
				start := time.Now()
				done := make(chan error)
				go func() {
					_, err := ln.Accept()
					done <- err
				}()
				synctest.Wait()
				select {
				case err := <-done:
					t.Fatalf("accept did not wait: %v", err)
				default:
				}
				if tc.end != nil {
					tc.end(cs, busy, ln)
				}
				if err := <-done; err != tc.err {
					t.Errorf("accept ended with %v", err)
				}
				if took := time.Since(start); took != tc.wait {
					t.Errorf("it took %v, want %v", took, tc.wait)
				}
			})
		})
	}
}
