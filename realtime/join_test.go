package realtime

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"readout/liveblog"
)

// askedBroker calls a function whenever it is asked for readers.
type askedBroker struct {
	liveblog.Broker
	asked atomic.Pointer[func()]
}

func (b *askedBroker) Readers(slug string, here int) int {
	if f := b.asked.Load(); f != nil {
		(*f)()
	}
	return b.Broker.Readers(slug, here)
}

// TestJoinIsUnderTheLock: between the moment at which what a client has missed is taken and the one at which it is listed
// no change can come, since the feed is locked; the greeting asks for the readers there. It fails when join gives up the
// lock after it has taken what was missed, which random histories meet only now and then.
func TestJoinIsUnderTheLock(t *testing.T) {
	t.Parallel()
	broker := &askedBroker{Broker: NewLocalBroker()}
	here := newRig(t, Options{Broker: broker, Tick: time.Hour, Heartbeat: time.Hour})
	here.join(Join{}).want() // opens the feed
	f := here.hub.opened(slug)
	var asked, free atomic.Int64
	look := func() {
		asked.Add(1)
		if f.mu.TryLock() {
			f.mu.Unlock()
			free.Add(1)
		}
	}
	broker.asked.Store(&look)
	here.join(Join{}).want()
	broker.asked.Store(nil)
	if asked.Load() == 0 || free.Load() > 0 {
		t.Errorf("while a client joined, the readers were asked for %d times, %d of them with the feed unlocked", asked.Load(), free.Load())
	}
}

// Whoever joins while changes come gets every change behind the place where it joined, each once and in order. It fails where
// join gives up the lock between looking for what a client has missed and listing it, be it for a moment.
func TestJoinAmidChanges(t *testing.T) {
	t.Parallel()
	const posts, joins = 150, 100
	r := newRig(t, Options{Tick: time.Hour, Heartbeat: time.Hour})
	start := r.cursor()
	r.join(Join{}).want() // opens the feed
	posted := make(chan error, 1)
	go func() {
		for i := range posts {
			if _, _, err := r.desk.Post(context.Background(), editor, slug, liveblog.EntryInput{Body: fmt.Sprint("Update ", i)}, nil); err != nil {
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
				t.Fatalf("reader %d: %+v where change %d was due", i, o, seq)
			}
		}
	}
}
