package handlers

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

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
func (s *server) upgrade(c *fiber.Ctx, j realtime.Join) error {
	t := &takeover{join: j}
	if err := s.admit(c, t); err != nil {
		return err
	}
	c.Locals(takeoverKey, t)
	handshake := websocket.New(func(conn *websocket.Conn) {
		t := conn.Locals(takeoverKey).(*takeover)
		s.takeOver(conn.Conn.UnderlyingConn(), t)
	}, websocket.Config{ReadBufferSize: 256, WriteBufferSize: 256,
		EnableCompression: offersDeflate(headerList(c, "Sec-WebSocket-Extensions"))})
	if err := handshake(c); err != nil {
		s.pending.release(c.Context().Conn())
		return err
	}
	header := &c.Response().Header
	t.head = fmt.Appendf(nil, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n",
		header.Peek("Sec-WebSocket-Accept"))
	if extensions := header.Peek("Sec-WebSocket-Extensions"); len(extensions) > 0 {
		t.join.Protocol = realtime.WebSocketDeflate
		t.head = fmt.Appendf(t.head, "Sec-WebSocket-Extensions: %s\r\n", extensions)
	}
	t.head = append(t.head, "\r\n"...)
	c.Context().HijackSetNoResponse(true)
	return nil
}

// offersDeflate reports whether a client takes permessage-deflate as the hub does it, with the whole window. One
// that asks for a smaller window could not read it.
func offersDeflate(extensions string) bool {
	for offer := range strings.SplitSeq(extensions, ",") {
		name, params, _ := strings.Cut(offer, ";")
		if strings.TrimSpace(name) == "permessage-deflate" && !strings.Contains(params, "server_max_window_bits") {
			return true
		}
	}
	return false
}

// stream takes the connection over for an event stream. It never carries another request.
func (s *server) stream(c *fiber.Ctx, j realtime.Join) error {
	t := &takeover{join: j}
	if err := s.admit(c, t); err != nil {
		return err
	}
	t.head = fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nDate: %s\r\nContent-Type: text/event-stream; charset=utf-8\r\n"+
		"Cache-Control: no-store\r\nX-Accel-Buffering: no\r\nX-Content-Type-Options: nosniff\r\n"+
		"Access-Control-Allow-Origin: *\r\nConnection: close\r\n\r\n", time.Now().UTC().Format(http.TimeFormat))
	c.Context().HijackSetNoResponse(true)
	c.Context().Hijack(func(conn net.Conn) { s.takeOver(conn, t) })
	return nil
}

func (s *server) admit(c *fiber.Ctx, t *takeover) error {
	ticket, err := s.Hub.Admit(network(s.client(c)))
	if err != nil {
		return err
	}
	t.join.Ticket = ticket
	s.pending.add(c.Context().Conn(), ticket)
	return nil
}

// takeOver runs outside every middleware, on a goroutine of its own: a panic here would end the process.
func (s *server) takeOver(hijacked net.Conn, t *takeover) {
	// The hijacked connection reads through the server's buffer; the one below it is the real one, TCP or TLS.
	raw := hijacked
	if h, ok := hijacked.(interface{ UnsafeConn() net.Conn }); ok {
		raw = h.UnsafeConn()
	}
	s.pending.forget(raw)
	defer func() {
		if p := recover(); p != nil {
			raw.Close()
			t.join.Ticket.Release()
			s.Log.Error("a live connection failed", "blog", t.join.Slug, "error", fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	if err := s.greet(hijacked, raw, t); err != nil {
		raw.Close()
		t.join.Ticket.Release()
		return // the client has gone; there is nobody to tell
	}
	ctx, cancel := within(queryTimeout)
	defer cancel()
	err := s.Hub.Attach(ctx, raw, t.join)
	if err != nil && s.budget.allow(slog.LevelWarn, "live connections that could not begin", refusedLines, err.Error) {
		s.Log.Warn("a live connection could not begin", "blog", t.join.Slug, "error", err)
	}
}

// greet takes what the client has sent already and writes the head of the answer.
func (s *server) greet(hijacked, raw net.Conn, t *takeover) error {
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
const maxEarly = 2*maxRequestHeader + 16<<10

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
