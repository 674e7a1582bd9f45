package desk

import (
	"strconv"

	"readout/handlers/web"
	"readout/liveblog"
	view "readout/views/desk"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"
)

// ConfirmPurge asks for the reason before texts are deleted for good.
func (d *Handlers) ConfirmPurge(c *fiber.Ctx, v visitor) error {
	revision, err := web.QueryNumber(c, "revision")
	if err != nil {
		return err
	}
	p, err := d.purgePage(c, v, revision)
	if err != nil {
		return err
	}
	return d.show(c, view.Purge(p))
}

// purgePage returns the page that asks for the reason. It fails with [liveblog.NotFound] for a revision that the entry
// does not have.
func (d *Handlers) purgePage(c *fiber.Ctx, v visitor, revision int) (view.PurgePage, error) {
	if err := liveblog.May(v.actor(), liveblog.Administer, c.Params("slug")); err != nil {
		return view.PurgePage{}, err
	}
	now, e, err := d.findEntry(c, v)
	if err != nil {
		return view.PurgePage{}, err
	}
	if revision > e.Revision {
		return view.PurgePage{}, liveblog.FieldErrorf(liveblog.NotFound, "revision", "There is no such revision.")
	}
	form := view.PurgeForm{Action: c.Path(), CSRF: v.csrf, Number: e.Number, Revision: revision}
	return view.PurgePage{Desk: d.desk(v), Blog: now.blog, Entry: e, Form: form}, nil
}

// Purge deletes texts of an entry for good.
func (d *Handlers) Purge(c *fiber.Ctx, v visitor) error {
	number, err := web.PathNumber(c)
	if err != nil {
		return err
	}
	typed := typedPurge(c, v.csrf)
	ctx, cancel := web.Within(web.CommitTimeout)
	defer cancel()
	_, err = d.Desk.Purge(ctx, v.actor(), c.Params("slug"), number, typed.Revision, formText(c, "reason"))
	if err == nil {
		return c.Redirect(deskPath(c)+"/entries/"+strconv.Itoa(number)+"/history?done=purged", fiber.StatusSeeOther)
	}
	if code := web.FailureOf(err).Code; code != liveblog.Invalid && code != liveblog.Conflict {
		return err
	}
	p, pageErr := d.purgePage(c, v, typed.Revision)
	if pageErr != nil {
		return pageErr
	}
	p.Form = typed
	p.Form.Problem = problemOf(err)
	return d.answer(c, err, view.Purge(p))
}

// typedPurge returns the form with what was typed. An unreadable revision is none that exists, since 0 would mean the
// whole entry.
func typedPurge(c *fiber.Ctx, csrf string) view.PurgeForm {
	f := view.PurgeForm{Action: c.Path(), CSRF: csrf, Reason: web.Printable(formText(c, "reason"))}
	f.Number, _ = strconv.Atoi(c.Params("number"))
	if text := formText(c, "revision"); text != "" {
		var err error
		if f.Revision, err = strconv.Atoi(text); err != nil || f.Revision < 1 {
			f.Revision = 1 << 30
		}
	}
	return f
}

// TypedPurgeForm is the [formBuilder] of a purge.
func (d *Handlers) TypedPurgeForm(c *fiber.Ctx, csrf string, p view.Problem) templ.Component {
	f := typedPurge(c, csrf)
	f.Problem = p
	return view.PurgeFields(f)
}
