package realtime

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"readout/liveblog"
)

// Store is the part of [liveblog.ReadStore] that a hub reads.
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
	QueueBytes    int           // bytes queued for one client before it counts as too slow; default 64 KiB
	WriteTimeout  time.Duration // time in which a client must accept some of its queued bytes; default 10 s
	Tick          time.Duration // interval of a feed's regular refreshes, less up to a fifth; default 3 s
	Heartbeat     time.Duration // interval of heartbeats, less up to a fifth; default 20 s
	StoreTimeout  time.Duration // time limit of one refresh; default 5 s
	Idle          time.Duration // how long a feed without clients is kept; default 1 min
	NoLoops       bool          // use the pump for every connection, as on systems other than Linux

	loops int // event loops; default one for each processor
	tail  int // changes kept for clients that reconnect; default maxTailChanges
	poll  int // bytes of changes in one response to a poll; default maxPoll
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
		o.tail = maxTailChanges
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

// Hub holds the feeds and the clients of a node. All methods are safe for concurrent use.
type Hub struct {
	opt       Options
	admission admission
	loops     []shard // for connections of which the hub has the descriptor
	pump      shard   // for all other connections
	shards    []shard // loops and pump
	next      atomic.Uint32
	ctx       context.Context // of every feed; ends with Close
	quit      context.CancelFunc
	swept     chan struct{} // closed when the sweeper has ended

	mu     sync.Mutex // guards feeds and closed
	feeds  map[string]*feedSlot
	closed bool
}

// feedSlot holds a feed while it opens and from then on.
type feedSlot struct {
	ready chan struct{} // closed when feed or err is set
	feed  *feed
	err   error
}

// NewHub starts a hub. It fails if the system refuses the descriptors for its event loops.
func NewHub(opt Options) (*Hub, error) {
	opt.fill()
	h := &Hub{
		opt: opt,
		admission: admission{maxClients: opt.MaxClients, maxPerAddress: opt.MaxPerAddress,
			maxPerNetwork: perNetwork(opt.MaxClients, opt.MaxPerAddress), byNetwork: make(map[netip.Prefix]int)},
		swept: make(chan struct{}),
		feeds: make(map[string]*feedSlot),
	}
	h.ctx, h.quit = context.WithCancel(context.Background())
	lim := limits{queueBytes: opt.QueueBytes, writeTimeout: opt.WriteTimeout, inflate: new(inflater)}
	if !opt.NoLoops {
		loops, err := newLoops(lim, opt.loops)
		if err != nil {
			h.quit()
			return nil, err
		}
		h.loops = loops
	}
	h.pump = newPump(lim)
	h.shards = append(append(h.shards, h.loops...), h.pump)
	go h.sweep()
	return h, nil
}

// Join describes a client.
type Join struct {
	Slug     string
	After    liveblog.Cursor // the last change that the client has; zero: from now on
	Format   Format
	Protocol Protocol
	Ticket   *Ticket // from Admit
	Early    []byte  // bytes that the client sent after its handshake and that were read already
}

// Admit admits a client at the address. It fails with liveblog.TooMany if a limit is reached (see [ErrShare]) and with
// liveblog.Unavailable if the hub drains. Addresses that are [Shared] have no limit of their own. Call it before the
// handshake.
func (h *Hub) Admit(from netip.Addr) (*Ticket, error) { return h.admission.admit(from) }

// Draining reports whether Drain or Close was called, after which Admit always fails.
func (h *Hub) Draining() bool { return h.admission.isClosed() }

// Attach takes over a raw connection after its handshake, and the join's ticket. From then on both belong to the hub,
// even if Attach fails. An error is the store's; the connection is then closed, and the client should reconnect.
func (h *Hub) Attach(ctx context.Context, conn net.Conn, j Join) error {
	conn.SetDeadline(time.Time{})
	at := endpoint{conn: conn}
	for {
		f, err := h.feed(ctx, j.Slug)
		if err == nil {
			err = f.waitFor(ctx, j.After)
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
		f.addListener(j)
		if f.join(at, j) {
			return nil
		}
		f.removeListener(j.Protocol, j.Format)
	}
}

// maxPoll limits the bytes of changes in one response to a poll, so that many clients that are far behind do not each
// hold the whole tail in memory. A single larger change is still sent.
const maxPoll = 4 << 20

// Poll returns the changes after a cursor as the poll's JSON, {"cursor":…,"changes":[…]}, and the cursor of the
// last change in it. If the changes do not fit in one response (4 MiB), the client polls again with that cursor. A zero
// cursor means "from now on". Poll fails with NotFound or Unavailable.
func (h *Hub) Poll(ctx context.Context, slug string, after liveblog.Cursor, f Format) (
	body []byte, cursor liveblog.Cursor, err error) {
	var feed *feed
	for again := true; again; again = err == errRetired {
		if feed, err = h.feed(ctx, slug); err == nil {
			err = feed.waitFor(ctx, after)
		}
	}
	if err != nil {
		return nil, liveblog.Cursor{}, err
	}
	missed, cursor := feed.polled(after)
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

// Follows reports whether the blog's feed is open here, in which case the blog exists and the store need not be asked.
func (h *Hub) Follows(slug string) bool { return h.openFeed(slug) != nil }

// openFeed returns the blog's feed, or nil if it is not open.
func (h *Hub) openFeed(slug string) *feed {
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

// drainSteps is the number of groups in which Drain closes clients.
const drainSteps = 20

// Drain admits no more clients, closes all present ones with 1012 ("restarting"), spread evenly over the given time,
// and returns when all of them are gone, or ctx's error.
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
				left = 1 // clients that were admitted before the drain and attached late
			}
		}
	}
}

// Close closes all connections and feeds at once. Afterwards only Close may be called.
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

// shardFor returns the shard that is to own a connection: the loops take turns.
func (h *Hub) shardFor(at endpoint) shard {
	if at.conn != nil {
		return h.pump
	}
	return h.loops[int(h.next.Add(1))%len(h.loops)]
}

// sweep has the shards close stalled connections every second, until the hub closes.
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

// feed returns the blog's feed and opens it if need be. Concurrent calls for one blog share one opening.
func (h *Hub) feed(ctx context.Context, slug string) (*feed, error) {
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return nil, liveblog.Errorf(liveblog.Unavailable, "This server is shutting down.")
	}
	s := h.feeds[slug]
	if s == nil {
		s = &feedSlot{ready: make(chan struct{})}
		h.feeds[slug] = s
		go h.open(s, slug)
	}
	h.mu.Unlock()
	select {
	case <-s.ready:
		return s.feed, s.err
	case <-ctx.Done():
		return nil, busy(ctx)
	}
}

// open opens the feed of a slot. It does not use a request's context, because other requests wait for the slot too.
func (h *Hub) open(s *feedSlot, slug string) {
	ctx, cancel := context.WithTimeout(h.ctx, h.opt.StoreTimeout)
	defer cancel()
	f := &feed{hub: h, slug: slug, wake: make(chan struct{}, 1), render: make(chan struct{}, 1),
		done: make(chan struct{}), queued: newRefreshCall()}
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

// retire removes a feed that has had no clients for a while and reports whether it did. The feed's run calls it, and
// returns if the feed was removed.
func (h *Hub) retire(f *feed) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	f.mu.Lock()
	defer f.mu.Unlock()
	if h.closed || f.readers() > 0 || h.opt.now().Sub(f.lastUsed) < h.opt.Idle {
		return false
	}
	f.retired = true
	delete(h.feeds, f.slug)
	go f.cancel() // not here: it may wait for a delivery, which waits for f.mu
	return true
}
