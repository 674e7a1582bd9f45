package handlers

import (
	"container/list"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"readout/handlers/web"

	"github.com/valyala/fasthttp"
)

// ConnectionLimits bound the plain connections: those that carry requests and have not been taken over by the hub.
type ConnectionLimits struct {
	Total int // connections at once; 0 for no limit

	// PerAddress is how many of them one IPv4 address or IPv6 /64 network may have; 0 for a quarter of Total, but at
	// least 32. Loopback, private and link-local addresses and trusted proxies have no limit of their own, since all
	// readers behind a proxy come from its address.
	PerAddress int
}

// Times for which a connection counts as busy rather than as stalled.
const (
	// silentGrace is how long a client may take to send a request over a new connection before the connection is the
	// first to go. It is more than a round trip anywhere.
	silentGrace = time.Second

	// servingGrace is how long a request may take before its connection may go. It is more than any wait for the store,
	// so that the client is what the request waits for.
	servingGrace = web.CommitTimeout + web.QueryTimeout
)

// phase says what a plain connection is waiting for.
type phase int

const (
	silent  phase = iota // the client has sent nothing yet
	reading              // the client has begun a request
	idle                 // the client has an answer and no further request
	serving              // a handler runs, or its answer is being written
	phases
)

// connections keeps account of the plain connections. Where their number reaches a limit, the one that is the
// smallest loss is closed, so that a newcomer gets in however many connections a stranger holds open. All its
// operations take constant time.
type connections struct {
	limits  ConnectionLimits
	trusted web.Proxies
	now     func() time.Time

	mu        sync.Mutex // guards what follows
	byConn    map[net.Conn]*plainConn
	byPhase   [phases]list.List // of *plainConn, the longest in its phase first
	byAddress map[string]*addressConns
	freed     chan struct{} // holds a value where a connection has ended or waits for its client since the last wait for room
}

// plainConn is one connection.
type plainConn struct {
	conn    net.Conn
	address *addressConns // nil where the address has no limit
	phase   phase
	since   time.Time // when the phase began
	inAll   *list.Element
	inOwn   *list.Element // in address.byPhase
}

// addressConns are the connections of one network.
type addressConns struct {
	network string
	count   int
	byPhase [phases]list.List // of *plainConn, the longest in its phase first
}

func newConnections(limits ConnectionLimits, trusted web.Proxies) *connections {
	if limits.PerAddress == 0 {
		limits.PerAddress = max(32, limits.Total/4)
	}
	return &connections{limits: limits, trusted: trusted, now: time.Now, freed: make(chan struct{}, 1),
		byConn: make(map[net.Conn]*plainConn), byAddress: make(map[string]*addressConns)}
}

// connState follows a connection; it is a hook of the server.
func (cs *connections) connState(conn net.Conn, state fasthttp.ConnState) {
	switch state {
	case fasthttp.StateNew:
		cs.add(conn)
	case fasthttp.StateActive:
		cs.enter(conn, reading)
	case fasthttp.StateIdle:
		cs.enter(conn, idle)
	case fasthttp.StateHijacked, fasthttp.StateClosed:
		cs.remove(conn)
	}
}

func (cs *connections) add(conn net.Conn) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	c := &plainConn{conn: conn, address: cs.addressOf(conn)}
	if c.address != nil {
		c.address.count++
	}
	cs.byConn[conn] = c
	cs.push(c, silent)
}

// enter moves a connection to another phase. It does nothing with one that was closed to make room.
func (cs *connections) enter(conn net.Conn, p phase) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	c := cs.byConn[conn]
	if c == nil {
		return
	}
	cs.pull(c)
	cs.push(c, p)
	if p == idle {
		cs.signal()
	}
}

func (cs *connections) remove(conn net.Conn) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if c := cs.byConn[conn]; c != nil {
		cs.drop(c)
	}
}

func (cs *connections) push(c *plainConn, p phase) {
	c.phase, c.since = p, cs.now()
	c.inAll = cs.byPhase[p].PushBack(c)
	if c.address != nil {
		c.inOwn = c.address.byPhase[p].PushBack(c)
	}
}

func (cs *connections) pull(c *plainConn) {
	cs.byPhase[c.phase].Remove(c.inAll)
	if c.address != nil {
		c.address.byPhase[c.phase].Remove(c.inOwn)
	}
}

func (cs *connections) drop(c *plainConn) {
	cs.pull(c)
	delete(cs.byConn, c.conn)
	if a := c.address; a != nil {
		if a.count--; a.count == 0 {
			delete(cs.byAddress, a.network)
		}
	}
	cs.signal()
}

func (cs *connections) signal() {
	select {
	case cs.freed <- struct{}{}:
	default:
	}
}

// addressOf returns the account of a connection's network, or nil where it has no limit of its own.
func (cs *connections) addressOf(conn net.Conn) *addressConns {
	addr := web.PeerAddress(conn.RemoteAddr())
	if cs.limits.Total == 0 || !addr.IsValid() || cs.shared(addr) {
		return nil
	}
	name := web.Network(addr)
	a := cs.byAddress[name]
	if a == nil {
		a = &addressConns{network: name}
		cs.byAddress[name] = a
	}
	return a
}

// shared reports whether any number of clients may stand behind an address: it is a trusted proxy's, or one that a
// proxy on this machine or network has.
func (cs *connections) shared(a netip.Addr) bool {
	return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || cs.trusted.Trust(a)
}

// listener wraps a listener so that it makes room for what it accepts.
func (s *server) listener(ln net.Listener) net.Listener {
	return s.conns.listen(ln, func(kind, example string) { s.LogBudget.Note(slog.LevelWarn, kind, example) })
}

// admission is what becomes of a new connection.
type admission int

const (
	admitted admission = iota
	refused            // its address has as many connections as it may, all of them busy
	later              // there is no room; it comes when a connection ends or grows old
)

// makeRoom closes a connection where a limit leaves no room for a new one. The caller accepts one connection at a
// time, and hands it to the server before it asks again.
func (cs *connections) makeRoom(conn net.Conn) admission {
	if cs.limits.Total == 0 {
		return admitted
	}
	var victims []*plainConn
	verdict := func() admission {
		cs.mu.Lock()
		defer cs.mu.Unlock()
		if a := cs.knownAddress(conn); a != nil && a.count >= cs.limits.PerAddress {
			c := cs.leastLoss(&a.byPhase)
			if c == nil {
				return refused
			}
			cs.drop(c)
			victims = append(victims, c)
		}
		if len(cs.byConn) >= cs.limits.Total {
			c := cs.leastLoss(&cs.byPhase)
			if c == nil {
				return later
			}
			cs.drop(c)
			victims = append(victims, c)
		}
		return admitted
	}()
	for _, c := range victims {
		hangUp(c.conn)
	}
	return verdict
}

// knownAddress is addressOf without a new account.
func (cs *connections) knownAddress(conn net.Conn) *addressConns {
	addr := web.PeerAddress(conn.RemoteAddr())
	if !addr.IsValid() || cs.shared(addr) {
		return nil
	}
	return cs.byAddress[web.Network(addr)]
}

// spare closes the connection that is the smallest loss, whatever the limits. It reports whether there was one.
func (cs *connections) spare() bool {
	cs.mu.Lock()
	c := cs.leastLoss(&cs.byPhase)
	if c != nil {
		cs.drop(c)
	}
	cs.mu.Unlock()
	if c == nil {
		return false
	}
	hangUp(c.conn)
	return true
}

// leastLoss returns the connection to close, or nil where all are at work. Attackers hold connections that send
// nothing, or a request without an end, for seconds; clients send a request as soon as they are connected. Closing an
// idle connection costs its client a new one and nothing else. Only after those go connections that have been new for
// a moment, and answers that their clients do not read.
func (cs *connections) leastLoss(byPhase *[phases]list.List) *plainConn {
	oldest := func(p phase, age time.Duration) *plainConn {
		if e := byPhase[p].Front(); e != nil {
			if c := e.Value.(*plainConn); cs.now().Sub(c.since) >= age {
				return c
			}
		}
		return nil
	}
	for _, try := range []struct {
		phase phase
		age   time.Duration
	}{{silent, silentGrace}, {reading, silentGrace}, {idle, 0}, {silent, 0}, {reading, 0}, {serving, servingGrace}} {
		if c := oldest(try.phase, try.age); c != nil {
			return c
		}
	}
	return nil
}

// hangUp closes a connection without waiting for its other end, as TLS would for its goodbye.
func hangUp(conn net.Conn) {
	if t, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = t.NetConn()
	}
	conn.Close()
}
