package liveblog_test

import (
	"strings"
	"testing"
	"time"

	"readout/liveblog"
)

// correctedDesk returns a desk with one published entry, a function that edits the entry, and one that advances the
// desk's clock, which otherwise does not move.
func correctedDesk(t *testing.T) (
	desk *liveblog.Desk, edit func(p liveblog.EntryPatch) (liveblog.Entry, error), wait func(time.Duration),
) {
	t.Helper()
	_, w := newDesk(t)
	at := time.Date(2025, 10, 27, 9, 0, 0, 0, time.UTC)
	desk = liveblog.NewDesk(w.store, w, liveblog.DeskOptions{Now: func() time.Time { return at }})
	if _, _, err := desk.Post(t.Context(), editor, "talks",
		liveblog.EntryInput{Headline: "On Monday", Body: "They meet on *Monday*."}, nil); err != nil {
		t.Fatal(err)
	}
	edit = func(p liveblog.EntryPatch) (liveblog.Entry, error) {
		return desk.Edit(t.Context(), editor, "talks", 1, p, 0)
	}
	return desk, edit, func(d time.Duration) { at = at.Add(d) }
}

func TestCorrection(t *testing.T) {
	t.Parallel()
	_, edit, wait := correctedDesk(t)
	wait(time.Minute)
	e, err := edit(liveblog.EntryPatch{Body: new("They meet on *Tuesday*."),
		Correction: new("  The day \n\n was wrong. ")})
	if err != nil {
		t.Fatal(err)
	}
	want := liveblog.Correction{At: e.UpdatedAt, Revision: 2, Note: "The day was wrong.", Headline: "On Monday",
		Body: "They meet on *Monday*."}
	if e.Correction != want || !e.Corrects() || !e.Corrected() || !e.Amends() {
		t.Errorf("the correction is %+v, want %+v", e.Correction, want)
	}

	wait(time.Minute)
	e, err = edit(liveblog.EntryPatch{Headline: new("On Tuesday"), KeyEvent: new(true)})
	if err != nil || e.Correction != want || e.Corrects() || !e.Corrected() || e.Amends() {
		t.Errorf("after an edit that is no correction it is %+v, error %v", e.Correction, err)
	}
	same, err := edit(liveblog.EntryPatch{Headline: new("On Tuesday")})
	if err != nil || same != e {
		t.Errorf("an edit that changes nothing made revision %d, error %v", same.Revision, err)
	}

	wait(time.Minute)
	e, err = edit(liveblog.EntryPatch{Headline: new("On Wednesday"), Correction: new("Wednesday.")})
	want = liveblog.Correction{At: e.UpdatedAt, Revision: 4, Note: "Wednesday.", Headline: "On Tuesday",
		Body: "They meet on *Tuesday*."}
	if err != nil || e.Correction != want {
		t.Errorf("the second correction is %+v, want %+v; error %v", e.Correction, want, err)
	}
}

func TestCorrectionsRefused(t *testing.T) {
	t.Parallel()
	desk, edit, _ := correctedDesk(t)
	if _, _, err := desk.Post(t.Context(), editor, "talks",
		liveblog.EntryInput{Body: "A draft.", Status: liveblog.Draft}, nil); err != nil {
		t.Fatal(err)
	}
	tuesday := func(note string) liveblog.EntryPatch {
		return liveblog.EntryPatch{Body: new("They meet on *Tuesday*."), Correction: &note}
	}
	for name, tt := range map[string]struct {
		patch liveblog.EntryPatch
		want  string
	}{
		"no note":          {tuesday(""), "correction"},
		"a note of spaces": {tuesday(" \n "), "correction"},
		"a note too long":  {tuesday(strings.Repeat("é", 501)), "correction"},
		"a broken note":    {tuesday("a\xff"), "correction"},
		"NUL":              {tuesday("a\x00b"), "correction"},
		"nothing changed":  {liveblog.EntryPatch{Correction: new("Wrong.")}, "correction"},
		"the same again": {liveblog.EntryPatch{Body: new("They meet on *Monday*. \n"), Correction: new("Wrong.")},
			"correction"},
		"what nobody reads": {liveblog.EntryPatch{KeyEvent: new(true), Pinned: new(true), Correction: new("Wrong.")},
			"correction"},
		"two things at once": {liveblog.EntryPatch{Headline: new(""), Body: new(""), Correction: new("")}, "body correction"},
	} {
		if _, err := edit(tt.patch); fields(err) != tt.want || liveblog.CodeOf(err) != liveblog.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	public := liveblog.Published
	for name, p := range map[string]liveblog.EntryPatch{
		"a draft":              tuesday("Wrong."),
		"a draft that goes on": {Body: new("Another text."), Status: &public, Correction: new("Wrong.")},
	} {
		if _, err := desk.Edit(t.Context(), editor, "talks", 2, p, 0); fields(err) != "correction" ||
			liveblog.CodeOf(err) != liveblog.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if e, err := edit(tuesday(strings.Repeat("é", 500))); err != nil || e.Revision != 2 {
		t.Errorf("the longest note: revision %d, error %v", e.Revision, err)
	}
	if _, err := desk.Remove(t.Context(), editor, "talks", 1, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := edit(tuesday("Wrong.")); liveblog.CodeOf(err) != liveblog.Conflict {
		t.Errorf("a removed entry: %v", err)
	}
}
