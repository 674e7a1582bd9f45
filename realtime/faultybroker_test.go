package realtime

import (
	"context"
	"errors"
	"slices"
	"sync"

	"readout/liveblog"
)

// fate is what becomes of one notice.
type fate int

const (
	delivered fate = iota
	lost
	refused  // lost, and the publisher learns of it
	repeated // delivered twice
	held     // delivered behind one of the next notices, late and out of order
	doubted  // delivered as a notice without changes, as after a reconnect
	torn     // its changes are delivered one by one, the last first
)

// faultyBroker is a broker that does to each notice what its script says, and begins again where the script ends.
type faultyBroker struct {
	liveblog.Broker
	script []fate

	mu   sync.Mutex // guards what follows
	next int
	late []lateNotice
}

type lateNotice struct {
	due    int // of the publication behind which it comes
	notice liveblog.Notice
}

// delay is how many publications a held notice stays behind.
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
	at := b.next
	b.next++
	switch b.script[at%len(b.script)] {
	case delivered:
		now = append(now, n)
	case refused:
		err = errors.New("the broker is away")
	case repeated:
		now = append(now, n, n)
	case held:
		b.late = append(b.late, lateNotice{at + delay, n})
	case doubted:
		now = append(now, liveblog.Notice{Slug: n.Slug})
	case torn:
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
