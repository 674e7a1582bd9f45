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

// found is how soon a connection that delivers nothing is found, as the broker promises. Tests with a real Redis wait for as
// long as a busy machine needs; TestRedisSilenceIsFoundInTime holds the promise by the broker's own reckoning.
const found = 5 * time.Second

// witness follows a blog as a feed does: the log stands for the store, and a doubt is a look at it.
type witness struct {
	log            *atomic.Int64
	known, changes atomic.Int64 // the newest seq known; the newest that came as a change
	doubts         atomic.Int64
}

func (w *witness) deliver(n liveblog.Notice) {
	raise := func(to *atomic.Int64, seq int64) {
		if seq > to.Load() { // deliveries come one at a time
			to.Store(seq)
		}
	}
	if len(n.Changes) == 0 {
		w.doubts.Add(1)
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

// nodes are two nodes with one subscription each, whose readers nobody reads.
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

// commit makes the next change of the log, which nobody is told of.
func (n *nodes) commit() liveblog.Change {
	seq := n.log.Add(1)
	e := liveblog.Entry{Number: int(seq), Revision: 1, Body: "More.", Status: liveblog.Published, Seq: seq}
	return liveblog.Change{Cursor: liveblog.Cursor{Epoch: "0123456789ab", Seq: seq}, Entry: &e}
}

// publish commits one change and publishes it on the first node, which must not be held up.
func (n *nodes) publish() error {
	n.t.Helper()
	c := n.commit()
	seq := c.Cursor.Seq
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := n.a.Publish(ctx, liveblog.Notice{Slug: slug, Changes: []liveblog.Change{c}})
	if ctx.Err() != nil {
		n.t.Errorf("publication %d was held up for %v, until who asked for it gave up: %v", seq, patience, err)
	}
	if got := n.atA.changes.Load(); got != seq {
		n.t.Errorf("when publication %d returns (%v), the node's own subscriber is at %d", seq, err, got)
	}
	return err
}

// wantFlow waits until changes of the first node arrive at the second as such.
func (n *nodes) wantFlow() {
	n.t.Helper()
	eventually(n.t, "a change of the one node arrives at the other", func() bool {
		return n.publish() == nil && await50(func() bool { return n.atB.changes.Load() == n.log.Load() })
	})
}

// await50 waits a twentieth of a second for a condition and tells whether it came true.
func await50(holds func() bool) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	return await(ctx, holds)
}

// TestRedisFaults spoils Redis or the way to it, publishes, mends it, and holds what must be so meanwhile and after.
func TestRedisFaults(t *testing.T) {
	t.Parallel()
	type place struct {
		s    *redistest.Server
		a, b *redistest.Proxy // each node's way
	}
	for name, test := range map[string]struct {
		spoil, mend func(place)
		away        bool // the writing node cannot publish
		silent      bool // the other node learns of what is published meanwhile by finding its connection silent
		brief       bool // it mends itself
	}{
		"killed":                  {spoil: func(p place) { p.s.Kill() }, mend: func(p place) { p.s.StartAgain() }, away: true},
		"stopped":                 {spoil: func(p place) { p.s.Stop() }, mend: func(p place) { p.s.StartAgain() }, away: true},
		"paused":                  {spoil: func(p place) { p.s.Pause() }, mend: func(p place) { p.s.Resume() }, away: true, silent: true},
		"refused to the writer":   {spoil: func(p place) { p.a.Refuse() }, mend: func(p place) { p.a.Accept() }, away: true},
		"refused to the reader":   {spoil: func(p place) { p.b.Refuse() }, mend: func(p place) { p.b.Accept() }},
		"reset for the reader":    {spoil: func(p place) { p.b.Reset() }, mend: func(place) {}, brief: true},
		"reset for the writer":    {spoil: func(p place) { p.a.Reset() }, mend: func(place) {}, brief: true},
		"slow for the reader":     {spoil: func(p place) { p.b.Set(redistest.Fault{Delay: 100 * time.Millisecond}) }, mend: func(p place) { p.b.Set(redistest.Fault{}) }, silent: true},
		"cut for the reader":      {spoil: func(p place) { p.b.Set(redistest.Fault{CutAfter: 100}) }, mend: func(p place) { p.b.Set(redistest.Fault{}) }},
		"mute to listeners":       {spoil: func(p place) { p.b.Set(redistest.Fault{Mute: true, Listeners: true}) }, mend: func(p place) { p.b.Set(redistest.Fault{}) }, silent: true},
		"mute to the reader":      {spoil: func(p place) { p.b.Set(redistest.Fault{Mute: true}) }, mend: func(p place) { p.b.Set(redistest.Fault{}) }, silent: true},
		"blackhole to the reader": {spoil: func(p place) { p.b.Set(redistest.Fault{Mute: true, Deaf: true}) }, mend: func(p place) { p.b.Set(redistest.Fault{}) }, silent: true},
		"blackhole to the writer": {spoil: func(p place) { p.a.Set(redistest.Fault{Mute: true, Deaf: true}) }, mend: func(p place) { p.a.Set(redistest.Fault{}) }, away: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := redistest.Start(t)
			p := place{s, redistest.StartProxy(t, s.Addr()), redistest.StartProxy(t, s.Addr())}
			n := newNodes(t, s.URLAt(p.a.Addr()), s.URLAt(p.b.Addr()))
			doubts := n.atB.doubts.Load()
			test.spoil(p)
			failed := 0
			for range 5 {
				if n.publish() != nil {
					failed++
				}
			}
			if test.away {
				if failed != 5 {
					t.Errorf("%d of 5 publications failed, not all", failed)
				}
				if err := n.publish(); !errors.Is(err, errRedisAway) {
					t.Errorf("a publication while Redis is known to be away does not fail at once: %v", err)
				}
			}
			if test.silent {
				eventually(t, "the other node knows of what was published meanwhile", func() bool { return n.atB.known.Load() == n.log.Load() })
			}
			if !test.brief && !test.silent && !test.away {
				eventually(t, "the other node has a doubt", func() bool { return n.atB.doubts.Load() > doubts })
			}
			test.mend(p)
			eventually(t, "the other node knows all without another publication", func() bool { return n.atB.known.Load() == n.log.Load() })
			n.wantFlow()
			for who, l := range map[string]*logLines{"writer": &n.logA, "reader": &n.logB} {
				eventually(t, "as many lines of the "+who+" say that Redis is back as that it is away", func() bool {
					return l.count("Redis is away") == l.count("Redis is back")
				})
				if strings.Contains(l.String(), s.Password()) {
					t.Errorf("the %s tells the password:\n%s", who, l)
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
	eventually(t, "the other node knows of what was published meanwhile", func() bool { return n.atB.known.Load() == n.log.Load() })
	n.wantFlow()
}

func TestRedisClusterLosesAMaster(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t, 3)
	n := newNodes(t, c.URL(), c.URL())
	owner := c.Owner(n.a.channel(slug))
	var elsewhere string // a blog of another master
	for _, s := range []string{"x", "y", "z", "v", "w"} {
		if c.Owner(n.a.channel(s)) != owner {
			elsewhere = s
		}
	}
	other := witness{log: &n.log}
	n.b.Subscribe(elsewhere, other.deliver)
	eventually(t, "the other blog's subscription is in effect", func() bool { return other.doubts.Load() > 0 })
	owner.Kill()
	if n.publish() == nil {
		t.Error("a publication to a dead master succeeds")
	}
	change := liveblog.Change{Cursor: liveblog.Cursor{Epoch: "0123456789ab", Seq: 1 << 40}, Entry: &liveblog.Entry{Number: 1}}
	if err := n.a.Publish(t.Context(), liveblog.Notice{Slug: elsewhere, Changes: []liveblog.Change{change}}); err != nil {
		t.Errorf("a publication to a master that lives: %v", err)
	}
	eventually(t, "the other blog goes on", func() bool { return other.changes.Load() == 1<<40 })
	owner.StartAgain()
	eventually(t, "the other node knows of what was published meanwhile", func() bool { return n.atB.known.Load() == n.log.Load() })
	n.wantFlow()
}

// TestRedisLinkLeavesItsSuccessor: a link that ends late takes nobody but itself off the broker, since one that is not
// listed is never found silent.
func TestRedisLinkLeavesItsSuccessor(t *testing.T) {
	t.Parallel()
	b := openRedis(t, redistest.Start(t).URL(), RedisOptions{})
	late := &link{broker: b, blogs: make(map[string]*subscribed)}
	next := &link{broker: b, blogs: make(map[string]*subscribed)}
	for name, end := range map[string]func(){
		"without blogs": func() { late.compare(nil) },
		"failed":        late.dissolve,
	} {
		b.mu.Lock()
		b.links[""] = next
		b.mu.Unlock()
		end()
		b.mu.Lock()
		if b.links[""] != next {
			t.Errorf("%s: a link that ends takes its successor along", name)
		}
		delete(b.links, "")
		b.mu.Unlock()
	}
}

// TestRedisRoundsStayApart: blogs that come and go as fast as they can do not make a node send without a pause.
func TestRedisRoundsStayApart(t *testing.T) {
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
	if may := 2 + int(time.Since(began)/probesApart); err != nil || rounds > may {
		t.Errorf("%d rounds were sent within %v, more than %d (%v)", rounds, time.Since(began), may, err)
	}
}

// TestRedisMasterDemoted: a master that has become a replica goes on taking publications, and returns the node's own
// probes, but nobody at the new master hears of them.
func TestRedisMasterDemoted(t *testing.T) {
	t.Parallel()
	s, master := redistest.Start(t), redistest.Start(t)
	n := newNodes(t, s.URL(), s.URL())
	host, port, err := net.SplitHostPort(master.Addr())
	if err != nil {
		t.Fatal(err)
	}
	s.Do("REPLICAOF", host, port)
	eventually(t, "publications to a replica fail", func() bool { return errors.Is(n.publish(), errRedisAway) })
	s.Do("REPLICAOF", "NO", "ONE")
	eventually(t, "the other node knows all without another publication", func() bool { return n.atB.known.Load() == n.log.Load() })
	n.wantFlow()
}

// TestRedisLostRound: a probe that failed is sent again in the next round, however many blogs there are, so that it is
// back before its connection is taken for silent.
func TestRedisLostRound(t *testing.T) {
	t.Parallel()
	b := &RedisBroker{log: slog.New(slog.DiscardHandler), blogs: make(map[string]*subscribed), unsent: make(map[string]int)}
	now := time.Now()
	for i := range 4 * probesAtOnce {
		s := &subscribed{slug: strconv.Itoa(i), joined: true, due: now}
		b.blogs[s.slug] = s
	}
	for range 4 { // each has had its first
		b.nextRound(now)
		now = now.Add(probeEvery)
	}
	for _, s := range b.blogs {
		s.waiting = time.Time{} // all came back
	}
	lost := b.nextRound(now)
	if len(lost.probes) == 0 {
		t.Fatal("a round sends no probe")
	}
	failed := make(map[string]error)
	for slug := range lost.probes {
		failed[slug] = errors.New("lost")
	}
	b.settle(lost, failed)
	next := b.nextRound(now.Add(probeEvery))
	for slug := range lost.probes {
		if _, again := next.probes[slug]; !again {
			t.Fatalf("%s is not in the round after the one that was lost", slug)
		}
	}
}

// TestRedisSilenceIsFoundInTime plays the rounds and looks of a broker on a clock of its own, at their slowest: whenever a
// link falls silent, it is overdue by the time promised, and a node that says nothing more is forgotten within seconds. A
// link on which probes come back is never overdue.
func TestRedisSilenceIsFoundInTime(t *testing.T) {
	t.Parallel()
	b := &RedisBroker{log: slog.New(slog.DiscardHandler), blogs: make(map[string]*subscribed), unsent: make(map[string]int)}
	start := time.Now()
	s := &subscribed{slug: slug, joined: true, due: start}
	b.blogs[slug] = s
	l := &link{broker: b, blogs: b.blogs}
	for silent := range 10 * time.Second / watchEvery {
		var at time.Duration // since the start
		for ; at < 10*time.Second+found; at += watchEvery {
			now := start.Add(at)
			if at%probeEvery == 0 {
				if r := b.nextRound(now); r.holds > found {
					t.Fatalf("a node that dies is counted for %v", r.holds)
				}
			}
			if l.overdue(now) {
				break
			}
			if at < silent*watchEvery {
				s.waiting = time.Time{} // the probe came back
			}
		}
		if since := at - silent*watchEvery; since < 0 || since > found {
			t.Errorf("a link that falls silent after %v is found %v later, want %v at most", silent*watchEvery, since, found)
		}
		s.waiting, s.due = time.Time{}, start
	}
}

// TestRedisForgetsANode lets a node die without a word.
func TestRedisForgetsANode(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := redistest.StartProxy(t, s.Addr())
	n := newNodes(t, s.URL(), s.URLAt(p.Addr()))
	n.b.Readers(slug, 4)
	eventually(t, "the other node is counted", func() bool { return n.a.Readers(slug, 3) == 7 })
	p.Refuse()
	eventually(t, "the other node is forgotten", func() bool { return n.a.Readers(slug, 3) == 3 })
}

// TestRedisCountsFallAtOnce: a node that leaves a blog, or closes, says so; to be forgotten takes longer.
func TestRedisCountsFallAtOnce(t *testing.T) {
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
				for node, c := range n.a.blogs[slug].others { // nobody is forgotten
					c.until = time.Now().Add(time.Hour)
					n.a.blogs[slug].others[node] = c
				}
				n.a.mu.Unlock()
				return n.a.Readers(slug, 3) == 3
			})
		})
	}
}

// TestRedisDropsItsOwn: what a node has published comes back to it, and is no reason to look at the store.
func TestRedisDropsItsOwn(t *testing.T) {
	t.Parallel()
	url := redistest.Start(t).URL()
	n := newNodes(t, url, url)
	fence := func() {
		t.Helper()
		c := n.commit()
		eventually(t, "what was published behind all else is here", func() bool { // again, where the channel is not joined yet
			return n.b.Publish(t.Context(), liveblog.Notice{Slug: slug, Changes: []liveblog.Change{c}}) == nil &&
				await50(func() bool { return n.atA.changes.Load() == c.Cursor.Seq })
		})
	}
	fence() // the doubt with which the channel was joined has come before it
	doubts := n.atA.doubts.Load()
	for range 20 {
		if err := n.publish(); err != nil {
			t.Fatal(err)
		}
	}
	fence()
	if got := n.atA.doubts.Load() - doubts; got != 0 {
		t.Errorf("%d doubts came with the node's own 20 notices", got)
	}
}

// TestRedisClusterMovesASlot: a master that gives a slot away ends the subscriptions of it, which is heard at once.
func TestRedisClusterMovesASlot(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t, 2)
	n := newNodes(t, c.URL(), c.URL())
	from := c.Owner(n.a.channel(slug))
	to := c.Nodes[0]
	if to == from {
		to = c.Nodes[1]
	}
	slot, id := from.Do("CLUSTER", "KEYSLOT", n.a.channel(slug)), to.Do("CLUSTER", "MYID")
	to.Do("CLUSTER", "SETSLOT", slot, "IMPORTING", from.Do("CLUSTER", "MYID"))
	from.Do("CLUSTER", "SETSLOT", slot, "MIGRATING", id)
	doubts := n.atB.doubts.Load()
	to.Do("CLUSTER", "SETSLOT", slot, "NODE", id)
	from.Do("CLUSTER", "SETSLOT", slot, "NODE", id)
	eventually(t, "the other node has a doubt", func() bool { return n.atB.doubts.Load() > doubts })
	n.wantFlow()
}
