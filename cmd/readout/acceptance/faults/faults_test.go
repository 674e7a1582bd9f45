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

// How far the histories go: the default run plays a few of each fault, with seeds of the day. A soak plays all, with more readers.
var (
	historiesFlag = flag.Int("histories", 0, "how many times each fault's number of histories is played, with 200 readers a node; 0 plays one, with 40")
	seedFlag      = flag.Uint64("seed", 0, "the seed of the first history; 0 takes the day's")
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
	// kept are seeds of histories that each run plays: those that failed once, and for bearable faults one that settles while
	// the fault lasts, which only the guards can bring about.
	kept   []uint64
	filler int  // bytes of text that each entry has beside its words
	own    bool // the fault is PostgreSQL's: nobody else may use that server
	die    bool // the first node has the failpoint
	slow   bool // some readers are let go for being too slow: the fault lasts until all is written
	// reloads is how many reloads there may be in all histories together. A reload mends whatever was missed, so each
	// one hides what a reader would have missed by resuming.
	reloads int64
	// lasts is for how long the fault is there at least; else it ends by the count of writes.
	lasts time.Duration
	// bearable faults leave readers a way to the whole log while they last: some histories settle before they end.
	bearable bool
	strike   func(t *testing.T, h *faultHistory) (heal func())
}

// faultHistory is one run of writes with the fault somewhere in it. Everything but the interleaving comes of the seed.
type faultHistory struct {
	*cluster
	readers []*clusterReader
	writes  *clusterWrites
	seed    uint64
	random  *rand.Rand
}

// node is a node chosen by the seed.
func (h *faultHistory) node() *clusterNode { return h.nodes[h.random.IntN(len(h.nodes))] }

// both carries something out on the lines to Redis of one node or of both, as the seed says.
func (h *faultHistory) redisLines(do func(*line) (heal func())) (heal func()) {
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

func (h *faultHistory) poisonRedis(t *testing.T, kind string, attributes map[string]any) (heal func()) {
	direction := []string{"upstream", "downstream"}[h.random.IntN(2)]
	return h.redisLines(func(l *line) func() { return l.poison(t, kind, direction, attributes) })
}

var faults = []fault{
	{name: "none", histories: 20, strike: func(*testing.T, *faultHistory) func() { return func() {} }},
	{name: "Redis killed and restarted", histories: 22, kept: []uint64{6}, bearable: true,
		strike: func(t *testing.T, h *faultHistory) func() {
			h.redis.Kill()
			return h.redis.StartAgain
		}},
	{name: "Redis paused", histories: 18, kept: []uint64{25}, bearable: true,
		strike: func(t *testing.T, h *faultHistory) func() {
			h.redis.Pause()
			return h.redis.Resume
		}},
	{name: "connection to Redis reset", histories: 22, kept: []uint64{3}, bearable: true,
		strike: func(t *testing.T, h *faultHistory) func() {
			return h.poisonRedis(t, "reset_peer", map[string]any{"timeout": h.random.IntN(100)})
		}},
	{name: "connection to Redis delayed", histories: 18, kept: []uint64{28}, bearable: true,
		strike: func(t *testing.T, h *faultHistory) func() {
			return h.poisonRedis(t, "latency", map[string]any{"latency": 50 + h.random.IntN(1500), "jitter": 50})
		}},
	{name: "connection to Redis cut after some bytes", histories: 22, kept: []uint64{41}, bearable: true,
		strike: func(t *testing.T, h *faultHistory) func() {
			return h.poisonRedis(t, "limit_data", map[string]any{"bytes": 1 + h.random.IntN(8000)})
		}},
	{name: "connection to Redis silent", histories: 14, kept: []uint64{38}, bearable: true,
		strike: func(t *testing.T, h *faultHistory) func() {
			return h.poisonRedis(t, "timeout", map[string]any{"timeout": 0})
		}},
	{name: "Redis refusing", histories: 20, kept: []uint64{67}, bearable: true,
		strike: func(t *testing.T, h *faultHistory) func() {
			return h.redisLines(func(l *line) func() { return l.refuse(t) })
		}},
	{name: "PostgreSQL restarted", histories: 14, own: true,
		strike: func(t *testing.T, h *faultHistory) func() {
			if h.random.IntN(2) == 0 {
				h.postgres.Kill(t)
			} else {
				h.postgres.Stop(t)
			}
			return func() { h.postgres.Start(t) }
		}},
	{name: "a node killed between commit and publication", histories: 16, die: true,
		strike: func(t *testing.T, h *faultHistory) func() {
			return func() { h.nodes[0].awaitDeath(t.Context(), h) }
		}},
	{name: "a node paused", histories: 5, lasts: 10 * time.Second,
		strike: func(t *testing.T, h *faultHistory) func() {
			n := h.node()
			n.signal(syscall.SIGSTOP)
			return func() { n.signal(syscall.SIGCONT) }
		}},
	{name: "readers that never read", histories: 14, kept: []uint64{13}, filler: 40_000, bearable: true, slow: true,
		strike: func(t *testing.T, h *faultHistory) func() {
			released := make(chan struct{})
			for _, r := range h.readers {
				if r.narrow {
					r.stop(&released)
				}
			}
			return func() { close(released) }
		}},
}

// TestReadersUnderFaults plays histories of every fault on two nodes with readers on each: whatever fails, every
// reader ends with what the store holds, and none of the guarantees was broken on the way. `make soak` plays at least 200.
func TestReadersUnderFaults(t *testing.T) {
	t.Parallel()
	var running sync.WaitGroup
	// Side by side, more of them than there are processors: they wait for time-outs, mostly. With all at once each waits for
	// the others.
	places := make(chan struct{}, 5)
	for _, f := range faults {
		running.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			t.Run(f.name, f.run)
		})
	}
	running.Wait()
}

// seeds are those of the histories to play.
func (f fault) seeds() (seeds []uint64) {
	first, count := program.Seed(*seedFlag), uint64(1)
	if *historiesFlag > 0 {
		count = uint64(*historiesFlag * f.histories)
	}
	for i := range count {
		seeds = append(seeds, first+i)
	}
	if *seedFlag == 0 {
		seeds = append(seeds, f.kept...)
	}
	return seeds
}

func (f fault) run(t *testing.T) {
	seeds := f.seeds()
	c := newCluster(t, clusterOptions{own: f.own, dying: f.die, seed: seeds[0]})
	readers, stop := c.readers(t, readersEach(), seeds[0], 10, c.urls)
	all := &clusterWrites{posted: map[string]int{}}
	var longest time.Duration
	for i, seed := range seeds {
		h := &faultHistory{cluster: c, readers: readers, writes: all, seed: seed, random: rand.New(rand.NewPCG(seed, bodyHash(f.name)))}
		took, err := f.play(t, h)
		if err != nil {
			t.Errorf("history %d of %d: %v", i+1, len(seeds), err)
			program.Replay(t, "faults", t.Name(), fmt.Sprintf("-histories %d -seed", min(1, *historiesFlag)), seed)
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
		t.Errorf("readers were told to reload %d times, want at most %d: they have not resumed", reloads, f.reloads)
	}
	if f.slow && slow == 0 {
		t.Error("no reader was let go for being too slow")
	}
	t.Logf("seeds %d, %d writes, %d attempts failed, %d reloads of %d readers, %d too slow, all were there at most %v after the last write",
		seeds, all.count.Load(), all.failed.Load(), reloads, len(readers), slow, longest.Round(time.Millisecond))
}

// play carries one history out. It returns how long readers needed after the last write and the end of the fault.
func (f fault) play(t *testing.T, h *faultHistory) (took time.Duration, err error) {
	each := 3 + h.random.IntN(6)
	if f.slow {
		each = 8
	}
	start := h.writes.count.Load()
	begin := start + h.random.Int64N(int64(each))/2
	end := begin + 1 + h.random.Int64N(int64(each))
	late := f.bearable && h.random.IntN(3) == 0

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
	struck := time.Now()
	heal := f.strike(t, h)
	if !late && !f.die {
		switch {
		case f.slow:
			<-written // only many writes fill a queue
		case f.lasts == 0:
			h.awaitWrites(end, written)
		}
		pause(ctx, f.lasts-time.Since(struck))
		heal()
	}
	<-written
	for _, err := range failed {
		if err != nil {
			return 0, err
		}
	}
	if f.die { // it would die again of the writes to come
		heal()
	}
	quiet := time.Now()
	if late {
		if err := h.settle(t, h.reading()); err != nil {
			return 0, fmt.Errorf("while the fault lasts: %w", err)
		}
		heal()
	}
	err = h.settle(t, h.readers)
	return time.Since(quiet), err
}

// awaitWrites waits until so many writes are done, or all, or a while has gone: the fault itself may stop them.
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

// reading are the readers that read.
func (h *faultHistory) reading() (all []*clusterReader) {
	for _, r := range h.readers {
		if !r.stalled() {
			all = append(all, r)
		}
	}
	return all
}
