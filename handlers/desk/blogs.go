package desk

import (
	"net/url"
	"time"

	"readout/handlers/web"
	"readout/liveblog"
	view "readout/views/desk"

	"github.com/gofiber/fiber/v2"
)

// deskPath returns the desk's path of the blog that a request is about.
func deskPath(c *fiber.Ctx) string { return "/desk/" + url.PathEscape(c.Params("slug")) }

// Blogs shows the list of all blogs.
func (d *Handlers) Blogs(c *fiber.Ctx, v visitor) error {
	page, err := d.blogsPage(v, view.BlogForm{Action: "/desk", CSRF: v.csrf, Status: string(liveblog.Upcoming),
		TimeZone: "UTC", Language: "en"})
	if err != nil {
		return err
	}
	return d.show(c, view.Blogs(page))
}

func (d *Handlers) blogsPage(v visitor, form view.BlogForm) (view.BlogsPage, error) {
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	blogs, err := d.Store.Blogs(ctx)
	if err != nil {
		return view.BlogsPage{}, err
	}
	blogs = liveblog.Visible(v.actor(), blogs)
	page := view.BlogsPage{Desk: d.desk(v), Form: form, Blogs: make([]view.BlogItem, len(blogs))}
	if page.Copies, err = d.Desk.Copies(ctx, v.actor(), ""); err != nil {
		return view.BlogsPage{}, err
	}
	for i, b := range blogs {
		page.Blogs[i] = view.BlogItem{Blog: b, Updated: b.UpdatedAt}
		newest, err := d.Store.Entries(ctx, b.Slug, 0, 1)
		if err != nil {
			return view.BlogsPage{}, err
		}
		if len(newest) > 0 && newest[0].UpdatedAt.After(b.UpdatedAt) {
			page.Blogs[i].Updated = newest[0].UpdatedAt
		}
	}
	return page, nil
}

// AddBlog creates a blog.
func (d *Handlers) AddBlog(c *fiber.Ctx, v visitor) error {
	ctx, cancel := web.Within(web.CommitTimeout)
	defer cancel()
	b, err := d.Desk.CreateBlog(ctx, v.actor(), liveblog.NewBlog{
		Slug:       formText(c, "slug"),
		Title:      formText(c, "title"),
		Standfirst: formText(c, "standfirst"),
		Status:     liveblog.BlogStatus(formText(c, "status")),
		TimeZone:   formText(c, "time_zone"),
		Language:   formText(c, "language"),
		Venue:      formText(c, "venue"),
		Address:    formText(c, "address"),
	})
	if err == nil {
		return c.Redirect("/desk/"+b.Slug+"?done=created", fiber.StatusSeeOther)
	}
	if !shownInForm(err) {
		return err
	}
	form := readBlog(c, v.csrf)
	form.Problem = problemOf(err)
	page, pageErr := d.blogsPage(v, form)
	if pageErr != nil {
		return pageErr
	}
	return d.answer(c, err, view.Blogs(page))
}

// Settings shows the form with a blog's own fields.
func (d *Handlers) Settings(c *fiber.Ctx, v visitor) error {
	if err := liveblog.May(v.actor(), liveblog.Manage, c.Params("slug")); err != nil {
		return err
	}
	b, err := d.findBlog(c)
	if err != nil {
		return err
	}
	form := view.BlogForm{Action: deskPath(c) + "/settings", CSRF: v.csrf, Title: b.Title, Standfirst: b.Standfirst,
		Status: string(b.Status), TimeZone: b.TimeZone, Language: b.Language, Venue: b.Venue, Address: b.Address,
		Seen: &b}
	return d.show(c, view.Settings(view.SettingsPage{Desk: d.desk(v), Blog: b, Form: form}))
}

// SaveSettings saves only the fields that were changed in the form, so that two editors who change different fields
// do not undo each other's work.
func (d *Handlers) SaveSettings(c *fiber.Ctx, v visitor) error {
	ctx, cancel := web.Within(web.CommitTimeout)
	defer cancel()
	form := readBlog(c, v.csrf)
	form.Seen = seenBlog(c)
	patch := liveblog.BlogPatch{
		Title:      changed(c, "title"),
		Standfirst: changed(c, "standfirst"),
		TimeZone:   changed(c, "time_zone"),
		Language:   changed(c, "language"),
		Venue:      changed(c, "venue"),
		Address:    changed(c, "address"),
	}
	if s := changed(c, "status"); s != nil {
		patch.Status = new(liveblog.BlogStatus(*s))
	}
	_, err := d.Desk.UpdateBlog(ctx, v.actor(), c.Params("slug"), patch)
	if err == nil {
		return c.Redirect(deskPath(c)+"?done=settings", fiber.StatusSeeOther)
	}
	if !shownInForm(err) {
		return err
	}
	b, blogErr := d.findBlog(c)
	if blogErr != nil {
		return blogErr
	}
	form.Problem = problemOf(err)
	return d.answer(c, err, view.Settings(view.SettingsPage{Desk: d.desk(v), Blog: b, Form: form}))
}

// changed returns what was typed in a field, or nil if that is what the form was sent out with.
func changed(c *fiber.Ctx, name string) *string {
	typed := formText(c, name)
	if typed == formText(c, "seen_"+name) {
		return nil
	}
	return &typed
}

func (d *Handlers) findBlog(c *fiber.Ctx) (liveblog.Blog, error) {
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	return d.Store.Blog(ctx, c.Params("slug"))
}

// findEntry returns a blog's talks and one of its entries, if the visitor may read it.
func (d *Handlers) findEntry(c *fiber.Ctx, v visitor) (talksState, liveblog.Entry, error) {
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	number, err := web.PathNumber(c)
	if err != nil {
		return talksState{}, liveblog.Entry{}, err
	}
	now, err := d.talks(ctx, c.Params("slug"))
	if err != nil {
		return talksState{}, liveblog.Entry{}, err
	}
	e, err := liveblog.ReadableEntry(ctx, d.Store, v.actor(), now.blog.Slug, number)
	return now, e, err
}

// History shows one page of an entry's revisions.
func (d *Handlers) History(c *fiber.Ctx, v visitor) error {
	const diffTimeout = time.Second // for all revisions together
	const shown = 20
	before, err := web.QueryNumber(c, "before")
	if err != nil {
		return err
	}
	now, e, err := d.findEntry(c, v)
	if err != nil {
		return err
	}
	b := now.blog
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	revisions, err := d.Store.Revisions(ctx, b.Slug, e.Number, before, shown+1) // one more, to compare the oldest with
	if err != nil {
		return err
	}
	page := view.HistoryPage{Desk: d.desk(v), Blog: b, Entry: e, Before: before, Purged: c.Query("done") == "purged"}
	if len(revisions) > shown {
		page.Older = revisions[shown-1].Revision
	}
	page.Revisions = view.Revisions(liveblog.Readable(v.actor(), b.Slug, revisions), b.Location(), diffTimeout)
	if n := len(page.Revisions); n > 0 && page.Revisions[n-1].Entry.Revision < page.Older {
		page.Revisions = page.Revisions[:n-1]
	}
	if page.Approvals, err = d.Store.Approvals(ctx, b.Slug, e.Number, e.Number); err != nil {
		return err
	}
	if before == 0 {
		if page.SetAside, err = d.setAside(ctx, v, b, e); err != nil {
			return err
		}
	}
	if n := len(page.Revisions); n > 0 {
		page.Audit, err = d.Accounts.EntryAudit(ctx, v.actor(), b.Slug, e.Number, page.Revisions[n-1].Entry.Revision,
			page.Revisions[0].Entry.Revision)
		if err != nil {
			return err
		}
	}
	return d.show(c, view.History(page))
}
