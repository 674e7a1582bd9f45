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

// wantPost reads the next change and fails the test unless it is one of the given entry.
func (rd *reader) wantPost(e liveblog.Entry) {
	rd.t.Helper()
	if o := rd.want(); o.Type != "change" || o.Entry == nil || o.Entry.Number != e.Number {
		rd.t.Fatalf("the reader got %+v, not entry %d", o, e.Number)
	}
}

// TestSilentConnectionIsFound: if the connection to Redis is open but delivers nothing, the probe detects it. There is
// no tick in the test's time.
func TestSilentConnectionIsFound(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	proxy := redistest.StartProxy(t, s.Addr())
	here := newRig(t, Options{Broker: openRedis(t, s.URL(), RedisOptions{}), Tick: time.Hour, Heartbeat: time.Hour})
	there := here.peer(Options{
		Broker: openRedis(t, s.URLAt(proxy.Addr()), RedisOptions{}), Tick: time.Hour, Heartbeat: time.Hour,
	})
	rd := there.join(Join{})
	rd.want() // hello
	rd.wantPost(here.post("delivered"))
	proxy.Set(redistest.Fault{DropReplies: true, SubscribersOnly: true})
	rd.wantPost(here.post("lost"))
}

// TestSilentConnectionIsFoundAfterANewSubscription: if the last subscriber of a blog leaves and another comes before
// the link has handled either, the blog is subscribed to again, and so is confirmed and probed.
func TestSilentConnectionIsFoundAfterANewSubscription(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	proxy := redistest.StartProxy(t, s.Addr())
	n := newNodes(t, s.URL(), s.URLAt(proxy.Addr()))
	b := n.b
	b.mu.Lock()
	old := b.blogs[slug]
	l := old.link
	again := &followedBlog{
		slug: slug, subs: old.subs, link: l, nextProbe: time.Now(), others: make(map[string]remoteCount),
	}
	b.blogs[slug], l.blogs[slug] = again, again
	wake(l.wake)
	b.mu.Unlock()
	eventually(t, "Redis has confirmed the subscription", func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return again.confirmed
	})
	proxy.Set(redistest.Fault{DropReplies: true, SubscribersOnly: true})
	n.publish()
	n.wantKnown()
}

// TestNextNoticeRevealsALostOne: the gap before a notice has the feed refresh. There is no tick in the test's time.
func TestNextNoticeRevealsALostOne(t *testing.T) {
	t.Parallel()
	broker := &faultyBroker{Broker: NewLocalBroker(), script: []fate{lost, delivered}}
	r := newRig(t, Options{Broker: broker, Tick: time.Hour, Heartbeat: time.Hour})
	rd := r.join(Join{})
	rd.want() // hello
	first, second := r.post("lost"), r.post("delivered")
	rd.wantPost(first)
	rd.wantPost(second)
}

// TestTickRevealsALostNotice: the tick has the feed refresh, even if no further notice follows the lost one.
func TestTickRevealsALostNotice(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{Broker: lossyBroker{NewLocalBroker()}, Tick: 50 * time.Millisecond, Heartbeat: time.Hour})
	rd := r.join(Join{})
	rd.want() // hello
	rd.wantPost(r.post("lost"))
}

// TestReadersOnAllNodes: the heartbeats count the readers of all nodes.
func TestReadersOnAllNodes(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	here := newRig(t, Options{Broker: openRedis(t, s.URL(), RedisOptions{}), Heartbeat: 50 * time.Millisecond})
	there := here.peer(Options{Broker: openRedis(t, s.URL(), RedisOptions{}), Heartbeat: 50 * time.Millisecond})
	rd := here.join(Join{})
	for range 2 {
		there.join(Join{})
	}
	eventually(t, "a reader gets the count of all three", func() bool {
		o, err := rd.next()
		if err != nil {
			t.Fatal(err)
		}
		return o.Readers == 3
	})
}

// TestStoreUnavailableOnOneNode: while one node cannot read the store, its readers get further changes and readers that
// are not ahead of it can join. A reader that is ahead, or that asks for a blog which nobody follows there, gets
// Unavailable.
func TestStoreUnavailableOnOneNode(t *testing.T) {
	t.Parallel()
	var down atomic.Bool
	broker := &faultyBroker{Broker: NewLocalBroker(), script: []fate{delivered, delivered, lost, delivered}}
	here := newRig(t, Options{Broker: broker, Tick: time.Hour, Heartbeat: time.Hour})
	there := here.peer(Options{
		Broker: broker, Store: unavailableStore{here.store, &down}, Tick: time.Hour, Heartbeat: time.Hour,
	})
	stays := there.join(Join{})
	stays.want() // hello
	down.Store(true)
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
		t.Errorf("a reader that is ahead joins with the error %v", err)
	}
	if _, err := there.tryJoin(Join{Slug: "another"}); liveblog.CodeOf(err) != liveblog.Unavailable {
		t.Errorf("a reader of a blog without a feed joins with the error %v", err)
	}
	fourth := here.post("delivered") // after a gap, for which the store does not answer
	down.Store(false)
	ahead := there.join(Join{After: here.cursor()})
	ahead.want() // hello
	for _, rd := range []*reader{stays, joins} {
		rd.wantPost(third)
		rd.wantPost(fourth)
	}
	if _, err := there.tryJoin(Join{Slug: "another"}); liveblog.CodeOf(err) != liveblog.NotFound {
		t.Errorf("a reader of a blog that does not exist joins with the error %v", err)
	}
}

// hangingStore returns no changes while hangs is set, like a database whose machine has disappeared.
type hangingStore struct {
	liveblog.LogStore
	hangs *atomic.Bool
}

func (s hangingStore) ChangesAfter(ctx context.Context, slug string, after liveblog.Cursor, limit int) (
	liveblog.Changes, error) {
	if s.hangs.Load() {
		<-ctx.Done()
		return liveblog.Changes{}, errors.Join(errUnavailable, ctx.Err())
	}
	return s.LogStore.ChangesAfter(ctx, slug, after, limit)
}

// restorableStore has, once restored is set, an older log, which is shorter and has another epoch.
type restorableStore struct {
	liveblog.LogStore
	restored *atomic.Bool
}

func (s restorableStore) ChangesAfter(ctx context.Context, slug string, after liveblog.Cursor, limit int) (
	liveblog.Changes, error) {
	c, err := s.LogStore.ChangesAfter(ctx, slug, after, limit)
	if err == nil && s.restored.Load() && after.Epoch != "ffffffffffff" {
		c.Cursor, c.List, c.Reload = liveblog.Cursor{Epoch: "ffffffffffff", Seq: 1}, nil, true
	}
	return c, err
}

// TestReaderStaysAfterARestore: a reader that stays connected after it was told to reload gets all later changes,
// although their seqs are lower than those before the restore.
func TestReaderStaysAfterARestore(t *testing.T) {
	t.Parallel()
	eachShard(t, func(t *testing.T, opt Options) {
		var restored atomic.Bool
		here := newRig(t, Options{})
		broker := NewLocalBroker()
		opt.Broker, opt.Store = broker, restorableStore{here.store, &restored}
		opt.Tick, opt.Heartbeat = time.Hour, time.Hour
		for range 5 {
			here.post("not in the restored log")
		}
		there := here.peer(opt)
		rd := there.join(Join{})
		rd.want() // hello
		restored.Store(true)
		broker.Publish(t.Context(), liveblog.Notice{Slug: slug}) // a refresh notice
		if o := rd.want(); o.Type != "reload" {
			t.Fatalf("after the restore the reader got %+v", o)
		}
		e := liveblog.Entry{Number: 2, Revision: 1, Body: "After.", Status: liveblog.Published, Seq: 2}
		broker.Publish(t.Context(), liveblog.Notice{Slug: slug, Changes: []liveblog.Change{
			{Cursor: liveblog.Cursor{Epoch: "ffffffffffff", Seq: 2}, Entry: &e}}})
		rd.wantPost(e)
	})
}

// waitForRefresh waits until the blog's feed reads the store.
func (r *rig) waitForRefresh() {
	r.t.Helper()
	f := r.hub.openFeed(slug)
	eventually(r.t, "the feed reads the store", func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.running != nil
	})
}

// TestFollowWhileTheStoreHangs: while a refresh hangs, readers get the changes of notices without a gap, and
// heartbeats.
func TestFollowWhileTheStoreHangs(t *testing.T) {
	t.Parallel()
	var hangs atomic.Bool
	broker := NewLocalBroker()
	here := newRig(t, Options{Broker: broker, Tick: time.Hour, Heartbeat: time.Hour})
	there := here.peer(Options{
		Broker: broker, Store: hangingStore{here.store, &hangs}, StoreTimeout: time.Hour,
		Tick: time.Hour, Heartbeat: 50 * time.Millisecond,
	})
	rd := there.join(Join{})
	rd.want() // hello
	hangs.Store(true)
	broker.Publish(t.Context(), liveblog.Notice{Slug: slug}) // a refresh notice
	there.waitForRefresh()
	e := here.post("without a gap")
	for beats := 0; ; beats++ {
		o, err := rd.next()
		if err != nil || beats > 100 {
			t.Fatalf("after %d heartbeats entry %d has not arrived: %v", beats, e.Number, err)
		}
		if o.Type == "change" && o.Entry.Number == e.Number {
			break
		}
	}
	if o, err := rd.next(); err != nil || o.Type != "heartbeat" || o.Cursor != here.cursor().String() {
		t.Errorf("the next object is %+v, %v, want a heartbeat at %s", o, err, here.cursor())
	}
}

// TestInventedCursorsCauseFewRefreshes: clients with invented cursors share a refresh if they come at once, and cause
// at most ten refreshes a second if they come one by one. Each client is told to reload.
func TestInventedCursorsCauseFewRefreshes(t *testing.T) {
	t.Parallel()
	refreshes, gate := new(atomic.Int64), make(chan struct{})
	close(gate)
	here := newRig(t, Options{})
	there := here.peer(Options{
		Broker: NewLocalBroker(), Store: countingStore{here.store, refreshes, gate},
		Tick: time.Hour, Heartbeat: time.Hour,
	})
	poll := func() error {
		body, _, err := there.hub.Poll(t.Context(), slug, liveblog.Cursor{Epoch: "ffffffffffff", Seq: 1}, JSON)
		if err == nil && !strings.Contains(string(body), `"reload"`) {
			err = fmt.Errorf("a client with an invented cursor gets %s", body)
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
	// The one that opens the feed, the first of the clients, and one that has just begun.
	limit := 3 + int64(time.Since(began)/minRefreshInterval)
	if got := refreshes.Load(); got > limit {
		t.Errorf("200 clients caused %d refreshes in %v, more than %d", got, time.Since(began), limit)
	}
}

// TestWaitForEndsWithTheContext: a client does not wait for a refresh longer than its context allows.
func TestWaitForEndsWithTheContext(t *testing.T) {
	t.Parallel()
	var hangs atomic.Bool
	here := newRig(t, Options{})
	there := here.peer(Options{
		Broker: NewLocalBroker(), Store: hangingStore{here.store, &hangs}, Tick: time.Hour, StoreTimeout: time.Hour,
	})
	there.join(Join{}).want() // opens the feed
	hangs.Store(true)
	here.post("unknown there")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, _, err := there.hub.Poll(ctx, slug, here.cursor(), JSON); liveblog.CodeOf(err) != liveblog.Unavailable {
		t.Errorf("a poll whose context has ended fails with %v", err)
	}
}

// TestJoinWhileTheStoreHangs: readers can join while a refresh hangs.
func TestJoinWhileTheStoreHangs(t *testing.T) {
	t.Parallel()
	var hangs atomic.Bool
	broker := &faultyBroker{Broker: NewLocalBroker(), script: []fate{lost, delivered}}
	here := newRig(t, Options{Broker: broker, Tick: time.Hour, Heartbeat: time.Hour})
	there := here.peer(Options{
		Broker: broker, Store: hangingStore{here.store, &hangs}, Tick: time.Hour, StoreTimeout: time.Hour,
	})
	at := here.cursor()
	stays := there.join(Join{})
	stays.want() // hello
	hangs.Store(true)
	here.post("lost")
	here.post("delivered") // after a gap: the feed refreshes, which takes until StoreTimeout
	there.waitForRefresh()
	here.post("lost")
	here.post("delivered")
	joins := there.join(Join{After: at})
	if o := joins.want(); o.Type != "hello" {
		t.Errorf("the first object is %+v", o)
	}
}

// countingStore counts the refreshes. All but the first wait for the gate.
type countingStore struct {
	liveblog.LogStore
	refreshes *atomic.Int64
	gate      chan struct{}
}

func (s countingStore) ChangesAfter(ctx context.Context, slug string, after liveblog.Cursor, limit int) (
	liveblog.Changes, error) {
	if s.refreshes.Add(1) > 1 {
		<-s.gate
	}
	return s.LogStore.ChangesAfter(ctx, slug, after, limit)
}

// TestClientsAheadShareARefresh: any number of clients that are ahead of this node cause one refresh.
func TestClientsAheadShareARefresh(t *testing.T) {
	t.Parallel()
	const n = 20
	refreshes, gate := new(atomic.Int64), make(chan struct{})
	here := newRig(t, Options{Tick: time.Hour, Heartbeat: time.Hour})
	there := here.peer(Options{
		Broker: NewLocalBroker(), Store: countingStore{here.store, refreshes, gate},
		Tick: time.Hour, Heartbeat: time.Hour,
	})
	there.join(Join{}).want() // opens the feed, which reads the store once
	here.post("unknown there")
	f, err := there.hub.feed(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	at := here.cursor()
	done := make(chan error, n)
	for range n {
		go func() { done <- f.waitFor(context.Background(), at) }()
	}
	eventually(t, "a refresh begins", func() bool { return refreshes.Load() == 2 })
	close(gate)
	for range n {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if got := refreshes.Load(); got != 2 {
		t.Errorf("%d clients ahead of the node caused %d refreshes, not one", n, got-1)
	}
}
