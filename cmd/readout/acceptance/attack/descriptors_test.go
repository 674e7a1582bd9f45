package attack

import (
	"strings"
	"testing"
)

// TestFewOpenFiles attacks a node that has 400 open files with 600 connections that say nothing. Without the limit of plain
// connections its descriptors run out and no reader gets in; without the retry of accept it ends.
func TestFewOpenFiles(t *testing.T) {
	const readerCount, strangers = 120, 600
	n := startNode(t, limits{memory: 1 << 20, descriptors: 400}, "--trusted-proxies", "127.0.0.1", "--max-readers", "1000")
	var r readers
	for i := range strangers {
		if i%(strangers/readerCount) == 0 {
			r.join(t, n)
		}
		conn, err := n.dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		if i%100 == 0 {
			if outcome := n.look(t.Context(), []string{"/live/summit"}); outcome != "200" {
				t.Fatalf("after %d connections the page is answered with %s", i, outcome)
			}
		}
	}
	if now := n.usage(t); now.descriptors >= 390 {
		t.Errorf("the node holds %v, and its limit is 400", now)
	}
	n.post(t, &r)
	r.settle(t)
	r.stop(t)
	n.stop(t)
	if said := n.output.String(); strings.Count(said, "READOUT_MAX_READERS") != 1 {
		t.Errorf("the log says\n%s", tail(said))
	}
}
