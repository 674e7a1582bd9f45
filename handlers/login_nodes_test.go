package handlers

import (
	"bytes"
	"fmt"
	"net/url"
	"testing"
	"time"

	"readout/liveblog"
)

// newNodes returns two nodes on one store. Both believe what X-Forwarded-For says.
func newNodes(t *testing.T) (one, two *deskSite) {
	t.Helper()
	behindProxy := func(o *Options) { o.TrustedProxies = []string{"0.0.0.0"} }
	one = newDeskSite(t, behindProxy)
	two = &deskSite{users: one.users, failingStore: one.failingStore, accounts: one.accounts}
	two.site = newSite(t, behindProxy, func(o *Options) {
		o.Store, o.Accounts = one.failingStore, liveblog.NewAccounts(one.failingStore, liveblog.AccountsOptions{
			HashPassword:   hashPassword,
			VerifyPassword: func(password, hash string) bool { return hash == "hash of "+password },
			Now:            func() time.Time { return *one.now.Load() },
		})
	})
	return one, two
}

// logIn sends the form of the login from an address.
func (b *browser) logIn(t *testing.T, from, email, password string) deskAnswer {
	t.Helper()
	return b.postFrom(t, "/login", url.Values{"email": {email}, "password": {password}}, "Origin", testBase,
		"X-Forwarded-For", from)
}

// It fails if each node counts failed logins by itself, if strangers lock somebody out of a browser that they have used
// before, or if people from elsewhere cannot log in meanwhile.
func TestThousandWrongLoginsOverTwoNodes(t *testing.T) {
	t.Parallel()
	one, two := newNodes(t)
	nodes := []*deskSite{one, two}
	const email = "editor@paper.example"
	own := &browser{site: one}
	own.logIn(t, "192.0.2.1", email, email).want(t, 303)
	own.site = two

	checked := 0
	for i := range 1000 {
		// Half of the guesses come from one network for many addresses, half from many networks for one.
		from, victim := "198.51.100.1", fmt.Sprintf("%d@paper.example", i)
		if i%2 == 0 {
			from, victim = fmt.Sprintf("203.0.%d.%d", i/250, i%250), email
		}
		switch a := (&browser{site: nodes[i/2%2]}).logIn(t, from, victim, "a guess"); a.StatusCode {
		case 401:
			checked++
		case 429:
			if n := atoi(t, a.Header.Get("Retry-After")); n < 1 || n > 15 {
				t.Fatalf("Retry-After is %d", n)
			}
		default:
			t.Fatalf("login %d: status %d", i, a.StatusCode)
		}
		if i%100 == 50 {
			own.logIn(t, "198.51.100.1", email, email).want(t, 303) // even in the network of the attack
			(&browser{site: one}).logIn(t, "192.0.2.2", "admin@paper.example", "admin@paper.example").want(t, 303)
		}
	}
	if want := liveblog.TriesByEmail().Burst + liveblog.TriesByNetwork().Burst; checked != want {
		t.Errorf("%d guesses were checked, want %d over both nodes", checked, want)
	}
	(&browser{site: two}).logIn(t, "192.0.2.3", email, email).want(t, 429) // a browser that nobody knows
	stolen := &browser{site: two, known: "__Host-readout-browser=" + own.known[len(own.known)-42:]}
	stolen.logIn(t, "192.0.2.3", email, email).want(t, 429)
}

// It fails if a known browser has more guesses than others, or is known for another address too.
func TestKnownBrowserIsThrottledToo(t *testing.T) {
	t.Parallel()
	one, two := newNodes(t)
	const email = "editor@paper.example"
	b := &browser{site: one}
	b.logIn(t, "192.0.2.1", email, email).want(t, 303)
	for i := range liveblog.TriesByEmail().Burst {
		b.site = []*deskSite{one, two}[i%2]
		b.logIn(t, fmt.Sprintf("192.0.2.%d", i), email, "a guess").want(t, 401)
	}
	b.logIn(t, "192.0.2.99", email, email).want(t, 429)
	for range liveblog.TriesByEmail().Burst {
		(&browser{site: one}).logIn(t, "198.51.100.1", "admin@paper.example", "a guess").want(t, 401)
	}
	b.logIn(t, "192.0.2.99", "admin@paper.example", "admin@paper.example").want(t, 429)
}

// It fails if the cookie that marks a browser ends early, can be read by scripts, or is a secret of a stranger's
// choice.
func TestBrowserIsRememberedByASecretOfItsOwn(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	planted := "__Host-readout-browser=planted"
	b := &browser{site: s, known: planted}
	a := b.logIn(t, "192.0.2.1", "editor@paper.example", "editor@paper.example").want(t, 303)
	if b.known == planted || b.known == "" {
		t.Errorf("the browser's cookie is %q", b.known)
	}
	for _, c := range a.Cookies() {
		if c.Name == "__Host-readout-browser" && (!c.HttpOnly || !c.Secure || c.MaxAge < 300*24*3600 || c.Path != "/") {
			t.Errorf("the browser's cookie is %s", c)
		}
	}
	first := b.known
	b.post(t, "/logout", b.fill(t, "/desk", ".logout", nil)).want(t, 303)
	b.logIn(t, "192.0.2.1", "admin@paper.example", "admin@paper.example").want(t, 303)
	if b.known != first {
		t.Error("another person who logs in makes the browser a new one")
	}
}

// It fails if an unknown address can be told from a wrong password or from a disabled user, by the answer or by the
// number of hashes.
func TestWrongAddressCostsWhatAWrongPasswordCosts(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	hashes := 0
	s.hashing = func() { hashes++ }
	var first []byte
	for _, email := range []string{"editor@paper.example", "nobody@paper.example", "", "a\x00\xffb"} {
		hashes = 0
		a := (&browser{site: s}).post(t, "/login", url.Values{"email": {email}, "password": {"a guess"}}).want(t, 401)
		if hashes != 1 {
			t.Errorf("%q: %d hashes, want 1", email, hashes)
		}
		got := bytes.ReplaceAll(a.body, []byte(`value="`+email+`"`), []byte(`value=""`))
		if email != "a\x00\xffb" && first != nil && !bytes.Equal(got, first) {
			t.Errorf("%q: the page is\n%s\nwant\n%s", email, got, first)
		}
		if first == nil {
			first = got
		}
	}
}
