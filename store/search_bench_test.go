package store

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"readout/liveblog"
)

// BenchmarkSearch compares searches, and the first page with its activity, in a long and a short blog, alternating in
// the same run. The metric "p95-times" is the ratio of their times, which should be about 1.
func BenchmarkSearch(b *testing.B) {
	const short, long = 50, 5000
	onEngines(b, func(b *testing.B, url string) {
		s := openURL(b, url)
		for slug, n := range map[string]int{"short": short, "long": long} {
			addBlog(b, s, slug)
			fillSearched(b, s, slug, n)
		}
		search := func(text string, before int) func(slug string, n int) error {
			q, err := liveblog.ParseSearch(text)
			if err != nil {
				b.Fatal(err)
			}
			return func(slug string, n int) error {
				f, err := s.Search(b.Context(), slug, q, before*n/100, 20)
				if err == nil && len(f.Entries) == 0 {
					err = fmt.Errorf("%q is not found", text)
				}
				return err
			}
		}
		for _, c := range []struct {
			name string
			run  func(slug string, n int) error
		}{
			{"page", func(slug string, _ int) error {
				_, err := s.Page(b.Context(), liveblog.PageQuery{Slug: slug, Limit: 20})
				return err
			}},
			{"every-entry", search("negotiations", 0)},
			{"beginning-of-it", search("nego", 0)},
			{"longer-beginning", search("misunderstandi", 0)},
			{"two-words", search("negotiations room", 0)},
			{"deep", search("negotiations", 60)},
			{"one-in-ten", search("tariffs", 0)},
			{"one-in-ten-and-all", search("tariffs negotiations", 0)},
			{"rare", search("soybeans", 0)},
			{"oldest", search("handshake", 0)},
			{"phrase", search("贸易战", 0)},
			{"scattered", search("易贸", 0)},
			{"article", search("المحادثات", 0)},
		} {
			b.Run(c.name, func(b *testing.B) {
				var took [2][]time.Duration
				for b.Loop() {
					for i, slug := range []string{"short", "long"} {
						began := time.Now()
						if err := c.run(slug, []int{short, long}[i]); err != nil {
							b.Fatal(err)
						}
						took[i] = append(took[i], time.Since(began))
					}
				}
				p95 := func(all []time.Duration) time.Duration {
					slices.Sort(all)
					return all[len(all)*95/100]
				}
				b.ReportMetric(float64(p95(took[1]))/float64(p95(took[0])), "p95-times")
				b.ReportMetric(float64(p95(took[1]).Microseconds()), "µs/p95-long")
			})
		}
	})
}

// fillSearched fills a blog with n entries, a minute apart.
func fillSearched(b *testing.B, s *store, slug string, n int) {
	b.Helper()
	for i := range n {
		at := time.UnixMicro(1_761_555_600_000_000).Add(time.Duration(i) * time.Minute).UTC()
		e := liveblog.Entry{Headline: fmt.Sprintf("Update %d", i), Author: "Ada", Status: liveblog.Published,
			CreatedAt: at, PublishedAt: at, UpdatedAt: at,
			Body: "The negotiations go on, and both sides are in the *room*. A misunderstanding was cleared up, " +
				"said an official who asked not to be named, since the talks are private; 贸易战 and 易，贸; بالمحادثات."}
		for j := range 60 {
			e.Body += fmt.Sprintf(" word%d", (i*61+j*37)%3000)
		}
		if i%10 == 0 {
			e.Body += " Tariffs were raised."
		}
		if i%(n/5) == 3 {
			e.Body += " They spoke of soybeans."
		}
		if i == 0 {
			e.Body += " A handshake. 易贸"
		}
		e.Acts = ""
		if _, err := s.Commit(b.Context(), liveblog.Commit{Slug: slug, Entry: e,
			Audit: liveblog.Audit{At: at}}); err != nil {
			b.Fatal(err)
		}
	}
}
