package realtime

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"readout/liveblog"
)

// feed follows the log of one blog on this node and broadcasts its changes to the blog's clients.
//
// A change passes through three steps. [feed.apply] takes it in the order of seq and moves cursor; the change is then
// pending. [feed.renderLoop] renders it outside the lock. [feed.broadcastNext] hands it to every shard, moves sent and
// keeps it in the tail, from which clients that reconnect get what they missed.
type feed struct {
	hub    *Hub
	slug   string
	cancel func()        // ends the subscription to the broker
	wake   chan struct{} // capacity 1; tells refreshLoop that stale or refreshWanted was set
	render chan struct{} // capacity 1; tells renderLoop that a change is pending
	done   chan struct{} // closed when the feed's goroutines have returned

	talks atomic.Pointer[liveblog.Talks] // as of cursor, or newer

	mu            sync.Mutex // guards what follows
	retired       bool       // no longer in the hub: callers ask the hub for a new feed
	talksGap      bool       // the next change of the talks may not directly follow the one in talks
	blog          liveblog.Blog
	cursor        liveblog.Cursor // of the newest change that was applied
	pending       []*message      // the changes up to cursor that are not broadcast yet
	pendingBytes  int             // sum of the sizes of pending
	sent          liveblog.Cursor // of the newest change that was broadcast
	tail          []*message      // every change after tailAfter up to sent, in the order of seq
	tailAfter     int64
	tailBytes     int                           // sum of the sizes of tail
	listeners     [numProtocols][numFormats]int // clients by the encoding in which they get changes
	heartbeatDue  bool                          // send a heartbeat as soon as nothing is pending
	stale         bool                          // changes may be missing: refresh at once
	refreshWanted bool                          // a client seems to be ahead: refresh, at most every minRefreshInterval
	running       *refreshCall                  // the refresh under way; nil if none is
	queued        *refreshCall                  // the refresh after it; never nil
	opened        time.Time                     // of the newest change then: texts purged until then were never here
	purged        map[int]time.Time             // the purge of each entry, by number, for which the tail was cut
	lastUsed      time.Time                     // when a client last joined, left or polled
	storeDown     bool                          // the last refresh failed, and this was logged
}

// Limits of a feed's tail, and separately of its pending changes. A client that is further behind than the tail is told
// to reload, because the page is then smaller than the changes.
const (
	maxTailChanges = 1024
	maxTailBytes   = 8 << 20 // of the texts of entries and talks, see message.size
)

var errRetired = errors.New("the feed was retired")

// open subscribes to the broker before it reads the store, so that no change is missed in between, and then starts the
// feed's goroutines.
func (f *feed) open(ctx context.Context) error {
	f.cancel = f.hub.opt.Broker.Subscribe(f.slug, f.deliver)
	blog, talks, err := f.hub.opt.Store.Talks(ctx, f.slug, time.Time{})
	if err == nil {
		f.talks.Store(&talks)
		from := liveblog.Cursor{Epoch: blog.Cursor.Epoch, Seq: max(0, blog.Cursor.Seq-int64(f.hub.opt.tail))}
		f.mu.Lock()
		f.blog, f.cursor, f.sent, f.tailAfter, f.lastUsed = blog, from, from, from.Seq, f.hub.opt.now()
		f.opened = blog.ChangedAt
		f.talksGap = true // the talks just read are newer than the changes that the refresh puts into the tail
		f.mu.Unlock()
		err = f.refresh(ctx)
	}
	if err != nil {
		f.cancel()
		return err
	}
	go f.run()
	return nil
}

// close ends the feed. The hub's context has ended before.
func (f *feed) close() {
	f.cancel()
	<-f.done
	f.mu.Lock()
	defer f.mu.Unlock()
	f.retired = true
}

// deliver applies the changes of a notice that directly follow the cursor. If changes before them are missing, or if
// the notice has no changes, it has the feed refreshed from the store. It never blocks.
func (f *feed) deliver(n liveblog.Notice) {
	f.mu.Lock()
	stale := len(n.Changes) == 0
	for _, c := range n.Changes {
		switch {
		case c.Cursor.Epoch != f.cursor.Epoch, c.Cursor.Seq > f.cursor.Seq+1:
			stale = true // a gap: the store has the changes in it
		case c.Cursor.Seq == f.cursor.Seq+1:
			f.apply(c)
		}
	}
	f.stale = f.stale || stale
	f.mu.Unlock()
	if stale {
		wake(f.wake)
	}
}

// run runs the feed's timers until the feed is retired or the hub closes. Reading the store and rendering have
// goroutines of their own, so that heartbeats continue while those take long.
func (f *feed) run() {
	ctx, stop := context.WithCancel(f.hub.ctx)
	var loops sync.WaitGroup
	loops.Go(func() { f.refreshLoop(ctx) })
	loops.Go(func() { f.renderLoop(ctx) })
	defer close(f.done)
	defer loops.Wait()
	defer stop()
	opt := &f.hub.opt
	tick := time.NewTimer(jitter(opt.Tick))
	beat := time.NewTimer(jitter(opt.Heartbeat))
	defer tick.Stop()
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if f.hub.retire(f) {
				return
			}
			f.mu.Lock()
			f.stale = true
			f.mu.Unlock()
			wake(f.wake)
			tick.Reset(jitter(opt.Tick))
		case <-beat.C:
			f.mu.Lock()
			f.heartbeatDue = true
			f.sendHeartbeat()
			f.mu.Unlock()
			beat.Reset(jitter(opt.Heartbeat))
		}
	}
}

// jitter returns d shortened by up to a fifth, so that feeds and nodes do not act at the same moment.
func jitter(d time.Duration) time.Duration {
	return d - time.Duration(rand.Int64N(int64(d)/5+1))
}

// apply takes the next change. Clients get it as soon as it is rendered in every encoding that one of them uses. The
// caller holds f.mu.
//
// A change of the talks is encoded as the difference from the talks before it. If the store skipped seqs, one of them
// may have been an earlier change of the talks that a client has seen on another node or in its page; the message then
// carries the complete talks.
func (f *feed) apply(c liveblog.Change) {
	f.talksGap = f.talksGap || c.Cursor.Seq > f.cursor.Seq+1
	f.cursor = c.Cursor
	var before *liveblog.Talks
	if c.Talks != nil {
		if !f.talksGap {
			before = f.talks.Load()
		}
		f.talks.Store(c.Talks)
		f.talksGap = false
	}
	m := changeMessage(f.hub.opt.Renderer, f.hub.opt.Log, f.blog, before, f.talks.Load, c)
	if c.Head != nil {
		b := c.Head.Blog
		if b.TimeZone != f.blog.TimeZone || b.Language != f.blog.Language || b.Archived() != f.blog.Archived() {
			m = reloadInsteadOf(c.Cursor) // every time on the page reads differently now, or the page need not follow
		}
		f.blog = b
	}
	if e := c.Entry; e != nil && e.PurgedAt.After(f.opened) && !e.PurgedAt.Equal(f.purged[e.Number]) {
		if e.Public() {
			m = reloadInsteadOf(c.Cursor) // its text is the same, but what a page shows of earlier ones may not be
		}
		m.cuts = true
		if f.purged == nil {
			f.purged = map[int]time.Time{}
		}
		f.purged[e.Number] = e.PurgedAt
	}
	f.pending = append(f.pending, m)
	f.pendingBytes += m.size
	switch {
	case len(f.pending) > f.hub.opt.tail || f.pendingBytes > maxTailBytes && len(f.pending) > 1:
		f.reloadClients()
	case len(f.pending) == 1 && f.wantedEncodings() == 0:
		f.broadcastNext() // no client needs it rendered
	default:
		wake(f.render)
	}
}

// renderLoop renders the pending changes one after the other, without f.mu and off the shards' goroutines: rendering
// can take a while, and only the readers of this blog may wait for it.
func (f *feed) renderLoop(ctx context.Context) {
	for {
		m, missing := f.nextToRender()
		if m == nil {
			select {
			case <-f.render:
			case <-ctx.Done():
				return
			}
			continue
		}
		m.renderAll(missing)
		f.markRendered(m, missing)
	}
}

// nextToRender broadcasts the pending changes that have all wanted encodings and returns the first one that does not,
// with the encodings that it lacks. It returns nil if nothing is pending any more.
func (f *feed) nextToRender() (m *message, missing encodings) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.pending) > 0 {
		m := f.pending[0]
		if missing := f.wantedEncodings() &^ m.rendered; missing != 0 {
			return m, missing
		}
		f.broadcastNext()
	}
	return nil, 0
}

func (f *feed) markRendered(m *message, done encodings) {
	f.mu.Lock()
	defer f.mu.Unlock()
	m.rendered |= done
}

// wantedEncodings returns the encodings that have a listener. The caller holds f.mu.
func (f *feed) wantedEncodings() (all encodings) {
	for p := range f.listeners {
		for format, n := range f.listeners[p] {
			if n > 0 {
				all |= encodingOf(Protocol(p), Format(format))
			}
		}
	}
	return all
}

// broadcastNext broadcasts the first pending change and moves it to the tail. The caller holds f.mu.
func (f *feed) broadcastNext() {
	m := f.pending[0]
	f.pending[0] = nil
	if f.pending = f.pending[1:]; len(f.pending) == 0 {
		f.pending = nil
	}
	f.pendingBytes -= m.size
	f.sent.Seq = m.seq
	if m.cuts {
		f.tail, f.tailBytes, f.tailAfter = nil, 0, m.seq-1
	}
	f.tail = append(f.tail, m)
	f.tailBytes += m.size
	for len(f.tail) > f.hub.opt.tail || f.tailBytes > maxTailBytes && len(f.tail) > 1 {
		f.tailAfter = f.tail[0].seq
		f.tailBytes -= f.tail[0].size
		f.tail[0] = nil
		f.tail = f.tail[1:]
	}
	f.broadcast(m)
	f.sendHeartbeat()
}

// sendHeartbeat sends the heartbeat that is due, unless a change is pending: a client may have seen that change on
// another node or in its page, and a heartbeat must not name an earlier cursor than the client's. The caller holds
// f.mu.
func (f *feed) sendHeartbeat() {
	if f.heartbeatDue && len(f.pending) == 0 {
		f.heartbeatDue = false
		f.broadcast(heartbeat(f.sent, f.totalReaders()))
	}
}

// restart continues at the store's cursor after the database was restored, or after the feed fell further behind than
// the store can list. Cursors that clients have may be meaningless now. The caller holds f.mu.
func (f *feed) restart(c liveblog.Changes) {
	f.blog, f.cursor = c.Blog, c.Cursor
	f.talks.Store(&c.Talks)
	f.talksGap = false
	f.reloadClients()
}

// reloadClients drops the tail and the pending changes, and tells all clients to reload. The caller holds f.mu.
func (f *feed) reloadClients() {
	f.sent, f.tailAfter = f.cursor, f.cursor.Seq
	f.pending, f.pendingBytes, f.tail, f.tailBytes = nil, 0, nil, 0
	f.broadcast(reloadAndReset(f.cursor))
	f.sendHeartbeat()
}

// broadcast gives a message to all shards for the feed's clients. The caller holds f.mu, which keeps messages in order
// for clients that are joining.
func (f *feed) broadcast(m *message) {
	for _, s := range f.hub.shards {
		s.broadcast(f, m)
	}
}

// missedSince returns the messages that a client with the cursor after has missed, and the seq after which it gets
// broadcasts: none and its own seq if it is ahead of what was broadcast, a reload and the broadcast seq if its cursor
// is unknown or older than the tail. The caller holds f.mu.
func (f *feed) missedSince(after liveblog.Cursor) (missed []*message, seq int64) {
	switch {
	case after.IsZero():
		return nil, f.sent.Seq
	case !f.canResume(after):
		return []*message{reload()}, f.sent.Seq
	}
	return messagesAfter(f.tail, after.Seq), after.Seq
}

// polled returns what a poll with the cursor after has missed, and the cursor that it has then. Changes that are still
// pending are among it: the request renders them itself, so that a poll sees every change that the feed knows.
func (f *feed) polled(after liveblog.Cursor) (missed []*message, cursor liveblog.Cursor) {
	f.mu.Lock()
	defer f.mu.Unlock()
	missed, _ = f.missedSince(after)
	missed = slices.Clone(missed)
	if f.canResume(after) {
		missed = append(missed, messagesAfter(f.pending, after.Seq)...)
	}
	return missed, f.cursor
}

// canResume reports whether the feed has every change after a cursor. The caller holds f.mu.
func (f *feed) canResume(after liveblog.Cursor) bool {
	return after.Epoch == f.cursor.Epoch && after.Seq <= f.cursor.Seq && after.Seq >= f.tailAfter
}

// messagesAfter returns the part of a list in the order of seq that follows seq.
func messagesAfter(list []*message, seq int64) []*message {
	i := len(list)
	for i > 0 && list[i-1].seq > seq {
		i--
	}
	return list[i:]
}

// addListener has changes rendered in the encoding of a client that is about to join. It also renders what the client
// has missed, so that its shard need not. Each call is followed by one of join or, if that fails, of removeListener.
func (f *feed) addListener(j Join) {
	f.mu.Lock()
	f.listeners[j.Protocol][j.Format]++
	missed, _ := f.missedSince(j.After)
	missed = slices.Clone(missed)
	f.mu.Unlock()
	for _, m := range missed {
		m.bytes(j.Protocol, j.Format)
	}
}

func (f *feed) removeListener(p Protocol, format Format) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.listeners[p][format]--
}

// join adds a client. It determines what the client has missed and hands it to its shard while holding f.mu, so that no
// change falls between the two. It returns false if the feed was retired.
func (f *feed) join(at endpoint, j Join) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.retired {
		return false
	}
	missed, seq := f.missedSince(j.After)
	start := f.sent // the cursor that the hello names
	if len(missed) > 0 && missed[0].seq != 0 || seq > start.Seq {
		start = j.After
	}
	first := append([]*message{hello(start, f.totalReaders(), f.blog.Status)}, missed...)
	c := client{feed: f, ticket: j.Ticket, seq: seq, protocol: j.Protocol, format: j.Format}
	f.hub.shardFor(at).add(at, c, first, j.Early)
	return true
}

// readers returns the number of the feed's clients, those that are joining included. The caller holds f.mu.
func (f *feed) readers() (n int) {
	for p := range f.listeners {
		for _, clients := range f.listeners[p] {
			n += clients
		}
	}
	return n
}

// totalReaders returns the number of the blog's readers on all nodes. The caller holds f.mu.
func (f *feed) totalReaders() int { return f.hub.opt.Broker.Readers(f.slug, f.readers()) }

// leave is called by a client's shard after it has closed the connection.
func (f *feed) leave(p Protocol, format Format) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.listeners[p][format]--
	f.lastUsed = f.hub.opt.now()
}
