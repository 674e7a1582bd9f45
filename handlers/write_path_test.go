package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"readout/liveblog"
	"readout/realtime"
	"readout/views/markdown"
	"readout/views/talks"
)

// countingStore records the store calls of a write.
type countingStore struct {
	liveblog.Store
	mu    sync.Mutex // guards calls
	calls []string
}

func (s *countingStore) note(call string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, call)
}

// writeCalls returns the calls of the last write, without those for the page that shows a refused form again.
func (s *countingStore) writeCalls() []string {
	if i := slices.Index(s.calls, "Statements"); i >= 0 {
		return s.calls[:i]
	}
	return s.calls
}

// takeCalls returns the calls since it was last called.
func (s *countingStore) takeCalls() (calls []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls, s.calls = s.calls, nil
	return calls
}

func (s *countingStore) Blog(ctx context.Context, slug string) (liveblog.Blog, error) {
	s.note("Blog")
	return s.Store.Blog(ctx, slug)
}

func (s *countingStore) Blogs(ctx context.Context) ([]liveblog.Blog, error) {
	s.note("Blogs")
	return s.Store.Blogs(ctx)
}

func (s *countingStore) Cursor(ctx context.Context, slug string) (liveblog.Cursor, error) {
	s.note("Cursor")
	return s.Store.Cursor(ctx, slug)
}

func (s *countingStore) Talks(ctx context.Context, slug string, at time.Time) (liveblog.Blog, liveblog.Talks, error) {
	s.note("Talks")
	return s.Store.Talks(ctx, slug, at)
}

func (s *countingStore) Statements(ctx context.Context, slug string) (liveblog.Blog, liveblog.Setup,
	[]liveblog.Statement, error) {
	s.note("Statements")
	return s.Store.Statements(ctx, slug)
}

func (s *countingStore) Entry(ctx context.Context, slug string, number int) (liveblog.Entry, error) {
	s.note("Entry")
	return s.Store.Entry(ctx, slug, number)
}

func (s *countingStore) Entries(ctx context.Context, slug string, before, limit int) ([]liveblog.Entry, error) {
	s.note("Entries")
	return s.Store.Entries(ctx, slug, before, limit)
}

func (s *countingStore) Revisions(ctx context.Context, slug string, number, before,
	limit int) ([]liveblog.Entry, error) {
	s.note("Revisions")
	return s.Store.Revisions(ctx, slug, number, before, limit)
}

func (s *countingStore) Page(ctx context.Context, q liveblog.PageQuery) (liveblog.Page, error) {
	s.note("Page")
	return s.Store.Page(ctx, q)
}

func (s *countingStore) Before(ctx context.Context, slug string, number int) (liveblog.Before, error) {
	s.note("Before")
	return s.Store.Before(ctx, slug, number)
}

func (s *countingStore) Commit(ctx context.Context, c liveblog.Commit) (liveblog.Committed, error) {
	s.note("Commit")
	return s.Store.Commit(ctx, c)
}

// TestFormAndAPIWriteAlike sends the same texts through the desk's form and through the API. Both must create the
// same entry, fail with the same message, and cost the same calls of the store. It fails if a handler reads before
// [liveblog.Desk] does, if only one of them handles a command in the text, and if Desk reads twice.
func TestFormAndAPIWriteAlike(t *testing.T) {
	t.Parallel()
	const before, commit = "Before", "Commit"
	for name, tc := range map[string]struct {
		body, edit  string // what is posted, and what it is changed to
		post, patch []string
		text, acts  string // of the entry after both
		refused     string // the error of the edit, "" if it is saved
	}{
		"text only": {"They met.", "They met at noon.",
			[]string{commit}, []string{before, commit}, "They met at noon.", "[]", ""},
		"a command in a new entry": {"/move chips → raised\n\nThey met.", "They met at noon.",
			[]string{before, commit}, []string{before, commit}, "They met at noon.",
			`[{"kind":"move","track":"chips","to":"raised"}]`, ""},
		"a command in an edit": {"They met.", "They met.\n/move chips → raised",
			[]string{commit}, []string{before, commit}, "They met.",
			`[{"kind":"move","track":"chips","to":"raised"}]`, ""},
		"another command": {"/move chips → raised\nThey met.", "/move tariffs → raised\nThey met.",
			[]string{before, commit}, []string{before, commit}, "They met.",
			`[{"kind":"move","track":"chips","to":"raised"},{"kind":"move","track":"tariffs","to":"raised"}]`, ""},
		"the same command again": {"/move chips → raised\nThey met.", "/move chips → raised\nThey met at noon.",
			[]string{before, commit}, []string{before, commit}, "They met at noon.",
			`[{"kind":"move","track":"chips","to":"raised"}]`, ""},
		"a malformed command": {"They met.", "They met.\n\n/move nothing → raised",
			[]string{commit}, []string{before}, "They met.", "[]",
			"Line 3: There is no track “nothing”; this blog has tariffs, rare-earths and chips."},
		"nearly a command": {"They met.", "They met.\n /mvoe chips → raised",
			[]string{commit}, []string{before}, "They met.", "[]",
			`Line 2: there is no command “/mvoe”. Did you mean /move? Type \/ for a slash that belongs to the text.`},
		"a command in full width": {"They met.", "They met.\n　／move chips ＝＞ raised",
			[]string{commit}, []string{before, commit}, "They met.",
			`[{"kind":"move","track":"chips","to":"raised"}]`, ""},
		"a command that is refused": {"They met.", "/cite unheard-of\nThey met.",
			[]string{commit}, []string{before, commit}, "They met.", "[]",
			"Line 1, “/cite unheard-of”: There is no claim “unheard-of”."},
	} {
		for way, write := range map[string]func(t *testing.T, s *deskSite, number int,
			body string) (saved bool, said string){
			"form": writeByForm, "API": writeByAPI,
		} {
			t.Run(name+" by the "+way, func(t *testing.T) {
				t.Parallel()
				var counted *countingStore
				s := newDeskSite(t, func(o *Options) {
					counted = &countingStore{Store: o.Store.(liveblog.Store)}
					o.Store = counted
					broker := realtime.NewLocalBroker()
					t.Cleanup(func() { broker.Close() })
					o.Desk = liveblog.NewDesk(counted, broker,
						liveblog.DeskOptions{Log: o.Log, CheckBody: markdown.Check, Headline: talks.Headline})
				})
				s.setUp(t)
				s.counted = counted
				if saved, said := write(t, s, 0, tc.body); !saved {
					t.Fatalf("the post was refused: %s", said)
				}
				if calls := counted.writeCalls(); !slices.Equal(calls, tc.post) {
					t.Errorf("the post made the calls %v, want %v", calls, tc.post)
				}
				saved, said := write(t, s, 1, tc.edit)
				if calls := counted.writeCalls(); !slices.Equal(calls, tc.patch) {
					t.Errorf("the edit made the calls %v, want %v", calls, tc.patch)
				}
				if saved != (tc.refused == "") || said != tc.refused {
					t.Errorf("the edit was saved: %v, with the message %q, want %q", saved, said, tc.refused)
				}
				e := s.entry(t, 1)
				acts, err := json.Marshal(append([]liveblog.Act{}, e.Acts.List()...))
				if err != nil || e.Body != tc.text || string(acts) != tc.acts {
					t.Errorf("the entry has the text %q and the acts %s, want %q and %s",
						e.Body, acts, tc.text, tc.acts)
				}
			})
		}
	}
}

// writeByForm posts an entry, or edits one at revision 1, as an editor's browser does. Number is 0 for a new entry.
func writeByForm(t *testing.T, s *deskSite, number int, body string) (saved bool, said string) {
	t.Helper()
	path := "/desk/summit"
	if number > 0 {
		path += fmt.Sprintf("/entries/%d", number)
	}
	b := s.browser(t, liveblog.Editor)
	fields := b.fill(t, path, "form.composer", url.Values{"body": {body}, "action": {"publish"}})
	s.counted.takeCalls()
	a := b.post(t, path, fields)
	if a.StatusCode == http.StatusSeeOther {
		return true, ""
	}
	return false, a.want(t, 422).text(t, ".problem .problem-message")
}

// writeByAPI does the same through the API.
func writeByAPI(t *testing.T, s *deskSite, number int, body string) (saved bool, said string) {
	t.Helper()
	text, err := json.Marshal(map[string]string{"body": body})
	if err != nil {
		t.Fatal(err)
	}
	s.counted.takeCalls()
	var a answer
	if number == 0 {
		a = s.call(t, liveblog.Editor, "POST", "/blogs/summit/entries", string(text))
	} else {
		a = s.call(t, liveblog.Editor, "PATCH", fmt.Sprintf("/blogs/summit/entries/%d", number),
			string(text), "If-Match", `"1"`)
	}
	if a.StatusCode < 300 {
		return true, ""
	}
	return false, a.problem(t, 422, liveblog.Invalid, "body").Detail
}
