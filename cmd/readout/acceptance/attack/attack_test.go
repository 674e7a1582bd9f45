package attack

import (
	"context"
	"flag"
	"slices"
	"sync"
	"testing"
	"time"

	"readout/cmd/readout/acceptance/program"
)

var (
	duration    = flag.Duration("attack", 3*time.Second, "how long the node is attacked")
	readerCount = flag.Int("attack-readers", 150, "how many readers follow")
	maxP99      = flag.Duration("attack-p99", 0, "the highest 99th percentile of the delay to readers; 0 for any")
)

// postInterval is the time between two updates during the attack.
const postInterval = time.Second

// TestNodeUnderAttack fails without any one of the node's limits. Without those of connections, readers or request
// bodies, readers are dropped or miss updates. Without those of rendering, acts or request bodies, the process runs out
// of memory.
func TestNodeUnderAttack(t *testing.T) {
	limits := limits{memory: 1 << 20, descriptors: 1000, history: true}
	n := startNode(t, limits, "--trusted-proxies", "127.0.0.1", "--writes", "90")
	readers := n.readers(t, *readerCount)
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
					program.Pause(ctx, a.pause)
				}
			})
		}
	}
	end, late := time.Now().Add(*duration), time.Now().Add(*duration+patience)
	for time.Now().Before(end) || counts.missing(attacks()) != "" {
		if time.Now().After(late) {
			t.Fatalf("the outcome %q did not occur\noutcomes:%v", counts.missing(attacks()), counts)
		}
		n.post(t, readers)
		program.Pause(ctx, postInterval)
	}
	during := n.usage(t)
	stop()
	attackers.Wait()
	delays := readers.settle(t)

	slices.Sort(delays)
	p99 := delays[len(delays)*99/100]
	t.Logf("%d updates reached %d readers: p50 %v, p99 %v, at most %v",
		len(readers.sent), *readerCount, delays[len(delays)/2], p99, delays[len(delays)-1])
	t.Logf("before: %v; at the end of the attack: %v", before, during)
	t.Log("outcomes:", counts)
	if *maxP99 > 0 && p99 > *maxP99 {
		t.Errorf("one update in a hundred took %v or more, want at most %v", p99, *maxP99)
	}
	n.awaitRecovery(t, before)
	readers.stop(t)
	n.stop(t)
}
