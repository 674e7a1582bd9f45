package web

import (
	"strconv"
	"testing"
	"time"
)

func TestRateLimit(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 10, 30, 9, 0, 0, 0, time.UTC)
	r := newRateLimit(quota{"test", 3, 2 * time.Second})
	r.Now = func() time.Time { return now }
	for i, tc := range []struct {
		client      string
		after       time.Duration
		left        int
		reset, wait time.Duration
	}{
		{"a", 0, 2, 2 * time.Second, 0},
		{"a", 0, 1, 4 * time.Second, 0},
		{"a", 0, 0, 6 * time.Second, 0},
		{"a", 0, 0, 6 * time.Second, 2 * time.Second},
		{"a", time.Second, 0, 5 * time.Second, time.Second},
		{"b", 0, 2, 2 * time.Second, 0}, // another client has its own quota
		{"a", time.Second, 0, 6 * time.Second, 0},
		{"a", time.Minute, 2, 2 * time.Second, 0},
	} {
		now = now.Add(tc.after)
		if left, reset, wait := r.Use(tc.client); left != tc.left || reset != tc.reset || wait != tc.wait {
			t.Errorf("use %d: %d left, all back in %s, one in %s; want %+v", i, left, reset, wait, tc)
		}
	}
}

// It fails if forget keeps idle clients, lets more than maxLimited accumulate, or forgets the busiest client first.
func TestRateLimitForgets(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 10, 30, 9, 0, 0, 0, time.UTC)
	r := newRateLimit(quota{"test", 3, 2 * time.Second})
	r.Now = func() time.Time { return now }
	for range 4 {
		r.Use("busy")
	}
	for i := range 2 * maxLimited {
		r.Use("at once " + strconv.Itoa(i))
	}
	if n := len(r.clients); n > maxLimited {
		t.Errorf("%d clients are remembered, want at most %d", n, maxLimited)
	}
	if _, _, wait := r.Use("busy"); wait == 0 {
		t.Error("the busiest client was forgotten")
	}
	now = now.Add(time.Minute)
	for i := range maxLimited / 4 {
		r.Use("later " + strconv.Itoa(i))
		now = now.Add(time.Millisecond)
	}
	if n := len(r.clients); n > maxLimited/2 {
		t.Errorf("%d clients are remembered, though nearly all have their whole quota", n)
	}
}
