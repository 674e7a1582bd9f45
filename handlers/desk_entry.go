package handlers

import (
	"fmt"
	"strconv"
	"time"

	"readout/liveblog"
	"readout/views"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"
)

// deskEntries is how many entries a page of the desk lists.
const deskEntries = 30

// blog shows a blog's composer and its newest entries.
func (d *deskPages) blog(c *fiber.Ctx, v visitor) error {
	page, err := d.blogPageOf(c, v, views.EntryForm{Key: newKey()})
	if err != nil {
		return err
	}
	page.Notice.Done = c.Query("done")
	page.Notice.Number, _ = strconv.Atoi(c.Query("number"))
	return d.show(c, views.DeskBlog(page))
}

// blogPageOf makes the blog's page around a composer for a new entry.
func (d *deskPages) blogPageOf(c *fiber.Ctx, v visitor, form views.EntryForm) (views.DeskBlogPage, error) {
	ctx, cancel := within(queryTimeout)
	defer cancel()
	before, err := queryNumber(c, "before")
	if err != nil {
		return views.DeskBlogPage{}, err
	}
	b, err := d.Store.Blog(ctx, c.Params("slug"))
	if err != nil {
		return views.DeskBlogPage{}, err
	}
	list, err := d.Store.Entries(ctx, b.Slug, before, deskEntries+1)
	if err != nil {
		return views.DeskBlogPage{}, err
	}
	form.Action, form.Preview, form.CSRF, form.Language = "/desk/"+b.Slug, "/desk/"+b.Slug+"/preview", v.csrf, b.Language
	form.Base, form.Draft, form.Publish = 0, true, v.user.Role.MayPublish()
	page := views.DeskBlogPage{Desk: d.desk(v), Blog: b, Form: form, Before: before}
	if len(list) > deskEntries {
		list = list[:deskEntries]
		page.Older = list[deskEntries-1].Number
	}
	page.Entries = readable(v.actor(), list)
	return page, nil
}

// addEntry saves what the composer sends as a new entry, or shows a preview of it.
func (d *deskPages) addEntry(c *fiber.Ctx, v visitor) error {
	typed, slug := readEntry(c), c.Params("slug")
	form := typed.form("", "")
	if form.Key == "" {
		form.Key = newKey()
	}
	if !typed.saves() {
		page, err := d.blogPageOf(c, v, form)
		if err != nil {
			return err
		}
		page.Form.Rendered = rendered(page.Blog, unsaved(typed, v))
		return d.show(c, views.DeskBlog(page))
	}
	ctx, cancel := within(commitTimeout)
	defer cancel()
	e, _, err := d.Desk.Post(ctx, v.actor(), slug, typed.input(), typed.idempotencyKey(v.actor(), slug))
	if err == nil {
		return c.Redirect(savedPath(c, e), fiber.StatusSeeOther)
	}
	if !inPlace(err) {
		return err
	}
	form.Problem = problemOf(err)
	if failureOf(err).code == liveblog.KeyReused {
		// The answer to the first save was lost, and the text has been changed since.
		form.Key = newKey()
		form.Problem = views.Problem{Message: "An earlier save of this form has gone through, with the text as it was then. " +
			"Look for it in the list below; saving again adds another entry."}
	}
	page, pageErr := d.blogPageOf(c, v, form)
	if pageErr != nil {
		return pageErr
	}
	return d.answer(c, err, views.DeskBlog(page))
}

// savedPath leads to the blog's page, which says what became of the entry.
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

// unsaved is the typed entry as it would stand if it were published now.
func unsaved(t typedEntry, v visitor) liveblog.Entry {
	now := time.Now().UTC()
	return t.over(liveblog.Entry{Revision: 1, Author: v.user.Name, AuthorID: v.user.ID, EditedBy: v.user.Name,
		Status: liveblog.Published, CreatedAt: now, PublishedAt: now, UpdatedAt: now})
}

// rendered is the preview of an entry.
func rendered(b liveblog.Blog, e liveblog.Entry) templ.Component {
	switch {
	case len(e.Body) > liveblog.MaxBody:
		return views.PreviewNote(fmt.Sprintf("The text is longer than %d bytes, which is the limit.", liveblog.MaxBody))
	case e.Body == "" && e.Headline == "":
		return views.PreviewNote("There is nothing to show yet.")
	}
	return templ.Raw(views.EntryHTML(b, &liveblog.Talks{}, e))
}

// preview renders what the composer holds, alone, for the script.
func (d *deskPages) preview(c *fiber.Ctx, v visitor) error {
	b, err := d.findBlog(c)
	if err != nil {
		return err
	}
	return d.show(c, rendered(b, unsaved(readEntry(c), v)))
}

// entry shows the form in which an entry is edited.
func (d *deskPages) entry(c *fiber.Ctx, v visitor) error {
	b, e, err := d.findEntry(c, v)
	if err != nil {
		return err
	}
	if err := mayRevise(d.desk(v), e); err != nil {
		return err
	}
	form := views.EntryForm{Headline: e.Headline, Body: e.Body, KeyEvent: e.KeyEvent, Pinned: e.Pinned, Summary: e.Summary, Base: e.Revision}
	return d.show(c, views.DeskEntry(d.entryPageOf(v, b, e, form)))
}

// mayRevise says before a form is shown what the domain would say after it was sent.
func mayRevise(desk views.Desk, e liveblog.Entry) error {
	switch {
	case e.Status == liveblog.Removed:
		return liveblog.FieldErrorf(liveblog.Gone, "number", "Entry %d has been removed and can no longer be changed.", e.Number)
	case !desk.MayRevise(e):
		return liveblog.Errorf(liveblog.Forbidden, "Your role allows changing your own drafts only.")
	}
	return nil
}

// entryPageOf makes an entry's page around its form.
func (d *deskPages) entryPageOf(v visitor, b liveblog.Blog, e liveblog.Entry, form views.EntryForm) views.DeskEntryPage {
	form.Action = "/desk/" + b.Slug + "/entries/" + strconv.Itoa(e.Number)
	form.Preview, form.CSRF, form.Language = "/desk/"+b.Slug+"/preview", v.csrf, b.Language
	form.Draft, form.Publish = e.Status == liveblog.Draft, v.user.Role.MayPublish()
	return views.DeskEntryPage{Desk: d.desk(v), Blog: b, Entry: e, Form: form}
}

// saveEntry saves what the composer sends as a new revision, or shows a preview of it.
func (d *deskPages) saveEntry(c *fiber.Ctx, v visitor) error {
	typed := readEntry(c)
	form := typed.form("", "")
	if !typed.saves() {
		b, e, err := d.findEntry(c, v)
		if err != nil {
			return err
		}
		form.Rendered = rendered(b, typed.over(asPublic(e)))
		return d.show(c, views.DeskEntry(d.entryPageOf(v, b, e, form)))
	}
	number, err := pathNumber(c)
	if err != nil {
		return err
	}
	ctx, cancel := within(commitTimeout)
	defer cancel()
	e, err := d.Desk.Edit(ctx, v.actor(), c.Params("slug"), number, typed.patch(), typed.base)
	if err == nil {
		return c.Redirect(savedPath(c, e), fiber.StatusSeeOther)
	}
	if !inPlace(err) {
		return err
	}
	b, current, findErr := d.findEntry(c, v)
	if findErr != nil {
		return findErr
	}
	form.Problem = problemOf(err)
	if failureOf(err).code == liveblog.Stale {
		const comparing = 500 * time.Millisecond
		wanted := typed.over(current)
		if wanted == current { // our own save, whose answer was lost
			return c.Redirect(savedPath(c, current), fiber.StatusSeeOther)
		}
		form.Problem.Fields = nil
		form.Base = current.Revision
		form.Conflict = &views.Conflict{Blog: b, Current: current, Changes: views.CompareEntries(current, wanted, comparing)}
	}
	return d.answer(c, err, views.DeskEntry(d.entryPageOf(v, b, current, form)))
}

// asPublic gives a draft the time that a preview shows.
func asPublic(e liveblog.Entry) liveblog.Entry {
	if e.PublishedAt.IsZero() {
		e.Status, e.PublishedAt = liveblog.Published, e.UpdatedAt
	}
	return e
}

// confirmRemoval asks before an entry is removed.
func (d *deskPages) confirmRemoval(c *fiber.Ctx, v visitor) error {
	b, e, err := d.findEntry(c, v)
	if err != nil {
		return err
	}
	if err := mayRevise(d.desk(v), e); err != nil {
		return err
	}
	return d.show(c, views.DeskRemove(views.DeskRemovePage{Desk: d.desk(v), Blog: b, Entry: e}))
}

// remove takes an entry back.
func (d *deskPages) remove(c *fiber.Ctx, v visitor) error {
	number, err := pathNumber(c)
	if err != nil {
		return err
	}
	ctx, cancel := within(commitTimeout)
	defer cancel()
	e, err := d.Desk.Remove(ctx, v.actor(), c.Params("slug"), number, readEntry(c).base)
	if err == nil {
		return c.Redirect(savedPath(c, e), fiber.StatusSeeOther)
	}
	if !inPlace(err) {
		return err
	}
	b, current, findErr := d.findEntry(c, v)
	if findErr != nil {
		return findErr
	}
	if current.Status == liveblog.Removed { // sent twice
		return c.Redirect(savedPath(c, current), fiber.StatusSeeOther)
	}
	if failureOf(err).code != liveblog.Stale {
		return err
	}
	p := views.DeskRemovePage{Desk: d.desk(v), Blog: b, Entry: current, Problem: problemOf(err)}
	return d.answer(c, err, views.DeskRemove(p))
}
