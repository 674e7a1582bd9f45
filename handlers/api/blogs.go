package api

import (
	"cmp"
	"net/http"

	"readout/handlers/web"
	"readout/liveblog"
	"readout/views/data"

	"github.com/gofiber/fiber/v2"
)

// ListBlogs answers with all blogs.
func (h *Handlers) ListBlogs(c *fiber.Ctx) error {
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	blogs, err := h.Store.Blogs(ctx)
	if err != nil {
		return err
	}
	list := make([]data.Blog, len(blogs))
	for i, b := range blogs {
		list[i] = data.BlogOf(h.Site, b)
	}
	return web.SendJSON(c, http.StatusOK, map[string]any{"blogs": list})
}

// GetBlog answers with one blog.
func (h *Handlers) GetBlog(c *fiber.Ctx) error {
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	b, err := h.Store.Blog(ctx, c.Params("slug"))
	if err != nil {
		return err
	}
	return web.SendJSON(c, http.StatusOK, data.BlogOf(h.Site, b))
}

// CreateBlog needs no idempotency key: a repeated request fails because the slug is taken.
func (h *Handlers) CreateBlog(c *fiber.Ctx) error {
	var slug *string
	var p liveblog.BlogPatch
	members := blogFields(&p)
	members["slug"] = &slug
	if err := web.DecodeBody(c, members); err != nil {
		return err
	}
	if err := cmp.Or(notEmpty("status", p.Status), notEmpty("time_zone", p.TimeZone),
		notEmpty("language", p.Language)); err != nil {
		return err
	}
	ctx, cancel := web.Within(web.CommitTimeout)
	defer cancel()
	b, err := h.Desk.CreateBlog(ctx, actor(c), liveblog.NewBlog{
		Slug:       value(slug),
		Title:      value(p.Title),
		Standfirst: value(p.Standfirst),
		Status:     value(p.Status),
		TimeZone:   value(p.TimeZone),
		Language:   value(p.Language),
		Venue:      value(p.Venue),
		Address:    value(p.Address),
	})
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderLocation, "/api/v1/blogs/"+b.Slug)
	return web.SendJSON(c, http.StatusCreated, data.BlogOf(h.Site, b))
}

// UpdateBlog changes the fields that the body has. It refuses If-Match with anything but *, because a blog has no
// revision to compare.
func (h *Handlers) UpdateBlog(c *fiber.Ctx) error {
	if tag := c.Get(fiber.HeaderIfMatch); tag != "" && tag != "*" {
		return liveblog.FieldErrorf(liveblog.Malformed, fiber.HeaderIfMatch,
			"A blog has no revision; leave If-Match out.")
	}
	var p liveblog.BlogPatch
	if err := web.DecodeBody(c, blogFields(&p)); err != nil {
		return err
	}
	ctx, cancel := web.Within(web.CommitTimeout)
	defer cancel()
	b, err := h.Desk.UpdateBlog(ctx, actor(c), c.Params("slug"), p)
	if err != nil {
		return err
	}
	return web.SendJSON(c, http.StatusOK, data.BlogOf(h.Site, b))
}

func blogFields(p *liveblog.BlogPatch) web.Fields {
	return web.Fields{
		"title":      &p.Title,
		"standfirst": &p.Standfirst,
		"status":     &p.Status,
		"time_zone":  &p.TimeZone,
		"language":   &p.Language,
		"venue":      &p.Venue,
		"address":    &p.Address,
	}
}

// notEmpty refuses a field that is present but empty, which the domain would take for missing and fill with its
// default.
func notEmpty[T ~string](name string, v *T) error {
	if v != nil && *v == "" {
		return liveblog.FieldErrorf(liveblog.Invalid, name,
			"The field “%s” is empty; leave it out or give a value.",
			name)
	}
	return nil
}

// value returns what p points to, or the zero value if the field was missing.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
