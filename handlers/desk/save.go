package desk

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"readout/handlers/web"
	"readout/liveblog"
	view "readout/views/desk"

	"github.com/gofiber/fiber/v2"
)

// SaveEntry saves the composer's text as a new revision, or shows a preview of it. What others have saved since the form
// was opened stays, unless both have changed the same: then the page shows the versions, and the form is saved when the
// editor has chosen what becomes of them.
func (d *Handlers) SaveEntry(c *fiber.Ctx, v visitor) error {
	typed := readEntry(c)
	form := typed.form("", "")
	ctx, cancel := web.Within(web.CommitTimeout)
	defer cancel()
	if !typed.saves() {
		now, e, err := d.findEntry(c, v)
		if err != nil {
			return err
		}
		if err := d.addPreview(ctx, v, now, e, typed, &form); err != nil {
			return err
		}
		if typed.origin != "" {
			d.showConflict(ctx, now, e, typed, &form)
		}
		return d.show(c, view.Entry(d.entryPageOf(v, now, e, form)))
	}
	number, err := web.PathNumber(c)
	if err != nil {
		return err
	}
	done, pins, err := d.merge(ctx, v, c.Params("slug"), number, typed)
	if err == nil {
		to := savedPath(c, done.Entry) + d.settleSummary(ctx, v, c.Params("slug"), done.Entry, typed)
		if len(done.Kept) > 0 {
			to += fmt.Sprintf("&kept=%s&since=%d", url.QueryEscape(strings.Join(done.Kept, " ")), typed.base)
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
	form.Choices = d.pinChoices(ctx, now.blog.Slug, pins, typed)
	if web.FailureOf(err).Code == liveblog.Stale || typed.origin != "" {
		d.showConflict(ctx, now, current, typed, &form)
	}
	return d.answer(c, err, view.Entry(d.entryPageOf(v, now, current, form)))
}

// showConflict puts into a form what others have changed since it was opened, and shows the versions of what both have
// changed.
func (d *Handlers) showConflict(
	ctx context.Context, now talksState, current liveblog.Entry, typed typedEntry, form *view.EntryForm,
) {
	const diffTimeout = 500 * time.Millisecond
	m, err := d.Desk.Merging(ctx, now.blog.Slug, current.Number, typed.patch(), typed.basis())
	if err != nil { // what was typed cannot be read, which is the problem that the form shows
		return
	}
	loc := now.blog.Location()
	form.Conflict = &view.Conflict{Blog: now.blog, Theirs: m.Theirs, Asked: m.Asked,
		Passages: view.Passages(m.Passages, typed.choices)}
	form.Base, form.Origin = m.Theirs.Revision, ""
	if len(m.Passages) > 0 {
		form.Origin = strconv.Itoa(m.Origin.Revision)
	}
	form.Headline, form.Body, form.Acts = m.Entry.Headline, m.Entry.Body, m.Entry.Commands(loc)
	form.KeyEvent, form.Pinned, form.Summary = m.Entry.KeyEvent, m.Entry.Pinned, m.Entry.Summary
	form.Conflict.Changes = view.CompareEntries(m.Theirs, m.Entry, loc, diffTimeout)
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

// othersSince returns the names of those who have saved an entry after a revision, without the visitor; at most ten.
func (d *Handlers) othersSince(ctx context.Context, v visitor, slug string, number, revision int) (names []string) {
	const most = 10
	list, err := d.Store.Revisions(ctx, slug, number, 0, most)
	if err != nil { // the notice says "others"
		return nil
	}
	for _, r := range slices.Backward(list) {
		if !liveblog.MayRead(v.actor(), slug, r) {
			return nil
		}
		if r.Revision > revision && r.EditedBy != v.user.Name && !slices.Contains(names, r.EditedBy) {
			names = append(names, r.EditedBy)
		}
	}
	return names
}

// keptFields returns the names of fields in a query that the desk has made itself.
func keptFields(query string) []string {
	return slices.DeleteFunc(strings.Fields(query), func(name string) bool { return view.KeptName(name) == "" })
}
