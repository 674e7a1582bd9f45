package realtime

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"readout/liveblog"
	"readout/realtime/redistest"
)

// peer starts another node on the rig's store.
func (r *rig) peer(opt Options) *rig {
	r.t.Helper()
	p := &rig{t: r.t, store: r.store, broker: opt.Broker}
	if opt.Store == nil {
		opt.Store = r.store
	}
	opt.Renderer, opt.Log = plainRenderer, slog.New(slog.DiscardHandler)
	var err error
	if p.hub, err = NewHub(opt); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { p.hub.Close() })
	p.desk = liveblog.NewDesk(r.store, p.broker, liveblog.DeskOptions{Log: opt.Log})
	if p.ln, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { p.ln.Close() })
	return p
}

// wantPost reads the next change and fails the test unless it is this entry.
func (rd *reader) wantPost(e liveblog.Entry) {
	rd.t.Helper()
	if o := rd.want(); o.Type != "change" || o.Entry == nil || o.Entry.Number != e.Number {
		rd.t.Fatalf("the reader got %+v, not entry %d", o, e.Number)
	}
}

// TestSilentConnectionIsFound holds the guard of the probe: the connection to Redis is up and delivers nothing, and no
// tick will look.
func TestSilentConnectionIsFound(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	proxy := redistest.StartProxy(t, s.Addr())
	here := newRig(t, Options{Broker: openRedis(t, s.URL(), RedisOptions{}), Tick: time.Hour, Heartbeat: time.Hour})
	there := here.peer(Options{Broker: openRedis(t, s.URLAt(proxy.Addr()), RedisOptions{}), Tick: time.Hour, Heartbeat: time.Hour})
	rd := there.join(Join{})
	rd.want() // hello
	rd.wantPost(here.post("heard of"))
	proxy.Set(redistest.Fault{Mute: true, Listeners: true})
	rd.wantPost(here.post("not heard of"))
}

// TestSilentConnectionIsFoundAfterANewSubscription: a blog that nobody here wants and somebody wants at once again, before
// its link has noticed either, is confirmed anew and so probed.
func TestSilentConnectionIsFoundAfterANewSubscription(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	proxy := redistest.StartProxy(t, s.Addr())
	n := newNodes(t, s.URL(), s.URLAt(proxy.Addr()))
	b := n.b
	b.mu.Lock()
	old := b.blogs[slug]
	l := old.link
	again := &subscribed{slug: slug, subs: old.subs, link: l, due: time.Now(), others: make(map[string]count)}
	b.blogs[slug], l.blogs[slug] = again, again
	wake(l.wake)
	b.mu.Unlock()
	eventually(t, "Redis has confirmed", func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return again.joined
	})
	proxy.Set(redistest.Fault{Mute: true, Listeners: true})
	n.publish()
	eventually(t, "the other node knows of what was published meanwhile", func() bool { return n.atB.known.Load() == n.log.Load() })
}

// TestLostNoticeIsMadeGoodByTheNext holds the guard of the gap, without a tick and on a broker that loses exactly one.
func TestLostNoticeIsMadeGoodByTheNext(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{Broker: &faultyBroker{Broker: NewLocalBroker(), script: []fate{lost, delivered}}, Tick: time.Hour, Heartbeat: time.Hour})
	rd := r.join(Join{})
	rd.want() // hello
	first, second := r.post("lost"), r.post("delivered")
	rd.wantPost(first)
	rd.wantPost(second)
}

// TestLostNoticeIsMadeGoodByTheTick holds the guard of the tick: nothing follows what was lost.
func TestLostNoticeIsMadeGoodByTheTick(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{Broker: lossyBroker{NewLocalBroker()}, Tick: 50 * time.Millisecond, Heartbeat: time.Hour})
	rd := r.join(Join{})
	rd.want() // hello
	rd.wantPost(r.post("lost"))
}

// TestReadersOnAllNodes follows the count that readers see.
func TestReadersOnAllNodes(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	here := newRig(t, Options{Broker: openRedis(t, s.URL(), RedisOptions{}), Heartbeat: 50 * time.Millisecond})
	there := here.peer(Options{Broker: openRedis(t, s.URL(), RedisOptions{}), Heartbeat: 50 * time.Millisecond})
	rd := here.join(Join{})
	for range 2 {
		there.join(Join{})
	}
	eventually(t, "a reader hears of the three", func() bool {
		o, err := rd.next()
		if err != nil {
			t.Fatal(err)
		}
		return o.Readers == 3
	})
}

// TestStoreAwayOnOneOfTheNodes: whoever is here stays and goes on, whoever is not ahead of the node joins, whoever is
// ahead or asks for a blog that nobody follows here comes again later.
func TestStoreAwayOnOneOfTheNodes(t *testing.T) {
	t.Parallel()
	var away atomic.Bool
	broker := &faultyBroker{Broker: NewLocalBroker(), script: []fate{delivered, delivered, lost, delivered}}
	here := newRig(t, Options{Broker: broker, Tick: time.Hour, Heartbeat: time.Hour})
	there := here.peer(Options{Broker: broker, Store: fickleStore{here.store, &away}, Tick: time.Hour, Heartbeat: time.Hour})
	stays := there.join(Join{})
	stays.want() // hello
	away.Store(true)
	first := here.post("delivered")
	stays.wantPost(first)
	at := here.cursor()

	joins := there.join(Join{After: at})
	joins.want() // hello
	second := here.post("delivered")
	for _, rd := range []*reader{stays, joins} {
		rd.wantPost(second)
	}
	late := there.join(Join{After: at})
	late.want() // hello
	late.wantPost(second)

	third := here.post("lost")
	_, err := there.tryJoin(Join{After: here.cursor()})
	if liveblog.CodeOf(err) != liveblog.Unavailable {
		t.Errorf("a reader that knows more joins with the error %v", err)
	}
	if _, err := there.tryJoin(Join{Slug: "another"}); liveblog.CodeOf(err) != liveblog.Unavailable {
		t.Errorf("a reader of a blog without a feed joins with the error %v", err)
	}
	fourth := here.post("delivered") // a gap, which the store cannot fill
	away.Store(false)
	ahead := there.join(Join{After: here.cursor()})
	ahead.want() // hello
	for _, rd := range []*reader{stays, joins} {
		rd.wantPost(third)
		rd.wantPost(fourth)
	}
	if _, err := there.tryJoin(Join{Slug: "another"}); liveblog.CodeOf(err) != liveblog.NotFound {
		t.Errorf("a reader of no blog joins with the error %v", err)
	}
}

// hangingStore answers nothing while it is told to, as a database does whose machine is gone.
type hangingStore struct {
	liveblog.LogStore
	hangs *atomic.Bool
}

func (s hangingStore) ChangesAfter(ctx context.Context, slug string, after liveblog.Cursor, limit int) (liveblog.Changes, error) {
	if s.hangs.Load() {
		<-ctx.Done()
		return liveblog.Changes{}, errors.Join(errAway, ctx.Err())
	}
	return s.LogStore.ChangesAfter(ctx, slug, after, limit)
}

// earlierStore has, once it is restored, the log of an earlier day, which is shorter and of another epoch.
type earlierStore struct {
	liveblog.LogStore
	restored *atomic.Bool
}

func (s earlierStore) ChangesAfter(ctx context.Context, slug string, after liveblog.Cursor, limit int) (liveblog.Changes, error) {
	c, err := s.LogStore.ChangesAfter(ctx, slug, after, limit)
	if err == nil && s.restored.Load() && after.Epoch != "ffffffffffff" {
		c.Cursor, c.List, c.Reload = liveblog.Cursor{Epoch: "ffffffffffff", Seq: 1}, nil, true
	}
	return c, err
}

// TestStayAfterARestore: a reader that stays connected after it was told to reload misses nothing of what follows,
// though the restored log is behind the old one.
func TestStayAfterARestore(t *testing.T) {
	t.Parallel()
	eachWay(t, func(t *testing.T, opt Options) {
		var restored atomic.Bool
		here := newRig(t, Options{})
		broker := NewLocalBroker()
		opt.Broker, opt.Store, opt.Tick, opt.Heartbeat = broker, earlierStore{here.store, &restored}, time.Hour, time.Hour
		for range 5 {
			here.post("of the day that is gone")
		}
		there := here.peer(opt)
		rd := there.join(Join{})
		rd.want() // hello
		restored.Store(true)
		broker.Publish(t.Context(), liveblog.Notice{Slug: slug}) // a doubt
		if o := rd.want(); o.Type != "reload" {
			t.Fatalf("after the restore comes %+v", o)
		}
		e := liveblog.Entry{Number: 2, Revision: 1, Body: "After.", Status: liveblog.Published, Seq: 2}
		broker.Publish(t.Context(), liveblog.Notice{Slug: slug, Changes: []liveblog.Change{
			{Cursor: liveblog.Cursor{Epoch: "ffffffffffff", Seq: 2}, Entry: &e}}})
		rd.wantPost(e)
	})
}

// wantLook waits until the blog's feed looks at the store.
func (r *rig) wantLook() {
	r.t.Helper()
	f := r.hub.opened(slug)
	eventually(r.t, "the feed looks at the store", func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.running != nil
	})
}

// TestFollowWhileTheStoreHangs: a look at the store that takes its whole time limit keeps neither what fits nor the
// heartbeats from those who are here.
func TestFollowWhileTheStoreHangs(t *testing.T) {
	t.Parallel()
	var hangs atomic.Bool
	broker := NewLocalBroker()
	here := newRig(t, Options{Broker: broker, Tick: time.Hour, Heartbeat: time.Hour})
	there := here.peer(Options{Broker: broker, Store: hangingStore{here.store, &hangs}, Tick: time.Hour, Heartbeat: 50 * time.Millisecond, StoreTimeout: time.Hour})
	rd := there.join(Join{})
	rd.want() // hello
	hangs.Store(true)
	broker.Publish(t.Context(), liveblog.Notice{Slug: slug}) // a doubt: the feed looks, for as long as it may
	there.wantLook()
	e := here.post("fits")
	for beats := 0; ; beats++ {
		o, err := rd.next()
		if err != nil || beats > 100 {
			t.Fatalf("after %d heartbeats entry %d is not here: %v", beats, e.Number, err)
		}
		if o.Type == "change" && o.Entry.Number == e.Number {
			break
		}
	}
	if o, err := rd.next(); err != nil || o.Type != "heartbeat" || o.Cursor != here.cursor().String() {
		t.Errorf("the next object is %+v, %v, want a heartbeat at %s", o, err, here.cursor())
	}
}

// TestLiarsCostFewLooks: cursors that nobody has given out cost a look at the store for all who come at once, and ten
// in a second for those who come one by one; each is told to reload.
func TestLiarsCostFewLooks(t *testing.T) {
	t.Parallel()
	looks, gate := new(atomic.Int64), make(chan struct{})
	close(gate)
	here := newRig(t, Options{})
	there := here.peer(Options{Broker: NewLocalBroker(), Store: countingStore{here.store, looks, gate}, Tick: time.Hour, Heartbeat: time.Hour})
	poll := func() error {
		body, _, err := there.hub.Poll(t.Context(), slug, liveblog.Cursor{Epoch: "ffffffffffff", Seq: 1}, JSON)
		if err == nil && !strings.Contains(string(body), `"reload"`) {
			err = fmt.Errorf("a liar gets %s", body)
		}
		return err
	}
	began := time.Now()
	for range 10 {
		done := make(chan error)
		for range 20 {
			go func() { done <- poll() }()
		}
		for range 20 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	}
	may := 3 + int64(time.Since(began)/looksApart) // the feed's first, the liars' first, and one that has just begun
	if got := looks.Load(); got > may {
		t.Errorf("200 liars cost %d looks in %v, more than %d", got, time.Since(began), may)
	}
}

// TestReachIsOverInTime: who waits for a look waits no longer than it may.
func TestReachIsOverInTime(t *testing.T) {
	t.Parallel()
	var hangs atomic.Bool
	here := newRig(t, Options{})
	there := here.peer(Options{Broker: NewLocalBroker(), Store: hangingStore{here.store, &hangs}, Tick: time.Hour, StoreTimeout: time.Hour})
	there.join(Join{}).want() // opens the feed
	hangs.Store(true)
	here.post("unknown there")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, _, err := there.hub.Poll(ctx, slug, here.cursor(), JSON); liveblog.CodeOf(err) != liveblog.Unavailable {
		t.Errorf("a poll whose time is over ends with %v", err)
	}
}

// TestJoinWhileTheStoreHangs: a look at the store that takes its whole time limit keeps nobody from joining.
func TestJoinWhileTheStoreHangs(t *testing.T) {
	t.Parallel()
	var hangs atomic.Bool
	broker := &faultyBroker{Broker: NewLocalBroker(), script: []fate{lost, delivered}}
	here := newRig(t, Options{Broker: broker, Tick: time.Hour, Heartbeat: time.Hour})
	there := here.peer(Options{Broker: broker, Store: hangingStore{here.store, &hangs}, Tick: time.Hour, StoreTimeout: time.Hour})
	at := here.cursor()
	stays := there.join(Join{})
	stays.want() // hello
	hangs.Store(true)
	here.post("lost")
	here.post("delivered") // a gap: the feed looks, for as long as it may
	there.wantLook()
	here.post("lost")
	here.post("delivered")
	joins := there.join(Join{After: at})
	if o := joins.want(); o.Type != "hello" {
		t.Errorf("the first object is %+v", o)
	}
}

// countingStore counts looks.
type countingStore struct {
	liveblog.LogStore
	looks *atomic.Int64
	gate  chan struct{}
}

func (s countingStore) ChangesAfter(ctx context.Context, slug string, after liveblog.Cursor, limit int) (liveblog.Changes, error) {
	if s.looks.Add(1) > 1 {
		<-s.gate
	}
	return s.LogStore.ChangesAfter(ctx, slug, after, limit)
}

// TestManyComeFromAnotherNode: readers that are all ahead of this node cost one look at the store.
func TestManyComeFromAnotherNode(t *testing.T) {
	t.Parallel()
	const n = 20
	looks, gate := new(atomic.Int64), make(chan struct{})
	here := newRig(t, Options{Tick: time.Hour, Heartbeat: time.Hour})
	there := here.peer(Options{Broker: NewLocalBroker(), Store: countingStore{here.store, looks, gate}, Tick: time.Hour, Heartbeat: time.Hour})
	there.join(Join{}).want() // opens the feed, with the first look
	here.post("unknown there")
	f, err := there.hub.feed(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	at := here.cursor()
	done := make(chan error, n)
	for range n {
		go func() { done <- f.reach(context.Background(), at) }()
	}
	eventually(t, "one of them looks", func() bool { return looks.Load() == 2 })
	close(gate)
	for range n {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if got := looks.Load(); got != 2 {
		t.Errorf("%d readers ahead of the node cost %d looks, not one", n, got-1)
	}
}
