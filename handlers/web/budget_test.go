package web

import (
	"testing"
	"time"
)

func TestPace(t *testing.T) {
	t.Parallel()
	p := newBodies().Pace
	start := time.Date(2026, 10, 30, 9, 0, 0, 0, time.UTC)
	for n, want := range map[int]time.Duration{0: p.Grace, p.Rate: p.Grace + time.Second, MaxLargeBody: p.Total} {
		if got := p.deadline(start, n).Sub(start); got != want {
			t.Errorf("after %d bytes the next one may take until %s, want %s", n, got, want)
		}
	}
}

func TestBudget(t *testing.T) {
	t.Parallel()
	b := NewBudget(10, 6)
	if b.TryTake("a", 6) != nil || b.TryTake("a", 1) == nil {
		t.Error("an owner takes more or less than its share")
	}
	wait := b.TryTake("", 5)
	if wait == nil {
		t.Fatal("more is taken than there is")
	}
	b.give("a", 6)
	<-wait
	if b.TryTake("", 10) != nil || b.TryTake("b", 1) == nil {
		t.Error("what was given back is not all that there is")
	}
	b.give("", 10)
	if b.held != 0 || len(b.owners) != 0 {
		t.Errorf("%d bytes of %v are left", b.held, b.owners)
	}
}
