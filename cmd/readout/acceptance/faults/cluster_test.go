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
	"readout/cmd/readout/server"
	"readout/liveblog"
	"readout/realtime"
	"readout/realtime/porttest"
	"readout/realtime/redistest"
	"readout/store"
	"readout/store/postgrestest"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

var (
	binaries program.Binaries
	postgres postgrestest.Shared // of tests that leave it running
)

func TestMain(m *testing.M) { os.Exit(binaries.Around(postgres.Around(m))) }

// cluster is what the compose file starts, as processes of the test: PostgreSQL, Redis with a password, and two nodes.
// Each node has lines of its own to either, which can be made to fail.
type cluster struct {
	postgres *postgrestest.Server
	redis    *redistest.Server
	nodes    []*clusterNode
	database string         // address, without a line before it
	store    liveblog.Store // the test's own way to the log
	token    string         // of an editor
	slug     string
	restored bool // places kept before are in a history that is lost
}

// clusterNode is one server process. It comes back at the same address.
type clusterNode struct {
	*program.Process
	t          testing.TB
	args       []string
	dying      bool
	first      bool // its first publication kills it
	random     *rand.Rand
	address    string
	toRedis    *line
	toPostgres *line
}

// clusterOptions say what differs from one cluster to another. The zero value is the usual one.
type clusterOptions struct {
	own   bool   // PostgreSQL is the cluster's own, which the test may end; else others use it too
	dying bool   // the first node is killed between some commit and its publication
	seed  uint64 // of when it is killed
	first bool   // it is killed by its first commit, whatever the seed
	drain time.Duration
}

func newCluster(t testing.TB, opt clusterOptions) *cluster {
	t.Helper()
	c := &cluster{redis: redistest.Start(t), slug: "summit"}
	if opt.own {
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
	desk := liveblog.NewDesk(c.store, realtime.NewLocalBroker(), liveblog.DeskOptions{})
	if _, err := desk.CreateBlog(t.Context(), program.Operator(), liveblog.NewBlog{Slug: c.slug, Title: "The summit", Status: liveblog.Live}); err != nil {
		t.Fatal(err)
	}
	if c.token, err = server.NewAccounts(c.store).AddToken(t.Context(), program.Operator(), "Wire", liveblog.Editor); err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		n := &clusterNode{t: t, address: porttest.For(t).Addr(), toRedis: newLine(t, c.redis.Addr()), toPostgres: newLine(t, c.postgres.Addr())}
		n.dying, n.first, n.random = opt.dying && i == 0, opt.first, rand.New(rand.NewPCG(opt.seed, 0))
		n.args = []string{"serve", "--listen", n.address, "--drain", opt.drain.String(), "--writes", "1000000",
			"--redis", n.toRedis.through(t, c.redis.URL()), "--database", n.toPostgres.through(t, c.database) + "&pool_max_conns=6"} // many nodes share a server
		n.start()
		c.nodes = append(c.nodes, n)
	}
	return c
}

// start runs the node's process and returns when it listens.
func (n *clusterNode) start() {
	n.t.Helper()
	if n.dying {
		publication := 1
		if !n.first {
			publication += n.random.IntN(8)
		}
		n.Process = binaries.StartDying(n.t, publication, n.args...)
		return
	}
	n.Process = binaries.Start(n.t, n.args...)
}

// awaitDeath sees the node die of its failpoint, however many writes that takes, and starts it again.
func (n *clusterNode) awaitDeath(ctx context.Context, h *faultHistory) {
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

// urls are the nodes' addresses, the one given first.
func (c *cluster) urls(first int) []string {
	return []string{c.nodes[first].URL, c.nodes[1-first].URL}
}

// readers starts so many readers on each node and returns when all have the page. They go when stop is called. One in
// so many is restless; 0 for none.
func (c *cluster) readers(t *testing.T, each int, seed uint64, restless int, urls func(node int) []string) (readers []*clusterReader, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	objects := &clusterObjects{known: map[string]clusterObject{}}
	done := make(chan struct{}, len(c.nodes)*each)
	for node := range c.nodes {
		for i := range each {
			r := &clusterReader{name: fmt.Sprintf("%d on node %d", i+1, node+1), slug: c.slug, urls: urls(node), store: c.store, objects: objects,
				random: rand.New(rand.NewPCG(seed, uint64(node*each+i))), restless: restless > 0 && i%restless == 0, bookmarks: i%20 == 0, narrow: i%20 == 1}
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

// clusterPatience is how long readers may need to arrive; it is reached only when something is broken.
const clusterPatience = 3 * time.Minute

// settle waits until every reader stands where the store does, and compares what they have.
func (c *cluster) settle(t *testing.T, readers []*clusterReader) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), clusterPatience)
	defer cancel()
	for {
		want, err := loadPage(ctx, c.store, c.slug)
		if liveblog.CodeOf(err) == liveblog.Unavailable && ctx.Err() == nil {
			pause(ctx, 20*time.Millisecond) // connections of before an outage
			continue
		}
		if err != nil {
			return err
		}
		err = c.compare(ctx, readers, want)
		// A request that a node was at while it stood still may come to its end now.
		if now, e := c.store.Cursor(t.Context(), c.slug); e != nil || now == want.cursor {
			return errors.Join(err, e)
		}
	}
}

func (c *cluster) compare(ctx context.Context, readers []*clusterReader, want clusterPage) error {
	for _, r := range readers {
		for r.seq.Load() < want.cursor.Seq {
			if _, breach := r.differs(want); breach != nil {
				return breach
			}
			if ctx.Err() != nil {
				return fmt.Errorf("reliable: waited %v in vain until reader %s, at %d, is where the store is, at %s", clusterPatience, r.name, r.seq.Load(), want.cursor)
			}
			pause(ctx, 2*time.Millisecond)
		}
	}
	for _, r := range readers {
		d, breach := r.differs(want)
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
		have, err := r.bookmarked(ctx, r.urls[i/20%len(r.urls)])
		switch d := have.difference(want); {
		case c.restored && errors.Is(err, errMustReload):
		case err != nil:
			return fmt.Errorf("bookmarkable: reader %s, with a place kept before: %w", r.name, err)
		case d != "":
			return fmt.Errorf("bookmarkable: reader %s, with a place kept before: %s", r.name, d)
		}
	}
	return nil
}

// line is a way to a server that can be made to fail.
type line struct {
	*toxiproxy.Proxy
	to string
}

func newLine(t testing.TB, to string) *line {
	t.Helper()
	api := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	p := toxiproxy.NewProxy(api, t.Name(), porttest.For(t).Addr(), to)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return &line{Proxy: p, to: to}
}

// through returns the URL of a server with the line's address in place of its own.
func (l *line) through(t testing.TB, url string) string {
	t.Helper()
	before, after, ok := strings.Cut(url, l.to)
	if !ok {
		t.Fatalf("%s is not in the address", l.to)
	}
	return before + l.Listen + after
}

// poison makes the line do what a toxic of the kind does, in one direction, until the function returned is called.
func (l *line) poison(t *testing.T, kind, direction string, attributes map[string]any) (heal func()) {
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

// refuse makes the line refuse connections and end those that there are, until the function returned is called.
func (l *line) refuse(t *testing.T) (heal func()) {
	t.Helper()
	l.Stop()
	return func() {
		if err := l.Start(); err != nil {
			t.Errorf("opening a line again: %v", err)
		}
	}
}

// newWriter returns a writer whose home is a node.
func (c *cluster) newWriter(node int, name string, seed uint64) *clusterWriter {
	return &clusterWriter{name: name, slug: c.slug, token: c.token, urls: c.urls(node), timeout: 15 * time.Second,
		random: rand.New(rand.NewPCG(seed, uint64(node))), client: &http.Client{Transport: &http.Transport{}}}
}
