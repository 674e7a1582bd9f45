package realtime

import (
	"sync"
	"sync/atomic"

	"readout/liveblog"
)

// admission counts the connections that are kept, in all and from each address.
type admission struct {
	maxClients    int
	maxPerAddress int

	mu        sync.Mutex // guards what follows
	closed    bool
	total     int
	byAddress map[string]int
	empty     chan struct{} // closed when total falls to 0 after the closing
}

// Ticket is an admitted client's place. It ends with the connection, or by Release before Attach.
type Ticket struct {
	admission *admission
	address   string
	released  atomic.Bool
}

func (a *admission) admit(address string) (*Ticket, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.closed:
		return nil, liveblog.Errorf(liveblog.Unavailable, "This server is restarting; please come back in a moment.")
	case a.total >= a.maxClients:
		return nil, liveblog.Errorf(liveblog.TooMany, "This server follows as many readers live as it can; please try again soon.")
	case a.byAddress[address] >= a.maxPerAddress:
		return nil, liveblog.Errorf(liveblog.TooMany, "Too many live connections come from this address.")
	}
	a.total++
	a.byAddress[address]++
	return &Ticket{admission: a, address: address}, nil
}

// Release gives the place back; only the first call does something.
func (t *Ticket) Release() {
	if t == nil || t.released.Swap(true) {
		return
	}
	a := t.admission
	a.mu.Lock()
	defer a.mu.Unlock()
	a.total--
	if a.byAddress[t.address]--; a.byAddress[t.address] == 0 {
		delete(a.byAddress, t.address)
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
