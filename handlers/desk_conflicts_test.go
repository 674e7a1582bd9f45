package handlers

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"

	"readout/liveblog"

	"github.com/PuerkitoBio/goquery"
)

// change is what an editor makes of the form of an entry.
type change struct {
	headline, first, last, figure string // "" to leave it as it is
	key, summary                  bool   // tick it
}

func randomChange(r *rand.Rand, who string) (c change) {
	maybe := func(to *string, text string) {
		if r.IntN(3) == 0 {
			*to = text
		}
	}
	maybe(&c.headline, "Headline of "+who)
	maybe(&c.first, "First of "+who)
	maybe(&c.last, "Last of "+who)
	maybe(&c.figure, fmt.Sprint(len(who)))
	c.key, c.summary = r.IntN(3) == 0, r.IntN(3) == 0
	return c
}

// fields returns the typed fields of the form, given those of the entry before.
func (c change) fields(number int) url.Values {
	or := func(typed, before string) string {
		if typed != "" {
			return typed
		}
		return before
	}
	f := url.Values{"action": {"publish"},
		"headline": {or(c.headline, "Headline")},
		"body":     {or(c.first, "First") + "\n\nMiddle\n\n" + or(c.last, "Last")},
		"acts":     {fmt.Sprintf("/figure soy-%d = %s", number, or(c.figure, "1"))}}
	if c.key {
		f.Set("key_event", "1")
	}
	if c.summary {
		f.Set("summary", "1")
	}
	return f
}

// sides are a field of an entry as two editors want it, "" for one who leaves it as it was before.
type sides struct{ before, theirs, mine string }

func (v sides) conflict() bool { return v.theirs != "" && v.mine != "" }

// merged is the field when both have saved, with the number of the choice made about a conflict: their version, mine,
// or both.
func (v sides) merged(choice int) string {
	switch {
	case v.theirs == "" && v.mine == "":
		return v.before
	case v.mine == "" || v.conflict() && choice == 0:
		return v.theirs
	case v.conflict() && choice == 2:
		return v.theirs + "\n\n" + v.mine
	}
	return v.mine
}

// TestForcedConflicts makes two editors change the same entry 100 times, each some of its fields. It fails if a save
// overwrites what only the other has changed, if a version of what both have changed goes without having been chosen,
// if a choice is not what is saved, and if a text is missing in the history.
func TestForcedConflicts(t *testing.T) {
	t.Parallel()
	s := newTalksSite(t)
	mine, theirs := s.browser(t, liveblog.Editor), s.browser(t, liveblog.Admin)
	r := rand.New(rand.NewPCG(1, 1))
	conflicts, merges := 0, 0
	for number := 1; number <= 100; number++ {
		mine.post(t, "/desk/summit", mine.fill(t, "/desk/summit", "#composer", change{}.fields(number))).want(t, 303)
		path := fmt.Sprintf("/desk/summit/entries/%d", number)
		a, b := randomChange(r, "them"), randomChange(r, "me")
		typed := mine.fill(t, path, "#composer", b.fields(number))
		theirs.post(t, path, theirs.fill(t, path, "#composer", a.fields(number))).want(t, 303)
		saved := s.entry(t, number)

		headline := sides{"Headline", a.headline, b.headline}
		first, last := sides{"First", a.first, b.first}, sides{"Last", a.last, b.last}
		figure := sides{"1", a.figure, b.figure}
		choices := map[*sides]int{}
		var asked []*sides // in the order of the page
		for _, v := range []*sides{&headline, &first, &last, &figure} {
			if v.conflict() {
				asked = append(asked, v)
			}
		}
		answer := mine.post(t, path, typed)
		if len(asked) > 0 {
			conflicts++
			answer.want(t, 412)
			unchanged := func(why string) {
				if e := s.entry(t, number); e != saved {
					t.Errorf("%+v and %+v: %s: %+v", a, b, why, e)
				}
			}
			unchanged("the entry was overwritten before the conflict was shown")
			again := answer.form(t, "#composer", url.Values{"action": {"publish"}})
			passages := answer.doc(t).Find("#composer .passage")
			if passages.Length() != len(asked) {
				t.Fatalf("%+v and %+v: asked about %d passages, want %d", a, b, passages.Length(), len(asked))
			}
			open := r.IntN(len(asked) + 1) // about this one nothing is chosen at first
			for i, v := range asked {
				options := passages.Eq(i).Find("input")
				choices[v] = r.IntN(options.Length())
				if i != open {
					option := options.Eq(choices[v])
					again.Set(option.AttrOr("name", ""), option.AttrOr("value", ""))
				}
			}
			answer = mine.post(t, path, again)
			if open < len(asked) {
				answer.want(t, 412)
				unchanged("the entry was overwritten although nothing was chosen")
				again = answer.form(t, "#composer", url.Values{"action": {"publish"}})
				option := answer.doc(t).Find("#composer .passage").Eq(open).Find("input").Eq(choices[asked[open]])
				again.Set(option.AttrOr("name", ""), option.AttrOr("value", ""))
				answer = mine.post(t, path, again)
			}
		} else if saved.Revision > 1 {
			merges++
		}
		answer.want(t, 303)

		e := s.entry(t, number)
		body := first.merged(choices[&first]) + "\n\nMiddle\n\n" + last.merged(choices[&last])
		commands := fmt.Sprintf("/figure soy-%d = %s", number, figure.merged(choices[&figure]))
		if e.Headline != headline.merged(choices[&headline]) || e.Body != body || s.commands(t, number) != commands ||
			e.KeyEvent != (a.key || b.key) || e.Summary != (a.summary || b.summary) {
			t.Errorf("%+v and %+v with %v have become %+v", a, b, choices, e)
		}
		history := mine.get(t, path+"/history").want(t, 200)
		for _, text := range []string{a.headline, a.first, a.last, b.headline, b.first, b.last} {
			if !strings.Contains(string(history.body), text) {
				t.Errorf("the history of entry %d lacks %q", number, text)
			}
		}
		if n := history.doc(t).Find(".set-aside .revision").Length(); n > 1 {
			t.Errorf("a text was set aside again because no choice was made: entry %d has %d", number, n)
		}
	}
	if conflicts < 30 || merges < 20 {
		t.Errorf("there were %d conflicts and %d merges", conflicts, merges)
	}
}

// choose adds to a form the same choice about all passages in conflict: 0 for their versions, 1 for mine, 2 for both.
func (a deskAnswer) choose(t *testing.T, form url.Values, choice int) url.Values {
	t.Helper()
	passages := a.doc(t).Find(".passage")
	if passages.Length() == 0 {
		t.Error("nothing is asked")
	}
	passages.Each(func(_ int, p *goquery.Selection) {
		option := p.Find("input").Eq(choice)
		form.Set(option.AttrOr("name", ""), option.AttrOr("value", ""))
	})
	return form
}

// TestKeptChangesAreTold fails if an editor is not told what others have changed, and if a link can put other words into
// the notice, or learn who works on a draft.
func TestKeptChangesAreTold(t *testing.T) {
	t.Parallel()
	s := newTalksSite(t)
	s.add(t, liveblog.Editor, liveblog.EntryInput{Headline: "H", Body: "B."})
	mine, theirs := s.browser(t, liveblog.Editor), s.browser(t, liveblog.Admin)
	const path = "/desk/summit/entries/1"
	typed := mine.fill(t, path, "#composer", url.Values{"body": {"Mine."}, "action": {"publish"}})
	theirs.post(t, path, theirs.fill(t, path, "#composer",
		url.Values{"headline": {"Theirs"}, "key_event": {"1"}, "action": {"publish"}})).want(t, 303)
	const to = "/desk/summit?done=saved&number=1&kept=headline+key_event&since=1"
	mine.post(t, path, typed).want(t, 303).location(t, to)
	const want = "What The admin changed since you opened it was kept: the headline, the mark as a key event."
	if got := mine.get(t, strings.Replace(to, "key_event", "key_event+<b>pwned</b>", 1)).text(t, "#notice"); !strings.HasSuffix(got, want) {
		t.Errorf("the notice reads %q", got)
	}
	// Who may not read an entry does not learn who has worked on it.
	s.add(t, liveblog.Admin, liveblog.EntryInput{Body: "Secret.", Status: liveblog.Draft})
	other := s.browser(t, liveblog.Contributor)
	if got := other.get(t, strings.Replace(to, "number=1", "number=2", 1)).text(t, "#notice"); strings.Contains(got, "admin") {
		t.Errorf("the notice reads %q", got)
	}
}

// TestNothingUnseenIsPublished fails if publishing a draft publishes what somebody else has put into it meanwhile.
func TestNothingUnseenIsPublished(t *testing.T) {
	t.Parallel()
	s := newTalksSite(t)
	s.postActs(t, liveblog.Editor, liveblog.Draft, "/move chips → raised")
	mine, theirs := s.browser(t, liveblog.Editor), s.browser(t, liveblog.Admin)
	const path = "/desk/summit/entries/1"
	typed := mine.fill(t, path, "#composer", url.Values{"action": {"publish"}})
	theirs.post(t, path, theirs.fill(t, path, "#composer",
		url.Values{"acts": {"/move tariffs → raised"}, "action": {"draft"}})).want(t, 303)
	a := mine.post(t, path, typed).want(t, 412)
	if e := s.entry(t, 1); e.Public() {
		t.Fatal("a draft was published with acts that the editor has not seen")
	}
	mine.post(t, path, a.form(t, "#composer", url.Values{"action": {"publish"}})).want(t, 303)
	if e := s.entry(t, 1); !e.Public() || s.commands(t, 1) != "/move tariffs → raised" {
		t.Errorf("the entry is %+v", e)
	}
}

// It fails if a contributor's text is lost because an editor published the draft meanwhile, if it is kept for somebody
// who could not have saved it at any time, if a failure that others have not caused sets a text aside, or if a failing
// store loses a text and the editor is told to go on.
func TestWhatIsSetAside(t *testing.T) {
	t.Parallel()
	s := newTalksSite(t)
	author, stranger := s.actor(liveblog.Contributor), s.actor(liveblog.Contributor)
	stranger.ID, stranger.Name = "u_stranger", "A stranger"
	editor := s.actor(liveblog.Editor)
	ctx := t.Context()
	status := liveblog.Draft
	e, _, err := s.desk.Post(ctx, author, "summit", liveblog.EntryInput{Body: "Draft.", Status: status}, nil)
	if err != nil {
		t.Fatal(err)
	}
	status = liveblog.Published
	if _, err := s.desk.Edit(ctx, editor, "summit", e.Number,
		liveblog.EntryPatch{Headline: new("Published"), Status: &status}, 1); err != nil {
		t.Fatal(err)
	}
	save := func(by liveblog.Actor, base int, text string, code liveblog.Code) {
		t.Helper()
		_, err := s.desk.Merge(ctx, by, "summit", e.Number, liveblog.EntryPatch{Body: &text},
			liveblog.Basis{Revision: base})
		if liveblog.CodeOf(err) != code {
			t.Errorf("%q: %v, want %s", text, err, code)
		}
	}
	save(author, 1, "By the author.", liveblog.Forbidden)
	save(stranger, 1, "By a stranger.", liveblog.Forbidden)
	save(author, 2, "By the author, later.", liveblog.Forbidden)
	save(author, 1, "Draft.", liveblog.Forbidden) // nothing was typed
	status = liveblog.Draft
	if _, err := s.desk.Merge(ctx, editor, "summit", e.Number, liveblog.EntryPatch{Body: new("Back."), Status: &status},
		liveblog.Basis{Revision: 2}); liveblog.CodeOf(err) != liveblog.Conflict {
		t.Errorf("a published entry has become a draft: %v", err)
	}
	save(editor, 1, strings.Repeat("x", liveblog.MaxBody+1), liveblog.Invalid)
	list, err := s.failingStore.Store.SetAside(ctx, "summit", e.Number)
	if err != nil || len(list) != 1 || list[0].Body != "By the author." || list[0].By != author.Name {
		t.Errorf("there is %+v, error %v", list, err)
	}
	for _, role := range []liveblog.Role{liveblog.Editor, liveblog.Contributor, liveblog.Viewer} {
		a := s.browser(t, role).get(t, "/desk/summit/entries/1/history").want(t, 200)
		if n := a.doc(t).Find(".set-aside .revision").Length(); n != 1 {
			t.Errorf("a %s sees %d versions", role, n)
		}
		if ins := marked(a.doc(t).Find(".set-aside"), "ins"); !strings.Contains(ins, "By the author") {
			t.Errorf("the comparison with the base inserts %q", ins)
		}
	}
	if _, err := s.desk.Edit(ctx, editor, "summit", e.Number, liveblog.EntryPatch{Body: new("Theirs.")}, 2); err != nil {
		t.Fatal(err)
	}
	s.failingStore.commits.Store(true)
	save(editor, 1, "By the editor.", liveblog.Unavailable)
}

// TestUnreadableBaseAsks fails if a form whose base cannot be found, or that leaves it out, replaces what others have
// saved without having asked, or cannot be saved at all.
func TestUnreadableBaseAsks(t *testing.T) {
	t.Parallel()
	s := newTalksSite(t)
	b := s.browser(t, liveblog.Editor)
	for number, base := range []string{"", "0", "-1", "99", "x"} {
		s.add(t, liveblog.Editor, liveblog.EntryInput{Headline: "Theirs", Body: "Theirs.", KeyEvent: true})
		path := fmt.Sprintf("/desk/summit/entries/%d", number+1)
		typed := b.fill(t, path, "#composer", url.Values{"headline": {"Mine"}, "body": {"Mine."}, "base": {base},
			"action": {"publish"}})
		delete(typed, "key_event")
		a := b.post(t, path, typed).want(t, 412)
		if e := s.entry(t, number+1); e.Revision != 1 {
			t.Errorf("with the base %q the entry has become %+v", base, e)
		}
		again := a.form(t, "#composer", url.Values{"action": {"publish"}})
		b.post(t, path, again).want(t, 412)
		b.post(t, path, a.choose(t, again, 1)).want(t, 303)
		if e := s.entry(t, number+1); e.Headline != "Mine" || e.Body != "Mine." || !e.KeyEvent {
			t.Errorf("with the base %q the entry has become %+v", base, e)
		}
	}
}

// TestConflictIsNotForgotten fails if a preview, a refusal of another kind or a third editor's save loses the question
// about a passage, or an answer that was given.
func TestConflictIsNotForgotten(t *testing.T) {
	t.Parallel()
	s := newTalksSite(t)
	s.add(t, liveblog.Editor, liveblog.EntryInput{Headline: "H", Body: "One.\n\nTwo."})
	mine, theirs := s.browser(t, liveblog.Editor), s.browser(t, liveblog.Admin)
	const path = "/desk/summit/entries/1"
	save := func(body string) {
		t.Helper()
		theirs.post(t, path, theirs.fill(t, path, "#composer",
			url.Values{"body": {body}, "action": {"publish"}})).want(t, 303)
	}
	typed := mine.fill(t, path, "#composer", url.Values{"body": {"Mine.\n\nTwo."}, "action": {"publish"}})
	save("Theirs.\n\nTwo.")
	a := mine.post(t, path, typed).want(t, 412)

	again := a.choose(t, a.form(t, "#composer", url.Values{"action": {"preview"}}), 2)
	a = mine.post(t, path, again).want(t, 200)
	if n := a.doc(t).Find(".passage").Length(); n != 0 {
		t.Errorf("after the choice %d passages are asked about", n)
	}
	a.holds(t, "#composer", url.Values{"body": {"Theirs.\n\nMine.\n\nTwo."}})

	a = mine.post(t, path, typed).want(t, 412)
	long := strings.Repeat("x", liveblog.MaxHeadline+1)
	again = a.form(t, "#composer", url.Values{"action": {"publish"}, "headline": {long}})
	a = mine.post(t, path, again).want(t, 422)
	if origin := a.form(t, "#composer", nil).Get("origin"); origin != "1" {
		t.Errorf("after a refusal the origin is %q", origin)
	}
	save("Third.\n\nTwo, too.")
	again = a.form(t, "#composer", url.Values{"action": {"publish"}, "headline": {"H"}})
	a = mine.post(t, path, again).want(t, 412) // about revision 2, as before
	a = mine.post(t, path, a.choose(t, a.form(t, "#composer", url.Values{"action": {"publish"}}), 1)).want(t, 412)
	if got := a.text(t, ".passage"); !strings.Contains(got, "Third") || strings.Contains(got, "Two") {
		t.Errorf("about the third version is asked: %s", got)
	}
	mine.post(t, path, a.choose(t, a.form(t, "#composer", url.Values{"action": {"publish"}}), 0)).want(t, 303)
	if e := s.entry(t, 1); e.Body != "Third.\n\nTwo, too." {
		t.Errorf("the text is %q", e.Body)
	}
}
