package storetest

import (
	"fmt"
	"testing"

	"readout/liveblog"
)

func setAsideTests() map[string]func(*testing.T, *fixture) {
	return map[string]func(*testing.T, *fixture){
		"Kept":         testSetAsideKept,
		"The newest":   testSetAsideNewest,
		"Purged bases": testSetAsidePurged,
		"Unknown":      testSetAsideUnknown,
	}
}

func version(number, base int, body string) liveblog.SetAside {
	return liveblog.SetAside{Number: number, Base: base, By: "Grace", ByID: "u_2", At: minute(3), Headline: "Talks",
		Body: body, Acts: liveblog.NewActs([]liveblog.Act{{Kind: liveblog.ActMove, Track: "tariffs", To: "stalled"}})}
}

func (f *fixture) setAside(t *testing.T, number int) []liveblog.SetAside {
	t.Helper()
	list, err := f.SetAside(t.Context(), slug, number)
	if err != nil {
		t.Fatalf("SetAside(%d): %v", number, err)
	}
	return list
}

func (f *fixture) addSetAside(t *testing.T, versions ...liveblog.SetAside) {
	t.Helper()
	for _, v := range versions {
		if err := f.AddSetAside(t.Context(), slug, v); err != nil {
			t.Fatalf("AddSetAside(%+v): %v", v, err)
		}
	}
}

// testSetAsideKept fails if a version changes on its way, gets to another entry, is kept twice although somebody only
// repeated a save, is lost because somebody else typed the same, or is shown although it was saved in the end.
func testSetAsideKept(t *testing.T, f *fixture) {
	e := f.post(t).Entry
	f.post(t)
	first, second := version(1, 1, "First."), version(1, 1, "Second.")
	second.Acts = ""
	f.addSetAside(t, first, second, first)
	other := first
	other.By, other.ByID = "Ada", "u_1"
	f.addSetAside(t, other)
	equal(t, "versions", f.setAside(t, 1), []liveblog.SetAside{other, second, first})
	equal(t, "versions of another entry", f.setAside(t, 2), nil)

	f.edit(t, e, func(e *liveblog.Entry) { e.Headline, e.Body = "Talks", "Second." })
	equal(t, "versions after one was saved", f.setAside(t, 1), []liveblog.SetAside{other, first})
	before := f.cursor(t)
	f.reopen(t)
	f.addSetAside(t, version(1, 1, "Third."))
	if f.cursor(t) != before {
		t.Error("readers' cursors move")
	}
	equal(t, "versions after a restart", len(f.setAside(t, 1)), 3)
}

// testSetAsideNewest fails if the versions of an entry grow without bound, or if those of another entry make room.
func testSetAsideNewest(t *testing.T, f *fixture) {
	f.post(t)
	f.post(t)
	f.addSetAside(t, version(2, 1, "Other."))
	for i := range liveblog.MaxSetAside + 3 {
		f.addSetAside(t, version(1, 1, fmt.Sprint(i)))
	}
	list := f.setAside(t, 1)
	if len(list) != liveblog.MaxSetAside || list[0].Body != fmt.Sprint(liveblog.MaxSetAside+2) ||
		list[liveblog.MaxSetAside-1].Body != "3" {
		t.Errorf("there are %d versions: %+v", len(list), list)
	}
	equal(t, "versions of the other entry", len(f.setAside(t, 2)), 1)
}

// testSetAsidePurged fails if a purge leaves a version of the entry, takes one of another entry, or if a version comes
// back that is based on what was purged.
func testSetAsidePurged(t *testing.T, f *fixture) {
	f.edit(t, f.post(t).Entry, body("New."))
	f.post(t)
	f.addSetAside(t, version(1, 1, "A."), version(1, 2, "B."), version(2, 1, "Other."))
	purge := func(revision int) {
		t.Helper()
		p := liveblog.Purge{Slug: slug, Number: 1, Revision: revision}
		if _, err := f.Purge(t.Context(), p, audit(9, "entry.purge")); err != nil {
			t.Fatal(err)
		}
	}
	purge(1)
	f.addSetAside(t, version(1, 1, "A."), version(1, 7, "Nothing."))
	equal(t, "versions after the purge of a revision", f.setAside(t, 1), nil)
	f.addSetAside(t, version(1, 2, "B."))
	equal(t, "versions of the text that stays", len(f.setAside(t, 1)), 1)
	purge(0)
	f.addSetAside(t, version(1, 2, "B."))
	equal(t, "versions of a purged entry", f.setAside(t, 1), nil)
	equal(t, "versions of the other entry", len(f.setAside(t, 2)), 1)
}

func testSetAsideUnknown(t *testing.T, f *fixture) {
	_, err := f.SetAside(t.Context(), "nowhere", 1)
	wantError(t, "SetAside", err, liveblog.NotFound, "slug")
	_, err = f.SetAside(t.Context(), slug, 1)
	wantError(t, "SetAside", err, liveblog.NotFound, "number")
	wantError(t, "AddSetAside", f.AddSetAside(t.Context(), "nowhere", version(1, 1, "A.")), liveblog.NotFound, "slug")
	wantError(t, "AddSetAside", f.AddSetAside(t.Context(), slug, version(1, 1, "A.")), liveblog.NotFound, "number")
}
