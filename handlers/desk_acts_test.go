package handlers

import (
	"encoding/json"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"readout/handlers/desk"
	"readout/liveblog"
	view "readout/views/desk"
	"readout/views/talks"

	"github.com/PuerkitoBio/goquery"
)

func TestCommandsInTheirFieldAndInTheText(t *testing.T) {
	t.Parallel()
	s := newTalksSite(t)
	b := s.browser(t, liveblog.Editor)
	typed := url.Values{"acts": {
		"/move rare earths → raised\r\n\r\n/readout leaders by china\r\n- [soy] China buys."},
		"body": {"They met.\r\n\r\n/move Tariffs -> raised\r\n\r\n\\/shrugs all round"}, "action": {"publish"}}
	b.post(t, "/desk/summit", b.fill(t, "/desk/summit", "#composer", typed)).want(t, 303).
		location(t, "/desk/summit?done=published&number=1")
	if e := s.entry(t, 1); e.Body != "They met.\n\n\\/shrugs all round" {
		t.Errorf("the text is %q", e.Body)
	}
	want := "/move rare-earths → raised\n/readout leaders by china\n- [soy] China buys.\n/move tariffs → raised"
	if got := s.commands(t, 1); got != want {
		t.Errorf("the acts are %q", got)
	}
	if s.trackState(t, "tariffs") != liveblog.Raised || s.trackState(t, "rare-earths") != liveblog.Raised {
		t.Error("the tracks have not changed")
	}
	edit := b.get(t, "/desk/summit/entries/1")
	edit.holds(t, "#composer", url.Values{"acts": {want}, "body": {"They met.\n\n\\/shrugs all round"}})
	if got := strings.TrimSpace(b.get(t, "/desk/summit").doc(t).Find(".row pre.commands").Text()); got != want {
		t.Errorf("the list shows %q", got)
	}

	// Deleting a command takes its act back; the text may add others.
	fields := edit.form(t, "#composer", url.Values{"acts": {"/move tariffs → raised"},
		"body": {"They met.\n/move chips → raised"}, "action": {"publish"}})
	b.post(t, "/desk/summit/entries/1", fields).want(t, 303)
	if got := s.commands(t, 1); got != "/move tariffs → raised\n/move chips → raised" {
		t.Errorf("the acts are %q", got)
	}
	if got := s.trackState(t, "rare-earths"); got != liveblog.NotRaised {
		t.Errorf("the track is %s", got)
	}
	del := marked(b.get(t, "/desk/summit/entries/1/history").doc(t).Find(`dt:contains("Acts") + dd`), "del")
	if !strings.Contains(del, "/move rare-earths → raised") {
		t.Errorf("the history shows %q as deleted", del)
	}
	b.post(t, "/desk/summit/entries/1",
		b.fill(t, "/desk/summit/entries/1", "#composer", url.Values{"acts": {" "}, "action": {"publish"}})).want(t, 303)
	if e := s.entry(t, 1); e.Acts != "" {
		t.Errorf("the acts are %q", e.Acts)
	}
}

// TestEditKeepsActs checks that what a command cannot express of an act, here the seconds of a time, survives an edit
// of the text, with a command added and in a form without the field.
func TestEditKeepsActs(t *testing.T) {
	t.Parallel()
	s := newTalksSite(t)
	at := time.Date(2025, 10, 30, 2, 3, 4, 0, time.UTC)
	acts := liveblog.NewActs(
		[]liveblog.Act{{Kind: liveblog.ActSession, Session: "plenary", Status: liveblog.UnderWay, Starts: &at}})
	s.add(t, liveblog.Editor, liveblog.EntryInput{Body: "B.", Acts: acts})
	b := s.browser(t, liveblog.Editor)
	path := "/desk/summit/entries/1"
	for i, typed := range []url.Values{{"body": {"C."}}, {"body": {"D.\n/move chips → raised"}}, {"body": {"E."}}} {
		typed.Set("action", "publish")
		fields := b.fill(t, path, "#composer", typed)
		if i == 2 {
			fields.Del("acts") // a form from before the field existed
		}
		b.post(t, path, fields).want(t, 303)
		list := s.entry(t, 1).Acts.List()
		if len(list) != 1+min(i, 1) || !list[0].Starts.Equal(at) {
			t.Errorf("after edit %d the acts are %s", i, s.entry(t, 1).Acts)
		}
	}
}

func TestProblemsOfCommandsAppearWhereTheyWereTyped(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		acts, body, action string
		field, message     string
		status             int
	}{
		"an unknown track": {"/move tariffs → raised\n/move rare earthz → raised", "B.", "publish", "acts",
			"Line 2: There is no track “rare earthz”; this blog has tariffs, rare-earths and chips.", 422},
		"in the text": {"", "One.\n\n/move earthz → raised", "draft", "body",
			"Line 3: There is no track “earthz”; this blog has tariffs, rare-earths and chips.", 422},
		"not a command": {"They met", "B.", "publish", "acts",
			"Line 1 is no command; commands begin with a slash, such as /move.", 422},
		"an unknown command": {"/shrug", "B.", "publish", "acts", "Line 1: there is no command “/shrug”. The commands are /move, /position, /claim, /cite, /quote, /readout, /text, " +
			"/session, /figure, /key, /pin, /summary, /as and /at.", 422},
		"nearly a command": {"", "They met.\n\n ／mvoe chips → raised", "publish", "body",
			`Line 3: there is no command “/mvoe”. Did you mean /move? Type \/ for a slash that belongs to the text.`, 422},
		"a command in a sentence": {"", "They met. /move chips → raised", "publish", "body",
			"Line 1: the command /move " + `has to stand at the beginning of a line of its own. Type \/ for a slash that belongs to the text.`, 422},
		"an illegal move": {"\n/move tariffs → raised\n/move chips → signed", "B.", "publish", "acts",
			"Line 3, “/move chips → signed”: The track “chips” is not raised; " +
				"it cannot go to signed from there.", 422},
		"illegal, in the text": {"/move tariffs → raised", "/move chips → signed\n\nB.", "publish", "body",
			"Line 1, “/move chips → signed”: The track “chips” is not raised; " +
				"it cannot go to signed from there.", 422},
		"a new claim": {"/claim soy confirmed", "B.", "publish", "acts",
			"Line 1, “/claim soy confirmed”: The claim “soy” is new and needs a text.", 422},
		"markup": {"/move <img src=x onerror=alert(1)> → raised", "B.", "publish", "acts",
			"Line 1: There is no track “<img src=x onerror=alert(1)>”; this blog has tariffs, rare-earths and chips.",
			422},
		"a second editor": {"/move chips → in talks\n/move chips → agreed", "B.", "publish", "acts",
			"This move needs a second editor: save the entry as a draft, and let somebody else publish it unchanged.",
			409},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTalksSite(t)
			s.add(t, liveblog.Editor, liveblog.EntryInput{Body: "One."})
			b := s.browser(t, liveblog.Editor)
			typed := url.Values{"acts": {row.acts}, "body": {row.body}, "headline": {"H"},
				"pinned": {"1"}, "action": {row.action}}
			for _, path := range []string{"/desk/summit", "/desk/summit/entries/1"} {
				a := b.post(t, path, b.fill(t, path, "#composer", typed)).want(t, row.status)
				a.holds(t, "#composer", typed)
				checkEscaped(t, a)
				if got := a.doc(t).Find("#entry-" + row.field + "-problem").Text(); got != row.message {
					t.Errorf("the message at %s is %q", path, got)
				}
				if got := a.doc(t).Find("#composer [aria-invalid=true]").AttrOr("name", ""); got != row.field {
					t.Errorf("%s marks the field %q", path, got)
				}
				if link := a.doc(t).Find(".problem a"); link.Text() != row.message ||
					link.AttrOr("href", "") != "#entry-"+row.field {
					t.Errorf("the summary at %s links %q to %q", path, link.Text(), link.AttrOr("href", ""))
				}
				// The preview also shows what would be refused.
				typed := b.fill(t, path, "#composer", typed)
				typed.Set("action", "preview")
				preview := b.post(t, path, typed).want(t, 200)
				preview.holds(t, "#composer", url.Values{"acts": {row.acts}, "body": {row.body}})
				for _, selector := range []string{"#preview-notes .refusal li", "#entry-" + row.field + "-problem"} {
					if got := preview.text(t, selector); got != row.message {
						t.Errorf("the preview at %s shows %q at %s", path, got, selector)
					}
				}
			}
			if e := s.entry(t, 1); s.count(t) != 1 || e.Revision != 1 {
				t.Error("something was saved")
			}
		})
	}
}

func TestAllProblemsOfCommandsAreListed(t *testing.T) {
	t.Parallel()
	s := newTalksSite(t)
	b := s.browser(t, liveblog.Editor)
	typed := url.Values{"acts": {"/move earthz → raised\n/move chips → rising"},
		"body": {"B.\n/quote nobody: Yes."}, "action": {"publish"}}
	a := b.post(t, "/desk/summit", b.fill(t, "/desk/summit", "#composer", typed)).want(t, 422)
	lines := strings.Split(a.doc(t).Find("#entry-acts-problem").Text(), "\n")
	if len(lines) != 2 || !strings.HasPrefix(lines[0], "Line 1: ") || !strings.HasPrefix(lines[1], "Line 2: ") {
		t.Errorf("the messages at the field for acts are %q", lines)
	}
	if got := a.doc(t).Find("#entry-body-problem").
		Text(); !strings.HasPrefix(got, "Line 2: There is no speaker “nobody”") {
		t.Errorf("the message at the text is %q", got)
	}
	if n := a.doc(t).Find(".problem li a").Length(); n != 3 ||
		a.text(t, ".problem-message") != "3 commands need a change." {
		t.Errorf("the summary lists %d problems under %q", n, a.text(t, ".problem-message"))
	}
}

func TestPreviewShowsEffectsOfActs(t *testing.T) {
	t.Parallel()
	s := newTalksSite(t)
	s.postActs(t, liveblog.Editor, liveblog.Published,
		"/move rare-earths → raised\n/claim soy reported: China buys.\n/figure tariff = 57 %")
	b := s.browser(t, liveblog.Contributor)
	effects := func(a deskAnswer) (all []string) {
		a.doc(t).Find(".effects li").Each(func(_ int, li *goquery.Selection) {
			all = append(all, strings.Join(strings.Fields(li.Text()), " "))
		})
		return all
	}
	typed := url.Values{"acts": {
		"/move rare-earths → in talks\n/claim soy confirmed\n/cite soy\n/claim chips-deal reported: " +
			"A deal on chips.\n/figure tariff = 47 %\n" +
			"/position china on chips: No.\n/quote wu xinbo: Hm.\n/readout leaders by us\n- One.\n/text joint 1\nWe " +
			"agree.\n/session plenary postponed | starts 2025-10-30 12:00"}, "body": {"B."}}
	want := []string{"Rare earths: raised → in talks", "China on Chips: “No.” new",
		"The claim chips-deal: reported new", "The wording of the claim chips-deal: “A deal on chips.” new",
		"The claim soy: reported → confirmed", "A quote of Wu Xinbo: “Hm.” new",
		"United States on the meeting Leaders’ meeting: One. new",
		"The text joint, version 1: “We agree.” new",
		"Plenary: planned, from 11:00 Seoul time, 30 Oct 2025 → postponed, from 12:00 Seoul time, 30 Oct 2025",
		"Tariff: 57 % → 47 %"}
	a := b.post(t, "/desk/summit/preview", b.fill(t, "/desk/summit", "#composer", typed)).want(t, 200)
	got := effects(a)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the effects in the preview are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if a.doc(t).Find("article").Length() != 1 {
		t.Errorf("the preview lacks the entry: %s", a.body)
	}
	// A claim that the entry itself states is shown in its preview.
	claim := talks.ClaimHTML(liveblog.Blog{Slug: "summit"},
		&liveblog.Talks{Claims: []liveblog.ClaimStanding{
			{Claim: "new", Text: "Fresh words.", Status: liveblog.Reported}}}, "new")
	if !strings.Contains(claim, "Fresh words.") {
		t.Fatalf("the claim is shown as %q", claim)
	}
	typed = url.Values{"acts": {"/claim new reported: Fresh words."}, "body": {"B."}}
	if text := b.post(t, "/desk/summit/preview", b.fill(t, "/desk/summit", "#composer", typed)).doc(t).Find(".effects").
		Text(); !strings.Contains(text, "Fresh words.") {
		t.Errorf("the effects in the preview are %q", text)
	}
	// The effects leave out what a public entry states already, and show what an edit takes back.
	e := s.browser(t, liveblog.Editor)
	fields := e.fill(t, "/desk/summit/entries/1", "#composer", nil)
	if a := e.post(t, "/desk/summit/preview", fields).want(t, 200); a.doc(t).Find(".effects").Length() != 0 {
		t.Errorf("an unchanged entry has the effects %q", effects(a))
	}
	fields.Set("acts", "/figure tariff = 57 %")
	want = []string{"Rare earths: raised → not raised", "The claim soy: reported taken back",
		"The wording of the claim soy: “China buys.” taken back"}
	if got := effects(e.post(t, "/desk/summit/preview", fields).want(t, 200)); !slices.Equal(got, want) {
		t.Errorf("the effects of an edit are %q", got)
	}
	fields.Set("acts", "/move chips → agreed")
	// later than entry 1, so it does not make entry 1 legal
	s.postActs(t, liveblog.Editor, liveblog.Published, "/move chips → in talks")
	if got := e.post(t, "/desk/summit/preview", fields).want(t, 200).
		text(t, ".refusal li"); !strings.Contains(got, "The track “chips” is not raised") {
		t.Errorf("the entry's acts are not checked at its own time: %q", got)
	}
	if s.count(t) != 2 || s.entry(t, 1).Revision != 1 {
		t.Error("a preview was saved")
	}
}

func TestSecondEditor(t *testing.T) {
	t.Parallel()
	s := newTalksSite(t)
	s.postActs(t, liveblog.Editor, liveblog.Published, "/move chips → in talks")
	first, second := s.browser(t, liveblog.Editor), s.browser(t, liveblog.Admin)
	typed := url.Values{"body": {"A deal.\n/move chips → agreed"}, "action": {"publish"}}
	a := first.post(t, "/desk/summit", first.fill(t, "/desk/summit", "#composer", typed)).want(t, 409)
	a.holds(t, "#composer", typed)
	if button := a.doc(t).Find("#composer-approval button[name=action]"); button.AttrOr("value", "") != "draft" {
		t.Error("the page does not offer to save a draft")
	}
	if first := a.doc(t).Find("#composer [type=submit]").First(); first.AttrOr("value", "") != "preview" {
		t.Error("the Enter key does more than show a preview")
	}
	first.post(t, "/desk/summit", a.form(t, "#composer", url.Values{"action": {"draft"}})).want(t, 303)
	for _, b := range []*browser{first, second} {
		if got := b.get(t, "/desk/summit").text(t, ".row-draft .label-waits"); got != "waits for a second editor" {
			t.Errorf("the draft's label is %q", got)
		}
		if got := b.get(t, "/desk/summit/entries/2").
			text(t, ".notice-waits"); !strings.Contains(got, "The editor wrote it last") {
			t.Errorf("the notice on the draft's page is %q", got)
		}
	}
	if got := s.trackState(t, "chips"); got != liveblog.InTalks {
		t.Fatalf("the track is %s", got)
	}

	publish := url.Values{"action": {"publish"}}
	path := "/desk/summit/entries/2"
	first.post(t, path, first.fill(t, path, "#composer", publish)).want(t, 409).
		holds(t, "#composer", url.Values{"acts": {"/move chips → agreed"}})
	changed := url.Values{"acts": {"/move chips → agreed | source https://example.org/"}, "action": {"publish"}}
	second.post(t, path, second.fill(t, path, "#composer", changed)).want(t, 409).holds(t, "#composer", changed)
	second.post(t, path, second.fill(t, path, "#composer", publish)).want(t, 303).
		location(t, "/desk/summit?done=published&number=2")
	if got := s.trackState(t, "chips"); got != liveblog.Agreed {
		t.Errorf("the track is %s", got)
	}
	if n := second.get(t, "/desk/summit").doc(t).Find(".label-waits").Length(); n != 0 {
		t.Error("the entry still waits for a second editor")
	}
	// A public entry cannot become a draft again, so the page offers something else.
	typed = url.Values{"acts": {"/move tariffs → in talks\n/move tariffs → agreed"}, "action": {"publish"}}
	a = first.post(t, "/desk/summit/entries/1", first.fill(t, "/desk/summit/entries/1", "#composer", typed)).
		want(t, 409)
	if got := a.text(t, "#composer-approval"); !strings.Contains(got, "new entry") ||
		a.doc(t).Find("#composer-approval button").Length() != 0 {
		t.Errorf("the page offers %q", got)
	}
}

func TestRemovalShowsWhatItTakesBack(t *testing.T) {
	t.Parallel()
	s := newTalksSite(t)
	s.postActs(t, liveblog.Editor, liveblog.Published, "/move rare-earths → raised")
	s.postActs(t, liveblog.Editor, liveblog.Published, "/move rare-earths → in talks\n/quote wu xinbo: <b>Hm.</b>")
	s.postActs(t, liveblog.Editor, liveblog.Draft, "/move chips → raised")
	b := s.browser(t, liveblog.Editor)
	a := b.get(t, "/desk/summit/entries/2/remove")
	if got := a.text(t, ".taken-back li"); got != "Rare earths goes back from in talks to raised.A quote of Wu Xinbo "+
		"is taken back: “<b>Hm.</b>”" &&
		got != "Rare earths goes back from in talks to raised. A quote of Wu Xinbo is taken back: “<b>Hm.</b>”" {
		t.Errorf("the page says %q", got)
	}
	// one overridden by a later act, one never public
	for _, path := range []string{"/desk/summit/entries/1/remove", "/desk/summit/entries/3/remove"} {
		if n := b.get(t, path).doc(t).Find(".taken-back").Length(); n != 0 {
			t.Errorf("%s shows effects of the removal", path)
		}
	}
	b.post(t, "/desk/summit/entries/2/remove", a.form(t, `form[action$="/remove"]`, nil)).want(t, 303)
	if got := s.trackState(t, "rare-earths"); got != liveblog.Raised {
		t.Errorf("the track is %s", got)
	}
}

func TestStaleSaveComparesActs(t *testing.T) {
	t.Parallel()
	s := newTalksSite(t)
	s.postActs(t, liveblog.Editor, liveblog.Published, "/move chips → raised")
	mine, theirs := s.browser(t, liveblog.Editor), s.browser(t, liveblog.Admin)
	path := "/desk/summit/entries/1"
	typed := url.Values{"acts": {"/move chips  →  stalled"}, "action": {"publish"}}
	first := mine.fill(t, path, "#composer", typed)
	theirs.post(t, path, theirs.fill(t, path, "#composer",
		url.Values{"acts": {"/move tariffs → raised"}, "action": {"publish"}})).want(t, 303)
	a := mine.post(t, path, first).want(t, 412)
	a.holds(t, "#composer", url.Values{"acts": {"/move tariffs → raised\n/move chips → stalled"}})
	if got := a.text(t, ".conflict pre.commands"); got != "/move tariffs → raised" {
		t.Errorf("the current acts are %q", got)
	}
	change := a.doc(t).Find(`.conflict dt:contains("Acts") + dd`)
	if del, ins := marked(change, "del"),
		marked(change, "ins"); del != "" || !strings.Contains(ins, "chips") {
		t.Errorf("saving would delete %q and insert %q", del, ins)
	}
	// A save that is repeated because its answer was lost is recognized by its acts, whatever the spelling of its
	// commands.
	again := a.form(t, "#composer", url.Values{"acts": {"/move Chips -> raised"}, "action": {"publish"}})
	for range 2 {
		mine.post(t, path, again).want(t, 303)
	}
	if e := s.entry(t, 1); e.Revision != 3 {
		t.Errorf("the entry is at revision %d", e.Revision)
	}
}

func TestFailedSavesKeepActs(t *testing.T) {
	t.Parallel()
	for _, fail := range failures {
		t.Run(fail.name, func(t *testing.T) {
			t.Parallel()
			s := newTalksSite(t)
			s.postActs(t, liveblog.Editor, liveblog.Published, "/move chips → raised")
			b := s.browser(t, liveblog.Editor)
			for _, path := range []string{"/desk/summit", "/desk/summit/entries/1"} {
				typed := url.Values{"acts": {"/claim a reported: <b> & “b” | by x"},
					"body": {"B."}, "action": {"publish"}}
				fields := b.fill(t, path, "#composer", typed)
				kept := *b
				fail.prepare(s, &kept, fields)
				a := kept.post(t, path, fields).want(t, fail.status)
				a.holds(t, "#composer", typed)
				if got, want := a.form(t, "#composer", nil).Get("number"), fields.Get("number"); got != want {
					t.Errorf("the form's number is %q, want %q", got, want)
				}
				s.commits.Store(false)
				s.sessions.Store(false)
				s.failingStore.blogs.Store(false)
				s.setNow(s.now.Load().Add(-liveblog.SessionLifetime))
				b = s.browser(t, liveblog.Editor)
			}
		})
	}
}

func TestActsAreEscaped(t *testing.T) {
	t.Parallel()
	s := newTalksSite(t)
	b := s.browser(t, liveblog.Editor)
	const payload = `"><img src=x onerror=alert(1)></textarea><script>alert(1)</script>`
	acts := "/claim soy reported: " + payload + " | by " + payload + "\n/quote wu xinbo: " + payload +
		"\n/text joint 1\n" + payload + "\n/figure tariff = " + payload
	for _, action := range []string{"preview", "draft", "publish"} {
		checkEscaped(t, b.post(t, "/desk/summit",
			b.fill(t, "/desk/summit", "#composer", url.Values{"body": {"B."}, "acts": {acts}, "action": {action}})))
	}
	fields := b.fill(t, "/desk/summit/entries/2", "#composer",
		url.Values{"acts": {"/move chips → raised"}, "action": {"publish"}})
	checkEscaped(t, b.post(t, "/desk/summit/preview", fields).want(t, 200))
	checkEscaped(t, b.get(t, "/desk/summit/entries/2/remove").want(t, 200))
	b.post(t, "/desk/summit/entries/2", fields).want(t, 303)
	fields.Set("acts", acts+"!")
	checkEscaped(t, b.post(t, "/desk/summit/entries/2", fields).want(t, 412))
	for _, path := range []string{"/desk/summit", "/desk/summit/entries/1", "/desk/summit/entries/1/remove",
		"/desk/summit/entries/2/history"} {
		checkEscaped(t, b.get(t, path).want(t, 200))
	}
}

func TestPickerData(t *testing.T) {
	t.Parallel()
	s := newTalksSite(t)
	s.postActs(t, liveblog.Editor, liveblog.Published,
		"/move chips → raised\n/claim soy reported: China buys.\n/figure tariff = 57 %\n/text joint 1\nWe agree.")
	b := s.browser(t, liveblog.Contributor)
	a := b.get(t, "/desk/summit/acts.json").want(t, 200)
	a.header(t, "Cache-Control", "no-store").header(t, "Content-Type", "application/json")
	var data struct {
		Commands []desk.PickCommand `json:"commands"`
		Lists    []view.PickList    `json:"lists"`
	}
	if err := json.Unmarshal(a.body, &data); err != nil {
		t.Fatal(err)
	}
	lists := map[string][]view.Pick{}
	for _, l := range data.Lists {
		lists[l.Key] = l.Items
	}
	for key, want := range map[string]view.Pick{
		"tracks": {Value: "chips", Name: "Chips", Note: "raised", State: "raised",
			Next: []string{"not raised", "in talks", "text circulating", "stalled", "collapsed"}}, "states": {Value: "text circulating"},
		"parties":  {Value: "china", Name: "China"},
		"speakers": {Value: "he-lifeng", Name: "He Lifeng", Note: "Vice Premier"},
		"meetings": {Value: "leaders", Name: "Leaders’ meeting"},
		"sessions": {Value: "plenary", Name: "Plenary", Note: "planned", State: "planned",
			Next: []string{"under way", "over", "postponed", "cancelled"}},
		"members": {Value: "The editor"}, "session_statuses": {Value: "under way"},
		"claims": {Value: "soy", Name: "China buys.", Note: "reported", State: "reported",
			Next: []string{"corroborated", "confirmed", "denied", "withdrawn"}},
		"claim_statuses": {Value: "denied"}, "figures": {Value: "tariff", Note: "57 %"},
		"documents": {Value: "joint", Note: "version 1"},
	} {
		if !slices.ContainsFunc(lists[key], func(p view.Pick) bool { return reflect.DeepEqual(p, want) }) {
			t.Errorf("the list %s lacks %v; it has %v", key, want, lists[key])
		}
	}
	// Every command can be picked, and its slots name existing lists.
	if usages := slices.Concat(liveblog.Usages(), liveblog.EntryUsages()); len(data.Commands) != len(usages) {
		t.Errorf("%d of %d commands can be picked", len(data.Commands), len(usages))
	}
	for _, c := range data.Commands {
		if c.Usage != "/"+c.Name && !strings.HasPrefix(c.Usage, "/"+c.Name+" ") {
			t.Errorf("the usage of the command %s is %q", c.Name, c.Usage)
		}
		for _, p := range c.Slots {
			if _, ok := lists[p.List]; !ok {
				t.Errorf("the command %s names the list %q", c.Name, p.List)
			}
		}
	}
	// The page shows the same to those without JavaScript.
	known := b.get(t, "/desk/summit").text(t, ".acts-help")
	for _, want := range []string{"/move rare earths → in talks", "chips Chips raised", "he-lifeng", "soy", "joint"} {
		if !strings.Contains(known, want) {
			t.Errorf("the help lacks %q: %s", want, known)
		}
	}
	(&browser{site: s}).get(t, "/desk/summit/acts.json").want(t, 401)
	// It is sent again only when it has changed.
	tag := a.Header.Get("ETag")
	b.get(t, "/desk/summit/acts.json", "If-None-Match", tag).want(t, 304)
	s.postActs(t, liveblog.Editor, liveblog.Published, "/move chips → in talks")
	b.get(t, "/desk/summit/acts.json", "If-None-Match", tag).want(t, 200)
}

func TestIdempotencyKeyCoversActs(t *testing.T) {
	t.Parallel()
	s := newTalksSite(t)
	b := s.browser(t, liveblog.Editor)
	fields := b.fill(t, "/desk/summit", "#composer",
		url.Values{"body": {"B."}, "acts": {"/move chips → raised"}, "action": {"publish"}})
	for range 2 { // the second is a double click
		b.post(t, "/desk/summit", fields).want(t, 303).location(t, "/desk/summit?done=published&number=1")
	}
	fields.Set("acts", "/move tariffs → raised")
	b.post(t, "/desk/summit", fields).want(t, 422).
		holds(t, "#composer", url.Values{"acts": {"/move tariffs → raised"}})
}
