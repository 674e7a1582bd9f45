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

// TalksPage returns the handler of a page about the talks, now or at the time in ?at=. View returns what the page
// shows, or an error if the path or the query names something that does not exist. Params are the query parameters
// that view reads.
func (h *Handlers) TalksPage(name string, view func(*fiber.Ctx, talks.Page) (templ.Component, error),
	params ...string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		return h.momentPage(c, name, func(ctx context.Context, at time.Time) (web.Page, error) {
			b, t, err := h.Store.Talks(ctx, c.Params("slug"), at)
			if err != nil {
				return web.Page{}, err
			}
			shown, err := view(c, talks.Page{Site: h.Site, Blog: b, Talks: t, At: at, Path: c.Path()})
			if err != nil {
				return web.Page{}, err
			}
			return web.RenderPage(ctx, b.Cursor.String(), shown)
		}, params...)
	}
}

// momentPage sends the page that render returns for the time in ?at=, or for now if that is missing, in which case
// render gets the zero time. Apart from "at", only the query parameters in params are part of the cache key. Render
// must fail for values that name nothing: a failure is not cached, but pages for made-up values would fill the cache.
func (h *Handlers) momentPage(c *fiber.Ctx, name string,
	render func(ctx context.Context, at time.Time) (web.Page, error), params ...string) error {
	slug := c.Params("slug")
	at, err := web.MomentParam(c)
	if err != nil {
		return h.redirectVenueTime(c, slug, err)
	}
	key := web.PageKey{Kind: web.TalksKind, Slug: slug, Name: name + " " + c.Path()}
	for _, param := range params {
		key.Name += fmt.Sprintf(" %q", c.Query(param))
	}
	if !at.IsZero() {
		key.Name += " " + at.Format(time.RFC3339Nano)
		return h.SendPast(c, key, func(ctx context.Context) (web.Page, error) { return render(ctx, at) })
	}
	return h.SendAtCursor(c, key, func(ctx context.Context) (web.Page, error) { return render(ctx, at) })
}

// notFound is the error for an address that names something that does not exist.
func notFound(what string) error {
	return liveblog.FieldErrorf(liveblog.NotFound, what, "There is no such %s.", what)
}

// TalksView returns a view for [Handlers.TalksPage] that needs nothing but the talks.
func TalksView(view func(talks.Page) templ.Component) func(*fiber.Ctx, talks.Page) (templ.Component, error) {
	return func(_ *fiber.Ctx, p talks.Page) (templ.Component, error) { return view(p), nil }
}

// TrackPage renders one track.
func TrackPage(c *fiber.Ctx, p talks.Page) (templ.Component, error) {
	id := c.Params("track")
	if _, ok := p.Talks.Setup.Track(id); !ok {
		return nil, notFound("track")
	}
	return talks.Track(p, id), nil
}

// redirectVenueTime handles a form that sends a time in the venue's time zone. It redirects to the same page with the
// offset added, because that address means the same everywhere. If the time has another form, it returns invalid.
func (h *Handlers) redirectVenueTime(c *fiber.Ctx, slug string, invalid error) error {
	const minutes, seconds = "2006-01-02T15:04", "2006-01-02T15:04:05"
	text := c.Query("at")
	layout := minutes
	if len(text) > len(minutes) {
		layout = seconds
	}
	at, err := time.Parse(layout, text)
	if err != nil || !web.InRange(at) {
		return invalid
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
