package desk

import (
	"readout/handlers/web"
	"readout/liveblog"
	view "readout/views/desk"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"
)

// accountPath is the page of a person's own account, the only one that a generated password opens.
const accountPath = "/account"

// Account shows a person's own account.
func (d *Handlers) Account(c *fiber.Ctx, v visitor) error {
	page, err := d.accountPage(v)
	if err != nil {
		return err
	}
	page.Done = c.Query("done")
	return d.show(c, view.Account(page))
}

func (d *Handlers) accountPage(v visitor) (view.AccountPage, error) {
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	page := view.AccountPage{Desk: d.desk(v), Email: v.user.Email, Name: v.user.Name,
		PasswordEnds: v.user.PasswordEnds}
	sessions, err := d.Accounts.Sessions(ctx, v.user)
	if err != nil {
		return page, err
	}
	for _, s := range sessions {
		page.Sessions = append(page.Sessions, view.SessionItem{ID: s.ID(), Browser: s.Browser, Place: s.Place,
			Started: s.CreatedAt, Used: s.UsedAt, Present: s.Hash == v.session.Hash})
	}
	return page, nil
}

// SaveName changes a person's own name.
func (d *Handlers) SaveName(c *fiber.Ctx, v visitor) error {
	ctx, cancel := web.Within(web.CommitTimeout)
	defer cancel()
	err := d.Accounts.Rename(ctx, v.user, formText(c, "name"))
	return d.accountDone(c, v, "name", err, func(p *view.AccountPage) {
		p.Name, p.NameProblem = web.Printable(formText(c, "name")), problemOf(err)
	})
}

// SavePassword changes a person's own password. Wrong guesses of the present one count as failed logins do, because a
// stolen session must not become a way to guess it.
func (d *Handlers) SavePassword(c *fiber.Ctx, v visitor) error {
	ctx, cancel := web.Within(web.CommitTimeout)
	defer cancel()
	err := d.hashed(ctx, c, d.newTry(c, v.user.Email), func() error {
		return d.Accounts.ChangePassword(ctx, v.user, v.session, formText(c, "current"), formText(c, "password"))
	}, func(err error) bool {
		return liveblog.CodeOf(err) == liveblog.Invalid && len(problemOf(err).On("current")) > 0
	})
	return d.accountDone(c, v, "password", err, func(p *view.AccountPage) { p.PasswordProblem = problemOf(err) })
}

// EndSession ends one of a person's own sessions, or all others.
func (d *Handlers) EndSession(c *fiber.Ctx, v visitor) (err error) {
	ctx, cancel := web.Within(web.CommitTimeout)
	defer cancel()
	id, done := formText(c, "session"), "session"
	if id == "others" {
		done = "sessions"
		_, err = d.Accounts.EndOtherSessions(ctx, v.user, v.session)
	} else {
		err = d.Accounts.EndSession(ctx, v.user, id)
	}
	if err == nil && id == v.session.ID() {
		d.dropCookie(c)
		return c.Redirect("/login", fiber.StatusSeeOther)
	}
	return d.accountDone(c, v, done, err, func(p *view.AccountPage) { p.SessionProblem = problemOf(err) })
}

// accountDone answers a form of the account: with a redirect, or with the page and what is wrong.
func (d *Handlers) accountDone(
	c *fiber.Ctx, v visitor, done string, err error, refused func(*view.AccountPage),
) error {
	if err == nil {
		return c.Redirect(accountPath+"?done="+done, fiber.StatusSeeOther)
	}
	code := liveblog.CodeOf(err)
	if !shownInForm(err) && code != liveblog.TooMany && code != liveblog.NotFound {
		return err
	}
	page, pageErr := d.accountPage(v)
	if pageErr != nil {
		return pageErr
	}
	refused(&page)
	return d.answer(c, err, view.Account(page))
}

// TypedNameForm is the [formBuilder] of the name.
func (d *Handlers) TypedNameForm(c *fiber.Ctx, csrf string, p view.Problem) templ.Component {
	return view.NameForm(csrf, web.Printable(formText(c, "name")), p)
}
