package realtime

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"readout/liveblog"

	"github.com/redis/go-redis/v9"
)

// link is one connection that listens to channels. It ends with the first error; its blogs are then placed anew.
type link struct {
	broker *RedisBroker
	key    string
	client *redis.Client
	wake   chan struct{} // holds one: blogs came or went
	silent chan struct{} // closed when it does not deliver

	// Guarded by the broker's mu.
	blogs    map[string]*subscribed
	dropping map[string]int // channels, by how many confirmations of their end are to come
	failed   bool           // it waits for its end
	delivers bool           // something of ours came back
}

const (
	firstPause = 50 * time.Millisecond // before the next link, doubled with each failure
	lastPause  = time.Second
)

var (
	errSilent = errors.New("the connection is up but delivers nothing")
	errMoved  = errors.New("the Cluster has moved a blog's channel")
)

// place gives a link to each blog that has none.
func (b *RedisBroker) place() {
	for {
		var again <-chan time.Time
		b.mu.Lock()
		var homeless []string
		for slug, s := range b.blogs {
			if s.link == nil {
				homeless = append(homeless, slug)
			}
		}
		b.mu.Unlock()
		for _, slug := range homeless {
			key, client, err := b.route(slug)
			if err != nil {
				b.mu.Lock()
				if s := b.blogs[slug]; s != nil {
					b.lose(s)
				}
				b.report(err)
				b.mu.Unlock()
				again = time.After(pause(3))
				continue
			}
			b.assign(slug, key, client)
		}
		select {
		case <-b.toPlace:
		case <-again:
		case <-b.ctx.Done():
			return
		}
	}
}

// route returns the server that carries a blog's channel, and a key for it.
func (b *RedisBroker) route(slug string) (string, *redis.Client, error) {
	cluster, ok := b.client.(*redis.ClusterClient)
	if !ok {
		return "", b.client.(*redis.Client), nil
	}
	ctx, cancel := context.WithTimeout(b.ctx, commandTimeout)
	defer cancel()
	client, err := cluster.MasterForKey(ctx, b.channel(slug))
	if err != nil {
		cluster.ReloadState(ctx)
		return "", nil, err
	}
	return client.Options().Addr, client, nil
}

func (b *RedisBroker) assign(slug, key string, client *redis.Client) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.blogs[slug]
	if s == nil || s.link != nil || b.closed {
		return
	}
	l := b.links[key]
	if l == nil {
		l = &link{broker: b, key: key, client: client, wake: make(chan struct{}, 1), silent: make(chan struct{}),
			blogs: make(map[string]*subscribed), dropping: make(map[string]int)}
		b.links[key] = l
		b.work.Go(l.run)
	}
	l.blogs[slug] = s
	s.link = l
	wake(l.wake)
}

// run listens until an error, until there is nothing to listen to, or until the broker closes.
func (l *link) run() {
	b := l.broker
	ctx, cancel := context.WithCancel(b.ctx)
	defer cancel()
	conn := l.client.Subscribe(ctx) // nothing yet, and so no connection
	ended := make(chan error, 2)
	var both sync.WaitGroup
	both.Go(func() { ended <- l.receive(ctx, conn) })
	both.Go(func() { ended <- l.ask(ctx, conn) })
	var err error
	select {
	case err = <-ended:
	case <-l.silent:
		err = errSilent
	case <-ctx.Done():
	}
	failed := err != nil && ctx.Err() == nil
	if failed {
		b.doubt(l.fail(err)...)
	}
	cancel()
	conn.Close()
	both.Wait()
	if failed {
		l.dissolve()
	}
}

// ask keeps what Redis is asked for in step with the link's blogs. It returns nil when there are none left.
func (l *link) ask(ctx context.Context, conn *redis.PubSub) error {
	asked := make(map[string]*subscribed)
	for {
		select {
		case <-l.wake:
		case <-ctx.Done():
			return ctx.Err()
		}
		more, fewer, empty := l.compare(asked)
		if empty {
			return nil
		}
		if err := l.broker.subscribe(ctx, conn, more, fewer); err != nil {
			return err
		}
	}
}

// compare brings asked up to the link's blogs and returns the channels that come and go with that. One that was left and
// joined anew meanwhile comes again: only what Redis confirms is known to be joined.
func (l *link) compare(asked map[string]*subscribed) (more, fewer []string, empty bool) {
	b := l.broker
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(l.blogs) == 0 {
		l.unlist()
		return nil, nil, true
	}
	now := time.Now()
	for slug, s := range l.blogs {
		if asked[slug] != s {
			asked[slug] = s
			more = append(more, b.channel(slug))
			s.waiting = now
		}
	}
	for slug := range asked {
		if l.blogs[slug] == nil {
			delete(asked, slug)
			c := b.channel(slug)
			fewer = append(fewer, c)
			l.dropping[c]++
		}
	}
	return more, fewer, false
}

// subscribe asks Redis for channels and leaves others. Channels of a Cluster go one by one, since one command takes
// only those of one slot.
func (b *RedisBroker) subscribe(ctx context.Context, conn *redis.PubSub, more, fewer []string) error {
	join, leave := conn.Subscribe, conn.Unsubscribe
	if b.sharded {
		each := func(f func(context.Context, ...string) error) func(context.Context, ...string) error {
			return func(ctx context.Context, channels ...string) (err error) {
				for _, c := range channels {
					if err = f(ctx, c); err != nil {
						break
					}
				}
				return err
			}
		}
		join, leave = each(conn.SSubscribe), each(conn.SUnsubscribe)
	}
	if len(fewer) > 0 { // without channels it would leave all
		if err := leave(ctx, fewer...); err != nil {
			return err
		}
	}
	if len(more) > 0 {
		return join(ctx, more...)
	}
	return nil
}

// receive takes what comes until an error. It never returns nil.
func (l *link) receive(ctx context.Context, conn *redis.PubSub) error {
	for {
		got, err := conn.Receive(ctx)
		if err != nil {
			return err
		}
		switch got := got.(type) {
		case *redis.Message:
			l.take(got)
		case *redis.Subscription:
			if err := l.confirm(got); err != nil {
				return err
			}
		}
	}
}

// confirm takes the answer to a subscription or to its end.
func (l *link) confirm(got *redis.Subscription) error {
	slug := l.broker.slugOf(got.Channel)
	if strings.HasSuffix(got.Kind, "unsubscribe") {
		return l.dropped(got.Channel)
	}
	if l.joined(slug) {
		wake(l.broker.toSend)
		l.broker.doubt(slug) // something may have been published before
	}
	return nil
}

// joined notes that Redis has taken a subscription, and reports whether it is still wanted.
func (l *link) joined(slug string) bool {
	b := l.broker
	b.mu.Lock()
	defer b.mu.Unlock()
	s := l.blogs[slug]
	if s == nil || l.failed {
		return false
	}
	s.joined, s.waiting, s.due = true, time.Time{}, time.Now()
	if l.delivers {
		b.find(s)
	}
	return true
}

// dropped notes the end of a subscription. One that the link did not ask for is an error: a Cluster ends those of slots
// that it gives to another master.
func (l *link) dropped(channel string) error {
	b := l.broker
	b.mu.Lock()
	defer b.mu.Unlock()
	n := l.dropping[channel] - 1
	if n < 0 {
		return errMoved
	}
	if l.dropping[channel] = n; n == 0 {
		delete(l.dropping, channel)
	}
	return nil
}

// take passes on what a node has published.
func (l *link) take(got *redis.Message) {
	b := l.broker
	slug := b.slugOf(got.Channel)
	m, err := decode(b.node, got.Payload)
	switch {
	case err != nil:
		b.doubt(slug)
	case m.node == b.node:
		l.ours(slug)
	case m.kind == kindProbe:
		b.counted(slug, m)
	default:
		b.local.Publish(b.ctx, liveblog.Notice{Slug: slug, Changes: m.changes})
	}
}

// ours notes that something of this node has come back: the whole way delivers.
func (l *link) ours(slug string) {
	b := l.broker
	b.mu.Lock()
	defer b.mu.Unlock()
	s := l.blogs[slug]
	if s == nil || l.failed {
		return
	}
	s.waiting = time.Time{}
	if l.delivers {
		return
	}
	l.delivers = true
	delete(b.failures, l.key)
	for _, s := range l.blogs {
		if s.joined {
			b.find(s)
		}
	}
}

// lose and find count the blogs that do not hear of other nodes. The caller holds b.mu.
func (b *RedisBroker) lose(s *subscribed) {
	if !s.lost {
		s.lost = true
		b.lost++
	}
}

func (b *RedisBroker) find(s *subscribed) {
	if s.lost {
		s.lost = false
		b.lost--
		b.report(nil)
	}
}

// fail notes that the link is of no use and returns its blogs.
func (l *link) fail(err error) (slugs []string) {
	b := l.broker
	b.mu.Lock()
	defer b.mu.Unlock()
	l.failed = true
	b.failures[l.key]++
	for slug, s := range l.blogs {
		slugs = append(slugs, slug)
		s.joined, s.waiting = false, time.Time{}
		b.lose(s)
	}
	b.report(err)
	return slugs
}

// dissolve waits a little and hands the link's blogs back to be placed.
func (l *link) dissolve() {
	b := l.broker
	if cluster, ok := b.client.(*redis.ClusterClient); ok {
		cluster.ReloadState(b.ctx)
	}
	b.mu.Lock()
	n := b.failures[l.key]
	b.mu.Unlock()
	select {
	case <-time.After(pause(n)):
	case <-b.ctx.Done():
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	l.unlist()
	for _, s := range l.blogs {
		s.link = nil
	}
	wake(b.toPlace)
}

// unlist takes the link off the broker, unless that has another under its key already: a link that has failed and whose
// blogs have all left goes twice. The caller holds the broker's mu.
func (l *link) unlist() {
	if l.broker.links[l.key] == l {
		delete(l.broker.links, l.key)
	}
}

// pause returns how long to wait after so many failures in a row, jittered.
func pause(failures int) time.Duration {
	d := lastPause
	if failures < 6 {
		d = min(lastPause, firstPause<<max(0, failures-1))
	}
	return d/2 + time.Duration(rand.Int64N(int64(d)/2))
}
