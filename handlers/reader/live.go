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

// Reading is public and knows no cookie, so the three ways to follow a blog take every origin: what a foreign page
// could make a browser read here, its server could read as well.

// Live serves the three ways to follow a blog.
type Live struct {
	*web.Gate
	Store     liveblog.ReadStore
	Hub       *realtime.Hub
	Log       *slog.Logger
	Pending   pendingTickets
	toldProxy sync.Once
	toldShare sync.Once
}

// ConnState gives back the ticket of a connection that the server has given up.
func (l *Live) ConnState(conn net.Conn, state fasthttp.ConnState) {
	l.Pending.connState(conn, state)
}

// Socket upgrades to a WebSocket and hands the connection to the hub. Whatever can be refused is refused before
// the upgrade, where there is still an answer to give.
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
	web.AllowAnyOrigin(c)
	// A proxy that compresses would hold events back until it has enough of them.
	c.Set(fiber.HeaderCacheControl, "no-store, no-transform")
	c.Set(fiber.HeaderContentType, "text/event-stream; charset=utf-8")
	c.Set("X-Accel-Buffering", "no")
	if c.Method() == fiber.MethodHead {
		return nil
	}
	return l.stream(c, join)
}

// Changes answers a poll.
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
	web.AllowAnyOrigin(c)
	c.Set(fiber.HeaderAccessControlExposeHeaders, fiber.HeaderETag)
	c.Set(fiber.HeaderCacheControl, web.CachePoll)
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	// Weak, since the same changes may come one by one or gathered, and compressed or not.
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

// join reads what a client asks for, and sees that there is such a blog.
func (l *Live) join(c *fiber.Ctx, protocol realtime.Protocol) (realtime.Join, error) {
	j := realtime.Join{Slug: c.Params("slug"), Protocol: protocol}
	place := c.Query("after")
	// A browser that comes back says by the header where it was; the address is still the one it began with.
	if last := c.Get("Last-Event-ID"); last != "" && protocol == realtime.EventStream {
		place = last
	}
	var err error
	if j.After, err = cursorParam(place); err != nil {
		return j, err
	}
	if j.Format, err = formatParam(c); err != nil {
		return j, err
	}
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	return j, l.exists(ctx, j.Slug)
}

// exists fails where there is no such blog. Only then is the hub asked for it, which subscribes before it looks.
func (l *Live) exists(ctx context.Context, slug string) error {
	if l.Hub.Follows(slug) {
		return nil // readers who come back all at once, or while the store is away, do not ask it
	}
	_, err := l.Store.Cursor(ctx, slug)
	return err
}

// cursorParam reads a cursor; an empty one means "from now on".
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
	return 0, liveblog.FieldErrorf(liveblog.Malformed, "format", "The format is html or json.")
}
