// Package brokertest has the conformance tests for implementations of [liveblog.Broker].
package brokertest

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"readout/liveblog"
)

// patience is how long a test waits for something that must happen. Only a broken broker makes a test wait that long.
const patience = time.Minute

// Run tests a broker. Each call of open must return a new broker that delivers only its own notices; the suite closes
// it. The broker must not lose notices while nothing is broken.
func Run(t *testing.T, open func(t *testing.T) liveblog.Broker) {
	for name, test := range map[string]func(*testing.T, liveblog.Broker){
		"a notice reaches all subscribers of its blog and no others": testDeliversBySlug,
		"a notice arrives as it was published":                       testKeepsContents,
		"calls for one subscription come one at a time":              testOneAtATime,
		"notices of one publisher arrive in order":                   testKeepsOrder,
		"nothing is delivered after cancel has returned":             testSilentAfterCancel,
		"cancel may be called again and concurrently":                testCancelAgain,
		"subscriptions begin and end during publications":            testSubscribeDuringPublications,
		"nothing is delivered after Close":                           testSilentAfterClose,
		"Close waits for a running delivery":                         testCloseWaits,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t)
			t.Cleanup(func() { b.Close() })
			test(t, b)
		})
	}
}

// inbox collects what one subscription delivers.
type inbox struct {
	mu  sync.Mutex // guards got
	got []liveblog.Notice
}

func (in *inbox) deliver(n liveblog.Notice) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.got = append(in.got, n)
}

// changes returns the seqs of all changes delivered so far. Refresh notices, which are always allowed, have no changes.
func (in *inbox) changes() (seqs []int64) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, n := range in.got {
		for _, c := range n.Changes {
			seqs = append(seqs, c.Cursor.Seq)
		}
	}
	return seqs
}

// notice returns a notice with a change of one entry.
func notice(slug string, seq int64) liveblog.Notice {
	c := liveblog.Cursor{Epoch: "0123456789ab", Seq: seq}
	e := liveblog.Entry{
		Number: int(seq), Revision: 1, Headline: "Talks <resume>", Body: "Officials said “yes”.\n\nNo more.",
		Author: "Mara Lindqvist", AuthorID: "u_1", Status: liveblog.Published, KeyEvent: true, Seq: seq,
		CreatedAt:   time.UnixMicro(1_760_000_000_000_001).UTC(),
		PublishedAt: time.UnixMicro(1_760_000_000_000_002).UTC(),
	}
	return liveblog.Notice{Slug: slug, Changes: []liveblog.Change{{Cursor: c, Entry: &e}}}
}

func publish(t *testing.T, b liveblog.Broker, n liveblog.Notice) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := b.Publish(ctx, n); err != nil {
		t.Errorf("publishing %s: %v", n.Slug, err)
	}
}

// eventually waits until the condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-tick.C {
		if holds() {
			return
		}
	}
	t.Fatalf("not true after %v: %s", patience, what)
}

func testDeliversBySlug(t *testing.T, b liveblog.Broker) {
	var first, second, other inbox
	for slug, boxes := range map[string][]*inbox{"talks": {&first, &second}, "talks-2": {&other}} {
		for _, in := range boxes {
			defer b.Subscribe(slug, in.deliver)()
		}
	}
	publish(t, b, notice("nobody", 1))
	publish(t, b, notice("talks", 2))
	publish(t, b, notice("talks-2", 3))
	eventually(t, "all subscribers have a change", func() bool {
		return len(first.changes()) > 0 && len(second.changes()) > 0 && len(other.changes()) > 0
	})
	for name, c := range map[string]struct {
		in   *inbox
		want int64
	}{"first of talks": {&first, 2}, "second of talks": {&second, 2}, "talks-2": {&other, 3}} {
		if got := c.in.changes(); len(got) != 1 || got[0] != c.want {
			t.Errorf("%s got the changes %v, want only %d", name, got, c.want)
		}
	}
}

func testKeepsContents(t *testing.T, b liveblog.Broker) {
	var in inbox
	defer b.Subscribe("talks", in.deliver)()
	want := notice("talks", 7)
	blog := liveblog.Blog{
		Slug: "talks", Title: "Talks", Status: liveblog.Live, TimeZone: "Asia/Seoul", Language: "en",
		Venue: "Airport", Address: "1 Sky Road",
		Cursor:    liveblog.Cursor{Epoch: "0123456789ab", Seq: 8},
		ChangedAt: time.Unix(2, 0).UTC(), ChangedBefore: time.Unix(1, 0).UTC(),
	}
	head := liveblog.Head{Blog: blog, KeyEvents: []liveblog.Entry{*want.Changes[0].Entry}}
	want.Changes = append(want.Changes, liveblog.Change{Cursor: head.Blog.Cursor, Head: &head})
	publish(t, b, want)
	eventually(t, "both changes have arrived", func() bool { return len(in.changes()) == 2 })
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, n := range in.got {
		if n.Slug != "talks" {
			t.Errorf("a notice is about %q", n.Slug)
		}
		if len(n.Changes) == 0 {
			continue
		}
		if len(n.Changes) != 2 || n.Changes[0].Entry == nil || n.Changes[1].Head == nil {
			t.Fatalf("the notice's changes are %+v", n.Changes)
		}
		if got := *n.Changes[0].Entry; got != *want.Changes[0].Entry {
			t.Errorf("the entry arrives as\n%+v, not\n%+v", got, *want.Changes[0].Entry)
		}
		got := n.Changes[1].Head
		if got.Blog != head.Blog || len(got.KeyEvents) != 1 || got.KeyEvents[0] != head.KeyEvents[0] {
			t.Errorf("the head arrives as\n%+v, not\n%+v", *got, head)
		}
	}
}

func testOneAtATime(t *testing.T, b liveblog.Broker) {
	const publishers, each = 8, 25
	var running, overlaps atomic.Int32
	var in inbox
	defer b.Subscribe("talks", func(n liveblog.Notice) {
		if running.Add(1) > 1 {
			overlaps.Add(1)
		}
		in.deliver(n)
		running.Add(-1)
	})()
	var wg sync.WaitGroup
	for p := range publishers {
		wg.Go(func() {
			for i := range each {
				publish(t, b, notice("talks", int64(p*each+i+1)))
			}
		})
	}
	wg.Wait()
	eventually(t, "all changes of all publishers have arrived", func() bool {
		return len(in.changes()) == publishers*each
	})
	seen := make(map[int64]bool)
	for _, seq := range in.changes() {
		if seen[seq] {
			t.Errorf("change %d was delivered twice", seq)
		}
		seen[seq] = true
	}
	if n := overlaps.Load(); n > 0 {
		t.Errorf("%d calls of deliver began during another call", n)
	}
}

func testKeepsOrder(t *testing.T, b liveblog.Broker) {
	const n = 100
	var in inbox
	defer b.Subscribe("talks", in.deliver)()
	for i := range n {
		publish(t, b, notice("talks", int64(i+1)))
	}
	eventually(t, "all changes have arrived", func() bool { return len(in.changes()) == n })
	for i, seq := range in.changes() {
		if seq != int64(i+1) {
			t.Fatalf("delivery %d is of change %d", i+1, seq)
		}
	}
}

func testSilentAfterCancel(t *testing.T, b liveblog.Broker) {
	var stays inbox
	defer b.Subscribe("talks", stays.deliver)()
	stop := make(chan struct{})
	var publisher sync.WaitGroup
	publisher.Go(func() {
		for seq := int64(1); ; seq++ {
			select {
			case <-stop:
				return
			default:
				publish(t, b, notice("talks", seq))
			}
		}
	})
	for i := range 20 {
		var cancelled atomic.Bool
		var calls, late atomic.Int32
		cancel := b.Subscribe("talks", func(liveblog.Notice) {
			calls.Add(1)
			if cancelled.Load() {
				late.Add(1)
			}
		})
		eventually(t, fmt.Sprintf("subscription %d gets a notice", i+1), func() bool { return calls.Load() > 0 })
		cancel()
		cancelled.Store(true)
		mark := len(stays.changes())
		eventually(t, "the other subscription gets more notices", func() bool { return len(stays.changes()) > mark+1 })
		if n := late.Load(); n > 0 {
			t.Errorf("%d calls after cancel had returned", n)
		}
	}
	close(stop)
	publisher.Wait()
}

func testCancelAgain(t *testing.T, b liveblog.Broker) {
	var gone, stays inbox
	cancel := b.Subscribe("talks", gone.deliver)
	defer b.Subscribe("talks", stays.deliver)()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(cancel)
	}
	wg.Wait()
	cancel()
	publish(t, b, notice("talks", 1))
	eventually(t, "the other subscription has the change", func() bool { return len(stays.changes()) == 1 })
	if got := gone.changes(); len(got) > 0 {
		t.Errorf("the cancelled subscription got %v", got)
	}
	var again inbox
	defer b.Subscribe("talks", again.deliver)()
	publish(t, b, notice("talks", 2))
	eventually(t, "a new subscription has the next change", func() bool { return len(again.changes()) == 1 })
}

func testSubscribeDuringPublications(t *testing.T, b liveblog.Broker) {
	const n = 200
	var stays inbox
	defer b.Subscribe("talks", stays.deliver)()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 25 {
				var in inbox
				cancel := b.Subscribe("talks", in.deliver)
				cancel()
			}
		})
	}
	for i := range n {
		publish(t, b, notice("talks", int64(i+1)))
	}
	wg.Wait()
	eventually(t, "the subscription that stays has all changes", func() bool { return len(stays.changes()) == n })
}

func testSilentAfterClose(t *testing.T, b liveblog.Broker) {
	var in inbox
	cancel := b.Subscribe("talks", in.deliver)
	publish(t, b, notice("talks", 1))
	eventually(t, "the change has arrived", func() bool { return len(in.changes()) == 1 })
	if err := b.Close(); err != nil {
		t.Errorf("closing: %v", err)
	}
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	b.Publish(ctx, notice("talks", 2)) // may fail, but must not deliver or panic
	cancel()
	if got := in.changes(); len(got) != 1 {
		t.Errorf("after Close the changes are %v", got)
	}
}

func testCloseWaits(t *testing.T, b liveblog.Broker) {
	var closed, late atomic.Bool
	delivering, published := make(chan struct{}), make(chan struct{})
	var once sync.Once
	b.Subscribe("talks", func(n liveblog.Notice) {
		if len(n.Changes) == 0 {
			return
		}
		once.Do(func() { close(delivering) })
		for range 10_000 {
			runtime.Gosched()
		}
		late.Store(closed.Load())
	})
	go func() {
		defer close(published)
		ctx, stop := context.WithTimeout(context.Background(), patience)
		defer stop()
		b.Publish(ctx, notice("talks", 1)) // may fail, because the broker is being closed
	}()
	<-delivering
	if err := b.Close(); err != nil {
		t.Errorf("closing: %v", err)
	}
	closed.Store(true)
	<-published
	if late.Load() {
		t.Error("Close returned during a delivery")
	}
}
