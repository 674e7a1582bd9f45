package liveblog_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"readout/liveblog"
)

// TestSettle has a row for each way in which a choice becomes text. It fails if a version lands in another place, if
// both run together to one paragraph, if the items of a list are torn apart, if the acts about other subjects go along,
// and if a paragraph that only I have changed goes when theirs is chosen next to it.
func TestSettle(t *testing.T) {
	t.Parallel()
	body := func(text string) liveblog.Entry { return liveblog.Entry{Body: text} }
	acts := func(moves ...string) (e liveblog.Entry) {
		var all []liveblog.Act
		for _, text := range moves {
			track, to, _ := strings.Cut(text, " ")
			all = append(all, liveblog.Act{Kind: liveblog.ActMove, Track: track, To: liveblog.TrackState(to)})
		}
		e.Acts = liveblog.NewActs(all)
		return e
	}
	head := func(text string) liveblog.Entry { return liveblog.Entry{Headline: text} }
	for name, row := range map[string]struct {
		origin, theirs, mine, takesTheirs, takesBoth liveblog.Entry
		passages                                     int
	}{
		"the only paragraph": {body("A"), body("T"), body("M"), body("T"), body("T\n\nM"), 1},
		"first and last": {body("A\n\nB\n\nC"), body("T\n\nB\n\nU"), body("M\n\nB\n\nN"), body("T\n\nB\n\nU"),
			body("T\n\nM\n\nB\n\nU\n\nN"), 2},
		"an item": {body("- a\n- b\n- c"), body("- a\n- t\n- c"), body("- a\n- m\n- c"), body("- a\n- t\n- c"),
			body("- a\n- t\n- m\n- c"), 1},
		"added at the end": {body("A"), body("A\n\nT"), body("A\n\nM"), body("A\n\nT"), body("A\n\nT\n\nM"), 1},
		"added at the top": {body("A"), body("T\n\nA"), body("M\n\nA"), body("T\n\nA"), body("T\n\nM\n\nA"), 1},
		"theirs deleted":   {body("A\n\nB\n\nC"), body("A\n\nC"), body("A\n\nM\n\nC"), body("A\n\nC"), liveblog.Entry{}, 1},
		"mine deleted": {body("A\n\nB\n\nC"), body("A\n\nT\n\nC"), body("A\n\nC"), body("A\n\nT\n\nC"),
			liveblog.Entry{}, 1},
		"the last deleted": {body("A\n\nB"), body("A\n\nT"), body("A"), body("A\n\nT"), liveblog.Entry{}, 1},
		"next to my own":   {body("- a\n- b"), body("- t\n- b"), body("- m\n- n"), body("- t\n- n"), liveblog.Entry{}, 1},
		"headline":         {head("H"), head("T"), head("M"), head("T"), liveblog.Entry{}, 1},
		"acts": {acts("a raised", "b raised"), acts("a stalled", "b raised"), acts("a in_talks", "b agreed"),
			acts("a stalled", "b agreed"), liveblog.Entry{}, 1},
		"acts taken out": {acts("a raised", "b raised"), acts("b raised"), acts("a in_talks", "b raised"),
			acts("b raised"), liveblog.Entry{}, 1},
		"acts that I took out": {acts("a raised", "b raised"), acts("a stalled", "b raised"), acts("b raised"),
			acts("b raised", "a stalled"), liveblog.Entry{}, 1},
		"only they": {body("A"), body("T"), body("A"), body("T"), liveblog.Entry{}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list := liveblog.Passages(row.origin, row.theirs, row.mine, time.UTC)
			if len(list) != row.passages {
				t.Fatalf("there are %d passages: %+v", len(list), list)
			}
			settle := func(choose func(liveblog.Passage) liveblog.Choice) (liveblog.Entry, int) {
				choices := map[string]liveblog.Choice{}
				for _, p := range list {
					choices[p.ID] = choose(p)
				}
				e, open := liveblog.Settle(row.origin, row.theirs, row.mine, choices, time.UTC)
				return e, len(open)
			}
			if row.passages == 0 {
				if m := liveblog.Merge(row.origin, row.theirs, row.mine); m.Entry != row.takesTheirs || len(m.Conflicts) > 0 {
					t.Errorf("merged to %+v", m)
				}
				return
			}
			if e, open := settle(liveblog.Passage.ChooseTheirs); e != row.takesTheirs || open != 0 {
				t.Errorf("theirs gives %+v, %d open", e, open)
			}
			if e, open := settle(liveblog.Passage.ChooseBoth); row.takesBoth != (liveblog.Entry{}) &&
				(e != row.takesBoth || open != 0) {
				t.Errorf("both gives %+v, %d open", e, open)
			}
			mine := func(liveblog.Passage) liveblog.Choice { return liveblog.ChooseMine }
			if e, open := settle(mine); e != row.mine || open != 0 {
				t.Errorf("mine gives %+v, %d open", e, open)
			}
			unknown := func(p liveblog.Passage) liveblog.Choice { return "theirs-" }
			if e, open := settle(unknown); e != row.mine || open != row.passages {
				t.Errorf("an unknown choice gives %+v, %d open", e, open)
			}
		})
	}
}

// TestChoiceOutlivesTyping fails if an editor who has kept a passage is asked again after going on to write in it or
// next to it, or if theirs is put in place of what was written next to it since.
func TestChoiceOutlivesTyping(t *testing.T) {
	t.Parallel()
	origin, theirs := liveblog.Entry{Body: "A\n\nB\n\nC"}, liveblog.Entry{Body: "T\n\nB\n\nC"}
	asked := liveblog.Passages(origin, theirs, liveblog.Entry{Body: "M\n\nB\n\nC"}, time.UTC)[0]
	for _, body := range []string{"M, longer.\n\nB\n\nC", "M\n\nB, changed\n\nC", "M\n\nTwo paragraphs\n\nmore\n\nC"} {
		mine := liveblog.Entry{Body: body}
		settle := func(c liveblog.Choice) (liveblog.Entry, []liveblog.Passage) {
			return liveblog.Settle(origin, theirs, mine, map[string]liveblog.Choice{asked.ID: c}, time.UTC)
		}
		if e, open := settle(liveblog.ChooseMine); e != mine || len(open) > 0 {
			t.Errorf("%q: mine gives %q, %d open", body, e.Body, len(open))
		}
		e, open := settle(asked.ChooseTheirs())
		if next := strings.TrimPrefix(body, "M\n\n"); len(open) == 0 && next != body && !strings.HasSuffix(e.Body, next) {
			t.Errorf("%q: theirs gives %q", body, e.Body)
		}
	}
}

// TestSettleLaws: what is in conflict is asked about, all that is mine stays if I choose so, and their versions are in
// the text if I choose these.
func TestSettleLaws(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		o, a, b := drawEntry(r, "origin"), drawEntry(r, "a"), drawEntry(r, "b")
		m := liveblog.Merge(o, a, b)
		list := liveblog.Passages(o, a, m.Entry, time.UTC)
		for _, field := range m.Conflicts {
			if !slices.ContainsFunc(liveblog.Passages(o, a, b, time.UTC), func(p liveblog.Passage) bool { return p.Field == field }) {
				r.Fatalf("nothing is asked about the %s: %+v", field, m)
			}
		}
		mine, theirs := map[string]liveblog.Choice{}, map[string]liveblog.Choice{}
		for _, p := range list {
			mine[p.ID], theirs[p.ID] = liveblog.ChooseMine, p.ChooseTheirs()
			if p.Field == "body" && (liveblog.BodyGap + m.Entry.Body)[p.Start:p.End] != p.Mine {
				r.Fatalf("%+v is elsewhere in %q", p, m.Entry.Body)
			}
		}
		if e, open := liveblog.Settle(o, a, m.Entry, mine, time.UTC); e != m.Entry || len(open) > 0 {
			r.Fatalf("mine has become %+v, %+v are open", e, open)
		}
		e, open := liveblog.Settle(o, a, m.Entry, theirs, time.UTC)
		for _, p := range list {
			if p.Field == "body" && !strings.Contains(e.Body, strings.TrimLeft(p.Theirs, "\n")) {
				r.Fatalf("%q lacks %q", e.Body, p.Theirs)
			}
		}
		if len(open) > 0 || slices.Contains(m.Conflicts, "headline") && e.Headline != a.Headline {
			r.Fatalf("theirs has become %+v, %+v are open", e, open)
		}
	})
}

// TestManyPassagesAreOne fails if a text can make a page of thousands of questions, or if the one that is left cannot be
// answered.
func TestManyPassagesAreOne(t *testing.T) {
	t.Parallel()
	text := func(who string) liveblog.Entry {
		var b strings.Builder
		for i := range liveblog.MaxPassages + 1 {
			fmt.Fprintf(&b, "- %d of %s\n", i, who)
		}
		return liveblog.Entry{Body: strings.TrimSpace(b.String())}
	}
	origin, theirs, mine := text("them all"), text("the others"), text("mine only")
	list := liveblog.Passages(origin, theirs, mine, time.UTC)
	if len(list) != 1 {
		t.Fatalf("there are %d passages", len(list))
	}
	for choice, want := range map[liveblog.Choice]liveblog.Entry{list[0].ChooseTheirs(): theirs, liveblog.ChooseMine: mine} {
		e, open := liveblog.Settle(origin, theirs, mine, map[string]liveblog.Choice{list[0].ID: choice}, time.UTC)
		if e != want || len(open) > 0 {
			t.Errorf("%s gives %q, %d open", choice, e.Body, len(open))
		}
	}
}
