package reader

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"readout/handlers/web"
	"readout/liveblog"
	"readout/views/talks"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"
)

// TalksPage is a page of where the talks stand, or stood at the moment that ?at= names. Find returns what is shown, or an
// error where what the path or one of the choices names is not there. Choices are the members of the query that it reads.
func (h *Handlers) TalksPage(name string, find func(*fiber.Ctx, talks.Page) (templ.Component, error), choices ...string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		return h.momentPage(c, name, func(ctx context.Context, at time.Time) (web.Page, error) {
			b, t, err := h.Store.Talks(ctx, c.Params("slug"), at)
			if err != nil {
				return web.Page{}, err
			}
			view, err := find(c, talks.Page{Site: h.Site, Blog: b, Talks: t, At: at, Path: c.Path()})
			if err != nil {
				return web.Page{}, err
			}
			return web.RenderPage(ctx, b.Cursor.String(), view)
		}, choices...)
	}
}

// momentPage sends what read returns for the moment that ?at= names; a zero time means now, of which each version of the
// blog is read once. Of a query nothing else counts but the choices, which read refuses where they name nothing: what it
// refuses is not kept, or strangers could fill the cache.
func (h *Handlers) momentPage(c *fiber.Ctx, name string, read func(ctx context.Context, at time.Time) (web.Page, error), choices ...string) error {
	slug := c.Params("slug")
	at, err := web.MomentParam(c)
	if err != nil {
		return h.venueMoment(c, slug, err)
	}
	key := web.PageKey{Kind: web.TalksKind, Slug: slug, Name: name + " " + c.Path()}
	for _, choice := range choices {
		key.Name += fmt.Sprintf(" %q", c.Query(choice))
	}
	if !at.IsZero() {
		key.Name += " " + at.Format(time.RFC3339Nano)
		return h.SendPast(c, key, func(ctx context.Context) (web.Page, error) { return read(ctx, at) })
	}
	return h.SendAtCursor(c, key, func(ctx context.Context) (web.Page, error) { return read(ctx, at) })
}

// noSuch is the error for something of the talks that a path names and that is not there.
func noSuch(what string) error {
	return liveblog.FieldErrorf(liveblog.NotFound, what, "There is no such %s.", what)
}

// Whole is a page that needs nothing but the talks.
func Whole(view func(talks.Page) templ.Component) func(*fiber.Ctx, talks.Page) (templ.Component, error) {
	return func(_ *fiber.Ctx, p talks.Page) (templ.Component, error) { return view(p), nil }
}

// TrackPage is the page of the track that the path names.
func TrackPage(c *fiber.Ctx, p talks.Page) (templ.Component, error) {
	id := c.Params("track")
	if _, ok := p.Talks.Setup.Track(id); !ok {
		return nil, noSuch("track")
	}
	return talks.Track(p, id), nil
}

// venueMoment answers a form that names a moment as the venue's clock shows it, by leading to the same page with the
// offset said: that address means the same everywhere. Other texts are answered with the error given.
func (h *Handlers) venueMoment(c *fiber.Ctx, slug string, otherwise error) error {
	const minutes, seconds = "2006-01-02T15:04", "2006-01-02T15:04:05"
	text := c.Query("at")
	layout := minutes
	if len(text) > len(minutes) {
		layout = seconds
	}
	at, err := time.Parse(layout, text)
	if err != nil || !web.InRange(at) {
		return otherwise
	}
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	b, err := h.Store.Blog(ctx, slug)
	if err != nil {
		return err
	}
	at = liveblog.FirstShown(at, b.Location())
	c.Set(fiber.HeaderCacheControl, web.CachePast)
	return c.Redirect(c.Path()+"?at="+url.QueryEscape(at.Format(time.RFC3339)), http.StatusFound)
}
