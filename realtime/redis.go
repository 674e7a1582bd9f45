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
	TLS *tls.Config  // for rediss://; default: the system's authorities and at least TLS 1.2
}

// RedisBroker is a [liveblog.Broker] between nodes. It uses the pub/sub of a Redis server, the sharded pub/sub of a
// Redis Cluster, or the pub/sub of a master that Sentinels watch.
//
// Each blog has a channel. The node delivers its own notices directly to its own subscribers, whether Redis works or
// not, and drops its messages when they come back. It is subscribed to a blog's channel while it has a subscriber for
// the blog. It uses one connection for all channels, in a Cluster one for each master. Whenever a channel has been
// subscribed to, for the first time or again, and whenever its connection fails, the node delivers a refresh notice: a
// notice without changes, which has the subscribers refresh from the store.
//
// About every second the node publishes a probe, which carries the number of its readers, on each of its channels. If a
// probe does not come back within 2.5 seconds, the channel does not deliver, even if its connection looks healthy; the
// node closes the connection and makes a new one. It adds the counts in other nodes' probes to its own.
//
// A replica, which a master becomes after a failover, accepts a publication but passes it on only to the nodes
// connected to it. The node's own probes then come back although other nodes do not get its notices. Outside a Cluster
// the node therefore asks for the server's role along with its probes, and treats what it has sent to a replica as
// lost. It uses a connection for publications for at most a minute, so that it follows an address that moves to another
// server.
//
// A node sends at most 256 probes a second, of about 50 bytes each, in one pipeline. With more blogs it probes them in
// turn, and a count is valid for five turns: with 1,000 blogs each is probed every 4 seconds.
//
// Publish waits for Redis at most 300 milliseconds. After a failure it fails at once until a message goes through
// again. The subscribers of blogs whose notices were lost then get a refresh notice.
type RedisBroker struct {
	log       *slog.Logger
	node      string // random; identifies this node
	client    redis.UniversalClient
	sharded   bool   // the client is one of a Cluster
	prefix    string // of the channels' names
	local     *LocalBroker
	ctx       context.Context // of all goroutines; ends with Close
	quit      context.CancelFunc
	work      sync.WaitGroup // all goroutines
	linkWake  chan struct{}  // capacity 1; tells linkBlogs that a blog has no link
	probeWake chan struct{}  // capacity 1; tells probeLoop that something should be sent soon

	mu           sync.Mutex // guards what follows, all followedBlogs, and the fields of links that say so
	blogs        map[string]*followedBlog
	links        map[string]*link // by the address of a Cluster's master, otherwise by ""
	failures     map[string]int   // successive failures of links, by the same key
	lostNotices  map[string]int   // by slug; subscribers of these blogs on other nodes are owed a refresh notice
	withdrawn    []string         // slugs without subscribers, whose reader counts the next rounds withdraw
	cutOff       int              // blogs with cutOff set
	failingSince time.Time        // when a message was lost or a blog cut off; zero if all works
	closed       bool
}

// followedBlog is a blog with at least one subscriber on this node.
type followedBlog struct {
	slug      string
	subs      int
	link      *link     // nil until linkBlogs assigns one
	confirmed bool      // Redis has confirmed the subscription
	cutOff    bool      // its link has failed, and none has delivered since
	awaiting  time.Time // since when a message of this node should have come back; zero if none is expected
	nextProbe time.Time
	readers   int                    // on this node
	others    map[string]remoteCount // by node
}

// remoteCount is the number of a blog's readers on another node.
type remoteCount struct {
	readers int
	expires time.Time
}

const (
	channelPrefix  = "readout:"
	publishTimeout = 300 * time.Millisecond
)

var (
	errRedisDown   = errors.New("redis is unavailable")
	errRedisClosed = errors.New("the broker is closed")
	errReplica     = errors.New("the server at the master's address is a replica, so not all nodes get its messages")
)

// OpenRedis connects to Redis and starts the broker.
//
// The URL is redis://user:password@host:port/db, or rediss:// for TLS; user, password, port and db are optional.
// Brokers with different databases do not get each other's notices. OpenRedis detects whether the server belongs to a
// Cluster; ?addr=host:port, which may be repeated, adds further addresses of the Cluster. With ?master_name=NAME the
// addresses are those of Sentinels; sentinel_username and sentinel_password are for them, the user and password for the
// master. ?ca_file=FILE names the authorities to trust for TLS, in PEM form.
//
// An error is one line that says what is wrong, never contains the password, and comes within about five seconds.
func OpenRedis(ctx context.Context, url string, opt RedisOptions) (*RedisBroker, error) {
	target, err := parseRedisURL(url, opt.TLS)
	if err != nil {
		return nil, err
	}
	client, sharded, err := connectRedis(ctx, target)
	if err != nil {
		return nil, err
	}
	b := &RedisBroker{
		log:         opt.Log,
		node:        rand.Text(),
		client:      client,
		sharded:     sharded,
		prefix:      fmt.Sprintf("%s%d:", channelPrefix, target.DB),
		local:       NewLocalBroker(),
		linkWake:    make(chan struct{}, 1),
		probeWake:   make(chan struct{}, 1),
		blogs:       make(map[string]*followedBlog),
		links:       make(map[string]*link),
		failures:    make(map[string]int),
		lostNotices: make(map[string]int),
	}
	if b.log == nil {
		b.log = slog.Default()
	}
	b.ctx, b.quit = context.WithCancel(context.Background())
	b.work.Go(b.linkBlogs)
	b.work.Go(b.probeLoop)
	b.work.Go(b.findSilentLinks)
	return b, nil
}

// Publish implements [liveblog.Broker].
func (b *RedisBroker) Publish(ctx context.Context, n liveblog.Notice) error {
	b.local.Publish(ctx, n)
	b.mu.Lock()
	closed, fails := b.closed, b.publishFails(n.Slug)
	if fails {
		b.lostNotices[n.Slug]++
	}
	b.mu.Unlock()
	switch {
	case closed:
		return errRedisClosed
	case fails:
		return errRedisDown
	}
	soon, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	err := b.send(soon, b.client, n.Slug, encodeNotice(b.node, n)).Err()
	if err == nil {
		return nil
	}
	if ctx.Err() == nil {
		b.mu.Lock()
		b.lostNotices[n.Slug]++
		b.logState(err)
		b.mu.Unlock()
		wake(b.probeWake)
	}
	return fmt.Errorf("publishing over Redis: %w", err)
}

// publishFails reports whether a publication about the blog is expected to fail: in a Cluster because the last one
// about the same blog failed, otherwise because any did. The caller holds b.mu.
func (b *RedisBroker) publishFails(slug string) bool {
	if b.sharded {
		_, failed := b.lostNotices[slug]
		return failed
	}
	return len(b.lostNotices) > 0
}

// send publishes on a blog's channel, with a client or in a pipeline.
func (b *RedisBroker) send(ctx context.Context, c redis.Cmdable, slug string, payload []byte) *redis.IntCmd {
	if b.sharded {
		return c.SPublish(ctx, b.channel(slug), payload)
	}
	return c.Publish(ctx, b.channel(slug), payload)
}

func (b *RedisBroker) channel(slug string) string { return b.prefix + slug }

func (b *RedisBroker) slugOf(channel string) string { return strings.TrimPrefix(channel, b.prefix) }

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
		s = &followedBlog{slug: slug, nextProbe: time.Now(), others: make(map[string]remoteCount)}
		b.blogs[slug] = s
		wake(b.linkWake)
		wake(b.probeWake)
	}
	s.subs++
	var once sync.Once
	return func() {
		once.Do(func() { b.unsubscribe(s) })
		end()
	}
}

// unsubscribe removes one subscriber of a blog, and with the last one the blog.
func (b *RedisBroker) unsubscribe(s *followedBlog) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if s.subs--; s.subs > 0 || b.closed {
		return
	}
	delete(b.blogs, s.slug)
	b.clearCutOff(s)
	if s.link != nil {
		delete(s.link.blogs, s.slug)
		wake(s.link.wake)
	}
	b.withdrawn = append(b.withdrawn, s.slug)
	wake(b.probeWake)
}

// Readers implements [liveblog.Broker].
func (b *RedisBroker) Readers(slug string, here int) (everywhere int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.blogs[slug]
	if s == nil {
		return here
	}
	s.readers = here
	everywhere = here
	now := time.Now()
	for node, c := range s.others {
		if now.After(c.expires) {
			delete(s.others, node)
			continue
		}
		everywhere += c.readers
	}
	return everywhere
}

// Close implements [liveblog.Broker]. If Redis answers, it withdraws the node's reader counts.
func (b *RedisBroker) Close() error {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return nil
	}
	b.closed = true
	for slug := range b.blogs {
		b.withdrawn = append(b.withdrawn, slug)
	}
	withdrawn := b.withdrawn
	if len(b.lostNotices) > 0 {
		withdrawn = nil // Redis is unavailable
	}
	b.mu.Unlock()
	b.quit()
	b.work.Wait()
	b.local.Close()
	b.withdrawCounts(withdrawn)
	return b.client.Close()
}

// refresh delivers a refresh notice to the blogs' subscribers on this node.
func (b *RedisBroker) refresh(slugs ...string) {
	for _, slug := range slugs {
		b.local.Publish(b.ctx, liveblog.Notice{Slug: slug})
	}
}

// markCutOff marks a blog that does not get the notices of other nodes. The caller holds b.mu.
func (b *RedisBroker) markCutOff(s *followedBlog) {
	if !s.cutOff {
		s.cutOff = true
		b.cutOff++
	}
}

// clearCutOff undoes markCutOff. The caller holds b.mu.
func (b *RedisBroker) clearCutOff(s *followedBlog) {
	if s.cutOff {
		s.cutOff = false
		b.cutOff--
		b.logState(nil)
	}
}

// logState logs when something has stopped working, and when everything works again. The caller holds b.mu.
func (b *RedisBroker) logState(cause error) {
	switch failing := len(b.lostNotices) > 0 || b.cutOff > 0; {
	case failing && b.failingSince.IsZero():
		b.failingSince = time.Now()
		b.log.Warn("Redis is unavailable; changes and reader counts of other nodes arrive late until it is back",
			slog.Any("error", cause))
	case !failing && !b.failingSince.IsZero():
		b.log.Info("Redis is back", "after", time.Since(b.failingSince).Round(time.Millisecond))
		b.failingSince = time.Time{}
	}
}

// wake signals a channel of capacity 1, unless a signal is waiting in it.
func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
