package realtime

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"readout/liveblog"

	"github.com/redis/go-redis/v9"
)

// RedisOptions are the settings of a [RedisBroker] that its URL does not hold.
type RedisOptions struct {
	Log *slog.Logger // default slog.Default()
	TLS *tls.Config  // for rediss://; default: the system's authorities and TLS 1.2 at least
}

// RedisBroker is a [liveblog.Broker] between nodes, by pub/sub of Redis, a Cluster's sharded pub/sub, or a master that
// Sentinels watch.
//
// A blog is a channel. The node's own subscribers get the node's own notices directly, whatever becomes of Redis; its
// messages that come back are dropped. The node listens to a blog's channel while it has a subscription for it, over one
// connection (in a Cluster one for each master that owns such a blog), and delivers a doubt whenever a channel is joined,
// first or anew, and whenever its connection fails.
//
// About every second the node sends a probe to each channel that it listens to, with the number of its readers. A
// channel on which the node's own probe has not come back within 2.5 seconds does not deliver, whatever its connection
// looks like; the connection is closed and another made. The others' probes make up the count of readers everywhere.
//
// A replica, as a master is after a failover, takes a publication and gives it only to those connected to it, so that a
// node's own probe comes back while no other node hears it. Outside a Cluster the node therefore asks for the server's
// role with its probes, and takes what it has sent to a replica for lost. A connection that publishes is used for a
// minute at most, so that it follows the address to another server.
//
// A node sends at most 256 probes a second, of about 50 bytes each, in one pipeline. With more blogs than that it takes
// them in turn, and a count is believed for five turns: with 1,000 blogs a probe goes to each every 4 seconds.
//
// A publication waits 300 milliseconds for Redis at most. After a failure every publication fails at once until
// something has gone through again; the blogs whose notices were lost then get a doubt.
type RedisBroker struct {
	log     *slog.Logger
	node    string // random
	client  redis.UniversalClient
	sharded bool   // a Cluster
	prefix  string // of channels
	local   *LocalBroker
	ctx     context.Context // of all goroutines; ends with Close
	quit    context.CancelFunc
	work    sync.WaitGroup // all goroutines
	toPlace chan struct{}  // holds one: blogs have no link
	toSend  chan struct{}  // holds one: a probe is due

	mu       sync.Mutex // guards what follows, and the fields of blogs and links that say so
	blogs    map[string]*subscribed
	links    map[string]*link // by the address of a Cluster's master, else by ""
	failures map[string]int   // of links in a row, by the same key
	unsent   map[string]int   // slugs for which a doubt is owed, by how often something of theirs did not go through
	left     []string         // slugs that were unsubscribed from, whose count is to be taken back
	lost     int              // blogs whose link has failed, until it is known to deliver again
	away     time.Time        // since when something does not work; zero: all works
	closed   bool
}

// subscribed is a blog with subscriptions on this node. All is guarded by the broker's mu.
type subscribed struct {
	slug    string
	subs    int
	link    *link     // nil: to be placed
	joined  bool      // Redis has confirmed
	lost    bool      // the link has failed
	waiting time.Time // since when something of ours should come back; zero: nothing should
	due     time.Time // when to send the next probe
	here    int       // readers
	others  map[string]count
}

// count is what another node said.
type count struct {
	readers int
	until   time.Time
}

const (
	channelPrefix  = "readout:"
	publishTimeout = 300 * time.Millisecond
)

var (
	errRedisAway   = errors.New("redis is away")
	errRedisClosed = errors.New("the broker is closed")
	errReplica     = errors.New("the server at the address of the master is a replica: what it is sent reaches only those connected to it")
)

// OpenRedis connects to Redis and starts the broker.
//
// The URL is redis://user:password@host:port/db, or rediss:// for TLS; user, password, port and db may be left out.
// Channels of different databases do not meet. Whether the server belongs to a Cluster is found out; further addresses
// of the Cluster come as ?addr=host:port, any number of times. With ?master_name=NAME the addresses are those of
// Sentinels; ?sentinel_password= and ?sentinel_username= are for them, the others for the master.
//
// An error is one line that says what is wrong, without the password, and comes within about five seconds.
func OpenRedis(ctx context.Context, url string, opt RedisOptions) (*RedisBroker, error) {
	place, err := parseRedisURL(url, opt.TLS)
	if err != nil {
		return nil, err
	}
	client, sharded, err := place.connect(ctx)
	if err != nil {
		return nil, err
	}
	b := &RedisBroker{
		log:      opt.Log,
		node:     rand.Text(),
		client:   client,
		sharded:  sharded,
		prefix:   fmt.Sprintf("%s%d:", channelPrefix, place.db),
		local:    NewLocalBroker(),
		toPlace:  make(chan struct{}, 1),
		toSend:   make(chan struct{}, 1),
		blogs:    make(map[string]*subscribed),
		links:    make(map[string]*link),
		failures: make(map[string]int),
		unsent:   make(map[string]int),
	}
	if b.log == nil {
		b.log = slog.Default()
	}
	b.ctx, b.quit = context.WithCancel(context.Background())
	b.work.Go(b.place)
	b.work.Go(b.probe)
	b.work.Go(b.watch)
	return b, nil
}

// Publish implements [liveblog.Broker].
func (b *RedisBroker) Publish(ctx context.Context, n liveblog.Notice) error {
	b.local.Publish(ctx, n)
	b.mu.Lock()
	closed, away := b.closed, b.unreachable(n.Slug)
	if away {
		b.unsent[n.Slug]++ // told as a doubt, later
	}
	b.mu.Unlock()
	switch {
	case closed:
		return errRedisClosed
	case away:
		return errRedisAway
	}
	soon, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	err := b.send(soon, b.client, n.Slug, encodeNotice(b.node, n)).Err()
	if err == nil {
		return nil
	}
	if ctx.Err() == nil {
		b.mu.Lock()
		b.unsent[n.Slug]++
		b.report(err)
		b.mu.Unlock()
		wake(b.toSend)
	}
	return fmt.Errorf("publishing over Redis: %w", err)
}

// unreachable reports whether a publication about the blog would fail: in a Cluster because one about the same blog
// has, otherwise because any has. The caller holds b.mu.
func (b *RedisBroker) unreachable(slug string) bool {
	if b.sharded {
		_, failed := b.unsent[slug]
		return failed
	}
	return len(b.unsent) > 0
}

// send publishes on a blog's channel, over a client or in a pipeline.
func (b *RedisBroker) send(ctx context.Context, c redis.Cmdable, slug string, payload []byte) *redis.IntCmd {
	if b.sharded {
		return c.SPublish(ctx, b.channel(slug), payload)
	}
	return c.Publish(ctx, b.channel(slug), payload)
}

func (b *RedisBroker) channel(slug string) string { return b.prefix + slug }

// Subscribe implements [liveblog.Broker].
func (b *RedisBroker) Subscribe(slug string, deliver func(liveblog.Notice)) (cancel func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return func() {}
	}
	end := b.local.Subscribe(slug, deliver)
	s := b.blogs[slug]
	if s == nil {
		now := time.Now()
		s = &subscribed{slug: slug, due: now, others: make(map[string]count)}
		b.blogs[slug] = s
		wake(b.toPlace)
		wake(b.toSend)
	}
	s.subs++
	var once sync.Once
	return func() {
		once.Do(func() { b.release(s) })
		end()
	}
}

// release takes one subscription off a blog, and the blog off its link with the last.
func (b *RedisBroker) release(s *subscribed) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if s.subs--; s.subs > 0 || b.closed {
		return
	}
	delete(b.blogs, s.slug)
	if s.lost {
		b.lost--
		b.report(nil)
	}
	if s.link != nil {
		delete(s.link.blogs, s.slug)
		wake(s.link.wake)
	}
	b.left = append(b.left, s.slug)
	wake(b.toSend)
}

// Readers implements [liveblog.Broker].
func (b *RedisBroker) Readers(slug string, here int) (everywhere int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.blogs[slug]
	if s == nil {
		return here
	}
	s.here = here
	now := time.Now()
	for node, c := range s.others {
		if now.After(c.until) {
			delete(s.others, node)
			continue
		}
		here += c.readers
	}
	return here
}

// Close implements [liveblog.Broker]. It takes the node's counts back where Redis answers.
func (b *RedisBroker) Close() error {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return nil
	}
	b.closed = true
	for slug := range b.blogs {
		b.left = append(b.left, slug)
	}
	left := b.left
	if len(b.unsent) > 0 {
		left = nil
	}
	b.mu.Unlock()
	b.quit()
	b.work.Wait()
	b.local.Close()
	b.farewell(left)
	return b.client.Close()
}

// doubt tells the blogs' subscriptions on this node to look at the store.
func (b *RedisBroker) doubt(slugs ...string) {
	for _, slug := range slugs {
		b.local.Publish(b.ctx, liveblog.Notice{Slug: slug})
	}
}

// report logs when something stops working and when all works again. The caller holds b.mu.
func (b *RedisBroker) report(cause error) {
	switch bad := len(b.unsent) > 0 || b.lost > 0; {
	case bad && b.away.IsZero():
		b.away = time.Now()
		b.log.Warn("Redis is away; changes and counts of other nodes come late until it is back", slog.Any("error", cause))
	case !bad && !b.away.IsZero():
		b.log.Info("Redis is back", "after", time.Since(b.away).Round(time.Millisecond))
		b.away = time.Time{}
	}
}

// wake leaves word in a channel that holds one.
func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// slugOf returns the blog of a channel.
func (b *RedisBroker) slugOf(channel string) string { return strings.TrimPrefix(channel, b.prefix) }
