package handlers

import (
	"context"
	"time"

	"readout/liveblog"
	"readout/views"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"
)

// talksPage is a page of where the talks stand, or stood at the moment that ?at= names. Find returns what is shown, or an
// error where what the path names is not there.
func (s *server) talksPage(name string, find func(*fiber.Ctx, views.TalksPage) (templ.Component, error)) fiber.Handler {
	return func(c *fiber.Ctx) error {
		return s.momentPage(c, name, func(ctx context.Context, at time.Time) (page, error) {
			b, t, err := s.Store.Talks(ctx, c.Params("slug"), at)
			if err != nil {
				return page{}, err
			}
			view, err := find(c, views.TalksPage{Site: s.Site, Blog: b, Talks: t, At: at, Path: c.Path()})
			if err != nil {
				return page{}, err
			}
			return render(ctx, b.Cursor.String(), view)
		})
	}
}

// momentPage sends what read returns for the moment that ?at= names; a zero time means now, of which each version of the
// blog is read once.
func (s *server) momentPage(c *fiber.Ctx, name string, read func(ctx context.Context, at time.Time) (page, error)) error {
	at, err := momentParam(c)
	if err != nil {
		return err
	}
	if !at.IsZero() {
		return s.sendPast(c, func(ctx context.Context) (page, error) { return read(ctx, at) })
	}
	slug := c.Params("slug")
	key := pageKey{kind: talksKind, slug: slug, name: name + " " + c.Path() + "?" + string(c.Request().URI().QueryString())}
	ctx, cancel := within(s.freshness(key))
	defer cancel()
	cursor, err := s.Store.Cursor(ctx, slug)
	if err != nil {
		return s.sendStale(c, key, err)
	}
	return s.sendPage(c, key, cursor.String(), func(ctx context.Context) (page, error) { return read(ctx, at) })
}

// cachePast is for what was: it changes only where names of the setup do.
const cachePast = "public, max-age=60"

// sendPast answers with a past moment, which is not kept: there are as many as there are seconds.
func (s *server) sendPast(c *fiber.Ctx, read func(context.Context) (page, error)) error {
	ctx, cancel := within(queryTimeout)
	defer cancel()
	p, err := read(ctx)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, cachePast)
	return p.send(c)
}

// noSuch is the error for something of the talks that a path names and that is not there.
func noSuch(what string) error {
	return liveblog.FieldErrorf(liveblog.NotFound, what, "There is no such %s.", what)
}

// whole is a page that needs nothing but the talks.
func whole(view func(views.TalksPage) templ.Component) func(*fiber.Ctx, views.TalksPage) (templ.Component, error) {
	return func(_ *fiber.Ctx, p views.TalksPage) (templ.Component, error) { return view(p), nil }
}
