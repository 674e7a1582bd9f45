package web

import (
	"context"
	"sync"
)

// Budget bounds the bytes that many requests hold together, and each owner's share of them. It is safe for concurrent
// use.
type Budget struct {
	max, share int // bytes

	mu     sync.Mutex // guards what follows
	held   int
	owners map[string]int // bytes by owner; has no zero values
	freed  chan struct{}  // closed when bytes are released; nil while nobody waits
}

// NewBudget returns a budget of max bytes, of which one owner may hold share.
func NewBudget(max, share int) *Budget {
	return &Budget{max: max, share: share, owners: map[string]int{}}
}

// take waits until it gets n bytes, and reports whether it did before ctx ended. The owner "" has no share, only the
// budget as a whole limits it.
func (b *Budget) take(ctx context.Context, owner string, n int) bool {
	for {
		freed := b.TryTake(owner, n)
		if freed == nil {
			return true
		}
		select {
		case <-freed:
		case <-ctx.Done():
			return false
		}
	}
}

// TryTake takes n bytes and returns nil, or takes nothing and returns a channel that is closed when it is worth
// trying again.
func (b *Budget) TryTake(owner string, n int) <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.held+n <= b.max && (owner == "" || b.owners[owner]+n <= b.share) {
		b.held += n
		if owner != "" {
			b.owners[owner] += n
		}
		return nil
	}
	if b.freed == nil {
		b.freed = make(chan struct{})
	}
	return b.freed
}

// Taken returns how many bytes are held at the moment, and by how many named owners.
func (b *Budget) Taken() (bytes, owners int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.held, len(b.owners)
}

func (b *Budget) release(owner string, n int) {
	if n == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.held -= n
	if owner != "" {
		if b.owners[owner] -= n; b.owners[owner] <= 0 {
			delete(b.owners, owner)
		}
	}
	if b.freed != nil {
		close(b.freed)
		b.freed = nil
	}
}
