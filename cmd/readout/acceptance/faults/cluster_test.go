package faults

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"readout/cmd/readout/acceptance/program"
	"readout/liveblog"
	"readout/realtime/porttest"
	"readout/realtime/redistest"
	"readout/store"
	"readout/store/postgrestest"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

var (
	binaries program.Binaries
	postgres postgrestest.Shared // the server of tests that leave it running
)

func TestMain(m *testing.M) { os.Exit(binaries.Around(postgres.Around(m))) }

// cluster has the services of the compose file as processes of the test: PostgreSQL, Redis with a password, and two
// nodes. Each node reaches PostgreSQL and Redis over links of its own, which tests can make fail.
type cluster struct {
	postgres *postgrestest.Server
	redis    *redistest.Server
	nodes    []*clusterNode
	database string         // URL, without a link in between
	store    liveblog.Store // the database, for the test
	token    string         // of an editor
	slug     string
	restored bool // the database was restored, so earlier cursors have another epoch
}

// clusterNode is one server process. After a restart it has the same address.
type clusterNode struct {
	*program.Process
	t          testing.TB
	args       []string
	failpoint  bool // it is killed between a commit and its publication
	atFirst    bool // its first commit triggers the failpoint; otherwise a random one
	random     *rand.Rand
	address    string
	toRedis    *link
	toPostgres *link
}

// clusterOptions say how a cluster differs from the usual one, which is the zero value.
type clusterOptions struct {
	ownPostgres bool   // no other test uses the PostgreSQL server, so the test may stop it
	failpoint   bool   // the first node is killed between a commit and its publication
	atFirst     bool   // its first commit triggers the failpoint; otherwise one that depends on the seed
	seed        uint64 // see atFirst
	drain       time.Duration
}

// newCluster starts a cluster with the live blog "summit".
func newCluster(t testing.TB, opt clusterOptions) *cluster {
	t.Helper()
	c := &cluster{redis: redistest.Start(t), slug: "summit"}
	if opt.ownPostgres {
		c.postgres = postgrestest.Start(t)
	} else {
		c.postgres = postgres.Server(t)
	}
	c.database = c.postgres.NewDatabase(t)
	var err error
	if c.store, err = store.Open(t.Context(), c.database); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.store.Close() })
	_, c.token = program.Prepare(t, c.store)
	for i := range 2 {
		n := &clusterNode{
			t:          t,
			failpoint:  opt.failpoint && i == 0,
			atFirst:    opt.atFirst,
			random:     rand.New(rand.NewPCG(opt.seed, 0)),
			address:    porttest.For(t).Addr(),
			toRedis:    newLink(t, c.redis.Addr()),
			toPostgres: newLink(t, c.postgres.Addr()),
		}
		n.args = []string{
			"serve", "--listen", n.address, "--drain", opt.drain.String(), "--writes", "1000000",
			"--redis", n.toRedis.through(t, c.redis.URL()),
			// A small pool, since many nodes share the server.
			"--database", n.toPostgres.through(t, c.database) + "&pool_max_conns=6",
		}
		n.start()
		c.nodes = append(c.nodes, n)
	}
	return c
}

// start runs the node's process and returns when it listens.
func (n *clusterNode) start() {
	n.t.Helper()
	if n.failpoint {
		publication := 1
		if !n.atFirst {
			publication += n.random.IntN(8)
		}
		n.Process = binaries.StartDying(n.t, publication, n.args...)
		return
	}
	n.Process = binaries.Start(n.t, n.args...)
}

// awaitFailpoint writes until the node is killed at its failpoint, and starts it again.
func (n *clusterNode) awaitFailpoint(ctx context.Context, h *faultHistory) {
	n.t.Helper()
	ended := make(chan struct{})
	go func() {
		n.AwaitKill(n.t)
		close(ended)
	}()
	w := h.newWriter(0, fmt.Sprintf("%d.last", h.seed), h.seed)
	defer w.client.CloseIdleConnections()
	for {
		select {
		case <-ended:
			n.start()
			return
		default:
			if err := w.write(ctx, 1, h.writes); err != nil {
				n.t.Fatal(err)
			}
		}
	}
}

func (n *clusterNode) signal(s syscall.Signal) {
	n.t.Helper()
	n.Signal(n.t, s)
}

// urls returns the URLs of both nodes, beginning with the given one.
func (c *cluster) urls(first int) []string {
	return []string{c.nodes[first].URL, c.nodes[1-first].URL}
}

// readers starts readers on each node, and returns when all have the page. They follow until stop is called. One reader
// in restless is restless; 0 means none.
func (c *cluster) readers(
	t *testing.T, each int, seed uint64, restless int, urls func(node int) []string,
) (readers []*clusterReader, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	objects := &clusterObjects{known: map[string]clusterObject{}}
	done := make(chan struct{}, len(c.nodes)*each)
	for node := range c.nodes {
		for i := range each {
			r := &clusterReader{
				name: fmt.Sprintf("%d on node %d", i+1, node+1), slug: c.slug, urls: urls(node), store: c.store,
				objects: objects, random: rand.New(rand.NewPCG(seed, uint64(node*each+i))),
				restless: restless > 0 && i%restless == 0, bookmarks: i%20 == 0, smallBuffers: i%20 == 1,
			}
			if err := r.load(t.Context()); err != nil {
				t.Fatal(err)
			}
			readers = append(readers, r)
			go func() {
				r.follow(ctx)
				done <- struct{}{}
			}()
		}
	}
	stopped := false
	stop = func() {
		cancel()
		for ; !stopped && len(readers) > 0; stopped = true {
			for range readers {
				<-done
			}
		}
	}
	t.Cleanup(stop)
	return readers, stop
}

// clusterPatience limits how long readers may take to catch up. Even a busy machine stays below it.
const clusterPatience = 3 * time.Minute

// settle waits until every reader has reached the store's cursor, and compares their pages with the store.
func (c *cluster) settle(t *testing.T, readers []*clusterReader) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), clusterPatience)
	defer cancel()
	for {
		want, err := loadPage(ctx, c.store, c.slug)
		if liveblog.CodeOf(err) == liveblog.Unavailable && ctx.Err() == nil {
			program.Pause(ctx, 20*time.Millisecond) // the pool still has connections from before an outage
			continue
		}
		if err != nil {
			return err
		}
		err = c.compare(ctx, readers, want)
		// A node that was paused may commit another write meanwhile.
		if now, e := c.store.Cursor(t.Context(), c.slug); e != nil || now == want.cursor {
			return errors.Join(err, e)
		}
	}
}

// compare waits until the readers have reached the cursor of want, and compares their pages with it.
func (c *cluster) compare(ctx context.Context, readers []*clusterReader, want clusterPage) error {
	for _, r := range readers {
		for r.seq.Load() < want.cursor.Seq {
			if _, breach := r.compare(want); breach != nil {
				return breach
			}
			if ctx.Err() != nil {
				return fmt.Errorf("reliable: after %v reader %s is at %d, and the store at %s",
					clusterPatience, r.name, r.seq.Load(), want.cursor)
			}
			program.Pause(ctx, 2*time.Millisecond)
		}
	}
	for _, r := range readers {
		d, breach := r.compare(want)
		if breach != nil {
			return breach
		}
		if d != "" {
			return fmt.Errorf("reliable: reader %s: %s", r.name, d)
		}
	}
	for i, r := range readers {
		if !r.bookmarks {
			continue
		}
		have, err := r.pollFromBookmark(ctx, r.urls[i/20%len(r.urls)])
		switch d := have.difference(want); {
		case c.restored && errors.Is(err, errMustReload):
		case err != nil:
			return fmt.Errorf("bookmarkable: reader %s, from a bookmark: %w", r.name, err)
		case d != "":
			return fmt.Errorf("bookmarkable: reader %s, from a bookmark: %s", r.name, d)
		}
	}
	return nil
}

// link is a proxy in front of a server, which tests can make fail.
type link struct {
	*toxiproxy.Proxy
	to string // address of the server
}

func newLink(t testing.TB, to string) *link {
	t.Helper()
	api := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	p := toxiproxy.NewProxy(api, t.Name(), porttest.For(t).Addr(), to)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return &link{Proxy: p, to: to}
}

// through returns the URL of the server with the address of the link.
func (l *link) through(t testing.TB, url string) string {
	t.Helper()
	before, after, ok := strings.Cut(url, l.to)
	if !ok {
		t.Fatalf("the URL does not contain %s", l.to)
	}
	return before + l.Listen + after
}

// addToxic adds a toxic of Toxiproxy, in one direction, until heal is called.
func (l *link) addToxic(t *testing.T, kind, direction string, attributes map[string]any) (heal func()) {
	t.Helper()
	b, err := json.Marshal(map[string]any{"name": kind, "type": kind, "stream": direction, "attributes": attributes})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Toxics.AddToxicJson(bytes.NewReader(b)); err != nil {
		t.Errorf("%s: %v", kind, err)
	}
	return func() { l.Toxics.RemoveToxic(context.WithoutCancel(t.Context()), kind) }
}

// refuse closes the link's connections and refuses new ones, until heal is called.
func (l *link) refuse(t *testing.T) (heal func()) {
	t.Helper()
	l.Stop()
	return func() {
		if err := l.Start(); err != nil {
			t.Errorf("opening a link again: %v", err)
		}
	}
}

// newWriter returns a writer that prefers a node.
func (c *cluster) newWriter(node int, name string, seed uint64) *clusterWriter {
	return &clusterWriter{
		name: name, slug: c.slug, token: c.token, urls: c.urls(node), timeout: 15 * time.Second,
		random: rand.New(rand.NewPCG(seed, uint64(node))), client: &http.Client{Transport: &http.Transport{}},
	}
}
