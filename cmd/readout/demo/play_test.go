package demo

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"readout/liveblog"
	"readout/store"
)

func TestScheduleEndsAtTheStart(t *testing.T) {
	t.Parallel()
	s := loaded(t)
	from := time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)
	starts := []time.Time{from.AddDate(-24, 0, 0), from.AddDate(200, 0, 0)} // long before and after the script's week
	const interval = 7*time.Hour + 13*time.Minute + 7*time.Nanosecond
	for now := from; now.Before(from.AddDate(2, 0, 0)); now = now.Add(interval) {
		starts = append(starts, now)
	}
	for _, now := range starts {
		at := s.schedule(now)
		for i := 1; i < len(at); i++ {
			if gap := at[i].Sub(at[i-1]); gap < 30*time.Second || gap > 12*time.Hour {
				t.Errorf("start %v: steps %d and %d are %v apart", now, i, i+1, gap)
			}
		}
		if last := at[len(at)-1]; now.Sub(last) != lead {
			t.Errorf("start %v: the last step is at %v, want %v before the start", now, last, lead)
		}
		if span := now.Sub(at[0]); span < 4*wholeDay || span > 6*wholeDay {
			t.Errorf("start %v: the script spans %v", now, span)
		}
		for i, st := range s.seeded {
			if st.day == 5 {
				break
			}
			got := at[i].In(st.at.Location())
			off := got.Hour()*60 + got.Minute() - st.at.Hour()*60 - st.at.Minute()
			if off != 0 && off != 60 && off != -60 {
				t.Errorf("start %v: the step at %v is moved to %v, another time of day", now, st.at, got)
			}
		}
	}
}

// start is the time at which the tests start the demo. The clocks of synctest begin there, so that live steps follow
// the seeded ones.
var start = time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)

// announcements is a broker that counts the changes that the desk publishes.
type announcements struct{ changes atomic.Int64 }

func (a *announcements) Publish(_ context.Context, n liveblog.Notice) error {
	a.changes.Add(int64(len(n.Changes)))
	return nil
}
func (a *announcements) Subscribe(string, func(liveblog.Notice)) func() { return func() {} }
func (a *announcements) Readers(slug string, here int) int              { return here }
func (a *announcements) Close() error                                   { return nil }

func open(t *testing.T) liveblog.Store {
	t.Helper()
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "demo.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// seeded returns the script, and a store into which it was seeded at start.
func seeded(t *testing.T) (Script, liveblog.Store) {
	t.Helper()
	script, st := loaded(t), open(t)
	if err := script.Seed(t.Context(), st, &announcements{}, start); err != nil {
		t.Fatal(err)
	}
	return script, st
}

func page(t *testing.T, s liveblog.Store) liveblog.Page {
	t.Helper()
	p, err := s.Page(t.Context(), liveblog.PageQuery{Slug: Blog.Slug, Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// number returns the number of the entry that the script calls name, in a blog that only the script posts to.
func (s Script) number(t *testing.T, name string) int {
	t.Helper()
	n := 0
	for _, st := range s.all() {
		if st.verb == post {
			if n++; st.name == name {
				return n
			}
		}
	}
	t.Fatalf("the script has no entry named %s", name)
	return 0
}

func TestSeed(t *testing.T) {
	t.Parallel()
	script, st := seeded(t)
	p := page(t, st)
	times := script.schedule(start)

	b := p.Head.Blog
	if b.Title != Blog.Title || b.Status != liveblog.Live || b.TimeZone != "Asia/Seoul" ||
		!b.CreatedAt.Before(times[0]) {
		t.Errorf("the blog is %+v", b)
	}
	if len(p.Entries) < 40 || p.Older {
		t.Errorf("the page has %d entries, and older ones: %v", len(p.Entries), p.Older)
	}
	pinned := script.number(t, "how-to-follow")
	if e := p.Entries[0]; !e.Pinned || e.Number != pinned || !strings.Contains(e.Body, "Malaysia") {
		t.Errorf("the first entry is %+v, want the pinned one in its second version", e)
	}
	if e := p.Entries[1]; !e.PublishedAt.Equal(start.Add(-lead)) {
		t.Errorf("the newest entry was published at %v, want %v", e.PublishedAt, start.Add(-lead))
	}
	if s := p.Head.Summary; s == nil || s.Number != script.number(t, "summary-two") {
		t.Errorf("the summary at the head is %+v, want the second one", s)
	}
	if n := len(p.Head.KeyEvents); n < 8 || n > liveblog.MaxKeyEvents {
		t.Errorf("%d key events, want 8 to %d", n, liveblog.MaxKeyEvents)
	}

	// Each entry has the time and the author of its post, even if it was changed later.
	n := 0
	for i, step := range script.seeded {
		if step.verb != post {
			continue
		}
		n++
		e, err := st.Entry(t.Context(), Blog.Slug, n)
		if err != nil {
			t.Fatal(err)
		}
		if want := times[i].UTC().Truncate(time.Microsecond); !e.CreatedAt.Equal(want) || e.Author != step.by.Name {
			t.Errorf("entry %d was created at %v by %s, want %v by %s", n, e.CreatedAt, e.Author, want, step.by.Name)
		}
	}
}

func TestSeedLeavesAHistory(t *testing.T) {
	t.Parallel()
	script, st := seeded(t)
	revisions := func(name string) []liveblog.Entry {
		r, err := st.Revisions(t.Context(), Blog.Slug, script.number(t, name), 0, math.MaxInt)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}

	combs := revisions("combs")
	if len(combs) != 2 {
		t.Fatalf("the corrected entry has %d revisions, want 2", len(combs))
	}
	after, before := combs[0], combs[1]
	if !strings.Contains(before.Body, "an analyst at Fudan University") || strings.Contains(before.Body, "Correction") {
		t.Errorf("the first version should have the mistake and no note:\n%s", before.Body)
	}
	const note = "An earlier version of this entry placed Cory Combs at Fudan"
	if !strings.Contains(after.Body, "an analyst at the consultancy Trivium China") || !after.Corrects() ||
		after.Correction.Body != before.Body || !strings.HasPrefix(after.Correction.Note, note) {
		t.Errorf("the second version should be a correction of the mistake: %+v\n%s", after.Correction, after.Body)
	}
	if after.Author != "Lena Zhou" || after.EditedBy != "Hyejin Baek" || !after.Edited() ||
		after.Headline != before.Headline {
		t.Errorf("the correction is by %s, the entry by %s", after.EditedBy, after.Author)
	}
	if got := after.UpdatedAt.Sub(before.UpdatedAt); got != 2*time.Hour+15*time.Minute {
		t.Errorf("the correction came after %v, want 2h15m", got)
	}

	_, err := st.Page(t.Context(), liveblog.PageQuery{Slug: Blog.Slug, Number: script.number(t, "tariff-twice")})
	if liveblog.CodeOf(err) != liveblog.Gone {
		t.Errorf("the removed entry's page: %v, want gone", err)
	}
	got := revisions("tariff-twice")
	if len(got) != 2 || got[0].Status != liveblog.Removed || got[0].EditedBy != "Mara Lindqvist" {
		t.Errorf("the removed entry's revisions are %+v", got)
	}

	draft := script.number(t, "prepared-no-statement")
	if e := revisions("prepared-no-statement")[0]; e.Status != liveblog.Draft || e.Author != "Priya Nair" {
		t.Errorf("the draft is %+v", e)
	}
	if slices.ContainsFunc(page(t, st).Entries, func(e liveblog.Entry) bool { return e.Number == draft }) {
		t.Error("readers see the draft")
	}
}

func TestSeedTwice(t *testing.T) {
	t.Parallel()
	script, st := seeded(t)
	before := page(t, st).Head.Blog.Cursor
	if err := script.Seed(t.Context(), st, &announcements{}, start); liveblog.CodeOf(err) != liveblog.Conflict {
		t.Errorf("%v, want a conflict", err)
	}
	if after := page(t, st).Head.Blog.Cursor; after != before {
		t.Errorf("the second seeding moved the cursor from %v to %v", before, after)
	}
}

// every is the pause between two live steps.
const every = 4 * time.Second

func TestPlay(t *testing.T) {
	t.Parallel()
	script, st := seeded(t)
	before := page(t, st)
	synctest.Test(t, func(t *testing.T) {
		announced := &announcements{}
		began := time.Now()
		if err := script.Play(t.Context(), liveblog.NewDesk(st, announced, liveblog.DeskOptions{}), every); err != nil {
			t.Fatal(err)
		}
		if took, want := time.Since(began), time.Duration(len(script.live))*every; took != want {
			t.Errorf("%d steps took %v, want %v", len(script.live), took, want)
		}
		if n := announced.changes.Load(); n < int64(len(script.live)) {
			t.Errorf("%d changes were announced for %d steps", n, len(script.live))
		}
		for i, step := range script.live {
			e, err := st.Entry(t.Context(), Blog.Slug, script.number(t, step.name))
			if err != nil {
				t.Fatal(err)
			}
			got, want := e.CreatedAt, began.Add(time.Duration(i+1)*every)
			if step.verb != post {
				got = e.UpdatedAt
			}
			if !got.Equal(want.UTC().Truncate(time.Microsecond)) {
				t.Errorf("%v", step.errorf("happened at %v, want %v", got, want))
			}
		}
	})
	posts := 0
	for _, step := range script.live {
		if step.verb == post {
			posts++
		}
	}
	if after := page(t, st); len(after.Entries) != len(before.Entries)+posts {
		t.Errorf("the page went from %d to %d entries with %d posts", len(before.Entries), len(after.Entries), posts)
	}
}

func TestPlayStopsWithItsContext(t *testing.T) {
	t.Parallel()
	script, st := seeded(t)
	before := len(page(t, st).Entries)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*every+every/2)
		defer cancel()
		err := script.Play(ctx, liveblog.NewDesk(st, &announcements{}, liveblog.DeskOptions{}), every)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want the context's error", err)
		}
	})
	if got := len(page(t, st).Entries) - before; got != 2 {
		t.Errorf("%d entries were posted, want 2", got)
	}
}

// TestPlayKeepsTheVisitorsVersion has a visitor change a live entry just before the script's own edit of it.
func TestPlayKeepsTheVisitorsVersion(t *testing.T) {
	t.Parallel()
	script := loaded(t)
	i := slices.IndexFunc(script.live, func(s step) bool { return s.verb == edit })
	name := script.live[i].name
	visitor := liveblog.Actor{ID: "u", Name: "A visitor", Role: liveblog.Editor}
	for what, act := range map[string]func(*testing.T, *liveblog.Desk, int) error{
		"edits": func(t *testing.T, d *liveblog.Desk, n int) error {
			body := "The visitor’s text."
			_, err := d.Edit(t.Context(), visitor, Blog.Slug, n, liveblog.EntryPatch{Body: &body}, 0)
			return err
		},
		"removes": func(t *testing.T, d *liveblog.Desk, n int) error {
			_, err := d.Remove(t.Context(), visitor, Blog.Slug, n, 0)
			return err
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			script, st := seeded(t)
			n := script.number(t, name)
			synctest.Test(t, func(t *testing.T) {
				desk := liveblog.NewDesk(st, &announcements{}, liveblog.DeskOptions{})
				visited := make(chan error, 1)
				time.AfterFunc(time.Duration(i)*every+every/2, func() { visited <- act(t, desk, n) })
				if err := script.Play(t.Context(), desk, every); err != nil {
					t.Errorf("the demo stopped: %v", err)
				}
				if err := <-visited; err != nil {
					t.Fatal(err)
				}
				e, err := st.Entry(t.Context(), Blog.Slug, n)
				if err != nil {
					t.Fatal(err)
				}
				if e.Revision != 2 || e.EditedBy != visitor.Name {
					t.Errorf("the entry is at revision %d by %s, want the visitor’s", e.Revision, e.EditedBy)
				}
			})
		})
	}
}
