package store

import (
	"testing"
	"time"
)

// The clock counts from the most exact reading, until the server's clock has been set. The test fails if a reading is
// dated at its request or its answer, if an inexact reading replaces an exact one, or if one that contradicts it does
// not.
func TestClock(t *testing.T) {
	t.Parallel()
	wall := time.Date(2026, 10, 30, 9, 0, 0, 0, time.UTC)
	c := &clock{wall: func() time.Time { return wall }}
	want := func(what string, ahead time.Duration) {
		t.Helper()
		if got := c.Now().Sub(wall); got != ahead {
			t.Errorf("%s: the clock is %v ahead of the machine's, want %v", what, got, ahead)
		}
		if got := c.skew(); got != -ahead {
			t.Errorf("%s: the skew is %v, want %v", what, got, -ahead)
		}
	}
	// read takes a reading whose query takes a time, after which the machine's clock is at the present.
	read := func(ahead, took time.Duration) {
		wall = wall.Add(took)
		c.learn(wall.Add(-took/2).Add(ahead), wall.Add(-took), wall)
	}
	want("without a reading", 0)
	read(24*time.Hour, time.Second)
	want("after a slow reading", 24*time.Hour)
	read(24*time.Hour+300*time.Millisecond, 2*time.Millisecond)
	want("after a fast reading", 24*time.Hour+300*time.Millisecond)
	read(24*time.Hour, time.Second)
	want("after another slow one", 24*time.Hour+300*time.Millisecond)
	read(-time.Hour, time.Second)
	want("after the server's clock was set", -time.Hour)
	read(-time.Hour+time.Millisecond, 4*time.Millisecond)
	want("after a fast reading again", -time.Hour+time.Millisecond)
	wall = wall.Add(5 * time.Hour)
	read(-time.Hour+6*time.Millisecond, 20*time.Millisecond)
	want("when the exact reading is old", -time.Hour+6*time.Millisecond)
}

// The store's time is the server's, from the first connection on, and follows it when it is set. The test fails if the
// store takes the machine's time, or if it reads the clock only once.
func TestPostgresClock(t *testing.T) {
	t.Parallel()
	url := newPostgres(t)
	near := func(s *store, ahead time.Duration) {
		t.Helper()
		const tolerance = time.Minute // far less than the differences here, and more than any test takes
		if got := time.Until(s.Now()) - ahead; got.Abs() > tolerance {
			t.Errorf("the store's time is off by %v", got)
		}
		if got := s.Condition().ClockSkew + ahead; got.Abs() > tolerance {
			t.Errorf("the skew is off by %v", got)
		}
		if now := s.Now(); now.Location() != time.UTC || now != now.Truncate(time.Microsecond) {
			t.Errorf("the store's time is %v, want whole microseconds in UTC", now)
		}
	}
	near(openURL(t, url), 0)
	for _, ahead := range []time.Duration{24 * time.Hour, -24 * time.Hour} {
		PostgresServer.Server(t).SetClock(t, url, ahead)
		s := openURL(t, url)
		near(s, ahead)
		PostgresServer.Server(t).SetClock(t, url, 2*ahead)
		if err := s.checkTime(t.Context()); err != nil {
			t.Fatal(err)
		}
		near(s, 2*ahead)
	}
}
