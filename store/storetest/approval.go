package storetest

import (
	"testing"
	"time"

	"readout/liveblog"
)

func approvalTests() map[string]func(*testing.T, *fixture) {
	return map[string]func(*testing.T, *fixture){
		"Held drafts":      testHeldDrafts,
		"Same person":      testSamePerson,
		"Published alone":  testPublishedAlone,
		"Only with rights": testApprovalKept,
	}
}

// approving sets up the blog with one track in talks, and the states that need a second editor.
func (f *fixture) approving(t *testing.T, states ...liveblog.TrackState) {
	t.Helper()
	s := talksSetup()
	s.Approval = states
	f.setup(t, s)
}

func (f *fixture) inTalks(t *testing.T) {
	f.post(t, timed(minute(1)), stating(moves("tariffs", liveblog.InTalks)))
}

func byActor(c liveblog.Commit, who string) liveblog.Commit { c.ActorID = who; return c }

// It fails if a waiting draft is free once its state leaves the list, also after it was saved again, or if a draft from
// later on is not.
func testHeldDrafts(t *testing.T, f *fixture) {
	f.approving(t, liveblog.Agreed)
	f.inTalks(t)
	agreed := stating(moves("tariffs", liveblog.Agreed))
	waits := f.post(t, draft, agreed).Entry
	other := f.post(t, draft, stating(moves("rare-earths", liveblog.Raised))).Entry
	f.approving(t, liveblog.Signed)
	f.approving(t)
	a, err := f.Approvals(t.Context(), slug, 1, 99)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "held", a.Held, map[int][]liveblog.TrackState{waits.Number: {liveblog.Agreed}})
	_, err = f.Commit(t.Context(), revise(waits, published(3)))
	wantError(t, "by who proposed it", err, liveblog.Conflict, "acts")
	saved := f.edit(t, waits, body("Mended.")).Entry
	_, err = f.Commit(t.Context(), revise(saved, published(3)))
	wantError(t, "by who proposed it, after a change of the text", err, liveblog.Conflict, "acts")
	if _, err = f.Commit(t.Context(), revise(other, published(3))); err != nil {
		t.Errorf("a draft that never waited: %v", err)
	}
	if _, err = f.Commit(t.Context(), byActor(revise(saved, published(4)), "u_2")); err != nil {
		t.Errorf("a second editor: %v", err)
	}
	if a, err = f.Approvals(t.Context(), slug, 1, 99); err != nil || len(a.Held) != 0 {
		t.Errorf("after the publication %v are held, %v", a.Held, err)
	}
	signed := f.post(t, draft, stating(moves("tariffs", liveblog.Signed))).Entry
	if _, err = f.Commit(t.Context(), revise(signed, published(5))); err != nil {
		t.Errorf("a draft from after the change: %v", err)
	}
}

// It fails if somebody approves their own move by way of a token of theirs, of a change of other acts by somebody else,
// or of taking the move out and putting it back.
func testSamePerson(t *testing.T, f *fixture) {
	f.member(t, "u_ada", liveblog.Admin, nil)
	for id, owner := range map[string]string{"t_ada": "u_ada", "t_cli": ""} {
		token := liveblog.Token{ID: id, Hash: id, Name: id, Role: liveblog.Editor, Owner: owner, CreatedAt: minute(1)}
		if err := f.CreateToken(t.Context(), token, audit(1, "token.add")); err != nil {
			t.Fatal(err)
		}
	}
	f.approving(t, liveblog.Agreed)
	f.inTalks(t)
	move, more := moves("tariffs", liveblog.Agreed), moves("rare-earths", liveblog.Raised)
	for name, tt := range map[string]struct {
		steps  []string // who saves the draft, and with "+" adds another act, with "-" takes the move out
		second string
		ok     bool
	}{
		"a person and their token":     {[]string{"u_ada"}, "t_ada", false},
		"a token and its person":       {[]string{"t_ada"}, "u_ada", false},
		"a token by itself":            {[]string{"t_ada"}, "t_ada", false},
		"another person":               {[]string{"u_ada"}, "u_2", true},
		"a token of the command line":  {[]string{"u_ada"}, "t_cli", true},
		"others changed the acts":      {[]string{"u_ada", "u_2+"}, "u_ada", false},
		"who changed the acts":         {[]string{"u_ada", "u_2+"}, "u_2", false},
		"a third person":               {[]string{"u_ada", "u_2+"}, "u_3", true},
		"the token changed the acts":   {[]string{"u_2", "t_ada+"}, "u_ada", false},
		"it was out and came back":     {[]string{"u_2", "u_3-", "u_ada"}, "u_ada", false},
		"by who had it in before that": {[]string{"u_2", "u_3-", "u_ada"}, "u_2", true},
	} {
		var e liveblog.Entry
		for i, step := range tt.steps {
			who, acts := step, []liveblog.Act{move}
			switch step[len(step)-1] {
			case '+':
				who, acts = step[:len(step)-1], []liveblog.Act{move, more}
			case '-':
				who, acts = step[:len(step)-1], []liveblog.Act{more}
			}
			c := liveblog.Commit{Slug: slug, Entry: newEntry(draft, stating(acts...)), Audit: audit(1, "entry.post")}
			if i > 0 {
				c = revise(e, stating(acts...))
			}
			done, err := f.Commit(t.Context(), byActor(c, who))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			e = done.Entry
		}
		done, err := f.Commit(t.Context(), byActor(revise(e, published(3)), tt.second))
		if (err == nil) != tt.ok {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil { // make room for the next case
			e = done.Entry
		}
		if _, err := f.Commit(t.Context(), revise(e, removed)); err != nil {
			t.Fatal(err)
		}
	}
}

// It fails if a reason does not let an admin publish alone, is not kept, or is recorded although it was not needed.
func testPublishedAlone(t *testing.T, f *fixture) {
	f.approving(t, liveblog.Agreed)
	f.inTalks(t)
	alone := func(c liveblog.Commit) liveblog.Commit { c.Alone = "The other editors are on a plane."; return c }
	proposal := f.post(t, draft, stating(moves("tariffs", liveblog.Agreed))).Entry
	done, err := f.Commit(t.Context(), alone(revise(proposal, published(3))))
	if err != nil {
		t.Fatal(err)
	}
	needless := alone(liveblog.Commit{Slug: slug, Entry: newEntry(), Audit: audit(4, "entry.post")})
	if _, err := f.Commit(t.Context(), needless); err != nil {
		t.Fatal(err)
	}
	a, err := f.Approvals(t.Context(), slug, 1, 99)
	if err != nil {
		t.Fatal(err)
	}
	at := done.Entry.UpdatedAt
	equal(t, "alone", a.Alone, map[int][]liveblog.PublishedAlone{proposal.Number: {{Revision: 2,
		At: a.Alone[proposal.Number][0].At, Actor: "Ada", Reason: "The other editors are on a plane."}}})
	if kept := a.Alone[proposal.Number][0].At; kept.Sub(at).Abs() > time.Hour {
		t.Errorf("it was at %v, the entry at %v", kept, at)
	}
	lines, err := f.AuditLines(t.Context(), liveblog.AuditQuery{What: "approval", Limit: 9})
	if err != nil || len(lines) != 1 || lines[0].Detail != "The other editors are on a plane." ||
		lines[0].Number != proposal.Number || lines[0].Revision != 2 {
		t.Errorf("the audit has %+v, %v", lines, err)
	}
	if a, err = f.Approvals(t.Context(), slug, 90, 99); err != nil || len(a.Alone) != 0 {
		t.Errorf("other entries have %v, %v", a.Alone, err)
	}
	_, err = f.Approvals(t.Context(), "nowhere", 1, 9)
	wantError(t, "Approvals", err, liveblog.NotFound, "slug")
}

// It fails if an actor without the right can change which states need a second editor, or cannot change other items.
func testApprovalKept(t *testing.T, f *fixture) {
	f.approving(t, liveblog.Agreed, liveblog.Signed)
	s := talksSetup()
	for _, states := range [][]liveblog.TrackState{nil, {liveblog.Agreed}, {liveblog.Agreed, liveblog.Stalled},
		{liveblog.Agreed, liveblog.Signed, liveblog.Stalled}} {
		s.Approval = states
		_, _, err := f.UpdateSetupItems(t.Context(), slug, s, audit(1, "blog.setup"))
		wantError(t, "UpdateSetupItems", err, liveblog.Forbidden, "approval")
	}
	s.Approval = []liveblog.TrackState{liveblog.Signed, liveblog.Agreed}
	s.Tracks = append(s.Tracks, liveblog.Track{ID: "ships", Name: "Ships"})
	talks, _, err := f.UpdateSetupItems(t.Context(), slug, s, audit(1, "blog.setup"))
	if err != nil || len(talks.Setup.Tracks) != len(s.Tracks) {
		t.Errorf("other items: %v", err)
	}
}
