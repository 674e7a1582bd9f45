package handlers

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"readout/liveblog"
)

const copyID = "0123456789abcdef"

// copyFields returns what the composer's script sends of a text that nobody has kept yet.
func copyFields(body string) url.Values {
	return url.Values{"copy": {copyID}, "copy_revision": {"0"}, "writer": {"page-0123456789abcdef"}, "body": {body}}
}

// keep sends the composer at path, with what was typed, as a working copy, and returns its new revision.
func (b *browser) keep(t *testing.T, path string, typed url.Values, copy string, seen int) int {
	t.Helper()
	fields := b.fill(t, path, "#composer", typed)
	fields.Set("copy", copy)
	fields.Set("copy_revision", fmt.Sprint(seen))
	fields.Set("writer", "page-0123456789abcdef")
	var saved struct{ Revision int }
	if err := json.Unmarshal(b.post(t, "/desk/summit/copies", fields).want(t, 200).body, &saved); err != nil {
		t.Fatal(err)
	}
	return saved.Revision
}

// TestCopiesOnAnotherDevice fails if a working copy does not come back as it was typed, at the desk's first page, the
// blog's and the entry's; if it does not say that its entry has moved on; or if it stays after it was saved or discarded.
func TestCopiesOnAnotherDevice(t *testing.T) {
	t.Parallel()
	s := newTalksSite(t)
	s.add(t, liveblog.Editor, liveblog.EntryInput{Headline: "H", Body: "One.\n\nTwo."})
	laptop, phone := s.browser(t, liveblog.Editor), s.browser(t, liveblog.Editor)
	typed := url.Values{"headline": {"New"}, "body": {"Typed “here”.\n/move chips → raised"}, "acts": {"/cite soy"},
		"key_event": {"1"}, "summary": {"1"}}
	key := laptop.fill(t, "/desk/summit", "#composer", nil).Get("key")
	typed.Set("key", key)
	laptop.keep(t, "/desk/summit", typed, copyID, 0)
	edit := url.Values{"body": {"One, mine.\n\nTwo."}, "corrects": {"1"}, "correction": {"One was wrong."}}
	const other, path = "fedcba9876543210", "/desk/summit/entries/1"
	laptop.keep(t, path, edit, other, 0)

	for _, page := range []string{"/desk", "/desk/summit", path} {
		if got := phone.get(t, page).doc(t).Find("#copies li").Length(); got != 2 {
			t.Errorf("%s lists %d copies", page, got)
		}
	}
	phone.get(t, "/desk/summit?copy="+copyID).want(t, 200).holds(t, "#composer", typed)
	phone.get(t, "/desk/summit?copy="+other).want(t, 303).location(t, path+"?copy="+other)
	phone.get(t, path+"?copy="+other).want(t, 200).holds(t, "#composer", edit)
	for _, body := range []string{"One, mine.\n\nTwo.", "One.\n\nTwo."} { // a preview uses no copy up, of a change or of none
		form := phone.get(t, path+"?copy="+other).form(t, "#composer", url.Values{"body": {body}, "action": {"publish"}})
		delete(form, "corrects")
		delete(form, "correction")
		phone.post(t, "/desk/summit/preview", form).want(t, 200)
	}

	status := liveblog.Published
	if _, err := s.desk.Edit(t.Context(), s.actor(liveblog.Admin), "summit", 1,
		liveblog.EntryPatch{Body: new("One.\n\nTwo, theirs."), Status: &status}, 1); err != nil {
		t.Fatal(err)
	}
	if got := phone.get(t, "/desk").text(t, "#copies"); !strings.Contains(got, "The admin has saved revision 2 meanwhile") {
		t.Errorf("the list reads %q", got)
	}
	form := phone.get(t, path+"?copy="+other).form(t, "#composer", url.Values{"action": {"publish"}})
	phone.post(t, path, form).want(t, 303)
	if e := s.entry(t, 1); e.Body != "One, mine.\n\nTwo, theirs." || e.Correction.Note != "One was wrong." {
		t.Errorf("the entry is %+v", e)
	}
	phone.get(t, path+"?copy="+other).want(t, 200).holds(t, "#composer", url.Values{"body": {s.entry(t, 1).Body}})
	phone.post(t, "/desk/summit/copies/"+copyID+"/discard", url.Values{"csrf": {phone.csrf(t)}}).want(t, 303)
	if got := phone.get(t, "/desk/summit").doc(t).Find("#copies li").Length(); got != 0 {
		t.Errorf("%d copies are left", got)
	}
	fields := laptop.fill(t, "/desk/summit", "#composer", typed)
	fields.Set("copy", copyID)
	fields.Set("copy_revision", "1")
	fields.Set("writer", "page-0123456789abcdef")
	laptop.post(t, "/desk/summit/copies", fields).want(t, 410)
}

// TestCopyOfWhatCannotBeChanged fails if the text for an entry that was removed, or that a contributor may not change any
// more, cannot be reached, or if a copy tells of an entry that its owner may not read.
func TestCopyOfWhatCannotBeChanged(t *testing.T) {
	t.Parallel()
	s := newTalksSite(t)
	author := s.browser(t, liveblog.Contributor)
	author.post(t, "/desk/summit", author.fill(t, "/desk/summit", "#composer",
		url.Values{"body": {"Draft."}, "action": {"draft"}})).want(t, 303)
	const path = "/desk/summit/entries/1"
	author.keep(t, path, url.Values{"body": {"Draft, longer."}}, copyID, 0)
	published := liveblog.Published
	admin := s.actor(liveblog.Admin)
	if _, err := s.desk.Edit(t.Context(), admin, "summit", 1, liveblog.EntryPatch{Status: &published}, 1); err != nil {
		t.Fatal(err)
	}
	reached := func(why string) {
		t.Helper()
		author.get(t, path+"?copy="+copyID).want(t, 303).location(t, "/desk/summit?copy="+copyID)
		a := author.get(t, "/desk/summit?copy="+copyID).want(t, 200)
		a.holds(t, "#composer", url.Values{"body": {"Draft, longer."}})
		if form := a.form(t, "#composer", nil); form.Has("base") || form.Get("key") == "" {
			t.Errorf("%s: the form is %v", why, form)
		}
	}
	reached("published")
	if _, err := s.desk.Remove(t.Context(), admin, "summit", 1, 0); err != nil {
		t.Fatal(err)
	}
	reached("removed")

	s.add(t, liveblog.Admin, liveblog.EntryInput{Body: "Secret.", Status: liveblog.Draft})
	fields := copyFields("Guessed.")
	fields["number"], fields["copy"], fields["csrf"] = []string{"2"}, []string{"fedcba9876543210"}, []string{author.csrf(t)}
	author.post(t, "/desk/summit/copies", fields).want(t, 200)
	if got := author.get(t, "/desk/summit").text(t, "#copies li[data-copy=fedcba9876543210]"); strings.Contains(got, ";") {
		t.Errorf("the list reads %q", got)
	}
	absent := copyFields("Guessed.")
	absent["number"], absent["copy"], absent["csrf"] = []string{"99"}, []string{"aaaabbbbccccdddd"}, fields["csrf"]
	author.post(t, "/desk/summit/copies", absent).want(t, 200)
	for _, id := range []string{"fedcba9876543210", "aaaabbbbccccdddd"} {
		author.get(t, "/desk/summit?copy="+id).want(t, 200)
	}
}

// TestPulseDoesNotUseTheSession fails if asking whether a session goes on keeps it from ending, or if the answer is right
// for somebody else.
func TestPulseDoesNotUseTheSession(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t)
	b := s.browser(t, liveblog.Editor)
	id := s.actor(liveblog.Editor).ID
	for range 4 {
		s.setNow(s.now.Load().Add(liveblog.SessionIdle / 4))
		b.get(t, "/account/pulse?user="+url.QueryEscape(id)).header(t, "Cache-Control", "no-store")
	}
	b.get(t, "/account/pulse?user="+id).want(t, 401)
	b = s.browser(t, liveblog.Editor)
	b.get(t, "/account/pulse?user="+id).want(t, 204)
	b.get(t, "/account/pulse?user=u_other").want(t, 401)
}

// TestCopiesHaveAQuotaOfTheirOwn fails if typing keeps somebody from publishing.
func TestCopiesHaveAQuotaOfTheirOwn(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, func(o *Options) { o.Writes = 5 })
	b := s.browser(t, liveblog.Editor)
	fields := copyFields("B.")
	fields.Set("csrf", b.csrf(t))
	s.stopRates()
	refused := false
	for i := 0; i < 100 && !refused; i++ {
		fields.Set("body", fmt.Sprint(i))
		refused = b.post(t, "/desk/summit/copies", fields).StatusCode == 429
	}
	if !refused {
		t.Error("working copies are not limited")
	}
	b.post(t, "/desk/summit", b.fill(t, "/desk/summit", "#composer",
		url.Values{"body": {"B."}, "action": {"publish"}})).want(t, 303)
}
