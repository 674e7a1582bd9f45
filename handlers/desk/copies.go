package desk

import (
	"net/http"
	"strconv"

	"readout/handlers/web"
	"readout/liveblog"
	view "readout/views/desk"

	"github.com/gofiber/fiber/v2"
)

// copied returns the names of the form's fields that a working copy has.
func copied() []string {
	return []string{"headline", "body", "acts", "key_event", "pinned", "summary", "corrects", "correction", "alone",
		"key", "base", "number", "origin", "state"}
}

// SaveCopy keeps what the composer's script sends as a working copy. Nobody else is shown it.
func (d *Handlers) SaveCopy(c *fiber.Ctx, v visitor) error {
	typed := readEntry(c)
	w := liveblog.WorkingCopy{ID: typed.copy, Slug: c.Params("slug"), Number: typed.number, Base: max(typed.base, 0),
		Writer: formText(c, "writer"), Fields: map[string]string{}}
	for _, name := range copied() {
		if text := formText(c, name); text != "" {
			w.Fields[name] = text
		}
	}
	seen, err := strconv.Atoi(formText(c, "copy_revision"))
	if err != nil {
		return liveblog.FieldErrorf(liveblog.Invalid, "copy_revision", "The revision of a working copy is a number.")
	}
	ctx, cancel := web.Within(web.CommitTimeout)
	defer cancel()
	if w, err = d.Desk.SaveCopy(ctx, v.actor(), w, seen); err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	return web.SendJSON(c, http.StatusOK, map[string]int{"revision": w.Revision})
}

// DiscardCopy forgets a working copy.
func (d *Handlers) DiscardCopy(c *fiber.Ctx, v visitor) error {
	ctx, cancel := web.Within(web.CommitTimeout)
	defer cancel()
	if err := d.Desk.DiscardCopy(ctx, v.actor(), c.Params("slug"), c.Params("copy")); err != nil {
		return err
	}
	if formText(c, "from") == "home" {
		return c.Redirect("/desk", fiber.StatusSeeOther)
	}
	return c.Redirect(deskPath(c)+"?done=discarded", fiber.StatusSeeOther)
}

// formOfCopy returns the form that the query's working copy is of; zero without one. A copy that is not there is a
// problem that the page shows. The text for an entry that the user cannot change, since it was removed or published by
// others, is one for a new entry.
func (d *Handlers) formOfCopy(c *fiber.Ctx, v visitor) (form view.EntryForm, problem string, err error) {
	id := c.Query("copy")
	if id == "" {
		return form, "", nil
	}
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	slug := c.Params("slug")
	w, err := d.Desk.Copy(ctx, v.actor(), slug, id)
	if liveblog.CodeOf(err) == liveblog.NotFound {
		return form, web.FailureOf(err).Message, nil
	}
	if err != nil {
		return form, "", err
	}
	typed := typedFrom(func(name string) string { return w.Fields[name] })
	form = typed.form("", "")
	form.Copy, form.CopyRevision, form.CopyAt, form.Number = w.ID, w.Revision, w.At, w.Number
	if w.Number > 0 {
		e, err := d.Store.Entry(ctx, slug, w.Number)
		if err == nil {
			err = liveblog.MayRevise(v.actor(), slug, e)
		}
		if code := liveblog.CodeOf(err); err != nil && code != liveblog.NotFound && code != liveblog.Forbidden &&
			code != liveblog.Conflict {
			return form, "", err
		}
		if err != nil {
			form.Number, form.Key = 0, ""
		}
	}
	return form, "", nil
}

// Pulse tells the composer's script whether the session of the user in the query goes on. Unlike other requests, it
// does not count as a use of the session.
func (d *Handlers) Pulse(c *fiber.Ctx) error {
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	u, err := d.Accounts.PeekSession(ctx, c.Cookies(d.cookieName()))
	if err != nil {
		return err
	}
	if id := c.Query("user"); id != "" && id != u.ID {
		return liveblog.Errorf(liveblog.Unauthorized, "Somebody else has logged in.")
	}
	return c.SendStatus(fiber.StatusNoContent)
}
