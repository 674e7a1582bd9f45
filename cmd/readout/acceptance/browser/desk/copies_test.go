package desk_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"readout/cmd/readout/acceptance/browser"
	"readout/cmd/readout/acceptance/program"
	"readout/liveblog"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

var (
	momentsFlag = flag.Int("moments", 0, "at how many moments something happens to somebody who types; 0: three, within 2 s")
	seedFlag    = flag.Uint64("seed", 0, "the seed of the moments; 0: one that depends on the date")
)

// typeOn types the time into the text, in milliseconds, without pause.
const typeOn = `const field = document.querySelector("#entry-body");
	setInterval(() => {
		field.value += " " + Date.now();
		field.dispatchEvent(new InputEvent("input", { bubbles: true }));
	}, 30)`

// pause waits in the page.
func (b *tab) pause(d time.Duration) {
	browser.Get[bool](b.Tab, fmt.Sprintf("new Promise((done) => setTimeout(done, %d, true))", d.Milliseconds()))
}

// lastTyped returns when the last word of the text was typed.
func lastTyped(t *testing.T, b *browser.Tab) time.Time {
	t.Helper()
	b.Until(`document.querySelector("#entry-body")?.value`)
	words := strings.Fields(browser.Get[string](b, `document.querySelector("#entry-body").value`))
	at, err := strconv.ParseInt(words[len(words)-1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return time.UnixMilli(at)
}

// TestTextSurvivesAnything interrupts somebody who types, at random moments: the tab crashes, the page is loaded again,
// the network fails, the session ends. It fails if the same browser has less of the text afterwards than what was typed
// until a second before, or another device less than what was typed until five seconds before.
func TestTextSurvivesAnything(t *testing.T) {
	t.Parallel()
	kinds := []string{"crashed tab", "dead network", "ended session", "loaded again"}
	moments, longest := 3, 2*time.Second
	if *momentsFlag > 0 {
		moments, longest = *momentsFlag, 7*time.Second
	}
	first := program.Seed(*seedFlag)
	for i := range moments {
		seed := first + uint64(i)
		t.Run(fmt.Sprintf("%s, seed %d", kinds[i%len(kinds)], seed), func(t *testing.T) {
			t.Parallel()
			defer program.Replay(t, "browser/desk", t.Name(), "-moments 4 -seed", seed)
			interrupt(t, kinds[i%len(kinds)], time.Duration(rand.New(rand.NewPCG(seed, 1)).Int64N(int64(longest))))
		})
	}
}

func interrupt(t *testing.T, kind string, after time.Duration) {
	const more = 1500 * time.Millisecond // somebody types on for so long without noticing
	b := newTab(t)
	b.open("/desk/summit")
	b.Run(typeOn)
	b.pause(300*time.Millisecond + after)
	there := time.Now() // what the server can have
	again := b.Tab
	switch kind {
	case "crashed tab":
		b.Expect("") // the tab cannot be asked any more
		ctx, cancel := context.WithTimeout(b.Ctx, time.Second)
		_, _ = chromedp.Call(ctx, page.Crash, cdp.Empty{}) // never answers
		cancel()
		again = b.Beside()
		again.GoTo(b.base + "/desk/summit")
	case "dead network":
		b.network.setCut(true)
		b.pause(more)
		b.network.setCut(false)
	case "ended session":
		b.advance(liveblog.SessionLifetime)
		b.pause(more)
	}
	here := there
	if kind != "crashed tab" {
		here = time.Now()
		b.open("/desk/summit")
	}
	if kind == "ended session" {
		b.Do(logIn()...)
		b.Until(`location.pathname === "/desk/summit" && document.readyState === "complete"`)
	}
	if lost := here.Sub(lastTyped(t, again)); lost > time.Second {
		t.Errorf("after %v: the same browser has lost what was typed in the last %v", after, lost)
	}
	phone := &tab{Tab: browser.Blank(t), site: b.site}
	phone.open("/login")
	phone.Do(logIn()...)
	phone.Until(`location.pathname === "/desk" && document.readyState === "complete"`)
	if after+300*time.Millisecond < 5*time.Second && phone.eval(`document.querySelectorAll("#copies li").length`) == "0" {
		return // nothing had to be there yet
	}
	phone.Do(chromedp.Click("#copies li a"))
	phone.Until(`location.search.startsWith("?copy=") && document.readyState === "complete"`)
	if lost := there.Sub(lastTyped(t, phone.Tab)); lost > 5*time.Second {
		t.Errorf("after %v: the server lacks what was typed in the last %v", after, lost)
	}
}

// TestTwoTabsKeepTwoCopies fails if two tabs overwrite each other's text, if a copy is offered in the tab that has it
// open or after it was published, discarded or emptied, or if a copy stays in the browser after it was published.
func TestTwoTabsKeepTwoCopies(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.add(t, liveblog.EntryInput{Body: "First."})
	keep := chromedp.KeyEvent("s", chromedp.KeyModifiers(chromedp.ModifierCtrl))
	const kept = `document.querySelector("[data-progress]").textContent.startsWith("Kept as a working copy.")`
	b.open("/desk/summit")
	b.Do(chromedp.SendKeys("#entry-body", "In one tab."), keep)
	b.Until(kept)
	other := &tab{Tab: b.Beside(), site: b.site}
	other.open("/desk/summit")
	other.check(t, `document.querySelectorAll("#copies li").length`, "1")
	other.Do(chromedp.SendKeys("#entry-body", "In another."), keep)
	other.Until(kept)
	for _, tab := range []*tab{b, other} {
		before := tab.fields()
		tab.open("/desk") // also on another page of the desk meanwhile
		tab.Until(`document.querySelectorAll("#copies li").length === 2`)
		tab.open("/desk/summit")
		tab.Until(`document.querySelector("#copied button")`)
		if got := tab.fields(); got != before {
			t.Errorf("a tab with %q has %q when it is loaded again", before, got)
		}
		tab.check(t, `[...document.querySelectorAll("#copies li")].filter((li) => !li.hidden).length`, "1")
	}
	b.Do(chromedp.Click("button[value=publish]"))
	b.Until(`document.querySelector("#notice").textContent.includes("Entry 2 is published.")`)
	b.check(t, `document.querySelectorAll("#copies li").length`, "1")
	b.check(t, `Object.keys(localStorage).length`, "1")
	other.Do(chromedp.Click("#copied button"))
	other.Until(`Object.keys(localStorage).length === 0`)
	if got := other.fields(); got != "|" {
		t.Errorf("after discarding it the form has %q", got)
	}
	copies := func() []liveblog.WorkingCopy {
		list, err := b.desk.Copies(t.Context(), b.by, "summit")
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	program.Await(t, "the discarded copy goes", func() bool { return len(copies()) == 0 })

	// An edit of a published entry changes nothing that readers see until it is published.
	b.open("/desk/summit/entries/1")
	b.Do(chromedp.SendKeys("#entry-body", " Longer."), keep)
	b.Until(kept)
	if e := b.entry(t, 1); e.Revision != 1 {
		t.Errorf("Ctrl+S has published %+v", e)
	}
	b.open("/desk/summit/entries/1")
	b.Until(`document.querySelector("#copied button")`)
	b.Do(chromedp.Click("button[value=publish]"))
	b.Until(`location.pathname === "/desk/summit" && document.readyState === "complete"`)
	if e := b.entry(t, 1); e.Revision != 2 || !strings.Contains(e.Body, "Longer.") {
		t.Errorf("the entry is %+v", e)
	}
	b.check(t, `document.querySelectorAll("#copies li").length + Object.keys(localStorage).length`, "0")
	b.Do(chromedp.SendKeys("#entry-body", "x"), keep)
	b.Until(kept)
	b.Do(chromedp.SendKeys("#entry-body", "\b"))
	b.Until(`Object.keys(localStorage).length === 0`)
	program.Await(t, "the copy of an emptied form goes", func() bool { return len(copies()) == 0 })
}

// TestQueuedPublication publishes without a network, and loads the page again before there is one. It fails if the entry
// is not published once, if it is after it was called off, or if the form can be changed meanwhile.
func TestQueuedPublication(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.open("/desk/summit")
	b.Do(chromedp.SendKeys("#entry-body", "Queued."))
	b.Until(`Object.keys(localStorage).length === 1`)
	b.network.setCut(true)
	b.publish()
	b.Until(`document.querySelector(".failure button")`)
	b.Do(chromedp.SendKeys("#entry-body", "x"))
	if got := b.fields(); got != "|Queued." {
		t.Errorf("the form has %q", got)
	}
	b.network.setCut(false)
	b.open("/desk/summit") // before or after it was sent by itself
	b.Until(`document.querySelector("#entries")?.textContent.includes("Queued.")`)
	b.Until(`Object.keys(localStorage).length === 0`)
	b.Do(chromedp.SendKeys("#entry-body", "Called off."))
	b.network.setCut(true)
	b.publish()
	b.Until(`document.querySelector(".failure button")`)
	b.Do(chromedp.Click(".failure button"))
	b.network.setCut(false)
	b.Until(`document.querySelector("[data-light]").dataset.state === "connected"`)
	b.Do(chromedp.KeyEvent("s", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	b.Until(`document.querySelector("[data-progress]").textContent.startsWith("Kept as a working copy.")`)
	if n := b.count(t); n != 1 {
		t.Errorf("there are %d entries, want 1", n)
	}
}

// TestTheLight fails if the desk does not say within ten seconds that the server is away, that it is back, or that the
// session has ended, while nothing is sent.
func TestTheLight(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.open("/desk/summit")
	says := func(state, text string) {
		t.Helper()
		began := time.Now()
		b.Until(`document.querySelector("[data-light]").dataset.state === "` + state + `"`)
		b.Until(`document.querySelector("[data-light] [aria-hidden]").textContent.startsWith("` + text + `")`)
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("the light says %q after %v", state, took)
		}
	}
	says("connected", "Connected")
	b.network.setCut(true)
	says("away", "No connection for")
	b.network.setCut(false)
	says("connected", "Connected")
	b.advance(liveblog.SessionLifetime)
	says("out", "Logged out")
}
