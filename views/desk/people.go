package desk

import (
	"maps"
	"slices"
	"strings"
	"time"

	"readout/liveblog"
)

// MembersPage is the page on which admins invite people and change their roles.
type MembersPage struct {
	Desk        Desk
	Blog        *liveblog.Blog  // nil on the page for all blogs
	Blogs       []liveblog.Blog // on which the user may give roles
	Members     []liveblog.User
	Invitations []liveblog.Invitation
	Form        GrantForm
	Link        *InvitationLink // of the invitation that was just made; nil for none
	Problem     Problem         // of a change of a member
	Notice      string          // what was just done; "" for nothing
}

// InvitationLink is the link of a new invitation, which is shown once.
type InvitationLink struct {
	Email, URL string
	Until      time.Time
	Mailed     bool // it was mailed to the address
	Failed     bool // mailing it failed
}

// GrantForm gives roles to somebody who is invited, or to a new token.
type GrantForm struct {
	Email, Name, Expires string
	Role                 string
	On                   []string // slugs; "*" is for all blogs
	Problem              Problem
	Typed                bool
}

// TokensPage is the page on which admins create and revoke tokens.
type TokensPage struct {
	Desk    Desk
	Blogs   []liveblog.Blog // on which the user may give roles
	Tokens  []liveblog.Token
	Now     time.Time
	Form    GrantForm
	Secret  string // of the token that was just created; "" for none
	Name    string // its name
	Problem Problem
	Notice  string
}

// InvitePage is the page to which the link of an invitation leads.
type InvitePage struct {
	Desk       Desk // without a user if nobody is logged in
	Invitation liveblog.Invitation
	Action     string // the path of the page
	LoginPath  string
	HasLogin   bool // there is a user with the invitation's address
	Name       string
	Problem    Problem
}

// allBlogs is the value of the box for a role on all blogs.
const allBlogs = "*"

// path returns the path of the page, to which its forms are sent.
func (p MembersPage) path() string {
	if p.Blog != nil {
		return deskBlogPath(*p.Blog) + "/members"
	}
	return "/admin/members"
}

func (p MembersPage) title() string {
	if p.Blog != nil {
		return "Members of " + p.Blog.Title
	}
	return "Members"
}

// roleRow is one role of a member, as a form changes it.
type roleRow struct {
	Slug  string // "" for all blogs
	Label string
	Role  liveblog.Role
	Fixed bool // the user may not change it
}

// roleRows returns the roles of a member that the user sees, the one on all blogs first.
func (p MembersPage) roleRows(u liveblog.User) (rows []roleRow) {
	if u.Role != "" {
		rows = append(rows, roleRow{Label: "all blogs", Role: u.Role, Fixed: !p.Desk.may(liveblog.Administer, "")})
	}
	for _, slug := range slices.Sorted(maps.Keys(u.On)) {
		rows = append(rows, roleRow{Slug: slug, Label: p.blogTitle(slug), Role: u.On[slug]})
	}
	return rows
}

func (p MembersPage) blogTitle(slug string) string { return titleOf(p.Blogs, slug) }

func titleOf(blogs []liveblog.Blog, slug string) string {
	if i := slices.IndexFunc(blogs, func(b liveblog.Blog) bool { return b.Slug == slug }); i >= 0 {
		return blogs[i].Title
	}
	return slug
}

// moreBlogs returns the blogs on which a member has no role of their own yet.
func (p MembersPage) moreBlogs(u liveblog.User) []liveblog.Blog {
	if p.Blog != nil && u.On[p.Blog.Slug] == "" {
		return []liveblog.Blog{*p.Blog}
	}
	return slices.DeleteFunc(slices.Clone(p.Blogs), func(b liveblog.Blog) bool { return u.On[b.Slug] != "" })
}

// rolesInWords says which roles somebody has, for example "editor on all blogs, viewer on The summit".
func rolesInWords(role liveblog.Role, on map[string]liveblog.Role, blogs []liveblog.Blog) string {
	var all []string
	if role != "" {
		all = append(all, string(role)+" on all blogs")
	}
	for _, slug := range slices.Sorted(maps.Keys(on)) {
		all = append(all, string(on[slug])+" on "+titleOf(blogs, slug))
	}
	if len(all) == 0 {
		return "no role"
	}
	return strings.Join(all, ", ")
}

// roleNote says in a few words what a role allows.
func roleNote(r liveblog.Role) string {
	switch r {
	case liveblog.Admin:
		return "admin: everything, and members, tokens and approval"
	case liveblog.Editor:
		return "editor: publishes, and changes settings and setup"
	case liveblog.Contributor:
		return "contributor: writes drafts"
	case liveblog.Viewer:
		return "viewer: reads drafts"
	}
	return string(r)
}

// tokenState says whether a token works, and until when.
func tokenState(t liveblog.Token, now time.Time) string {
	switch {
	case t.ExpiresAt.IsZero():
		return "does not end"
	case !now.Before(t.ExpiresAt):
		return "ended " + utcText(t.ExpiresAt)
	}
	return "ends " + utcText(t.ExpiresAt)
}

// administersAnything reports whether the user has pages of the installation to see.
func (d Desk) administersAnything() bool { return liveblog.MayAnywhere(d.User, liveblog.Administer) }
