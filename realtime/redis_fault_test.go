package realtime

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"readout/liveblog"
	"readout/realtime/redistest"
)

// detectionTime is within how much time the broker promises to detect a connection that delivers nothing. Tests with a
// real Redis wait as long as a busy machine needs; TestRedisSilenceIsDetectedInTime checks the promise with a clock of
// its own.
const detectionTime = 5 * time.Second

// witness follows a blog as a feed does, with a counter in place of the store: a refresh notice has it read the
// counter.
type witness struct {
	log            *atomic.Int64 // the newest seq that is committed
	known, changes atomic.Int64  // the newest seq that it knows; the newest that came as a change
	refreshes      atomic.Int64  // refresh notices so far
}

func (w *witness) deliver(n liveblog.Notice) {
	raise := func(to *atomic.Int64, seq int64) {
		if seq > to.Load() { // deliveries come one at a time
			to.Store(seq)
		}
	}
	if len(n.Changes) == 0 {
		w.refreshes.Add(1)
		raise(&w.known, w.log.Load())
	}
	for _, c := range n.Changes {
		raise(&w.known, c.Cursor.Seq)
		raise(&w.changes, c.Cursor.Seq)
	}
}

// logLines collects what is logged.
type logLines struct {
	mu sync.Mutex // guards b
	b  bytes.Buffer
}

func (l *logLines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logLines) count(what string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.b.String(), what)
}

func (l *logLines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// nodes are two nodes with one subscriber each.
type nodes struct {
	t          *testing.T
	log        atomic.Int64 // seqs committed
	a, b       *RedisBroker
	atA, atB   witness
	logA, logB logLines
	cancelB    func()
}

func newNodes(t *testing.T, urlA, urlB string) *nodes {
	t.Helper()
	n := &nodes{t: t}
	n.atA.log, n.atB.log = &n.log, &n.log
	n.a = openRedis(t, urlA, RedisOptions{Log: slog.New(slog.NewTextHandler(&n.logA, nil))})
	n.b = openRedis(t, urlB, RedisOptions{Log: slog.New(slog.NewTextHandler(&n.logB, nil))})
	n.a.Subscribe(slug, n.atA.deliver)
	n.cancelB = n.b.Subscribe(slug, n.atB.deliver)
	n.wantFlow()
	return n
}

// commit adds a change to the log without publishing it.
func (n *nodes) commit() liveblog.Change {
	seq := n.log.Add(1)
	e := liveblog.Entry{Number: int(seq), Revision: 1, Body: "More.", Status: liveblog.Published, Seq: seq}
	return liveblog.Change{Cursor: liveblog.Cursor{Epoch: "0123456789ab", Seq: seq}, Entry: &e}
}

// publish commits one change and publishes it on the first node, where the subscriber must get it before Publish
// returns.
func (n *nodes) publish() error {
	n.t.Helper()
	c := n.commit()
	seq := c.Cursor.Seq
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := n.a.Publish(ctx, liveblog.Notice{Slug: slug, Changes: []liveblog.Change{c}})
	if ctx.Err() != nil {
		n.t.Errorf("publication %d did not return within %v: %v", seq, patience, err)
	}
	if got := n.atA.changes.Load(); got != seq {
		n.t.Errorf("when publication %d returns (%v), the node's own subscriber is at %d", seq, err, got)
	}
	return err
}

// wantKnown waits until the second node knows all changes, from notices or from a refresh.
func (n *nodes) wantKnown() {
	n.t.Helper()
	eventually(n.t, "the other node knows all changes", func() bool { return n.atB.known.Load() == n.log.Load() })
}

// wantFlow waits until the second node gets a change of the first one in a notice.
func (n *nodes) wantFlow() {
	n.t.Helper()
	eventually(n.t, "a change of one node arrives at the other", func() bool {
		return n.publish() == nil && await50(func() bool { return n.atB.changes.Load() == n.log.Load() })
	})
}

// await50 waits 50 milliseconds for a condition and reports whether it holds.
func await50(holds func() bool) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	return await(ctx, holds)
}

// TestRedisFaults breaks Redis or a node's connection to it, publishes, and repairs it again. It checks what publishers
// and the other node notice during the fault, and that the other node knows all changes afterwards.
func TestRedisFaults(t *testing.T) {
	t.Parallel()
	type setting struct {
		server         *redistest.Server
		writer, reader *redistest.Proxy // each node's connection to the server
	}
	none := func(setting) {}
	onReader := func(f redistest.Fault) func(setting) { return func(s setting) { s.reader.Set(f) } }
	onWriter := func(f redistest.Fault) func(setting) { return func(s setting) { s.writer.Set(f) } }
	healReader, healWriter := onReader(redistest.Fault{}), onWriter(redistest.Fault{})
	for name, test := range map[string]struct {
		fail, repair func(setting)
		down         bool // the writer cannot publish
		silent       bool // the reader detects that its connection is silent, and so learns of the publications
		brief        bool // the fault ends by itself
	}{
		"killed": {
			fail: func(s setting) { s.server.Kill() }, repair: func(s setting) { s.server.StartAgain() }, down: true,
		},
		"stopped": {
			fail: func(s setting) { s.server.Stop() }, repair: func(s setting) { s.server.StartAgain() }, down: true,
		},
		"paused": {
			fail: func(s setting) { s.server.Pause() }, repair: func(s setting) { s.server.Resume() },
			down: true, silent: true,
		},
		"refused for the writer": {
			fail: func(s setting) { s.writer.Refuse() }, repair: func(s setting) { s.writer.Accept() }, down: true,
		},
		"refused for the reader": {
			fail: func(s setting) { s.reader.Refuse() }, repair: func(s setting) { s.reader.Accept() },
		},
		"reset for the reader": {fail: func(s setting) { s.reader.Reset() }, repair: none, brief: true},
		"reset for the writer": {fail: func(s setting) { s.writer.Reset() }, repair: none, brief: true},
		"slow for the reader": {
			fail: onReader(redistest.Fault{ReplyDelay: 100 * time.Millisecond}), repair: healReader, silent: true,
		},
		"reset within a reply to the reader": {fail: onReader(redistest.Fault{ResetAfter: 100}), repair: healReader},
		"silent for subscribers": {
			fail: onReader(redistest.Fault{DropReplies: true, SubscribersOnly: true}), repair: healReader, silent: true,
		},
		"silent for the reader": {fail: onReader(redistest.Fault{DropReplies: true}), repair: healReader, silent: true},
		"blackhole for the reader": {
			fail: onReader(redistest.Fault{DropReplies: true, DropRequests: true}), repair: healReader, silent: true,
		},
		"blackhole for the writer": {
			fail: onWriter(redistest.Fault{DropReplies: true, DropRequests: true}), repair: healWriter, down: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := redistest.Start(t)
			set := setting{s, redistest.StartProxy(t, s.Addr()), redistest.StartProxy(t, s.Addr())}
			n := newNodes(t, s.URLAt(set.writer.Addr()), s.URLAt(set.reader.Addr()))
			refreshes := n.atB.refreshes.Load()
			test.fail(set)
			failed := 0
			for range 5 {
				if n.publish() != nil {
					failed++
				}
			}
			if test.down {
				if failed != 5 {
					t.Errorf("%d of 5 publications failed, not all", failed)
				}
				if err := n.publish(); !errors.Is(err, errRedisDown) {
					t.Errorf("a publication while Redis is known to be unavailable fails with %v, not at once", err)
				}
			}
			if test.silent {
				n.wantKnown()
			}
			if !test.brief && !test.silent && !test.down {
				eventually(t, "the other node gets a refresh notice", func() bool {
					return n.atB.refreshes.Load() > refreshes
				})
			}
			test.repair(set)
			n.wantKnown()
			n.wantFlow()
			for who, l := range map[string]*logLines{"writer": &n.logA, "reader": &n.logB} {
				eventually(t, "the "+who+" has logged each end of a fault as well as its beginning", func() bool {
					return l.count("Redis is unavailable") == l.count("Redis is back")
				})
				if strings.Contains(l.String(), s.Password()) {
					t.Errorf("the %s logs the password:\n%s", who, l)
				}
			}
		})
	}
}

func TestRedisFailover(t *testing.T) {
	t.Parallel()
	s := redistest.StartSentinel(t)
	n := newNodes(t, s.URL(), s.URL())
	s.Failover()
	n.publish()
	n.wantKnown()
	n.wantFlow()
}

// TestRedisLinkRemovesOnlyItself: a link that ends late does not remove its successor from the broker, which would
// never check the successor for silence.
func TestRedisLinkRemovesOnlyItself(t *testing.T) {
	t.Parallel()
	b := openRedis(t, redistest.Start(t).URL(), RedisOptions{})
	late := &link{broker: b, blogs: make(map[string]*followedBlog)}
	next := &link{broker: b, blogs: make(map[string]*followedBlog)}
	for name, end := range map[string]func(){
		"without blogs": func() { late.diffChannels(nil) },
		"failed":        late.returnBlogs,
	} {
		b.mu.Lock()
		b.links[""] = next
		b.mu.Unlock()
		end()
		b.mu.Lock()
		if b.links[""] != next {
			t.Errorf("%s: a link that ends removes its successor", name)
		}
		delete(b.links, "")
		b.mu.Unlock()
	}
}

// TestRedisRoundsArePaced: a node pauses between its rounds, even if blogs come and go as fast as they can.
func TestRedisRoundsArePaced(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	b := openRedis(t, s.URL(), RedisOptions{})
	began := time.Now()
	for time.Since(began) < time.Second {
		b.Subscribe(slug, func(liveblog.Notice) {})()
		runtime.Gosched()
	}
	stats := s.Do("INFO", "commandstats") // each round asks for the role once
	_, calls, _ := strings.Cut(stats, "cmdstat_role:calls=")
	calls, _, _ = strings.Cut(calls, ",")
	rounds, err := strconv.Atoi(calls)
	if limit := 2 + int(time.Since(began)/minRoundInterval); err != nil || rounds > limit {
		t.Errorf("%d rounds were sent within %v, more than %d (%v)", rounds, time.Since(began), limit, err)
	}
}

// TestRedisMasterDemoted: a master that has become a replica still accepts publications and returns the node's own
// probes, but nodes at the new master do not get them. The node must detect the replica by its role.
func TestRedisMasterDemoted(t *testing.T) {
	t.Parallel()
	s, master := redistest.Start(t), redistest.Start(t)
	n := newNodes(t, s.URL(), s.URL())
	host, port, err := net.SplitHostPort(master.Addr())
	if err != nil {
		t.Fatal(err)
	}
	s.Do("REPLICAOF", host, port)
	eventually(t, "publications to a replica fail", func() bool { return errors.Is(n.publish(), errRedisDown) })
	s.Do("REPLICAOF", "NO", "ONE")
	n.wantKnown()
	n.wantFlow()
}

// offlineBroker returns a broker without a client, for the tests of its bookkeeping.
func offlineBroker() *RedisBroker {
	return &RedisBroker{
		log: slog.New(slog.DiscardHandler), blogs: make(map[string]*followedBlog), lostNotices: make(map[string]int),
	}
}

// TestRedisFailedProbeIsRepeated: a probe that failed is sent again in the next round, however many blogs there are, so
// that it comes back before its connection counts as silent.
func TestRedisFailedProbeIsRepeated(t *testing.T) {
	t.Parallel()
	b := offlineBroker()
	now := time.Now()
	for i := range 4 * maxRoundProbes {
		s := &followedBlog{slug: strconv.Itoa(i), confirmed: true, nextProbe: now}
		b.blogs[s.slug] = s
	}
	for range 4 { // the first probe of each blog
		b.nextRound(now)
		now = now.Add(roundInterval)
	}
	for _, s := range b.blogs {
		s.awaiting = time.Time{} // all came back
	}
	lost := b.nextRound(now)
	if len(lost.probes) == 0 {
		t.Fatal("a round sends no probe")
	}
	failed := make(map[string]error)
	for slug := range lost.probes {
		failed[slug] = errors.New("lost")
	}
	b.recordRound(lost, failed)
	next := b.nextRound(now.Add(roundInterval))
	for slug := range lost.probes {
		if _, again := next.probes[slug]; !again {
			t.Fatalf("%s is not in the round after the one that failed", slug)
		}
	}
}

// TestRedisSilenceIsDetectedInTime runs the rounds and checks of a broker on a clock of its own, at their longest
// intervals. Whenever a link becomes silent, the broker detects it within detectionTime, and the counts of a dead node
// expire within that time. A link on which the probes come back never counts as silent.
func TestRedisSilenceIsDetectedInTime(t *testing.T) {
	t.Parallel()
	b := offlineBroker()
	start := time.Now()
	s := &followedBlog{slug: slug, confirmed: true, nextProbe: start}
	b.blogs[slug] = s
	l := &link{broker: b, blogs: b.blogs}
	for n := range 10 * time.Second / silenceInterval {
		silentFrom := n * silenceInterval // since the start, as at is
		var at time.Duration
		for ; at < 10*time.Second+detectionTime; at += silenceInterval {
			now := start.Add(at)
			if at%roundInterval == 0 {
				if r := b.nextRound(now); r.validFor > detectionTime {
					t.Fatalf("the readers of a dead node are counted for %v", r.validFor)
				}
			}
			if l.isSilent(now) {
				break
			}
			if at < silentFrom {
				s.awaiting = time.Time{} // the probe came back
			}
		}
		if since := at - silentFrom; since < 0 || since > detectionTime {
			t.Errorf("a link that becomes silent after %v is detected %v later, want at most %v",
				silentFrom, since, detectionTime)
		}
		s.awaiting, s.nextProbe = time.Time{}, start
	}
}

// TestRedisForgetsANode: the readers of a node that disappears without withdrawing its counts are no longer counted.
func TestRedisForgetsANode(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := redistest.StartProxy(t, s.Addr())
	n := newNodes(t, s.URL(), s.URLAt(p.Addr()))
	n.b.Readers(slug, 4)
	eventually(t, "the other node is counted", func() bool { return n.a.Readers(slug, 3) == 7 })
	p.Refuse()
	eventually(t, "the other node is not counted any more", func() bool { return n.a.Readers(slug, 3) == 3 })
}

// TestRedisCountsAreWithdrawn: a node that leaves a blog, or closes, withdraws its count; the others need not wait
// until the count expires.
func TestRedisCountsAreWithdrawn(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]func(n *nodes){
		"unsubscribed": func(n *nodes) { n.cancelB() },
		"closed":       func(n *nodes) { n.b.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := redistest.Start(t).URL()
			n := newNodes(t, url, url)
			n.b.Readers(slug, 4)
			eventually(t, "the other node is counted", func() bool { return n.a.Readers(slug, 3) == 7 })
			leave(n)
			eventually(t, "the other node is not counted", func() bool {
				n.a.mu.Lock()
				for node, c := range n.a.blogs[slug].others { // no count expires
					c.expires = time.Now().Add(time.Hour)
					n.a.blogs[slug].others[node] = c
				}
				n.a.mu.Unlock()
				return n.a.Readers(slug, 3) == 3
			})
		})
	}
}

// TestRedisDropsItsOwnMessages: a node's own notices, which come back to it, do not cause refresh notices.
func TestRedisDropsItsOwnMessages(t *testing.T) {
	t.Parallel()
	url := redistest.Start(t).URL()
	n := newNodes(t, url, url)
	// flush returns when node a has handled all messages published so far.
	flush := func() {
		t.Helper()
		c := n.commit()
		notice := liveblog.Notice{Slug: slug, Changes: []liveblog.Change{c}}
		// It publishes repeatedly, because node a may not be subscribed to the channel yet.
		eventually(t, "a later change arrives", func() bool {
			return n.b.Publish(t.Context(), notice) == nil &&
				await50(func() bool { return n.atA.changes.Load() == c.Cursor.Seq })
		})
	}
	flush() // the refresh notice after the subscription comes before this
	refreshes := n.atA.refreshes.Load()
	for range 20 {
		if err := n.publish(); err != nil {
			t.Fatal(err)
		}
	}
	flush()
	if got := n.atA.refreshes.Load() - refreshes; got != 0 {
		t.Errorf("the node's own 20 notices caused %d refresh notices", got)
	}
}
