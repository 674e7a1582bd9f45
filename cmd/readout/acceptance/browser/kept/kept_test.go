// Package kept_test takes away the server, the network and the session of an editor who is typing.
package kept_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"readout/cmd/readout/acceptance/browser"
	"readout/cmd/readout/acceptance/program"

	"github.com/chromedp/chromedp"
)

var binaries program.Binaries

// run is the run of a package's tests.
type run func() int

func (r run) Run() int { return r() }

func TestMain(m *testing.M) {
	flag.Parse()
	_ = flag.Set("test.parallel", "3") // editors leave a machine idle most of the time
	os.Exit(binaries.Around(run(func() int { return browser.Main(m) })))
}

// The default run has one moment, a soak many of each kind.
var (
	momentsFlag = flag.Int("moments", 0, "how many editors are interrupted; 0: one, within 2 s after they begin to type")
	seedFlag    = flag.Uint64("seed", 0, "the seed of the first moment; 0: one that depends on the date")
)

// fromServer is the oldest that the server's text may be when something happens to an editor.
const fromServer = 5 * time.Second

// TestTypedTextArrives interrupts editors at random moments while they type. It fails if the server has a text that was
// more than 5 s old at that moment; if the page loses any of the text; or if what was typed without a server, a network
// or a session does not reach the server by itself when there is one again. It catches an autosave that gives up after a
// failure, and one that goes on with the token of a session that has ended.
func TestTypedTextArrives(t *testing.T) {
	t.Parallel()
	moments, longest := 1, 2*time.Second
	if *momentsFlag > 0 {
		moments, longest = *momentsFlag, 10*time.Second
	}
	kinds := []struct {
		name      string
		interrupt func(*typist)
	}{
		{"killed server", (*typist).withoutServer},
		{"dead network", (*typist).withoutNetwork},
		{"ended session", (*typist).withoutSession},
	}
	first := program.Seed(*seedFlag)
	for i := range moments {
		kind, seed := kinds[i%len(kinds)], first+uint64(i)
		t.Run(fmt.Sprintf("%s, seed %d", kind.name, seed), func(t *testing.T) {
			t.Parallel()
			defer program.Replay(t, "browser/kept", "TestTypedTextArrives",
				fmt.Sprintf("-moments %d -seed", max(moments, *momentsFlag)), first)
			n := newNewsroom(t)
			p := &typist{newsroom: n, tab: browser.Blank(t), random: rand.New(rand.NewPCG(seed, 0))}
			n.logIn(p.tab)
			p.tab.Do(chromedp.Click("#entry-body"))
			p.typeFor(time.Duration(p.random.Int64N(int64(longest))))
			kind.interrupt(p)
		})
	}
}

// typist is an editor who types.
type typist struct {
	*newsroom
	tab    *browser.Tab
	random *rand.Rand
	text   string
	at     []time.Time // when each byte of the text had been typed
}

// typeFor types words for some time, at least one.
func (p *typist) typeFor(d time.Duration) {
	p.t.Helper()
	for end := time.Now().Add(d); ; {
		word := fmt.Sprintf("w%d ", p.random.IntN(1000))
		p.tab.Do(chromedp.KeyEvent(word))
		p.text += word
		for range word {
			p.at = append(p.at, time.Now())
		}
		if time.Now().After(end) {
			return
		}
		program.Pause(p.t.Context(), time.Duration(p.random.Int64N(int64(300*time.Millisecond))))
	}
}

// check fails if a text is not the beginning of what was typed, or if it was too old at a moment.
func (p *typist) check(where, text string, moment time.Time, limit time.Duration) {
	p.t.Helper()
	if !strings.HasPrefix(p.text, text) {
		p.t.Fatalf("%s has %q, of %q", where, text, p.text)
	}
	if len(text) < len(p.text) {
		if old := moment.Sub(p.at[len(text)]); old > limit {
			p.t.Errorf("%s has %q, of %q, of which the rest had been typed %v before", where, text, p.text, old)
		}
	}
}

// body returns the text in a tab's composer.
func body(tab *browser.Tab) string {
	return browser.Get[string](tab, `document.querySelector("#entry-body").value`)
}

// arrives waits until the server has all that was typed.
func (p *typist) arrives() {
	p.t.Helper()
	program.Await(p.t, "the server has what was typed", func() bool {
		return p.kept() == strings.TrimSpace(p.text) ||
			p.kept() == p.text
	})
}

// light waits until the light shows a state, and fails if that takes more than 10 s.
func (p *typist) light(state string) {
	p.t.Helper()
	const limit = 10 * time.Second
	begin := time.Now()
	p.tab.Until(fmt.Sprintf(`document.querySelector("[data-light]").dataset.state === %q`, state))
	if took := time.Since(begin); took > limit {
		p.t.Errorf("the light shows %q after %v", state, took)
	}
}

// typeInVain types until the page has tried to send it to the server.
func (p *typist) typeInVain() {
	p.t.Helper()
	sent := func() (n int) {
		for _, address := range p.tab.Requests() {
			if strings.HasSuffix(address, "/desk/summit/copies") {
				n++
			}
		}
		return n
	}
	before := sent()
	p.typeFor(time.Second)
	program.Await(p.t, "the page tries to send the text", func() bool { return sent() > before })
}

func (p *typist) withoutServer() {
	moment := time.Now()
	p.kill()
	p.check("the server", p.kept(), moment, fromServer)
	p.typeInVain()
	p.light("away")
	if got := body(p.tab); got != p.text {
		p.t.Errorf("the page has %q, want %q", got, p.text)
	}
	p.startAgain()
	p.arrives()
	p.open(p.tab) // loads the page again
	p.check("the page that was loaded again", body(p.tab), time.Now(), 0)
}

func (p *typist) withoutNetwork() {
	moment := time.Now()
	p.check("the server", p.kept(), moment, fromServer)
	p.process.Signal(p.t, syscall.SIGSTOP) // nothing is refused, and nothing answers
	if *momentsFlag == 0 {
		p.tab.Offline(true) // a hint with which the page finds out sooner
	}
	p.typeInVain()
	p.light("away")
	p.process.Signal(p.t, syscall.SIGCONT)
	p.tab.Offline(false)
	p.light("connected")
	p.arrives()
}

func (p *typist) withoutSession() {
	moment := time.Now()
	p.endSessions()
	p.check("the server", p.kept(), moment, fromServer)
	p.typeInVain()
	p.light("out")
	p.logIn(p.tab.Beside())
	p.light("connected")
	p.arrives()
}
