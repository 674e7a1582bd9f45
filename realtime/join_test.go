package realtime

import (
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
