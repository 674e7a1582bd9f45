package script_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"readout/cmd/readout/acceptance/browser"
	"readout/liveblog"
	"readout/views/reader"
	"readout/views/talks"

	"github.com/a-h/templ"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

// choose sets the zone that times are shown in, as a reader does by the control.
func choose(p *browser.Tab, zone string) {
	p.Run(fmt.Sprintf(`const s = document.querySelector('[data-times]'); s.focus(); s.value = %q; s.dispatchEvent(new Event('change', { bubbles: true }))`, zone))
}

// reload loads the page again.
func reload(p *browser.Tab) {
	p.Do(chromedp.Reload())
}

// timesOf are the texts of all times that a selector finds, each in one line.
func timesOf(p *browser.Tab, selector string) []string {
	return browser.Get[[]string](p, fmt.Sprintf(`[...document.querySelectorAll(%q)].map((e) => e.textContent.replace(/\s+/g, ' ').trim())`, selector))
}

// newsroomAt has an entry for each of the times, the first with number 1, in a blog of the zone and language.
func newsroomAt(t *testing.T, zone, language string, times ...time.Time) *newsroom {
	t.Helper()
	room := newNewsroom(t, 0)
	room.blog.TimeZone, room.blog.Language = zone, language
	for i, at := range times {
		room.entries[i+1] = entry(i+1, at)
	}
	return room
}

// turns are moments around midnights and changes of the clocks in the zones below, in each month of a year.
func turns(t *testing.T) (times []time.Time) {
	t.Helper()
	for _, text := range []string{
		"2026-03-08T06:59:00Z", "2026-03-08T07:00:00Z", // New York goes from 01:59 to 03:00
		"2025-10-26T00:30:00Z", "2025-10-26T01:30:00Z", // London has 01:30 twice
		"2025-11-30T18:14:00Z", "2025-11-30T18:15:00Z", // midnight in Kathmandu
		"2025-12-31T23:59:00Z", "2026-01-01T00:00:00Z",
	} {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		times = append(times, at)
	}
	for m := time.January; m <= time.December; m++ {
		times = append(times, time.Date(2025, m, 1, 9, 5, 0, 0, time.UTC))
	}
	return times
}

// The reader's own time, and UTC, are written to the letter as the server writes that zone as the venue's.
func TestTimesAreWrittenAsTheServerDoes(t *testing.T) {
	t.Parallel()
	// In English the server names the venue's place; beside it stands the reader's offset.
	place := regexp.MustCompile(`[A-Z]\w+( \w+)? time`)
	for i, language := range []string{"en", "zh-Hans", "ko", "es", "fr", "ar", "sw"} {
		zones := []string{"America/New_York", "UTC", "Europe/London", "Asia/Kathmandu"}
		if language != "en" && language != "ar" {
			zones = zones[i%len(zones):][:1]
		}
		for _, zone := range zones {
			t.Run(language+" "+zone, func(t *testing.T) {
				room := newsroomAt(t, zone, language, turns(t)...)
				doc := render(t, reader.Blog(reader.BlogPage{Site: site, Page: room.page(0)}))
				var want []string
				for _, s := range doc.Find("article time").EachIter() {
					want = append(want, strings.Join(strings.Fields(s.Text()), " "))
				}
				if len(want) != 20 {
					t.Fatalf("the page has %d times", len(want))
				}
				room.with(func(room *newsroom) { room.blog.TimeZone = "Asia/Seoul" })
				p := open(t, room.URL+"/live/talks", browser.InZone(zone))
				p.Live()
				choice := "own"
				if zone == "UTC" {
					choice = "utc"
				}
				choose(p, choice)
				got := timesOf(p, "article time")
				for i := range want {
					if place.MatchString(want[i]) {
						got[i] = regexp.MustCompile(`UTC([+−][\d:]+)?`).ReplaceAllString(got[i], "")
						want[i] = place.ReplaceAllString(want[i], "")
					}
				}
				if d := cmp.Diff(want, got); d != "" {
					t.Errorf("the server writes and the script writes (-server +script):\n%s", d)
				}
			})
		}
	}
}

func TestChoosingAZone(t *testing.T) {
	t.Parallel()
	room := newsroomAt(t, "Asia/Seoul", "en", turns(t)[:6]...)
	for _, test := range []struct {
		zone string
		want []string // of entries 1 to 6
	}{
		{"America/New_York", []string{"01:59 UTC−5, 8 Mar 2026", "03:00 UTC−4, 8 Mar 2026", "20:30 UTC−4, 25 Oct 2025",
			"21:30 UTC−4, 25 Oct 2025", "13:14 UTC−5, 30 Nov 2025", "13:15 UTC−5, 30 Nov 2025"}},
		{"Europe/London", []string{"06:59 UTC, 8 Mar 2026", "07:00 UTC, 8 Mar 2026", "01:30 UTC+1, 26 Oct 2025",
			"01:30 UTC, 26 Oct 2025", "18:14 UTC, 30 Nov 2025", "18:15 UTC, 30 Nov 2025"}},
		{"Asia/Kathmandu", []string{"12:44 UTC+5:45, 8 Mar 2026", "12:45 UTC+5:45, 8 Mar 2026", "06:15 UTC+5:45, 26 Oct 2025",
			"07:15 UTC+5:45, 26 Oct 2025", "23:59 UTC+5:45, 30 Nov 2025", "00:00 UTC+5:45, 1 Dec 2025"}},
	} {
		t.Run(test.zone, func(t *testing.T) {
			p := open(t, room.URL+"/live/talks", browser.InZone(test.zone))
			p.Live()
			all := func() (list []string) {
				for i := range test.want {
					list = append(list, timesOf(p, fmt.Sprintf("#entry-%d time", i+1))...)
				}
				return list
			}
			venue := []string{"15:59 Seoul time, 8 Mar 2026", "16:00 Seoul time, 8 Mar 2026", "09:30 Seoul time, 26 Oct 2025",
				"10:30 Seoul time, 26 Oct 2025", "03:14 Seoul time, 1 Dec 2025", "03:15 Seoul time, 1 Dec 2025"}
			if d := cmp.Diff(venue, all()); d != "" {
				t.Errorf("the page begins with (-want +got):\n%s", d)
			}
			if !browser.Get[bool](p, `[...document.querySelectorAll('article .local')].length === 6`) {
				t.Error("the reader's own time does not stand beside the venue's")
			}
			choose(p, "own")
			if d := cmp.Diff(test.want, all()); d != "" {
				t.Errorf("in the reader's zone stand (-want +got):\n%s", d)
			}
			if browser.Get[bool](p, `[...document.querySelectorAll('.local')].some((e) => e.checkVisibility())`) {
				t.Error("the reader's own time is told twice")
			}
			choose(p, "utc")
			if got := all()[0]; got != "06:59 UTC, 8 Mar 2026" {
				t.Errorf("in UTC stands %q", got)
			}
			choose(p, "venue")
			if d := cmp.Diff(venue, all()); d != "" {
				t.Errorf("back at the venue stand (-want +got):\n%s", d)
			}
			if !browser.Get[bool](p, `[...document.querySelectorAll('article .local')].every((e) => e.checkVisibility())`) {
				t.Error("the reader's own time does not come back beside the venue's")
			}
		})
	}
}

// What comes live, what is loaded below, and what is replaced as a whole stands in the zone that was chosen.
func TestWhatComesLaterIsInTheChosenZone(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 30)
	room.edit(12, func(e *liveblog.Entry) { e.KeyEvent = true })
	p := open(t, room.URL+"/live/talks", browser.InZone("Europe/London"))
	p.Live()
	choose(p, "utc")
	room.publish(1)
	room.edit(28, func(e *liveblog.Entry) { e.KeyEvent = true })
	room.setBlog(func(b *liveblog.Blog) { b.Standfirst = "Another one." })
	p.Until(`document.querySelectorAll('.key-events li').length === 2 && document.querySelector('#entry-31')`)
	p.Run(`document.querySelector('a[data-older]').click()`)
	p.Until(`document.querySelector('#entry-1')`)
	if got := timesOf(p, "main time:not([data-shown=utc])"); len(got) != 0 {
		t.Errorf("other zones have %q", got)
	}
	for _, text := range timesOf(p, "main time") {
		if !strings.Contains(text, " UTC,") {
			t.Errorf("a time reads %q", text)
		}
	}
	choose(p, "venue")
	if got := timesOf(p, "main article time"); len(got) != 31+2 { // two say when they were edited
		t.Errorf("the page has %d times", len(got))
	}
	for _, text := range timesOf(p, "main time") {
		if !strings.Contains(text, " Seoul time") {
			t.Errorf("back at the venue a time reads %q", text)
		}
	}
}

// Copies of what came, such as a claim that several entries cite, go back to what the server wrote.
func TestCopiesGoBackToTheVenue(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 3)
	p := open(t, room.URL+"/live/talks", browser.InZone("America/New_York"))
	p.Live()
	p.Run(`for (const n of [1, 2]) document.querySelector('#entry-' + n + ' .prose').insertAdjacentHTML('beforeend', '<span data-claim="soybeans"></span>')`)
	choose(p, "own")
	room.change(func() {
		room.record(map[string]any{"talks": []string{}, "claims": []map[string]string{{"claim": "soybeans",
			"html": `<time datetime="2025-10-30T00:30:00+09:00"><span class="clock">00:30</span> <span class="zone">Seoul time<span class="comma">,</span></span> <span class="day">30 Oct 2025</span></time>`}}})
	})
	reads := func(want string) {
		t.Helper()
		p.Until(fmt.Sprintf(`[...document.querySelectorAll('[data-claim] time')].map((e) => e.textContent.replace(/\s+/g, ' ').trim()).join('; ') === %q`, want+"; "+want))
	}
	reads("11:30 UTC−4, 29 Oct 2025")
	choose(p, "utc")
	reads("15:30 UTC, 29 Oct 2025")
	choose(p, "venue")
	reads("00:30 Seoul time, 30 Oct 2025")
}

// Every page with times has the control, and with it all that stands in the page is rewritten and labelled, and comes back.
func TestEveryPageHasTheControl(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 3)
	stand := talksPage("board")
	stand.Blog = room.blog
	earlier := stand
	earlier.At = time.Date(2025, 10, 30, 6, 0, 0, 0, time.UTC)
	query, err := liveblog.ParseSearch("talks")
	if err != nil {
		t.Fatal(err)
	}
	whole := richPage()
	whole.Head.Blog.Cursor = room.blog.Cursor // an older one would load the page again
	room.beside = map[string]templ.Component{
		"/live/talks/board":         talks.Board(stand),
		"/live/talks/agenda":        talks.Agenda(stand),
		"/live/talks/claims":        talks.Claims(stand),
		"/live/talks/positions":     talks.Positions(stand),
		"/live/talks/board/tariffs": talks.Track(stand, "tariffs"),
		"/live/talks/whole":         reader.Blog(reader.BlogPage{Site: site, Page: whole}),
		"/live/talks/earlier":       talks.Board(earlier),
		"/live/talks/search":        reader.Search(reader.SearchPage{Site: site, Query: query, Found: liveblog.Found{Blog: room.blog, Entries: whole.Entries}}),
		"/live/talks/corrections":   reader.Corrections(reader.CorrectionsPage{Site: site, Log: liveblog.Corrections{Blog: room.blog, Lines: []liveblog.Entry{correctedEntry()}}}),
	}
	for _, path := range []string{"/live/talks", "/live/talks?before=3", "/live/talks/2", "/embed/talks", "/live/talks/whole", "/live/talks/board",
		"/live/talks/agenda", "/live/talks/claims", "/live/talks/positions", "/live/talks/board/tariffs", "/live/talks/earlier",
		"/live/talks/search", "/live/talks/corrections"} {
		t.Run(path, func(t *testing.T) {
			p := open(t, room.URL+path, browser.InZone("America/New_York"))
			p.Until(`document.querySelector('[data-settings][data-on] [data-times]')?.checkVisibility({ visibilityProperty: true })`)
			before := timesOf(p, "main time[datetime]")
			choose(p, "utc")
			after := timesOf(p, "main time[datetime]:not(.capitals time)")
			if len(after) == 0 {
				t.Fatal("the page has no times")
			}
			for _, text := range after {
				if !regexp.MustCompile(`^\d\d:\d\d UTC,? \d+ [A-Z][a-z]+ \d{4}$`).MatchString(text) {
					t.Errorf("a time reads %q", text)
				}
			}
			// No other label of the venue's zone is in sight.
			if got := browser.Get[string](p, `[...document.querySelectorAll('main .zone-note, main .zone')].filter((e) => e.checkVisibility() && /Seoul/.test(e.textContent)).map((e) => e.outerHTML).join()`); got != "" {
				t.Errorf("beside times in UTC stands %s", got)
			}
			choose(p, "venue")
			if d := cmp.Diff(before, timesOf(p, "main time[datetime]")); d != "" {
				t.Errorf("back at the venue (-before +after):\n%s", d)
			}
		})
	}
}

// The line of a chart begins above the moment that it begins with, in both directions of writing.
func TestAChartRunsTheWayOfTheWriting(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"en", "ar"} {
		room := newNewsroom(t, 1)
		room.blog.Language = language
		stand := talksPage("board")
		stand.Blog = room.blog
		room.beside = map[string]templ.Component{"/live/talks/board/tariffs": talks.Track(stand, "tariffs")}
		p := open(t, room.URL+"/live/talks/board/tariffs")
		if got := browser.Get[string](p, `(() => {
			const chart = document.querySelector('.chart')
			const x = (at) => new DOMPoint(at, 0).matrixTransform(chart.querySelector('svg').getScreenCTM()).x
			const [begin, end] = [...chart.querySelectorAll('figcaption time')].map((e) => e.getBoundingClientRect().left)
			return end === undefined ? 'one moment' : String(Math.sign(x(1000) - x(0)) === Math.sign(end - begin))
		})()`); got != "true" {
			t.Errorf("in %s the line runs the way of its moments: %s", language, got)
		}
	}
}

// everKept is all that the page has stored.
const everKept = `document.cookie.length + localStorage.length + sessionStorage.length`

func TestTheZoneIsRememberedOnceChosen(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 3)
	p := open(t, room.URL+"/live/talks", browser.InZone("Europe/London"))
	p.Live()
	p.Run(`dispatchEvent(new Event('pagehide')); document.dispatchEvent(new Event('visibilitychange'))`)
	if n := browser.Get[int](p, everKept); n != 0 {
		t.Error("the page stores something before the reader has chosen anything")
	}
	choose(p, "own")
	if got := browser.Get[string](p, `JSON.stringify(localStorage)`); got != `{"readout.times":"own"}` {
		t.Errorf("the page keeps %s", got)
	}
	reload(p)
	p.Until(`document.querySelector('[data-settings][data-on] [data-times]')?.value === 'own'`)
	for _, text := range timesOf(p, "article time") {
		if strings.Contains(text, "Seoul") {
			t.Errorf("after a reload a time reads %q", text)
		}
	}
	p.Live()
	choose(p, "venue")
	if n := browser.Get[int](p, everKept); n != 0 {
		t.Error("the venue's zone, which nobody needs to choose, is kept")
	}
	// Whatever else stands there is no choice.
	p.Run(`localStorage.setItem('readout.times', 'toString')`)
	reload(p)
	p.Until(`document.querySelector('[data-settings][data-on] [data-times]')?.value === 'venue'`)
	p.Live()
}

// A browser that keeps nothing is no hindrance.
func TestReadingWithoutStorage(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 3)
	p := open(t, room.URL+"/live/talks", browser.InZone("Europe/London"), browser.Ahead(`for (const name of ['localStorage', 'sessionStorage']) {
		Object.defineProperty(window, name, { get() { throw new DOMException('no', 'SecurityError') } })
	}`))
	p.Live()
	choose(p, "utc")
	for _, text := range timesOf(p, "article time") {
		if !strings.Contains(text, "UTC") {
			t.Errorf("a time reads %q", text)
		}
	}
	p.Run(`document.querySelector('[data-keep]').click(); dispatchEvent(new Event('pagehide')); document.querySelector('[data-keep]').click()`)
	p.Run(`dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))`)
	room.publish(1)
	p.Until(`document.querySelector('#entry-4')`)
	p.Run(`document.querySelector('[data-times]').value = 'own'; document.querySelector('[data-times]').dispatchEvent(new Event('change'))`)
}

// Whoever comes back, from another tab, from a page in the browser's cache or after a night, finds the ages as they are now.
func TestAgesAreThoseOfNow(t *testing.T) {
	t.Parallel()
	for _, event := range []string{
		`document.dispatchEvent(new Event('visibilitychange'))`,
		`dispatchEvent(new PageTransitionEvent('pageshow', { persisted: false }))`,
	} {
		room := newNewsroom(t, 1)
		room.entries[2] = entry(2, time.Now().UTC().Add(-70*time.Second))
		p := open(t, room.URL+"/live/talks", browser.Ahead(`window.jump = 0; const now = Date.now; Date.now = () => now() + window.jump`))
		p.Live()
		for _, step := range []struct {
			by   time.Duration
			want string
		}{{0, "1 min ago"}, {3 * time.Hour, "3 hr ago"}, {26 * time.Hour, "1 day ago"}, {-time.Hour, "now"}, {9 * 24 * time.Hour, ""}} {
			p.Run(fmt.Sprintf(`window.jump = %d; %s`, step.by.Milliseconds(), event))
			if got := text(p, "#entry-2 .ago"); got != step.want {
				t.Errorf("%s after %v: an entry reads %q, want %q", event, step.by, got, step.want)
			}
		}
	}
}
