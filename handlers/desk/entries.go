package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"

	"readout/handlers/web"
	"readout/liveblog"
	view "readout/views/desk"

	"github.com/gofiber/fiber/v2"
)

// DeskEntries is how many entries a page of the desk lists.
const DeskEntries = 30

// Blog shows a blog's composer and its newest entries.
func (d *Handlers) Blog(c *fiber.Ctx, v visitor) error {
	form, problem, err := d.formOfCopy(c, v)
	if err != nil {
		return err
	}
	if form.Number > 0 {
		return c.Redirect(fmt.Sprintf("%s/entries/%d?copy=%s", deskPath(c), form.Number, form.Copy), fiber.StatusSeeOther)
	}
	form.Key = cmp.Or(form.Key, newKey())
	page, err := d.blogPageOf(c, v, form)
	if err != nil {
		return err
	}
	page.Notice.Problem = problem
	page.Notice.Done = c.Query("done")
	page.Notice.Number, _ = strconv.Atoi(c.Query("number"))
	page.Notice.Replaced, page.Notice.Beside = c.QueryInt("replaced"), c.QueryInt("beside")
	if page.Notice.Kept = keptFields(c.Query("kept")); len(page.Notice.Kept) > 0 {
		ctx, cancel := web.Within(web.QueryTimeout)
		defer cancel()
		page.Notice.KeptFrom = d.othersSince(ctx, v, page.Blog.Slug, page.Notice.Number, c.QueryInt("since"))
	}
	return d.show(c, view.Blog(page))
}

// blogPageOf returns the blog's page with a composer for a new entry.
func (d *Handlers) blogPageOf(c *fiber.Ctx, v visitor, form view.EntryForm) (view.BlogPage, error) {
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	now, err := d.talks(ctx, c.Params("slug"))
	if err != nil {
		return view.BlogPage{}, err
	}
	return d.blogPageAt(ctx, c, v, now, form)
}

// blogPageAt is blogPageOf for talks that have been read already.
func (d *Handlers) blogPageAt(ctx context.Context, c *fiber.Ctx, v visitor, now talksState,
	form view.EntryForm) (view.BlogPage, error) {
	before, err := web.QueryNumber(c, "before")
	if err != nil {
		return view.BlogPage{}, err
	}
	b := now.blog
	list, err := d.Store.Entries(ctx, b.Slug, before, DeskEntries+1)
	if err != nil {
		return view.BlogPage{}, err
	}
	form.Action, form.CSRF = "/desk/"+b.Slug, v.csrf
	now.fillForm(&form)
	form.Base, form.Draft, form.User = 0, true, v.user.ID
	form.Publish = liveblog.May(v.actor(), liveblog.Publish, b.Slug) == nil
	form.MayAlone = mayApprove(v, b.Slug)
	page := view.BlogPage{Desk: d.desk(v), Blog: b, Setup: now.setup, Form: form, Before: before}
	if len(list) > DeskEntries {
		list = list[:DeskEntries]
		page.Older = list[DeskEntries-1].Number
	}
	page.Entries = liveblog.Readable(v.actor(), b.Slug, list)
	if page.Copies, err = d.Desk.Copies(ctx, v.actor(), b.Slug); err != nil {
		return view.BlogPage{}, err
	}
	if n := len(page.Entries); n > 0 {
		page.Approvals, err = d.Store.Approvals(ctx, b.Slug, page.Entries[n-1].Number, page.Entries[0].Number)
	}
	return page, err
}

// AddEntry saves the composer's text as a new entry, or shows a preview of it.
func (d *Handlers) AddEntry(c *fiber.Ctx, v visitor) error {
	typed, slug := readEntry(c), c.Params("slug")
	form := typed.form("", "")
	if form.Key == "" {
		form.Key = newKey()
	}
	if !typed.saves() {
		page, err := d.previewed(c, v, typed, form)
		if err != nil {
			return err
		}
		return d.show(c, view.Blog(page))
	}
	ctx, cancel := web.Within(web.CommitTimeout)
	defer cancel()
	e, pins, err := d.post(ctx, v, slug, typed)
	if err == nil {
		return c.Redirect(savedPath(c, e)+d.settleSummary(ctx, v, slug, e, typed), fiber.StatusSeeOther)
	}
	if !shownInForm(err) {
		return err
	}
	form.Problem, form.Approval = problemOf(err), needsApproval(err) || typed.alone != ""
	form.Choices = d.pinChoices(ctx, slug, pins, typed)
	if web.FailureOf(err).Code == liveblog.KeyReused {
		// The browser did not get the answer to the first save, and the text was changed before the second.
		form.Key = newKey()
		form.Problem = view.Problem{Message: "This form has already been saved once, with the text as it was then. " +
			"That entry is in the list below; saving again adds another one."}
	}
	page, pageErr := d.blogPageOf(c, v, form)
	if pageErr != nil {
		return pageErr
	}
	return d.answer(c, err, view.Blog(page))
}

// previewed returns the blog's page with a preview of the composer's text.
func (d *Handlers) previewed(c *fiber.Ctx, v visitor, typed typedEntry, form view.EntryForm) (view.BlogPage, error) {
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	now, err := d.talks(ctx, c.Params("slug"))
	if err != nil {
		return view.BlogPage{}, err
	}
	if err := d.addPreview(ctx, v, now, blankEntry(v, now.at), typed, &form); err != nil {
		return view.BlogPage{}, err
	}
	return d.blogPageAt(ctx, c, v, now, form)
}

// savedPath returns the address of the blog's page with a notice of what happened to the entry.
func savedPath(c *fiber.Ctx, e liveblog.Entry) string {
	done := "saved"
	switch {
	case e.Status == liveblog.Removed:
		done = "removed"
	case e.Status == liveblog.Draft:
		done = "drafted"
	case !e.Edited():
		done = "published"
	}
	return fmt.Sprintf("%s?done=%s&number=%d", deskPath(c), done, e.Number)
}

// Entry shows the form to edit an entry.
func (d *Handlers) Entry(c *fiber.Ctx, v visitor) error {
	now, e, err := d.findEntry(c, v)
	if err != nil {
		return err
	}
	copied, problem, err := d.formOfCopy(c, v)
	if err != nil {
		return err
	}
	if copied.Copy != "" && copied.Number != e.Number {
		return c.Redirect(deskPath(c)+"?copy="+copied.Copy, fiber.StatusSeeOther)
	}
	if err := checkEditable(v, now.blog.Slug, e); err != nil {
		return err
	}
	form := view.EntryForm{
		Headline: e.Headline,
		Body:     e.Body,
		Acts:     e.Commands(now.blog.Location()),
		KeyEvent: e.KeyEvent,
		Pinned:   e.Pinned,
		Summary:  e.Summary,
		Base:     e.Revision,
	}
	if copied.Copy != "" {
		form = copied
	}
	page := d.entryPageOf(v, now, e, form)
	page.Problem = problem
	return d.show(c, view.Entry(page))
}

// checkEditable fails, before a form is shown, with the error that saving it would have. The form of a removed entry
// is gone (410).
func checkEditable(v visitor, slug string, e liveblog.Entry) error {
	if e.Status == liveblog.Removed {
		return liveblog.FieldErrorf(liveblog.Gone, "number", "Entry %d has been removed and can no longer be changed.",
			e.Number)
	}
	return liveblog.MayRevise(v.actor(), slug, e)
}

// entryPageOf returns an entry's page with its form.
func (d *Handlers) entryPageOf(v visitor, now talksState, e liveblog.Entry, form view.EntryForm) view.EntryPage {
	form.Action, form.CSRF, form.Number = "/desk/"+now.blog.Slug+"/entries/"+strconv.Itoa(e.Number), v.csrf, e.Number
	now.fillForm(&form)
	form.Draft, form.User = e.Status == liveblog.Draft, v.user.ID
	form.Publish = liveblog.May(v.actor(), liveblog.Publish, now.blog.Slug) == nil
	form.MayAlone = mayApprove(v, now.blog.Slug)
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	approvals, err := d.Store.Approvals(ctx, now.blog.Slug, e.Number, e.Number)
	copies, copiesErr := d.Desk.Copies(ctx, v.actor(), now.blog.Slug)
	if err = errors.Join(err, copiesErr); err != nil { // the form is worth more than what is around it
		d.Log.Warn("an entry's page lacks its notices or working copies", "blog", now.blog.Slug, "error", err)
	}
	return view.EntryPage{Desk: d.desk(v), Blog: now.blog, Setup: now.setup, Entry: e, Form: form, Approvals: approvals,
		Copies: copies}
}

// ConfirmRemoval asks before an entry is removed.
func (d *Handlers) ConfirmRemoval(c *fiber.Ctx, v visitor) error {
	now, e, err := d.findEntry(c, v)
	if err != nil {
		return err
	}
	if err := checkEditable(v, now.blog.Slug, e); err != nil {
		return err
	}
	return d.show(c, view.Removal(d.removalOf(v, now, e)))
}

// removalOf returns the confirmation page, with what the removal would take back from the talks.
func (d *Handlers) removalOf(v visitor, now talksState, e liveblog.Entry) view.RemovalPage {
	p := view.RemovalPage{Desk: d.desk(v), Blog: now.blog, Entry: e, Talks: now.ledger.Fold()}
	if e.Acts != "" {
		without := now.withActs("", liveblog.By{Entry: e.Number})
		p.TakenBack = view.Effects(now.blog, &p.Talks, &without)
	}
	return p
}

// Remove removes an entry.
func (d *Handlers) Remove(c *fiber.Ctx, v visitor) error {
	number, err := web.PathNumber(c)
	if err != nil {
		return err
	}
	ctx, cancel := web.Within(web.CommitTimeout)
	defer cancel()
	e, err := d.Desk.Remove(ctx, v.actor(), c.Params("slug"), number, readEntry(c).base)
	if err == nil {
		return c.Redirect(savedPath(c, e), fiber.StatusSeeOther)
	}
	if !shownInForm(err) {
		return err
	}
	now, current, findErr := d.findEntry(c, v)
	if findErr != nil {
		return findErr
	}
	if current.Status == liveblog.Removed { // the form was sent twice
		return c.Redirect(savedPath(c, current), fiber.StatusSeeOther)
	}
	if web.FailureOf(err).Code != liveblog.Stale {
		return err
	}
	p := d.removalOf(v, now, current)
	p.Problem = problemOf(err)
	return d.answer(c, err, view.Removal(p))
}
