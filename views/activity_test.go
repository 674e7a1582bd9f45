package views_test

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"readout/liveblog"
	"readout/views/reader"

	"github.com/PuerkitoBio/goquery"
	"github.com/andybalholm/brotli"
)

// quarters counts updates at these times by quarter-hour.
func quarters(times ...time.Time) (all []liveblog.QuarterHour) {
	for _, at := range times {
		start := at.UTC().Truncate(liveblog.QuarterLength)
		if last := len(all) - 1; last >= 0 && all[last].Start.Equal(start) {
			all[last].Entries++
			continue
		}
		all = append(all, liveblog.QuarterHour{Start: start, Entries: 1})
	}
	return all
}

func pageOf(zone string, all []liveblog.QuarterHour) reader.BlogPage {
	page := samplePage(1)
	page.Head.Blog.TimeZone = zone
	page.Activity = all
	return reader.BlogPage{Site: site, Page: page}
}

// hours returns the links to days and hours as "FROM TEXT", FROM being the parameter of the link.
func hours(doc *goquery.Document) (all []string) {
	for _, a := range doc.Find(".by-day a").EachIter() {
		href, _ := a.Attr("href")
		_, where, _ := strings.Cut(href, "?from=")
		all = append(all, where+" "+strings.Join(strings.Fields(a.Text()), " "))
	}
	return all
}

func TestActivityByDayAndHour(t *testing.T) {
	t.Parallel()
	at := func(s string) time.Time {
		t.Helper()
		at, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	every := func(from string, n int, step time.Duration) (all []time.Time) {
		for i := range n {
			all = append(all, at(from).Add(time.Duration(i)*step))
		}
		return all
	}
	for name, c := range map[string]struct {
		zone  string
		times []time.Time
		want  []string
	}{
		"a repeated hour": {"America/New_York", every("2025-11-02T04:30:00Z", 5, 30*time.Minute), []string{
			"2025-11-02 Sunday, 2 November 2025",
			"2025-11-02T00 00:00 1 update",
			"2025-11-02T01:00:00-04:00 01:00 (UTC−4) 2 updates",
			"2025-11-02T01:00:00-05:00 01:00 (UTC−5) 2 updates"}},
		"a repeated hour in Europe": {"Europe/Berlin", every("2025-10-25T23:30:00Z", 6, 30*time.Minute), []string{
			"2025-10-26 Sunday, 26 October 2025",
			"2025-10-26T01 01:00 1 update",
			"2025-10-26T02:00:00%2B02:00 02:00 (UTC+2) 2 updates",
			"2025-10-26T02:00:00%2B01:00 02:00 (UTC+1) 2 updates", "2025-10-26T03 03:00 1 update"}},
		"only the second of two hours": {"Europe/Berlin", every("2025-10-26T01:15:00Z", 1, 0), []string{
			"2025-10-26 Sunday, 26 October 2025", "2025-10-26T02:00:00%2B01:00 02:00 (UTC+1) 1 update"}},
		"a repeated half hour": {"Australia/Lord_Howe", every("2025-04-05T14:00:00Z", 7, 15*time.Minute), []string{
			"2025-04-06 Sunday, 6 April 2025",
			"2025-04-06T01 01:00 4 updates",
			"2025-04-06T01:30:00%2B10:30 01:30 (UTC+10:30) 2 updates",
			"2025-04-06T02 02:00 1 update"}},
		"a skipped half hour": {"Australia/Lord_Howe", every("2025-10-04T15:00:00Z", 4, 15*time.Minute), []string{
			"2025-10-05 Sunday, 5 October 2025", "2025-10-05T01 01:00 2 updates", "2025-10-05T02 02:30 2 updates"}},
		"a skipped hour": {"America/New_York", every("2025-03-09T06:00:00Z", 4, 30*time.Minute), []string{
			"2025-03-09 Sunday, 9 March 2025", "2025-03-09T01 01:00 2 updates", "2025-03-09T03 03:00 2 updates"}},
		"no midnight": {"America/Santiago", every("2025-09-07T03:30:00Z", 3, 30*time.Minute), []string{
			"2025-09-06 Saturday, 6 September 2025", "2025-09-06T23 23:00 1 update",
			"2025-09-07 Sunday, 7 September 2025", "2025-09-07T01 01:00 2 updates"}},
		"a repeated last hour": {"America/Santiago", every("2025-04-06T02:30:00Z", 4, 30*time.Minute), []string{
			"2025-04-05 Saturday, 5 April 2025",
			"2025-04-05T23:00:00-03:00 23:00 (UTC−3) 1 update",
			"2025-04-05T23:00:00-04:00 23:00 (UTC−4) 2 updates",
			"2025-04-06 Sunday, 6 April 2025", "2025-04-06T00 00:00 1 update"}},
		"no midnight in Havana": {"America/Havana", every("2025-03-09T04:45:00Z", 2, 15*time.Minute), []string{
			"2025-03-08 Saturday, 8 March 2025", "2025-03-08T23 23:00 1 update",
			"2025-03-09 Sunday, 9 March 2025", "2025-03-09T01 01:00 1 update"}},
		"two midnights": {"America/Havana", every("2025-11-02T03:30:00Z", 4, 30*time.Minute), []string{
			"2025-11-01 Saturday, 1 November 2025", "2025-11-01T23 23:00 1 update",
			"2025-11-02 Sunday, 2 November 2025", "2025-11-02T00:00:00-04:00 00:00 (UTC−4) 2 updates",
			"2025-11-02T00:00:00-05:00 00:00 (UTC−5) 1 update"}},
		"back into the day before": {"America/St_Johns", every("2010-11-07T02:15:00Z", 3, 15*time.Minute), []string{
			"2010-11-06 Saturday, 6 November 2010", "2010-11-06T23 23:00 1 update",
			"2010-11-07 Sunday, 7 November 2010", "2010-11-07T00:00:00-02:30 00:00 (UTC−2:30) 1 update",
			"2010-11-06T23:01:00-03:30 23:01 (UTC−3:30) 1 update"}},
		"a zone with 45 minutes": {"Asia/Kathmandu", every("2025-10-29T17:45:00Z", 6, 15*time.Minute), []string{
			"2025-10-29 Wednesday, 29 October 2025", "2025-10-29T23 23:00 2 updates",
			"2025-10-30 Thursday, 30 October 2025", "2025-10-30T00 00:00 4 updates"}},
		"a zone with 30 minutes": {"Asia/Kolkata", every("2025-10-29T18:15:00Z", 2, 15*time.Minute), []string{
			"2025-10-29 Wednesday, 29 October 2025", "2025-10-29T23 23:00 1 update",
			"2025-10-30 Thursday, 30 October 2025", "2025-10-30T00 00:00 1 update"}},
		"a day without updates": {"UTC", []time.Time{at("2025-10-29T23:59:00Z"), at("2025-10-31T00:00:00Z")}, []string{
			"2025-10-29 Wednesday, 29 October 2025", "2025-10-29T23 23:00 1 update",
			"2025-10-31 Friday, 31 October 2025", "2025-10-31T00 00:00 1 update"}},
		"only days": {"Asia/Seoul", []time.Time{
			at("2025-10-29T23:59:00Z"), at("2025-11-09T15:00:00Z"), at("2025-11-09T15:01:00Z"),
		}, []string{
			"2025-10-30 Thursday, 30 October 2025", "2025-11-10 Monday, 10 November 2025"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, doc := render(t, reader.Blog(pageOf(c.zone, quarters(c.times...))))
			if got := hours(doc); strings.Join(got, "\n") != strings.Join(c.want, "\n") {
				t.Errorf("the list is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

// TestActivityDates checks the dates below the plot, on days without a midnight too, and their links on days with
// updates.
func TestActivityDates(t *testing.T) {
	t.Parallel()
	for zone, c := range map[string]struct {
		times       []time.Time
		days, links string
	}{
		"America/Santiago": {[]time.Time{
			time.Date(2025, 9, 6, 15, 0, 0, 0, time.UTC), time.Date(2025, 9, 8, 15, 0, 0, 0, time.UTC),
		},
			"6 Sep7 Sep8 Sep", "2025-09-06 2025-09-08"},
		"America/Havana": {[]time.Time{
			time.Date(2025, 3, 9, 15, 0, 0, 0, time.UTC), time.Date(2025, 3, 11, 15, 0, 0, 0, time.UTC),
		},
			"9 Mar10 Mar11 Mar", "2025-03-09 2025-03-11"},
	} {
		_, doc := render(t, reader.Blog(pageOf(zone, quarters(c.times...))))
		var links []string
		for _, a := range doc.Find(".days a").EachIter() {
			links = append(links, strings.TrimPrefix(a.AttrOr("href", ""), "/live/talks?from="))
		}
		if days := doc.Find(".days li").Text(); days != c.days || strings.Join(links, " ") != c.links {
			t.Errorf("%s: the days are %s, with links to %v", zone, days, links)
		}
	}
	day := time.Date(2025, 9, 7, 4, 0, 0, 0, time.UTC) // the first moment of a day without midnight
	_, doc := render(t, reader.Blog(pageOf("America/Santiago", quarters(day, day, day.AddDate(0, 0, 20)))))
	expect{
		".plot svg@aria-label": "3 updates from 7 Sep 2025 to 27 Sep 2025. The most came on 7 Sep 2025: 2 updates.",
		".ends":                "7 Sep 2025 27 Sep 2025",
	}.check(t, doc)
}

func TestActivityPlot(t *testing.T) {
	t.Parallel()
	day := time.Date(2025, 10, 29, 15, 0, 0, 0, time.UTC) // midnight in Seoul
	all := quarters(day, day.Add(time.Hour), day.Add(time.Hour), day.Add(49*time.Hour))
	all[1].KeyEvents = 1
	_, doc := render(t, reader.Blog(pageOf("Asia/Seoul", all)))
	expect{
		"#activity":         "Updates by hour, Seoul time",
		".plot svg@role":    "img",
		".plot svg@viewBox": "0 0 720 100",
		".plot svg@aria-label": "4 updates from 30 Oct 2025 to 1 Nov 2025. The most came on 30 Oct 2025, " +
			"from 01:00 Seoul time: 2 updates.",
		".plot .bars@d":                "M0 100v-42h8v42zM10 100v-84h8v84zM490 100v-42h8v42z",
		".plot .dots@d":                "M14 8h.01",
		".plot .grid@d":                "M240 0V100M480 0V100",
		".activity .days":              "30 Oct31 Oct1 Nov",
		".days li:nth-child(1) a@href": "/live/talks?from=2025-10-30",
		".days li:nth-child(2) span":   "31 Oct",
		".days li:nth-child(2) a":      "none",
		".activity details summary":    "By day and hour",
		".activity details[open]":      "none",
		".marked":                      "A dot marks key events.",
		"form.jump@action":             "/live/talks",
		"form.jump@method":             "get",
		"form.jump input@name":         "from",
		"form.jump input@type":         "datetime-local",
		"label[for=jump]":              "Go to a moment, Seoul time",
		"[data-head] .activity":        "none",
		"main > .activity":             strings.Join(strings.Fields(doc.Find("main > .activity").Text()), " "),
		".activity [style]":            "none",
	}.check(t, doc)

	_, doc = render(t, reader.Blog(pageOf("Asia/Seoul", nil)))
	expect{".activity": "none"}.check(t, doc)
	older := pageOf("Asia/Seoul", all)
	older.Query.Before = 3
	_, doc = render(t, reader.Blog(older))
	expect{".activity": "none"}.check(t, doc)

	long := quarters(day, day.AddDate(0, 0, 1), day.AddDate(0, 0, 1).Add(time.Hour), day.AddDate(0, 0, 20))
	_, doc = render(t, reader.Blog(pageOf("Asia/Seoul", long)))
	expect{
		"#activity":            "Updates by day, Seoul time",
		".plot svg@viewBox":    "0 0 210 100",
		".plot svg@aria-label": "4 updates from 30 Oct 2025 to 19 Nov 2025. The most came on 31 Oct 2025: 2 updates.",
		".plot .bars@d":        "M0 100v-42h8v42zM10 100v-84h8v84zM200 100v-42h8v42z",
		".ends":                "30 Oct 2025 19 Nov 2025",
		".days":                "none",
		".by-day ol":           "none",
	}.check(t, doc)
}

// TestActivityBarsStayWithinThePlot checks blogs of different lengths in zones whose days can have 23 or 25 hours.
func TestActivityBarsStayWithinThePlot(t *testing.T) {
	t.Parallel()
	from := time.Date(2025, 10, 31, 0, 0, 0, 0, time.UTC)
	for _, zone := range []string{
		"UTC", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia", "America/Sao_Paulo",
		"America/Havana",
	} {
		for _, n := range []int{1, 24 * 3, 24 * 6, 24 * 10, 24 * 15, 24 * 1000} {
			var times []time.Time
			for i := range n {
				times = append(times, from.Add(time.Duration(i)*time.Hour))
			}
			_, doc := render(t, reader.Blog(pageOf(zone, quarters(times...))))
			svg := doc.Find(".plot svg")
			box := strings.Fields(svg.AttrOr("viewBox", ""))
			width, err := strconv.Atoi(box[2])
			if err != nil {
				t.Fatal(err)
			}
			last := -1
			bars := strings.Split(strings.TrimSuffix(svg.Find(".bars").AttrOr("d", ""), "z"), "z")
			for _, bar := range bars {
				var x, y, height, w int
				if _, err := fmt.Sscanf(bar, "M%d %dv-%dh%dv", &x, &y, &height, &w); err != nil {
					t.Fatalf("%s: %q: %v", zone, bar, err)
				}
				if x <= last || x < 0 || x+w > width || height < 1 || height > 84 {
					t.Fatalf("%s, %d hours: the bar %q is not within %d or not behind %d", zone, n, bar, width, last)
				}
				last = x + w - 1
			}
			if len(bars) > 370 {
				t.Errorf("%s: %d bars", zone, len(bars))
			}
		}
	}
}

// TestActivityIsLight limits what the plot and the list of five full days add to the compressed page.
func TestActivityIsLight(t *testing.T) {
	t.Parallel()
	var times []time.Time
	for i := range 120 {
		for range 3 + i*i%17 {
			times = append(times, start.Add(time.Duration(i)*time.Hour))
		}
	}
	size := func(all []liveblog.QuarterHour) int {
		page := samplePage(20)
		page.Activity = all
		source, _ := render(t, reader.Blog(reader.BlogPage{Site: site, Page: page}))
		var b bytes.Buffer
		z := brotli.NewWriterLevel(&b, 5)
		if _, err := z.Write([]byte(source)); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Len()
	}
	more := size(quarters(times...)) - size(nil)
	t.Logf("120 hours take %d bytes", more)
	if more > 3<<10 {
		t.Errorf("120 hours take %d bytes compressed, limit 3 KiB", more)
	}
}
