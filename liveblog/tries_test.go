package liveblog

import (
	"testing"
	"time"
)

// It fails if a bucket gives more than its burst, if tries come back too early or too late, or if a clock that is set
// back locks people out.
func TestTryLimit(t *testing.T) {
	t.Parallel()
	l := TryLimit{Burst: 3, Every: 10 * time.Second}
	now := time.Date(2026, 10, 30, 9, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		full time.Duration // from now; when the bucket is full
		wait time.Duration
	}{
		{-time.Hour, 0},
		{0, 0},
		{10 * time.Second, 0},
		{20 * time.Second, 0},
		{20*time.Second + time.Microsecond, time.Microsecond},
		{30 * time.Second, 10 * time.Second},
		{30*time.Second + time.Microsecond, 0}, // impossible, so the clock was later then
		{12 * time.Hour, 0},
	} {
		wait, next := l.Wait(now.Add(tt.full), now)
		if wait != tt.wait {
			t.Errorf("full in %s: the wait is %s, want %s", tt.full, wait, tt.wait)
		}
		if wait == 0 && (next.Before(now.Add(l.Every)) || next.Sub(now) > 3*l.Every) {
			t.Errorf("full in %s: after a try it is full in %s", tt.full, next.Sub(now))
		}
	}
	if wait, next := l.Wait(time.Time{}, now); wait != 0 || next != now.Add(l.Every) {
		t.Errorf("an unused bucket waits %s and is full at %s", wait, next)
	}
}
