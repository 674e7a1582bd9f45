package store

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"readout/liveblog"
	"readout/store/postgrestest"
)

// onEngines runs a benchmark on each engine. PostgreSQL runs with fsync, as SQLite does.
func onEngines(b *testing.B, bench func(b *testing.B, url string)) {
	b.Run("sqlite", func(b *testing.B) { bench(b, "sqlite:"+filepath.Join(b.TempDir(), "x.db")) })
	b.Run("postgres", func(b *testing.B) { bench(b, postgrestest.Start(b, "fsync=on").NewDatabase(b)) })
}

// filled returns a store whose blog has n public entries of about 600 bytes; every tenth is a key event.
func filled(b *testing.B, url string, n int) *store {
	b.Helper()
	s := openURL(b, url)
	addBlog(b, s, "summit")
	for i := range n {
		at := time.UnixMicro(1_761_555_600_000_000).Add(time.Duration(i) * time.Minute).UTC()
		e := liveblog.Entry{Headline: fmt.Sprintf("Update %d", i),
			Body: strings.Repeat("Both sides are in the room. ", 20), Author: "Ada",
			Status: liveblog.Published, KeyEvent: i%10 == 0, CreatedAt: at, PublishedAt: at, UpdatedAt: at}
		if _, err := s.Commit(b.Context(), liveblog.Commit{Slug: "summit", Entry: e,
			Audit: liveblog.Audit{At: at}}); err != nil {
			b.Fatal(err)
		}
	}
	return s
}

func BenchmarkCommit(b *testing.B) {
	onEngines(b, func(b *testing.B, url string) {
		s := filled(b, url, 0)
		body := strings.Repeat("Both sides are in the room. ", 20)
		for b.Loop() {
			if _, err := post(b.Context(), s, "summit", body); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkCommitWithActs commits entries with acts to a long blog with 500 acts. They are judged against all earlier
// acts and change the talks. The metric "times" is the time that they take relative to entries without acts in the same
// run.
func BenchmarkCommitWithActs(b *testing.B) {
	const entries, every = 5000, 10
	onEngines(b, func(b *testing.B, url string) {
		s := filled(b, url, entries)
		setup := liveblog.Setup{Tracks: []liveblog.Track{{ID: "tariffs", Name: "Tariffs"},
			{ID: "rare-earths", Name: "Rare earths"}}}
		if _, _, err := s.UpdateSetup(b.Context(), "summit", setup, liveblog.Audit{}); err != nil {
			b.Fatal(err)
		}
		acts := func(n int) liveblog.Acts {
			move := liveblog.Act{Kind: liveblog.ActMove, Track: setup.Tracks[n%2].ID,
				To: []liveblog.TrackState{liveblog.Raised, liveblog.InTalks}[n/2%2]}
			claim := liveblog.Act{Kind: liveblog.ActClaim, Claim: fmt.Sprintf("claim-%d", n%50), Status: "reported",
				Text: fmt.Sprintf("They buy %d tonnes.", n)}
			return liveblog.NewActs([]liveblog.Act{[]liveblog.Act{move, claim}[n/4%2]})
		}
		for n := range entries / every {
			if _, err := s.write.ExecContext(b.Context(), `UPDATE entries SET acts = $1 WHERE number = $2`,
				string(acts(n)), n*every+1); err != nil {
				b.Fatal(err)
			}
		}
		n := entries
		at := time.UnixMicro(1_761_555_600_000_000).Add(entries * time.Minute).UTC()
		commit := func(acts liveblog.Acts) time.Duration {
			at = at.Add(time.Minute)
			e := liveblog.Entry{Body: strings.Repeat("Both sides are in the room. ", 20), Acts: acts,
				Status: liveblog.Published, CreatedAt: at, PublishedAt: at, UpdatedAt: at}
			began := time.Now()
			if _, err := s.Commit(b.Context(),
				liveblog.Commit{Slug: "summit", Entry: e, Audit: liveblog.Audit{At: at}}); err != nil {
				b.Fatal(err)
			}
			return time.Since(began)
		}
		var with, without time.Duration
		for b.Loop() {
			n++
			claim := liveblog.Act{Kind: liveblog.ActClaim, Claim: fmt.Sprintf("claim-%d", n%50), Status: "confirmed",
				Text: fmt.Sprintf("They buy %d tonnes.", n)}
			with += commit(liveblog.NewActs([]liveblog.Act{claim}))
			without += commit("")
		}
		b.ReportMetric(float64(with)/float64(without), "times")
		b.ReportMetric(float64(with.Microseconds())/float64(b.N), "µs/with")
	})
}

// BenchmarkCommitManyBlogs writes to several blogs at once, with one writer for each.
func BenchmarkCommitManyBlogs(b *testing.B) {
	const blogs = 8
	onEngines(b, func(b *testing.B, url string) {
		s := openURL(b, url)
		for i := range blogs {
			addBlog(b, s, fmt.Sprintf("summit-%d", i))
		}
		for b.Loop() {
			var wg sync.WaitGroup
			for i := range blogs {
				wg.Go(func() {
					if _, err := post(b.Context(), s, fmt.Sprintf("summit-%d", i),
						"Both sides are in the room."); err != nil {
						b.Error(err)
					}
				})
			}
			wg.Wait()
		}
	})
}

func BenchmarkPage(b *testing.B) {
	for _, n := range []int{50, 5000} {
		b.Run(fmt.Sprintf("entries=%d", n), func(b *testing.B) {
			onEngines(b, func(b *testing.B, url string) {
				s := filled(b, url, n)
				for _, c := range []struct {
					name   string
					before int
				}{{"first", 0}, {"middle", n / 2}} {
					b.Run(c.name, func(b *testing.B) {
						for b.Loop() {
							if _, err := s.Page(b.Context(),
								liveblog.PageQuery{Slug: "summit", Before: c.before, Limit: 20}); err != nil {
								b.Fatal(err)
							}
						}
					})
				}
			})
		})
	}
}

func BenchmarkChangesAfter(b *testing.B) {
	onEngines(b, func(b *testing.B, url string) {
		s := filled(b, url, 1000)
		now, err := s.Cursor(b.Context(), "summit")
		if err != nil {
			b.Fatal(err)
		}
		for _, behind := range []int64{0, 1, 100} {
			b.Run(fmt.Sprintf("behind=%d", behind), func(b *testing.B) {
				after := liveblog.Cursor{Epoch: now.Epoch, Seq: now.Seq - behind}
				for b.Loop() {
					if _, err := s.ChangesAfter(b.Context(), "summit", after, 200); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	})
}

func BenchmarkCursor(b *testing.B) {
	onEngines(b, func(b *testing.B, url string) {
		s := filled(b, url, 50)
		for b.Loop() {
			if _, err := s.Cursor(b.Context(), "summit"); err != nil {
				b.Fatal(err)
			}
		}
	})
}
