package attack

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
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

// missing names an attack that has not come to its answer yet: without it the attack would prove nothing.
func (c *tally) missing(attacks []attack) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, a := range attacks {
		if outcome := a.name + ": " + a.ends; a.ends != "" && c.counts[outcome] == 0 {
			return outcome
		}
	}
	return ""
}
