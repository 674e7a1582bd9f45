package handlers

import (
	"testing"
	"time"
)

func TestPace(t *testing.T) {
	t.Parallel()
	p := newBodies().pace
	start := time.Date(2026, 10, 30, 9, 0, 0, 0, time.UTC)
	for n, want := range map[int]time.Duration{0: p.grace, p.rate: p.grace + time.Second, maxLargeBody: p.total} {
		if got := p.deadline(start, n).Sub(start); got != want {
			t.Errorf("after %d bytes the next one may take until %s, want %s", n, got, want)
		}
	}
}

func TestBudget(t *testing.T) {
	t.Parallel()
	b := newBudget(10, 6)
	if b.tryTake("a", 6) != nil || b.tryTake("a", 1) == nil {
		t.Error("an owner takes more or less than its share")
	}
	wait := b.tryTake("", 5)
	if wait == nil {
		t.Fatal("more is taken than there is")
	}
	b.give("a", 6)
	<-wait
	if b.tryTake("", 10) != nil || b.tryTake("b", 1) == nil {
		t.Error("what was given back is not all that there is")
	}
	b.give("", 10)
	if b.held != 0 || len(b.owners) != 0 {
		t.Errorf("%d bytes of %v are left", b.held, b.owners)
	}
}
