package handlers

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"

	"readout/liveblog"
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

// TestForcedConflicts makes two editors change the same entry 100 times, each some of its fields. It fails if a save
// overwrites what only the other has changed, if it overwrites what both have changed before the editor was told, and if
// a text is missing in the history.
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

		both := a.headline != "" && b.headline != "" || a.first != "" && b.first != "" || a.last != "" && b.last != "" ||
			a.figure != "" && b.figure != ""
		answer, gives := mine.post(t, path, typed), false
		if both {
			conflicts++
			answer.want(t, 412)
			if e := s.entry(t, number); e != saved {
				t.Errorf("%+v and %+v: the entry was overwritten before the conflict was shown: %+v", a, b, e)
			}
			again := url.Values{"action": {"publish"}}
			if gives = r.IntN(2) == 0; gives { // the second editor takes what the first has saved
				again.Set("headline", saved.Headline)
				again.Set("body", saved.Body)
				again.Set("acts", s.commands(t, number))
			}
			answer = mine.post(t, path, answer.form(t, "#composer", again))
		} else if saved.Revision > 1 {
			merges++
		}
		answer.want(t, 303)

		either := func(mine, theirs, before string) string {
			for _, text := range []string{mine, theirs} {
				if text != "" {
					return text
				}
			}
			return before
		}
		e := s.entry(t, number)
		texts := []string{a.headline, a.first, a.last, b.headline, b.first, b.last}
		if gives {
			b.headline, b.first, b.last, b.figure = a.headline, a.first, a.last, a.figure
		}
		headline := either(b.headline, a.headline, "Headline")
		body := either(b.first, a.first, "First") + "\n\nMiddle\n\n" + either(b.last, a.last, "Last")
		commands := fmt.Sprintf("/figure soy-%d = %s", number, either(b.figure, a.figure, "1"))
		if e.Headline != headline || e.Body != body || s.commands(t, number) != commands ||
			e.KeyEvent != (a.key || b.key) || e.Summary != (a.summary || b.summary) {
			t.Errorf("%+v and %+v have become %+v", a, b, e)
		}
		history := string(mine.get(t, path+"/history").want(t, 200).body)
		for _, text := range texts {
			if !strings.Contains(history, text) {
				t.Errorf("the history of entry %d lacks %q", number, text)
			}
		}
	}
	if conflicts < 30 || merges < 20 {
		t.Errorf("there were %d conflicts and %d merges", conflicts, merges)
	}
}

// TestKeptChangesAreTold fails if an editor is not told what others have changed, and if a link can put other words into
// the notice.
func TestKeptChangesAreTold(t *testing.T) {
	t.Parallel()
	s := newTalksSite(t)
	s.add(t, liveblog.Editor, liveblog.EntryInput{Headline: "H", Body: "B."})
	mine, theirs := s.browser(t, liveblog.Editor), s.browser(t, liveblog.Admin)
	const path = "/desk/summit/entries/1"
	typed := mine.fill(t, path, "#composer", url.Values{"body": {"Mine."}, "action": {"publish"}})
	theirs.post(t, path, theirs.fill(t, path, "#composer",
		url.Values{"headline": {"Theirs"}, "key_event": {"1"}, "action": {"publish"}})).want(t, 303)
	const to = "/desk/summit?done=saved&number=1&kept=headline+key_event"
	mine.post(t, path, typed).want(t, 303).location(t, to)
	const want = "What others have changed since you opened it was kept: the headline, the mark as a key event."
	if got := mine.get(t, to+"+<b>pwned</b>").text(t, "#notice"); !strings.HasSuffix(got, want) {
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
		_, err := s.desk.Merge(ctx, by, "summit", e.Number, liveblog.EntryPatch{Body: &text}, base)
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
		2); liveblog.CodeOf(err) != liveblog.Conflict {
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
