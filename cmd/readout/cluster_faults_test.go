package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"syscall"
	"testing"
	"time"

	"readout/store/postgrestest"
)

// How far the histories go: CI plays each fault's own number once; a soak plays more, with other seeds.
var (
	historiesFlag = flag.Int("histories", 1, "how many times as many histories of faults are played")
	seedFlag      = flag.Uint64("seed", 0, "the seed of the first history; 0 takes the usual one")
)

const (
	clusterReaders = 200 // on each node
	usualSeed      = 2026
)

// A fault is something that goes wrong while two writers write and 400 readers follow.
type fault struct {
	name      string
	histories int
	filler    int  // bytes of text that each entry has beside its words
	own       bool // the fault is PostgreSQL's: nobody else may use that server
	die       bool // the first node has the failpoint
	slow      bool // some readers are let go for being too slow
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
	{name: "Redis killed and restarted", histories: 22, bearable: true,
		strike: func(t *testing.T, h *faultHistory) func() {
			h.redis.Kill()
			return h.redis.StartAgain
		}},
	{name: "Redis paused", histories: 18, bearable: true,
		strike: func(t *testing.T, h *faultHistory) func() {
			h.redis.Pause()
			return h.redis.Resume
		}},
	{name: "connection to Redis reset", histories: 22, bearable: true,
		strike: func(t *testing.T, h *faultHistory) func() {
			return h.poisonRedis(t, "reset_peer", map[string]any{"timeout": h.random.IntN(100)})
		}},
	{name: "connection to Redis delayed", histories: 18, bearable: true,
		strike: func(t *testing.T, h *faultHistory) func() {
			return h.poisonRedis(t, "latency", map[string]any{"latency": 50 + h.random.IntN(1500), "jitter": 50})
		}},
	{name: "connection to Redis cut after some bytes", histories: 22, bearable: true,
		strike: func(t *testing.T, h *faultHistory) func() {
			return h.poisonRedis(t, "limit_data", map[string]any{"bytes": 1 + h.random.IntN(8000)})
		}},
	{name: "connection to Redis silent", histories: 14, bearable: true,
		strike: func(t *testing.T, h *faultHistory) func() {
			return h.poisonRedis(t, "timeout", map[string]any{"timeout": 0})
		}},
	{name: "Redis refusing", histories: 20, bearable: true,
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
	{name: "readers that never read", histories: 14, filler: 18_000, bearable: true, slow: true,
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

// TestReadersUnderFaults plays at least 200 histories on two nodes with 200 readers each: whatever fails, every
// reader ends with what the store holds, and none of the guarantees was broken on the way. Soak with
//
//	go test -race -run TestReadersUnderFaults -timeout 0 ./cmd/readout -histories 20 -seed 7
func TestReadersUnderFaults(t *testing.T) {
	t.Parallel()
	postgres := postgrestest.Start(t)
	total := 0
	var running sync.WaitGroup
	// Side by side, more of them than there are processors: they wait for time-outs, mostly. With all at once each waits for
	// the others.
	places := make(chan struct{}, 5)
	for _, f := range faults {
		total += f.histories
		running.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			t.Run(f.name, func(t *testing.T) { f.run(t, postgres) })
		})
	}
	running.Wait()
	if total < 200 {
		t.Errorf("%d histories were played", total)
	}
}

func (f fault) run(t *testing.T, postgres *postgrestest.Server) {
	opt := clusterOptions{postgres: postgres, dying: f.die}
	if f.own {
		opt.postgres = nil
	}
	c := newCluster(t, opt)
	seed := *seedFlag
	if seed == 0 {
		seed = usualSeed
	}
	readers, stop := c.readers(t, clusterReaders, seed, 10, c.urls)
	all := &clusterWrites{posted: map[string]int{}}
	var longest time.Duration
	for i := range f.histories * *historiesFlag {
		h := &faultHistory{cluster: c, readers: readers, writes: all, seed: seed + uint64(i), random: rand.New(rand.NewPCG(seed+uint64(i), 0))}
		took, err := f.play(t, h)
		if err != nil {
			t.Fatalf("history %d: %v\nto repeat it: go test -race -run 'TestReadersUnderFaults/%s' ./cmd/readout -seed %d", i+1, err, f.name, h.seed)
		}
		longest = max(longest, took)
	}
	stop()
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
	t.Logf("%d writes, %d attempts failed, %d reloads of %d readers, %d too slow, all were there at most %v after the last write",
		all.count.Load(), all.failed.Load(), reloads, len(readers), slow, longest.Round(time.Millisecond))
}

// play carries one history out. It returns how long readers needed after the last write and the end of the fault.
func (f fault) play(t *testing.T, h *faultHistory) (took time.Duration, err error) {
	each := 3 + h.random.IntN(6)
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
		if f.lasts == 0 {
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
