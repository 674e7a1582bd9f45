package realtime

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"readout/liveblog"
)

// feed is one blog's log as this node has it: a cursor, the newest changes, and who listens.
type feed struct {
	hub    *Hub
	slug   string
	cancel func()        // of the subscription
	wake   chan struct{} // holds one: a look at the store is wanted
	render chan struct{} // holds one: a change waits to be rendered
	done   chan struct{} // closed when the goroutines have ended

	readers atomic.Int64                   // kept connections, on this node
	talks   atomic.Pointer[liveblog.Talks] // where they stand at the cursor, or newer

	mu       sync.Mutex // guards what follows
	closed   bool       // taken off the hub: join another
	gap      bool       // a change of the talks may lie between the one known and the next
	blog     liveblog.Blog
	cursor   liveblog.Cursor // of the newest change that is known
	pending  []*message      // the changes up to it that are still being rendered
	waiting  int             // bytes of text in pending
	shown    liveblog.Cursor // of the newest change that clients are offered
	tail     []*message      // every change after tailFrom up to it, in the order of seq
	tailFrom int64
	weight   int                     // of the tail, in bytes of text
	listened [protocols][formats]int // clients by the form in which they get changes
	beat     bool                    // a heartbeat is due as soon as nothing is pending
	doubt    bool                    // look at the store, and at once
	asked    bool                    // look at the store, for readers who seem to be ahead
	running  *look                   // nil: none is under way
	next     *look                   // the one that begins next
	used     time.Time               // when somebody last joined, left or polled
	storeBad bool                    // the last look failed, and was logged
}

// look is one read of what the store has after the feed's cursor.
type look struct {
	done chan struct{} // closed when err is set
	err  error
}

// Limits of a tail, and of what is still being rendered. Who is further behind is told to reload: a page is then less than the changes are.
const (
	tailChanges = 1024
	tailWeight  = 8 << 20 // bytes of entries' text, and of the talks
)

// looksApart is how long a look that a reader's cursor causes comes behind the last one. Anybody can make a cursor up.
const looksApart = 100 * time.Millisecond

var errRetired = errors.New("the feed was retired")

// open subscribes, then reads the store, so that nothing falls between, and starts the goroutines.
func (f *feed) open(ctx context.Context) error {
	f.cancel = f.hub.opt.Broker.Subscribe(f.slug, f.deliver)
	blog, talks, err := f.hub.opt.Store.Talks(ctx, f.slug, time.Time{})
	if err == nil {
		f.talks.Store(&talks)
		from := liveblog.Cursor{Epoch: blog.Cursor.Epoch, Seq: max(0, blog.Cursor.Seq-int64(f.hub.opt.tail))}
		f.mu.Lock()
		f.blog, f.cursor, f.shown, f.tailFrom, f.used = blog, from, from, from.Seq, f.hub.opt.now()
		f.gap = true // the talks known are the newest, and what is in the tail came before
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

// close ends the feed when the hub's context has ended.
func (f *feed) close() {
	f.cancel()
	<-f.done
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
}

// deliver takes a notice from the broker and applies what fits, whatever the store does meanwhile. It never blocks.
func (f *feed) deliver(n liveblog.Notice) {
	f.mu.Lock()
	doubt := len(n.Changes) == 0
	for _, c := range n.Changes {
		switch {
		case c.Cursor.Epoch != f.cursor.Epoch, c.Cursor.Seq > f.cursor.Seq+1:
			doubt = true // a gap: what lies in it is in the store
		case c.Cursor.Seq == f.cursor.Seq+1:
			f.apply(c)
		}
	}
	f.doubt = f.doubt || doubt
	f.mu.Unlock()
	if doubt {
		wake(f.wake)
	}
}

// run keeps the time. What waits for the store is on a goroutine of its own, so that heartbeats go on.
func (f *feed) run() {
	ctx, stop := context.WithCancel(f.hub.ctx)
	var looks sync.WaitGroup
	looks.Go(func() { f.watch(ctx) })
	looks.Go(func() { f.renderAll(ctx) })
	defer close(f.done)
	defer looks.Wait()
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
			f.doubt = true
			f.mu.Unlock()
			wake(f.wake)
			tick.Reset(jitter(opt.Tick))
		case <-beat.C:
			f.mu.Lock()
			f.beat = true
			f.heartbeat()
			f.mu.Unlock()
			beat.Reset(jitter(opt.Heartbeat))
		}
	}
}

// jitter returns d less up to a fifth, so that feeds and nodes do not beat together.
func jitter(d time.Duration) time.Duration {
	return d - time.Duration(rand.Int64N(int64(d)/5+1))
}

// watch looks at the store, once at a time: at once for a doubt, now and then for readers.
func (f *feed) watch(ctx context.Context) {
	var last time.Time
	for ctx.Err() == nil {
		f.mu.Lock()
		doubt, asked := f.doubt, f.asked
		f.mu.Unlock()
		pause := looksApart - time.Since(last)
		if doubt || asked && pause <= 0 {
			f.lookOnce(ctx)
			last = time.Now()
			continue
		}
		var later <-chan time.Time
		if asked {
			later = time.After(pause)
		}
		select {
		case <-f.wake:
		case <-later:
		case <-ctx.Done():
		}
	}
}

// lookOnce makes the look that is next and tells those who wait for it.
func (f *feed) lookOnce(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, f.hub.opt.StoreTimeout)
	defer cancel()
	f.mu.Lock()
	l := f.next
	f.running, f.next = l, newLook()
	f.doubt, f.asked = false, false
	f.mu.Unlock()
	l.err = f.refresh(ctx)
	f.mu.Lock()
	f.running = nil
	f.mu.Unlock()
	close(l.done)
}

func newLook() *look { return &look{done: make(chan struct{})} }

// refresh reads from the store what happened after the feed's cursor. It is called by open, then only by watch.
func (f *feed) refresh(ctx context.Context) error {
	f.mu.Lock()
	after := f.cursor
	f.mu.Unlock()
	changes, err := f.hub.opt.Store.ChangesAfter(ctx, f.slug, after, f.hub.opt.tail)
	f.mu.Lock()
	turned := f.turned(err)
	switch {
	case err != nil:
	case changes.Reload:
		f.restart(changes)
	default:
		for _, c := range changes.List {
			if c.Cursor.Seq > f.cursor.Seq {
				f.apply(c)
			}
		}
		f.gap = false // had the talks changed, they would be in the list
	}
	f.mu.Unlock()
	if turned {
		f.report(err)
	}
	return err
}

// turned notes how a look has ended, and reports whether it is the first to fail or to succeed. The caller holds f.mu.
func (f *feed) turned(err error) bool {
	bad := err != nil
	if bad == f.storeBad || bad && (f.closed || f.hub.ctx.Err() != nil) {
		return false
	}
	f.storeBad = bad
	return true
}

// report logs the store's failure or its return.
func (f *feed) report(err error) {
	if err != nil {
		f.hub.opt.Log.Warn("the store does not answer; readers wait with what they have", "blog", f.slug, slog.Any("error", err))
	} else {
		f.hub.opt.Log.Info("the store answers again", "blog", f.slug)
	}
}

// apply takes the change that is next. It is offered to clients as soon as it is rendered in every form that somebody
// listens to. The caller holds f.mu.
//
// A change of the talks tells what is otherwise than before. Where the store has left out seqs, one of them may have been
// an earlier change that a client has seen, on another node or in its page: it is then told of everything.
func (f *feed) apply(c liveblog.Change) {
	f.gap = f.gap || c.Cursor.Seq > f.cursor.Seq+1
	f.cursor = c.Cursor
	var before *liveblog.Talks
	if c.Talks != nil {
		if !f.gap {
			before = f.talks.Load()
		}
		f.talks.Store(c.Talks)
		f.gap = false
	}
	m := changed(f.hub.opt.Renderer, f.hub.opt.Log, f.blog, before, f.talks.Load, c)
	if c.Head != nil {
		b := c.Head.Blog
		if b.TimeZone != f.blog.TimeZone || b.Language != f.blog.Language {
			m = reloadAt(c.Cursor) // every time on the page reads differently now
		}
		f.blog = b
	}
	f.pending = append(f.pending, m)
	f.waiting += m.weight
	switch {
	case len(f.pending) > f.hub.opt.tail || f.waiting > tailWeight && len(f.pending) > 1:
		f.skip()
	case len(f.pending) == 1 && f.forms() == 0:
		f.show() // there is nobody to render it for
	default:
		wake(f.render)
	}
}

// renderAll renders what is pending, one change after the other, outside f.mu and off the shards' goroutines: a rendering
// can take a while, and nobody but the readers of this blog waits for it.
func (f *feed) renderAll(ctx context.Context) {
	for {
		m, missing := f.unrendered()
		if m == nil {
			select {
			case <-f.render:
			case <-ctx.Done():
				return
			}
			continue
		}
		m.prepare(missing)
		f.rendered(m, missing)
	}
}

// unrendered returns the first pending change with the forms in which it is wanted and not yet there; nil where nothing is
// pending. What has all its forms is shown.
func (f *feed) unrendered() (*message, forms) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.pending) > 0 {
		m := f.pending[0]
		if missing := f.forms() &^ m.has; missing != 0 {
			return m, missing
		}
		f.show()
	}
	return nil, 0
}

// rendered notes in which forms a change is there.
func (f *feed) rendered(m *message, done forms) {
	f.mu.Lock()
	defer f.mu.Unlock()
	m.has |= done
}

// forms are those in which somebody listens. The caller holds f.mu.
func (f *feed) forms() (all forms) {
	for p := range f.listened {
		for format, n := range f.listened[p] {
			if n > 0 {
				all |= formOf(Protocol(p), Format(format))
			}
		}
	}
	return all
}

// show offers the first pending change to every client and keeps it in the tail. The caller holds f.mu.
func (f *feed) show() {
	m := f.pending[0]
	f.pending[0] = nil
	if f.pending = f.pending[1:]; len(f.pending) == 0 {
		f.pending = nil
	}
	f.waiting -= m.weight
	f.shown.Seq = m.seq
	f.tail = append(f.tail, m)
	f.weight += m.weight
	for len(f.tail) > f.hub.opt.tail || f.weight > tailWeight && len(f.tail) > 1 {
		f.tailFrom = f.tail[0].seq
		f.weight -= f.tail[0].weight
		f.tail[0] = nil
		f.tail = f.tail[1:]
	}
	f.send(m)
	f.heartbeat()
}

// heartbeat sends one that is due, unless a change is pending: a client may have seen that elsewhere, and must not be told
// of an earlier place. The caller holds f.mu.
func (f *feed) heartbeat() {
	if f.beat && len(f.pending) == 0 {
		f.beat = false
		f.send(heartbeat(f.shown, f.following()))
	}
}

// restart begins anew at the store's cursor after a restored database or a very long absence: no client's place means
// anything any more. The caller holds f.mu.
func (f *feed) restart(c liveblog.Changes) {
	f.blog, f.cursor = c.Blog, c.Cursor
	f.talks.Store(&c.Talks)
	f.gap = false
	f.skip()
}

// skip leaves out what clients have not been offered, and tells them to reload. The caller holds f.mu.
func (f *feed) skip() {
	f.shown, f.tailFrom = f.cursor, f.cursor.Seq
	f.pending, f.waiting, f.tail, f.weight = nil, 0, nil, 0
	f.send(restarted(f.cursor))
	f.heartbeat()
}

// send offers a message to every client. The caller holds f.mu, which keeps the order for those who join meanwhile.
func (f *feed) send(m *message) {
	for _, s := range f.hub.shards {
		s.broadcast(f, m)
	}
}

// since returns what a client at the given place has missed, and the seq that it is at then: nothing where it is
// ahead of what clients here are offered, a reload where its place is unknown or left the tail. The caller holds f.mu.
func (f *feed) since(after liveblog.Cursor) (missed []*message, seq int64) {
	switch {
	case after.IsZero():
		return nil, f.shown.Seq
	case after.Epoch != f.cursor.Epoch, after.Seq > f.cursor.Seq, after.Seq < f.tailFrom:
		return []*message{reload()}, f.shown.Seq
	}
	i := len(f.tail)
	for i > 0 && f.tail[i-1].seq > after.Seq {
		i--
	}
	return f.tail[i:], after.Seq
}

// reach sees to it that the feed is where a client is, or has looked at the store since it was asked: the client comes
// from another node, or lies. All who come in this way share one look. Anybody else can join while the store is away.
// It fails with the look's error, with Unavailable at the end of ctx, or with errRetired: ask for the feed again.
func (f *feed) reach(ctx context.Context, after liveblog.Cursor) error {
	for _, last := range []bool{false, true} {
		f.mu.Lock()
		f.used = f.hub.opt.now()
		behind, l := f.behind(after), f.running
		if l == nil {
			l = f.next
			last = true
			f.asked = f.asked || behind
		}
		f.mu.Unlock()
		if !behind {
			return nil
		}
		wake(f.wake)
		select {
		case <-l.done:
		case <-f.done:
			return errRetired
		case <-ctx.Done():
			return &liveblog.Error{Code: liveblog.Unavailable, Message: "The server is busy; please try again.", Err: ctx.Err()}
		}
		if l.err != nil || last {
			return l.err
		}
		// The look had begun before this client came, and may have missed what it knows.
	}
	return nil
}

// behind reports whether the feed is not yet where a client is. The caller holds f.mu.
func (f *feed) behind(after liveblog.Cursor) bool {
	return !after.IsZero() && (after.Epoch != f.cursor.Epoch || after.Seq > f.cursor.Seq)
}

// listen has changes rendered in the form that a client is about to join with, and renders what it has missed, so that its
// shard does not. Whoever calls it calls join, or unlisten.
func (f *feed) listen(j Join) {
	f.mu.Lock()
	f.listened[j.Protocol][j.Format]++
	missed, _ := f.since(j.After)
	missed = slices.Clone(missed)
	f.mu.Unlock()
	for _, m := range missed {
		m.bytes(j.Protocol, j.Format)
	}
}

func (f *feed) unlisten(p Protocol, format Format) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.listened[p][format]--
}

// join adds a client: what it missed is taken and the client is listed under one lock, so that nothing falls between.
// It reports false when the feed was retired meanwhile.
func (f *feed) join(at endpoint, j Join) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return false
	}
	missed, seq := f.since(j.After)
	place := f.shown
	if len(missed) > 0 && missed[0].seq != 0 || seq > place.Seq {
		place = j.After
	}
	f.readers.Add(1)
	first := append([]*message{hello(place, f.following(), f.blog.Status)}, missed...)
	c := client{feed: f, place: j.Ticket, seq: seq, protocol: j.Protocol, format: j.Format}
	f.hub.shardFor(at).add(at, c, first, j.Early)
	return true
}

// following returns how many readers follow the blog, on all nodes.
func (f *feed) following() int { return f.hub.opt.Broker.Readers(f.slug, int(f.readers.Load())) }

// leave is called by the shard when a client's connection is closed.
func (f *feed) leave(p Protocol, format Format) {
	f.readers.Add(-1)
	f.unlisten(p, format)
	f.mu.Lock()
	f.used = f.hub.opt.now()
	f.mu.Unlock()
}
