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

// fakeConn is a connection from a given address. It carries no data.
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

// open admits a connection as the listener and the server do. It returns nil if there is no room.
func (cs *connections) open(name, address string) *fakeConn {
	c := &fakeConn{peer: peer(address), name: name}
	if cs.makeRoom(c) != admitted {
		return nil
	}
	cs.connState(c, fasthttp.StateNew)
	return c
}

// Each row fails if its phase, its age or its rank in leastUseful is ignored.
func TestLeastUsefulConnectionIsClosed(t *testing.T) {
	t.Parallel()
	const public = "203.0.113.7"
	begin := func(cs *connections, c net.Conn) { cs.connState(c, fasthttp.StateActive) }
	serve := func(cs *connections, c net.Conn) { begin(cs, c); cs.enter(c, serving) }
	rest := func(cs *connections, c net.Conn) { serve(cs, c); cs.connState(c, fasthttp.StateIdle) }
	takeOver := func(cs *connections, c net.Conn) { cs.connState(c, fasthttp.StateHijacked) }
	end := func(cs *connections, c net.Conn) { cs.connState(c, fasthttp.StateClosed) }
	for name, tc := range map[string]struct {
		steps  []any // a name opens a connection, a function acts on the last one, a duration passes
		victim string
	}{
		"a silent one before an idle one":          {[]any{"idle", rest, time.Second, "silent", silentGrace}, "silent"},
		"the oldest silent one":                    {[]any{"first", "second", silentGrace}, "first"},
		"an endless head before an idle one":       {[]any{"idle", rest, "slow", begin, silentGrace}, "slow"},
		"an idle one before a new one":             {[]any{"new", "idle", rest}, "idle"},
		"an idle one before a new head":            {[]any{"head", begin, "idle", rest}, "idle"},
		"the one that has been idle longest":       {[]any{"first", rest, time.Second, "second", rest}, "first"},
		"a new one if all others are busy":         {[]any{"busy", serve, "new"}, "new"},
		"a head if all others are busy":            {[]any{"busy", serve, "head", begin}, "head"},
		"none if all are busy":                     {[]any{"busy", serve, servingGrace - 1, "busy too", serve}, ""},
		"one whose client neither reads nor sends": {[]any{"stuck", serve, servingGrace, "busy", serve}, "stuck"},
		"none if one was taken over":               {[]any{"reader", serve, takeOver, "a"}, ""},
		"none if one has ended":                    {[]any{"gone", end, "a"}, ""},
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
			want := !full || tc.victim != ""
			if admitted := cs.open("newcomer", public) != nil; admitted != want {
				t.Errorf("the new connection was admitted: %t, want %t", admitted, want)
			}
			for _, c := range all {
				if c.closed != (c.name == tc.victim) {
					t.Errorf("%s was closed: %v, want only %q closed", c.name, c.closed, tc.victim)
				}
			}
		})
	}
}

// Without the count per address, one address could use up all connections; without its exceptions, all readers behind
// a proxy would share the limit of one.
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
				if want := tc.limited && i < 4; c.closed != want {
					t.Errorf("connection %d was closed: %t, want %t", i, c.closed, want)
				}
			}
			if !tc.limited {
				return
			}
			for _, c := range first[4:] {
				cs.enter(c, serving)
			}
			if cs.makeRoom(first[0]) != refused {
				t.Error("an address is admitted beyond its limit while all its connections are busy")
			}
			if other := cs.open("", "192.0.2.1"); other == nil || first[7].closed {
				t.Error("the limit of one address affects another")
			}
			for _, c := range first {
				cs.connState(c, fasthttp.StateClosed)
			}
			if len(cs.byAddress) != 1 {
				t.Errorf("%d addresses are tracked, want only that of the open connection", len(cs.byAddress))
			}
		})
	}
}

// scriptedListener returns the results in its script, then blocks until it is closed.
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

// Accept waits while every connection is busy, and continues as soon as one ends, becomes idle, counts as stalled, or
// the listener is closed. Without the wait the limit would be exceeded; without one of these events its row would
// never end.
func TestAcceptWaitsForRoom(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		end  func(cs *connections, busy net.Conn, ln net.Listener)
		wait time.Duration
		err  error
	}{
		"until a connection ends": {
			func(cs *connections, c net.Conn, _ net.Listener) { cs.connState(c, fasthttp.StateClosed) }, 0, nil},
		"until a connection is idle": {
			func(cs *connections, c net.Conn, _ net.Listener) { cs.connState(c, fasthttp.StateIdle) }, 0, nil},
		"until one is taken over": {
			func(cs *connections, c net.Conn, _ net.Listener) { cs.connState(c, fasthttp.StateHijacked) }, 0, nil},
		"until one is stalled": {nil, servingGrace, nil},
		"until the listener is closed": {func(_ *connections, _ net.Conn, ln net.Listener) { ln.Close() }, 0,
			net.ErrClosed},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cs := newConnections(ConnectionLimits{Total: 1}, nil)
				busy, newcomer := &fakeConn{peer: peer("203.0.113.7")}, &fakeConn{peer: peer("203.0.113.8")}
				ln := cs.listen(&scriptedListener{script: []any{busy, newcomer}, closed: make(chan struct{})},
					func(string, string) {})
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
					t.Fatalf("Accept did not wait: %v", err)
				default:
				}
				if tc.end != nil {
					tc.end(cs, busy, ln)
				}
				if err := <-done; err != tc.err {
					t.Errorf("Accept returned %v", err)
				}
				if took := time.Since(start); took != tc.wait {
					t.Errorf("Accept took %v, want %v", took, tc.wait)
				}
			})
		})
	}
}
