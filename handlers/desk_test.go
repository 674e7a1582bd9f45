package handlers

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"readout/liveblog"
)

// typedEntryFields returns what an editor has typed in the composer when a save fails.
func typedEntryFields(action string) url.Values {
	return url.Values{"headline": {"Talks “resume”"}, "body": {"\nFirst <line>\n\n- a & b"}, "key_event": {"1"},
		"summary": {"1"}, "action": {action}}
}

func TestDeskHeaders(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	b := s.browser(t, liveblog.Editor)
	b.post(t, "/desk/summit",
		b.fill(t, "/desk/summit", "#composer", url.Values{"body": {"One."}, "action": {"publish"}})).want(t, 303)
	for path, status := range map[string]int{
		"/login": 303, "/desk": 200, "/desk/summit": 200, "/desk/summit/settings": 200, "/desk/summit/entries/1": 200,
		"/desk/summit/entries/1/remove": 200, "/desk/summit/entries/1/history": 200, "/desk/nowhere": 404,
		"/desk/summit/entries/9": 404,
		"/desk/summit/entries/x": 404, "/desk/summit?before=x": 400, "/desk/%F0%9F%92%A5": 404,
	} {
		a := b.get(t, path).want(t, status)
		a.header(t, "Cache-Control", "no-store").header(t, "X-Robots-Tag", "noindex").
			header(t, "X-Frame-Options", "DENY")
		csp := directives(a.answer)
		for name, want := range map[string]string{"default-src": "'none'", "script-src": "'self'",
			"style-src": "'self'", "img-src": "'self' data:",
			"connect-src": "'self'", "form-action": "'self'", "base-uri": "'none'", "frame-ancestors": "'none'",
			"require-trusted-types-for": "'script'"} {
			if csp[name] != want {
				t.Errorf("%s has %s %q", path, name, csp[name])
			}
		}
		if n := a.doc(t).Find("script:not([src]), style, [style], [onclick], [onload]").Length(); n > 0 {
			t.Errorf("%s has %d inline scripts or styles", path, n)
		}
	}
}

func TestDeskListsBlogs(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	at := time.Now().UTC()
	s.add(t, liveblog.Editor, liveblog.EntryInput{Body: "One."})
	b := s.browser(t, liveblog.Editor)
	b.post(t, "/desk", b.fill(t, "/desk", "main form",
		url.Values{"slug": {"apec"}, "title": {"APEC"}, "time_zone": {"Asia/Seoul"}, "status": {"live"}})).
		want(t, 303).location(t, "/desk/apec?done=created")
	a := b.get(t, "/desk")
	if n := a.doc(t).Find(".blogs li").Length(); n != 2 {
		t.Errorf("%d blogs are listed", n)
	}
	row := ".blogs li:contains(APEC)"
	if a.text(t, row+" .label") != "live" || a.doc(t).Find(row+` a[href="/live/apec"]`).Length() != 1 ||
		a.doc(t).Find(row+` h2 a[href="/desk/apec"]`).Length() != 1 {
		t.Errorf("the blog's row is %q", a.text(t, row))
	}
	// Only the first blog's composer has the access key.
	if a.doc(t).Find(".blogs .button").Length() != 2 || a.doc(t).Find("[accesskey]").Length() != 1 ||
		a.doc(t).Find(`.blogs li:first-child .button[accesskey=n]`).Length() != 1 {
		t.Errorf("the ways to a new entry are %q", a.text(t, ".blogs"))
	}
	updated, err := time.Parse(time.RFC3339,
		a.doc(t).Find(`.blogs li:contains("The summit") time`).AttrOr("datetime", ""))
	if err != nil || updated.Before(at.Truncate(time.Second)) {
		t.Errorf("the last update is %v, want the entry's %v", updated, at)
	}
}

func TestSettingsSaveOnlyChangedFields(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	one, two := s.browser(t, liveblog.Editor), s.browser(t, liveblog.Admin)
	first := one.fill(t, "/desk/summit/settings", "main form", url.Values{"title": {"The summit in Busan"}})
	second := two.fill(t, "/desk/summit/settings", "main form",
		url.Values{"status": {"live"}, "time_zone": {"Asia/Seoul"}, "language": {"ko"},
			"standfirst": {"What to know."}, "venue": {"Gimhae"}, "address": {"Busan"}})
	two.post(t, "/desk/summit/settings", second).want(t, 303).location(t, "/desk/summit?done=settings")
	one.post(t, "/desk/summit/settings", first).want(t, 303)
	b, err := s.Blog(t.Context(), "summit")
	if err != nil || b.Title != "The summit in Busan" || b.Status != liveblog.Live || b.TimeZone != "Asia/Seoul" ||
		b.Language != "ko" || b.Standfirst != "What to know." || b.Venue != "Gimhae" || b.Address != "Busan" {
		t.Errorf("the blog is %+v, %v", b, err)
	}
}

// failures are the ways in which a save can fail, each with what the answer must be.
var failures = []struct {
	name    string
	prepare func(*deskSite, *browser, url.Values)
	status  int
	message string
	login   bool
}{
	{"the session has ended", func(s *deskSite, _ *browser, _ url.Values) {
		s.setNow(s.now.Load().Add(liveblog.SessionLifetime))
	}, 401, "Your session has ended. Log in again, then come back to this page and send it once more.", true},
	{"the cookie is missing", func(_ *deskSite, b *browser, _ url.Values) { b.cookie = "" },
		401, "Your session has ended. Log in again, then come back to this page and send it once more.", true},
	{"the token belongs to another login", func(_ *deskSite, _ *browser, f url.Values) { f.Set("csrf", "old") },
		403, "This form was opened under another login, so nothing was saved. Check it and send it again.", false},
	{"the token is missing", func(_ *deskSite, _ *browser, f url.Values) { f.Del("csrf") },
		403, "This form was opened under another login, so nothing was saved. Check it and send it again.", false},
	{"sessions are unavailable", func(s *deskSite, _ *browser, _ url.Values) { s.sessions.Store(true) },
		503, "The store cannot be reached at the moment. Send this again in a few seconds; it will not be saved twice.",
		false},
	{"the store is unavailable", func(s *deskSite, _ *browser, _ url.Values) { s.commits.Store(true) },
		503, "The store cannot be reached at the moment. Send this again in a few seconds; it will not be saved twice.",
		false},
	{"everything is unavailable",
		func(s *deskSite, _ *browser, _ url.Values) { s.commits.Store(true); s.failingStore.blogs.Store(true) },
		503, "The store cannot be reached at the moment. Send this again in a few seconds; it will not be saved twice.",
		false},
}

func TestFailedSavesKeepWhatWasTyped(t *testing.T) {
	t.Parallel()
	forms := []struct {
		path, form string
		typed      url.Values
		kept       string // the selector of the form in the answer
	}{
		{"/desk/summit", "#composer", typedEntryFields("publish"), "#composer"},
		{"/desk/summit/entries/1", "#composer", typedEntryFields("publish"), "#composer"},
		{"/desk", "main form", url.Values{"slug": {"apec"}, "title": {"A <b>"}, "standfirst": {"\nS & s"},
			"status": {"paused"}, "time_zone": {"Asia/Tokyo"}, "language": {"ja"}}, "main form"},
		{"/desk/summit/settings", "main form", url.Values{"title": {"A <b>"}, "standfirst": {"\nS & s"},
			"status": {"paused"}, "time_zone": {"Asia/Tokyo"}, "language": {"ja"}}, "main form"},
	}
	for _, f := range forms {
		for _, fail := range failures {
			t.Run(f.path+" "+fail.name, func(t *testing.T) {
				t.Parallel()
				s := newDeskSite(t)
				s.add(t, liveblog.Editor, liveblog.EntryInput{Body: "One."})
				b := s.browser(t, liveblog.Editor)
				fields := b.fill(t, f.path, f.form, f.typed)
				hidden := fields["key"]
				base := fields["base"]
				fail.prepare(s, b, fields)
				a := b.post(t, f.path, fields).want(t, fail.status)
				a.holds(t, f.kept, f.typed)
				again := a.form(t, f.kept, nil)
				if got := again["key"]; strings.Join(got, "") != strings.Join(hidden, "") {
					t.Errorf("the idempotency key is %q, want %q; otherwise a repetition could add a second entry", got,
						hidden)
				}
				if got := again["base"]; strings.Join(got, "") != strings.Join(base, "") {
					t.Errorf("the base is %q, want %q", got, base)
				}
				if fail.status == 503 && again.Get("csrf") != fields.Get("csrf") {
					t.Error("the form lacks the session's token, with which it could be sent again")
				}
				if got := a.text(t, ".problem .problem-message"); got != fail.message {
					t.Errorf("the message is %q", got)
				}
				if got := a.doc(t).Find(`.problem a[href^="/login?next="][target=_blank]`).
					Length() == 1; got != fail.login {
					t.Errorf("the page links to the login: %t, want %t", got, fail.login)
				}
				if _, ok := a.doc(t).Find(f.kept + " [autofocus].problem, main > .problem[autofocus]").
					Attr("tabindex"); !ok {
					t.Error("the message does not take the focus")
				}
			})
		}
	}
}

func TestFormThatFailedCanBeSavedLater(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	b := s.browser(t, liveblog.Editor)
	fields := b.fill(t, "/desk/summit", "#composer", typedEntryFields("publish"))
	b.cookie = ""
	lost := b.post(t, "/desk/summit", fields).want(t, 401)
	b.cookie = s.browser(t, liveblog.Editor).cookie // as if logged in again in another tab
	again := b.post(t, "/desk/summit", lost.form(t, "#composer", url.Values{"action": {"publish"}})).want(t, 403)
	s.commits.Store(true)
	third := b.post(t, "/desk/summit", again.form(t, "#composer", url.Values{"action": {"publish"}})).want(t, 503)
	s.commits.Store(false)
	b.post(t, "/desk/summit", third.form(t, "#composer", url.Values{"action": {"publish"}})).want(t, 303).
		location(t, "/desk/summit?done=published&number=1")
	if e := s.entry(t, 1); e.Headline != "Talks “resume”" || e.Body != "\nFirst <line>\n\n- a & b" || !e.KeyEvent ||
		!e.Summary || e.Pinned {
		t.Errorf("the entry is %+v", e)
	}
}

func TestInvalidFieldsAreMarked(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ü", liveblog.MaxHeadline+1)
	for name, row := range map[string]struct {
		path, form, field string
		typed             url.Values
		status            int
	}{
		"no text": {"/desk/summit", "#composer", "body",
			url.Values{"headline": {" "}, "body": {" \n "}, "action": {"publish"}}, 422},
		"no text, edited": {"/desk/summit/entries/1", "#composer", "body",
			url.Values{"headline": {""}, "body": {""}, "action": {"publish"}}, 422},
		"long headline": {"/desk/summit", "#composer", "headline",
			url.Values{"headline": {long}, "body": {"B"}, "action": {"draft"}}, 422},
		"long text": {"/desk/summit", "#composer", "body",
			url.Values{"body": {strings.Repeat("x", liveblog.MaxBody+1)}, "action": {"publish"}}, 422},
		"fourth pin": {"/desk/summit", "#composer", "pinned",
			url.Values{"body": {"B"}, "pinned": {"1"}, "action": {"publish"}}, 409},
		"slug":       {"/desk", "main form", "slug", url.Values{"slug": {"Ünder Strich"}, "title": {"T"}}, 422},
		"slug taken": {"/desk", "main form", "slug", url.Values{"slug": {"summit"}, "title": {"T"}}, 409},
		"time zone": {"/desk", "main form", "time_zone",
			url.Values{"slug": {"apec"}, "title": {"T"}, "time_zone": {"Mars/Olympus"}}, 422},
		"no title": {"/desk/summit/settings", "main form", "title", url.Values{"title": {" "}}, 422},
		"language": {"/desk/summit/settings", "main form", "language", url.Values{"language": {"Klingon!"}}, 422},
		"status":   {"/desk/summit/settings", "main form", "status", url.Values{"status": {"cancelled"}}, 422},
		"address":  {"/desk/summit/settings", "main form", "venue", url.Values{"address": {"1 Sky Road"}}, 422},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newDeskSite(t)
			for range liveblog.MaxPinned {
				s.add(t, liveblog.Editor, liveblog.EntryInput{Body: "Pinned.", Pinned: true})
			}
			b := s.browser(t, liveblog.Editor)
			a := b.post(t, row.path, b.fill(t, row.path, row.form, row.typed)).want(t, row.status)
			if row.field != "status" { // a select cannot have a value that it does not offer
				a.holds(t, row.form, row.typed)
			}
			field := a.doc(t).Find(row.form + " [name=" + row.field + "]")
			if field.AttrOr("aria-invalid", "") != "true" {
				t.Errorf("the field %s is not marked as invalid", row.field)
			}
			message := ""
			for id := range strings.FieldsSeq(field.AttrOr("aria-describedby", "")) {
				message += a.doc(t).Find("#" + id + ".field-problem").Text()
			}
			if message == "" {
				t.Errorf("no message describes the field %s", row.field)
			}
			link := a.doc(t).Find(".problem a")
			if link.Length() != 1 || link.AttrOr("href", "") != "#"+field.AttrOr("id", "") || link.Text() != message {
				t.Errorf("the summary links %q to %q", link.Text(), link.AttrOr("href", ""))
			}
		})
	}
}

func TestInvalidUTF8ComesBack(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	b := s.browser(t, liveblog.Editor)
	a := b.post(t, "/desk/summit", b.fill(t, "/desk/summit", "#composer", url.Values{"headline": {"bell \a"},
		"body": {"broken \xff text"}, "action": {"publish"}})).want(t, 422)
	a.holds(t, "#composer", url.Values{"headline": {"bell �"}, "body": {"broken � text"}})
}

func TestCrossSiteFormsAreRefused(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	s.add(t, liveblog.Editor, liveblog.EntryInput{Body: "One."})
	b := s.browser(t, liveblog.Editor)
	typed := typedEntryFields("publish")
	typed.Set("body", "planted text")
	entry := b.fill(t, "/desk/summit", "#composer", typed) // with a valid token
	for name, headers := range map[string][]string{
		"foreign origin":             {"Origin", "https://evil.example"},
		"foreign origin, same host":  {"Origin", "https://live.example.evil.example"},
		"null origin":                {"Origin", "null"},
		"plain origin":               {"Origin", "http://live.example", "Sec-Fetch-Site", "cross-site"},
		"cross-site":                 {"Sec-Fetch-Site", "cross-site"},
		"cross-site, foreign origin": {"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"},
		"same-site":                  {"Origin", "https://other.live.example", "Sec-Fetch-Site", "same-site"},
	} {
		for _, path := range []string{"/desk", "/desk/summit", "/desk/summit/preview", "/desk/summit/settings",
			"/desk/summit/entries/1", "/desk/summit/entries/1/remove", "/login", "/logout"} {
			a := b.postFrom(t, path, entry, headers...).want(t, 403)
			if strings.Contains(string(a.body), "planted") || a.doc(t).Find("input[name=csrf]").Length() > 0 {
				t.Errorf("%s to %s: the answer has a token or what was sent: %s", name, path, a.body)
			}
		}
	}
	// Without any header about its origin, only the token decides, and a refusal does not show the form again.
	without := url.Values{"body": {"planted text"}, "action": {"publish"}}
	if a := b.postFrom(t, "/desk/summit", without).want(t, 403); a.doc(t).Find("input[name=csrf]").Length() > 0 {
		t.Errorf("the answer has a token: %s", a.body)
	}
	if n := s.count(t); n != 1 {
		t.Fatalf("there are %d entries", n)
	}
	b.postFrom(t, "/desk/summit", entry).want(t, 303)
	b.post(t, "/desk/summit?csrf="+entry.Get("csrf"), without).want(t, 403) // a token in the query does not count
}

func TestOnlyFormsAreAccepted(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	b := s.browser(t, liveblog.Editor)
	token := b.fill(t, "/desk/summit", "#composer", nil).Get("csrf")
	urlencoded := "csrf=" + token + "&body=x&action=publish"
	for kind, body := range map[string]string{
		"text/plain":       urlencoded,
		"application/json": urlencoded,
		"":                 urlencoded,
		"multipart/form-data; boundary=x": "--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n" + token +
			"\r\n--x\r\nContent-Disposition: form-data; name=\"body\"\r\n\r\nx\r\n--x--\r\n",
	} {
		s.do(t, "POST", "/desk/summit", body, "Content-Type", kind, "Cookie", b.cookie, "Origin", testBase).want(t, 415)
	}
	if n := s.count(t); n != 0 {
		t.Errorf("%d entries were made", n)
	}
}
