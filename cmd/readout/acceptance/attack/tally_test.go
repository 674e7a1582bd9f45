package attack

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// tally counts the outcomes of attacks.
type tally struct {
	mu     sync.Mutex     // guards counts
	counts map[string]int // by the attack and the outcome
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

// missing returns an attack with its wanted outcome if that has not occurred yet, or "". Until then the attack proves
// nothing.
func (c *tally) missing(attacks []attack) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, a := range attacks {
		if outcome := a.name + ": " + a.want; a.want != "" && c.counts[outcome] == 0 {
			return outcome
		}
	}
	return ""
}
