package store

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"readout/liveblog"
)

// filled returns a store whose blog has n public entries of about 600 bytes, every tenth a key event.
func filled(b *testing.B, n int) *store {
	b.Helper()
	s := openFile(b, filepath.Join(b.TempDir(), "x.db"))
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
	s := filled(b, 0)
	body := strings.Repeat("Both sides are in the room. ", 20)
	for b.Loop() {
		if _, err := post(b.Context(), s, "summit", body); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPage(b *testing.B) {
	for _, n := range []int{50, 5000} {
		b.Run(fmt.Sprintf("entries=%d", n), func(b *testing.B) {
			s := filled(b, n)
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
	}
}

func BenchmarkChangesAfter(b *testing.B) {
	s := filled(b, 1000)
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
}

func BenchmarkCursor(b *testing.B) {
	s := filled(b, 50)
	for b.Loop() {
		if _, err := s.Cursor(b.Context(), "summit"); err != nil {
			b.Fatal(err)
		}
	}
}
