package desk

import (
	"readout/handlers/web"
	"readout/liveblog"
	view "readout/views/desk"

	"github.com/gofiber/fiber/v2"
)

// FirstRunForm shows the form for the first admin and the first blog, to whoever has the one-time address.
func (d *Handlers) FirstRunForm(c *fiber.Ctx) error {
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	if err := d.Accounts.CheckFirstRun(ctx, c.Params("token")); err != nil {
		return err
	}
	return d.show(c, view.FirstRun(view.FirstRunPage{Site: d.Site, Action: c.Path(), TimeZone: "UTC", Language: "en"}))
}

// FinishFirstRun makes the first admin and the first blog, logs the admin in, and redirects to the blog at the desk.
// The secret in the address protects the form against other sites.
func (d *Handlers) FinishFirstRun(c *fiber.Ctx) error {
	release, err := d.readAnonymousForm(c)
	if err != nil {
		return err
	}
	defer release()
	ctx, cancel := web.Within(web.CommitTimeout)
	defer cancel()
	if err := d.Accounts.CheckFirstRun(ctx, c.Params("token")); err != nil { // before this waits for a slot
		return err
	}
	if err := d.acquireHashing(ctx); err != nil {
		return err
	}
	secret, session, user, err := d.Accounts.FinishFirstRun(ctx, c.Params("token"), liveblog.FirstRun{
		Email:    formText(c, "email"),
		Name:     formText(c, "name"),
		Password: formText(c, "password"),
		Blog: liveblog.NewBlog{Slug: formText(c, "slug"), Title: formText(c, "title"),
			TimeZone: formText(c, "time_zone"), Language: formText(c, "language")},
	}, d.login(c))
	<-d.hashing
	if err == nil {
		d.setCookie(c, secret, session)
		d.rememberBrowser(c, user)
		return c.Redirect("/desk/"+formText(c, "slug")+"?done=created", fiber.StatusSeeOther)
	}
	if !shownInForm(err) {
		return err
	}
	typed := func(name string) string { return web.Printable(formText(c, name)) }
	return d.answer(c, err, view.FirstRun(view.FirstRunPage{Site: d.Site, Action: c.Path(), Email: typed("email"),
		Name: typed("name"), Slug: typed("slug"), Title: typed("title"), TimeZone: typed("time_zone"),
		Language: typed("language"), Problem: problemOf(err)}))
}
