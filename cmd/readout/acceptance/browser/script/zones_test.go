package script_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
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

// choose sets the time zone in which the page shows times, as readers do with the control.
func choose(p *browser.Tab, zone string) {
	p.Run(fmt.Sprintf(`const s = document.querySelector('[data-times]')
		s.focus()
		s.value = %q
		s.dispatchEvent(new Event('change', { bubbles: true }))`, zone))
}

// reload loads the page again.
func reload(p *browser.Tab) {
	p.Do(chromedp.Reload())
}

// timesOf returns the texts of the elements that a selector matches.
func timesOf(p *browser.Tab, selector string) []string {
	return browser.Get[[]string](p, fmt.Sprintf(
		`[...document.querySelectorAll(%q)].map((e) => e.textContent.replace(/\s+/g, ' ').trim())`, selector))
}

// newsroomAt starts a newsroom with an entry for each of the times, in a blog with the time zone and the language.
func newsroomAt(t *testing.T, zone, language string, times ...time.Time) *newsroom {
	t.Helper()
	room := newNewsroom(t, 0)
	room.blog.TimeZone, room.blog.Language = zone, language
	for i, at := range times {
		room.entries[i+1] = entry(i+1, at)
	}
	return room
}

// edgeTimes returns times around midnight, around the changes to and from summer time, and in each month of a year.
func edgeTimes(t *testing.T) (times []time.Time) {
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

// TestTimesAreFormattedAsOnTheServer compares the script's formatting of times in the reader's zone, and in UTC, with
// the server's formatting for a venue in that zone.
func TestTimesAreFormattedAsOnTheServer(t *testing.T) {
	t.Parallel()
	// In some languages the server writes the name of the venue's city, and the script the offset.
	city := regexp.MustCompile(`[A-Z]\w+( \w+)? time`)
	// Beside the city the server writes the offset as well if the clock shows the time twice.
	twice := regexp.MustCompile(`\((UTC(?:[+−][\d:]+)?)\) [A-Z]\w+( \w+)? time`)
	for i, language := range []string{"en", "zh-Hans", "ko", "es", "fr", "ar", "sw"} {
		zones := []string{"America/New_York", "UTC", "Europe/London", "Asia/Kathmandu"}
		if language != "en" && language != "ar" {
			zones = zones[i%len(zones):][:1]
		}
		for _, zone := range zones {
			t.Run(language+" "+zone, func(t *testing.T) {
				room := newsroomAt(t, zone, language, edgeTimes(t)...)
				doc := render(t, reader.Blog(reader.BlogPage{Site: site, Page: room.page(0)}))
				var want []string
				for _, s := range doc.Find("article time").EachIter() {
					want = append(want, strings.Join(strings.Fields(s.Text()), " "))
				}
				if len(want) != 20 {
					t.Fatalf("the page has %d times, want 20", len(want))
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
					want[i] = twice.ReplaceAllString(want[i], "$1")
					if city.MatchString(want[i]) {
						got[i] = regexp.MustCompile(`UTC([+−][\d:]+)?`).ReplaceAllString(got[i], "")
						want[i] = city.ReplaceAllString(want[i], "")
					}
				}
				if d := cmp.Diff(want, got); d != "" {
					t.Errorf("the times differ (-server +script):\n%s", d)
				}
			})
		}
	}
}

func TestChoosingAZone(t *testing.T) {
	t.Parallel()
	room := newsroomAt(t, "Asia/Seoul", "en", edgeTimes(t)[:6]...)
	for _, test := range []struct {
		zone string
		want []string // of entries 1 to 6
	}{
		{"America/New_York", []string{
			"01:59 UTC−5, 8 Mar 2026", "03:00 UTC−4, 8 Mar 2026", "20:30 UTC−4, 25 Oct 2025",
			"21:30 UTC−4, 25 Oct 2025", "13:14 UTC−5, 30 Nov 2025", "13:15 UTC−5, 30 Nov 2025",
		}},
		{"Europe/London", []string{
			"06:59 UTC, 8 Mar 2026", "07:00 UTC, 8 Mar 2026", "01:30 UTC+1, 26 Oct 2025",
			"01:30 UTC, 26 Oct 2025", "18:14 UTC, 30 Nov 2025", "18:15 UTC, 30 Nov 2025",
		}},
		{"Asia/Kathmandu", []string{
			"12:44 UTC+5:45, 8 Mar 2026", "12:45 UTC+5:45, 8 Mar 2026", "06:15 UTC+5:45, 26 Oct 2025",
			"07:15 UTC+5:45, 26 Oct 2025", "23:59 UTC+5:45, 30 Nov 2025", "00:00 UTC+5:45, 1 Dec 2025",
		}},
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
			venue := []string{
				"15:59 Seoul time, 8 Mar 2026", "16:00 Seoul time, 8 Mar 2026", "09:30 Seoul time, 26 Oct 2025",
				"10:30 Seoul time, 26 Oct 2025", "03:14 Seoul time, 1 Dec 2025", "03:15 Seoul time, 1 Dec 2025",
			}
			if d := cmp.Diff(venue, all()); d != "" {
				t.Errorf("at first the times are (-want +got):\n%s", d)
			}
			if browser.Get[int](p, `document.querySelectorAll('article .local').length`) != 6 {
				t.Error("the reader's own time is not shown beside the venue's")
			}
			choose(p, "own")
			if d := cmp.Diff(test.want, all()); d != "" {
				t.Errorf("in the reader's zone the times are (-want +got):\n%s", d)
			}
			if browser.Get[bool](p, `[...document.querySelectorAll('.local')].some((e) => e.checkVisibility())`) {
				t.Error("the reader's own time is shown twice")
			}
			choose(p, "utc")
			if got := all()[0]; got != "06:59 UTC, 8 Mar 2026" {
				t.Errorf("in UTC the first time is %q", got)
			}
			choose(p, "venue")
			if d := cmp.Diff(venue, all()); d != "" {
				t.Errorf("in the venue's zone again the times are (-want +got):\n%s", d)
			}
			if !browser.Get[bool](p, `[...document.querySelectorAll('article .local')]
				.every((e) => e.checkVisibility())`) {
				t.Error("the reader's own time is not shown beside the venue's again")
			}
		})
	}
}

// TestLaterContentIsInTheChosenZone checks the times in entries that arrive live or are loaded below, and in a
// new head.
func TestLaterContentIsInTheChosenZone(t *testing.T) {
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
		t.Errorf("the times %q are not in UTC", got)
	}
	for _, text := range timesOf(p, "main time") {
		if !strings.Contains(text, " UTC,") {
			t.Errorf("a time reads %q", text)
		}
	}
	choose(p, "venue")
	if got := timesOf(p, "main article time"); len(got) != 31+2 { // two entries also show when they were edited
		t.Errorf("the page has %d times, want 33", len(got))
	}
	for _, text := range timesOf(p, "main time") {
		if !strings.Contains(text, " Seoul time") {
			t.Errorf("in the venue's zone again a time reads %q", text)
		}
	}
}

// TestCopiesFollowTheZone checks times in HTML of which the page has several copies: a claim that two entries cite.
func TestCopiesFollowTheZone(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 3)
	p := open(t, room.URL+"/live/talks", browser.InZone("America/New_York"))
	p.Live()
	p.Run(`for (const n of [1, 2]) {
		document.querySelector('#entry-' + n + ' .prose')
			.insertAdjacentHTML('beforeend', '<span data-claim="soybeans"></span>')
	}`)
	choose(p, "own")
	const html = `<time datetime="2025-10-30T00:30:00+09:00"><span class="clock">00:30</span> ` +
		`<span class="zone">Seoul time<span class="comma">,</span></span> <span class="day">30 Oct 2025</span></time>`
	room.change(func() {
		claim := map[string]string{"claim": "soybeans", "html": html}
		room.record(map[string]any{"talks": []string{}, "claims": []map[string]string{claim}})
	})
	reads := func(want string) {
		t.Helper()
		p.Until(fmt.Sprintf(`[...document.querySelectorAll('[data-claim] time')]
			.map((e) => e.textContent.replace(/\s+/g, ' ').trim()).join('; ') === %q`, want+"; "+want))
	}
	reads("11:30 UTC−4, 29 Oct 2025")
	choose(p, "utc")
	reads("15:30 UTC, 29 Oct 2025")
	choose(p, "venue")
	reads("00:30 Seoul time, 30 Oct 2025")
}

// TestEveryPageHasTheControl checks that every page with times has the control for their zone, that UTC changes and
// labels all of them, and that the venue's zone restores them.
func TestEveryPageHasTheControl(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 3)
	now := talksPage("board")
	now.Blog = room.blog
	earlier := now
	earlier.At = time.Date(2025, 10, 30, 6, 0, 0, 0, time.UTC)
	query, err := liveblog.ParseSearch("talks")
	if err != nil {
		t.Fatal(err)
	}
	rich := richPage()
	rich.Head.Blog.Cursor = room.blog.Cursor // with another cursor the page would reload
	found := liveblog.Found{Blog: room.blog, Entries: rich.Entries}
	corrections := liveblog.Corrections{Blog: room.blog, Lines: []liveblog.Entry{correctedEntry()}}
	room.pages = map[string]templ.Component{
		"/live/talks/board":         talks.Board(now),
		"/live/talks/agenda":        talks.Agenda(now),
		"/live/talks/claims":        talks.Claims(now),
		"/live/talks/positions":     talks.Positions(now),
		"/live/talks/board/tariffs": talks.Track(now, "tariffs"),
		"/live/talks/rich":          reader.Blog(reader.BlogPage{Site: site, Page: rich}),
		"/live/talks/earlier":       talks.Board(earlier),
		"/live/talks/search":        reader.Search(reader.SearchPage{Site: site, Query: query, Found: found}),
		"/live/talks/corrections":   reader.Corrections(reader.CorrectionsPage{Site: site, Log: corrections}),
	}
	paths := slices.Sorted(maps.Keys(room.pages))
	paths = append(paths, "/live/talks", "/live/talks?before=3", "/live/talks/2", "/embed/talks")
	for _, path := range paths {
		t.Run(path, func(t *testing.T) {
			p := open(t, room.URL+path, browser.InZone("America/New_York"))
			p.Until(`document.querySelector('[data-settings][data-on] [data-times]')
				?.checkVisibility({ visibilityProperty: true })`)
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
			venueLabels := browser.Get[string](p, `[...document.querySelectorAll('main .zone-note, main .zone')]
				.filter((e) => e.checkVisibility() && /Seoul/.test(e.textContent)).map((e) => e.outerHTML).join()`)
			if venueLabels != "" {
				t.Errorf("with times in UTC the page still has the labels %s", venueLabels)
			}
			choose(p, "venue")
			if d := cmp.Diff(before, timesOf(p, "main time[datetime]")); d != "" {
				t.Errorf("in the venue's zone again the times differ (-before +after):\n%s", d)
			}
		})
	}
}

// TestChartFollowsTheWritingDirection checks that the line of a chart runs in the same direction as the times below it.
func TestChartFollowsTheWritingDirection(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"en", "ar"} {
		room := newNewsroom(t, 1)
		room.blog.Language = language
		now := talksPage("board")
		now.Blog = room.blog
		room.pages = map[string]templ.Component{"/live/talks/board/tariffs": talks.Track(now, "tariffs")}
		p := open(t, room.URL+"/live/talks/board/tariffs")
		if got := browser.Get[string](p, `(() => {
			const chart = document.querySelector('.chart')
			const x = (at) => new DOMPoint(at, 0).matrixTransform(chart.querySelector('svg').getScreenCTM()).x
			const [begin, end] = [...chart.querySelectorAll('figcaption time')]
				.map((e) => e.getBoundingClientRect().left)
			return end === undefined ? 'one moment' : String(Math.sign(x(1000) - x(0)) === Math.sign(end - begin))
		})()`); got != "true" {
			t.Errorf("in %s the line runs in the direction of its times: %s, want true", language, got)
		}
	}
}

// stored is 0 if the page has stored nothing.
const stored = `document.cookie.length + localStorage.length + sessionStorage.length`

func TestTheChosenZoneIsStored(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 3)
	p := open(t, room.URL+"/live/talks", browser.InZone("Europe/London"))
	p.Live()
	p.Run(`dispatchEvent(new Event('pagehide')); document.dispatchEvent(new Event('visibilitychange'))`)
	if n := browser.Get[int](p, stored); n != 0 {
		t.Error("the page stores something before the reader has chosen anything")
	}
	choose(p, "own")
	if got := browser.Get[string](p, `JSON.stringify(localStorage)`); got != `{"readout.times":"own"}` {
		t.Errorf("the page stores %s", got)
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
	if n := browser.Get[int](p, stored); n != 0 {
		t.Error("the page stores the venue's zone, although that is the default")
	}
	// The page ignores values that it cannot have stored.
	p.Run(`localStorage.setItem('readout.times', 'toString')`)
	reload(p)
	p.Until(`document.querySelector('[data-settings][data-on] [data-times]')?.value === 'venue'`)
	p.Live()
}

// TestReadingWithoutStorage checks that the page works in a browser that refuses to store anything.
func TestReadingWithoutStorage(t *testing.T) {
	t.Parallel()
	room := newNewsroom(t, 3)
	noStorage := browser.Ahead(`for (const name of ['localStorage', 'sessionStorage']) {
		Object.defineProperty(window, name, { get() { throw new DOMException('no', 'SecurityError') } })
	}`)
	p := open(t, room.URL+"/live/talks", browser.InZone("Europe/London"), noStorage)
	p.Live()
	choose(p, "utc")
	for _, text := range timesOf(p, "article time") {
		if !strings.Contains(text, "UTC") {
			t.Errorf("a time reads %q", text)
		}
	}
	keep(p)
	p.Run(`dispatchEvent(new Event('pagehide'))`)
	keep(p)
	p.Run(`dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))`)
	room.publish(1)
	p.Until(`document.querySelector('#entry-4')`)
	choose(p, "own")
}

// TestAgesAreCurrentAfterAReturn checks that the page updates the ages of entries when the reader returns to the tab,
// or to the page from the browser's cache.
func TestAgesAreCurrentAfterAReturn(t *testing.T) {
	t.Parallel()
	for _, event := range []string{
		`document.dispatchEvent(new Event('visibilitychange'))`,
		`dispatchEvent(new PageTransitionEvent('pageshow', { persisted: false }))`,
	} {
		room := newNewsroom(t, 1)
		room.entries[2] = entry(2, time.Now().UTC().Add(-70*time.Second))
		p := open(t, room.URL+"/live/talks", jumpingClock)
		p.Live()
		for _, step := range []struct {
			by   time.Duration
			want string
		}{
			{0, "1 min ago"}, {3 * time.Hour, "3 hr ago"}, {26 * time.Hour, "1 day ago"}, {-time.Hour, "now"},
			{9 * 24 * time.Hour, ""},
		} {
			p.Run(fmt.Sprintf(`window.jump = %d; %s`, step.by.Milliseconds(), event))
			if got := text(p, "#entry-2 .ago"); got != step.want {
				t.Errorf("%s after %v: the age reads %q, want %q", event, step.by, got, step.want)
			}
		}
	}
}
