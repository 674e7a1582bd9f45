package reader

import (
	"context"
	"log/slog"
	"net"
	"sync"

	"readout/handlers/web"
	"readout/liveblog"
	"readout/realtime"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// Reading is public and needs no cookie, so the three ways to follow a blog accept every origin: whatever a foreign
// page could make a browser read here, its server could read as well.

// Live serves the three ways to follow a blog: WebSocket, event stream and poll.
type Live struct {
	*web.Gate
	Store        liveblog.ReadStore
	Hub          *realtime.Hub
	Log          *slog.Logger
	Pending      pendingTickets
	proxyWarning sync.Once
	shareWarning sync.Once
}

// ConnState is a hook of the server. It releases the ticket of a connection that closes before the hub has taken it
// over.
func (l *Live) ConnState(conn net.Conn, state fasthttp.ConnState) {
	l.Pending.connState(conn, state)
}

// Socket upgrades to a WebSocket and hands the connection to the hub. It checks everything that can be refused before
// the upgrade, while it can still answer with an error.
func (l *Live) Socket(c *fiber.Ctx) error {
	join, err := l.join(c, realtime.WebSocket)
	if err != nil {
		return err
	}
	deflate, err := checkHandshake(c)
	if err != nil {
		return err
	}
	return l.upgrade(c, join, deflate)
}

// Events answers with an event stream, which the hub writes.
func (l *Live) Events(c *fiber.Ctx) error {
	join, err := l.join(c, realtime.EventStream)
	if err != nil {
		return err
	}
	// A proxy that compresses would hold events back until it has filled a buffer.
	c.Set(fiber.HeaderCacheControl, "no-store, no-transform")
	c.Set(fiber.HeaderContentType, "text/event-stream; charset=utf-8")
	c.Set("X-Accel-Buffering", "no")
	if c.Method() == fiber.MethodHead {
		return nil
	}
	return l.stream(c, join)
}

// Changes answers a poll with the changes after a cursor.
func (l *Live) Changes(c *fiber.Ctx) error {
	after, err := cursorParam(c.Query("after"))
	if err != nil {
		return err
	}
	format, err := formatParam(c)
	if err != nil {
		return err
	}
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	slug := c.Params("slug")
	if err := l.exists(ctx, slug); err != nil {
		return err
	}
	body, cursor, err := l.Hub.Poll(ctx, slug, after, format)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, web.CachePoll)
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	// Weak, because the same changes may be listed one by one or merged, and compressed or not.
	tag := `W/"` + cursor.String() + `"`
	if format == realtime.JSON {
		tag = `W/"` + cursor.String() + `-json"`
	}
	c.Set(fiber.HeaderETag, tag)
	c.Vary(fiber.HeaderAcceptEncoding)
	if web.NotModified(c, tag) {
		return nil
	}
	return web.SendOnce(c, body)
}

// join reads the request's parameters and checks that the blog exists.
func (l *Live) join(c *fiber.Ctx, protocol realtime.Protocol) (realtime.Join, error) {
	j := realtime.Join{Slug: c.Params("slug"), Protocol: protocol}
	after := c.Query("after")
	// When a browser reconnects, the header has the last event that it received; the URL still has the cursor of the
	// first connection.
	if last := c.Get("Last-Event-ID"); last != "" && protocol == realtime.EventStream {
		after = last
	}
	var err error
	if j.After, err = cursorParam(after); err != nil {
		return j, err
	}
	if j.Format, err = formatParam(c); err != nil {
		return j, err
	}
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	return j, l.exists(ctx, j.Slug)
}

// exists fails if there is no such blog. It must run before the hub is asked for the blog: the hub subscribes before
// it reads the store, and made-up blogs must not cause subscriptions.
func (l *Live) exists(ctx context.Context, slug string) error {
	if l.Hub.Follows(slug) {
		return nil // reconnecting readers do not burden the store, nor need it
	}
	_, err := l.Store.Cursor(ctx, slug)
	return err
}

// cursorParam parses a cursor. An empty one is the zero cursor, which means "from now on".
func cursorParam(text string) (liveblog.Cursor, error) {
	if text == "" {
		return liveblog.Cursor{}, nil
	}
	return liveblog.ParseCursor(text)
}

func formatParam(c *fiber.Ctx) (realtime.Format, error) {
	switch c.Query("format") {
	case "", "html":
		return realtime.HTML, nil
	case "json":
		return realtime.JSON, nil
	}
	return 0, liveblog.FieldErrorf(liveblog.Malformed, "format", "“format” must be html or json.")
}
