package handlers

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"readout/liveblog"
)

// Whoever has no valid login or token gets nothing at any private route. Nobody, a disabled user, sessions that have
// ended by their age, without use or by a logout, and tokens that were revoked, have ended or belong to a disabled
// user, are all told the same. It fails if any route forgets to ask, or if one of them still gets in.
func TestEveryRouteForFormerMembers(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	root := s.actor(liveblog.Admin)
	user := func(name string) (liveblog.User, *browser) {
		t.Helper()
		email := name + "@desk.example"
		u, err := s.server.Accounts.AddUser(t.Context(), root, liveblog.NewUser{Email: email, Name: name,
			Role: liveblog.Admin, Password: asTyped + email})
		if err != nil {
			t.Fatal(err)
		}
		b := &browser{site: s}
		b.post(t, "/login", url.Values{"email": {email}, "password": {email}}).want(t, 303)
		return u, b
	}
	token := func(by liveblog.Actor, name string, ends time.Time) string {
		t.Helper()
		secret, err := s.server.Accounts.AddToken(t.Context(), by,
			liveblog.NewToken{Name: name, Role: liveblog.Admin, ExpiresAt: ends})
		if err != nil {
			t.Fatal(err)
		}
		return secret
	}
	_, aged := user("aged")
	_, idle := user("idle")
	now := *s.now.Load()
	expired := token(root, "expired", now.Add(time.Hour))
	for range 6 { // the session is used all the time, and ends by its age
		s.setNow(s.now.Load().Add(liveblog.SessionIdle - time.Minute))
		if a := aged.get(t, "/desk"); a.StatusCode != 200 && s.now.Load().Sub(now) < liveblog.SessionLifetime {
			t.Fatalf("after %v: %d", s.now.Load().Sub(now), a.StatusCode)
		}
	}
	s.setNow(now.Add(liveblog.SessionLifetime))
	leaver, disabled := user("disabled")
	owned := token(leaver.Actor(), "owned", time.Time{})
	revoked := token(root, "revoked", time.Time{})
	_, out := user("out")
	stolen := &browser{site: s, cookie: out.cookie}
	out.post(t, "/logout", url.Values{"csrf": {out.csrf(t)}}).want(t, 303)
	if _, err := s.server.Accounts.Disable(t.Context(), root, leaver.ID); err != nil {
		t.Fatal(err)
	}
	list, err := s.server.Accounts.Tokens(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	for _, known := range list {
		if known.Name == "revoked" {
			if _, err := s.server.Accounts.RevokeToken(t.Context(), root, known.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	number := s.add(t, liveblog.Admin, liveblog.EntryInput{Body: "One."}).Number
	if number != 1 {
		t.Fatalf("the entry has number %d", number)
	}
	for _, row := range rightRows {
		path := strings.NewReplacer("{public}", "1", "{draft}", "1").Replace(row.path)
		if strings.HasPrefix(row.route, "/api/") {
			for name, secret := range map[string]string{"revoked": revoked, "expired": expired, "owned": owned, "none": ""} {
				a := s.do(t, row.method, path, row.body, "Authorization", "Bearer "+secret, "Content-Type",
					"application/json")
				if a.StatusCode != 401 {
					t.Errorf("%s %s with the token %s: %d", row.method, path, name, a.StatusCode)
				}
			}
			continue
		}
		for name, b := range map[string]*browser{"aged": aged, "idle": idle, "disabled": disabled, "logged out": stolen,
			"nobody": {site: s}} {
			asked := &browser{site: s, cookie: b.cookie}
			want, got := 401, 0
			if row.method == "GET" {
				if want = 303; strings.HasSuffix(path, "/acts.json") || path == "/account/pulse" {
					want = 401
				}
				got = asked.get(t, path).StatusCode
			} else {
				got = asked.post(t, path, row.fields).StatusCode
			}
			if got != want {
				t.Errorf("%s %s by %s: %d, want %d", row.method, path, name, got, want)
			}
		}
	}
}

// Each form needs the token of its own session. It fails if a form is taken without one, or with that of somebody else.
func TestEveryFormNeedsItsToken(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	s.add(t, liveblog.Admin, liveblog.EntryInput{Body: "One."})
	b, other := s.browser(t, liveblog.Admin), s.browser(t, liveblog.Editor)
	for _, row := range rightRows {
		if row.method != "POST" || strings.HasPrefix(row.route, "/api/") {
			continue
		}
		path := strings.NewReplacer("{public}", "1", "{draft}", "1").Replace(row.path)
		for name, csrf := range map[string]string{"no token": "", "another's token": other.csrf(t)} {
			form := url.Values{"csrf": {csrf}}
			for field, values := range row.fields {
				form[field] = values
			}
			if a := b.post(t, path, form); a.StatusCode != 403 {
				t.Errorf("%s with %s: %d, want 403", path, name, a.StatusCode)
			}
		}
	}
}

// csrf returns the token of the browser's session.
func (b *browser) csrf(t *testing.T) string {
	t.Helper()
	return b.get(t, "/desk").doc(t).Find("form.logout [name=csrf]").AttrOr("value", "")
}
