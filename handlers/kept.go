package handlers

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

// keptPages sends pages that are rendered once and kept until what they show has changed. All rooms share one.
type keptPages struct {
	store     liveblog.ReadStore
	log       *slog.Logger
	pages     *pageCache
	past      *pageCache    // of past moments
	pastTurns chan struct{} // one is in it for each such page that is being rendered
	standIn   atomic.Bool   // kept pages stand in for those of a store that is away, which matters only to the log
}

func newKeptPages(store liveblog.ReadStore, log *slog.Logger) *keptPages {
	return &keptPages{store: store, log: log, pages: newPageCache(pageCacheBytes),
		past: newPageCache(pastCacheBytes), pastTurns: make(chan struct{}, pastRenders)}
}

// streamPage sends a page of one blog. Its version is the blog's cursor, the cheapest read of the store; the page
// read may be newer than that, and is kept as what it is.
func (k *keptPages) streamPage(c *fiber.Ctx, key pageKey, q liveblog.PageQuery, view func(liveblog.Page) templ.Component) error {
	return k.sendAtCursor(c, key, func(ctx context.Context) (page, error) {
		p, err := k.store.Page(ctx, q)
		if err != nil {
			return page{}, err
		}
		return renderPage(ctx, p.Head.Blog.Cursor.String(), view(p))
	})
}

// sendAtCursor sends what belongs to one blog: its version is the blog's cursor.
func (k *keptPages) sendAtCursor(c *fiber.Ctx, key pageKey, render func(context.Context) (page, error)) error {
	ctx, cancel := within(k.freshness(key))
	defer cancel()
	cursor, err := k.store.Cursor(ctx, key.slug)
	if err != nil {
		return k.sendStale(c, key, err)
	}
	return k.sendPage(c, key, cursor.String(), render)
}

// freshness is how long a reader waits for the store to say whether the page is as it was: not long where there is a
// page to show meanwhile.
func (k *keptPages) freshness(key pageKey) time.Duration {
	if _, kept := k.pages.last(key); kept {
		return freshnessTimeout
	}
	return queryTimeout
}

func (k *keptPages) sendPage(c *fiber.Ctx, key pageKey, version string, render func(context.Context) (page, error)) error {
	p, err := k.pages.at(key, version, func(ctx context.Context) (page, error) {
		p, err := render(ctx)
		if err == nil {
			p.representation = p.representation.compressed()
		}
		return p, err
	})
	if err != nil {
		return k.sendStale(c, key, err)
	}
	if k.standIn.Load() && k.standIn.CompareAndSwap(true, false) {
		k.log.Info("the store is back; pages are current again")
	}
	c.Set(fiber.HeaderCacheControl, cacheLive)
	return p.send(c)
}

// sendStale answers with the page as it last was while the store is away, since readers would rather have that than
// an error; their connections bring what is missing.
func (k *keptPages) sendStale(c *fiber.Ctx, key pageKey, err error) error {
	if liveblog.CodeOf(err) != liveblog.Unavailable {
		return err
	}
	p, ok := k.pages.last(key)
	if !ok {
		return err
	}
	if k.standIn.CompareAndSwap(false, true) { // a line for each reader would bury the rest
		k.log.Warn("the store is away; kept pages stand in", "path", c.Path(), "error", err)
	}
	c.Set(fiber.HeaderCacheControl, "no-cache")
	return p.send(c)
}

func renderPage(ctx context.Context, version string, view templ.Component) (page, error) {
	var b bytes.Buffer
	if err := view.Render(ctx, &b); err != nil {
		return page{}, err
	}
	return page{version, represent(fiber.MIMETextHTMLCharsetUTF8, b.Bytes())}, nil
}

// sendUnkept answers with a page that is made for this answer only, and compressed once.
func sendUnkept(c *fiber.Ctx, cacheControl string, read func(context.Context) (page, error)) error {
	ctx, cancel := within(queryTimeout)
	defer cancel()
	p, err := read(ctx)
	if err != nil {
		return err
	}
	return sendWeakly(c, cacheControl, p)
}

// sendWeakly sends a page whose forms share one weak tag. It is compressed in passing, unless it has been already.
func sendWeakly(c *fiber.Ctx, cacheControl string, p page) error {
	c.Set(fiber.HeaderCacheControl, cacheControl)
	c.Set(fiber.HeaderContentType, p.contentType)
	tag := `W/"` + p.tag + `"` // weak, since it is that of all forms
	c.Set(fiber.HeaderETag, tag)
	c.Vary(fiber.HeaderAcceptEncoding)
	if notModified(c, tag) {
		return nil
	}
	if p.gzip != nil && negotiate(headerList(c, fiber.HeaderAcceptEncoding), gzipCoding) == gzipCoding {
		c.Set(fiber.HeaderContentEncoding, string(gzipCoding))
		return c.Send(p.gzip)
	}
	return sendOnce(c, p.body)
}

// cachePast is for what was: it changes only where names of the setup do.
const cachePast = "public, max-age=60"

// Pages of past moments. There are as many as there are moments, since each says which one it is of, so they are kept apart
// from other pages and cannot drive those out. Their folds are shared: see [liveblog.ReadStore].
const (
	pastCacheBytes = 16 << 20
	pastRenders    = 2 // at once
)

// sendPast sends a page of a past moment. However many ask for it at once, it is rendered once; and of all such pages only
// a few are rendered at once, so that those who look back leave room for those who follow.
func (k *keptPages) sendPast(c *fiber.Ctx, key pageKey, read func(context.Context) (page, error)) error {
	ctx, cancel := within(queryTimeout)
	defer cancel()
	cursor, err := k.store.Cursor(ctx, key.slug)
	if err != nil {
		return err
	}
	p, err := k.past.at(key, cursor.String(), func(ctx context.Context) (page, error) {
		select {
		case k.pastTurns <- struct{}{}:
			defer func() { <-k.pastTurns }()
		case <-ctx.Done():
			return page{}, liveblog.Errorf(liveblog.Unavailable, "Too many people look back at this moment. Nothing is lost; try again in a few seconds.")
		}
		p, err := read(ctx)
		if err == nil {
			p.gzip = quick(p.body)
		}
		return p, err
	})
	if err != nil {
		return err
	}
	return sendWeakly(c, cachePast, p)
}

// blogsVersion names the state of everything that readers see on the site.
func blogsVersion(blogs []liveblog.Blog, more ...any) string {
	sum := sha256.New()
	for _, b := range blogs {
		fmt.Fprintln(sum, b.Slug, b.Cursor, b.UpdatedAt.UnixMicro())
	}
	fmt.Fprintln(sum, more...)
	return string(sum.Sum(nil))
}
