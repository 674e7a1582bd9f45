package store

import (
	"fmt"
	"testing"
	"time"

	"readout/liveblog"
)

// It fails if the buckets of tries grow without bound, or if one under attack is deleted before one that is nearly
// full.
func TestTriesAreBounded(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{"SQLite": "sqlite:" + newFile(t), "PostgreSQL": newPostgres(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openURL(t, url)
			at := time.Date(2026, 10, 30, 9, 0, 0, 0, time.UTC)
			take := func(key string) time.Duration {
				t.Helper()
				wait, err := s.TakeTries(t.Context(),
					[]liveblog.Tries{{Key: key, TryLimit: liveblog.TryLimit{Burst: 3, Every: time.Minute}}}, at)
				if err != nil {
					t.Fatal(err)
				}
				return wait
			}
			for range 3 {
				take("attacked")
			}
			for i := range 20 {
				take(fmt.Sprint("once ", i))
			}
			if err := s.trimTries(t.Context(), at, 5); err != nil {
				t.Fatal(err)
			}
			var n int
			if err := s.read.QueryRow(`SELECT count(*) FROM login_tries`).Scan(&n); err != nil || n != 5 {
				t.Errorf("%d buckets are left (%v), want 5", n, err)
			}
			if take("attacked") == 0 {
				t.Error("the bucket under attack was deleted")
			}
		})
	}
}
