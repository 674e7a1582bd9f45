package liveblog_test

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"readout/liveblog"
)

// TestMerge has a row for each way in which two changes meet. It fails if a field that one side has not touched is taken
// from it, if a text is merged as a whole, if neighbouring paragraphs are in conflict, if acts about one subject hinder
// those about another, and if two versions of one quote are both kept.
func TestMerge(t *testing.T) {
	t.Parallel()
	acts := func(tracks ...string) (list liveblog.Acts) {
		var all []liveblog.Act
		for _, text := range tracks {
			track, to, _ := strings.Cut(text, " ")
			all = append(all, liveblog.Act{Kind: liveblog.ActMove, Track: track, To: liveblog.TrackState(to)})
		}
		return liveblog.NewActs(all)
	}
	type entry = liveblog.Entry
	origin := entry{Headline: "H", Body: "One.\n\nTwo.\n\nThree.", Acts: acts("a raised", "b raised")}
	with := func(change func(*entry)) entry {
		e := origin
		change(&e)
		return e
	}
	for name, row := range map[string]struct {
		theirs, mine, want entry
		kept, conflicts    string
	}{
		"nothing": {origin, origin, origin, "", ""},
		"their mark, my text": {with(func(e *entry) { e.KeyEvent = true }), with(func(e *entry) { e.Body = "New." }),
			with(func(e *entry) { e.KeyEvent, e.Body = true, "New." }), "key_event", ""},
		"the same mark": {with(func(e *entry) { e.Pinned = true }), with(func(e *entry) { e.Pinned = true }),
			with(func(e *entry) { e.Pinned = true }), "", ""},
		"two headlines": {with(func(e *entry) { e.Headline, e.Summary = "T", true }),
			with(func(e *entry) { e.Headline = "M" }),
			with(func(e *entry) { e.Headline, e.Summary = "M", true }), "summary", "headline"},
		"two paragraphs": {with(func(e *entry) { e.Body = "1.\n\nTwo.\n\nThree." }),
			with(func(e *entry) { e.Body = "One.\n\nTwo.\n\nThree.\n\nFour." }),
			with(func(e *entry) { e.Body = "1.\n\nTwo.\n\nThree.\n\nFour." }), "body", ""},
		"one paragraph": {with(func(e *entry) { e.Body = "1.\n\nTwo.\n\nTHREE." }),
			with(func(e *entry) { e.Body = "one.\n\nTwo.\n\nThree." }),
			with(func(e *entry) { e.Body = "one.\n\nTwo.\n\nTHREE." }), "", "body"},
		"deleted and changed": {with(func(e *entry) { e.Body = "One.\n\nThree." }),
			with(func(e *entry) { e.Body = "One.\n\n2.\n\nThree." }),
			with(func(e *entry) { e.Body = "One.\n\n2.\n\nThree." }), "", "body"},
		"acts about two subjects": {with(func(e *entry) { e.Acts = acts("a in_talks", "b raised", "c raised") }),
			with(func(e *entry) { e.Acts = acts("a raised", "d raised") }),
			with(func(e *entry) { e.Acts = acts("a in_talks", "c raised", "d raised") }), "acts", ""},
		"acts about one subject": {with(func(e *entry) { e.Acts = acts("a in_talks", "b raised") }),
			with(func(e *entry) { e.Acts = acts("a stalled") }),
			with(func(e *entry) { e.Acts = acts("a stalled") }), "", "acts"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := liveblog.Merge(origin, row.theirs, row.mine)
			if got.Entry != row.want || strings.Join(got.Kept, " ") != row.kept ||
				strings.Join(got.Conflicts, " ") != row.conflicts {
				t.Errorf("got %+v, want %+v, kept %q, in conflict %q", got, row.want, row.kept, row.conflicts)
			}
		})
	}
	quotes := func(texts ...string) entry {
		var all []liveblog.Act
		for _, text := range texts {
			all = append(all, liveblog.Act{Kind: liveblog.ActQuote, Party: "us", Text: text})
		}
		return entry{Acts: liveblog.NewActs(all)}
	}
	neighbours := entry{Body: "One.\n\nTwo."}
	for name, row := range map[string]struct {
		origin, theirs, mine, want entry
		conflicts                  string
	}{
		"neighbouring paragraphs": {neighbours, entry{Body: "1.\n\nTwo."}, entry{Body: "One.\n\n2."},
			entry{Body: "1.\n\n2."}, ""},
		"the same of neighbours": {neighbours, entry{Body: "1.\n\nTwo."}, entry{Body: "one.\n\n2."},
			entry{Body: "one.\n\n2."}, "body"},
		"two quotes":                  {quotes("a", "b"), quotes("A", "b"), quotes("a", "B"), quotes("A", "B"), ""},
		"two new quotes":              {quotes(), quotes("a"), quotes("b"), quotes("a", "b"), ""},
		"one quote":                   {quotes("a"), quotes("A"), quotes("α"), quotes("α"), "acts"},
		"a quote changed and removed": {quotes("a", "b"), quotes("A", "b"), quotes("b"), quotes("b"), "acts"},
		"the only quote":              {quotes("a"), quotes("A"), quotes(), quotes(), "acts"},
	} {
		got := liveblog.Merge(row.origin, row.theirs, row.mine)
		if got.Entry != row.want || strings.Join(got.Conflicts, " ") != row.conflicts {
			t.Errorf("%s: got %+v in conflict %q", name, got.Entry, got.Conflicts)
		}
	}
	huge := strings.Repeat("x\n\n", 5000)
	got := liveblog.Merge(entry{Body: huge}, entry{Body: "y\n\n" + huge}, entry{Body: huge + "z"})
	if got.Entry.Body != huge+"z" || !slices.Equal(got.Conflicts, []string{"body"}) {
		t.Errorf("a text with too many paragraphs to compare is not a conflict: %v", got.Conflicts)
	}
}

// TestMergeLaws: a side that has changed nothing loses nothing, equal changes are no conflict, the two sides can be
// exchanged unless there is a conflict, and every line of the result is of one of the sides.
func TestMergeLaws(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		o, a, b := drawEntry(r, "origin"), drawEntry(r, "a"), drawEntry(r, "b")
		if m := liveblog.Merge(o, o, a); m.Entry != a || m.Conflicts != nil {
			r.Fatalf("nobody else: %+v", m)
		}
		if m := liveblog.Merge(o, a, o); m.Entry != a || m.Conflicts != nil {
			r.Fatalf("nothing of my own: %+v", m)
		}
		if m := liveblog.Merge(o, a, a); m.Entry != a || m.Conflicts != nil {
			r.Fatalf("the same: %+v", m)
		}
		m, n := liveblog.Merge(o, a, b), liveblog.Merge(o, b, a)
		if !slices.Equal(m.Conflicts, n.Conflicts) {
			r.Fatalf("conflicts %v and %v", m.Conflicts, n.Conflicts)
		}
		tidy := func(text string) string { return regexp.MustCompile("\n{2,}").ReplaceAllString(text, "\n\n") }
		if !slices.Contains(m.Conflicts, "body") && tidy(m.Entry.Body) != tidy(n.Entry.Body) {
			r.Fatalf("the texts are %q and %q", m.Entry.Body, n.Entry.Body)
		}
		for line := range strings.SplitSeq(m.Entry.Body, "\n") {
			if !slices.Contains(strings.Split(a.Body+"\n\n"+b.Body, "\n"), line) {
				r.Fatalf("the line %q is of neither side", line)
			}
		}
	})
}

// drawEntry returns an entry whose parts are often the same as those of another.
func drawEntry(r *rapid.T, name string) liveblog.Entry {
	words := rapid.SampledFrom([]string{"A", "B", "C", "D", "- x\n- y", ""})
	return liveblog.Entry{
		Headline: words.Draw(r, name), KeyEvent: rapid.Bool().Draw(r, name), Pinned: rapid.Bool().Draw(r, name),
		Body: strings.Trim(strings.Join(rapid.SliceOfN(words, 0, 7).Draw(r, name), "\n\n"), "\n"),
		Acts: liveblog.NewActs(rapid.SliceOfN(rapid.Custom(func(r *rapid.T) liveblog.Act {
			if rapid.Bool().Draw(r, "quote") {
				return liveblog.Act{Kind: liveblog.ActQuote, Party: "us", Text: words.Draw(r, "text")}
			}
			return liveblog.Act{Kind: liveblog.ActMove, Track: words.Draw(r, "track"),
				To: rapid.SampledFrom(liveblog.TrackStates()).Draw(r, "to")}
		}), 0, 3).Draw(r, name)),
	}
}

// TestMergeKnowsEveryField fails if somebody adds a field to entries and does not say how it is merged.
func TestMergeKnowsEveryField(t *testing.T) {
	t.Parallel()
	merged := []string{"Headline", "Body", "KeyEvent", "Pinned", "Summary", "Acts", "Author",
		"WrittenBy", "HappenedAt"}
	theirs := []string{"Number", "Revision", "AuthorID", "EditedBy", "Correction", "Status", "CreatedAt",
		"PublishedAt", "UpdatedAt", "Seq", "PurgedAt"} // of the entry as it is
	for f := range reflect.TypeFor[liveblog.Entry]().Fields() {
		if slices.Contains(theirs, f.Name) {
			continue
		}
		if !slices.Contains(merged, f.Name) {
			t.Errorf("the field %s is in neither list", f.Name)
			continue
		}
		var origin, mine liveblog.Entry
		switch v := reflect.ValueOf(&mine).Elem().FieldByIndex(f.Index); v.Kind() {
		case reflect.Bool:
			v.SetBool(true)
		case reflect.Struct:
			v.Set(reflect.ValueOf(time.Unix(1, 0)))
		default:
			v.SetString(`[{"kind":"cite"}]`)
		}
		if got := liveblog.Merge(origin, origin, mine).Entry; got != mine {
			t.Errorf("a change of %s is lost", f.Name)
		}
	}
}
