package api

import (
	"net/http"
	"time"

	"readout/handlers/web"
	"readout/liveblog"
	"readout/views/data"

	"github.com/gofiber/fiber/v2"
)

// GetTalks answers with one part of the state of the talks, now or at the time in ?at=.
func (h *Handlers) GetTalks(part data.Part) fiber.Handler {
	return func(c *fiber.Ctx) error {
		b, t, at, err := h.talksOf(c)
		if err != nil {
			return err
		}
		return web.SendJSON(c, http.StatusOK,
			map[string]any{"cursor": b.Cursor.String(), "at": at, part.Name: part.Of(&t)})
	}
}

// GetBriefing answers with all parts at once, and the blog.
func (h *Handlers) GetBriefing(c *fiber.Ctx) error {
	b, t, at, err := h.talksOf(c)
	if err != nil {
		return err
	}
	answer := map[string]any{"cursor": b.Cursor.String(), "at": at, "blog": data.BlogOf(h.Site, b)}
	for _, part := range data.Parts {
		answer[part.Name] = part.Of(&t)
	}
	return web.SendJSON(c, http.StatusOK, answer)
}

// talksOf returns the state of the talks, now or at the time in ?at=. At is nil for now.
func (h *Handlers) talksOf(c *fiber.Ctx) (b liveblog.Blog, t liveblog.Talks, at *time.Time, err error) {
	when, err := web.MomentParam(c)
	if err != nil {
		return b, t, nil, err
	}
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	if b, t, err = h.Store.Talks(ctx, c.Params("slug"), when); err == nil && !when.IsZero() {
		at = &when
	}
	return b, t, at, err
}

// GetSetup answers with a blog's setup.
func (h *Handlers) GetSetup(c *fiber.Ctx) error {
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	_, t, err := h.Store.Talks(ctx, c.Params("slug"), time.Time{})
	if err != nil {
		return err
	}
	return web.SendJSON(c, http.StatusOK, data.SetupOf(t.Setup))
}

// PutSetup replaces the whole setup of a blog.
func (h *Handlers) PutSetup(c *fiber.Ctx) error {
	setup, err := liveblog.ParseSetup(web.Body(c))
	if err != nil {
		return err
	}
	ctx, cancel := web.Within(web.CommitTimeout)
	defer cancel()
	t, err := h.Desk.UpdateSetup(ctx, actor(c), c.Params("slug"), setup)
	if err != nil {
		return err
	}
	return web.SendJSON(c, http.StatusOK, data.SetupOf(t.Setup))
}

// actsMember decodes the acts of a request.
type actsMember struct{ into **liveblog.Acts }

// UnmarshalJSON implements [json.Unmarshaler] with [liveblog.ParseActs].
func (m actsMember) UnmarshalJSON(text []byte) error {
	acts, err := liveblog.ParseActs(text)
	if err == nil {
		*m.into = &acts
	}
	return err
}

// JSONType describes the field's type in an error message.
func (actsMember) JSONType() string { return "a list of objects" }
