package reader

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"readout/handlers/web"
	"readout/liveblog"
	view "readout/views/reader"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"
)

// BlogPage sends a blog's first page, or the window of its stream that the query asks for.
func (h *Handlers) BlogPage(c *fiber.Ctx) error {
	if c.Query("from") != "" {
		return h.jump(c)
	}
	q, err := streamQuery(c)
	if err != nil {
		return err
	}
	view := func(p liveblog.Page) templ.Component {
		return view.Blog(view.BlogPage{Site: h.Site, Page: p, Query: q})
	}
	if q.Author != "" {
		// Clients can make up any number of authors, so these pages are not cached.
		return web.SendUncached(c, web.CacheLive, func(ctx context.Context) (web.Page, error) {
			p, err := h.Store.Page(ctx, q)
			if err != nil {
				return web.Page{}, err
			}
			return web.RenderPage(ctx, p.Head.Blog.Cursor.String(), view(p))
		})
	}
	key := web.PageKey{Kind: web.BlogKind, Slug: q.Slug}
	if !q.First() {
		key.Name = fmt.Sprint(q.Before, q.After, q.Around, q.Order, q.KeyEvents)
	}
	return h.SendBlogPage(c, key, q, view)
}

// streamQuery reads from the query which window of the stream to show.
func streamQuery(c *fiber.Ctx) (q liveblog.PageQuery, err error) {
	q = liveblog.PageQuery{Slug: c.Params("slug"), Author: c.Query("author"), Limit: PageEntries}
	anchors := 0
	for name, into := range map[string]*int{"before": &q.Before, "after": &q.After, "around": &q.Around} {
		if *into, err = web.QueryNumber(c, name); err != nil {
			return q, err
		}
		if *into != 0 {
			anchors++
		}
	}
	if anchors > 1 {
		return q, liveblog.FieldErrorf(liveblog.Malformed, "before",
			"Only one of “before”, “after” and “around” can be asked for at once.")
	}
	switch c.Query("order") {
	case "", "newest":
	case "oldest":
		q.Order = liveblog.OldestFirst
	default:
		return q, liveblog.FieldErrorf(liveblog.Malformed, "order", "“order” must be newest or oldest.")
	}
	switch c.Query("by") {
	case "":
	case "key-events":
		q.KeyEvents = true
	default:
		return q, liveblog.FieldErrorf(liveblog.Malformed, "by", "“by” must be key-events.")
	}
	if q.KeyEvents && q.Author != "" {
		return q, liveblog.FieldErrorf(liveblog.Malformed, "by",
			"Ask for the key events or for one author, not for both at once.")
	}
	return q, nil
}

// jump redirects to the first entry of a day, an hour or a moment, within the stream. After the last entry it
// redirects to the newest ones.
func (h *Handlers) jump(c *fiber.Ctx) error {
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	slug := c.Params("slug")
	b, err := h.Store.Blog(ctx, slug)
	if err != nil {
		return err
	}
	from, err := fromParam(c.Query("from"), b.Location())
	if err != nil {
		return err
	}
	number, err := h.Store.FirstFrom(ctx, slug, from)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, web.CacheLive)
	to := "/live/" + slug
	if number != 0 {
		n := strconv.Itoa(number)
		to += "?around=" + n + "#entry-" + n
	}
	return c.Redirect(to, http.StatusFound)
}

// fromParam parses a day, an hour or a minute in the venue's time, or a moment with its offset. Where clocks are set
// back and show a time twice, it takes the first.
func fromParam(text string, venue *time.Location) (time.Time, error) {
	text = web.RestorePlus(text)
	for _, layout := range []string{time.DateOnly, "2006-01-02T15", "2006-01-02T15:04", "2006-01-02T15:04:05",
		time.RFC3339} {
		if t, err := time.Parse(layout, text); err == nil && web.InRange(t) {
			if layout != time.RFC3339 {
				t = liveblog.FirstShown(t, venue)
			}
			return t, nil
		}
	}
	return time.Time{}, liveblog.FieldErrorf(liveblog.Malformed, "from",
		"“from” must be a day, an hour or a moment such as 2025-10-30, 2025-10-30T15 or 2025-10-30T15:00:00+09:00.")
}
