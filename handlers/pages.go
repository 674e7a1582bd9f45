package handlers

import (
	"bytes"
	"context"
	"strconv"
	"time"

	"readout/liveblog"
	"readout/views"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"
)

// How many entries a page shows.
const (
	pageEntries  = 20
	embedEntries = 10
)

func (s *server) frontPage(c *fiber.Ctx) error {
	key := pageKey{kind: frontKind}
	ctx, cancel := within(s.freshness(key))
	defer cancel()
	blogs, err := s.Store.Blogs(ctx)
	if err != nil {
		return s.sendStale(c, key, err)
	}
	version := blogsVersion(blogs)
	return s.sendPage(c, key, version, func(ctx context.Context) (page, error) {
		return s.render(ctx, version, views.Front(views.FrontPage{Site: s.Site, Blogs: blogs}))
	})
}

func (s *server) entryPage(c *fiber.Ctx) error {
	number, err := pathNumber(c)
	if err != nil {
		return err
	}
	q := liveblog.PageQuery{Slug: c.Params("slug"), Number: number, Limit: 1}
	return s.streamPage(c, pageKey{kind: entryKind, slug: q.Slug, number: number}, q, func(p liveblog.Page) templ.Component {
		return views.Entry(views.EntryPage{Site: s.Site, Page: p})
	})
}

func (s *server) embedPage(c *fiber.Ctx) error {
	q := liveblog.PageQuery{Slug: c.Params("slug"), Limit: embedEntries}
	return s.streamPage(c, pageKey{kind: embedKind, slug: q.Slug}, q, func(p liveblog.Page) templ.Component {
		return views.Embed(views.EmbedPage{Site: s.Site, Page: p})
	})
}

// streamPage sends a page of one blog. Its version is the blog's cursor, the cheapest read of the store; the page
// read may be newer than that, and is kept as what it is.
func (s *server) streamPage(c *fiber.Ctx, key pageKey, q liveblog.PageQuery, view func(liveblog.Page) templ.Component) error {
	return s.sendAtCursor(c, key, func(ctx context.Context) (page, error) {
		p, err := s.Store.Page(ctx, q)
		if err != nil {
			return page{}, err
		}
		return s.render(ctx, p.Head.Blog.Cursor.String(), view(p))
	})
}

// sendAtCursor sends what belongs to one blog: its version is the blog's cursor.
func (s *server) sendAtCursor(c *fiber.Ctx, key pageKey, render func(context.Context) (page, error)) error {
	ctx, cancel := within(s.freshness(key))
	defer cancel()
	cursor, err := s.Store.Cursor(ctx, key.slug)
	if err != nil {
		return s.sendStale(c, key, err)
	}
	return s.sendPage(c, key, cursor.String(), render)
}

// freshness is how long a reader waits for the store to say whether the page is as it was: not long where there is a
// page to show meanwhile.
func (s *server) freshness(key pageKey) time.Duration {
	if _, kept := s.pages.last(key); kept {
		return freshnessTimeout
	}
	return queryTimeout
}

func (s *server) sendPage(c *fiber.Ctx, key pageKey, version string, render func(context.Context) (page, error)) error {
	p, err := s.pages.at(key, version, func(ctx context.Context) (page, error) {
		p, err := render(ctx)
		if err == nil {
			p.representation = s.compressed(p.representation)
		}
		return p, err
	})
	if err != nil {
		return s.sendStale(c, key, err)
	}
	if s.standIn.Load() && s.standIn.CompareAndSwap(true, false) {
		s.Log.Info("the store is back; pages are current again")
	}
	c.Set(fiber.HeaderCacheControl, cacheLive)
	return p.send(c)
}

// sendStale answers with the page as it last was while the store is away, since readers would rather have that than
// an error; their connections bring what is missing.
func (s *server) sendStale(c *fiber.Ctx, key pageKey, err error) error {
	if liveblog.CodeOf(err) != liveblog.Unavailable {
		return err
	}
	p, ok := s.pages.last(key)
	if !ok {
		return err
	}
	if s.standIn.CompareAndSwap(false, true) { // a line for each reader would bury the rest
		s.Log.Warn("the store is away; kept pages stand in", "path", c.Path(), "error", err)
	}
	c.Set(fiber.HeaderCacheControl, "no-cache")
	return p.send(c)
}

func (s *server) render(ctx context.Context, version string, view templ.Component) (page, error) {
	var b bytes.Buffer
	if err := view.Render(ctx, &b); err != nil {
		return page{}, err
	}
	return page{version, represent(fiber.MIMETextHTMLCharsetUTF8, b.Bytes())}, nil
}

// pathNumber reads an entry's number from the path. What is not spelt as one names nothing.
func pathNumber(c *fiber.Ctx) (int, error) {
	s := c.Params("number")
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || strconv.Itoa(n) != s {
		return 0, liveblog.FieldErrorf(liveblog.NotFound, "number", "There is no such entry.")
	}
	return n, nil
}

// queryNumber reads a positive number from the query, 0 where it is missing.
func queryNumber(c *fiber.Ctx, name string) (int, error) {
	s := c.Query(name)
	if s == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || strconv.Itoa(n) != s { // an address has one spelling
		return 0, liveblog.FieldErrorf(liveblog.Malformed, name, "“%s” must be a number from 1.", name)
	}
	return n, nil
}
