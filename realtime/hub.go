package realtime

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"readout/liveblog"
)

// Store is what a hub reads, as [liveblog.ReadStore] has it.
type Store interface {
	Talks(ctx context.Context, slug string, at time.Time) (liveblog.Blog, liveblog.Talks, error)
	ChangesAfter(ctx context.Context, slug string, after liveblog.Cursor, limit int) (liveblog.Changes, error)
}

// Options are the settings of a [Hub]. Store, Broker and Renderer are required.
type Options struct {
	Store    Store
	Broker   liveblog.Broker
	Renderer Renderer
	Log      *slog.Logger // default slog.Default()

	MaxClients    int           // connections in all; default 10,000
	MaxPerAddress int           // connections from one address; default a tenth of MaxClients (see perAddress)
	QueueBytes    int           // what waits for one client before it is too slow; default 64 KiB
	WriteTimeout  time.Duration // how long a client may take nothing of what waits; default 10 s
	Tick          time.Duration // how often a feed looks at the store unasked, less up to a fifth; default 3 s
	Heartbeat     time.Duration // how often a client hears something, less up to a fifth; default 20 s
	StoreTimeout  time.Duration // for one look at the store; default 5 s
	Idle          time.Duration // how long a feed that nobody uses is kept; default 1 min
	NoLoops       bool          // leave every connection to the portable way, as systems other than Linux do

	loops int // event loops; default one for each processor
	tail  int // changes kept for those who come back; default tailChanges
	poll  int // bytes of changes in one answer to a poll; default maxPoll
	now   func() time.Time
}

func (o *Options) fill() {
	or := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	or(&o.WriteTimeout, 10*time.Second)
	or(&o.Tick, 3*time.Second)
	or(&o.Heartbeat, 20*time.Second)
	or(&o.StoreTimeout, 5*time.Second)
	or(&o.Idle, time.Minute)
	if o.MaxClients == 0 {
		o.MaxClients = 10_000
	}
	if o.MaxPerAddress == 0 {
		o.MaxPerAddress = perAddress(o.MaxClients)
	}
	if o.QueueBytes == 0 {
		o.QueueBytes = 64 << 10
	}
	if o.loops == 0 {
		o.loops = runtime.GOMAXPROCS(0)
	}
	if o.tail == 0 {
		o.tail = tailChanges
	}
	if o.poll == 0 {
		o.poll = maxPoll
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.now == nil {
		o.now = time.Now
	}
}

// Hub knows who listens to what. All methods are safe for concurrent use.
type Hub struct {
	opt       Options
	admission admission
	loops     []shard // for descriptors
	pump      shard   // for all else
	shards    []shard // loops and pump
	next      atomic.Uint32
	ctx       context.Context // of every look at the store; ends with Close
	quit      context.CancelFunc
	swept     chan struct{} // closed when the sweeper has ended

	mu     sync.Mutex // guards feeds and closed
	feeds  map[string]*slot
	closed bool
}

// slot is a feed's place in the hub while it opens and after.
type slot struct {
	ready chan struct{} // closed when feed or err is set
	feed  *feed
	err   error
}

// NewHub starts a hub. It fails when the system refuses the descriptors of its event loops.
func NewHub(opt Options) (*Hub, error) {
	opt.fill()
	h := &Hub{
		opt: opt,
		admission: admission{maxClients: opt.MaxClients, maxPerAddress: opt.MaxPerAddress,
			maxPerNetwork: perNetwork(opt.MaxClients, opt.MaxPerAddress), byNetwork: make(map[netip.Prefix]int)},
		swept: make(chan struct{}),
		feeds: make(map[string]*slot),
	}
	h.ctx, h.quit = context.WithCancel(context.Background())
	lim := limits{queueBytes: opt.QueueBytes, writeTimeout: opt.WriteTimeout, inflate: new(inflater)}
	if !opt.NoLoops {
		loops, err := newLoops(lim, opt.loops)
		if err != nil {
			return nil, err
		}
		h.loops = loops
	}
	h.pump = newPump(lim)
	h.shards = append(append(h.shards, h.loops...), h.pump)
	go h.sweep()
	return h, nil
}

// Join says what a client asks for.
type Join struct {
	Slug     string
	After    liveblog.Cursor // zero: from now on
	Format   Format
	Protocol Protocol
	Ticket   *Ticket // from Admit
	Early    []byte  // what the client sent behind its handshake, if that was read already
}

// Admit takes a place for a client at the address, or fails with liveblog.TooMany, or liveblog.Unavailable while the hub
// drains. Addresses that are [Shared] have no limit of their own. Call it before the handshake.
func (h *Hub) Admit(from netip.Addr) (*Ticket, error) { return h.admission.admit(from) }

// Draining reports whether the hub admits nobody any more.
func (h *Hub) Draining() bool { return h.admission.ended() }

// Attach takes over a raw connection after its handshake and owns it from then on, whatever it returns. An error is
// one of the store's; the connection is then closed, and the client tries again.
func (h *Hub) Attach(ctx context.Context, conn net.Conn, j Join) error {
	conn.SetDeadline(time.Time{})
	at := endpoint{conn: conn}
	for {
		f, err := h.feed(ctx, j.Slug)
		if err == nil {
			err = f.reach(ctx, j.After)
		}
		if err == errRetired {
			continue
		}
		if err != nil {
			at.close()
			j.Ticket.Release()
			return err
		}
		if len(h.loops) > 0 && at.conn != nil {
			at = detach(conn)
		}
		f.listen(j)
		if f.join(at, j) {
			return nil
		}
		f.unlisten(j.Protocol, j.Format)
	}
}

// maxPoll is how many bytes of changes one answer to a poll has, unless the first of them is larger by itself: many
// clients that are far behind would otherwise hold the whole tail each.
const maxPoll = 4 << 20

// Poll returns what happened after a cursor as the poll's JSON, {"cursor":…,"changes":[…]}, and the cursor of the last
// change in it; a client that is far behind asks again with that. A zero cursor means "from now on". It fails with
// NotFound, or Unavailable.
func (h *Hub) Poll(ctx context.Context, slug string, after liveblog.Cursor, f Format) (body []byte, cursor liveblog.Cursor, err error) {
	var feed *feed
	for again := true; again; again = err == errRetired {
		if feed, err = h.feed(ctx, slug); err == nil {
			err = feed.reach(ctx, after)
		}
	}
	if err != nil {
		return nil, liveblog.Cursor{}, err
	}
	feed.mu.Lock()
	missed, _ := feed.since(after)
	missed = slices.Clone(missed)
	if cursor = feed.shown; after.Epoch == cursor.Epoch && after.Seq > cursor.Seq && len(missed) == 0 {
		cursor = after // which it is at already; what comes behind it is being rendered
	}
	feed.mu.Unlock()
	changes := make([]json.RawMessage, 0, len(missed))
	size := 0
	for _, m := range missed {
		payload := m.payload(f)
		if size += len(payload); size > h.opt.poll && len(changes) > 0 {
			cursor.Seq = missed[len(changes)-1].seq
			break
		}
		changes = append(changes, payload)
	}
	return encode(pollObject{Cursor: cursor.String(), Changes: changes}), cursor, nil
}

// Follows reports whether the hub has the blog's feed open, and so knows without the store that there is one.
func (h *Hub) Follows(slug string) bool { return h.opened(slug) != nil }

// Readers returns how many kept connections listen to a blog here.
func (h *Hub) Readers(slug string) int {
	if f := h.opened(slug); f != nil {
		return int(f.readers.Load())
	}
	return 0
}

// opened returns the blog's feed where it is open already.
func (h *Hub) opened(slug string) *feed {
	h.mu.Lock()
	s := h.feeds[slug]
	h.mu.Unlock()
	if s == nil {
		return nil
	}
	select {
	case <-s.ready:
		return s.feed
	default:
		return nil
	}
}

// drainSteps is how finely Drain spreads its goodbyes.
const drainSteps = 20

// Drain admits nobody from now on, tells every client to come back elsewhere or later (1012), spread evenly over the
// time given, and returns when all are gone, or with ctx's error.
func (h *Hub) Drain(ctx context.Context, spread time.Duration) error {
	empty := h.admission.close()
	step := time.NewTicker(max(spread/drainSteps, time.Millisecond))
	defer step.Stop()
	for left := drainSteps; ; {
		if left > 0 {
			for _, s := range h.shards {
				s.shed(left)
			}
			left--
		}
		select {
		case <-empty:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-step.C:
			if left == 0 {
				left = 1 // whoever was admitted before and attached late
			}
		}
	}
}

// Close ends every connection and feed at once. Nothing may be called after it but Close.
func (h *Hub) Close() error {
	h.admission.close()
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return nil
	}
	h.closed = true
	slots := h.feeds
	h.feeds = nil
	h.mu.Unlock()
	h.quit()
	for _, s := range slots {
		if <-s.ready; s.feed != nil {
			s.feed.close()
		}
	}
	<-h.swept
	for _, s := range h.shards {
		s.close()
	}
	return nil
}

// shardFor chooses who owns a connection.
func (h *Hub) shardFor(at endpoint) shard {
	if at.conn != nil {
		return h.pump
	}
	return h.loops[int(h.next.Add(1))%len(h.loops)]
}

func (h *Hub) sweep() {
	defer close(h.swept)
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-h.ctx.Done():
			return
		case now := <-t.C:
			for _, s := range h.shards {
				s.sweep(now)
			}
		}
	}
}

// feed returns the blog's feed and opens it where there is none. Many may ask at once; the store is read once.
func (h *Hub) feed(ctx context.Context, slug string) (*feed, error) {
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return nil, liveblog.Errorf(liveblog.Unavailable, "This server is shutting down.")
	}
	s := h.feeds[slug]
	if s == nil {
		s = &slot{ready: make(chan struct{})}
		h.feeds[slug] = s
		go h.open(s, slug)
	}
	h.mu.Unlock()
	select {
	case <-s.ready:
		return s.feed, s.err
	case <-ctx.Done():
		return nil, &liveblog.Error{Code: liveblog.Unavailable, Message: "The server is busy; please try again.", Err: ctx.Err()}
	}
}

// open fills a slot. It has a time limit of its own, since it serves more than the request that began it.
func (h *Hub) open(s *slot, slug string) {
	ctx, cancel := context.WithTimeout(h.ctx, h.opt.StoreTimeout)
	defer cancel()
	f := &feed{hub: h, slug: slug, wake: make(chan struct{}, 1), render: make(chan struct{}, 1), done: make(chan struct{}), next: newLook()}
	if s.err = f.open(ctx); s.err == nil {
		s.feed = f
	} else {
		h.mu.Lock()
		if h.feeds[slug] == s {
			delete(h.feeds, slug)
		}
		h.mu.Unlock()
	}
	close(s.ready)
}

// retire takes a feed that nobody used for a while off the hub and reports whether it did. The feed's own goroutine
// calls it, and ends.
func (h *Hub) retire(f *feed) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	f.mu.Lock()
	defer f.mu.Unlock()
	if h.closed || f.readers.Load() > 0 || h.opt.now().Sub(f.used) < h.opt.Idle {
		return false
	}
	f.closed = true
	delete(h.feeds, f.slug)
	go f.cancel() // it may wait for a delivery, which waits for f.mu
	return true
}
