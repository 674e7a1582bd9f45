package liveblog_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"readout/liveblog"
	"readout/store"
	"readout/store/sqlitetest"
)

var (
	editor      = liveblog.Actor{ID: "u_1", Name: "Mara Lindqvist", Role: liveblog.Editor}
	admin       = liveblog.Actor{ID: "u_0", Name: "Root", Role: liveblog.Admin}
	contributor = liveblog.Actor{ID: "u_2", Name: "Jun Park", Role: liveblog.Contributor}
)

// witness is a broker that checks, for each notice, that the store already has the changes in it.
type witness struct {
	t       *testing.T
	store   liveblog.Store
	notices int
	err     error
}

func (w *witness) Publish(ctx context.Context, n liveblog.Notice) error {
	w.notices++
	c, err := w.store.Cursor(ctx, n.Slug)
	if last := n.Changes[len(n.Changes)-1].Cursor; err != nil || c != last {
		w.t.Errorf("the desk announced %v while the store is at %v (%v)", last, c, err)
	}
	return w.err
}

func (w *witness) Subscribe(string, func(liveblog.Notice)) func() { return func() {} }
func (w *witness) Readers(slug string, here int) int              { return here }
func (w *witness) Close() error                                   { return nil }

// databases creates the database of each desk.
var databases = sqlitetest.NewTemplate(store.Migrate)

// newDesk returns a desk on a real store with the blog "talks", and its broker.
func newDesk(t *testing.T) (*liveblog.Desk, *witness) {
	t.Helper()
	s, err := store.Open(t.Context(), databases.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	w := &witness{t: t, store: s}
	desk := liveblog.NewDesk(s, w, liveblog.DeskOptions{Log: slog.New(slog.DiscardHandler)})
	if _, err := desk.CreateBlog(t.Context(), editor, liveblog.NewBlog{Slug: "talks", Title: "Talks"}); err != nil {
		t.Fatal(err)
	}
	return desk, w
}

func TestDeskAnnouncesAfterCommit(t *testing.T) {
	t.Parallel()
	desk, w := newDesk(t)
	ctx := t.Context()
	e, _, err := desk.Post(ctx, editor, "talks", liveblog.EntryInput{Body: "They met.", Status: liveblog.Draft}, nil)
	if err != nil || w.notices != 0 {
		t.Fatalf("a draft: %v, %d notices", err, w.notices)
	}
	published := liveblog.Published
	if e, err = desk.Edit(ctx, editor, "talks", e.Number, liveblog.EntryPatch{Status: &published}, 1); err != nil ||
		w.notices != 1 {
		t.Fatalf("publishing: %v, %d notices", err, w.notices)
	}
	if same, err := desk.Edit(ctx, editor, "talks", e.Number, liveblog.EntryPatch{Body: new("They met.  ")},
		e.Revision); err != nil || same != e || w.notices != 1 {
		t.Fatalf("a patch that changes nothing: %+v %v, %d notices", same, err, w.notices)
	}
	if _, err := desk.Remove(ctx, editor, "talks", e.Number, 0); err != nil || w.notices != 2 {
		t.Fatalf("removing: %v, %d notices", err, w.notices)
	}
	if _, err := desk.UpdateBlog(ctx, editor, "talks", liveblog.BlogPatch{Title: new("More talks")}); err != nil ||
		w.notices != 3 {
		t.Fatalf("a new title: %v, %d notices", err, w.notices)
	}
}

// A write succeeds although its publish fails; the desk logs the failure once, for operators to see.
func TestDeskLogsFailedPublish(t *testing.T) {
	t.Parallel()
	_, w := newDesk(t)
	w.err = errors.New("broker unreachable")
	var logged bytes.Buffer
	desk := liveblog.NewDesk(w.store, w, liveblog.DeskOptions{Log: slog.New(slog.NewTextHandler(&logged, nil))})
	if _, _, err := desk.Post(t.Context(), editor, "talks", liveblog.EntryInput{Body: "They met."}, nil); err != nil {
		t.Fatal(err)
	}
	line := logged.String()
	for _, want := range []string{"level=WARN", "the broker did not take a change", "blog=talks", "changes=1",
		"broker unreachable"} {
		if !strings.Contains(line, want) {
			t.Errorf("the log line %q does not contain %q", line, want)
		}
	}
	if n := strings.Count(line, "\n"); n != 1 {
		t.Errorf("the desk logged %d lines, want 1: %q", n, line)
	}
}

func TestDeskRefuses(t *testing.T) {
	t.Parallel()
	desk, _ := newDesk(t)
	ctx := t.Context()
	post := func(by liveblog.Actor, in liveblog.EntryInput) (liveblog.Entry, error) {
		e, _, err := desk.Post(ctx, by, "talks", in, nil)
		return e, err
	}
	public, err := post(editor, liveblog.EntryInput{Body: "Public."})
	if err != nil {
		t.Fatal(err)
	}
	own, err := post(contributor, liveblog.EntryInput{Body: "Own.", Status: liveblog.Draft})
	if err != nil {
		t.Fatal(err)
	}
	others, err := post(editor, liveblog.EntryInput{Body: "Others'.", Status: liveblog.Draft})
	if err != nil {
		t.Fatal(err)
	}
	gone, err := post(editor, liveblog.EntryInput{Body: "Gone."})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := desk.Remove(ctx, editor, "talks", gone.Number, gone.Revision); err != nil {
		t.Fatal(err)
	}
	published, draft := liveblog.Published, liveblog.Draft
	edit := func(by liveblog.Actor, number int, p liveblog.EntryPatch, base int) error {
		_, err := desk.Edit(ctx, by, "talks", number, p, base)
		return err
	}
	text := liveblog.EntryPatch{Body: new("Other text.")}
	for _, tt := range []struct {
		name  string
		err   error
		code  liveblog.Code
		field string
	}{
		{"no text", second(post(editor, liveblog.EntryInput{Headline: " ", Body: " \n "})), liveblog.Invalid,
			"body"},
		{"too long", second(post(editor, liveblog.EntryInput{Body: strings.Repeat("x", liveblog.MaxBody+1)})),
			liveblog.Invalid, "body"},
		{"long headline", second(post(editor, liveblog.EntryInput{Headline: strings.Repeat("x", 201), Body: "x"})),
			liveblog.Invalid, "headline"},
		{"status", second(post(editor, liveblog.EntryInput{Body: "x", Status: "live"})), liveblog.Invalid, "status"},
		{"a contributor publishes", second(post(contributor, liveblog.EntryInput{Body: "x"})), liveblog.Forbidden, ""},
		{"a contributor publishes a draft", edit(contributor, own.Number, liveblog.EntryPatch{Status: &published}, 0),
			liveblog.Forbidden, ""},
		{"a contributor edits others' draft", edit(contributor, others.Number, text, 0), liveblog.Forbidden, ""},
		{"a contributor edits a public entry", edit(contributor, public.Number, text, 0), liveblog.Forbidden, ""},
		{"stale", edit(editor, public.Number, text, 7), liveblog.Stale, "revision"},
		{"back to draft", edit(editor, public.Number, liveblog.EntryPatch{Status: &draft}, 0), liveblog.Conflict,
			"status"},
		{"removed", edit(editor, gone.Number, text, 0), liveblog.Conflict, "number"},
		{"unknown entry", edit(editor, 99, text, 0), liveblog.NotFound, "number"},
	} {
		if liveblog.CodeOf(tt.err) != tt.code || fields(tt.err) != tt.field {
			t.Errorf("%s: %v, want %s on %q", tt.name, tt.err, tt.code, tt.field)
		}
	}
	if err := edit(contributor, own.Number, text, own.Revision); err != nil {
		t.Errorf("a contributor edits their own draft: %v", err)
	}
}

func second(_ liveblog.Entry, err error) error { return err }

func TestAccounts(t *testing.T) {
	t.Parallel()
	_, w := newDesk(t)
	now := time.Now()
	a := liveblog.NewAccounts(w.store, liveblog.AccountsOptions{
		HashPassword:   func(p string) (string, error) { return "hash of " + p, nil },
		VerifyPassword: func(p, hash string) bool { return hash == "hash of "+p },
		Now:            func() time.Time { return now },
	})
	ctx := t.Context()
	for _, tt := range []struct{ email, role, password, want string }{
		{"nobody", "editor", "long enough to be one", "email"},
		{"Jun <jun@example.org>", "editor", "long enough to be one", "email"},
		{"jun@example.org", "boss", "long enough to be one", "role"},
		{"jun@example.org", "editor", "too short", "password"},
		{"jun@example.org", "editor", strings.Repeat("x", 257), "password"},
	} {
		_, err := a.AddUser(ctx, admin, liveblog.NewUser{Email: tt.email, Role: liveblog.Role(tt.role), Password: tt.password})
		if fields(err) != tt.want {
			t.Errorf("%v: %v", tt, err)
		}
	}
	if _, err := a.AddUser(ctx, admin, liveblog.NewUser{
		Email: "jun@example.org", Role: liveblog.Editor, Password: "long enough to be one",
	}); err != nil {
		t.Fatal(err)
	}
	for _, wrong := range [][2]string{
		{"jun@example.org", "not it at all"}, {"who@example.org", "long enough to be one"},
	} {
		_, _, _, err := a.Login(ctx, wrong[0], wrong[1], liveblog.Login{})
		if liveblog.CodeOf(err) != liveblog.Unauthorized {
			t.Errorf("%v: %v", wrong, err)
		}
	}
	secret, _, u, err := a.Login(ctx, " JUN@example.org ", "long enough to be one", liveblog.Login{})
	if err != nil || u.Name != "jun" {
		t.Fatalf("login: %+v %v", u, err)
	}
	if _, got, err := a.SessionUser(ctx, secret); err != nil || got.ID != u.ID {
		t.Errorf("session: %+v %v", got, err)
	}
	now = now.Add(liveblog.SessionLifetime)
	if _, _, err := a.SessionUser(ctx, secret); liveblog.CodeOf(err) != liveblog.Unauthorized {
		t.Errorf("after its lifetime: %v", err)
	}
	token, err := a.AddToken(ctx, admin, liveblog.NewToken{Name: "wire", Role: liveblog.Contributor})
	if err != nil {
		t.Fatal(err)
	}
	if actor, err := a.TokenActor(ctx, token); err != nil || actor.Name != "wire" ||
		actor.Role != liveblog.Contributor {
		t.Errorf("token: %+v %v", actor, err)
	}
	if _, err := a.TokenActor(ctx, token+"x"); liveblog.CodeOf(err) != liveblog.Unauthorized {
		t.Errorf("a wrong token: %v", err)
	}
}

// The desk calls CheckBody for each new or changed body, and does not let an unchanged body block an edit of other
// fields.
func TestDeskChecksChangedBodies(t *testing.T) {
	t.Parallel()
	_, w := newDesk(t)
	var asked []string
	desk := liveblog.NewDesk(w.store, w, liveblog.DeskOptions{CheckBody: func(body string) error {
		if asked = append(asked, body); strings.Contains(body, "much") {
			return liveblog.FieldErrorf(liveblog.Invalid, "body", "It is too much.")
		}
		return nil
	}})
	ctx := t.Context()
	refused := func(err error) {
		t.Helper()
		if liveblog.CodeOf(err) != liveblog.Invalid || fields(err) != "body" {
			t.Errorf("the desk returned %v", err)
		}
	}
	_, _, err := desk.Post(ctx, editor, "talks", liveblog.EntryInput{Body: "Too much.\r\n"}, nil)
	refused(err)
	_, _, err = desk.Post(ctx, editor, "talks", liveblog.EntryInput{Body: "Too much.", Status: liveblog.Draft}, nil)
	refused(err)
	e, _, err := desk.Post(ctx, editor, "talks", liveblog.EntryInput{Body: "One."}, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = desk.Edit(ctx, editor, "talks", e.Number, liveblog.EntryPatch{Body: new("Much.much")}, 0)
	refused(err)
	if _, err = desk.Edit(ctx, editor, "talks", e.Number, liveblog.EntryPatch{Body: new("One. "), Pinned: new(true)},
		0); err != nil {
		t.Error(err)
	}
	if _, err := desk.Remove(ctx, editor, "talks", e.Number, 0); err != nil {
		t.Error(err)
	}
	if want := []string{"Too much.", "Too much.", "One.", "Much.much"}; !slices.Equal(asked, want) {
		t.Errorf("the desk checked %q, want %q", asked, want)
	}
}
