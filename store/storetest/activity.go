package storetest

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"readout/liveblog"
)

func activityTests() map[string]func(*testing.T, *fixture) {
	return map[string]func(*testing.T, *fixture){
		"Quarters":         testActivityQuarters,
		"Random histories": testActivityRandom,
	}
}

func testActivityQuarters(t *testing.T, f *fixture) {
	day := time.Date(2025, 10, 27, 0, 0, 0, 0, time.UTC)
	at := func(d time.Duration) option { return timed(day.Add(d)) }
	quarter := func(d time.Duration, entries, keyEvents int) liveblog.QuarterHour {
		return liveblog.QuarterHour{Start: day.Add(d), Entries: entries, KeyEvents: keyEvents}
	}
	const min = time.Minute
	f.post(t, at(24*time.Hour), keyEvent)
	f.post(t, at(24*time.Hour-time.Microsecond))
	f.post(t, at(10*time.Hour+15*min))
	removedLater := f.post(t, at(10*time.Hour+29*min), keyEvent).Entry
	edited := f.post(t, at(10*time.Hour+30*min), keyEvent).Entry
	f.post(t, at(0), draft)
	want := []liveblog.QuarterHour{quarter(10*time.Hour+15*min, 2, 1), quarter(10*time.Hour+30*min, 1, 1),
		quarter(23*time.Hour+45*min, 1, 0), quarter(24*time.Hour, 1, 1)}
	equal(t, "activity", f.page(t, liveblog.PageQuery{Limit: 2}).Activity, want)

	f.edit(t, removedLater, removed)
	f.edit(t, edited, func(e *liveblog.Entry) { e.KeyEvent, e.Body = false, "Other." })
	want[0], want[1] = quarter(10*time.Hour+15*min, 1, 0), quarter(10*time.Hour+30*min, 1, 0)
	equal(t, "activity", f.page(t, liveblog.PageQuery{Limit: 2}).Activity, want)
	if got := f.page(t, liveblog.PageQuery{Before: 3, Limit: 2}).Activity; got != nil {
		t.Errorf("an older page has the activity %v", got)
	}
	if got := f.page(t, liveblog.PageQuery{Number: 3}).Activity; got != nil {
		t.Errorf("a page of one entry has the activity %v", got)
	}
}

// testActivityRandom: after random writes, the counts are those of the public entries.
func testActivityRandom(t *testing.T, f *fixture) {
	var all []liveblog.Entry
	rapid.Check(t, func(r *rapid.T) {
		for range rapid.IntRange(1, 8).Draw(r, "writes") {
			e, base := newEntry(), 0
			i := rapid.IntRange(-1, len(all)-1).Draw(r, "entry")
			if i >= 0 {
				e, base = all[i], all[i].Revision
			}
			e.KeyEvent = rapid.Bool().Draw(r, "key event")
			e.Status = rapid.SampledFrom([]liveblog.EntryStatus{liveblog.Published, liveblog.Draft,
				liveblog.Removed}).Draw(r, "status")
			e.PublishedAt = minute(rapid.IntRange(-2000, 2000).Draw(r, "published"))
			done, err := f.Commit(t.Context(),
				liveblog.Commit{Slug: slug, Entry: e, Base: base, Audit: audit(1, "entry.edit")})
			if err != nil {
				r.Fatal(err)
			}
			if i < 0 {
				all = append(all, done.Entry)
			} else {
				all[i] = done.Entry
			}
		}
		counts := map[time.Time]liveblog.QuarterHour{}
		for _, e := range all {
			if e.Public() {
				start := e.PublishedAt.Truncate(15 * time.Minute)
				q := counts[start]
				q.Start, q.Entries = start, q.Entries+1
				if e.KeyEvent {
					q.KeyEvents++
				}
				counts[start] = q
			}
		}
		var want []liveblog.QuarterHour
		for _, q := range counts {
			want = append(want, q)
		}
		slices.SortFunc(want, func(a, b liveblog.QuarterHour) int { return a.Start.Compare(b.Start) })
		equal(r, "activity", f.page(t, liveblog.PageQuery{Limit: 1}).Activity, want)
	})
}
