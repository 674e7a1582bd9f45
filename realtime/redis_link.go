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

// link is one connection that is subscribed to channels. The first error ends it; its blogs then get another link.
type link struct {
	broker *RedisBroker
	key    string // in broker.links
	client *redis.Client
	wake   chan struct{} // capacity 1; tells syncChannels that blogs was changed
	silent chan struct{} // closed by findSilentLinks

	// Guarded by the broker's mu.
	blogs         map[string]*followedBlog
	unsubscribing map[string]int // channels, by how many confirmations of their end are outstanding
	failed        bool           // it is about to end
	delivers      bool           // a message of this node has come back
}

const (
	minBackoff = 50 * time.Millisecond // before the next link, doubled with each failure
	maxBackoff = time.Second
)

var (
	errSilent = errors.New("the connection is open but delivers nothing")
	errMoved  = errors.New("the Cluster has moved a blog's channel")
)

// linkBlogs assigns a link to each blog that has none.
func (b *RedisBroker) linkBlogs() {
	for {
		var retry <-chan time.Time
		b.mu.Lock()
		var unlinked []string
		for slug, s := range b.blogs {
			if s.link == nil {
				unlinked = append(unlinked, slug)
			}
		}
		b.mu.Unlock()
		for _, slug := range unlinked {
			key, client, err := b.route(slug)
			if err != nil {
				b.mu.Lock()
				if s := b.blogs[slug]; s != nil {
					b.markCutOff(s)
				}
				b.logState(err)
				b.mu.Unlock()
				retry = time.After(backoff(3))
				continue
			}
			b.assign(slug, key, client)
		}
		select {
		case <-b.linkWake:
		case <-retry:
		case <-b.ctx.Done():
			return
		}
	}
}

// route returns a client of the server that carries a blog's channel, and the server's key in b.links.
func (b *RedisBroker) route(slug string) (key string, client *redis.Client, err error) {
	cluster, ok := b.client.(*redis.ClusterClient)
	if !ok {
		return "", b.client.(*redis.Client), nil
	}
	ctx, cancel := context.WithTimeout(b.ctx, commandTimeout)
	defer cancel()
	client, err = cluster.MasterForKey(ctx, b.channel(slug))
	if err != nil {
		b.reloadSlots()
		return "", nil, err
	}
	return client.Options().Addr, client, nil
}

// reloadSlots has the client ask the Cluster again which server has which slots, without waiting for the answer. On
// its own, the client asks once a minute, and when a server that lost a slot says so, which a dead one does not.
func (b *RedisBroker) reloadSlots() {
	if cluster, ok := b.client.(*redis.ClusterClient); ok {
		cluster.ReloadState(b.ctx)
	}
}

// assign adds a blog to the link with the key, and starts the link if there is none.
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
			blogs: make(map[string]*followedBlog), unsubscribing: make(map[string]int)}
		b.links[key] = l
		b.work.Go(l.run)
	}
	l.blogs[slug] = s
	s.link = l
	wake(l.wake)
}

// run keeps the connection until it fails, until the link has no blogs, or until the broker closes.
func (l *link) run() {
	b := l.broker
	ctx, cancel := context.WithCancel(b.ctx)
	defer cancel()
	conn := l.client.Subscribe(ctx) // does not connect before the first channel
	ended := make(chan error, 2)
	var both sync.WaitGroup
	both.Go(func() { ended <- l.receive(ctx, conn) })
	both.Go(func() { ended <- l.syncChannels(ctx, conn) })
	var err error
	select {
	case err = <-ended:
	case <-l.silent:
		err = errSilent
	case <-ctx.Done():
	}
	failed := err != nil && ctx.Err() == nil
	if failed {
		b.refresh(l.fail(err)...)
	}
	cancel()
	conn.Close()
	both.Wait()
	if failed {
		l.returnBlogs()
	}
}

// syncChannels keeps the connection's subscriptions in step with the link's blogs. It returns nil when there are none
// left.
func (l *link) syncChannels(ctx context.Context, conn *redis.PubSub) error {
	requested := make(map[string]*followedBlog)
	for {
		select {
		case <-l.wake:
		case <-ctx.Done():
			return ctx.Err()
		}
		add, remove, empty := l.diffChannels(requested)
		if empty {
			return nil
		}
		if err := l.broker.changeChannels(ctx, conn, add, remove); err != nil {
			return err
		}
	}
}

// diffChannels updates requested to the link's blogs and returns the channels to subscribe to and to unsubscribe from.
// A blog that was removed and added again since is subscribed to again, because only the confirmation shows that the
// subscription is in effect. If the link has no blogs, it is removed from the broker.
func (l *link) diffChannels(requested map[string]*followedBlog) (add, remove []string, empty bool) {
	b := l.broker
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(l.blogs) == 0 {
		l.removeFromBroker()
		return nil, nil, true
	}
	now := time.Now()
	for slug, s := range l.blogs {
		if requested[slug] != s {
			requested[slug] = s
			add = append(add, b.channel(slug))
			s.awaiting = now
		}
	}
	for slug := range requested {
		if l.blogs[slug] == nil {
			delete(requested, slug)
			c := b.channel(slug)
			remove = append(remove, c)
			l.unsubscribing[c]++
		}
	}
	return add, remove, false
}

// changeChannels subscribes to channels and unsubscribes from others. In a Cluster it sends one command for each
// channel, because a command may only name channels of one slot.
func (b *RedisBroker) changeChannels(ctx context.Context, conn *redis.PubSub, add, remove []string) error {
	if b.sharded {
		for _, c := range remove {
			if err := conn.SUnsubscribe(ctx, c); err != nil {
				return err
			}
		}
		for _, c := range add {
			if err := conn.SSubscribe(ctx, c); err != nil {
				return err
			}
		}
		return nil
	}
	if len(remove) > 0 { // without arguments it would unsubscribe from all channels
		if err := conn.Unsubscribe(ctx, remove...); err != nil {
			return err
		}
	}
	if len(add) > 0 {
		return conn.Subscribe(ctx, add...)
	}
	return nil
}

// receive handles what the connection delivers until an error. It never returns nil.
func (l *link) receive(ctx context.Context, conn *redis.PubSub) error {
	for {
		got, err := conn.Receive(ctx)
		if err != nil {
			return err
		}
		switch got := got.(type) {
		case *redis.Message:
			l.handleMessage(got)
		case *redis.Subscription:
			if err := l.handleConfirmation(got); err != nil {
				return err
			}
		}
	}
}

// handleConfirmation handles the confirmation that a subscription has begun or ended.
func (l *link) handleConfirmation(got *redis.Subscription) error {
	slug := l.broker.slugOf(got.Channel)
	if strings.HasSuffix(got.Kind, "unsubscribe") {
		return l.noteUnsubscribed(got.Channel)
	}
	if l.noteSubscribed(slug) {
		wake(l.broker.probeWake)
		l.broker.refresh(slug) // notices may have been published before the subscription
	}
	return nil
}

// noteSubscribed records a confirmed subscription and reports whether it is still wanted.
func (l *link) noteSubscribed(slug string) bool {
	b := l.broker
	b.mu.Lock()
	defer b.mu.Unlock()
	s := l.blogs[slug]
	if s == nil || l.failed {
		return false
	}
	s.confirmed, s.awaiting, s.nextProbe = true, time.Time{}, time.Now()
	if l.delivers {
		b.clearCutOff(s)
	}
	return true
}

// noteUnsubscribed records the end of a subscription. If the link did not ask for it, that is an error: a Cluster ends
// the subscriptions for slots that it moves to another master.
func (l *link) noteUnsubscribed(channel string) error {
	b := l.broker
	b.mu.Lock()
	defer b.mu.Unlock()
	n := l.unsubscribing[channel] - 1
	if n < 0 {
		return errMoved
	}
	if l.unsubscribing[channel] = n; n == 0 {
		delete(l.unsubscribing, channel)
	}
	return nil
}

// handleMessage passes on what another node has published. Messages that cannot be parsed count as refresh notices.
func (l *link) handleMessage(got *redis.Message) {
	b := l.broker
	slug := b.slugOf(got.Channel)
	m, err := parseNodeMessage(b.node, got.Payload)
	switch {
	case err != nil:
		b.refresh(slug)
	case m.node == b.node:
		l.noteReturned(slug)
	case m.kind == kindProbe:
		b.noteCount(slug, m)
	default:
		b.local.Publish(b.ctx, liveblog.Notice{Slug: slug, Changes: m.changes})
	}
}

// noteReturned records that a message of this node has come back, which proves that the link delivers.
func (l *link) noteReturned(slug string) {
	b := l.broker
	b.mu.Lock()
	defer b.mu.Unlock()
	s := l.blogs[slug]
	if s == nil || l.failed {
		return
	}
	s.awaiting = time.Time{}
	if l.delivers {
		return
	}
	l.delivers = true
	delete(b.failures, l.key)
	for _, s := range l.blogs {
		if s.confirmed {
			b.clearCutOff(s)
		}
	}
}

// fail marks the link as failed and returns the slugs of its blogs.
func (l *link) fail(err error) (slugs []string) {
	b := l.broker
	b.mu.Lock()
	defer b.mu.Unlock()
	l.failed = true
	b.failures[l.key]++
	for slug, s := range l.blogs {
		slugs = append(slugs, slug)
		s.confirmed, s.awaiting = false, time.Time{}
		b.markCutOff(s)
	}
	b.logState(err)
	return slugs
}

// returnBlogs waits for the backoff and then has the link's blogs assigned to another link.
func (l *link) returnBlogs() {
	b := l.broker
	b.reloadSlots()
	b.mu.Lock()
	n := b.failures[l.key]
	b.mu.Unlock()
	select {
	case <-time.After(backoff(n)):
	case <-b.ctx.Done():
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	l.removeFromBroker()
	for _, s := range l.blogs {
		s.link = nil
	}
	wake(b.linkWake)
}

// removeFromBroker removes the link from the broker's links, unless another one has its key already: a link whose last
// blog has left, and which then fails, is removed twice. The caller holds the broker's mu.
func (l *link) removeFromBroker() {
	if l.broker.links[l.key] == l {
		delete(l.broker.links, l.key)
	}
}

// backoff returns how long to wait after a number of successive failures, with jitter.
func backoff(failures int) time.Duration {
	d := maxBackoff
	if failures < 6 {
		d = min(maxBackoff, minBackoff<<max(0, failures-1))
	}
	return d/2 + time.Duration(rand.Int64N(int64(d)/2))
}
