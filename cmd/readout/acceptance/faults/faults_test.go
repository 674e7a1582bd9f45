package faults

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"syscall"
	"testing"
	"time"

	"readout/cmd/readout/acceptance/program"
)

// The default run plays a few histories of each fault. A soak plays many more, with more readers.
var (
	historiesFlag = flag.Int("histories", 0,
		"a factor for each fault's number of histories, with 200 readers a node; 0: one history, with 40")
	seedFlag = flag.Uint64("seed", 0, "the seed of the first history; 0: one that depends on the date")
)

// readersEach is how many readers each node has.
func readersEach() int {
	if *historiesFlag > 0 {
		return 200
	}
	return 40
}

// A fault is something that goes wrong while two writers write and readers follow on both nodes.
type fault struct {
	name      string
	histories int // in a soak
	// always has seeds of histories that every run plays: those that have failed once, and for tolerable faults one
	// that settles while the fault lasts.
	always      []uint64
	filler      int  // bytes of filler in the text of each entry
	ownPostgres bool // the fault is in PostgreSQL, so no other test may use the server
	failpoint   bool // the first node has the failpoint
	slow        bool // the nodes drop some readers for being too slow; the fault lasts until all writes are done
	// reloads is how often readers may be told to reload, in all histories together. A reload repairs what a reader has
	// missed, so it would hide a fault of reconnecting.
	reloads int64
	// lasts is how long the fault lasts at least. If it is 0, the number of writes decides.
	lasts time.Duration
	// tolerable says that readers can get the whole log while the fault lasts. Some histories settle before it ends.
	tolerable bool
	inject    func(t *testing.T, h *faultHistory) (heal func())
}

// faultHistory is one run of writes with a fault during it. Its seed determines all but the interleaving.
type faultHistory struct {
	*cluster
	readers []*clusterReader
	writes  *clusterWrites
	seed    uint64
	random  *rand.Rand
}

// node returns a random node.
func (h *faultHistory) node() *clusterNode { return h.nodes[h.random.IntN(len(h.nodes))] }

// redisLinks calls do for the link to Redis of one node, or of both, at random. The returned heal heals them all.
func (h *faultHistory) redisLinks(do func(*link) (heal func())) (heal func()) {
	var heals []func()
	which := h.random.IntN(3)
	for i, n := range h.nodes {
		if which == i || which == 2 {
			heals = append(heals, do(n.toRedis))
		}
	}
	return func() {
		for _, f := range heals {
			f()
		}
	}
}

// addRedisToxic adds a toxic to links to Redis, in a random direction.
func (h *faultHistory) addRedisToxic(t *testing.T, kind string, attributes map[string]any) (heal func()) {
	direction := []string{"upstream", "downstream"}[h.random.IntN(2)]
	return h.redisLinks(func(l *link) func() { return l.addToxic(t, kind, direction, attributes) })
}

var faults = []fault{
	{name: "none", histories: 20, inject: func(*testing.T, *faultHistory) func() { return func() {} }},
	{name: "Redis killed and restarted", histories: 22, always: []uint64{6}, tolerable: true,
		inject: func(t *testing.T, h *faultHistory) func() {
			h.redis.Kill()
			return h.redis.StartAgain
		}},
	{name: "Redis paused", histories: 18, always: []uint64{25}, tolerable: true,
		inject: func(t *testing.T, h *faultHistory) func() {
			h.redis.Pause()
			return h.redis.Resume
		}},
	{name: "connection to Redis reset", histories: 22, always: []uint64{3}, tolerable: true,
		inject: func(t *testing.T, h *faultHistory) func() {
			return h.addRedisToxic(t, "reset_peer", map[string]any{"timeout": h.random.IntN(100)})
		}},
	{name: "connection to Redis delayed", histories: 18, always: []uint64{28}, tolerable: true,
		inject: func(t *testing.T, h *faultHistory) func() {
			return h.addRedisToxic(t, "latency", map[string]any{"latency": 50 + h.random.IntN(1500), "jitter": 50})
		}},
	{name: "connection to Redis cut after some bytes", histories: 22, always: []uint64{41}, tolerable: true,
		inject: func(t *testing.T, h *faultHistory) func() {
			return h.addRedisToxic(t, "limit_data", map[string]any{"bytes": 1 + h.random.IntN(8000)})
		}},
	{name: "connection to Redis silent", histories: 14, always: []uint64{38}, tolerable: true,
		inject: func(t *testing.T, h *faultHistory) func() {
			return h.addRedisToxic(t, "timeout", map[string]any{"timeout": 0})
		}},
	{name: "Redis refusing", histories: 20, always: []uint64{67}, tolerable: true,
		inject: func(t *testing.T, h *faultHistory) func() {
			return h.redisLinks(func(l *link) func() { return l.refuse(t) })
		}},
	{name: "PostgreSQL restarted", histories: 14, ownPostgres: true,
		inject: func(t *testing.T, h *faultHistory) func() {
			if h.random.IntN(2) == 0 {
				h.postgres.Kill(t)
			} else {
				h.postgres.Stop(t)
			}
			return func() { h.postgres.Start(t) }
		}},
	{name: "a node killed between commit and publication", histories: 16, failpoint: true,
		inject: func(t *testing.T, h *faultHistory) func() {
			return func() { h.nodes[0].awaitFailpoint(t.Context(), h) }
		}},
	{name: "a node paused", histories: 5, lasts: 10 * time.Second,
		inject: func(t *testing.T, h *faultHistory) func() {
			n := h.node()
			n.signal(syscall.SIGSTOP)
			return func() { n.signal(syscall.SIGCONT) }
		}},
	{name: "readers that never read", histories: 14, always: []uint64{13}, filler: 40_000, tolerable: true, slow: true,
		inject: func(t *testing.T, h *faultHistory) func() {
			released := make(chan struct{})
			for _, r := range h.readers {
				if r.smallBuffers {
					r.stopReading(&released)
				}
			}
			return func() { close(released) }
		}},
}

// TestReadersUnderFaults plays histories of every fault on two nodes with readers on each. In the end every reader must
// have what the store has, and no guarantee may have been broken before. `make soak` plays at least 200 histories.
func TestReadersUnderFaults(t *testing.T) {
	t.Parallel()
	var running sync.WaitGroup
	// Five at a time, even with fewer processors, since they mostly wait for timeouts.
	slots := make(chan struct{}, 5)
	for _, f := range faults {
		running.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			t.Run(f.name, f.run)
		})
	}
	running.Wait()
}

// seeds returns the seeds of the histories to play.
func (f fault) seeds() (seeds []uint64) {
	first, count := program.Seed(*seedFlag), uint64(1)
	if *historiesFlag > 0 {
		count = uint64(*historiesFlag * f.histories)
	}
	for i := range count {
		seeds = append(seeds, first+i)
	}
	if *seedFlag == 0 {
		seeds = append(seeds, f.always...)
	}
	return seeds
}

func (f fault) run(t *testing.T) {
	seeds := f.seeds()
	c := newCluster(t, clusterOptions{ownPostgres: f.ownPostgres, failpoint: f.failpoint, seed: seeds[0]})
	readers, stop := c.readers(t, readersEach(), seeds[0], 10, c.urls)
	all := &clusterWrites{posted: map[string]int{}}
	var longest time.Duration
	for i, seed := range seeds {
		random := rand.New(rand.NewPCG(seed, bodyHash(f.name)))
		h := &faultHistory{cluster: c, readers: readers, writes: all, seed: seed, random: random}
		took, err := f.play(t, h)
		if err != nil {
			t.Errorf("history %d of %d: %v", i+1, len(seeds), err)
			flags := fmt.Sprintf("-histories %d -seed", min(1, *historiesFlag))
			program.Replay(t, "faults", t.Name(), flags, seed)
			return
		}
		longest = max(longest, took)
	}
	stop()
	defer program.Replay(t, "faults", t.Name(), fmt.Sprintf("-histories %d -seed", *historiesFlag), seeds[0])
	all.check(t, c)
	var reloads, slow int64
	for _, r := range readers {
		reloads += r.reloads.Load()
		slow += r.slow.Load()
	}
	if reloads > f.reloads {
		t.Errorf("readers were told to reload %d times, want at most %d", reloads, f.reloads)
	}
	if f.slow && slow == 0 {
		t.Error("the nodes dropped no reader for being too slow")
	}
	t.Logf("seeds %d: %d writes, %d failed attempts, %d readers, %d reloads, %d readers too slow; "+
		"readers took at most %v after the last write", seeds, all.count.Load(), all.failed.Load(), len(readers),
		reloads, slow, longest.Round(time.Millisecond))
}

// play plays one history. It returns how long readers took to catch up after the last write and the end of the fault.
func (f fault) play(t *testing.T, h *faultHistory) (took time.Duration, err error) {
	each := 3 + h.random.IntN(6)
	if f.slow {
		each = 8
	}
	start := h.writes.count.Load()
	begin := start + h.random.Int64N(int64(each))/2
	end := begin + 1 + h.random.Int64N(int64(each))
	healLate := f.tolerable && h.random.IntN(3) == 0

	ctx, cancel := context.WithTimeout(t.Context(), clusterPatience)
	defer cancel()
	var writers sync.WaitGroup
	failed := make([]error, len(h.nodes))
	for i := range h.nodes {
		w := h.newWriter(i, fmt.Sprintf("%d.%d", h.seed, i), h.seed)
		w.filler = f.filler
		writers.Go(func() {
			failed[i] = w.write(ctx, each, h.writes)
			w.client.CloseIdleConnections()
		})
	}
	written := make(chan struct{})
	go func() {
		writers.Wait()
		close(written)
	}()
	h.awaitWrites(begin, written)
	injected := time.Now()
	heal := f.inject(t, h)
	if !healLate && !f.failpoint {
		switch {
		case f.slow:
			<-written // only many writes fill a queue
		case f.lasts == 0:
			h.awaitWrites(end, written)
		}
		program.Pause(ctx, f.lasts-time.Since(injected))
		heal()
	}
	<-written
	for _, err := range failed {
		if err != nil {
			return 0, err
		}
	}
	if f.failpoint { // only now, since further writes would kill the restarted node too
		heal()
	}
	quiet := time.Now()
	if healLate {
		if err := h.settle(t, h.activeReaders()); err != nil {
			return 0, fmt.Errorf("while the fault lasts: %w", err)
		}
		heal()
	}
	err = h.settle(t, h.readers)
	return time.Since(quiet), err
}

// awaitWrites waits until this many writes are done, or all, but at most a second, since the fault may stop them.
func (h *faultHistory) awaitWrites(count int64, written <-chan struct{}) {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for stop := time.Now().Add(time.Second); h.writes.count.Load() < count && time.Now().Before(stop); {
		select {
		case <-written:
			return
		case <-tick.C:
		}
	}
}

// activeReaders returns the readers that have not stopped reading.
func (h *faultHistory) activeReaders() (all []*clusterReader) {
	for _, r := range h.readers {
		if !r.stalled() {
			all = append(all, r)
		}
	}
	return all
}
