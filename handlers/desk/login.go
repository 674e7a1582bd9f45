package desk

import (
	"context"
	"time"

	"readout/handlers/web"
	"readout/liveblog"
	view "readout/views/desk"

	"github.com/gofiber/fiber/v2"
)

const (
	MaxHashing  = 2               // passwords hashed at the same time: each takes 19 MiB and a core
	hashingWait = 3 * time.Second // how long a login waits for a slot
)

// LoginForm shows the login page, or redirects to the desk if there is a session.
func (d *Handlers) LoginForm(c *fiber.Ctx) error {
	next := ownPath(c.Query("next"))
	if _, err := d.visitor(c); err == nil {
		return c.Redirect(orDesk(next), fiber.StatusSeeOther)
	}
	return d.show(c, view.Login(view.LoginPage{Site: d.Site, Next: next}))
}

// Login starts a session.
func (d *Handlers) Login(c *fiber.Ctx) error {
	release, err := d.readAnonymousForm(c)
	if err != nil {
		return err
	}
	defer release()
	email, password, next := web.Printable(formText(c, "email")), formText(c, "password"), ownPath(formText(c, "next"))
	secret, session, user, err := d.checkPassword(c, email, password)
	if err != nil {
		p := view.LoginPage{Site: d.Site, Email: email, Next: next, Problem: problemOf(err)}
		return d.answer(c, err, view.Login(p))
	}
	d.startSession(c, secret, session)
	d.rememberBrowser(c, user)
	return c.Redirect(orDesk(next), fiber.StatusSeeOther)
}

// checkPassword starts a session. It fails with [liveblog.Unauthorized], [liveblog.TooMany] or
// [liveblog.Unavailable].
func (d *Handlers) checkPassword(
	c *fiber.Ctx, email, password string,
) (secret string, s liveblog.Session, u liveblog.User, err error) {
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	err = d.hashed(ctx, c, d.newTry(c, email), func() (err error) {
		secret, s, u, err = d.Accounts.Login(ctx, email, password, d.login(c))
		return err
	}, func(err error) bool { return liveblog.CodeOf(err) == liveblog.Unauthorized })
	return secret, s, u, err
}

// login says from where a request comes, as the list of sessions shows it.
func (d *Handlers) login(c *fiber.Ctx) liveblog.Login {
	return liveblog.Login{Browser: browserName(c.Get(fiber.HeaderUserAgent)), Place: web.LogAddress(d.Client(c))}
}

// acquireHashing waits for one of the MaxHashing slots. The caller releases it by receiving from d.hashing.
func (d *Handlers) acquireHashing(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, hashingWait)
	defer cancel()
	select {
	case d.hashing <- struct{}{}:
		return nil
	case <-ctx.Done():
		return liveblog.Errorf(liveblog.Unavailable,
			"Many people are logging in at this moment. Try again in a few seconds.")
	}
}

// Logout ends the session, if there is one, and redirects to the login page.
func (d *Handlers) Logout(c *fiber.Ctx) error {
	if err := d.sameSite(c); err != nil {
		return err
	}
	v, err := d.visitor(c)
	switch {
	case liveblog.CodeOf(err) == liveblog.Unauthorized:
	case err != nil:
		return err
	default:
		release, err := d.ReadForm(c, web.MaxSmallBody, d.Bodies.Known, v.user.ID)
		if err != nil {
			return err
		}
		defer release()
		if !validToken(c, v) {
			return errFormToken()
		}
		if err := d.endSession(c.Cookies(d.cookieName())); err != nil {
			return err
		}
	}
	d.dropCookie(c)
	return c.Redirect("/login", fiber.StatusSeeOther)
}

func (d *Handlers) endSession(secret string) error {
	ctx, cancel := web.Within(web.CommitTimeout)
	defer cancel()
	return d.Accounts.Logout(ctx, secret)
}

func orDesk(next string) string {
	if next == "" {
		return "/desk"
	}
	return next
}
