package handlers

import (
	"net/url"
	"strings"
	"testing"

	"readout/liveblog"

	"github.com/PuerkitoBio/goquery"
)

func TestCorrectionAtTheDesk(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	s.add(t, liveblog.Editor, liveblog.EntryInput{Headline: "Talks", Body: "They meet on Monday."})
	b := s.browser(t, liveblog.Editor)
	const path = "/desk/summit/entries/1"
	typed := url.Values{"body": {"They meet on Tuesday."}, "corrects": {"1"},
		"correction": {"The day was\nwrong."}, "action": {"publish"}}
	b.post(t, path, b.fill(t, path, "#composer", typed)).want(t, 303).location(t, "/desk/summit?done=saved&number=1")
	e := s.entry(t, 1)
	if e.Correction.Note != "The day was wrong." || e.Correction.Body != "They meet on Monday." || !e.Corrects() {
		t.Errorf("the correction is %+v", e.Correction)
	}

	// The next edit starts with an empty form, and without a mark leaves the correction as it was.
	a := b.get(t, path)
	a.holds(t, "#composer", url.Values{"corrects": {""}, "correction": {""}})
	b.post(t, path, a.form(t, "#composer", url.Values{"headline": {"The talks"}, "action": {"publish"}})).want(t, 303)
	if now := s.entry(t, 1); now.Revision != 3 || now.Correction != e.Correction {
		t.Errorf("after an unmarked edit the correction is %+v", now.Correction)
	}

	history := b.get(t, path+"/history")
	var told []string
	history.doc(t).Find(".revision").Each(func(_ int, r *goquery.Selection) {
		told = append(told, strings.Join(strings.Fields(r.Find(".label-correction").Parent().Text()), " "))
	})
	if len(told) != 3 || told[0] != "" || told[1] != "correction Readers are told: The day was wrong." ||
		told[2] != "" {
		t.Errorf("the history shows %q", told)
	}
}

func TestCorrectionsRefusedAtTheDesk(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	s.add(t, liveblog.Editor, liveblog.EntryInput{Body: "One."})
	b := s.browser(t, liveblog.Editor)
	const path = "/desk/summit/entries/1"
	for name, c := range map[string]struct {
		typed url.Values
		want  string
	}{
		"no note": {url.Values{"body": {"Two."}, "corrects": {"1"}, "correction": {" "}},
			"A correction needs a note"},
		"nothing changed": {url.Values{"corrects": {"1"}, "correction": {"It was wrong."}},
			"A correction changes what readers read"},
		"too long": {url.Values{"body": {"Two."}, "corrects": {"1"}, "correction": {strings.Repeat("x", 501)}},
			"The note has 501 characters; 500 is the limit."},
		"no mark": {url.Values{"body": {"Two."}, "correction": {"It was wrong."}},
			"Readers only see this note with a correction: tick"},
	} {
		c.typed.Set("action", "publish")
		a := b.post(t, path, b.fill(t, path, "#composer", c.typed)).want(t, 422)
		a.holds(t, "#composer", c.typed)
		if got := a.text(t, "#entry-correction-problem"); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: the message at the field is %q, want %q", name, got, c.want)
		}
		if got := a.text(t, `.problem a[href="#entry-correction"]`); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: the message in the summary is %q", name, got)
		}
		if a.doc(t).Find("#entry-correction[aria-invalid=true]").Length() != 1 {
			t.Errorf("%s: the field is not marked", name)
		}
	}
	if e := s.entry(t, 1); e.Revision != 1 {
		t.Errorf("the entry is at revision %d", e.Revision)
	}
}

// Only published entries can be corrected, so other forms have no fields for it.
func TestOnlyPublishedEntriesOfferCorrections(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	s.add(t, liveblog.Editor, liveblog.EntryInput{Body: "One."})
	s.add(t, liveblog.Editor, liveblog.EntryInput{Body: "Two.", Status: liveblog.Draft})
	b := s.browser(t, liveblog.Editor)
	for path, want := range map[string]int{"/desk/summit": 0, "/desk/summit/entries/1": 1,
		"/desk/summit/entries/2": 0} {
		if got := b.get(t, path).doc(t).Find("#entry-corrects, #entry-correction").Length(); got != 2*want {
			t.Errorf("%s has %d fields for a correction", path, got)
		}
	}
	typed := url.Values{"body": {"Three."}, "corrects": {"1"}, "correction": {"It was two."}, "action": {"publish"}}
	b.post(t, "/desk/summit/entries/2", b.fill(t, "/desk/summit/entries/2", "#composer", typed)).want(t, 422)
}

func TestCorrectionPreview(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	s.add(t, liveblog.Editor, liveblog.EntryInput{Body: "They meet on Monday."})
	b := s.browser(t, liveblog.Editor)
	const path = "/desk/summit/entries/1"
	typed := url.Values{"body": {"They meet on Tuesday."}, "corrects": {"1"}, "correction": {"The day was wrong."}}
	a := b.post(t, "/desk/summit/preview", b.fill(t, path, "#composer", typed)).want(t, 200)
	if got := a.text(t, ".correction .corrected"); !strings.HasSuffix(got, ": The day was wrong.") {
		t.Errorf("the note in the preview is %q", got)
	}
	if del, ins := a.text(t, ".correction del"),
		a.text(t, ".correction ins"); del != "[deleted: Monday]" || ins != "[added: Tuesday]" {
		t.Errorf("the preview compares %q with %q", del, ins)
	}
	delete(typed, "corrects")
	if a := b.post(t, "/desk/summit/preview", b.fill(t, path, "#composer", typed)).want(t, 200); a.doc(t).
		Find(".correction").Length() != 0 {
		t.Error("the preview of an unmarked edit shows a correction")
	}
}

func TestStaleCorrection(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	s.add(t, liveblog.Editor, liveblog.EntryInput{Body: "They meet on Monday."})
	mine, theirs := s.browser(t, liveblog.Editor), s.browser(t, liveblog.Admin)
	const path = "/desk/summit/entries/1"
	typed := url.Values{"body": {"They meet on Tuesday."}, "corrects": {"1"},
		"correction": {"The day was wrong."}, "action": {"publish"}}
	first := mine.fill(t, path, "#composer", typed)
	// Somebody else has saved the same text, but not as a correction, so this save is not a repetition.
	theirs.post(t, path, theirs.fill(t, path, "#composer",
		url.Values{"body": {"They meet on Tuesday."}, "action": {"publish"}})).want(t, 303)
	mine.post(t, path, first).want(t, 412).holds(t, "#composer", typed)
	theirs.post(t, path, theirs.fill(t, path, "#composer",
		url.Values{"body": {"They meet on Sunday."}, "action": {"publish"}})).want(t, 303)
	a := mine.post(t, path, first).want(t, 412)
	a.holds(t, "#composer", typed)
	again := a.choose(t, a.form(t, "#composer", url.Values{"action": {"publish"}}), 1)
	mine.post(t, path, again).want(t, 303)
	if e := s.entry(t, 1); e.Revision != 4 || e.Correction.Body != "They meet on Sunday." ||
		e.Correction.Note != "The day was wrong." {
		t.Errorf("the entry is %+v", e)
	}
	// The answer is lost, and the browser repeats the request.
	mine.post(t, path, again).want(t, 303).location(t, "/desk/summit?done=saved&number=1")
	if e := s.entry(t, 1); e.Revision != 4 {
		t.Errorf("the repetition created revision %d", e.Revision)
	}
}
