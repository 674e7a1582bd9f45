package handlers

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"readout/liveblog"

	"github.com/PuerkitoBio/goquery"
)

// It fails if a session that nobody uses for two hours goes on, or if a request does not count as a use.
func TestSessionEndsWhenNobodyUsesIt(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	b := s.browser(t, liveblog.Editor)
	for range 3 {
		s.setNow(s.now.Load().Add(liveblog.SessionIdle - time.Second))
		b.get(t, "/desk").want(t, 200)
	}
	s.setNow(s.now.Load().Add(liveblog.SessionIdle))
	b.get(t, "/desk").want(t, 303).location(t, "/login?next=%2Fdesk")
}

// It fails if the settings for the length of sessions are ignored, by the server or by the cookie.
func TestLengthOfSessionsIsSettable(t *testing.T) {
	t.Parallel()
	var s *deskSite
	s = newDeskSite(t, func(o *Options) {
		o.Accounts = liveblog.NewAccounts(o.Store.(liveblog.AccountStore), liveblog.AccountsOptions{
			HashPassword:   hashPassword,
			VerifyPassword: func(password, hash string) bool { return hash == "hash of "+password },
			SessionIdle:    5 * time.Minute,
			SessionLength:  20 * time.Minute,
			Now:            func() time.Time { return *s.now.Load() },
		})
	})
	b := s.browser(t, liveblog.Editor)
	start := *s.now.Load()
	for at := time.Duration(0); at < 20*time.Minute; at += 4 * time.Minute {
		s.setNow(start.Add(at))
		b.get(t, "/desk").want(t, 200)
	}
	s.setNow(start.Add(20 * time.Minute))
	b.get(t, "/desk").want(t, 303)
	b = s.browser(t, liveblog.Editor)
	s.setNow(s.now.Load().Add(5 * time.Minute))
	b.get(t, "/desk").want(t, 303)
}

// It fails if the store is written for each request, or if the last use is not kept within a minute.
func TestLastUseIsWrittenOnceAMinute(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	b := s.browser(t, liveblog.Editor)
	for range 5 {
		b.get(t, "/desk").want(t, 200)
	}
	if n := s.uses.Load(); n != 0 {
		t.Errorf("%d writes of the last use within a minute of the login", n)
	}
	s.setNow(s.now.Load().Add(time.Minute))
	for range 5 {
		b.get(t, "/desk").want(t, 200)
	}
	if n := s.uses.Load(); n != 1 {
		t.Errorf("%d writes of the last use a minute later, want 1", n)
	}
}

// It fails if a cookie that somebody planted before the login is the session after it.
func TestLoginAgainstSessionFixation(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	planted := "__Host-readout=" + strings.Repeat("A", 43)
	b := &browser{site: s, cookie: planted}
	b.post(t, "/login", url.Values{"email": {"editor@paper.example"}, "password": {"editor@paper.example"}}).
		want(t, 303)
	if b.cookie == planted || b.cookie == "" {
		t.Errorf("after the login the cookie is %q", b.cookie)
	}
	(&browser{site: s, cookie: planted}).get(t, "/desk").want(t, 303)
}

const ownPassword = "a password of many words"

// changePassword sends the form with the present password of a site's user.
func (b *browser) changePassword(t *testing.T, current, password string) deskAnswer {
	t.Helper()
	return b.post(t, "/account/password", b.fill(t, "/account", "#account-password-form",
		url.Values{"current": {current}, "password": {password}}))
}

// It fails if a change of the password leaves another session or ends the present one, if the old password still logs
// in, or if a wrong present password is enough.
func TestChangeOfThePasswordEndsOtherSessions(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	here, there := s.browser(t, liveblog.Editor), s.browser(t, liveblog.Editor)
	stranger := s.browser(t, liveblog.Admin)
	here.changePassword(t, "not it", ownPassword).want(t, 422)
	for _, refused := range []string{"too short", "editor@paper.example", "Editor@paper.example1", "paper.example"} {
		got := here.changePassword(t, "editor@paper.example", refused).want(t, 422)
		if got.text(t, "#account-password-problem") == "" {
			t.Errorf("%q: the field has no problem", refused)
		}
	}
	there.get(t, "/desk").want(t, 200)
	here.changePassword(t, "editor@paper.example", ownPassword).want(t, 303).location(t, "/account?done=password")
	here.get(t, "/desk").want(t, 200)
	there.get(t, "/desk").want(t, 303)
	stranger.get(t, "/desk").want(t, 200)
	b := &browser{site: s}
	typed := url.Values{"email": {"editor@paper.example"}, "password": {"editor@paper.example"}}
	b.post(t, "/login", typed).want(t, 401)
	typed.Set("password", ownPassword)
	b.post(t, "/login", typed).want(t, 303)
}

// It fails if a stolen session can be used to guess the present password without end.
func TestGuessesOfThePresentPasswordAreThrottled(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	b := s.browser(t, liveblog.Editor)
	for range 20 {
		if a := b.changePassword(t, "a guess", ownPassword); a.StatusCode == 429 {
			if a.Header.Get("Retry-After") == "" {
				t.Error("the answer has no Retry-After")
			}
			return
		}
	}
	t.Error("20 guesses were checked")
}

// It fails if a generated password opens more than the page of the account, or lasts for longer than 72 hours.
func TestGeneratedPasswordMustBeChanged(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	const email, password = "new@paper.example", "generated by a program"
	if _, err := s.accounts.AddUser(t.Context(), s.actor(liveblog.Admin), liveblog.NewUser{Email: email,
		Role: liveblog.Editor, Password: password, Generated: true}); err != nil {
		t.Fatal(err)
	}
	typed := url.Values{"email": {email}, "password": {password}}
	b := &browser{site: s}
	b.post(t, "/login", typed).want(t, 303)
	b.get(t, "/desk").want(t, 303).location(t, "/account")
	b.get(t, "/desk/summit").want(t, 303).location(t, "/account")
	b.get(t, "/desk/summit/acts.json").want(t, 403)
	fields := b.fill(t, "/account", ".logout", url.Values{"body": {"Text."}, "action": {"publish"}})
	a := b.post(t, "/desk/summit", fields).want(t, 403)
	a.holds(t, "#composer", url.Values{"body": {"Text."}})
	if s.count(t) != 0 {
		t.Error("an entry was saved")
	}
	b.changePassword(t, password, password).want(t, 422)
	b.changePassword(t, password, ownPassword).want(t, 303)
	b.get(t, "/desk").want(t, 200)

	const late = "late@paper.example"
	if _, err := s.accounts.AddUser(t.Context(), s.actor(liveblog.Admin), liveblog.NewUser{Email: late,
		Role: liveblog.Editor, Password: password, Generated: true}); err != nil {
		t.Fatal(err)
	}
	typed.Set("email", late)
	s.setNow(s.now.Load().Add(liveblog.GeneratedPasswordLifetime - time.Second))
	(&browser{site: s}).post(t, "/login", typed).want(t, 303)
	s.setNow(s.now.Load().Add(time.Second))
	got := (&browser{site: s}).post(t, "/login", typed).want(t, 401).text(t, ".problem-message")
	if !strings.Contains(got, "has ended") {
		t.Errorf("the message is %q", got)
	}
	typed.Set("password", "a guess") // only the right password is told that it has ended
	got = (&browser{site: s}).post(t, "/login", typed).want(t, 401).text(t, ".problem-message")
	if strings.Contains(got, "has ended") {
		t.Errorf("for a wrong password the message is %q", got)
	}
}

// It fails if the list lacks a session, shows a whole address or a secret, or if a button ends another session.
func TestSessionsAreListedAndEnded(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	typed := url.Values{"email": {"editor@paper.example"}, "password": {"editor@paper.example"}}
	b := s.browser(t, liveblog.Editor)
	other := &browser{site: s}
	other.postFrom(t, "/login", typed, "Origin", testBase, "User-Agent",
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0").want(t, 303)
	third, stranger := s.browser(t, liveblog.Editor), s.browser(t, liveblog.Admin)

	page := b.get(t, "/account").want(t, 200)
	list := page.doc(t).Find(".sessions li")
	if list.Length() != 3 {
		t.Fatalf("the page lists %d sessions: %s", list.Length(), page.body)
	}
	if text := list.Text(); !strings.Contains(text, "Firefox on Linux") || strings.Contains(text, "Gecko") {
		t.Errorf("the sessions are %q", text)
	}
	for _, secret := range []string{"0.0.0.0 ", strings.TrimPrefix(other.cookie, "__Host-readout=")} {
		if strings.Contains(string(page.body), secret) {
			t.Errorf("the page shows %q", secret)
		}
	}
	var id string
	list.Each(func(_ int, li *goquery.Selection) {
		if strings.Contains(li.Text(), "Firefox") {
			id = li.Find("button").AttrOr("value", "")
		}
	})
	csrf := b.fill(t, "/account", ".logout", nil).Get("csrf")
	// Somebody else cannot end it.
	stranger.post(t, "/account/sessions", url.Values{"session": {id},
		"csrf": {stranger.fill(t, "/account", ".logout", nil).Get("csrf")}}).want(t, 404)
	other.get(t, "/desk").want(t, 200)
	b.post(t, "/account/sessions", url.Values{"session": {id}}).want(t, 403)
	b.post(t, "/account/sessions", url.Values{"session": {id}, "csrf": {csrf}}).want(t, 303).
		location(t, "/account?done=session")
	other.get(t, "/desk").want(t, 303)
	third.get(t, "/desk").want(t, 200)
	b.post(t, "/account/sessions", url.Values{"session": {"others"}, "csrf": {csrf}}).want(t, 303)
	third.get(t, "/desk").want(t, 303)
	b.get(t, "/account?done=sessions").want(t, 200).text(t, ".notice")
	stranger.get(t, "/desk").want(t, 200)
	// The present session can be ended too.
	present := b.get(t, "/account").doc(t).Find(".sessions li button").AttrOr("value", "")
	b.post(t, "/account/sessions", url.Values{"session": {present}, "csrf": {csrf}}).want(t, 303).location(t, "/login")
	b.get(t, "/desk").want(t, 303)
}

// It fails if a new name is not shown, or if an empty or long one is saved.
func TestOwnNameIsChanged(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	b := s.browser(t, liveblog.Editor)
	rename := func(name string) deskAnswer {
		return b.post(t, "/account/name", b.fill(t, "/account", "#account-name-form", url.Values{"name": {name}}))
	}
	rename(" Mara  Lindqvist ").want(t, 303).location(t, "/account?done=name")
	if got := b.get(t, "/desk").text(t, ".user"); !strings.Contains(got, "Mara Lindqvist") {
		t.Errorf("the desk shows %q", got)
	}
	for _, name := range []string{"", " ", strings.Repeat("x", 81), "a\x00b"} {
		rename(name).want(t, 422).text(t, "#account-name-problem")
	}
}
