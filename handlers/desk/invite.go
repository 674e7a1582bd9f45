package desk

import (
	"context"
	"fmt"
	"time"

	"readout/handlers/web"
	"readout/liveblog"
	view "readout/views/desk"

	"github.com/gofiber/fiber/v2"
)

// Mailer sends a plain text to one address.
type Mailer func(ctx context.Context, to, subject, text string) error

// mailTimeout bounds how long the page with the link waits for the mail server.
const mailTimeout = 5 * time.Second

// mailInvitation mails the link of an invitation, if mail is set up, and notes in the link whether that worked.
func (d *Handlers) mailInvitation(link *view.InvitationLink, i liveblog.Invitation) {
	if d.Mail == nil {
		return
	}
	ctx, cancel := web.Within(mailTimeout)
	defer cancel()
	text := fmt.Sprintf("%s invites you to the desk of %s.\n\n"+
		"Follow this link to join. It works once, until %s:\n\n%s\n\n"+
		"If you do not expect this invitation, ignore it.\n",
		i.Inviter, d.Site.Name, i.ExpiresAt.UTC().Format("2 January 2006, 15:04 UTC"), link.URL)
	if err := d.Mail(ctx, i.Email, "Invitation to the desk of "+d.Site.Name, text); err != nil {
		d.Log.Warn("an invitation could not be mailed; its link was shown to the inviter", "invitation", i.ID,
			"error", err)
		link.Failed = true
		return
	}
	link.Mailed = true
}

// Invitation shows the page to which the link of an invitation leads.
func (d *Handlers) Invitation(c *fiber.Ctx) error {
	page, _, err := d.invitePage(c)
	if err != nil {
		return err
	}
	return d.show(c, view.Invite(page))
}

// invitePage returns the page of an invitation, and the visitor, if somebody is logged in.
func (d *Handlers) invitePage(c *fiber.Ctx) (view.InvitePage, visitor, error) {
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	i, hasLogin, err := d.Accounts.Invitation(ctx, c.Params("token"))
	if err != nil {
		return view.InvitePage{}, visitor{}, err
	}
	v, err := d.visitor(c)
	if err != nil && liveblog.CodeOf(err) != liveblog.Unauthorized {
		return view.InvitePage{}, visitor{}, err
	}
	return view.InvitePage{Desk: d.desk(v), Invitation: i, HasLogin: hasLogin, Action: c.Path(),
		LoginPath: loginPath(c.Path())}, v, nil
}

// FollowInvitation accepts an invitation: with the login of the session, or with a new one. Whoever has the link needs
// no other proof that the form is ours; a form that uses a session also needs the session's token.
func (d *Handlers) FollowInvitation(c *fiber.Ctx) error {
	release, err := d.readAnonymousForm(c)
	if err != nil {
		return err
	}
	defer release()
	page, v, err := d.invitePage(c)
	if err != nil {
		return err
	}
	page.Name = web.Printable(formText(c, "name"))
	switch formText(c, "action") {
	case "accept":
		if v.user.ID == "" {
			return c.Redirect(page.LoginPath, fiber.StatusSeeOther)
		}
		if !validToken(c, v) {
			return errFormToken()
		}
		err = d.accept(c, v)
	case "join":
		err = d.join(c, page.Name)
	default:
		err = errNoAction()
	}
	if err == nil {
		return c.Redirect("/desk", fiber.StatusSeeOther)
	}
	if !shownInForm(err) && liveblog.CodeOf(err) != liveblog.Unavailable {
		return err
	}
	page.Problem = problemOf(err)
	return d.answer(c, err, view.Invite(page))
}

func (d *Handlers) accept(c *fiber.Ctx, v visitor) error {
	ctx, cancel := web.Within(web.CommitTimeout)
	defer cancel()
	_, err := d.Accounts.Accept(ctx, v.user, c.Params("token"))
	return err
}

// join makes a login and starts its session, in place of the one that the browser has.
func (d *Handlers) join(c *fiber.Ctx, name string) error {
	ctx, cancel := web.Within(web.CommitTimeout)
	defer cancel()
	if err := d.acquireHashing(ctx); err != nil {
		return err
	}
	secret, session, err := d.Accounts.Join(ctx, c.Params("token"), name, formText(c, "password"), d.login(c))
	<-d.hashing
	if err != nil {
		return err
	}
	d.startSession(c, secret, session)
	return nil
}
