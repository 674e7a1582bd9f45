package demo

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"readout/liveblog"
	"readout/views/markdown"
)

func loaded(t *testing.T) Script {
	t.Helper()
	s, err := Load()
	if err != nil {
		t.Fatalf("the script does not load:\n%v", err)
	}
	return s
}

// all returns all steps, the live ones last.
func (s Script) all() []step { return slices.Concat(s.seeded, s.live) }

// TestScriptShowsEveryFeature counts what the demo is to show.
func TestScriptShowsEveryFeature(t *testing.T) {
	t.Parallel()
	s := loaded(t)
	days, zones, bylines := map[int]bool{}, map[string]bool{}, map[string]bool{}
	posts, keyEvents, pinned, summaries, drafts, removals, corrections, edits := 0, 0, 0, 0, 0, 0, 0, 0
	alone, happened := 0, 0
	for _, st := range s.all() {
		bylines[st.by.Name] = true
		if st.day > 0 {
			days[st.day] = true
			_, offset := st.at.Zone()
			zones[(time.Duration(offset) * time.Second).String()] = true
		}
		m := marks{}
		if st.marks != nil {
			m = *st.marks
		}
		count := func(n *int, is bool) {
			if is {
				*n++
			}
		}
		count(&posts, st.verb == post && st.day > 0 && !m.draft)
		count(&keyEvents, st.verb == post && m.keyEvent)
		count(&pinned, st.verb == post && m.pinned)
		count(&summaries, st.verb == post && m.summary)
		count(&drafts, m.draft)
		count(&removals, st.verb == remove)
		count(&edits, st.verb == edit)
		count(&corrections, st.correction != nil)
		count(&alone, st.verb == post && st.body == "")
		count(&happened, st.ago > 0)
	}
	for _, c := range []struct {
		what           string
		got, low, high int
	}{
		{"days", len(days), 5, 5},
		{"time zones", len(zones), 3, 3},
		{"bylines", len(bylines), 5, 10},
		{"seeded entries, without the removed one", posts - removals, 40, 60},
		{"key events", keyEvents, 8, 10},
		{"pinned entries", pinned, 1, liveblog.MaxPinned},
		{"summaries", summaries, 2, 2},
		{"drafts", drafts, 3, 3},
		{"removals", removals, 1, 1},
		{"corrections", corrections, 2, 2},
		{"edits", edits, 3, 8},
		{"live steps", len(s.live), 9, 13},
		{"headlines alone", alone, 1, 1},
		{"times of what happened", happened, 1, 3},
	} {
		if c.got < c.low || c.got > c.high {
			t.Errorf("%s: %d, want %d to %d", c.what, c.got, c.low, c.high)
		}
	}
}

var (
	word      = regexp.MustCompile(`[\p{L}\p{N}][\p{L}\p{N}’.,%–-]*`)
	listPoint = regexp.MustCompile(`(?m)^\d+\. `)
	clockTime = regexp.MustCompile(`\b\d{2}:\d{2}\b`)
	figure    = regexp.MustCompile(`\$?\d[\d,.]*\d?%?( billion)?`)
	// The demo's dates differ from run to run, so these words would often be wrong.
	calendarWord = regexp.MustCompile(
		`(?i)\b(today|yesterday|tomorrow|tonight|mon|tues|wednes|thurs|fri|satur|sun)(day)?s?\b`)
)

// TestStyleOfEntries checks the length, the headline, the dateline, the figures and the typography of every entry.
func TestStyleOfEntries(t *testing.T) {
	t.Parallel()
	// The figures in the published report. Entries may not contain others, which would have no source.
	figures := []string{"$660 billion", "90%", "100%", "2020", "2026"}
	datelines := map[string]string{
		"Asia/Seoul": "**Seoul** · ", "Asia/Shanghai": "**Beijing** · ",
		"Asia/Kuala_Lumpur": "**Malaysia** · ", "America/New_York": "**Washington** · ",
	}
	for _, st := range loaded(t).all() {
		if st.verb == remove || st.verb == publish {
			continue
		}
		text := st.body
		if st.headline != nil {
			text = *st.headline + "\n" + text
		} else if st.verb == post {
			t.Errorf("%v", st.errorf("the entry has no headline"))
		}
		if st.correction != nil {
			text += "\n" + *st.correction
		}
		if n := len(word.FindAllString(st.body, -1)); (n < 60 || n > 220) && st.body != "" {
			t.Errorf("%v", st.errorf("the entry has %d words, want 60 to 220", n))
		}
		withoutNumbering := clockTime.ReplaceAllString(listPoint.ReplaceAllString(text, ""), "")
		for _, f := range figure.FindAllString(withoutNumbering, -1) {
			if f = strings.TrimRight(f, ".,"); !slices.Contains(figures, f) {
				t.Errorf("%v", st.errorf("the figure %s is not in the published report", f))
			}
		}
		if w := calendarWord.FindString(text); w != "" {
			t.Errorf("%v", st.errorf("%q ties the text to a day", w))
		}
		if c := strings.IndexAny(text, "—'\""); c >= 0 {
			t.Errorf("%v", st.errorf("the text contains %q; write ’ and “”, and no em dash", text[c:c+1]))
		}
		if st.acts != nil {
			if w := calendarWord.FindString(string(*st.acts)); w != "" {
				t.Errorf("%v", st.errorf("%q ties an act to a day", w))
			}
		}
		draft, summary := st.marks != nil && st.marks.draft, st.marks != nil && st.marks.summary
		if dateline := datelines[st.at.Location().String()]; st.day > 0 && !draft && !summary &&
			!strings.HasPrefix(st.body, dateline) {
			t.Errorf("%v", st.errorf("the entry begins with %.20q, want the dateline %q", st.body, dateline))
		}
	}
}

// TestInventedEntriesSaySo checks that entries with what the published report does not have are marked as invented,
// name no real person and quote nobody.
func TestInventedEntriesSaySo(t *testing.T) {
	t.Parallel()
	const notice = "> **The demonstration’s own.** "
	inventedKinds := []liveblog.ActKind{liveblog.ActSession, liveblog.ActReadout, liveblog.ActText}
	realPerson := regexp.MustCompile(`Trump|Xi|Bessent|He Lifeng|Combs|Wu|Hart|Harrell`)
	count := 0
	for _, st := range loaded(t).all() {
		invented := strings.Contains(st.body, notice)
		if invented {
			count++
			if n := realPerson.FindString(st.body); n != "" {
				t.Errorf("%v", st.errorf("the invented entry names %s", n))
			}
		}
		if st.acts == nil {
			continue
		}
		for _, a := range st.acts.List() {
			if slices.Contains(inventedKinds, a.Kind) && !invented {
				t.Errorf("%v", st.errorf("the entry has a %s and does not say that it is invented", a.Kind))
			}
			if a.Kind == liveblog.ActQuote && (invented || a.Original != "") {
				t.Errorf("%v", st.errorf("quotations must come from the published report, which is in English"))
			}
		}
	}
	if count < 10 {
		t.Errorf("%d entries say that they are invented, want 10 or more", count)
	}
}

// sound returns the files of a small script without faults.
func sound() map[string]string {
	return map[string]string{
		"setup.json": `{"tracks":[{"id":"tariffs","name":"Tariffs"}],` +
			`"sessions":[{"id":"talks","name":"Talks","starts":"2025-10-21T09:00:00+09:00"}],"approval":["agreed"]}`,
		"staff.md": "Notes.\n\n- Ada Marsh, editor; here\n- Ben Ode, contributor\n",
		"day1.md": `Notes.

=== post first
time: 09:00 Asia/Seoul
by: Ada Marsh
headline: One
marks: key event, pinned

Text.

/move tariffs → in talks
/session talks planned | starts 2025-10-21 10:00
=== post idea
time: 20:30 America/New_York
by: Ben Ode
marks: draft

Text.
/move tariffs → agreed
`,
		"day2.md": `=== publish idea
time: 09:45 Asia/Seoul
by: Ada Marsh
=== edit first
time: 10:00 Asia/Seoul
by: Ada Marsh
marks: none

More.

And more.
` + "=== remove first\r\ntime: 10:01 Asia/Seoul\r\nby: Ada Marsh\r\n",
		"live.md": `=== post last
by: Ada Marsh

Text.
=== edit last
by: Ada Marsh
headline: New
`,
	}
}

// tree returns a file system with the files.
func tree(files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

func TestLoad(t *testing.T) {
	t.Parallel()
	s, err := load(tree(sound()))
	if err != nil {
		t.Fatal(err)
	}
	if len(s.seeded) != 5 || len(s.live) != 2 {
		t.Fatalf("%d seeded and %d live steps, want 5 and 2", len(s.seeded), len(s.live))
	}
	first, idea, publication, change, removal := s.seeded[0], s.seeded[1], s.seeded[2], s.seeded[3], s.seeded[4]
	if acts := first.acts.List(); len(acts) != 2 || acts[0].To != liveblog.InTalks ||
		!acts[1].Starts.Equal(time.Date(2025, 10, 21, 1, 0, 0, 0, time.UTC)) {
		t.Errorf("the first step’s acts are %s", *first.acts)
	}
	if publication.verb != publish || publication.acts != nil || change.acts != nil {
		t.Errorf("the publication is %+v", publication)
	}
	if first.verb != post || first.name != "first" || *first.headline != "One" || first.body != "Text." ||
		*first.marks != (marks{keyEvent: true, pinned: true}) || first.line != 3 || first.by.Role != liveblog.Editor {
		t.Errorf("the first step is %+v", first)
	}
	if idea.by.Name != "Ben Ode" || idea.by.Role != liveblog.Contributor || !idea.marks.draft || idea.headline != nil {
		t.Errorf("the draft is %+v", idea)
	}
	if change.body != "More.\n\nAnd more." || *change.marks != (marks{}) {
		t.Errorf("the edit is %+v", change)
	}
	if got := idea.at.Sub(first.at); got != 24*time.Hour+30*time.Minute {
		t.Errorf("09:00 in Seoul and 20:30 in New York on the same date are %v apart, want 24h30m", got)
	}
	if removal.verb != remove || removal.at.Sub(change.at) != time.Minute {
		t.Errorf("the removal is %+v", removal)
	}
}

// rehearse plays every step of a script as Seed and Play do, but stops at the first step that the desk refuses, also in
// the live part.
func rehearse(t *testing.T, script Script) error {
	t.Helper()
	st := open(t)
	if err := script.Seed(t.Context(), st, &announcements{}, start); err != nil {
		return err
	}
	clock := start
	now := func() time.Time { return clock }
	p := player{entries: map[string]liveblog.Entry{}, now: now, desk: liveblog.NewDesk(st, &announcements{}, liveblog.DeskOptions{
		Now:       now,
		CheckBody: markdown.Check,
	})}
	for _, s := range script.live {
		clock = clock.Add(time.Second)
		if err := p.play(t.Context(), s); err != nil {
			return s.errorf("%w", err)
		}
	}
	return nil
}

func TestDeskTakesTheWholeScript(t *testing.T) {
	t.Parallel()
	if err := rehearse(t, loaded(t)); err != nil {
		t.Error(err)
	}
}

// replacement is a change to one file of the sound script.
type replacement struct{ file, old, new string }

// changed returns the sound script with one replacement.
func changed(t *testing.T, r replacement) fs.FS {
	t.Helper()
	files := sound()
	if !strings.Contains(files[r.file], r.old) {
		t.Fatalf("%s has no %q", r.file, r.old)
	}
	files[r.file] = strings.Replace(files[r.file], r.old, r.new, 1)
	return tree(files)
}

func TestLoadNamesTheFault(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		replacement
		want string // the beginning of the error, or "" for none
	}{
		{replacement{"day1.md", "=== post first", "===post first"}, "day1.md:3: a step begins with"},
		{replacement{"day1.md", "=== post first", "=== send first"}, "day1.md:3: a step begins with"},
		{replacement{"day1.md", "=== post first", "=== post First!"}, "day1.md:3: a step begins with"},
		{replacement{"day1.md", "09:00 Asia/Seoul", "9am Asia/Seoul"}, `day1.md:4: "9am" is not a time of day`},
		{replacement{"day1.md", "09:00 Asia/Seoul", "09:00 Asia/Soul"}, `day1.md:4: "Asia/Soul" is not a time zone`},
		{replacement{"day1.md", "09:00 Asia/Seoul", "09:00"}, `day1.md:4: "" is not a time zone`},
		{replacement{"day1.md", "by: Ada Marsh", "by: Eve Lane"}, "day1.md:5: Eve Lane is not listed"},
		{replacement{"day1.md", "by: Ada Marsh\n", ""}, "day1.md:3: the step has no field by"},
		{replacement{"day1.md", "time: 09:00 Asia/Seoul\n", ""}, "day1.md:3: the step has no field time"},
		{replacement{"day1.md", "headline: One", "title: One"}, `day1.md:6: "title" is not a field`},
		{replacement{"day1.md", "headline: One", "headline:"}, "day1.md:6: a field is"},
		{replacement{"day1.md", "headline: One", "by: Ada Marsh"}, `day1.md:6: the step has the field "by" twice`},
		{replacement{"day1.md", "key event, pinned", "key event, big"}, `day1.md:7: "big" is not a mark`},
		{replacement{"day1.md", "Text.", "T\x00ext."}, "day1.md:9: the line contains the control character U+0000"},
		{replacement{"day1.md", "Text.", "T\xffext."}, "day1.md:9: the line is not valid UTF-8"},
		{replacement{"day1.md", "=== post idea", "=== post first"},
			"day1.md:13: an entry named first was posted before"},
		{replacement{"day1.md", "headline: One", "headline: One\ncorrection: It was two."},
			"day1.md:3: a correction is an edit"},
		{replacement{"day1.md", "→ in talks", "→ nowhere"}, "day1.md:11: invalid: "},
		{replacement{"day1.md", "/move tariffs → in", "/move tax → in"}, "day1.md:11: invalid: "},
		{replacement{"day2.md", "=== publish idea", "Only notes.\n"}, ""},
		{replacement{"day2.md", "=== edit first", "=== edit frist"}, "day2.md:4: no entry named frist"},
		{replacement{"day2.md", "10:00 Asia/Seoul", "09:29 Asia/Seoul"},
			"day2.md:4: at 09:29 21 October KST the step is not later"},
		{replacement{"day2.md", "10:01", "10:00"}, "day2.md:12: at 10:00 21 October KST the step is not later"},
		{replacement{"day2.md", "marks: none\n\nMore.\n\nAnd more.", ""}, "day2.md:4: the edit changes nothing"},
		{replacement{"day2.md", "marks: none", "marks: none\ncorrection: It was less."}, ""},
		{replacement{"day2.md", "marks: none\n\nMore.\n\nAnd more.", "marks: none\ncorrection: It was less."},
			"day2.md:4: a correction is an edit of the headline or the text"},
		{replacement{"day2.md", "marks: none", "marks: draft"}, "day2.md:4: an edit does not turn"},
		{replacement{"day2.md", "=== remove first\r\n", "=== remove first\r\nmarks: none\r\n"},
			"day2.md:12: a removal has no headline"},
		{replacement{"day2.md", "by: Ada Marsh\r\n", "by: Ada Marsh\n\n/move tariffs → raised\n"},
			"day2.md:12: a removal has no headline"},
		{replacement{"day2.md", "by: Ada Marsh\n=== edit", "by: Ada Marsh\n\nText.\n=== edit"},
			"day2.md:1: a draft is published as it is"},
		{replacement{"live.md", "Text.", "Text.\n\n/session talks over | ends 2025-10-21 11:00"},
			"live.md:1: the acts of a live step have no times"},
		{replacement{"live.md", "Text.", "Text.\n\n/figure pause = 2025-11-21"},
			"live.md:1: the acts of a live step have no times"},
		{replacement{"live.md", "=== edit last", "=== edit idea"}, "live.md:5: a live step changes only entries that"},
		{replacement{"live.md", "by: Ada Marsh\n\nText.", "by: Ada Marsh\ntime: 09:00 Asia/Seoul\n\nText."},
			"live.md:3: a live step has no time"},
		{replacement{"setup.json", `"name":"Tariffs"`, `"title":"Tariffs"`}, "setup.json: malformed: "},
		{replacement{"setup.json", `"name":"Tariffs"`, `"name":""`}, "setup.json: invalid: "},
		{replacement{"staff.md", ", contributor", ", boss"}, `staff.md:4: Ben Ode has the role "boss"`},
		{replacement{"staff.md", "Ben Ode", "Ada Marsh"}, "staff.md:4: Ada Marsh is listed twice"},
		{replacement{"staff.md", "- Ben Ode, contributor", "- Ben Ode"}, "staff.md:4: a line of the staff"},
	} {
		_, err := load(changed(t, c.replacement))
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s with %q for %q: %v", c.file, c.new, c.old, err)
		case c.want != "" && (err == nil || !strings.HasPrefix(err.Error(), c.want)):
			t.Errorf("%s with %.60q for %q: %v, want %q", c.file, c.new, c.old, err, c.want)
		}
	}
}

// TestPlayingNamesTheRefusedStep has scripts of the right form in which the desk refuses a step.
func TestPlayingNamesTheRefusedStep(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		replacement
		step  string // the file and line of the refused step, or "" for none
		code  liveblog.Code
		field string
	}{
		{"the sound script", replacement{"day1.md", "One", "One"}, "", "", ""},
		{"a headline that is too long",
			replacement{"day1.md", "headline: One", "headline: " + strings.Repeat("é", 201)},
			"day1.md:3: ", liveblog.Invalid, "headline"},
		{"no text", replacement{"day1.md", "headline: One\nmarks: key event, pinned\n\nText.", "marks: key event\n"},
			"day1.md:3: ", liveblog.Invalid, "body"},
		{"a text that is too long", replacement{"day1.md", "Text.", strings.Repeat("t", 64<<10+1)},
			"day1.md:3: ", liveblog.Invalid, "body"},
		{"Markdown that is too deep", replacement{"day1.md", "Text.", strings.Repeat(">", 60_000)},
			"day1.md:3: ", liveblog.Invalid, "body"},
		{"an illegal first move", replacement{"day1.md", "→ in talks", "→ stalled"},
			"day1.md:3: ", liveblog.Invalid, "acts[0].to"},
		{"an illegal first move that needs approval", replacement{"day1.md", "→ in talks", "→ agreed"},
			"day1.md:3: ", liveblog.Invalid, "acts[0].to"},
		{"a contributor who publishes", replacement{"day1.md", "marks: draft\n", ""},
			"day1.md:13: ", liveblog.Forbidden, ""},
		{"an editor who skips approval", replacement{"day1.md", "by: Ben Ode\nmarks: draft\n", "by: Ada Marsh\n"},
			"day1.md:13: ", liveblog.Conflict, "acts"},
		{"an editor who approves their own draft", replacement{"day1.md", "by: Ben Ode\n", "by: Ada Marsh\n"},
			"day2.md:1: ", liveblog.Conflict, "acts"},
		{"an illegal move in a published draft", replacement{"day1.md", "→ agreed", "→ signed"},
			"day2.md:1: ", liveblog.Invalid, "acts[0].to"},
		{"publishing what is published", replacement{"day2.md", "=== publish idea", "=== publish first"},
			"day2.md:1: ", liveblog.Internal, ""},
		{"correcting a draft",
			replacement{"day2.md", "=== publish idea\ntime: 09:45 Asia/Seoul\nby: Ada Marsh\n",
				"=== edit idea\ntime: 09:45 Asia/Seoul\nby: Ada Marsh\ncorrection: It was less.\n\nLess.\n"},
			"day2.md:1: ", liveblog.Invalid, "correction"},
		{"a correction that is too long",
			replacement{"day2.md", "marks: none", "correction: " + strings.Repeat("é", 501)},
			"day2.md:4: ", liveblog.Invalid, "correction"},
		{"editing a removed entry",
			replacement{"day2.md", "=== edit first",
				"=== remove first\ntime: 09:50 Asia/Seoul\nby: Ada Marsh\n\n=== edit first"},
			"day2.md:8: ", liveblog.Conflict, "number"},
		{"a live move to the present state",
			replacement{"live.md", "headline: New", "headline: New\n\n/move tariffs → agreed"},
			"live.md:5: ", liveblog.Invalid, "acts[0].to"},
		{"as many pinned entries as allowed", replacement{"live.md", "=== edit last", pinnedPosts(3) + "=== edit last"},
			"", "", ""},
		{"one pinned entry too many", replacement{"live.md", "=== edit last", pinnedPosts(4) + "=== edit last"},
			"live.md:20: ", liveblog.Conflict, "pinned"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			script, err := load(changed(t, c.replacement))
			if err != nil {
				t.Fatal(err)
			}
			err = rehearse(t, script)
			if c.step == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.HasPrefix(err.Error(), c.step) || liveblog.CodeOf(err) != c.code {
				t.Fatalf("%v, want the step %s with the code %s", err, c.step, c.code)
			}
			e, _ := errors.AsType[*liveblog.Error](err)
			if c.field != "" && (len(e.Fields) == 0 || e.Fields[0].Field != c.field) {
				t.Errorf("%v, want the field %s", err, c.field)
			}
		})
	}
}

// pinnedPosts returns steps that post n pinned entries, of five lines each.
func pinnedPosts(n int) (steps string) {
	for i := range n {
		steps += fmt.Sprintf("=== post pinned-%d\nby: Ada Marsh\nmarks: pinned\n\nText.\n", i)
	}
	return steps
}

func TestLoadNamesTheMissingFile(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"staff.md": "staff.md", "setup.json": "setup.json", "day1.md": "day1.md", "day2.md": "needs two or more",
		"live.md": "live.md",
	} {
		files := sound()
		delete(files, file)
		if _, err := load(tree(files)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("without %s: %v, want %q", file, err, want)
		}
	}
	files := sound()
	files["day4.md"] = files["day2.md"]
	if _, err := load(tree(files)); err == nil || !strings.Contains(err.Error(), "day3.md is missing") {
		t.Errorf("with a gap before day 4: %v", err)
	}
	files = sound()
	files["day2.md"] = "Notes without a step.\n"
	if _, err := load(tree(files)); err == nil || !strings.Contains(err.Error(), "day2.md:1: the file has no step") {
		t.Errorf("a day without a step: %v", err)
	}
}
