package handlers

import (
	"cmp"
	"net/http"
	"time"

	"readout/liveblog"

	"github.com/gofiber/fiber/v2"
)

// blogData is a blog as the API shows it.
type blogData struct {
	Slug       string              `json:"slug"`
	Title      string              `json:"title"`
	Standfirst string              `json:"standfirst"`
	Status     liveblog.BlogStatus `json:"status"`
	TimeZone   string              `json:"time_zone"`
	Language   string              `json:"language"`
	Cursor     string              `json:"cursor"`
	CreatedAt  time.Time           `json:"created_at"`
	UpdatedAt  time.Time           `json:"updated_at"`
	URL        string              `json:"url"` // of the readers' page
}

func (h *apiHandlers) blogData(b liveblog.Blog) blogData {
	return blogData{Slug: b.Slug, Title: b.Title, Standfirst: b.Standfirst, Status: b.Status, TimeZone: b.TimeZone,
		Language: b.Language, Cursor: b.Cursor.String(), CreatedAt: b.CreatedAt.UTC(), UpdatedAt: b.UpdatedAt.UTC(),
		URL: h.Site.BaseURL + "/live/" + b.Slug}
}

func (h *apiHandlers) listBlogs(c *fiber.Ctx) error {
	ctx, cancel := within(queryTimeout)
	defer cancel()
	blogs, err := h.Store.Blogs(ctx)
	if err != nil {
		return err
	}
	list := make([]blogData, len(blogs))
	for i, b := range blogs {
		list[i] = h.blogData(b)
	}
	return sendJSON(c, http.StatusOK, map[string]any{"blogs": list})
}

func (h *apiHandlers) getBlog(c *fiber.Ctx) error {
	ctx, cancel := within(queryTimeout)
	defer cancel()
	b, err := h.Store.Blog(ctx, c.Params("slug"))
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, h.blogData(b))
}

// createBlog takes no idempotency key: the slug is one, and a repeated request finds it taken.
func (h *apiHandlers) createBlog(c *fiber.Ctx) error {
	var slug *string
	var p liveblog.BlogPatch
	members := blogFields(&p)
	members["slug"] = &slug
	if err := decodeBody(c, members); err != nil {
		return err
	}
	if err := cmp.Or(notEmpty("status", p.Status), notEmpty("time_zone", p.TimeZone), notEmpty("language", p.Language)); err != nil {
		return err
	}
	ctx, cancel := within(commitTimeout)
	defer cancel()
	b, err := h.Desk.CreateBlog(ctx, actor(c), liveblog.NewBlog{Slug: value(slug), Title: value(p.Title),
		Standfirst: value(p.Standfirst), Status: value(p.Status), TimeZone: value(p.TimeZone), Language: value(p.Language)})
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderLocation, "/api/v1/blogs/"+b.Slug)
	return sendJSON(c, http.StatusCreated, h.blogData(b))
}

// updateBlog has no revision to compare, and refuses to pretend.
func (h *apiHandlers) updateBlog(c *fiber.Ctx) error {
	if tag := c.Get(fiber.HeaderIfMatch); tag != "" && tag != "*" {
		return liveblog.FieldErrorf(liveblog.Malformed, fiber.HeaderIfMatch, "A blog has no revision; leave If-Match out.")
	}
	var p liveblog.BlogPatch
	if err := decodeBody(c, blogFields(&p)); err != nil {
		return err
	}
	ctx, cancel := within(commitTimeout)
	defer cancel()
	b, err := h.Desk.UpdateBlog(ctx, actor(c), c.Params("slug"), p)
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, h.blogData(b))
}

func blogFields(p *liveblog.BlogPatch) fields {
	return fields{"title": &p.Title, "standfirst": &p.Standfirst, "status": &p.Status, "time_zone": &p.TimeZone, "language": &p.Language}
}

// notEmpty refuses a field that is there and empty where the domain would take that for missing, and fill it.
func notEmpty[T ~string](name string, v *T) error {
	if v != nil && *v == "" {
		return liveblog.FieldErrorf(liveblog.Invalid, name, "The field “%s” is empty; leave it out or say which.", name)
	}
	return nil
}

// value returns what p points to, and the zero value where the field was missing.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
