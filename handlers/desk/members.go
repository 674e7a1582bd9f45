package desk

import (
	"slices"

	"readout/handlers/web"
	"readout/liveblog"
	view "readout/views/desk"

	"github.com/gofiber/fiber/v2"
)

// Members shows the members of a blog, or of all blogs.
func (d *Handlers) Members(c *fiber.Ctx, v visitor) error {
	page, err := d.membersPage(c, v)
	if err != nil {
		return err
	}
	page.Notice = membersNotice(c.Query("done"))
	return d.show(c, view.Members(page))
}

func membersNotice(done string) string {
	switch done {
	case "role":
		return "The role is saved, and holds from now on."
	case "disable":
		return "The member is disabled: the sessions have ended and the tokens are revoked. Entries and bylines stay."
	case "enable":
		return "The member can log in again."
	case "withdraw":
		return "The invitation is withdrawn; its link does not work any more."
	}
	return ""
}

func (d *Handlers) membersPage(c *fiber.Ctx, v visitor) (p view.MembersPage, err error) {
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	by, slug := v.actor(), c.Params("slug")
	p = view.MembersPage{Desk: d.desk(v), Form: view.GrantForm{Role: string(liveblog.Viewer)}}
	if p.Members, err = d.Accounts.Members(ctx, by, slug); err != nil {
		return p, err
	}
	if p.Invitations, err = d.Accounts.Invitations(ctx, by, slug); err != nil {
		return p, err
	}
	if slug != "" {
		b, err := d.Store.Blog(ctx, slug)
		if err != nil {
			return p, err
		}
		p.Blog, p.Blogs = &b, []liveblog.Blog{b}
		return p, nil
	}
	p.Blogs, err = d.administered(c, v)
	return p, err
}

// administered returns the blogs that the visitor administers.
func (d *Handlers) administered(c *fiber.Ctx, v visitor) ([]liveblog.Blog, error) {
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	blogs, err := d.Store.Blogs(ctx)
	return slices.DeleteFunc(blogs, func(b liveblog.Blog) bool {
		return liveblog.May(v.actor(), liveblog.Administer, b.Slug) != nil
	}), err
}

// ChangeMembers does what one of the page's forms asks for.
func (d *Handlers) ChangeMembers(c *fiber.Ctx, v visitor) error {
	ctx, cancel := web.Within(web.CommitTimeout)
	defer cancel()
	action, by, slug := formText(c, "action"), v.actor(), c.Params("slug")
	// The page of a blog changes nothing but roles on it.
	if err := liveblog.May(by, liveblog.Administer, slug); err != nil {
		return err
	}
	var err error
	switch action {
	case "invite":
		return d.invite(c, v)
	case "role":
		on := formText(c, "blog")
		if slug != "" {
			on = slug
		}
		_, err = d.Accounts.ChangeRoles(ctx, by, formText(c, "user"),
			liveblog.RoleChanges{on: liveblog.Role(formText(c, "role"))})
	case "disable":
		_, err = d.Accounts.Disable(ctx, by, formText(c, "user"))
	case "enable":
		_, err = d.Accounts.Enable(ctx, by, formText(c, "user"))
	case "withdraw":
		err = d.Accounts.Withdraw(ctx, by, formText(c, "invitation"))
	default:
		err = errNoAction()
	}
	if err == nil {
		return c.Redirect(c.Path()+"?done="+action, fiber.StatusSeeOther)
	}
	if !shownInForm(err) {
		return err
	}
	page, pageErr := d.membersPage(c, v)
	if pageErr != nil {
		return pageErr
	}
	page.Problem = problemOf(err)
	return d.answer(c, err, view.Members(page))
}

func errNoAction() error {
	return liveblog.FieldErrorf(liveblog.Invalid, "action", "The form does not say what to do, so nothing was changed.")
}

// invite makes an invitation, mails it where mail is set up, and shows its link.
func (d *Handlers) invite(c *fiber.Ctx, v visitor) error {
	ctx, cancel := web.Within(web.CommitTimeout)
	defer cancel()
	form := readGrant(c)
	if slug := c.Params("slug"); slug != "" {
		form.On = []string{slug}
	}
	role, on, err := grantOf(form)
	var link *view.InvitationLink
	if err == nil {
		var secret string
		var i liveblog.Invitation
		in := liveblog.NewInvitation{Email: form.Email, Role: role, On: on}
		secret, i, err = d.Accounts.Invite(ctx, v.actor(), in)
		if err == nil {
			link = &view.InvitationLink{Email: i.Email, URL: d.Site.BaseURL + "/invite/" + secret, Until: i.ExpiresAt}
			d.mailInvitation(link, i)
		}
	}
	if err != nil && !shownInForm(err) {
		return err
	}
	page, pageErr := d.membersPage(c, v)
	if pageErr != nil {
		return pageErr
	}
	if err != nil {
		form.Problem, form.Typed = problemOf(err), true
		page.Form = form
		return d.answer(c, err, view.Members(page))
	}
	page.Link = link
	return d.show(c, view.Members(page))
}

// readGrant returns the form of an invitation or a token with what was typed.
func readGrant(c *fiber.Ctx) view.GrantForm {
	f := view.GrantForm{
		Email: web.Printable(formText(c, "email")), Name: web.Printable(formText(c, "name")),
		Expires: web.Printable(formText(c, "expires")), Role: web.Printable(formText(c, "role")),
	}
	for _, on := range web.Form(c).PeekMulti("on") {
		f.On = append(f.On, web.Printable(string(on)))
	}
	return f
}

// grantOf returns the role on all blogs or the roles on single ones that a form gives. It fails with
// [liveblog.Invalid] and the field "blogs" if no box is ticked.
func grantOf(f view.GrantForm) (role liveblog.Role, on map[string]liveblog.Role, err error) {
	if len(f.On) == 0 {
		return "", nil, liveblog.FieldErrorf(liveblog.Invalid, "blogs", "Tick all blogs, or at least one blog.")
	}
	if slices.Contains(f.On, "*") {
		return liveblog.Role(f.Role), nil, nil
	}
	on = map[string]liveblog.Role{}
	for _, slug := range f.On {
		on[slug] = liveblog.Role(f.Role)
	}
	return "", on, nil
}
