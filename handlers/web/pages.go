package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"readout/liveblog"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"
)

// Pages sends pages that are rendered once and cached until what they show changes. All handlers share one.
type Pages struct {
	store   liveblog.ReadStore
	log     *slog.Logger
	Current *pageCache // pages that show the present
	Past    *pageCache // pages that show a past moment
	// pastSlots is a semaphore: one slot for each page of a past moment that is being rendered.
	pastSlots chan struct{}
	// stale is set while cached pages are sent because the store is unavailable. Only the log uses it.
	stale atomic.Bool
}

// NewPages returns empty caches in front of a store.
func NewPages(store liveblog.ReadStore, log *slog.Logger) *Pages {
	return &Pages{store: store, log: log, Current: newPageCache(pageCacheBytes),
		Past: newPageCache(pastCacheBytes), pastSlots: make(chan struct{}, pastRenders)}
}

// Forget drops all cached pages, since texts that they show were purged. It returns how many there were.
func (k *Pages) Forget() int { return k.Current.forget() + k.Past.forget() }

// SendBlogPage sends a page of one blog, from the cache if the blog's cursor, the cheapest read of the store, has not
// moved since. The page that the query returns may be newer than that cursor, and is cached under its own.
func (k *Pages) SendBlogPage(c *fiber.Ctx, key PageKey, q liveblog.PageQuery,
	view func(liveblog.Page) templ.Component) error {
	return k.SendAtCursor(c, key, func(ctx context.Context) (Page, error) {
		p, err := k.store.Page(ctx, q)
		if err != nil {
			return Page{}, err
		}
		return RenderPage(ctx, p.Head.Blog.Cursor.String(), view(p))
	})
}

// SendAtCursor sends a page whose version is its blog's cursor. It calls render if the cache does not have that
// version.
func (k *Pages) SendAtCursor(c *fiber.Ctx, key PageKey, render func(context.Context) (Page, error)) error {
	ctx, cancel := Within(k.StoreTimeout(key))
	defer cancel()
	cursor, err := k.store.Cursor(ctx, key.Slug)
	if err != nil {
		return k.SendStale(c, key, err)
	}
	return k.SendPage(c, key, cursor.String(), render)
}

// StoreTimeout returns how long to wait for the store to tell a page's current version: less if there is a cached
// page to send instead.
func (k *Pages) StoreTimeout(key PageKey) time.Duration {
	if _, ok := k.Current.latest(key); ok {
		return FreshnessTimeout
	}
	return QueryTimeout
}

// SendPage sends a page at a version, which is any text that changes with what the page shows. It calls render if the
// cache does not have that version.
func (k *Pages) SendPage(c *fiber.Ctx, key PageKey, version string, render func(context.Context) (Page, error)) error {
	p, err := k.Current.get(key, version, func(ctx context.Context) (Page, error) {
		p, err := render(ctx)
		if err == nil {
			p.Representation = p.Representation.compressed()
		}
		return p, err
	})
	if err != nil {
		return k.SendStale(c, key, err)
	}
	if k.stale.Load() && k.stale.CompareAndSwap(true, false) {
		k.log.Info("the store is available again; pages are current")
	}
	c.Set(fiber.HeaderCacheControl, CacheLive)
	return p.Send(c)
}

// SendStale handles an error of the store. While the store is unavailable it sends the cached page, whatever its
// version, since a stale page is better for readers than an error, and their live connections bring what is missing.
// It returns any other error, and the error given if no page is cached.
func (k *Pages) SendStale(c *fiber.Ctx, key PageKey, err error) error {
	if liveblog.CodeOf(err) != liveblog.Unavailable {
		return err
	}
	p, ok := k.Current.latest(key)
	if !ok {
		return err
	}
	if k.stale.CompareAndSwap(false, true) { // log the outage once, not once per reader
		k.log.Warn("the store is unavailable; sending cached pages", "path", c.Path(), "error", err)
	}
	c.Set(fiber.HeaderCacheControl, "no-cache")
	return p.Send(c)
}

// RenderPage renders a component as an HTML page at a version.
func RenderPage(ctx context.Context, version string, view templ.Component) (Page, error) {
	var b bytes.Buffer
	if err := view.Render(ctx, &b); err != nil {
		return Page{}, err
	}
	return Page{version, NewRepresentation(fiber.MIMETextHTMLCharsetUTF8, b.Bytes())}, nil
}

// SendUncached sends a page that is rendered for this answer only.
func SendUncached(c *fiber.Ctx, cacheControl string, read func(context.Context) (Page, error)) error {
	ctx, cancel := Within(QueryTimeout)
	defer cancel()
	p, err := read(ctx)
	if err != nil {
		return err
	}
	return sendWeaklyTagged(c, cacheControl, p)
}

// sendWeaklyTagged sends a page with one weak ETag for its plain and its compressed form. It compresses the page now,
// unless that has been done.
func sendWeaklyTagged(c *fiber.Ctx, cacheControl string, p Page) error {
	c.Set(fiber.HeaderCacheControl, cacheControl)
	c.Set(fiber.HeaderContentType, p.contentType)
	tag := `W/"` + p.tag + `"`
	c.Set(fiber.HeaderETag, tag)
	c.Vary(fiber.HeaderAcceptEncoding)
	if NotModified(c, tag) {
		return nil
	}
	if p.gzip != nil && negotiate(c.Get(fiber.HeaderAcceptEncoding), gzipCoding) == gzipCoding {
		c.Set(fiber.HeaderContentEncoding, string(gzipCoding))
		return c.Send(p.gzip)
	}
	return SendOnce(c, p.body)
}

// CachePast is the Cache-Control of pages of past moments. They change only if the setup renames something that they
// show.
const CachePast = "public, max-age=60"

// Pages of past moments have a cache of their own, so that they cannot evict other pages: there are as many as there
// are moments. They share the folded talks; see [liveblog.ReadStore].
const (
	pastCacheBytes = 16 << 20
	pastRenders    = 2 // at the same time
)

// SendPast sends a page of a past moment. Concurrent requests for one page share a rendering, and only a few such
// pages are rendered at the same time, so that readers who look back leave room for those who follow the blog live.
// It fails with [liveblog.Unavailable] if there is no slot in time.
func (k *Pages) SendPast(c *fiber.Ctx, key PageKey, read func(context.Context) (Page, error)) error {
	ctx, cancel := Within(QueryTimeout)
	defer cancel()
	cursor, err := k.store.Cursor(ctx, key.Slug)
	if err != nil {
		return err
	}
	p, err := k.Past.get(key, cursor.String(), func(ctx context.Context) (Page, error) {
		select {
		case k.pastSlots <- struct{}{}:
			defer func() { <-k.pastSlots }()
		case <-ctx.Done():
			return Page{}, liveblog.Errorf(liveblog.Unavailable,
				"Too many people are opening pages of past moments. Nothing is lost; try again in a few seconds.")
		}
		p, err := read(ctx)
		if err == nil {
			p.gzip = GzipFast(p.body)
		}
		return p, err
	})
	if err != nil {
		return err
	}
	return sendWeaklyTagged(c, CachePast, p)
}

// BlogsVersion returns a version for pages that show all blogs: it changes with any blog, and with any of the other
// values given.
func BlogsVersion(blogs []liveblog.Blog, others ...any) string {
	sum := sha256.New()
	for _, b := range blogs {
		fmt.Fprintln(sum, b.Slug, b.Cursor, b.UpdatedAt.UnixMicro())
	}
	fmt.Fprintln(sum, others...)
	return string(sum.Sum(nil))
}
