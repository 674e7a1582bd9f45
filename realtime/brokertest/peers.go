package brokertest

import (
	"strings"
	"sync/atomic"
	"testing"

	"readout/liveblog"
)

// RunPeers tests a broker between nodes. Each call of open must return the brokers of two nodes, which share nothing
// with those of other calls; the suite closes them. A subscription may take effect late, if it delivers a refresh
// notice, which has no changes, when it does. After that it must not lose notices while nothing is broken.
func RunPeers(t *testing.T, open func(t *testing.T) (a, b liveblog.Broker)) {
	for name, test := range map[string]func(t *testing.T, a, b liveblog.Broker){
		"notices reach the other node unchanged and in order":          testPeerGetsInOrder,
		"a node gets its own notices once":                             testOwnNoticesOnce,
		"a large entry reaches the other node":                         testPeerGetsLargeEntry,
		"a notice reaches only the subscribers of its blog":            testPeerGetsBySlug,
		"a subscription misses nothing after its first refresh notice": testSubscribeMidway,
		"readers are counted on all nodes":                             testReadersOfBoth,
		"a node that is closed is not counted":                         testReadersAfterClose,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b := open(t)
			t.Cleanup(func() { a.Close(); b.Close() })
			test(t, a, b)
		})
	}
}

// refreshes returns how many refresh notices were delivered.
func (in *inbox) refreshes() (count int) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, n := range in.got {
		if len(n.Changes) == 0 {
			count++
		}
	}
	return count
}

// subscribe subscribes and waits until the subscription is in effect.
func subscribe(t *testing.T, b liveblog.Broker, slug string) *inbox {
	t.Helper()
	in := &inbox{}
	t.Cleanup(b.Subscribe(slug, in.deliver))
	eventually(t, "the subscription is in effect", func() bool { return in.refreshes() > 0 })
	return in
}

// wantInOrder waits for n changes and fails the test unless their seqs are 1 to n in this order.
func wantInOrder(t *testing.T, who string, in *inbox, n int) {
	t.Helper()
	eventually(t, who+" has all changes", func() bool { return len(in.changes()) >= n })
	for i, seq := range in.changes() {
		if seq != int64(i+1) {
			t.Fatalf("%s got change %d as number %d", who, seq, i+1)
		}
	}
}

func testPeerGetsInOrder(t *testing.T, a, b liveblog.Broker) {
	const n = 200
	there := subscribe(t, b, "talks")
	for i := range n {
		publish(t, a, notice("talks", int64(i+1)))
	}
	wantInOrder(t, "the other node", there, n)
	there.mu.Lock()
	defer there.mu.Unlock()
	for _, got := range there.got {
		if len(got.Changes) == 0 {
			continue
		}
		want := notice("talks", got.Changes[0].Cursor.Seq)
		change, wantChange := got.Changes[0], want.Changes[0]
		if got.Slug != want.Slug || change.Cursor != wantChange.Cursor || *change.Entry != *wantChange.Entry {
			t.Fatalf("a notice arrives as\n%+v, not\n%+v", got, want)
		}
	}
}

func testOwnNoticesOnce(t *testing.T, a, b liveblog.Broker) {
	const n = 50
	here, there := subscribe(t, a, "talks"), subscribe(t, b, "talks")
	for i := range n {
		publish(t, a, notice("talks", int64(i+1)))
		if got := len(here.changes()); got != i+1 {
			t.Fatalf("when publication %d returns, the node's own subscriber has %d changes", i+1, got)
		}
	}
	wantInOrder(t, "the other node", there, n)
	publish(t, b, notice("talks", n+1)) // reaches a after all of its own messages have come back
	for who, in := range map[string]*inbox{"the node": here, "the other node": there} {
		wantInOrder(t, who, in, n+1)
	}
}

func testPeerGetsLargeEntry(t *testing.T, a, b liveblog.Broker) {
	there := subscribe(t, b, "talks")
	n := notice("talks", 1)
	n.Changes[0].Entry.Body = strings.Repeat("<“谈判”>", liveblog.MaxBody/14)
	publish(t, a, n)
	eventually(t, "the change has arrived", func() bool { return len(there.changes()) == 1 })
	there.mu.Lock()
	defer there.mu.Unlock()
	if got := there.got[len(there.got)-1].Changes[0].Entry.Body; got != n.Changes[0].Entry.Body {
		t.Errorf("a text of %d bytes arrives as a different one of %d", len(n.Changes[0].Entry.Body), len(got))
	}
}

func testPeerGetsBySlug(t *testing.T, a, b liveblog.Broker) {
	talks, other := subscribe(t, b, "talks"), subscribe(t, b, "talks-2")
	publish(t, a, notice("nobody", 1))
	publish(t, a, notice("talks", 2))
	publish(t, a, notice("talks-2", 3))
	eventually(t, "both have a change", func() bool { return len(talks.changes()) > 0 && len(other.changes()) > 0 })
	if got := talks.changes(); len(got) != 1 || got[0] != 2 {
		t.Errorf("talks got %v, want only 2", got)
	}
	if got := other.changes(); len(got) != 1 || got[0] != 3 {
		t.Errorf("talks-2 got %v, want only 3", got)
	}
}

// testSubscribeMidway subscribes while the other node publishes. A counter takes the place of the store: each change is
// counted before it is published, and a refresh notice has the subscriber read the counter.
func testSubscribeMidway(t *testing.T, a, b liveblog.Broker) {
	const n = 400
	var log, known atomic.Int64
	learn := func(seq int64) {
		for old := known.Load(); seq > old && !known.CompareAndSwap(old, seq); old = known.Load() {
		}
	}
	joined := make(chan struct{})
	go func() {
		defer close(joined)
		eventually(t, "a quarter is published", func() bool { return log.Load() > n/4 })
		t.Cleanup(b.Subscribe("talks", func(got liveblog.Notice) {
			if len(got.Changes) == 0 {
				learn(log.Load())
			}
			for _, c := range got.Changes {
				learn(c.Cursor.Seq)
			}
		}))
	}()
	for i := range n {
		log.Store(int64(i + 1))
		publish(t, a, notice("talks", int64(i+1)))
	}
	<-joined
	eventually(t, "the other node knows all changes", func() bool { return known.Load() == n })
}

func testReadersOfBoth(t *testing.T, a, b liveblog.Broker) {
	subscribe(t, a, "talks")
	var in inbox
	cancel := b.Subscribe("talks", in.deliver)
	subscribe(t, b, "talks-2")
	eventually(t, "each node counts the readers of both", func() bool {
		inA, inB := a.Readers("talks", 3), b.Readers("talks", 4)
		return inA == 7 && inB == 7 && b.Readers("talks-2", 5) == 5
	})
	eventually(t, "both nodes have the lower count", func() bool {
		inA, inB := a.Readers("talks", 3), b.Readers("talks", 1)
		return inA == 4 && inB == 4
	})
	if got := a.Readers("nobody", 2); got != 2 {
		t.Errorf("a blog without subscribers has %d readers, want the 2 on this node", got)
	}
	cancel()
	eventually(t, "a node without a subscription is not counted", func() bool { return a.Readers("talks", 3) == 3 })
}

func testReadersAfterClose(t *testing.T, a, b liveblog.Broker) {
	subscribe(t, a, "talks")
	subscribe(t, b, "talks")
	eventually(t, "the node is counted", func() bool {
		b.Readers("talks", 4)
		return a.Readers("talks", 3) == 7
	})
	if err := b.Close(); err != nil {
		t.Errorf("closing: %v", err)
	}
	eventually(t, "a closed node is not counted", func() bool { return a.Readers("talks", 3) == 3 })
}
