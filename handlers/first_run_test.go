package handlers

import (
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"readout/liveblog"
	"readout/store"
)

// newFirstRun returns two nodes on a store without users, and the one-time address that the first of them offers.
func newFirstRun(t *testing.T) (one, two *deskSite, address string) {
	t.Helper()
	db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "empty.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	one, two = &deskSite{failingStore: &failingStore{Store: db}}, &deskSite{failingStore: &failingStore{Store: db}}
	one.setNow(time.Date(2026, 10, 30, 9, 0, 0, 0, time.UTC))
	for _, s := range []*deskSite{one, two} {
		s.accounts = liveblog.NewAccounts(db, liveblog.AccountsOptions{
			HashPassword:   hashPassword,
			VerifyPassword: func(password, hash string) bool { return hash == "hash of "+password },
			Now:            func() time.Time { return *one.now.Load() },
		})
		s.site = newSite(t, func(o *Options) { o.Store, o.Accounts = s.failingStore, s.accounts })
	}
	secret, err := one.accounts.OfferFirstRun(t.Context())
	if err != nil || secret == "" {
		t.Fatalf("OfferFirstRun: %q, %v", secret, err)
	}
	return one, two, "/setup/" + secret
}

func firstAdmin(email, slug string) url.Values {
	return url.Values{"email": {email}, "name": {"Ana Ruiz"}, "password": {ownPassword}, "slug": {slug},
		"title": {"The first blog"}}
}

// It fails if another node does not know the address, if it works twice, if what was typed is lost, if the admin is not
// logged in, or if the log has the secret.
func TestFirstRun(t *testing.T) {
	t.Parallel()
	one, two, address := newFirstRun(t)
	b := &browser{site: two}
	b.get(t, address+"x").want(t, 410)
	refused := firstAdmin("nobody", "Not a slug")
	refused.Set("password", "short")
	a := b.post(t, address, b.fill(t, address, "form", refused)).want(t, 422)
	for _, field := range []string{"email", "password", "slug"} {
		if a.text(t, "#first-"+field+"-problem") == "" {
			t.Errorf("the page does not say what is wrong with %s", field)
		}
	}
	if got := a.form(t, "form", nil); got.Get("password") != "" || got.Get("title") != "The first blog" {
		t.Errorf("the form comes back as %v", got)
	}
	b.postFrom(t, address, firstAdmin("ana@paper.example", "talks"), "Origin", "https://evil.example").want(t, 403)
	b.post(t, address, b.fill(t, address, "form", firstAdmin("ana@paper.example", "talks"))).want(t, 303).
		location(t, "/desk/talks?done=created")
	b.get(t, "/desk/talks").want(t, 200)
	got := b.get(t, "/desk").text(t, ".user")
	if !strings.Contains(got, "Ana Ruiz") || !strings.Contains(got, "admin") {
		t.Errorf("the desk shows the user %q", got)
	}
	for _, s := range []*deskSite{one, two} {
		(&browser{site: s}).get(t, address).want(t, 410)
		(&browser{site: s}).post(t, address, firstAdmin("eve@paper.example", "eve")).want(t, 410)
		if strings.Contains(s.log.String(), strings.TrimPrefix(address, "/setup/")) {
			t.Errorf("the log has the secret:\n%s", s.log)
		}
	}
	if secret, err := one.accounts.OfferFirstRun(t.Context()); err != nil || secret != "" {
		t.Errorf("with a user there is another offer: %q, %v", secret, err)
	}
}

// It fails if the address works for longer than an hour, or once somebody was added in another way.
func TestFirstRunEnds(t *testing.T) {
	t.Parallel()
	one, _, address := newFirstRun(t)
	b := &browser{site: one}
	one.setNow(one.now.Load().Add(liveblog.FirstRunLifetime - time.Second))
	b.get(t, address).want(t, 200)
	one.setNow(one.now.Load().Add(time.Second))
	b.get(t, address).want(t, 410)
	b.post(t, address, firstAdmin("ana@paper.example", "talks")).want(t, 410)

	one, _, address = newFirstRun(t)
	if _, err := one.accounts.AddUser(t.Context(), liveblog.Actor{ID: "cli", Role: liveblog.Admin}, liveblog.NewUser{
		Email: "op@paper.example", Role: liveblog.Viewer, Password: ownPassword}); err != nil {
		t.Fatal(err)
	}
	b = &browser{site: one}
	b.get(t, address).want(t, 410)
	b.post(t, address, firstAdmin("ana@paper.example", "talks")).want(t, 410)
}

// It fails if two people who send the form to two nodes at the same time both become admins.
func TestFirstRunMakesOneAdmin(t *testing.T) {
	t.Parallel()
	one, two, address := newFirstRun(t)
	var made atomic.Int64
	var all sync.WaitGroup
	for i, s := range []*deskSite{one, two, one, two} {
		all.Go(func() {
			name := string(rune('a' + i))
			if a := (&browser{site: s}).post(t, address, firstAdmin(name+"@paper.example", name)); a.StatusCode == 303 {
				made.Add(1)
			} else if a.StatusCode != 410 {
				t.Errorf("the status is %d: %s", a.StatusCode, a.body)
			}
		})
	}
	all.Wait()
	if made.Load() != 1 {
		t.Errorf("%d admins were made", made.Load())
	}
}
