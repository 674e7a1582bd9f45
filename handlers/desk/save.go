package desk

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"readout/handlers/web"
	"readout/liveblog"
	view "readout/views/desk"

	"github.com/gofiber/fiber/v2"
)

// SaveEntry saves the composer's text as a new revision, or shows a preview of it. What others have saved since the form
// was opened stays, unless both have changed the same: then the page shows both versions, and saving again takes the
// one in the form, which is the editor's.
func (d *Handlers) SaveEntry(c *fiber.Ctx, v visitor) error {
	typed := readEntry(c)
	form := typed.form("", "")
	if !typed.saves() {
		now, e, err := d.findEntry(c, v)
		if err != nil {
			return err
		}
		form.Rendered = typed.previewOf(now, e)
		return d.show(c, view.Entry(d.entryPageOf(v, now, e, form)))
	}
	number, err := web.PathNumber(c)
	if err != nil {
		return err
	}
	ctx, cancel := web.Within(web.CommitTimeout)
	defer cancel()
	var done liveblog.MergedEdit
	if err = typed.checkCorrection(); err == nil {
		done, err = d.Desk.Merge(ctx, v.actor(), c.Params("slug"), number, typed.patch(), typed.base)
	}
	if err == nil {
		to := savedPath(c, done.Entry)
		if len(done.Kept) > 0 {
			to += "&kept=" + url.QueryEscape(strings.Join(done.Kept, " "))
		}
		return c.Redirect(to, fiber.StatusSeeOther)
	}
	if !shownInForm(err) {
		return err
	}
	now, current, findErr := d.findEntry(c, v)
	if findErr != nil {
		return findErr
	}
	if current.Status == liveblog.Removed {
		return d.offerNew(c, v, now, current, form, err)
	}
	form.Problem, form.Approval = problemOf(err), needsApproval(err) || typed.alone != ""
	if web.FailureOf(err).Code == liveblog.Stale {
		form.Base = current.Revision
		form.Conflict = d.conflictOf(ctx, now, current, typed, &form)
	}
	return d.answer(c, err, view.Entry(d.entryPageOf(v, now, current, form)))
}

// conflictOf returns what an editor is shown who has changed the same as others. It fills the form with what the editor
// typed and, in all else, with what the others have changed.
func (d *Handlers) conflictOf(
	ctx context.Context, now talksState, current liveblog.Entry, typed typedEntry, form *view.EntryForm,
) *view.Conflict {
	const diffTimeout = 500 * time.Millisecond
	c := &view.Conflict{Blog: now.blog, Current: current}
	var wanted liveblog.Entry
	m, err := d.Desk.Merging(ctx, now.blog.Slug, current.Number, typed.patch(), typed.base)
	c.Merges = err == nil
	if c.Merges {
		wanted = m.Entry
		form.Headline, form.Body = wanted.Headline, wanted.Body
		form.KeyEvent, form.Pinned, form.Summary = wanted.KeyEvent, wanted.Pinned, wanted.Summary
		form.Acts = wanted.Acts.Commands(now.blog.Location())
	} else {
		if s, err := typed.withCommands(current).Read(now.setup, now.blog.Location()); err == nil {
			typed.stated = &s
		}
		wanted = typed.appliedTo(current)
	}
	c.Changes = view.CompareEntries(current, wanted, now.blog.Location(), diffTimeout)
	return c
}

// offerNew answers a save of an entry that was removed since the form was opened: the text is in the form for a new entry.
func (d *Handlers) offerNew(
	c *fiber.Ctx, v visitor, now talksState, removed liveblog.Entry, form view.EntryForm, refusal error,
) error {
	form.Key = newKey()
	form.Problem = view.Problem{Message: fmt.Sprintf("%s removed entry %d at %s. Your text is in the form as a new entry, "+
		"and nothing is saved yet.", removed.EditedBy, removed.Number, view.Moment(now.blog, removed.UpdatedAt))}
	page, err := d.blogPageOf(c, v, form)
	if err != nil {
		return err
	}
	return d.answer(c, refusal, view.Blog(page))
}

// keptFields returns the names of fields in a query that the desk has made itself.
func keptFields(query string) []string {
	return slices.DeleteFunc(strings.Fields(query), func(name string) bool { return view.KeptName(name) == "" })
}
