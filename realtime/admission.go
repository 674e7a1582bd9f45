package realtime

import (
	"errors"
	"net/netip"
	"sync"
	"sync/atomic"

	"readout/liveblog"
)

// admission counts the connections that are kept: in all, from each address, and from each network around it. An
// address of IPv6 is the /64 that every household gets.
type admission struct {
	maxClients    int
	maxPerAddress int
	maxPerNetwork int

	mu        sync.Mutex // guards what follows
	closed    bool
	total     int
	byNetwork map[netip.Prefix]int // addresses are networks of one
	empty     chan struct{}        // closed when total falls to 0 after the closing
}

// Ticket is an admitted client's place. It ends with the connection, or by Release before Attach.
type Ticket struct {
	admission *admission
	counted   bool // address and network are
	address   netip.Prefix
	network   netip.Prefix
	released  atomic.Bool
}

// perAddress is how many of all places one address may hold where no setting says so: a tenth. Carriers, campuses and
// offices put thousands of readers behind one address. Of few places a tenth would be next to nothing, so it is 100
// where those are no more than a quarter.
func perAddress(places int) int { return max(1, places/10, min(100, places/4)) }

// perNetwork is how many places the addresses of one network may hold together: two and a half times as many as one of
// them, a quarter of all by default.
func perNetwork(places, address int) int { return min(places, address*5/2) }

// Shared reports whether an address may stand for any number of readers, so that no share is counted for it: one that
// is not of the public Internet belongs to a proxy that is not trusted, or to a network of the operator's own.
func Shared(a netip.Addr) bool {
	a = a.Unmap()
	return !a.IsValid() || a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || carrierNetwork.Contains(a)
}

// carrierNetwork is the shared address space of RFC 6598, which carriers and mesh networks use.
var carrierNetwork = netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64, 0, 0}), 10)

// networksOf returns the two that an address is counted under.
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
		return nil, liveblog.Errorf(liveblog.Unavailable, "This server is restarting; please come back in a moment.")
	case a.total >= a.maxClients:
		return nil, liveblog.Errorf(liveblog.TooMany, "This server follows as many readers live as it can; please try again soon. "+
			"The same changes are at /changes, which has room for everybody.")
	case t.counted && a.byNetwork[t.address] >= a.maxPerAddress:
		return nil, &liveblog.Error{Code: liveblog.TooMany, Err: ErrShare, Message: "Too many live connections come from this address. " +
			"Close one, or ask /changes for the same changes, which has room for everybody."}
	case t.counted && a.byNetwork[t.network] >= a.maxPerNetwork:
		return nil, &liveblog.Error{Code: liveblog.TooMany, Err: ErrShare, Message: "Too many live connections come from this network. " +
			"Ask /changes for the same changes, which has room for everybody."}
	}
	a.total++
	if t.counted {
		a.byNetwork[t.address]++
		a.byNetwork[t.network]++
	}
	return t, nil
}

// ErrShare is in the chain of Admit's error where the client's address or network holds its whole share.
var ErrShare = errors.New("the share of one address is used up")

// Release gives the place back; only the first call does something.
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

// close admits nobody from now on and returns a channel that is closed when the last place was given back.
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

func (a *admission) ended() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.closed
}

func (a *admission) checkEmpty() {
	if a.closed && a.total == 0 {
		select {
		case <-a.empty:
		default:
			close(a.empty)
		}
	}
}
