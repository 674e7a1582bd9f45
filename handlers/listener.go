package handlers

import (
	"errors"
	"net"
	"sync"
	"syscall"
	"time"

	"readout/handlers/web"
)

// How long a listener waits.
const (
	firstAcceptWait = 5 * time.Millisecond // backoff after an error of Accept; doubles with each further one
	lastAcceptWait  = time.Second
	roomWait        = time.Second // before it checks again whether a connection may be closed
)

// listener accepts connections until it is closed, whatever errors Accept returns; the HTTP server would stop at the
// first one. It makes room for each new connection, and while there is none leaves further clients in the kernel's
// backlog.
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

// Accept returns the next connection. It only fails once the listener is closed.
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
			l.conns.closeOne()
		}
		if !l.sleep(wait, nil) {
			return nil, net.ErrClosed
		}
		wait = min(2*wait, lastAcceptWait)
	}
}

// admit waits until there is room for a connection. It reports whether the connection was admitted.
func (l *listener) admit(conn net.Conn) bool {
	for {
		switch l.conns.makeRoom(conn) {
		case admitted:
			return true
		case refused:
			l.report("connections were refused: too many from one address",
				web.LogAddress(web.PeerAddress(conn.RemoteAddr())))
			return false
		}
		l.report("new connections wait: all connections within the limit are handling requests", "")
		if !l.sleep(roomWait, l.conns.freed) {
			return false
		}
	}
}

// sleep waits for a duration or an event, and reports whether the listener is still open.
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

// Close closes the listener. A waiting Accept returns.
func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}
