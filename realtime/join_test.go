package realtime

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"readout/liveblog"
)

// observedBroker calls a function whenever it is asked for the number of readers.
type observedBroker struct {
	liveblog.Broker
	onReaders atomic.Pointer[func()]
}

func (b *observedBroker) Readers(slug string, here int) int {
	if f := b.onReaders.Load(); f != nil {
		(*f)()
	}
	return b.Broker.Readers(slug, here)
}

// TestJoinHoldsTheLock: the feed stays locked from determining what a client has missed until the client is listed, so
// that no change falls between. The hello asks the broker for the number of readers in that time, and the test checks
// the lock then. Random histories would find a join that gives up the lock only now and then.
func TestJoinHoldsTheLock(t *testing.T) {
	t.Parallel()
	broker := &observedBroker{Broker: NewLocalBroker()}
	here := newRig(t, Options{Broker: broker, Tick: time.Hour, Heartbeat: time.Hour})
	here.join(Join{}).want() // opens the feed
	f := here.hub.openFeed(slug)
	var calls, unlocked atomic.Int64
	checkLock := func() {
		calls.Add(1)
		if f.mu.TryLock() {
			f.mu.Unlock()
			unlocked.Add(1)
		}
	}
	broker.onReaders.Store(&checkLock)
	here.join(Join{}).want()
	broker.onReaders.Store(nil)
	if calls.Load() == 0 || unlocked.Load() > 0 {
		t.Errorf("a join asked for the readers %d times, %d of them with the feed unlocked",
			calls.Load(), unlocked.Load())
	}
}

// TestJoinDuringChanges: a reader who joins while changes are published gets every change after its cursor, once and in
// order.
func TestJoinDuringChanges(t *testing.T) {
	t.Parallel()
	const posts, joins = 150, 100
	r := newRig(t, Options{Tick: time.Hour, Heartbeat: time.Hour})
	start := r.cursor()
	r.join(Join{}).want() // opens the feed
	posted := make(chan error, 1)
	go func() {
		for i := range posts {
			input := liveblog.EntryInput{Body: fmt.Sprint("Update ", i)}
			if _, _, err := r.desk.Post(context.Background(), editor, slug, input, nil); err != nil {
				posted <- err
				return
			}
		}
		posted <- nil
	}()
	var readers []*reader
	for range joins {
		readers = append(readers, r.join(Join{After: start}))
	}
	if err := <-posted; err != nil {
		t.Fatal(err)
	}
	end := r.cursor().Seq
	for i, rd := range readers {
		if o := rd.want(); o.Type != "hello" {
			t.Fatalf("reader %d: first %+v", i, o)
		}
		for seq := start.Seq + 1; seq <= end; seq++ {
			o := rd.want()
			if c, err := liveblog.ParseCursor(o.Cursor); err != nil || c.Seq != seq || o.Op != "put" {
				t.Fatalf("reader %d got %+v, not change %d", i, o, seq)
			}
		}
	}
}
