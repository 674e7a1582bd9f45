package handlers

import (
	"container/list"
	"net"
	"net/netip"
	"sync"
	"time"

	"readout/handlers/web"

	"github.com/valyala/fasthttp"
)

// ConnectionLimits bounds the plain connections: those that carry requests and have not been taken over by the hub.
type ConnectionLimits struct {
	Total int // connections at the same time; 0 for no limit

	// PerAddress is how many of them one IPv4 address or IPv6 /64 network may have. 0 means a quarter of Total, but
	// at least 32. Loopback, private and link-local addresses and trusted proxies are exempt, because all readers
	// behind a proxy share its address.
	PerAddress int
}

// How long a connection counts as busy before it counts as stalled.
const (
	// silentGrace is how long a new connection may wait for a request, or for the rest of one, before it is among the
	// first to be closed. It is longer than any network round trip.
	silentGrace = time.Second

	// servingGrace is how long a request may take before its connection may be closed. It is longer than any wait for
	// the store, so a request that takes longer is waiting for its client.
	servingGrace = web.CommitTimeout + web.QueryTimeout
)

// phase is what a plain connection is doing.
type phase int

const (
	silent  phase = iota // the client has sent nothing yet
	reading              // the client has sent part of a request
	idle                 // the last request has been answered
	serving              // a handler runs, or its answer is being sent
	phases
)

// connections tracks the plain connections. When their number reaches a limit, it closes the one whose loss matters
// least, so that new clients get in however many connections an attacker holds open. All its operations take constant
// time.
type connections struct {
	limits  ConnectionLimits
	trusted web.Proxies
	now     func() time.Time

	// freed has a value if a connection was closed or became idle since the listener last waited.
	freed chan struct{}

	mu        sync.Mutex // guards what follows
	byConn    map[net.Conn]*plainConn
	byPhase   [phases]list.List // of *plainConn, the longest in its phase first
	byAddress map[string]*addressConns
}

// plainConn is one connection.
type plainConn struct {
	conn    net.Conn
	address *addressConns // nil if the address has no limit
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

// connState is the server's hook for the state of its connections.
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

// enter moves a connection to another phase. It ignores connections that have been closed to make room.
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

// addressOf returns the connections of the same network as conn, and starts to track that network if it is new. It
// returns nil if the address has no limit.
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

// shared reports whether many clients may share an address: it is a trusted proxy's, or may be that of a proxy on
// this machine or network.
func (cs *connections) shared(a netip.Addr) bool {
	return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || cs.trusted.Trust(a)
}

// admission says what happens to a new connection.
type admission int

const (
	admitted admission = iota
	refused            // its address is at its limit, and all its connections are busy
	deferred           // there is no room until a connection ends or counts as stalled
)

// makeRoom closes a connection if a limit leaves no room for conn. The caller accepts one connection at a time, and
// hands it to the server before it calls makeRoom again.
func (cs *connections) makeRoom(conn net.Conn) admission {
	if cs.limits.Total == 0 {
		return admitted
	}
	var victims []*plainConn
	verdict := func() admission {
		cs.mu.Lock()
		defer cs.mu.Unlock()
		if a := cs.knownAddress(conn); a != nil && a.count >= cs.limits.PerAddress {
			c := cs.leastUseful(&a.byPhase)
			if c == nil {
				return refused
			}
			cs.drop(c)
			victims = append(victims, c)
		}
		if len(cs.byConn) >= cs.limits.Total {
			c := cs.leastUseful(&cs.byPhase)
			if c == nil {
				return deferred
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

// knownAddress is like addressOf, but returns nil for a network that is not tracked yet.
func (cs *connections) knownAddress(conn net.Conn) *addressConns {
	addr := web.PeerAddress(conn.RemoteAddr())
	if !addr.IsValid() || cs.shared(addr) {
		return nil
	}
	return cs.byAddress[web.Network(addr)]
}

// closeOne closes the connection whose loss matters least, whatever the limits. It reports whether there was one.
func (cs *connections) closeOne() bool {
	cs.mu.Lock()
	c := cs.leastUseful(&cs.byPhase)
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

// leastUseful returns the connection to close, or nil if all are busy. Attackers hold connections that send nothing,
// or a request that never ends, for seconds; real clients send a request as soon as they are connected. So those that
// have been silent or reading for longer than silentGrace go first. Then idle ones, since closing one costs its
// client only a reconnect. Only then connections that are new, and last those whose clients do not read their
// answers.
func (cs *connections) leastUseful(byPhase *[phases]list.List) *plainConn {
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

// hangUp closes a connection without the TLS close handshake, which would wait for the client.
func hangUp(conn net.Conn) {
	if t, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = t.NetConn()
	}
	conn.Close()
}
