package handlers

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"readout/handlers/web"
	"readout/liveblog"
	"readout/realtime"
	"readout/store"
	"readout/store/sqlitetest"
	"readout/views"
	"readout/views/data"
	"readout/views/markdown"
	"readout/views/talks"

	"github.com/gofiber/fiber/v2"
)

// site is the whole application with a store of its own.
type site struct {
	app    *fiber.App
	server *server
	store  *faultyStore
	desk   *liveblog.Desk
	hub    *realtime.Hub
	log    *lockedBuffer
	tokens map[liveblog.Role]string
}

// lockedBuffer is a buffer for a log, safe for concurrent use.
type lockedBuffer struct {
	mu sync.Mutex // guards b
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// faultyStore is the real store, which can be made unavailable and whose clock can be set. It counts the reads of
// pages.
type faultyStore struct {
	liveblog.Store
	down  atomic.Bool
	full  atomic.Bool  // as if the disk were
	ahead atomic.Int64 // how far its clock is ahead of this machine's, in nanoseconds
	pages atomic.Int64
}

func (f *faultyStore) Now() time.Time { return f.Store.Now().Add(time.Duration(f.ahead.Load())) }

func (f *faultyStore) Condition() liveblog.Condition {
	return liveblog.Condition{ClockSkew: -time.Duration(f.ahead.Load()), DiskFull: f.full.Load()}
}

func (f *faultyStore) Commit(ctx context.Context, c liveblog.Commit) (liveblog.Committed, error) {
	if f.full.Load() {
		full := liveblog.Errorf(liveblog.DiskFull, "The disk of the database is full.")
		return liveblog.Committed{}, full
	}
	return f.Store.Commit(ctx, c)
}

func (f *faultyStore) err() error {
	if f.down.Load() {
		return &liveblog.Error{Code: liveblog.Unavailable, Message: "The store is unavailable."}
	}
	return nil
}

func (f *faultyStore) Cursor(ctx context.Context, slug string) (liveblog.Cursor, error) {
	if err := f.err(); err != nil {
		return liveblog.Cursor{}, err
	}
	return f.Store.Cursor(ctx, slug)
}

func (f *faultyStore) Blogs(ctx context.Context) ([]liveblog.Blog, error) {
	if err := f.err(); err != nil {
		return nil, err
	}
	return f.Store.Blogs(ctx)
}

func (f *faultyStore) Page(ctx context.Context, q liveblog.PageQuery) (liveblog.Page, error) {
	f.pages.Add(1)
	if err := f.err(); err != nil {
		return liveblog.Page{}, err
	}
	return f.Store.Page(ctx, q)
}

func (f *faultyStore) TokenByHash(ctx context.Context, hash string) (liveblog.Token, error) {
	if err := f.err(); err != nil {
		return liveblog.Token{}, err
	}
	return f.Store.TokenByHash(ctx, hash)
}

const testBase = "https://live.example"

// databases creates the database of each site.
var databases = sqlitetest.NewTemplate(store.Migrate)

// newSite returns a site with the blog "summit" and a token for each role. Set may change the options.
func newSite(t *testing.T, set ...func(*Options)) *site {
	t.Helper()
	db, err := store.Open(t.Context(), databases.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	s := &site{store: &faultyStore{Store: db}, log: new(lockedBuffer), tokens: map[liveblog.Role]string{}}
	log := s.logger()
	broker := realtime.NewLocalBroker()
	t.Cleanup(func() { broker.Close() })
	s.desk = liveblog.NewDesk(s.store, broker, liveblog.DeskOptions{Log: log, CheckBody: markdown.Check,
		Headline: talks.Headline})
	s.hub, err = realtime.NewHub(
		realtime.Options{Store: s.store, Broker: broker, Log: log, MaxClients: 8, MaxPerAddress: 8,
			Renderer: Renderer()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.hub.Close() })
	accounts := liveblog.NewAccounts(s.store, liveblog.AccountsOptions{
		HashPassword:   func(string) (string, error) { return "hash", nil },
		VerifyPassword: func(string, string) bool { return false },
	})
	admin := liveblog.Actor{ID: "u_0", Name: "Root", Role: liveblog.Admin}
	for _, role := range liveblog.AllRoles() {
		if s.tokens[role], err = accounts.AddToken(t.Context(), admin, liveblog.NewToken{Name: "The " + string(role), Role: role}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.desk.CreateBlog(t.Context(), admin,
		liveblog.NewBlog{Slug: "summit", Title: "The summit"}); err != nil {
		t.Fatal(err)
	}
	opt := Options{Store: s.store, Desk: s.desk, Accounts: accounts, Hub: s.hub, Log: log,
		Site: views.Site{Name: "Readout", BaseURL: testBase}, EmbedOrigins: []string{"https://news.example"}}
	for _, f := range set {
		f(&opt)
	}
	s.server, s.app = newServer(opt)
	return s
}

func (s *site) logger() *slog.Logger { return slog.New(slog.NewTextHandler(s.log, nil)) }

// answer is a response with its body.
type answer struct {
	*http.Response
	body []byte
}

// do sends a request without a network. Headers are pairs of name and value.
func (s *site) do(t *testing.T, method, path, body string, headers ...string) answer {
	t.Helper()
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		req.Header.Add(headers[i], headers[i+1])
	}
	res, err := s.app.Test(req, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res, b}
}

// call sends JSON to the API as a role.
func (s *site) call(t *testing.T, role liveblog.Role, method, path, body string, headers ...string) answer {
	t.Helper()
	headers = append(headers, "Authorization", "Bearer "+s.tokens[role])
	if body != "" {
		headers = append(headers, "Content-Type", "application/json")
	}
	return s.do(t, method, "/api/v1"+path, body, headers...)
}

// want checks the status.
func (a answer) want(t *testing.T, status int) answer {
	t.Helper()
	if a.StatusCode != status {
		t.Fatalf("the status is %d, want %d; the body: %s", a.StatusCode, status, a.body)
	}
	return a
}

// header checks a header.
func (a answer) header(t *testing.T, name, want string) answer {
	t.Helper()
	if got := a.Header.Get(name); got != want {
		t.Errorf("%s is %q, want %q", name, got, want)
	}
	return a
}

// json decodes the body.
func (a answer) json(t *testing.T, v any) {
	t.Helper()
	if err := json.Unmarshal(a.body, v); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
}

// problem checks that the answer is a problem with the status and code, and with the field unless that is "". It
// returns the problem.
func (a answer) problem(t *testing.T, status int, code liveblog.Code, field string) web.Problem {
	t.Helper()
	a.want(t, status).header(t, "Content-Type", "application/problem+json").header(t, "Cache-Control", "no-store")
	var p web.Problem
	a.json(t, &p)
	if p.Type != "about:blank" || p.Title != http.StatusText(status) || p.Status != status || p.Code != code {
		t.Errorf("the problem is %+v, want code %s", p, code)
	}
	if p.Detail == "" {
		t.Error("the problem has no detail")
	}
	var got string
	if len(p.Errors) > 0 {
		got = p.Errors[0].Field
	}
	if got != field {
		t.Errorf("the field at fault is %q, want %q", got, field)
	}
	return p
}

// post adds an entry as the editor and returns it.
func (s *site) post(t *testing.T, body string) data.Entry {
	t.Helper()
	var e data.Entry
	s.call(t, liveblog.Editor, "POST", "/blogs/summit/entries", body).want(t, 201).json(t, &e)
	return e
}
