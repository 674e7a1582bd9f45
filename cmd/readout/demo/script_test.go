package demo

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"readout/liveblog"
)

func loaded(t *testing.T) Script {
	t.Helper()
	s, err := Load()
	if err != nil {
		t.Fatalf("the script does not load:\n%v", err)
	}
	return s
}

// all returns every step, the live ones last.
func (s Script) all() []step { return slices.Concat(s.seeded, s.live) }

func TestScriptHoldsWhatADemoShows(t *testing.T) {
	t.Parallel()
	s := loaded(t)
	days, zones, bylines := map[int]bool{}, map[string]bool{}, map[string]bool{}
	posts, keyEvents, pinned, summaries, drafts, removals, corrections, edits := 0, 0, 0, 0, 0, 0, 0, 0
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
	}
	for _, c := range []struct {
		what           string
		got, low, high int
	}{
		{"days", len(days), 5, 5},
		{"time zones", len(zones), 3, 3},
		{"bylines", len(bylines), 5, 10},
		{"entries before the start, less the removed one", posts - removals, 40, 60},
		{"key events", keyEvents, 8, 10},
		{"pinned entries", pinned, 1, liveblog.MaxPinned},
		{"summaries", summaries, 2, 2},
		{"drafts", drafts, 3, 3},
		{"removals", removals, 1, 1},
		{"corrections", corrections, 2, 2},
		{"edits", edits, 3, 8},
		{"live steps", len(s.live), 9, 12},
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
	// Whatever the calendar of the run is, these would be wrong in it.
	calendarWord = regexp.MustCompile(`(?i)\b(today|yesterday|tomorrow|tonight|mon|tues|wednes|thurs|fri|satur|sun)(day)?s?\b`)
)

func TestEveryEntryReadsLikeOne(t *testing.T) {
	t.Parallel()
	// The figures that the report gives. An entry that needs another one needs another source.
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
		if n := len(word.FindAllString(st.body, -1)); n < 60 || n > 220 {
			t.Errorf("%v", st.errorf("the entry has %d words; 60 to 220 make one", n))
		}
		for _, f := range figure.FindAllString(clockTime.ReplaceAllString(listPoint.ReplaceAllString(text, ""), ""), -1) {
			if f = strings.TrimRight(f, ".,"); !slices.Contains(figures, f) {
				t.Errorf("%v", st.errorf("the figure %s is none of the report’s", f))
			}
		}
		if w := calendarWord.FindString(text); w != "" {
			t.Errorf("%v", st.errorf("%q ties the text to a day", w))
		}
		if c := strings.IndexAny(text, "—'\""); c >= 0 {
			t.Errorf("%v", st.errorf("the text holds %q; write ’ and “”, and no em dash", text[c:c+1]))
		}
		if st.acts != nil {
			if w := calendarWord.FindString(string(*st.acts)); w != "" {
				t.Errorf("%v", st.errorf("%q ties an act to a day", w))
			}
		}
		draft, summary := st.marks != nil && st.marks.draft, st.marks != nil && st.marks.summary
		if st.day > 0 && !draft && !summary && !strings.HasPrefix(st.body, datelines[st.at.Location().String()]) {
			t.Errorf("%v", st.errorf("the entry is timed in %s and begins %.20q", st.at.Location(), st.body))
		}
	}
}

// What the report does not tell is told by entries that say so.
func TestWhatIsInventedSaysSo(t *testing.T) {
	t.Parallel()
	const mark = "> **The demonstration’s own.** "
	invented := []liveblog.ActKind{liveblog.ActSession, liveblog.ActReadout, liveblog.ActText}
	named := regexp.MustCompile(`Trump|Xi|Bessent|He Lifeng|Combs|Wu|Hart|Harrell`)
	marked := 0
	for _, st := range loaded(t).all() {
		says := strings.Contains(st.body, mark)
		if says {
			marked++
			if n := named.FindString(st.body); n != "" {
				t.Errorf("%v", st.errorf("the invented entry names %s", n))
			}
		}
		if st.acts == nil {
			continue
		}
		for _, a := range st.acts.List() {
			if slices.Contains(invented, a.Kind) && !says {
				t.Errorf("%v", st.errorf("the entry has a %s and does not say that it is invented", a.Kind))
			}
			if a.Kind == liveblog.ActQuote && (says || a.Original != "") {
				t.Errorf("%v", st.errorf("quotations are the report’s, which is in English"))
			}
		}
	}
	if marked < 10 {
		t.Errorf("%d entries say that they are invented", marked)
	}
}

// A day's worth of script that loads, for the faults to be put into.
func sound() map[string]string {
	return map[string]string{
		"setup.json": `{"tracks":[{"id":"tariffs","name":"Tariffs"}],` +
			`"sessions":[{"id":"talks","name":"Talks","starts":"2025-10-21T09:00:00+09:00"}],"approval":["agreed"]}`,
		"staff.md": "Notes.\n\n- Ada Marsh, editor; here\n- Ben Ode, contributor\n",
		"day1.md": "Notes.\n\n=== post first\ntime: 09:00 Asia/Seoul\nby: Ada Marsh\nheadline: One\nmarks: key event, pinned\n\nText.\n\n/move tariffs → in talks\n/session talks planned | starts 2025-10-21 10:00\n" +
			"=== post idea\ntime: 20:30 America/New_York\nby: Ben Ode\nmarks: draft\n\nText.\n/move tariffs → agreed\n",
		"day2.md": "=== publish idea\ntime: 09:45 Asia/Seoul\nby: Ada Marsh\n=== edit first\ntime: 10:00 Asia/Seoul\nby: Ada Marsh\nmarks: none\n\nMore.\n\nAnd more.\n" +
			"=== remove first\r\ntime: 10:01 Asia/Seoul\r\nby: Ada Marsh\r\n",
		"live.md": "=== post last\nby: Ada Marsh\n\nText.\n=== edit last\nby: Ada Marsh\nheadline: New\n",
	}
}

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
	if acts := first.acts.List(); len(acts) != 2 || acts[0].To != liveblog.InTalks || !acts[1].Starts.Equal(time.Date(2025, 10, 21, 1, 0, 0, 0, time.UTC)) {
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
		t.Errorf("from 09:00 in Seoul to 20:30 in New York on the same date it is %v, want 24h30m", got)
	}
	if removal.verb != remove || removal.at.Sub(change.at) != time.Minute {
		t.Errorf("the removal is %+v", removal)
	}
}

func TestLoadNamesTheFault(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ file, old, new, want string }{
		{"day1.md", "=== post first", "===post first", "day1.md:3: a step begins with"},
		{"day1.md", "=== post first", "=== send first", "day1.md:3: a step begins with"},
		{"day1.md", "=== post first", "=== post First!", "day1.md:3: a step begins with"},
		{"day1.md", "09:00 Asia/Seoul", "9am Asia/Seoul", `day1.md:4: "9am" is no time of day`},
		{"day1.md", "09:00 Asia/Seoul", "09:00 Asia/Soul", `day1.md:4: "Asia/Soul" is no time zone`},
		{"day1.md", "09:00 Asia/Seoul", "09:00", `day1.md:4: "" is no time zone`},
		{"day1.md", "by: Ada Marsh", "by: Eve Lane", "day1.md:5: Eve Lane is not listed"},
		{"day1.md", "by: Ada Marsh\n", "", "day1.md:3: the step does not say by whom"},
		{"day1.md", "time: 09:00 Asia/Seoul\n", "", "day1.md:3: the step has no time"},
		{"day1.md", "headline: One", "title: One", `day1.md:6: "title" is no field`},
		{"day1.md", "headline: One", "headline:", "day1.md:6: a field is"},
		{"day1.md", "headline: One", "by: Ada Marsh", `day1.md:6: the field "by" stands twice`},
		{"day1.md", "headline: One", "headline: " + strings.Repeat("é", 201), "day1.md:3: the headline has 201 characters"},
		{"day1.md", "key event, pinned", "key event, big", `day1.md:7: "big" is no mark`},
		{"day1.md", "pinned\n\nText.", "pinned\n", "day1.md:3: the entry has no text"},
		{"day1.md", "pinned\n\nText.", "pinned\n\n" + strings.Repeat("t", 64<<10+1), "day1.md:3: the text takes 65537 bytes"},
		{"day1.md", "Text.", "T\x00ext.", "day1.md:9: the line holds the control character U+0000"},
		{"day1.md", "Text.", "T\xffext.", "day1.md:9: the line is not valid UTF-8"},
		{"day1.md", "=== post idea", "=== post first", "day1.md:13: an entry named first was posted before"},
		{"day1.md", "marks: draft\n", "", "day1.md:13: Ben Ode is a contributor"},
		{"day2.md", "=== edit first", "=== edit frist", "day2.md:4: no entry named frist"},
		{"day2.md", "10:00 Asia/Seoul", "09:29 Asia/Seoul", "day2.md:4: at 09:29 21 October KST the step is not later"},
		{"day2.md", "10:01", "10:00", "day2.md:12: at 10:00 21 October KST the step is not later"},
		{"day2.md", "marks: none\n\nMore.\n\nAnd more.", "", "day2.md:4: the edit changes nothing"},
		{"day2.md", "marks: none", "marks: none\ncorrection: It was less.", ""},
		{"day2.md", "marks: none\n\nMore.\n\nAnd more.", "marks: none\ncorrection: It was less.", "day2.md:4: a correction is an edit of the headline or the text"},
		{"day2.md", "marks: none", "correction: " + strings.Repeat("é", 501), "day2.md:4: the correction has 501 characters"},
		{"day1.md", "headline: One", "headline: One\ncorrection: It was two.", "day1.md:3: a correction is an edit"},
		{"day2.md", "=== publish idea\ntime: 09:45 Asia/Seoul\nby: Ada Marsh\n", "=== edit idea\ntime: 09:45 Asia/Seoul\nby: Ada Marsh\ncorrection: It was less.\n\nLess.\n", "day2.md:1: the entry idea is a draft"},
		{"day2.md", "marks: none", "marks: draft", "day2.md:4: an edit does not turn"},
		{"day2.md", "=== remove first\r\n", "=== remove first\r\nmarks: none\r\n", "day2.md:12: a removal has no headline"},
		{"day2.md", "=== edit first", "=== remove first\ntime: 09:50 Asia/Seoul\nby: Ada Marsh\n\n=== edit first", "day2.md:8: the entry first was removed"},
		{"day2.md", "=== publish idea", "Only notes.\n", ""},
		{"day2.md", "=== publish idea", "=== publish first", "day2.md:1: the entry first is no draft"},
		{"day2.md", "by: Ada Marsh\n=== edit", "by: Ada Marsh\n\nText.\n=== edit", "day2.md:1: a draft is published as it is"},
		{"day2.md", "by: Ada Marsh\r\n", "by: Ada Marsh\n\n/move tariffs → raised\n", "day2.md:12: a removal has no headline"},
		{"day1.md", "→ in talks", "→ nowhere", "day1.md:11: invalid: “nowhere” is none of"},
		{"day1.md", "/move tariffs → in", "/move tax → in", "day1.md:11: invalid: There is no track “tax”"},
		{"day1.md", "/move tariffs → in talks", "/move tariffs → stalled", "day1.md:3: invalid: The track “tariffs” is not raised; it cannot go to stalled"},
		{"day1.md", "/move tariffs → agreed", "/move tariffs → signed", "day2.md:1: invalid: The track “tariffs” is in talks; it cannot go to signed"},
		{"day1.md", "/move tariffs → in talks", "/move tariffs → agreed", "day1.md:3: invalid: The track “tariffs” is not raised"},
		{"day1.md", "by: Ben Ode\nmarks: draft\n", "by: Ada Marsh\n", "day1.md:13: the move needs a second editor"},
		{"day1.md", "by: Ben Ode\n", "by: Ada Marsh\n", "day2.md:1: the move needs a second editor"},
		{"live.md", "Text.", "Text.\n\n/session talks over | ends 2025-10-21 11:00", "live.md:1: the acts of a live step have no times"},
		{"live.md", "Text.", "Text.\n\n/figure pause = 2025-11-21", "live.md:1: the acts of a live step have no times"},
		{"live.md", "headline: New", "headline: New\n\n/move tariffs → agreed", "live.md:5: invalid: The track “tariffs” is agreed already"},
		{"setup.json", `"name":"Tariffs"`, `"title":"Tariffs"`, "setup.json: malformed: "},
		{"setup.json", `"name":"Tariffs"`, `"name":""`, "setup.json: invalid: It needs a name. [tracks[0].name"},
		{"live.md", "=== edit last", "=== edit idea", "live.md:5: a live step changes live entries only"},
		{"live.md", "by: Ada Marsh\n\nText.", "by: Ada Marsh\ntime: 09:00 Asia/Seoul\n\nText.", "live.md:3: a live step has no time"},
		{"staff.md", ", contributor", ", boss", `staff.md:4: Ben Ode has the role "boss"`},
		{"staff.md", "Ben Ode", "Ada Marsh", "staff.md:4: Ada Marsh is listed twice"},
		{"staff.md", "- Ben Ode, contributor", "- Ben Ode", "staff.md:4: a line of the staff"},
	} {
		files := sound()
		files[c.file] = strings.Replace(files[c.file], c.old, c.new, 1)
		_, err := load(tree(files))
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s with %q for %q: %v", c.file, c.new, c.old, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s with %.60q for %q: %v, want %q", c.file, c.new, c.old, err, c.want)
		}
	}
}

func TestLoadMissesFiles(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"staff.md": "staff.md", "setup.json": "setup.json", "day1.md": "day1.md", "day2.md": "takes two or more", "live.md": "live.md",
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
	files = sound()
	files["day2.md"] = strings.Replace(files["day2.md"], "marks: none\n", "", 1)
	for _, name := range []string{"b", "c", "d"} {
		files["live.md"] += "=== post " + name + "\nby: Ada Marsh\nmarks: pinned\n\nText.\n"
	}
	if _, err := load(tree(files)); err != nil {
		t.Errorf("three pinned entries, the fourth removed before: %v", err)
	}
	files["live.md"] += "=== post e\nby: Ada Marsh\nmarks: pinned\n\nText.\n"
	if _, err := load(tree(files)); err == nil || !strings.Contains(err.Error(), "4 entries are pinned") {
		t.Errorf("four pinned entries: %v", err)
	}
}
