package handlers

import (
	"bytes"
	"context"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"readout/liveblog"
	"readout/realtime"
	"readout/views/markdown"
	"readout/views/talks"

	"github.com/PuerkitoBio/goquery"
)

// asTyped begins the passwords of users that tests add. Their passwords are what follows, which no person may choose.
const asTyped = "the password that is typed as "

func hashPassword(password string) (string, error) {
	return "hash of " + strings.TrimPrefix(password, asTyped), nil
}

// deskSite is a site with three users, whose password is their e-mail address, and with a store that can be made
// unavailable.
type deskSite struct {
	*site
	*failingStore
	users    map[liveblog.Role]liveblog.User
	now      atomic.Pointer[time.Time]
	desk     *liveblog.Desk
	accounts *liveblog.Accounts
	counted  *countingStore // nil except in tests that count calls
	hashing  func()         // if not nil, called while a password is hashed
}

// failingStore fails with Unavailable, for the calls that a desk's request makes, once the flag for them is set.
type failingStore struct {
	liveblog.Store
	sessions, commits, blogs atomic.Bool
	tries                    atomic.Bool
	statements               atomic.Int64 // how often Statements was called
	uses                     atomic.Int64 // how often UseSession was called
}

// failIf returns an error if down is set.
func failIf(down *atomic.Bool) error {
	if down.Load() {
		return &liveblog.Error{Code: liveblog.Unavailable, Message: "The store is unavailable."}
	}
	return nil
}

func (s *failingStore) SessionUser(ctx context.Context, hash string) (liveblog.Session, liveblog.User, error) {
	if err := failIf(&s.sessions); err != nil {
		return liveblog.Session{}, liveblog.User{}, err
	}
	return s.Store.SessionUser(ctx, hash)
}

func (s *failingStore) UseSession(ctx context.Context, hash string, at time.Time) error {
	s.uses.Add(1)
	return s.Store.UseSession(ctx, hash, at)
}

func (s *failingStore) TakeTries(ctx context.Context, from []liveblog.Tries, at time.Time) (time.Duration, error) {
	if err := failIf(&s.tries); err != nil {
		return 0, err
	}
	return s.Store.TakeTries(ctx, from, at)
}

func (s *failingStore) UserByEmail(ctx context.Context, email string) (liveblog.User, error) {
	if err := failIf(&s.sessions); err != nil {
		return liveblog.User{}, err
	}
	return s.Store.UserByEmail(ctx, email)
}

func (s *failingStore) Commit(ctx context.Context, c liveblog.Commit) (liveblog.Committed, error) {
	if err := failIf(&s.commits); err != nil {
		return liveblog.Committed{}, err
	}
	return s.Store.Commit(ctx, c)
}

func (s *failingStore) AddSetAside(ctx context.Context, slug string, v liveblog.SetAside) error {
	if err := failIf(&s.commits); err != nil {
		return err
	}
	return s.Store.AddSetAside(ctx, slug, v)
}

func (s *failingStore) CreateBlog(ctx context.Context, b liveblog.Blog, a liveblog.Audit) (liveblog.Blog, error) {
	if err := failIf(&s.commits); err != nil {
		return liveblog.Blog{}, err
	}
	return s.Store.CreateBlog(ctx, b, a)
}

func (s *failingStore) UpdateBlog(ctx context.Context, slug string, p liveblog.BlogPatch,
	a liveblog.Audit) (liveblog.Blog, []liveblog.Change, error) {
	if err := failIf(&s.commits); err != nil {
		return liveblog.Blog{}, nil, err
	}
	return s.Store.UpdateBlog(ctx, slug, p, a)
}

func (s *failingStore) UpdateSetup(ctx context.Context, slug string, setup liveblog.Setup,
	a liveblog.Audit) (liveblog.Talks, []liveblog.Change, error) {
	if err := failIf(&s.commits); err != nil {
		return liveblog.Talks{}, nil, err
	}
	return s.Store.UpdateSetup(ctx, slug, setup, a)
}

func (s *failingStore) UpdateSetupItems(ctx context.Context, slug string, setup liveblog.Setup,
	a liveblog.Audit) (liveblog.Talks, []liveblog.Change, error) {
	if err := failIf(&s.commits); err != nil {
		return liveblog.Talks{}, nil, err
	}
	return s.Store.UpdateSetupItems(ctx, slug, setup, a)
}

func (s *failingStore) Statements(ctx context.Context, slug string) (liveblog.Blog, liveblog.Setup,
	[]liveblog.Statement, error) {
	if err := failIf(&s.blogs); err != nil {
		return liveblog.Blog{}, liveblog.Setup{}, nil, err
	}
	s.statements.Add(1)
	return s.Store.Statements(ctx, slug)
}

func (s *failingStore) Blog(ctx context.Context, slug string) (liveblog.Blog, error) {
	if err := failIf(&s.blogs); err != nil {
		return liveblog.Blog{}, err
	}
	return s.Store.Blog(ctx, slug)
}

func newDeskSite(t *testing.T, set ...func(*Options)) *deskSite {
	t.Helper()
	s := &deskSite{users: map[liveblog.Role]liveblog.User{}}
	s.setNow(time.Date(2026, 10, 30, 9, 0, 0, 0, time.UTC))
	all := append([]func(*Options){func(o *Options) {
		s.failingStore = &failingStore{Store: o.Store.(liveblog.Store)}
		broker := realtime.NewLocalBroker()
		t.Cleanup(func() { broker.Close() })
		o.Store = s.failingStore
		s.desk = liveblog.NewDesk(s.failingStore, broker, liveblog.DeskOptions{Log: o.Log, CheckBody: markdown.Check,
			Headline: talks.Headline})
		o.Desk = s.desk
		o.Accounts = liveblog.NewAccounts(s.failingStore, liveblog.AccountsOptions{
			HashPassword: hashPassword,
			VerifyPassword: func(password, hash string) bool {
				if s.hashing != nil {
					s.hashing()
				}
				return hash == "hash of "+password
			},
			Now: func() time.Time { return *s.now.Load() },
		})
		s.accounts = o.Accounts
		for _, role := range liveblog.AllRoles() {
			email := string(role) + "@paper.example"
			u, err := o.Accounts.AddUser(t.Context(), liveblog.Actor{ID: "u_0", Role: liveblog.Admin},
				liveblog.NewUser{Email: email, Name: "The " + string(role), Role: role, Password: asTyped + email})
			if err != nil {
				t.Fatal(err)
			}
			s.users[role] = u
		}
	}}, set...)
	s.site = newSite(t, all...)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the log:\n%s", s.log)
		}
	})
	return s
}

func (s *deskSite) setNow(at time.Time) { s.now.Store(&at) }

func (s *deskSite) actor(role liveblog.Role) liveblog.Actor { return s.users[role].Actor() }

// add adds an entry without using the pages.
func (s *deskSite) add(t *testing.T, role liveblog.Role, in liveblog.EntryInput) liveblog.Entry {
	t.Helper()
	e, _, err := s.desk.Post(t.Context(), s.actor(role), "summit", in, nil)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// entry returns the current revision of an entry.
func (s *deskSite) entry(t *testing.T, number int) liveblog.Entry {
	t.Helper()
	e, err := s.failingStore.Store.Entry(t.Context(), "summit", number)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// count returns the number of entries.
func (s *deskSite) count(t *testing.T) int {
	t.Helper()
	list, err := s.failingStore.Store.Entries(t.Context(), "summit", 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// browser sends what one user's browser would: its cookie, and the headers that say where a request comes from.
type browser struct {
	site   *deskSite
	cookie string // of the session
	known  string // by which the browser is known at the next login
}

func (b *browser) cookies() string { return strings.Trim(b.cookie+"; "+b.known, "; ") }

// browser returns a browser that is logged in as the role.
func (s *deskSite) browser(t *testing.T, role liveblog.Role) *browser {
	t.Helper()
	b := &browser{site: s}
	email := string(role) + "@paper.example"
	b.post(t, "/login", url.Values{"email": {email}, "password": {email}}).want(t, 303)
	if b.cookie == "" {
		t.Fatal("the login set no cookie")
	}
	return b
}

func (b *browser) keepCookie(a answer) deskAnswer {
	for _, c := range a.Cookies() {
		if strings.HasSuffix(c.Name, "browser") {
			b.known = c.Name + "=" + c.Value
			continue
		}
		b.cookie = c.Name + "=" + c.Value
		if c.Value == "" {
			b.cookie = ""
		}
	}
	return deskAnswer{a}
}

func (b *browser) get(t *testing.T, path string, headers ...string) deskAnswer {
	t.Helper()
	headers = append(headers, "Cookie", b.cookies(), "Sec-Fetch-Site", "same-origin")
	return b.keepCookie(b.site.do(t, "GET", path, "", headers...))
}

// post sends a form as a page of the site would.
func (b *browser) post(t *testing.T, path string, fields url.Values) deskAnswer {
	t.Helper()
	return b.postFrom(t, path, fields, "Origin", testBase, "Sec-Fetch-Site", "same-origin")
}

func (b *browser) postFrom(t *testing.T, path string, fields url.Values, headers ...string) deskAnswer {
	t.Helper()
	headers = append(headers, "Content-Type", "application/x-www-form-urlencoded")
	if cookies := b.cookies(); cookies != "" {
		headers = append(headers, "Cookie", cookies)
	}
	return b.keepCookie(b.site.do(t, "POST", path, fields.Encode(), headers...))
}

// fill loads a page and returns the fields of its form, with the typed ones replaced.
func (b *browser) fill(t *testing.T, path, form string, typed url.Values) url.Values {
	t.Helper()
	return b.get(t, path).form(t, form, typed)
}

type deskAnswer struct{ answer }

func (a deskAnswer) want(t *testing.T, status int) deskAnswer {
	t.Helper()
	a.answer.want(t, status)
	return a
}

func (a deskAnswer) doc(t *testing.T) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// text returns the text of the elements that the selector matches, of which there must be at least one.
func (a deskAnswer) text(t *testing.T, selector string) string {
	t.Helper()
	found := a.doc(t).Find(selector)
	if found.Length() == 0 {
		t.Fatalf("the page has no %s: %s", selector, a.body)
	}
	return strings.Join(strings.Fields(found.Text()), " ")
}

// form returns what a browser would send of a form, with the typed fields replaced. Buttons and unchecked boxes are
// not sent.
func (a deskAnswer) form(t *testing.T, selector string, typed url.Values) url.Values {
	t.Helper()
	form := a.doc(t).Find(selector)
	if form.Length() != 1 {
		t.Fatalf("the page has %d of %s: %s", form.Length(), selector, a.body)
	}
	fields := url.Values{}
	form.Find("input[name], textarea[name], select[name]").Each(func(_ int, f *goquery.Selection) {
		name, value := f.AttrOr("name", ""), f.AttrOr("value", "")
		switch {
		case f.Is("textarea"):
			value = f.Text() // like browsers, the parser drops a line end right after the tag
		case f.Is("select"):
			value = f.Find("option[selected]").AttrOr("value", "")
		case f.Is("[type=checkbox]:not([checked]), [type=radio]:not([checked])"):
			return
		}
		fields.Set(name, value)
	})
	for name, values := range typed {
		fields[name] = values
	}
	return fields
}

// holds checks that a form of the answer has what was typed.
func (a deskAnswer) holds(t *testing.T, selector string, typed url.Values) {
	t.Helper()
	fields := a.form(t, selector, nil)
	for name, values := range typed {
		if name != "action" && fields.Get(name) != values[0] {
			t.Errorf("the form has %s=%q, want the typed %q", name, fields.Get(name), values[0])
		}
	}
}

func (a deskAnswer) location(t *testing.T, want string) deskAnswer {
	t.Helper()
	a.header(t, "Location", want)
	return a
}

func atoi(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
