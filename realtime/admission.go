package realtime

import (
	"errors"
	"net/netip"
	"sync"
	"sync/atomic"

	"readout/liveblog"
)

// admission counts the kept connections: in all, by address, and by network. An IPv6 address counts as its /64, which
// is what one household gets.
type admission struct {
	maxClients    int
	maxPerAddress int
	maxPerNetwork int

	mu        sync.Mutex // guards what follows
	closed    bool
	total     int
	byNetwork map[netip.Prefix]int // by address too, as a prefix of its full length (IPv6: /64)
	empty     chan struct{}        // made by close; closed when total has fallen to 0
}

// Ticket is one admitted client, counted against the limits of the hub. Attach takes the ticket over; a caller that
// does not get as far calls Release.
type Ticket struct {
	admission *admission
	counted   bool // for its address and network too
	address   netip.Prefix
	network   netip.Prefix
	released  atomic.Bool
}

// perAddress returns the default limit for one address, given the limit for all connections: a tenth of it, since
// carriers, campuses and offices have thousands of readers behind one address. A small limit allows each address up to
// 100 connections, but no more than a quarter.
func perAddress(connections int) int { return max(1, connections/10, min(100, connections/4)) }

// perNetwork returns the limit for all addresses of one network together: two and a half times that of one address,
// which is a quarter of all connections by default.
func perNetwork(connections, address int) int { return min(connections, address*5/2) }

// Shared reports whether an address may belong to any number of readers, so that only the limit for all connections
// applies to it. An address that is not of the public Internet is that of a proxy which is not configured as trusted,
// or one in the operator's own network.
func Shared(a netip.Addr) bool {
	a = a.Unmap()
	return !a.IsValid() || a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || carrierNetwork.Contains(a)
}

// carrierNetwork is the shared address space of RFC 6598, which carriers and mesh networks use.
var carrierNetwork = netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64, 0, 0}), 10)

// networksOf returns the two keys of admission.byNetwork for an address.
func networksOf(a netip.Addr) (address, network netip.Prefix) {
	a = a.Unmap().WithZone("")
	if a.Is4() {
		return netip.PrefixFrom(a, 32), netip.PrefixFrom(a, 24).Masked()
	}
	return netip.PrefixFrom(a, 64).Masked(), netip.PrefixFrom(a, 48).Masked()
}

func (a *admission) admit(from netip.Addr) (*Ticket, error) {
	t := &Ticket{admission: a, counted: !Shared(from)}
	if t.counted {
		t.address, t.network = networksOf(from)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.closed:
		return nil, liveblog.Errorf(liveblog.Unavailable, "This server is restarting; please try again in a moment.")
	case a.total >= a.maxClients:
		return nil, liveblog.Errorf(liveblog.TooMany, "This server has as many live readers as it can serve. "+
			"Please try again soon, or poll /changes for the same changes: polling has no such limit.")
	case t.counted && a.byNetwork[t.address] >= a.maxPerAddress:
		return nil, &liveblog.Error{Code: liveblog.TooMany, Err: ErrShare,
			Message: "There are too many live connections from this address. Close one, " +
				"or poll /changes for the same changes: polling has no such limit."}
	case t.counted && a.byNetwork[t.network] >= a.maxPerNetwork:
		return nil, &liveblog.Error{Code: liveblog.TooMany, Err: ErrShare,
			Message: "There are too many live connections from this network. " +
				"Poll /changes for the same changes: polling has no such limit."}
	}
	a.total++
	if t.counted {
		a.byNetwork[t.address]++
		a.byNetwork[t.network]++
	}
	return t, nil
}

// ErrShare is in the chain of Admit's error if the client's address or network has reached its limit.
var ErrShare = errors.New("the limit of connections for one address or network is reached")

// Release stops counting the client. Only the first call has an effect, and a nil Ticket has none.
func (t *Ticket) Release() {
	if t == nil || t.released.Swap(true) {
		return
	}
	a := t.admission
	a.mu.Lock()
	defer a.mu.Unlock()
	a.total--
	if t.counted {
		for _, n := range []netip.Prefix{t.address, t.network} {
			if a.byNetwork[n]--; a.byNetwork[n] == 0 {
				delete(a.byNetwork, n)
			}
		}
	}
	a.checkEmpty()
}

// close admits no more clients and returns a channel that is closed when all tickets were released.
func (a *admission) close() <-chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.closed {
		a.closed = true
		a.empty = make(chan struct{})
		a.checkEmpty()
	}
	return a.empty
}

func (a *admission) isClosed() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.closed
}

// checkEmpty closes empty once no client is left. The caller holds a.mu.
func (a *admission) checkEmpty() {
	if a.closed && a.total == 0 {
		select {
		case <-a.empty:
		default:
			close(a.empty)
		}
	}
}
