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

// Pages sends pages that are rendered once and kept until what they show has changed. All rooms share one.
type Pages struct {
	store     liveblog.ReadStore
	log       *slog.Logger
	Pages     *pageCache
	Past      *pageCache    // of past moments
	pastTurns chan struct{} // one is in it for each such page that is being rendered
	standIn   atomic.Bool   // kept pages stand in for those of a store that is away, which matters only to the log
}

func NewPages(store liveblog.ReadStore, log *slog.Logger) *Pages {
	return &Pages{store: store, log: log, Pages: newPageCache(pageCacheBytes),
		Past: newPageCache(pastCacheBytes), pastTurns: make(chan struct{}, pastRenders)}
}

// StreamPage sends a page of one blog. Its version is the blog's cursor, the cheapest read of the store; the page
// read may be newer than that, and is kept as what it is.
func (k *Pages) StreamPage(c *fiber.Ctx, key PageKey, q liveblog.PageQuery, view func(liveblog.Page) templ.Component) error {
	return k.SendAtCursor(c, key, func(ctx context.Context) (Page, error) {
		p, err := k.store.Page(ctx, q)
		if err != nil {
			return Page{}, err
		}
		return RenderPage(ctx, p.Head.Blog.Cursor.String(), view(p))
	})
}

// SendAtCursor sends what belongs to one blog: its version is the blog's cursor.
func (k *Pages) SendAtCursor(c *fiber.Ctx, key PageKey, render func(context.Context) (Page, error)) error {
	ctx, cancel := Within(k.Freshness(key))
	defer cancel()
	cursor, err := k.store.Cursor(ctx, key.Slug)
	if err != nil {
		return k.SendStale(c, key, err)
	}
	return k.SendPage(c, key, cursor.String(), render)
}

// Freshness is how long a reader waits for the store to say whether the page is as it was: not long where there is a
// page to show meanwhile.
func (k *Pages) Freshness(key PageKey) time.Duration {
	if _, kept := k.Pages.last(key); kept {
		return FreshnessTimeout
	}
	return QueryTimeout
}

func (k *Pages) SendPage(c *fiber.Ctx, key PageKey, version string, render func(context.Context) (Page, error)) error {
	p, err := k.Pages.at(key, version, func(ctx context.Context) (Page, error) {
		p, err := render(ctx)
		if err == nil {
			p.Representation = p.Representation.compressed()
		}
		return p, err
	})
	if err != nil {
		return k.SendStale(c, key, err)
	}
	if k.standIn.Load() && k.standIn.CompareAndSwap(true, false) {
		k.log.Info("the store is back; pages are current again")
	}
	c.Set(fiber.HeaderCacheControl, CacheLive)
	return p.Send(c)
}

// SendStale answers with the page as it last was while the store is away, since readers would rather have that than
// an error; their connections bring what is missing.
func (k *Pages) SendStale(c *fiber.Ctx, key PageKey, err error) error {
	if liveblog.CodeOf(err) != liveblog.Unavailable {
		return err
	}
	p, ok := k.Pages.last(key)
	if !ok {
		return err
	}
	if k.standIn.CompareAndSwap(false, true) { // a line for each reader would bury the rest
		k.log.Warn("the store is away; kept pages stand in", "path", c.Path(), "error", err)
	}
	c.Set(fiber.HeaderCacheControl, "no-cache")
	return p.Send(c)
}

func RenderPage(ctx context.Context, version string, view templ.Component) (Page, error) {
	var b bytes.Buffer
	if err := view.Render(ctx, &b); err != nil {
		return Page{}, err
	}
	return Page{version, Represent(fiber.MIMETextHTMLCharsetUTF8, b.Bytes())}, nil
}

// SendUnkept answers with a page that is made for this answer only, and compressed once.
func SendUnkept(c *fiber.Ctx, cacheControl string, read func(context.Context) (Page, error)) error {
	ctx, cancel := Within(QueryTimeout)
	defer cancel()
	p, err := read(ctx)
	if err != nil {
		return err
	}
	return sendWeakly(c, cacheControl, p)
}

// sendWeakly sends a page whose forms share one weak tag. It is compressed in passing, unless it has been already.
func sendWeakly(c *fiber.Ctx, cacheControl string, p Page) error {
	c.Set(fiber.HeaderCacheControl, cacheControl)
	c.Set(fiber.HeaderContentType, p.contentType)
	tag := `W/"` + p.tag + `"` // weak, since it is that of all forms
	c.Set(fiber.HeaderETag, tag)
	c.Vary(fiber.HeaderAcceptEncoding)
	if NotModified(c, tag) {
		return nil
	}
	if p.gzip != nil && negotiate(HeaderList(c, fiber.HeaderAcceptEncoding), gzipCoding) == gzipCoding {
		c.Set(fiber.HeaderContentEncoding, string(gzipCoding))
		return c.Send(p.gzip)
	}
	return SendOnce(c, p.body)
}

// CachePast is for what was: it changes only where names of the setup do.
const CachePast = "public, max-age=60"

// Pages of past moments. There are as many as there are moments, since each says which one it is of, so they are kept apart
// from other pages and cannot drive those out. Their folds are shared: see [liveblog.ReadStore].
const (
	pastCacheBytes = 16 << 20
	pastRenders    = 2 // at once
)

// SendPast sends a page of a past moment. However many ask for it at once, it is rendered once; and of all such pages only
// a few are rendered at once, so that those who look back leave room for those who follow.
func (k *Pages) SendPast(c *fiber.Ctx, key PageKey, read func(context.Context) (Page, error)) error {
	ctx, cancel := Within(QueryTimeout)
	defer cancel()
	cursor, err := k.store.Cursor(ctx, key.Slug)
	if err != nil {
		return err
	}
	p, err := k.Past.at(key, cursor.String(), func(ctx context.Context) (Page, error) {
		select {
		case k.pastTurns <- struct{}{}:
			defer func() { <-k.pastTurns }()
		case <-ctx.Done():
			return Page{}, liveblog.Errorf(liveblog.Unavailable, "Too many people look back at this moment. Nothing is lost; try again in a few seconds.")
		}
		p, err := read(ctx)
		if err == nil {
			p.gzip = Quick(p.body)
		}
		return p, err
	})
	if err != nil {
		return err
	}
	return sendWeakly(c, CachePast, p)
}

// BlogsVersion names the state of everything that readers see on the site.
func BlogsVersion(blogs []liveblog.Blog, more ...any) string {
	sum := sha256.New()
	for _, b := range blogs {
		fmt.Fprintln(sum, b.Slug, b.Cursor, b.UpdatedAt.UnixMicro())
	}
	fmt.Fprintln(sum, more...)
	return string(sum.Sum(nil))
}
