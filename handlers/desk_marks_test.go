package handlers

import (
	"fmt"
	"net/url"
	"testing"

	"readout/liveblog"
)

// TestAFourthPin pins a fourth entry. It fails if the refusal does not name the three with a way to unpin each, if one is
// unpinned although the entry is refused for another reason or only previewed, if another one than the chosen is unpinned,
// if a choice that makes no room is taken for one, and if the choice is lost in a refused form.
func TestAFourthPin(t *testing.T) {
	t.Parallel()
	s := newTalksSite(t)
	for range liveblog.MaxPinned {
		s.add(t, liveblog.Editor, liveblog.EntryInput{Headline: "Pinned", Body: "B.", Pinned: true})
	}
	s.add(t, liveblog.Editor, liveblog.EntryInput{Body: "B."})
	b := s.browser(t, liveblog.Editor)
	pinned := func(want ...int) {
		t.Helper()
		var got []int
		for number := 1; number <= s.count(t); number++ {
			if s.entry(t, number).Pinned {
				got = append(got, number)
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("the entries %v are pinned, want %v", got, want)
		}
	}
	for path, number := range map[string]int{"/desk/summit": 5, "/desk/summit/entries/4": 4} {
		typed := url.Values{"body": {"New."}, "pinned": {"1"}, "action": {"publish"}}
		refused := b.post(t, path, b.fill(t, path, "#composer", typed)).want(t, 409)
		refused.holds(t, "#composer", typed)
		if n := refused.doc(t).Find(`#mark-choices a[target=_blank]`).Length(); n != liveblog.MaxPinned {
			t.Errorf("%s names %d entries", path, n)
		}
		for _, action := range []string{"preview", "publish"} { // a preview, and a text with another fault
			typed := url.Values{"body": {"New."}, "pinned": {"1"}, "action": {action}, "unpin": {"2"}}
			status := 200
			if action == "publish" {
				typed.Set("body", "New.\n/move chips → signed") // which is found last
				status = 422
			}
			a := b.post(t, path, refused.form(t, "#composer", typed)).want(t, status)
			a.holds(t, "#composer", url.Values{"unpin": {"2"}})
			if status == 200 {
				if n := a.doc(t).Find("#composer .refusal, #composer [aria-invalid]").Length(); n != 0 {
					t.Errorf("the preview at %s finds %d faults: %s", path, n, a.body)
				}
			}
			pinned(1, 2, 3)
		}
		typed.Set("unpin", "4") // is not pinned
		b.post(t, path, refused.form(t, "#composer", typed)).want(t, 409)
		typed.Set("unpin", "2")
		b.post(t, path, refused.form(t, "#composer", typed)).want(t, 303)
		if number == 4 {
			pinned(1, 3, 4)
		} else {
			pinned(1, 3, 5)
		}
		for _, p := range []struct {
			number int
			pinned bool
		}{{number, false}, {2, true}} {
			if _, err := s.desk.Edit(t.Context(), s.actor(liveblog.Admin), "summit", p.number,
				liveblog.EntryPatch{Pinned: &p.pinned}, 0); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, action := range []string{"preview", "publish"} { // the same for a command
		typed := url.Values{"body": {"New.\n/pin"}, "unpin": {"2"}, "action": {action}}
		a := b.post(t, "/desk/summit", b.fill(t, "/desk/summit", "#composer", typed))
		if n := a.doc(t).Find("#composer .refusal, #composer [aria-invalid]").Length(); n != 0 {
			t.Errorf("%s of a command finds %d faults: %s", action, n, a.body)
		}
	}
	pinned(1, 3, 6)
}

// TestANewSummary publishes a summary while another one stands. It fails if the page does not say before publishing that
// it replaces the old one, or afterwards what became of that, if the old one keeps its mark or loses it against the
// editor's will, and if an edit of an older summary takes the mark off the newer one.
func TestANewSummary(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	b := s.browser(t, liveblog.Editor)
	summary := func(number int, want bool) {
		t.Helper()
		if got := s.entry(t, number).Summary; got != want {
			t.Errorf("entry %d is a summary: %v", number, got)
		}
	}
	publish := func(path string, typed url.Values, notice string) {
		t.Helper()
		typed.Set("action", "publish")
		a := b.post(t, path, b.fill(t, path, "#composer", typed)).want(t, 303)
		if got := b.get(t, a.Header.Get("Location")).text(t, "#notice"); got != notice {
			t.Errorf("the notice is %q, want %q", got, notice)
		}
	}
	publish("/desk/summit", url.Values{"headline": {"First"}, "summary": {"1"}},
		"Entry 1 is published. See it as readers do")
	typed := url.Values{"headline": {"Second"}, "summary": {"1"}, "action": {"preview"}}
	a := b.post(t, "/desk/summit", b.fill(t, "/desk/summit", "#composer", typed)).want(t, 200)
	if got, want := a.text(t, "#mark-choices p"),
		"This replaces entry 1 (“First”) as the summary."; got != want {
		t.Errorf("the preview says %q, want %q", got, want)
	}
	publish("/desk/summit", typed, "Entry 2 is published. See it as readers do It replaces entry 1 as the summary.")
	summary(1, false)
	summary(2, true)
	typed.Set("keep_summary", "2")
	publish("/desk/summit", typed, "Entry 3 is published. See it as readers do Entry 2 is marked as a summary, too; "+
		"the head of the page shows the newer one.")
	summary(2, true)
	summary(3, true)
	publish("/desk/summit/entries/2", url.Values{"headline": {"Edited"}}, "Entry 2 is saved.")
	summary(3, true)
	publish("/desk/summit/entries/1", url.Values{"summary": {"1"}}, "Entry 1 is saved. It replaces entry 3 as the summary.")
	summary(3, false)
	publish("/desk/summit", url.Values{"headline": {"No summary"}}, "Entry 4 is published. See it as readers do")
	summary(1, true)
}
