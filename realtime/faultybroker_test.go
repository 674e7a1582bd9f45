package realtime

import (
	"context"
	"errors"
	"slices"
	"sync"

	"readout/liveblog"
)

// fate says what happens to one notice.
type fate int

const (
	delivered fate = iota
	lost
	refused  // lost, and Publish fails
	repeated // delivered twice
	delayed  // delivered after a later notice
	emptied  // delivered without its changes, like the refresh notice after a reconnect
	reversed // its changes are delivered in notices of their own, the last one first
)

// faultyBroker applies the fates of its script to the notices in turn, over and over.
type faultyBroker struct {
	liveblog.Broker
	script []fate

	mu        sync.Mutex // guards what follows
	published int        // notices so far
	late      []lateNotice
}

type lateNotice struct {
	due    int // number of the publication after which it is delivered
	notice liveblog.Notice
}

// delay is by how many publications a delayed notice is late.
const delay = 3

func (b *faultyBroker) Publish(ctx context.Context, n liveblog.Notice) error {
	now, err := b.decide(n)
	for _, n := range now {
		err = errors.Join(err, b.Broker.Publish(ctx, n))
	}
	return err
}

// decide returns the notices to deliver when n is published.
func (b *faultyBroker) decide(n liveblog.Notice) (now []liveblog.Notice, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	at := b.published
	b.published++
	switch b.script[at%len(b.script)] {
	case delivered:
		now = append(now, n)
	case refused:
		err = errors.New("the broker is unavailable")
	case repeated:
		now = append(now, n, n)
	case delayed:
		b.late = append(b.late, lateNotice{at + delay, n})
	case emptied:
		now = append(now, liveblog.Notice{Slug: n.Slug})
	case reversed:
		for _, c := range slices.Backward(n.Changes) {
			now = append(now, liveblog.Notice{Slug: n.Slug, Changes: []liveblog.Change{c}})
		}
	}
	b.late = slices.DeleteFunc(b.late, func(l lateNotice) bool {
		if l.due > at {
			return false
		}
		now = append(now, l.notice)
		return true
	})
	return now, err
}
