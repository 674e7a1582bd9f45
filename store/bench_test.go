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

// onEngines runs a benchmark on each engine. The server of PostgreSQL waits for the disk, as SQLite does.
func onEngines(b *testing.B, bench func(b *testing.B, url string)) {
	b.Run("sqlite", func(b *testing.B) { bench(b, "sqlite:"+filepath.Join(b.TempDir(), "x.db")) })
	b.Run("postgres", func(b *testing.B) { bench(b, postgrestest.Start(b, "fsync=on").NewDatabase(b)) })
}

// filled returns a store whose blog has n public entries of about 600 bytes, every tenth a key event.
func filled(b *testing.B, url string, n int) *store {
	b.Helper()
	s := openURL(b, url)
	addBlog(b, s, "summit")
	for i := range n {
		at := time.UnixMicro(1_761_555_600_000_000).Add(time.Duration(i) * time.Minute).UTC()
		e := liveblog.Entry{Headline: fmt.Sprintf("Update %d", i), Body: strings.Repeat("Both sides are in the room. ", 20), Author: "Ada",
			Status: liveblog.Published, KeyEvent: i%10 == 0, CreatedAt: at, PublishedAt: at, UpdatedAt: at}
		if _, err := s.Commit(b.Context(), liveblog.Commit{Slug: "summit", Entry: e, Audit: liveblog.Audit{At: at}}); err != nil {
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

// Several blogs are written at once, each by one writer.
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
					if _, err := post(b.Context(), s, fmt.Sprintf("summit-%d", i), "Both sides are in the room."); err != nil {
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
							if _, err := s.Page(b.Context(), liveblog.PageQuery{Slug: "summit", Before: c.before, Limit: 20}); err != nil {
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
