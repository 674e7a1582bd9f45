package attack

import (
	"context"
	"flag"
	"slices"
	"sync"
	"testing"
	"time"
)

var (
	duration  = flag.Duration("attack", 3*time.Second, "how long the node is attacked")
	following = flag.Int("attack-readers", 150, "how many readers follow")
	slowest   = flag.Duration("attack-p99", 0, "the 99th percentile of the delay to readers that fails the test; 0 reports it only")
)

const postEvery = time.Second

// TestNodeUnderAttack turns red when any one bound of the node is taken out: readers are dropped or miss updates where
// connections, places or bodies are unbounded, and the process dies of its limits where rendering, folds or bodies are.
func TestNodeUnderAttack(t *testing.T) {
	n := startNode(t, limits{memory: 1 << 20, descriptors: 1000, history: true}, "--trusted-proxies", "127.0.0.1", "--writes", "90")
	readers := n.readers(t, *following)
	before := n.usage(t)

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var attackers sync.WaitGroup
	counts := &tally{}
	for _, a := range attacks() {
		for i := range a.count {
			attackers.Go(func() {
				for ctx.Err() == nil {
					outcome := a.once(ctx, n, i)
					if ctx.Err() == nil {
						counts.add(a.name, outcome)
					}
					pause(ctx, a.every)
				}
			})
		}
	}
	end, late := time.Now().Add(*duration), time.Now().Add(*duration+patience)
	for time.Now().Before(end) || counts.missing(attacks()) != "" {
		if time.Now().After(late) {
			t.Fatalf("never happened: %s\nanswers:%v", counts.missing(attacks()), counts)
		}
		n.post(t, readers)
		pause(ctx, postEvery)
	}
	during := n.usage(t)
	stop()
	attackers.Wait()
	delays := readers.settle(t)

	slices.Sort(delays)
	p99 := delays[len(delays)*99/100]
	t.Logf("%d updates reached %d readers: p50 %v, p99 %v, at most %v", len(readers.sent), *following, delays[len(delays)/2], p99, delays[len(delays)-1])
	t.Logf("before: %v; at the end of the attack: %v", before, during)
	t.Log("answers:", counts)
	if *slowest > 0 && p99 > *slowest {
		t.Errorf("one in a hundred updates took %v or more, want at most %v", p99, *slowest)
	}
	n.comesBack(t, before)
	readers.stop(t)
	n.stop(t)
}
