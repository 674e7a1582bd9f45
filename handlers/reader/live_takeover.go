package reader

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"
	"sync"
	"time"

	"readout/handlers/web"
	"readout/realtime"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/websocket/v2"
	"github.com/valyala/fasthttp"
)

// headTimeout is how long a client may take to receive the head of the answer.
const headTimeout = 10 * time.Second

// takeover is a connection that goes from the HTTP server to the hub.
type takeover struct {
	join realtime.Join
	head []byte // the head of the answer, sent before the hub writes
}

// takeoverKey is the Fiber local that carries the takeover through the WebSocket handshake.
const takeoverKey = "takeover"

// upgrade lets the WebSocket library do the handshake and takes the network connection from it. The library returns
// its own connection object to a pool when the callback returns, so nothing of that is kept.
//
// The head of the answer is written by takeOver, not by the server: if the server's own write failed, it would skip
// the callback, and the ticket would leak.
func (l *Live) upgrade(c *fiber.Ctx, j realtime.Join, deflate bool) error {
	t := &takeover{join: j}
	if err := l.admit(c, t); err != nil {
		return err
	}
	c.Locals(takeoverKey, t)
	handshake := websocket.New(func(conn *websocket.Conn) {
		t := conn.Locals(takeoverKey).(*takeover)
		l.takeOver(conn.Conn.UnderlyingConn(), t)
	}, websocket.Config{ReadBufferSize: 256, WriteBufferSize: 256,
		EnableCompression: deflate})
	if err := handshake(c); err != nil {
		l.Pending.release(c.Context().Conn())
		return err
	}
	if len(c.Response().Header.Peek("Sec-WebSocket-Extensions")) > 0 {
		t.join.Protocol = realtime.WebSocketDeflate
	}
	t.head = head(c, "101 Switching Protocols", "Upgrade")
	c.Context().HijackSetNoResponse(true)
	return nil
}

// head returns the head of an answer that bypasses the server. It copies every header that was set for the request,
// so that such answers have the same headers as others.
func head(c *fiber.Ctx, status, connection string) []byte {
	b := fmt.Appendf(nil, "HTTP/1.1 %s\r\nConnection: %s\r\n", status, connection)
	for name, value := range c.Response().Header.All() {
		switch string(name) {
		case fiber.HeaderContentType:
			if connection == fiber.HeaderUpgrade {
				continue // the framework's default; a 101 has no content
			}
			b = fmt.Appendf(b, "%s: %s\r\n", name, value)
		case fiber.HeaderConnection, fiber.HeaderContentLength, fiber.HeaderTransferEncoding, fiber.HeaderServer:
		default:
			b = fmt.Appendf(b, "%s: %s\r\n", name, value)
		}
	}
	return append(b, "\r\n"...)
}

// stream takes over the connection for an event stream. The connection never carries another request.
func (l *Live) stream(c *fiber.Ctx, j realtime.Join) error {
	t := &takeover{join: j}
	if err := l.admit(c, t); err != nil {
		return err
	}
	t.head = head(c, "200 OK", "close")
	c.Context().HijackSetNoResponse(true)
	c.Context().Hijack(func(conn net.Conn) { l.takeOver(conn, t) })
	return nil
}

// admit gets a ticket of the hub for the request's connection.
func (l *Live) admit(c *fiber.Ctx, t *takeover) error {
	from := l.Client(c)
	l.warnAboutProxy(from, c.Get(fiber.HeaderXForwardedFor))
	ticket, err := l.Hub.Admit(from)
	if errors.Is(err, realtime.ErrShare) {
		l.warnAboutShare(from)
	}
	if err != nil {
		return err
	}
	t.join.Ticket = ticket
	l.Pending.add(c.Context().Conn(), ticket)
	return nil
}

// takeOver sends the head of the answer and hands the connection to the hub. It runs on its own goroutine, outside
// every middleware, so it recovers from panics itself.
func (l *Live) takeOver(hijacked net.Conn, t *takeover) {
	// The hijacked connection reads through the server's buffer. Below it is the real one, TCP or TLS.
	raw := hijacked
	if h, ok := hijacked.(interface{ UnsafeConn() net.Conn }); ok {
		raw = h.UnsafeConn()
	}
	l.Pending.forget(raw)
	defer func() {
		if p := recover(); p != nil {
			raw.Close()
			t.join.Ticket.Release()
			l.Log.Error("a live connection failed", "blog", t.join.Slug, "error",
				fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	if err := l.sendHead(hijacked, raw, t); err != nil {
		raw.Close()
		t.join.Ticket.Release()
		return // the client has closed the connection
	}
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	err := l.Hub.Attach(ctx, raw, t.join)
	if err != nil && l.LogBudget.Allow(slog.LevelWarn, "live connections that could not start", web.RefusedLines,
		err.Error) {
		l.Log.Warn("a live connection could not start", "blog", t.join.Slug, "error", err)
	}
}

// sendHead collects what the client has already sent and writes the head of the answer.
func (l *Live) sendHead(hijacked, raw net.Conn, t *takeover) error {
	early, err := readEarly(hijacked, raw)
	if err != nil {
		return err
	}
	if t.join.Protocol != realtime.EventStream {
		t.join.Early = early
	}
	if err := raw.SetDeadline(time.Now().Add(headTimeout)); err != nil {
		return err
	}
	if _, err := raw.Write(t.head); err != nil {
		return err
	}
	return raw.SetDeadline(time.Time{})
}

// maxEarly is the size in bytes of the server's read buffers and a TLS record together, with room to spare.
const maxEarly = 2*web.MaxRequestHeader + 16<<10

// readEarly returns the bytes that arrived with the request and are still buffered: a client may send frames right
// after its handshake. It reads with a deadline in the past, which returns what is buffered and never waits for the
// network.
func readEarly(hijacked, raw net.Conn) ([]byte, error) {
	if err := raw.SetReadDeadline(time.Unix(1, 0)); err != nil {
		return nil, err
	}
	var early []byte
	for buf := make([]byte, 512); ; {
		n, err := hijacked.Read(buf)
		early = append(early, buf[:n]...)
		if err != nil {
			return early, nil // the deadline, or an error that the hub will get as well
		}
		if len(early) > maxEarly {
			return nil, errors.New("the client sent too much before the answer to its handshake")
		}
	}
}

// pendingTickets holds the tickets of requests whose connection has not been taken over yet. If the server closes a
// connection before that, for example because an earlier answer on it cannot be written, the ticket is released;
// otherwise clients that pipeline requests and hang up would use up all tickets. The zero value is ready to use, and
// safe for concurrent use.
type pendingTickets struct{ byConn sync.Map }

func (p *pendingTickets) add(conn net.Conn, t *realtime.Ticket) { p.byConn.Store(conn, t) }

// Count returns how many tickets are pending.
func (p *pendingTickets) Count() (n int) {
	p.byConn.Range(func(any, any) bool { n++; return true })
	return n
}

func (p *pendingTickets) forget(conn net.Conn) { p.byConn.Delete(conn) }

func (p *pendingTickets) release(conn net.Conn) {
	if t, ok := p.byConn.LoadAndDelete(conn); ok {
		t.(*realtime.Ticket).Release()
	}
}

func (p *pendingTickets) connState(conn net.Conn, state fasthttp.ConnState) {
	if state == fasthttp.StateClosed {
		p.release(conn)
	}
}
