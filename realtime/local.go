package realtime

import (
	"context"
	"maps"
	"slices"
	"sync"

	"readout/liveblog"
)

// LocalBroker is a [liveblog.Broker] within one process. It delivers on the publisher's goroutine and loses no notice.
type LocalBroker struct {
	mu   sync.Mutex // guards subs
	subs map[string]map[*localSubscription]struct{}
}

type localSubscription struct {
	mu      sync.Mutex // held while deliver runs
	deliver func(liveblog.Notice)
	ended   bool
}

// NewLocalBroker returns a broker without subscribers.
func NewLocalBroker() *LocalBroker {
	return &LocalBroker{subs: make(map[string]map[*localSubscription]struct{})}
}

// Publish implements [liveblog.Broker].
func (b *LocalBroker) Publish(ctx context.Context, n liveblog.Notice) error {
	b.mu.Lock()
	subs := slices.Collect(maps.Keys(b.subs[n.Slug]))
	b.mu.Unlock()
	for _, s := range subs {
		s.mu.Lock()
		if !s.ended {
			s.deliver(n)
		}
		s.mu.Unlock()
	}
	return nil
}

// Subscribe implements [liveblog.Broker].
func (b *LocalBroker) Subscribe(slug string, deliver func(liveblog.Notice)) (cancel func()) {
	s := &localSubscription{deliver: deliver}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.subs[slug] == nil {
		b.subs[slug] = make(map[*localSubscription]struct{})
	}
	b.subs[slug][s] = struct{}{}
	return func() {
		b.mu.Lock()
		delete(b.subs[slug], s)
		if len(b.subs[slug]) == 0 {
			delete(b.subs, slug)
		}
		b.mu.Unlock()
		s.end()
	}
}

// Readers implements [liveblog.Broker]. There are no other nodes, so it returns here.
func (b *LocalBroker) Readers(slug string, here int) (everywhere int) { return here }

// Close implements [liveblog.Broker].
func (b *LocalBroker) Close() error {
	b.mu.Lock()
	all := b.subs
	b.subs = make(map[string]map[*localSubscription]struct{})
	b.mu.Unlock()
	for _, subs := range all {
		for s := range subs {
			s.end()
		}
	}
	return nil
}

// end waits for a running delivery to return. Nothing is delivered after it.
func (s *localSubscription) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
}
