package storetest

import (
	"testing"
	"time"

	"readout/liveblog"
)

func talksTests() map[string]func(*testing.T, *fixture) {
	return map[string]func(*testing.T, *fixture){
		"Order of changes":   testTalksOrder,
		"Refusals":           testTalksRefusals,
		"Unchanged acts":     testTalksUnchanged,
		"Slow clock":         testTalksSlowClock,
		"Second editor":      testTalksSecondEditor,
		"Setup":              testTalksSetup,
		"Draft of old setup": testTalksOldDraft,
		"Random histories":   testTalksRandom,
	}
}

// talksSetup returns the setup for the acts of these tests.
func talksSetup() liveblog.Setup {
	return liveblog.Setup{
		Tracks:   []liveblog.Track{{ID: "tariffs", Name: "Tariffs"}, {ID: "rare-earths", Name: "Rare earths"}},
		Parties:  []liveblog.Party{{ID: "china", Name: "China"}, {ID: "us", Name: "United States"}},
		Speakers: []liveblog.Speaker{{ID: "envoy", Name: "The envoy"}},
		Meetings: []liveblog.Meeting{{ID: "leaders", Name: "The leaders meet"}},
		Sessions: []liveblog.AgendaItem{{ID: "opening", Name: "Opening", Starts: minute(30)}},
	}
}

func (f *fixture) setup(t *testing.T, s liveblog.Setup) {
	t.Helper()
	if _, _, err := f.UpdateSetup(t.Context(), slug, s, audit(0, "blog.setup")); err != nil {
		t.Fatal(err)
	}
}

func stating(acts ...liveblog.Act) option {
	return func(e *liveblog.Entry) { e.Acts = liveblog.NewActs(acts) }
}

func moves(track string, to liveblog.TrackState) liveblog.Act {
	return liveblog.Act{Kind: liveblog.ActMove, Track: track, To: to}
}

// timed sets all times of a new entry, as a desk does.
func timed(at time.Time) option {
	return func(e *liveblog.Entry) { e.CreatedAt, e.PublishedAt, e.UpdatedAt = at, at, at }
}

func (f *fixture) talks(t *testing.T, at time.Time) liveblog.Talks {
	t.Helper()
	_, talks, err := f.Talks(t.Context(), slug, at)
	if err != nil {
		t.Fatal(err)
	}
	return talks
}

// testTalksOrder: a change of the talks comes before that of the entry, which nodes render with the claims that it
// cites.
func testTalksOrder(t *testing.T, f *fixture) {
	f.setup(t, talksSetup())
	done := f.post(t, timed(minute(1)), keyEvent, stating(moves("tariffs", liveblog.Raised)))
	equal(t, "changes", steps(done.Changes), []string{"2:talks", "3:1@1", "4:head"})
	equal(t, "talks", *done.Changes[0].Talks, f.talks(t, time.Time{}))
	equal(t, "log", steps(f.changes(t, 0, 10).List), []string{"2:talks", "3:1@1", "4:head"})
	f.post(t, timed(minute(2)))
	equal(t, "log", steps(f.changes(t, 4, 10).List), []string{"5:2@1"})
	gone := f.edit(t, done.Entry, removed)
	equal(t, "changes of a removal", steps(gone.Changes), []string{"6:talks", "7:1@2", "8:head"})
	equal(t, "state", f.talks(t, time.Time{}).Board[0].State, liveblog.NotRaised)
	if c := f.changes(t, 0, 3); !c.Reload {
		t.Errorf("four changes with a limit of three are %v", steps(c.List))
	} else {
		equal(t, "talks of a reload", c.Talks, f.talks(t, time.Time{}))
	}
	if p := f.page(t, liveblog.PageQuery{Limit: 5}); true {
		equal(t, "talks of a page", p.Talks, f.talks(t, time.Time{}))
	}
}

// testTalksRefusals: commits that fail have no effect.
func testTalksRefusals(t *testing.T, f *fixture) {
	f.setup(t, talksSetup())
	e := f.post(t, timed(minute(1)), stating(moves("tariffs", liveblog.Raised))).Entry
	before, talks := f.cursor(t), f.talks(t, time.Time{})
	for field, act := range map[string]liveblog.Act{
		"acts[0].to":     moves("tariffs", liveblog.Signed),
		"acts[0].track":  moves("ports", liveblog.Raised),
		"acts[0].claim":  {Kind: liveblog.ActCite, Claim: "nothing"},
		"acts[0].status": {Kind: liveblog.ActClaim, Claim: "new", Text: "New.", Status: "rumoured"},
		"acts[0].kind":   {Kind: "wish"},
	} {
		_, err := f.add(t.Context(), timed(minute(2)), stating(act))
		wantError(t, "a new entry", err, liveblog.Invalid, field)
		_, err = f.Commit(t.Context(), revise(e, stating(moves("tariffs", liveblog.Raised), act)))
		wantError(t, "an edit", err, liveblog.Invalid, "acts[1]"+field[len("acts[0]"):])
	}
	equal(t, "cursor", f.cursor(t), before)
	equal(t, "talks", f.talks(t, time.Time{}), talks)
	if all, err := f.Revisions(t.Context(), slug, 1, 0, everything); err != nil || len(all) != 1 {
		t.Errorf("there are %d revisions (%v), want one", len(all), err)
	}
	if all, err := f.Entries(t.Context(), slug, 0, 9); err != nil || len(all) != 1 {
		t.Errorf("there are %d entries (%v), want one", len(all), err)
	}
}

// testTalksUnchanged: after a claim is withdrawn, the text of an entry that cites it can still be edited.
func testTalksUnchanged(t *testing.T, f *fixture) {
	f.setup(t, talksSetup())
	claim := f.post(t, timed(minute(1)), stating(liveblog.Act{Kind: liveblog.ActClaim, Claim: "beans",
		Text: "They buy.", Status: "reported"})).Entry
	cites := f.post(t, timed(minute(2)), stating(liveblog.Act{Kind: liveblog.ActCite, Claim: "beans"})).Entry
	f.edit(t, claim, removed)
	edited := f.edit(t, cites, body("Mended."))
	equal(t, "changes", len(edited.Changes), 1)
	if len(f.talks(t, time.Time{}).Claims) != 0 {
		t.Error("a withdrawn claim is still in the talks")
	}
	// A later entry states the claim again, and the citation has effect again.
	f.post(t, timed(minute(9)), stating(liveblog.Act{Kind: liveblog.ActClaim, Claim: "beans", Text: "They do.",
		Status: "confirmed"}))
	equal(t, "cited by", f.talks(t, time.Time{}).Claims[0].CitedBy, []int{2, 3})
}

// testTalksSlowClock: a node with a slow clock commits an entry that builds on another node's entry.
func testTalksSlowClock(t *testing.T, f *fixture) {
	f.setup(t, talksSetup())
	f.post(t, timed(minute(1)), stating(moves("tariffs", liveblog.InTalks)))
	f.post(t, timed(minute(2)), stating(moves("tariffs", liveblog.Agreed)))
	e := f.post(t, timed(minute(2).Add(-5*time.Second)), stating(moves("tariffs", liveblog.Signed))).Entry
	want := minute(2).Add(time.Microsecond)
	equal(t, "times", []time.Time{e.CreatedAt, e.PublishedAt, e.UpdatedAt}, []time.Time{want, want, want})
	equal(t, "state", f.talks(t, time.Time{}).Board[0].State, liveblog.Signed)
	equal(t, "state before", f.talks(t, minute(2)).Board[0].State, liveblog.Agreed)

	// The same node removes the entry: the removal must take effect after the publication.
	c := revise(e, removed)
	c.Entry.UpdatedAt = minute(2).Add(-4 * time.Second)
	gone, err := f.Commit(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "state after", f.talks(t, gone.Entry.UpdatedAt).Board[0].State, liveblog.Agreed)
	equal(t, "state between", f.talks(t, e.UpdatedAt).Board[0].State, liveblog.Signed)

	// An entry that is older than the allowed skew is meant to be old, and is judged at its own time.
	_, err = f.add(t.Context(), timed(minute(1).Add(time.Second)), stating(moves("tariffs", liveblog.Signed)))
	wantError(t, "an old entry", err, liveblog.Invalid, "acts[0].to")
	// Entries without acts keep their times.
	if e := f.post(t, timed(minute(2).Add(-time.Second))).Entry; !e.PublishedAt.Equal(minute(2).Add(-time.Second)) {
		t.Errorf("an entry without acts is published at %v", e.PublishedAt)
	}
}

func testTalksSecondEditor(t *testing.T, f *fixture) {
	s := talksSetup()
	s.Approval = []liveblog.TrackState{liveblog.Agreed}
	f.setup(t, s)
	f.post(t, timed(minute(1)), stating(moves("tariffs", liveblog.InTalks)))
	agreed := stating(moves("tariffs", liveblog.Agreed))
	by := func(c liveblog.Commit, who string) liveblog.Commit { c.ActorID = who; return c }
	_, err := f.add(t.Context(), timed(minute(2)), agreed)
	wantError(t, "at once", err, liveblog.Conflict, "acts")

	proposal := f.post(t, draft, agreed).Entry // by u_1
	_, err = f.Commit(t.Context(), revise(proposal, published(3)))
	wantError(t, "by who proposed it", err, liveblog.Conflict, "acts")
	mended, err := f.Commit(t.Context(), by(revise(proposal, body("Mended.")), "u_2"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Commit(t.Context(), revise(mended.Entry, published(3)))
	wantError(t, "by who proposed it, after others mended the text", err, liveblog.Conflict, "acts")
	_, err = f.Commit(t.Context(), by(revise(mended.Entry, published(3),
		stating(moves("tariffs", liveblog.Agreed), moves("rare-earths", liveblog.Raised))), "u_2"))
	wantError(t, "changed on the way", err, liveblog.Conflict, "acts")
	done, err := f.Commit(t.Context(), by(revise(mended.Entry, published(3)), "u_2"))
	if err != nil {
		t.Fatalf("a second editor: %v", err)
	}
	// Moves that are public need no further approval when other acts are added.
	f.edit(t, done.Entry, stating(moves("tariffs", liveblog.Agreed), moves("rare-earths", liveblog.Raised)))
	equal(t, "state", f.talks(t, time.Time{}).Board[0].State, liveblog.Agreed)
}

func testTalksSetup(t *testing.T, f *fixture) {
	ctx := t.Context()
	equal(t, "no setup", f.talks(t, time.Time{}), liveblog.Fold(liveblog.Setup{}, nil))
	_, changes, err := f.UpdateSetup(ctx, slug, liveblog.Setup{}, audit(1, "blog.setup"))
	if err != nil || len(changes) != 0 {
		t.Errorf("an empty setup instead of none caused %v (%v)", steps(changes), err)
	}
	talks, changes, err := f.UpdateSetup(ctx, slug, talksSetup(), audit(1, "blog.setup"))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "changes", steps(changes), []string{"1:talks"})
	equal(t, "talks of the change", *changes[0].Talks, talks)
	equal(t, "talks", f.talks(t, time.Time{}), talks)
	if _, changes, err = f.UpdateSetup(ctx, slug, talksSetup(), audit(2, "blog.setup")); err != nil ||
		len(changes) != 0 {
		t.Errorf("the same setup caused %v (%v)", steps(changes), err)
	}
	for range 2 {
		f.post(t, stating(liveblog.Act{Kind: liveblog.ActPosition, Party: "us", Track: "rare-earths", Text: "No."}))
	}
	at := f.cursor(t)
	fewer := talksSetup()
	fewer.Parties, fewer.Tracks = fewer.Parties[:1], fewer.Tracks[:1]
	_, _, err = f.UpdateSetup(ctx, slug, fewer, audit(3, "blog.setup"))
	e, _ := err.(*liveblog.Error)
	if e == nil || e.Code != liveblog.Conflict || len(e.Fields) != 2 || e.Fields[0].Field != "tracks" ||
		e.Fields[1].Field != "parties" {
		t.Errorf("a setup without an item that entries refer to: %v", err)
	}
	wrong := talksSetup()
	wrong.Tracks[1].ID = "Rare Earths"
	_, _, err = f.UpdateSetup(ctx, slug, wrong, audit(3, "blog.setup"))
	wantError(t, "a wrong setup", err, liveblog.Invalid, "tracks[1].id")
	_, _, err = f.UpdateSetup(ctx, "nowhere", talksSetup(), audit(3, "blog.setup"))
	wantError(t, "no blog", err, liveblog.NotFound, "slug")
	equal(t, "cursor", f.cursor(t), at)
	equal(t, "talks", f.talks(t, time.Time{}).Setup, talks.Setup)
}

// testTalksOldDraft: a draft does not prevent a change of the setup; publishing it then fails, naming what is missing.
func testTalksOldDraft(t *testing.T, f *fixture) {
	f.setup(t, talksSetup())
	e := f.post(t, draft, stating(moves("rare-earths", liveblog.Raised))).Entry
	fewer := talksSetup()
	fewer.Tracks = fewer.Tracks[:1]
	f.setup(t, fewer)
	e = f.edit(t, e, body("Still a draft.")).Entry
	at := f.cursor(t)
	_, err := f.Commit(t.Context(), revise(e, published(2)))
	wantError(t, "publication", err, liveblog.Invalid, "acts[0].track")
	equal(t, "cursor", f.cursor(t), at)
}
