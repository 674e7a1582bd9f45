// Package storetest is the conformance suite of [liveblog.Store], which every engine must pass.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"readout/liveblog"
)

// Run runs the suite. Open returns a store on the database of t, which is empty when open is called with t for the
// first time, and has kept its data at later calls. The suite closes the stores. Open may be called from parallel
// tests.
func Run(t *testing.T, open func(t *testing.T) liveblog.Store) {
	groups := []struct {
		name  string
		tests map[string]func(*testing.T, *fixture)
	}{
		{"Blogs", blogTests()},
		{"Commit", commitTests()},
		{"Keys", keyTests()},
		{"Reads", readTests()},
		{"Statements", statementTests()},
		{"Page", pageTests()},
		{"Window", windowTests()},
		{"Coverage", coverageTests()},
		{"Briefing", briefingTests()},
		{"Search", searchTests()},
		{"Activity", activityTests()},
		{"Corrections", correctionTests()},
		{"Changes", changesTests()},
		{"Talks", talksTests()},
		{"Accounts", accountTests()},
		{"Approval", approvalTests()},
		{"Audit", auditTests()},
		{"Archive", archiveTests()},
		{"Set aside", setAsideTests()},
		{"Working copies", workingCopyTests()},
		{"Sessions", sessionTests()},
		{"Tries", triesTests()},
		{"First run", firstRunTests()},
		{"Concurrency", concurrencyTests()},
		{"Lifetime", lifetimeTests()},
		{"Model", modelTests()},
	}
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			for name, test := range g.tests {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					f := newFixture(t, open)
					f.concurrent = g.name == "Concurrency"
					test(t, f)
				})
			}
		})
	}
}

// fixture is a store with one blog, and short methods to write to it.
type fixture struct {
	liveblog.Store
	t    *testing.T
	open func(*testing.T) liveblog.Store
	blog liveblog.Blog

	concurrent bool // the test writes from several goroutines, so that nothing can be tried before it
}

const slug = "summit"

func newFixture(t *testing.T, open func(*testing.T) liveblog.Store) *fixture {
	t.Helper()
	f := &fixture{Store: open(t), t: t, open: open}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	f.blog = f.createBlog(t, slug)
	return f
}

// reopen closes the store and opens the same database again.
func (f *fixture) reopen(t *testing.T) {
	t.Helper()
	if err := f.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	f.Store = f.open(t)
}

func (f *fixture) createBlog(t *testing.T, slug string) liveblog.Blog {
	t.Helper()
	b, err := f.CreateBlog(t.Context(), newBlog(slug), audit(0, "blog.create"))
	if err != nil {
		t.Fatalf("CreateBlog: %v", err)
	}
	return b
}

func newBlog(slug string) liveblog.Blog {
	return liveblog.Blog{Slug: slug, Title: "Summit", Standfirst: "Two delegations, five days.", Status: liveblog.Live,
		TimeZone: "Asia/Seoul", Language: "en", Venue: "Airport", Address: "1 Sky Road",
		CreatedAt: minute(0), UpdatedAt: minute(0)}
}

// minute returns a time on a fixed day; n may be negative. It is not a whole second, so that tests notice rounding.
func minute(n int) time.Time {
	return time.Date(2025, 10, 27, 9, 0, 0, 123456000, time.UTC).Add(time.Duration(n) * time.Minute)
}

func audit(n int, action string) liveblog.Audit {
	return liveblog.Audit{At: minute(n), ActorID: "u_1", Actor: "Ada", Action: action}
}

// An option changes an entry before it is committed.
type option func(*liveblog.Entry)

func draft(e *liveblog.Entry)    { e.Status, e.PublishedAt = liveblog.Draft, time.Time{} }
func keyEvent(e *liveblog.Entry) { e.KeyEvent = true }
func pinned(e *liveblog.Entry)   { e.Pinned = true }
func unpinned(e *liveblog.Entry) { e.Pinned = false }
func summary(e *liveblog.Entry)  { e.Summary = true }
func removed(e *liveblog.Entry)  { e.Status, e.Pinned = liveblog.Removed, false }
func publishedAt(n int) option   { return func(e *liveblog.Entry) { e.PublishedAt = minute(n) } }
func published(n int) option {
	return func(e *liveblog.Entry) { e.Status, e.PublishedAt = liveblog.Published, minute(n) }
}
func body(s string) option { return func(e *liveblog.Entry) { e.Body = s } }

// newEntry returns a published entry, ready to be committed as a new one.
func newEntry(opts ...option) liveblog.Entry {
	e := liveblog.Entry{Headline: "Talks begin", Body: "Both sides are in the room.", Author: "Ada", AuthorID: "u_1",
		EditedBy: "Ada", Status: liveblog.Published, CreatedAt: minute(1), PublishedAt: minute(1), UpdatedAt: minute(1)}
	for _, opt := range opts {
		opt(&e)
	}
	return e
}

func (f *fixture) add(ctx context.Context, opts ...option) (liveblog.Committed, error) {
	return f.Commit(ctx, liveblog.Commit{Slug: slug, Entry: newEntry(opts...), Audit: audit(1, "entry.post")})
}

func (f *fixture) post(t *testing.T, opts ...option) liveblog.Committed {
	t.Helper()
	done, err := f.add(t.Context(), opts...)
	if err != nil {
		t.Fatalf("Commit of a new entry: %v", err)
	}
	return done
}

// revise returns the commit that changes prev.
func revise(prev liveblog.Entry, opts ...option) liveblog.Commit {
	next := prev
	for _, opt := range opts {
		opt(&next)
	}
	next.UpdatedAt, next.EditedBy = prev.UpdatedAt.Add(time.Minute), "Grace"
	return liveblog.Commit{Slug: slug, Entry: next, Base: prev.Revision, Audit: audit(2, "entry.edit")}
}

func (f *fixture) edit(t *testing.T, prev liveblog.Entry, opts ...option) liveblog.Committed {
	t.Helper()
	done, err := f.Commit(t.Context(), revise(prev, opts...))
	if err != nil {
		t.Fatalf("Commit of a change: %v", err)
	}
	return done
}

func (f *fixture) page(t *testing.T, q liveblog.PageQuery) liveblog.Page {
	t.Helper()
	q.Slug = slug
	p, err := f.Page(t.Context(), q)
	if err != nil {
		t.Fatalf("Page(%+v): %v", q, err)
	}
	return p
}

func (f *fixture) changes(t *testing.T, seq int64, limit int) liveblog.Changes {
	t.Helper()
	c, err := f.ChangesAfter(t.Context(), slug, f.at(seq), limit)
	if err != nil {
		t.Fatalf("ChangesAfter(%d): %v", seq, err)
	}
	return c
}

// at returns the blog's cursor with another seq.
func (f *fixture) at(seq int64) liveblog.Cursor {
	return liveblog.Cursor{Epoch: f.blog.Cursor.Epoch, Seq: seq}
}

func (f *fixture) cursor(t *testing.T) liveblog.Cursor {
	t.Helper()
	c, err := f.Cursor(t.Context(), slug)
	if err != nil {
		t.Fatalf("Cursor: %v", err)
	}
	return c
}

func numbers(entries []liveblog.Entry) []int {
	ns := []int{}
	for _, e := range entries {
		ns = append(ns, e.Number)
	}
	return ns
}

// steps formats changes as "seq:entry@revision", "seq:head" and "seq:talks".
func steps(changes []liveblog.Change) []string {
	list := []string{}
	for _, c := range changes {
		what := "head"
		switch {
		case c.Talks != nil:
			what = "talks"
		case c.Entry != nil:
			what = fmt.Sprintf("%d@%d", c.Entry.Number, c.Entry.Revision)
		}
		list = append(list, fmt.Sprintf("%d:%s", c.Cursor.Seq, what))
	}
	return list
}

// reporter is a *testing.T or a *rapid.T.
type reporter interface {
	Helper()
	Errorf(format string, args ...any)
}

// equal reports a difference of got and want. It calls [reflect.DeepEqual] first, which is faster than [cmp.Diff].
func equal[T any](t reporter, what string, got, want T) {
	t.Helper()
	if reflect.DeepEqual(got, want) {
		return
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(liveblog.Talks{})); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// wantError checks that err is a [liveblog.Error] with the code and, unless field is "", with only that field.
func wantError(t reporter, what string, err error, code liveblog.Code, field string) {
	t.Helper()
	e, ok := errors.AsType[*liveblog.Error](err)
	if !ok || e.Code != code {
		t.Errorf("%s: error %v, want code %q", what, err, code)
		return
	}
	if e.Message == "" {
		t.Errorf("%s: the error has no message", what)
	}
	want := []string{}
	if field != "" {
		want = append(want, field)
	}
	got := []string{}
	for _, f := range e.Fields {
		got = append(got, f.Field)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s: the error names the fields %q, want %q", what, got, want)
	}
}
