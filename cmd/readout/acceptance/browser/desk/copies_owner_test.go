package desk_test

import (
	"strings"
	"testing"

	"readout/cmd/readout/acceptance/browser"
	"readout/cmd/readout/acceptance/program"
	"readout/liveblog"

	"github.com/chromedp/chromedp"
)

// addColleague adds another editor, whose password is their e-mail address.
func (s *site) addColleague(t *testing.T, email string) liveblog.Actor {
	t.Helper()
	accounts := liveblog.NewAccounts(s.store, liveblog.AccountsOptions{HashPassword: hashPassword})
	u, err := accounts.AddUser(t.Context(), program.Operator(),
		liveblog.NewUser{Email: email, Name: "A colleague", Role: liveblog.Editor, Password: asTyped + email})
	if err != nil {
		t.Fatal(err)
	}
	return u.Actor()
}

// copiesOf returns how many working copies somebody has.
func (s *site) copiesOf(t *testing.T, by liveblog.Actor) int {
	t.Helper()
	list, err := s.desk.Copies(t.Context(), by, "summit")
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// TestCopiesStayWithTheirOwner logs a colleague in, in the browser in which an editor types. It fails if the colleague
// gets the editor's text, in the browser or on the server, if the text is published in the colleague's name, or if it is
// called kept on the server while the server does not take it. It catches a form that takes the token of whoever is
// logged in, and an outcome of an earlier request that counts as success.
func TestCopiesStayWithTheirOwner(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	const colleague = "colleague@paper.example"
	by := b.addColleague(t, colleague)
	keep := chromedp.KeyEvent("s", chromedp.KeyModifiers(chromedp.ModifierCtrl))
	says := func(text string) {
		t.Helper()
		b.Until(`document.querySelector("[data-progress]").textContent.startsWith("` + text + `")`)
	}
	b.open("/desk/summit")
	b.Do(chromedp.Click("#entry-body"), keep)
	says("There is nothing to keep yet.")
	b.check(t, "localStorage.length", "0")

	other := &tab{Tab: b.Beside(), site: b.site}
	other.ExpectFailedRequests()
	other.open("/desk")
	other.Run(`fetch("/login", { method: "POST", body: new URLSearchParams({ email: "` + colleague + `", password: "` +
		colleague + `" }) }).then((response) => window.in = response.redirected)`)
	other.Until("window.in")
	b.Do(chromedp.SendKeys("#entry-body", "Typed by the editor."), keep)
	says("Kept in this browser.")
	b.Do(keep) // once more
	says("Kept in this browser.")
	b.Do(chromedp.Click("button[value=publish]"))
	b.Until(`document.querySelector(".problem")?.textContent.includes("opened under another login")`)
	if n, copies := b.count(t), b.copiesOf(t, by); n+copies != 0 {
		t.Errorf("there are %d entries, and the colleague has %d working copies", n, copies)
	}
	other.open("/desk/summit")
	other.Until(`document.querySelector("[data-light]").dataset.state === "connected"`)
	if got := other.fields(); got != "|" {
		t.Errorf("the colleague's form has %q", got)
	}
}

// TestTheLastMomentIsKept fails if leaving a page or logging out loses what was typed right before or makes another copy
// of it, or if a text that is put back does not say that its entry has changed meanwhile. It catches pages that do not go
// on as the page that they take over from.
func TestTheLastMomentIsKept(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.add(t, liveblog.EntryInput{Body: "First."})
	b.open("/desk/summit/entries/1")
	b.Do(chromedp.SendKeys("#entry-body", " Longer."), chromedp.KeyEvent("s", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	b.Until(`document.querySelector("[data-progress]").textContent.startsWith("Kept as a working copy.")`)
	b.edit(t, 1, liveblog.EntryPatch{Headline: new("Theirs")})
	b.open("/desk/summit/entries/1")
	b.Until(`document.querySelector("#copied")?.textContent.includes("The entry has changed since")`)
	for range 3 { // what is sent while a page is left has no answer
		b.Do(chromedp.SendKeys("#entry-body", " Longer."))
		b.open("/desk/summit/entries/1")
		b.Until(`document.querySelector("#copied button")`)
	}
	if got := b.fields(); strings.Count(got, " Longer.") != 4 || len(got) != len("|First. Longer. Longer. Longer. Longer.") {
		t.Errorf("the form has %q", got)
	}

	b.open("/desk/summit")
	b.Until(`document.querySelector("[data-light]").dataset.state === "connected"`)
	b.Run(`document.querySelector("#entry-body").value = "The last moment.";
		document.querySelector("#entry-body").dispatchEvent(new InputEvent("input", { bubbles: true }));
		document.querySelector("form.logout").requestSubmit()`)
	b.Until(`location.pathname === "/login"`)
	if n := browser.Get[int](b.Tab, "localStorage.length"); n != 0 {
		t.Errorf("the browser has kept %d things", n)
	}
	if n := b.copiesOf(t, b.by); n != 2 {
		t.Errorf("the editor has %d working copies, want 2", n)
	}
}
