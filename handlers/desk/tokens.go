package desk

import (
	"time"

	"readout/handlers/web"
	"readout/liveblog"
	view "readout/views/desk"

	"github.com/gofiber/fiber/v2"
)

// Tokens shows the tokens of the blogs that the visitor administers.
func (d *Handlers) Tokens(c *fiber.Ctx, v visitor) error {
	page, err := d.tokensPage(c, v)
	if err != nil {
		return err
	}
	if c.Query("done") == "revoke" {
		page.Notice = "The token is revoked, and does not work on any node any more."
	}
	return d.show(c, view.Tokens(page))
}

func (d *Handlers) tokensPage(c *fiber.Ctx, v visitor) (p view.TokensPage, err error) {
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	p = view.TokensPage{Desk: d.desk(v), Now: d.Accounts.Now(),
		Form: view.GrantForm{Role: string(liveblog.Contributor)}}
	if p.Tokens, err = d.Accounts.Tokens(ctx, v.actor()); err != nil {
		return p, err
	}
	p.Blogs, err = d.administered(c, v)
	return p, err
}

// ChangeTokens creates or revokes a token.
func (d *Handlers) ChangeTokens(c *fiber.Ctx, v visitor) error {
	ctx, cancel := web.Within(web.CommitTimeout)
	defer cancel()
	form := readGrant(c)
	var secret string
	var err error
	switch action := formText(c, "action"); action {
	case "create":
		form.Typed = true
		secret, err = d.createToken(c, v, form)
	case "revoke":
		if _, err = d.Accounts.RevokeToken(ctx, v.actor(), formText(c, "token")); err == nil {
			return c.Redirect("/admin/tokens?done=revoke", fiber.StatusSeeOther)
		}
	default:
		err = errNoAction()
	}
	if err != nil && !shownInForm(err) {
		return err
	}
	page, pageErr := d.tokensPage(c, v)
	switch {
	case pageErr != nil:
		return pageErr
	case err == nil:
		page.Secret, page.Name = secret, form.Name
		return d.show(c, view.Tokens(page))
	case form.Typed:
		form.Problem = problemOf(err)
		page.Form = form
	default:
		page.Problem = problemOf(err)
	}
	return d.answer(c, err, view.Tokens(page))
}

func (d *Handlers) createToken(c *fiber.Ctx, v visitor, form view.GrantForm) (secret string, err error) {
	ctx, cancel := web.Within(web.CommitTimeout)
	defer cancel()
	in := liveblog.NewToken{Name: form.Name}
	if form.Expires != "" {
		day, err := time.Parse(time.DateOnly, form.Expires)
		if err != nil {
			return "", liveblog.FieldErrorf(liveblog.Invalid, "expires", "The last day has the form 2026-12-31.")
		}
		in.ExpiresAt = day.AddDate(0, 0, 1)
	}
	if in.Role, in.On, err = grantOf(form); err != nil {
		return "", err
	}
	return d.Accounts.AddToken(ctx, v.actor(), in)
}
