package reader

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"readout/handlers/web"
	"readout/realtime"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/websocket/v2"
	"github.com/valyala/fasthttp"
)

// headTimeout is how long a client may take to accept the few bytes that end its handshake.
const headTimeout = 10 * time.Second

// takeover is a connection on its way from HTTP to the hub.
type takeover struct {
	join realtime.Join
	head []byte // what the client gets before the hub writes
}

// takeoverKey is the local under which the WebSocket handshake carries its takeover.
const takeoverKey = "takeover"

// upgrade leaves the handshake to the WebSocket library and takes the connection from it. The library's own
// connection goes back to its pool when the handler returns, so nothing of it is kept. The answer is written in the
// handler as well: the server would skip the handler, and the ticket would be lost, where its own write fails.
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

// head returns the head of an answer that does not go through the server: every header that was set for the request, as
// any other answer has them, so that none is forgotten here.
func head(c *fiber.Ctx, status, connection string) []byte {
	b := fmt.Appendf(nil, "HTTP/1.1 %s\r\nDate: %s\r\nConnection: %s\r\n", status, time.Now().UTC().Format(http.TimeFormat), connection)
	for name, value := range c.Response().Header.All() {
		switch string(name) {
		case fiber.HeaderContentType:
			if connection == fiber.HeaderUpgrade {
				continue // there is no content; the type is the framework's default
			}
			b = fmt.Appendf(b, "%s: %s\r\n", name, value)
		case fiber.HeaderConnection, fiber.HeaderContentLength, fiber.HeaderTransferEncoding, fiber.HeaderDate, fiber.HeaderServer:
		default:
			b = fmt.Appendf(b, "%s: %s\r\n", name, value)
		}
	}
	return append(b, "\r\n"...)
}

// stream takes the connection over for an event stream. It never carries another request.
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

func (l *Live) admit(c *fiber.Ctx, t *takeover) error {
	from := l.Client(c)
	l.noticeProxy(from, web.HeaderList(c, fiber.HeaderXForwardedFor))
	ticket, err := l.Hub.Admit(from)
	if errors.Is(err, realtime.ErrShare) {
		l.noticeShare(from)
	}
	if err != nil {
		return err
	}
	t.join.Ticket = ticket
	l.Pending.add(c.Context().Conn(), ticket)
	return nil
}

// takeOver runs outside every middleware, on a goroutine of its own: a panic here would end the process.
func (l *Live) takeOver(hijacked net.Conn, t *takeover) {
	// The hijacked connection reads through the server's buffer; the one below it is the real one, TCP or TLS.
	raw := hijacked
	if h, ok := hijacked.(interface{ UnsafeConn() net.Conn }); ok {
		raw = h.UnsafeConn()
	}
	l.Pending.forget(raw)
	defer func() {
		if p := recover(); p != nil {
			raw.Close()
			t.join.Ticket.Release()
			l.Log.Error("a live connection failed", "blog", t.join.Slug, "error", fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	if err := l.greet(hijacked, raw, t); err != nil {
		raw.Close()
		t.join.Ticket.Release()
		return // the client has gone; there is nobody to tell
	}
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	err := l.Hub.Attach(ctx, raw, t.join)
	if err != nil && l.LogBudget.Allow(slog.LevelWarn, "live connections that could not begin", web.RefusedLines, err.Error) {
		l.Log.Warn("a live connection could not begin", "blog", t.join.Slug, "error", err)
	}
}

// greet takes what the client has sent already and writes the head of the answer.
func (l *Live) greet(hijacked, raw net.Conn, t *takeover) error {
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

// maxEarly is more than the server's buffer and a TLS record hold together, in bytes.
const maxEarly = 2*web.MaxRequestHeader + 16<<10

// readEarly returns the bytes that came with the request and lie in buffers: a client may speak as soon as it has
// asked. With a deadline that has passed, a read gives what is buffered and never waits for the network.
func readEarly(hijacked, raw net.Conn) ([]byte, error) {
	if err := raw.SetReadDeadline(time.Unix(1, 0)); err != nil {
		return nil, err
	}
	var early []byte
	for buf := make([]byte, 512); ; {
		n, err := hijacked.Read(buf)
		early = append(early, buf[:n]...)
		if err != nil {
			return early, nil // of the deadline, or one that the hub will meet as well
		}
		if len(early) > maxEarly {
			return nil, errors.New("the client sent too much before its handshake was answered")
		}
	}
}

// pendingTickets are the tickets of requests whose connection has not been taken over yet. Where the server gives a
// connection up in between, as when an answer before this one cannot be written, the ticket goes back; else a client
// that pipelines and hangs up would use up all places. The zero value is ready.
type pendingTickets struct{ byConn sync.Map }

func (p *pendingTickets) add(conn net.Conn, t *realtime.Ticket) { p.byConn.Store(conn, t) }

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
