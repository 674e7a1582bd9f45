package realtime

import (
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	probeEvery   = time.Second            // less up to a fifth
	probeSoon    = 500 * time.Millisecond // the same while something does not go through
	probesApart  = 100 * time.Millisecond // the same at least, whoever comes and goes
	probesAtOnce = 256                    // a round
	probeTimeout = 500 * time.Millisecond
	silence      = 2500 * time.Millisecond // what does not come back by then does not come
	watchEvery   = 250 * time.Millisecond
	countHolds   = 5 // rounds
)

// round is what one pipeline sends.
type round struct {
	left   []string // slugs whose count is taken back
	began  time.Time
	unsent map[string]int // slugs for which a doubt is owed, as the broker has them
	probes map[string]int
	holds  time.Duration
	full   bool // more would have been due
}

// probe sends a round about every second, and soon when something is asked for.
func (b *RedisBroker) probe() {
	for {
		r := b.nextRound(time.Now())
		b.sendRound(r)
		if !b.rest(probesApart) {
			return
		}
		b.mu.Lock()
		every := probeEvery
		if len(b.unsent) > 0 {
			every = probeSoon
		}
		b.mu.Unlock()
		asked := b.toSend
		if r.full || every == probeSoon {
			asked = nil
		}
		t := time.NewTimer(every - probesApart - time.Duration(rand.Int64N(int64(every)/5)))
		select {
		case <-t.C:
		case <-asked:
		case <-b.ctx.Done():
			t.Stop()
			return
		}
		t.Stop()
	}
}

// rest waits and reports whether the broker is still open then.
func (b *RedisBroker) rest(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-b.ctx.Done():
		return false
	}
}

// nextRound takes what is due.
func (b *RedisBroker) nextRound(now time.Time) round {
	b.mu.Lock()
	defer b.mu.Unlock()
	turns := max(1, (len(b.blogs)+probesAtOnce-1)/probesAtOnce)
	r := round{began: now, probes: make(map[string]int), unsent: make(map[string]int), holds: time.Duration(turns) * countHolds * probeEvery}
	for n := 0; n < probesAtOnce && len(b.left) > 0; n++ {
		if b.blogs[b.left[0]] == nil {
			r.left = append(r.left, b.left[0])
		}
		b.left = b.left[1:]
	}
	for slug, times := range b.unsent {
		if len(r.unsent) < probesAtOnce {
			r.unsent[slug] = times
		}
	}
	due := slices.DeleteFunc(slices.Collect(maps.Values(b.blogs)), func(s *subscribed) bool { return s.due.After(now) })
	if len(due) > probesAtOnce {
		slices.SortFunc(due, func(s, t *subscribed) int { return s.due.Compare(t.due) })
		due, r.full = due[:probesAtOnce], true
	}
	for _, s := range due {
		r.probes[s.slug] = s.here
		s.due = now.Add(time.Duration(turns) * probeEvery * 7 / 10) // the round after the next second begins
		if s.joined && s.waiting.IsZero() {
			s.waiting = now
		}
	}
	return r
}

// sendRound sends a round in one pipeline and notes what went through.
func (b *RedisBroker) sendRound(r round) {
	if len(r.left)+len(r.unsent)+len(r.probes) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(b.ctx, probeTimeout)
	defer cancel()
	pipe := b.client.Pipeline()
	sent := make(map[string]*redis.IntCmd, len(r.probes)+len(r.unsent))
	for _, slug := range r.left {
		b.send(ctx, pipe, slug, encodeProbe(b.node, 0, 0))
	}
	for slug, here := range r.probes {
		sent[slug] = b.send(ctx, pipe, slug, encodeProbe(b.node, here, r.holds))
	}
	for slug := range r.unsent {
		sent[slug] = b.send(ctx, pipe, slug, encodeDoubt(b.node))
	}
	var role *redis.Cmd
	if !b.sharded { // a Cluster's replica refuses what is published
		role = pipe.Do(ctx, "ROLE")
	}
	pipe.Exec(ctx)
	if b.ctx.Err() != nil {
		return
	}
	failed := make(map[string]error)
	for slug, cmd := range sent {
		err := cmd.Err()
		if err == nil && isReplica(role) {
			err = errReplica
		}
		if err != nil {
			failed[slug] = err
		}
	}
	b.settle(r, failed)
}

// isReplica reports whether a server says that it is one. One that does not tell, to this user, counts as a master.
func isReplica(role *redis.Cmd) bool {
	if role == nil {
		return false
	}
	parts, err := role.Slice()
	return err == nil && len(parts) > 0 && parts[0] == "slave"
}

// settle notes what of a round has failed; the rest went through.
func (b *RedisBroker) settle(r round, failed map[string]error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var cause error
	for slug, err := range failed {
		cause = err
		if !b.unreachable(slug) {
			b.unsent[slug]++
		}
		if s := b.blogs[slug]; s != nil {
			s.due = r.began
			if s.waiting.Equal(r.began) {
				// Before all others, once: its turn may come only after what it waits for is overdue. What fails for
				// long, as over one of a Cluster's masters, does not keep the others back.
				s.due = time.Time{}
			}
		}
	}
	for slug, times := range r.unsent {
		if failed[slug] == nil && b.unsent[slug] == times { // else another was lost meanwhile
			delete(b.unsent, slug)
		}
	}
	b.report(cause)
}

// farewell takes the counts of blogs back as the last thing that the broker sends.
func (b *RedisBroker) farewell(slugs []string) {
	if len(slugs) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), publishTimeout)
	defer cancel()
	pipe := b.client.Pipeline()
	for _, slug := range slugs {
		b.send(ctx, pipe, slug, encodeProbe(b.node, 0, 0))
	}
	pipe.Exec(ctx) // else they are forgotten within seconds
}

// watch finds links on which something should have come back and has not.
func (b *RedisBroker) watch() {
	t := time.NewTicker(watchEvery)
	defer t.Stop()
	for {
		select {
		case <-b.ctx.Done():
			return
		case now := <-t.C:
			b.mu.Lock()
			for _, l := range b.links {
				if !l.failed && l.overdue(now) {
					l.failed = true
					close(l.silent)
				}
			}
			b.mu.Unlock()
		}
	}
}

// overdue reports whether one of the link's blogs has waited too long. The caller holds the broker's mu.
func (l *link) overdue(now time.Time) bool {
	for _, s := range l.blogs {
		if !s.waiting.IsZero() && now.Sub(s.waiting) > silence {
			return true
		}
	}
	return false
}

// counted notes what another node says about its readers.
func (b *RedisBroker) counted(slug string, m nodeMessage) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.blogs[slug]
	switch {
	case s == nil:
	case m.readers == 0:
		delete(s.others, m.node)
	default:
		s.others[m.node] = count{m.readers, time.Now().Add(m.holds)}
	}
}
