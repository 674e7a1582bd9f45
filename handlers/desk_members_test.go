package handlers

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"readout/liveblog"
)

// invite makes an invitation on a page and returns the path of its link.
func (b *browser) invite(t *testing.T, page string, fields url.Values) string {
	t.Helper()
	a := b.post(t, page, b.fill(t, page, "#invite", fields)).want(t, 200)
	link := a.doc(t).Find(".secret input").AttrOr("value", "")
	path, ok := strings.CutPrefix(link, testBase)
	if !ok {
		t.Fatalf("the link is %q: %s", link, a.body)
	}
	return path
}

// member adds a user whose password is their address, and returns a browser in which they are logged in.
func (s *deskSite) member(t *testing.T, email string, on map[string]liveblog.Role) (liveblog.User, *browser) {
	t.Helper()
	u, err := s.server.Accounts.AddUser(t.Context(), liveblog.Actor{ID: "u_0", Role: liveblog.Admin},
		liveblog.NewUser{Email: email, On: on, Password: asTyped + email})
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{site: s}
	b.post(t, "/login", url.Values{"email": {email}, "password": {email}}).want(t, 303)
	return u, b
}

var viewerOnSummit = url.Values{"action": {"invite"}, "email": {"new@paper.example"}, "role": {"viewer"},
	"on": {"summit"}}

// It fails if the link of an invitation does not let somebody in with its roles, works twice, or appears in the log.
func TestInvitation(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	path := s.browser(t, liveblog.Admin).invite(t, "/admin/members", viewerOnSummit)
	b := &browser{site: s, cookie: "readout_session=of-somebody-else"}
	join := b.fill(t, path, "#join", url.Values{"name": {""}, "password": {"short"}, "action": {"join"}})
	refused := b.post(t, path, join).want(t, 422)
	for _, field := range []string{"name", "password"} {
		if refused.text(t, "#invite-"+field+"-problem") == "" {
			t.Errorf("the form does not say what is wrong with the %s", field)
		}
	}
	join.Set("name", "New Person")
	join.Set("password", "long enough for all")
	b.post(t, path, join).want(t, 303).location(t, "/desk")
	if name := b.get(t, "/desk").want(t, 200).text(t, ".user"); !strings.Contains(name, "New Person") {
		t.Errorf("logged in as %q", name)
	}
	b.get(t, "/desk/summit/settings").want(t, 403)
	for _, other := range []*browser{b, {site: s}} {
		other.get(t, path).want(t, 410)
		other.post(t, path, join).want(t, 410)
	}
	secret := strings.TrimPrefix(path, "/invite/")
	if strings.Contains(s.log.String(), secret) || !strings.Contains(s.log.String(), "path=/invite/…") {
		t.Errorf("the log has the secret of the link, or no line about it")
	}
}

// It fails if a link works after its time, or although its inviter was disabled or lost the right to give the role.
func TestInvitationEnds(t *testing.T) {
	t.Parallel()
	join := url.Values{"action": {"join"}, "name": {"New"}, "password": {"long enough for all"}}
	for name, end := range map[string]func(t *testing.T, s *deskSite, inviter liveblog.User){
		"time": func(t *testing.T, s *deskSite, _ liveblog.User) {
			s.setNow(s.now.Load().Add(liveblog.InvitationLifetime))
		},
		"disabled inviter": func(t *testing.T, s *deskSite, inviter liveblog.User) {
			if _, err := s.server.Accounts.Disable(t.Context(), s.actor(liveblog.Admin), inviter.ID); err != nil {
				t.Fatal(err)
			}
		},
		"inviter without the right": func(t *testing.T, s *deskSite, inviter liveblog.User) {
			if _, err := s.server.Accounts.ChangeRoles(t.Context(), s.actor(liveblog.Admin), inviter.ID,
				liveblog.RoleChanges{"summit": liveblog.Editor}); err != nil {
				t.Fatal(err)
			}
		},
		"withdrawn": func(t *testing.T, s *deskSite, _ liveblog.User) {
			b := s.browser(t, liveblog.Admin)
			const page = "/admin/members"
			b.post(t, page, b.fill(t, page, "form:has([name=invitation])", url.Values{"action": {"withdraw"}})).want(t, 303)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newDeskSite(t)
			inviter, b := s.member(t, "boss@paper.example", map[string]liveblog.Role{"summit": liveblog.Admin})
			path := b.invite(t, "/desk/summit/members", viewerOnSummit)
			guest := &browser{site: s}
			guest.get(t, path).want(t, 200)
			end(t, s, inviter)
			guest.get(t, path).want(t, 410)
			guest.post(t, path, join).want(t, 410)
		})
	}
}

// It fails if somebody with a login loses a role by an invitation, gets none, or can be made to accept it by a form of
// another site or session.
func TestInvitationOfAUser(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	path := s.browser(t, liveblog.Admin).invite(t, "/admin/members", url.Values{"action": {"invite"},
		"email": {"viewer@paper.example"}, "role": {"editor"}, "on": {"summit"}})
	stranger := &browser{site: s}
	login := stranger.get(t, path).want(t, 200).doc(t).Find("a.button").AttrOr("href", "")
	if want := "/login?next=" + url.QueryEscape(path); login != want {
		t.Errorf("the login is at %q, want %q", login, want)
	}
	join := url.Values{"action": {"join"}, "name": {"X"}, "password": {"long enough for all"}}
	stranger.post(t, path, join).want(t, 409)
	b := s.browser(t, liveblog.Viewer)
	fields := b.fill(t, path, "#accept", url.Values{"action": {"accept"}})
	wrong := url.Values{"action": {"accept"}, "csrf": {"guess"}}
	b.post(t, path, wrong).want(t, 403)
	b.postFrom(t, path, fields, "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site").want(t, 403)
	b.post(t, path, fields).want(t, 303)
	b.get(t, "/desk/summit/settings").want(t, 200)
	u, err := s.store.User(t.Context(), s.users[liveblog.Viewer].ID)
	if err != nil || u.Role != liveblog.Viewer || u.On["summit"] != liveblog.Editor {
		t.Errorf("the roles are %q and %v, %v", u.Role, u.On, err)
	}
	b.post(t, path, fields).want(t, 410)
}

// It fails if an invitation is not mailed, or its link is not shown when that fails.
func TestInvitationMail(t *testing.T) {
	t.Parallel()
	var to, text string
	var fails error
	s := newDeskSite(t, func(o *Options) {
		o.Mail = func(_ context.Context, address, _, body string) error {
			to, text = address, body
			return fails
		}
	})
	b := s.browser(t, liveblog.Admin)
	path := b.invite(t, "/admin/members", viewerOnSummit)
	if to != "new@paper.example" || !strings.Contains(text, testBase+path+"\n") {
		t.Errorf("the mail to %q is %q", to, text)
	}
	fails = errors.New("refused")
	b.invite(t, "/admin/members", viewerOnSummit)
}

// It fails if a person who was disabled on one node keeps a session or a token on another, or loses an entry.
func TestDisabledOnAnotherNode(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	other := &deskSite{site: &site{log: s.log}, failingStore: s.failingStore, users: s.users}
	opt := s.server.Options
	opt.Store = s.failingStore
	other.server, other.app = newServer(opt)
	s.add(t, liveblog.Editor, liveblog.EntryInput{Body: "Stays."})
	editor := s.browser(t, liveblog.Editor)
	there := &browser{site: other, cookie: editor.cookie}
	accounts, admin := s.server.Accounts, s.actor(liveblog.Admin)
	token, err := accounts.AddToken(t.Context(), admin, liveblog.NewToken{Name: "Wire", Role: "viewer"})
	if err != nil {
		t.Fatal(err)
	}
	ask := func() answer {
		return other.do(t, "GET", "/api/v1/blogs", "", "Authorization", "Bearer "+token)
	}
	there.get(t, "/desk").want(t, 200)
	ask().want(t, 200)
	// Another admin, so that the one who created the token can be disabled.
	_, boss := s.member(t, "boss@paper.example", map[string]liveblog.Role{"summit": liveblog.Viewer})
	if _, err := accounts.ChangeRoles(t.Context(), admin, userOf(t, s, "boss@paper.example").ID,
		liveblog.RoleChanges{"": liveblog.Admin}); err != nil {
		t.Fatal(err)
	}
	for _, role := range []liveblog.Role{liveblog.Editor, liveblog.Admin} {
		csrf := boss.fill(t, "/desk", ".logout", nil).Get("csrf")
		boss.post(t, "/admin/members", url.Values{"csrf": {csrf}, "action": {"disable"},
			"user": {s.users[role].ID}}).want(t, 303).location(t, "/admin/members?done=disable")
	}
	there.get(t, "/desk").want(t, 303).location(t, "/login?next=%2Fdesk")
	ask().want(t, 401)
	if e := s.entry(t, 1); e.Author != "The editor" || e.Status != liveblog.Published {
		t.Errorf("the entry is %s by %s", e.Status, e.Author)
	}
	// The last admin cannot be disabled, and learns why.
	csrf := boss.fill(t, "/desk", ".logout", nil).Get("csrf")
	refused := boss.post(t, "/admin/members", url.Values{"csrf": {csrf}, "action": {"disable"},
		"user": {userOf(t, s, "boss@paper.example").ID}}).want(t, 409)
	if message := refused.text(t, ".problem"); !strings.Contains(message, "last admin") {
		t.Errorf("the message is %q", message)
	}
}

func userOf(t *testing.T, s *deskSite, email string) liveblog.User {
	t.Helper()
	u, err := s.server.Accounts.UserWithEmail(t.Context(), liveblog.Actor{ID: "u_0", Role: liveblog.Admin}, email)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// It fails if the admin of one blog learns of members, tokens or roles of another blog, or changes any.
func TestMembersOfOneBlog(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	if _, err := s.desk.CreateBlog(t.Context(), s.actor(liveblog.Admin),
		liveblog.NewBlog{Slug: "secret", Title: "Secret talks"}); err != nil {
		t.Fatal(err)
	}
	hidden, _ := s.member(t, "hidden@paper.example", map[string]liveblog.Role{"secret": liveblog.Editor})
	both, _ := s.member(t, "both@paper.example",
		map[string]liveblog.Role{"secret": liveblog.Editor, "summit": liveblog.Viewer})
	_, boss := s.member(t, "boss@paper.example", map[string]liveblog.Role{"summit": liveblog.Admin})
	for name, on := range map[string]map[string]liveblog.Role{
		"Hidden wire": {"secret": liveblog.Editor},
		"Shared wire": {"secret": liveblog.Editor, "summit": liveblog.Viewer},
	} {
		token := liveblog.NewToken{Name: name, On: on}
		if _, err := s.server.Accounts.AddToken(t.Context(), s.actor(liveblog.Admin), token); err != nil {
			t.Fatal(err)
		}
	}
	page := boss.get(t, "/desk/summit/members").want(t, 200)
	tokens := boss.get(t, "/admin/tokens").want(t, 200)
	for _, a := range []deskAnswer{page, tokens} {
		for _, leak := range []string{"hidden@", "Hidden wire", "secret", "Secret talks"} {
			if strings.Contains(strings.ReplaceAll(string(a.body), "class=\"notice secret\"", ""), leak) {
				t.Errorf("the page has %q", leak)
			}
		}
	}
	if text := page.text(t, "#member-"+s.users[liveblog.Editor].ID); !strings.Contains(text, "editor on all blogs") {
		t.Errorf("the row of an editor of all blogs is %q", text)
	}
	if text := tokens.text(t, ".rows"); !strings.Contains(text, "Shared wire") {
		t.Errorf("the tokens are %q", text)
	}
	if n := tokens.doc(t).Find("[name=token]").Length(); n != 0 {
		t.Errorf("%d tokens that also belong to another blog can be revoked", n)
	}
	boss.get(t, "/admin/members").want(t, 403)
	csrf := page.form(t, ".logout", nil).Get("csrf")
	for _, tt := range []struct {
		path, action, user, blog, role string
		want                           int
	}{
		{"/desk/summit/members", "role", both.ID, "secret", "admin", 303}, // on the blog of the page
		{"/desk/summit/members", "role", hidden.ID, "summit", "viewer", 404},
		{"/desk/summit/members", "disable", both.ID, "", "", 403},
		{"/admin/members", "role", both.ID, "secret", "", 403},
		{"/admin/members", "role", both.ID, "", "admin", 403},
		{"/desk/secret/members", "role", both.ID, "secret", "", 404},
	} {
		boss.post(t, tt.path, url.Values{"csrf": {csrf}, "action": {tt.action}, "user": {tt.user}, "blog": {tt.blog},
			"role": {tt.role}}).want(t, tt.want)
	}
	if got := userOf(t, s, "both@paper.example"); got.On["summit"] != liveblog.Admin ||
		got.On["secret"] != liveblog.Editor || got.Role != "" || got.Disabled {
		t.Errorf("the roles are %q and %v", got.Role, got.On)
	}
}

// It fails if a token made at the desk does not work, works after its last day or after it was revoked, or is shown
// again.
func TestTokensAtTheDesk(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	b := s.browser(t, liveblog.Admin)
	create := func(name, expires string, want int) deskAnswer {
		return b.post(t, "/admin/tokens", b.fill(t, "/admin/tokens", "#create", url.Values{"action": {"create"},
			"name": {name}, "role": {"viewer"}, "on": {"summit"}, "expires": {expires}})).want(t, want)
	}
	secret := create("Wire", "2026-11-01", 200).doc(t).Find(".secret input").AttrOr("value", "")
	ask := func() answer {
		return s.do(t, "GET", "/api/v1/blogs/summit/setup", "", "Authorization", "Bearer "+secret)
	}
	ask().want(t, 200)
	list := b.get(t, "/admin/tokens").want(t, 200)
	if strings.Contains(string(list.body), secret) || secret == "" {
		t.Error("the list shows the secret")
	}
	for _, words := range []string{"viewer on The summit", "Created by The admin",
		"last used 30 October 2026, 09:00 UTC", "ends 2 November 2026"} {
		if text := list.text(t, ".rows"); !strings.Contains(text, words) {
			t.Errorf("the list is %q, want %q in it", text, words)
		}
	}
	for _, expires := range []string{"2026-10-29", "2099-01-01", "soon"} {
		if create("Other", expires, 422).text(t, "#token-expires-problem") == "" {
			t.Errorf("the form does not say what is wrong with %q", expires)
		}
	}
	if create("Wire", "", 409).text(t, "#token-name-problem") == "" {
		t.Error("the form does not say that the name is taken")
	}
	s.setNow(time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC))
	ask().want(t, 401)
	s.setNow(time.Date(2026, 11, 1, 23, 0, 0, 0, time.UTC))
	b = s.browser(t, liveblog.Admin)
	ask().want(t, 200)
	revoke := b.fill(t, "/admin/tokens", "#token-"+tokenID(t, s, "Wire")+" form", url.Values{"action": {"revoke"}})
	b.post(t, "/admin/tokens", revoke).want(t, 303)
	ask().want(t, 401)
}

func tokenID(t *testing.T, s *deskSite, name string) string {
	t.Helper()
	token, err := s.server.Accounts.TokenNamed(t.Context(), s.actor(liveblog.Admin), name)
	if err != nil {
		t.Fatal(err)
	}
	return token.ID
}
