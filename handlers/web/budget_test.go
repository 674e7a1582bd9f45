package web

import (
	"testing"
	"time"
)

func TestPace(t *testing.T) {
	t.Parallel()
	p := newBodyLimits().Pace
	start := time.Date(2026, 10, 30, 9, 0, 0, 0, time.UTC)
	for n, want := range map[int]time.Duration{0: p.Grace, p.Rate: p.Grace + time.Second, MaxLargeBody: p.Total} {
		if got := p.deadline(start, n).Sub(start); got != want {
			t.Errorf("after %d bytes the deadline is %s after the start, want %s", n, got, want)
		}
	}
}

func TestBudget(t *testing.T) {
	t.Parallel()
	b := NewBudget(10, 6)
	if b.TryTake("a", 6) != nil || b.TryTake("a", 1) == nil {
		t.Error("an owner can take more than its share, or not all of it")
	}
	wait := b.TryTake("", 5)
	if wait == nil {
		t.Fatal("the budget gave out more than it has")
	}
	b.release("a", 6)
	<-wait
	if b.TryTake("", 10) != nil || b.TryTake("b", 1) == nil {
		t.Error("after everything was released, the budget does not have exactly its maximum")
	}
	b.release("", 10)
	if b.held != 0 || len(b.owners) != 0 {
		t.Errorf("after everything was released, %d bytes of %v are held", b.held, b.owners)
	}
}
