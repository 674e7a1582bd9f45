package storetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"readout/liveblog"
)

func auditTests() map[string]func(*testing.T, *fixture) {
	return map[string]func(*testing.T, *fixture){
		"Filters":        testAuditFilters,
		"Pages":          testAuditPages,
		"Refused logins": testRefusedLogins,
		"Expiry":         testAuditExpiry,
		"Publication":    testAuditPublication,
	}
}

// brief returns lines as "action actor→subject detail", for comparisons.
func brief(lines []liveblog.AuditLine) (all []string) {
	for _, l := range lines {
		text := l.Action + " " + l.Actor
		for _, part := range []string{l.Blog, l.AccountName} {
			if part != "" {
				text += " → " + part
			}
		}
		if l.Number != 0 {
			text += fmt.Sprintf(" %d/%d", l.Number, l.Revision)
		}
		if l.Detail != "" {
			text += " (" + l.Detail + ")"
		}
		all = append(all, text)
	}
	return all
}

func (f *fixture) audit(t *testing.T, q liveblog.AuditQuery) []liveblog.AuditLine {
	t.Helper()
	if q.Limit == 0 {
		q.Limit = liveblog.MaxAuditLines
	}
	lines, err := f.AuditLines(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// testAuditFilters fails if a filter lets other lines through or leaves any out, or if a login, a logout or the details
// of a change have no line.
func testAuditFilters(t *testing.T, f *fixture) {
	f.createBlog(t, "apec")
	ada := user("u_9", "ada@example.org")
	if err := f.CreateUser(t.Context(), ada, audit(1, "user.add")); err != nil {
		t.Fatal(err)
	}
	s := liveblog.Session{Hash: "hash", UserID: ada.ID, CSRF: "csrf", CreatedAt: minute(2), ExpiresAt: minute(900)}
	if err := f.CreateSession(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	title, status := "Summit, day 2", liveblog.Paused
	if _, _, err := f.UpdateBlog(t.Context(), slug, liveblog.BlogPatch{Title: &title, Status: &status},
		audit(3, "blog.update")); err != nil {
		t.Fatal(err)
	}
	setup := liveblog.Setup{Tracks: []liveblog.Track{{ID: "tariffs", Name: "Tariffs"}},
		Approval: []liveblog.TrackState{liveblog.Agreed}}
	if _, _, err := f.UpdateSetup(t.Context(), slug, setup, audit(4, "blog.setup")); err != nil {
		t.Fatal(err)
	}
	refusal := liveblog.Audit{At: minute(5), Action: liveblog.ActionRefused}
	if err := f.RefuseLogin(t.Context(), refusal, ada.ID); err != nil {
		t.Fatal(err)
	}
	const (
		created = "blog.create Ada → summit"
		apec    = "blog.create Ada → apec"
		added   = "user.add Ada → Ada Lovelace"
		login   = "login Ada Lovelace → Ada Lovelace"
		updated = "blog.update Ada → summit (title, status: live → paused)"
		changed = "blog.setup Ada → summit (tracks, approval: [] → [agreed])"
		refused = "login.refused  → Ada Lovelace"
	)
	for name, c := range map[string]struct {
		query liveblog.AuditQuery
		want  []string
	}{
		"one blog":           {liveblog.AuditQuery{Blog: slug}, []string{changed, updated, created}},
		"another blog":       {liveblog.AuditQuery{Blog: "apec"}, []string{apec}},
		"one action":         {liveblog.AuditQuery{What: "blog.update"}, []string{updated}},
		"a group of actions": {liveblog.AuditQuery{What: "login"}, []string{refused, login}},
		"part of a name":     {liveblog.AuditQuery{What: "blo"}, nil},
		"an address":         {liveblog.AuditQuery{Who: "ADA@example.org"}, []string{refused, login, added}},
		"a name":             {liveblog.AuditQuery{Who: "Ada Lovelace", What: "login"}, []string{refused, login}},
		"an id":              {liveblog.AuditQuery{Who: "u_1", Blog: "apec"}, []string{apec}},
		"nobody":             {liveblog.AuditQuery{Who: "Grace"}, nil},
		"since":              {liveblog.AuditQuery{Since: minute(4)}, []string{refused, changed}},
		"since and until":    {liveblog.AuditQuery{Since: minute(3), Until: minute(4)}, []string{updated}},
		"everything together": {liveblog.AuditQuery{Who: "Ada", What: "blog", Since: minute(1), Blog: slug},
			[]string{changed, updated}},
		"a text of no database": {liveblog.AuditQuery{Who: "a\x00"}, nil},
	} {
		equal(t, name, brief(f.audit(t, c.query)), c.want)
	}
	if err := f.DeleteSession(t.Context(), "hash"); err != nil {
		t.Fatal(err)
	}
	equal(t, "logout", brief(f.audit(t, liveblog.AuditQuery{What: "logout"})),
		[]string{"logout Ada Lovelace → Ada Lovelace"})
}

// testAuditPages fails if the cursor repeats a line or skips one, also among lines of one microsecond.
func testAuditPages(t *testing.T, f *fixture) {
	for i := range 7 {
		f.createBlog(t, fmt.Sprint("blog-", i)) // all of one time
	}
	all := f.audit(t, liveblog.AuditQuery{})
	var paged []liveblog.AuditLine
	for q := (liveblog.AuditQuery{Limit: 3}); ; {
		lines := f.audit(t, q)
		if len(lines) == 0 {
			break
		}
		paged = append(paged, lines...)
		q.Before = lines[len(lines)-1].ID
	}
	if len(all) != 8 {
		t.Errorf("%d lines, want 8", len(all))
	}
	equal(t, "pages", paged, all)
}

// testRefusedLogins fails if refused logins can fill the audit, or if one of them is in no line.
func testRefusedLogins(t *testing.T, f *fixture) {
	ada := user("u_1", "ada@example.org")
	if err := f.CreateUser(t.Context(), ada, audit(1, "user.add")); err != nil {
		t.Fatal(err)
	}
	hour := minute(0).Truncate(time.Hour).Add(time.Hour)
	for _, id := range []string{ada.ID, ""} {
		for range liveblog.MaxRefusedLines + 3 {
			refusal := liveblog.Audit{At: hour, Action: liveblog.ActionRefused}
			if err := f.RefuseLogin(t.Context(), refusal, id); err != nil {
				t.Fatal(err)
			}
		}
	}
	q := liveblog.AuditQuery{What: liveblog.ActionRefused}
	if n := len(f.audit(t, q)); n != 2*liveblog.MaxRefusedLines {
		t.Errorf("%d lines of refused logins, want %d", n, 2*liveblog.MaxRefusedLines)
	}
	for _, now := range []time.Time{hour.Add(59 * time.Minute), hour.Add(time.Hour), hour.Add(2 * time.Hour)} {
		if err := f.Expire(t.Context(), now); err != nil {
			t.Fatal(err)
		}
		want := 2 * liveblog.MaxRefusedLines
		if !now.Before(hour.Add(time.Hour)) {
			want += 2
		}
		lines := f.audit(t, q)
		if len(lines) != want {
			t.Fatalf("%d lines after %v, want %d", len(lines), now.Sub(hour), want)
		}
		if want > 2*liveblog.MaxRefusedLines && !strings.HasPrefix(lines[0].Detail, "3 more from ") {
			t.Errorf("the newest line has the detail %q", lines[0].Detail)
		}
	}
}

// testAuditExpiry fails if a line goes before its time, or stays.
func testAuditExpiry(t *testing.T, f *fixture) {
	for i := range 5 {
		if err := f.CreateUser(t.Context(), user(fmt.Sprint("u_", i), fmt.Sprint(i, "@example.org")),
			audit(i+1, "user.add")); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Expire(t.Context(), minute(1<<20)); err != nil {
		t.Fatal(err)
	}
	if n := len(f.audit(t, liveblog.AuditQuery{What: "user"})); n != 5 {
		t.Errorf("%d lines, want 5: only ExpireAudit deletes lines", n)
	}
	if err := f.ExpireAudit(t.Context(), minute(3)); err != nil {
		t.Fatal(err)
	}
	lines := f.audit(t, liveblog.AuditQuery{})
	if len(lines) != 3 || !lines[2].At.Equal(minute(3)) {
		t.Errorf("lines after the expiry: %v", brief(lines))
	}
}

// testAuditPublication fails if the history of an entry cannot tell who published it, or approved its acts.
func testAuditPublication(t *testing.T, f *fixture) {
	setup := liveblog.Setup{Tracks: []liveblog.Track{{ID: "tariffs", Name: "Tariffs"}},
		Approval: []liveblog.TrackState{liveblog.Raised}}
	if _, _, err := f.UpdateSetup(t.Context(), slug, setup, audit(1, "blog.setup")); err != nil {
		t.Fatal(err)
	}
	for _, acts := range []liveblog.Acts{"", liveblog.NewActs([]liveblog.Act{moves("tariffs", liveblog.Raised)})} {
		e := newEntry()
		e.Status, e.PublishedAt = liveblog.Draft, time.Time{}
		e.Acts = acts
		done, err := f.Commit(t.Context(), liveblog.Commit{Slug: slug, Entry: e, Audit: audit(2, "entry.post")})
		if err != nil {
			t.Fatal(err)
		}
		e = done.Entry
		e.Status, e.PublishedAt, e.UpdatedAt, e.Headline = liveblog.Published, minute(3), minute(3), "News"
		by := liveblog.Audit{At: minute(3), ActorID: "u_2", Actor: "Grace", Action: "entry.edit"}
		if done, err = f.Commit(t.Context(), liveblog.Commit{Slug: slug, Entry: e, Base: 1, Audit: by}); err != nil {
			t.Fatal(err)
		}
		lines, err := f.EntryAudit(t.Context(), slug, done.Entry.Number, 2, 2)
		if err != nil {
			t.Fatal(err)
		}
		action := "entry.publish"
		if acts != "" {
			action = "entry.approve"
		}
		equal(t, "the line of the publication", brief(lines),
			[]string{fmt.Sprintf("%s Grace → summit %d/2 (headline)", action, done.Entry.Number)})
	}
}
