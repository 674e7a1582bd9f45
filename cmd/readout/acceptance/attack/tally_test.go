package attack

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
)

// tally counts how the node answered each attack.
type tally struct {
	mu     sync.Mutex // guards counts
	counts map[string]int
}

func (c *tally) add(attack, outcome string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts == nil {
		c.counts = map[string]int{}
	}
	c.counts[attack+": "+outcome]++
}

func (c *tally) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(c.counts)) {
		fmt.Fprintf(&b, "\n\t%6d  %s", c.counts[key], key)
	}
	return b.String()
}

// mustHappen fails where an attack never came to its answer: it would prove nothing.
func (c *tally) mustHappen(t *testing.T, attacks []attack) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, a := range attacks {
		if a.ends != "" && c.counts[a.name+": "+a.ends] == 0 {
			t.Errorf("%s: never %q", a.name, a.ends)
		}
	}
}
