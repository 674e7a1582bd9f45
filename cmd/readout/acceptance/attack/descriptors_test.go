package attack

import (
	"strings"
	"testing"
)

// TestFewOpenFiles attacks a node that may open 400 files with 600 idle connections. Without the limit of plain
// connections it would run out of descriptors, and no reader could join. Without retrying accept it would exit.
func TestFewOpenFiles(t *testing.T) {
	const readerCount, idleCount = 120, 600
	limits := limits{memory: 1 << 20, descriptors: 400}
	n := startNode(t, limits, "--trusted-proxies", "127.0.0.1", "--max-readers", "1000")
	var r readers
	for i := range idleCount {
		if i%(idleCount/readerCount) == 0 {
			r.join(t, n)
		}
		conn, err := n.dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		if i%100 == 0 {
			if outcome := n.getAny(t.Context(), "/live/summit"); outcome != "200" {
				t.Fatalf("after %d connections a request for the page has the outcome %s", i, outcome)
			}
		}
	}
	if now := n.usage(t); now.descriptors >= 390 {
		t.Errorf("the node uses %v, and its limit is 400", now)
	}
	n.post(t, &r)
	r.settle(t)
	r.stop(t)
	n.stop(t)
	if log := n.Stderr.String(); strings.Count(log, "READOUT_MAX_READERS") != 1 {
		t.Errorf("the log does not warn of READOUT_MAX_READERS once:\n%s", tail(log))
	}
}
