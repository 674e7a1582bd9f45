package reader

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"readout/handlers/web"
	"readout/liveblog"
	"readout/views/talks"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"
)

// notInBlog is the error for an address that names something that the blog does not have. It repeats the name, unless
// that is too long.
func notInBlog(field, what, name string) error {
	if !utf8.ValidString(name) || len(name) > 120 {
		return notFound(what)
	}
	return liveblog.FieldErrorf(liveblog.NotFound, field, "There is no %s “%s” in this blog.", what, name)
}

// SpeakerPage renders what one speaker has said.
func SpeakerPage(c *fiber.Ctx, p talks.Page) (templ.Component, error) {
	speaker, ok := p.Talks.Setup.Speaker(c.Params("speaker"))
	if !ok {
		return nil, notInBlog("speaker", "speaker", c.Params("speaker"))
	}
	return talks.Speaker(talks.SpeakerPage{Page: p, Speaker: speaker}), nil
}

// ReadoutPage renders the parties' accounts of one meeting.
func ReadoutPage(c *fiber.Ctx, p talks.Page) (templ.Component, error) {
	id := c.Params("meeting")
	i := slices.IndexFunc(p.Talks.Readouts, func(m liveblog.MeetingAccounts) bool { return m.ID == id })
	if i < 0 {
		return nil, notInBlog("meeting", "meeting", id)
	}
	return talks.Readout(talks.ReadoutPage{Page: p, Meeting: p.Talks.Readouts[i]}), nil
}

// TextPage compares two versions of a text: those that ?from= and ?to= name, by default the newest and the one before
// it.
func TextPage(c *fiber.Ctx, p talks.Page) (templ.Component, error) {
	d, ok := p.Talks.Document(c.Params("document"))
	if !ok {
		return nil, notInBlog("document", "text", c.Params("document"))
	}
	to := len(d.Versions) - 1
	var err error
	if name := c.Query("to"); name != "" {
		if to, err = versionNamed(d, "to", name); err != nil {
			return nil, err
		}
	}
	from := to - 1
	if name := c.Query("from"); name != "" {
		if from, err = versionNamed(d, "from", name); err != nil {
			return nil, err
		}
	}
	text := talks.TextPage{Page: p, Document: d, To: d.Versions[to]}
	if from >= 0 {
		text.From = &d.Versions[from]
	}
	return talks.Text(text), nil
}

func versionNamed(d liveblog.Document, field, name string) (int, error) {
	i := slices.IndexFunc(d.Versions, func(v liveblog.DocumentVersion) bool { return v.Version == name })
	if i >= 0 {
		return i, nil
	}
	if !utf8.ValidString(name) || len(name) > 120 {
		return 0, notFound("version")
	}
	var names []string
	for _, v := range d.Versions {
		names = append(names, "“"+v.Version+"”")
	}
	return 0, liveblog.FieldErrorf(liveblog.NotFound, field, "This text has no version “%s”. It has %s.", name,
		strings.Join(names, ", "))
}

// BriefingPage sends the briefing, which shows the blog's head beside the talks.
func (h *Handlers) BriefingPage(c *fiber.Ctx) error {
	return h.momentPage(c, "briefing", func(ctx context.Context, at time.Time) (web.Page, error) {
		head, t, err := h.Store.Briefing(ctx, c.Params("slug"), at)
		if err != nil {
			return web.Page{}, err
		}
		p := talks.Page{Site: h.Site, Blog: head.Blog, Talks: t, At: at, Path: c.Path()}
		return web.RenderPage(ctx, head.Blog.Cursor.String(), talks.Briefing(talks.BriefingPage{Page: p, Head: head}))
	})
}
