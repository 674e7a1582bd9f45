package storetest

import (
	"testing"
	"time"

	"readout/liveblog"
)

func briefingTests() map[string]func(*testing.T, *fixture) {
	return map[string]func(*testing.T, *fixture){
		"As it stood":  testBriefingAt,
		"Unknown blog": testBriefingUnknown,
	}
}

func timedAt(n int) option {
	return func(e *liveblog.Entry) {
		e.CreatedAt, e.PublishedAt, e.UpdatedAt = minute(n), minute(n), minute(n)
	}
}

func testBriefingAt(t *testing.T, f *fixture) {
	if _, _, err := f.UpdateSetup(t.Context(), slug,
		liveblog.Setup{Tracks: []liveblog.Track{{ID: "tariffs", Name: "Tariffs"}}}, audit(0, "setup")); err != nil {
		t.Fatal(err)
	}
	raised := liveblog.NewActs([]liveblog.Act{{Kind: liveblog.ActMove, Track: "tariffs", To: liveblog.Raised}})
	first := f.post(t, summary, keyEvent, body("One thing."), timedAt(1),
		func(e *liveblog.Entry) { e.Acts = raised }).Entry
	first = f.edit(t, first, body("Two things.")).Entry // in minute 2
	second := f.post(t, summary, keyEvent, body("Three things."), timedAt(5)).Entry
	f.edit(t, second, removed)                                       // in minute 6
	f.edit(t, first, func(e *liveblog.Entry) { e.KeyEvent = false }) // in minute 3

	for name, row := range map[string]struct {
		at     time.Time
		body   string
		events []int
		state  liveblog.TrackState
	}{
		"before all":         {minute(0), "", []int{}, liveblog.NotRaised},
		"the first":          {minute(1), "One thing.", []int{1}, liveblog.Raised},
		"its correction":     {minute(2), "Two things.", []int{1}, liveblog.Raised},
		"no key event":       {minute(3), "Two things.", []int{}, liveblog.Raised},
		"the second":         {minute(5), "Three things.", []int{2}, liveblog.Raised},
		"the second removed": {minute(6), "Two things.", []int{}, liveblog.Raised},
		"now":                {time.Time{}, "Two things.", []int{}, liveblog.Raised},
	} {
		head, talks, err := f.Briefing(t.Context(), slug, row.at)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := ""
		if head.Summary != nil {
			got = head.Summary.Body
		}
		equal(t, name+": summary", got, row.body)
		equal(t, name+": key events", numbers(head.KeyEvents), row.events)
		equal(t, name+": state", talks.Board[0].State, row.state)
		equal(t, name+": cursor", head.Blog.Cursor, f.cursor(t))
	}
}

func testBriefingUnknown(t *testing.T, f *fixture) {
	for _, at := range []time.Time{{}, minute(1)} {
		_, _, err := f.Briefing(t.Context(), "nowhere", at)
		wantError(t, "Briefing", err, liveblog.NotFound, "slug")
	}
}
