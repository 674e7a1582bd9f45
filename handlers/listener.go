package handlers

import (
	"errors"
	"net"
	"sync"
	"syscall"
	"time"

	"readout/handlers/web"
)

// Waits of a listener.
const (
	firstAcceptWait = 5 * time.Millisecond // after an error; doubled with each further one
	lastAcceptWait  = time.Second
	roomWait        = time.Second // until it looks again for a connection that has grown old enough to be closed
)

// listener accepts connections as long as it is open: the server would end at the first error. It makes room for each
// connection, and leaves further clients in the kernel's queue while there is none.
type listener struct {
	net.Listener
	conns  *connections
	report func(kind, example string)

	once   sync.Once
	closed chan struct{}
}

func (cs *connections) listen(ln net.Listener, report func(kind, example string)) net.Listener {
	return &listener{Listener: ln, conns: cs, report: report, closed: make(chan struct{})}
}

// Accept returns the next connection. Its only error is that of a closed listener.
func (l *listener) Accept() (net.Conn, error) {
	for wait := firstAcceptWait; ; {
		conn, err := l.Listener.Accept()
		if err == nil {
			wait = firstAcceptWait
			if l.admit(conn) {
				return conn, nil
			}
			conn.Close()
			continue
		}
		if errors.Is(err, net.ErrClosed) || l.isClosed() {
			return nil, net.ErrClosed
		}
		l.report("connections could not be accepted", err.Error())
		if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
			l.conns.spare()
		}
		if !l.sleep(wait, nil) {
			return nil, net.ErrClosed
		}
		wait = min(2*wait, lastAcceptWait)
	}
}

// admit waits until there is room for a connection. It reports whether the connection may stay.
func (l *listener) admit(conn net.Conn) bool {
	for {
		switch l.conns.makeRoom(conn) {
		case admitted:
			return true
		case refused:
			l.report("connections were refused: their address has too many", web.LogAddress(web.PeerAddress(conn.RemoteAddr())))
			return false
		}
		l.report("connections wait: as many requests are at work as the limit of connections allows", "")
		if !l.sleep(roomWait, l.conns.freed) {
			return false
		}
	}
}

// sleep waits for a time or an event, and reports whether the listener is still open.
func (l *listener) sleep(d time.Duration, event <-chan struct{}) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-event:
	case <-l.closed:
	}
	return !l.isClosed()
}

func (l *listener) isClosed() bool {
	select {
	case <-l.closed:
		return true
	default:
		return false
	}
}

// Close closes the listener and ends a wait of Accept.
func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}
