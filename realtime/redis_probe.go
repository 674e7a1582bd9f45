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
	roundInterval      = time.Second            // between rounds, less up to a fifth
	retryRoundInterval = 500 * time.Millisecond // the same while notices are lost
	minRoundInterval   = 100 * time.Millisecond // the shortest, however often blogs come and go
	maxRoundProbes     = 256                    // messages of each kind in one round
	roundTimeout       = 500 * time.Millisecond
	silenceTimeout     = 2500 * time.Millisecond // after which a probe that has not come back counts as lost
	silenceInterval    = 250 * time.Millisecond  // between two checks for that
	countTurns         = 5                       // turns for which a reader count is valid
)

// probeRound is what one pipeline sends. Its maps are by slug.
type probeRound struct {
	began     time.Time
	withdrawn []string       // slugs whose reader counts are withdrawn
	refreshes map[string]int // refresh notices to send, with how many notices were lost at the time
	probes    map[string]int // probes to send, with the number of readers
	validFor  time.Duration  // of the reader counts
	truncated bool           // more probes are due than fit
}

// probeLoop sends a round about every second, and sooner when woken.
func (b *RedisBroker) probeLoop() {
	for {
		r := b.nextRound(time.Now())
		b.sendRound(r)
		if !b.sleep(minRoundInterval) {
			return
		}
		b.mu.Lock()
		interval := roundInterval
		if len(b.lostNotices) > 0 {
			interval = retryRoundInterval
		}
		b.mu.Unlock()
		sooner := b.probeWake
		if r.truncated || interval == retryRoundInterval {
			sooner = nil
		}
		t := time.NewTimer(interval - minRoundInterval - time.Duration(rand.Int64N(int64(interval)/5)))
		select {
		case <-t.C:
		case <-sooner:
		case <-b.ctx.Done():
			t.Stop()
			return
		}
		t.Stop()
	}
}

// sleep waits and reports whether the broker is still open.
func (b *RedisBroker) sleep(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-b.ctx.Done():
		return false
	}
}

// nextRound collects what is due.
func (b *RedisBroker) nextRound(now time.Time) probeRound {
	b.mu.Lock()
	defer b.mu.Unlock()
	// A turn is the number of rounds in which each blog is probed once.
	turn := max(1, (len(b.blogs)+maxRoundProbes-1)/maxRoundProbes)
	r := probeRound{
		began: now, probes: make(map[string]int), refreshes: make(map[string]int),
		validFor: time.Duration(turn) * countTurns * roundInterval,
	}
	for n := 0; n < maxRoundProbes && len(b.withdrawn) > 0; n++ {
		if b.blogs[b.withdrawn[0]] == nil {
			r.withdrawn = append(r.withdrawn, b.withdrawn[0])
		}
		b.withdrawn = b.withdrawn[1:]
	}
	for slug, lost := range b.lostNotices {
		if len(r.refreshes) < maxRoundProbes {
			r.refreshes[slug] = lost
		}
	}
	due := slices.DeleteFunc(slices.Collect(maps.Values(b.blogs)),
		func(s *followedBlog) bool { return s.nextProbe.After(now) })
	if len(due) > maxRoundProbes {
		slices.SortFunc(due, func(s, t *followedBlog) int { return s.nextProbe.Compare(t.nextProbe) })
		due, r.truncated = due[:maxRoundProbes], true
	}
	for _, s := range due {
		r.probes[s.slug] = s.readers
		// Less than the full turn, because a round may begin up to a fifth earlier.
		s.nextProbe = now.Add(time.Duration(turn) * roundInterval * 7 / 10)
		if s.confirmed && s.awaiting.IsZero() {
			s.awaiting = now
		}
	}
	return r
}

// sendRound sends a round in one pipeline and records what failed.
func (b *RedisBroker) sendRound(r probeRound) {
	if len(r.withdrawn)+len(r.refreshes)+len(r.probes) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(b.ctx, roundTimeout)
	defer cancel()
	pipe := b.client.Pipeline()
	sent := make(map[string]*redis.IntCmd, len(r.probes)+len(r.refreshes))
	for _, slug := range r.withdrawn {
		b.send(ctx, pipe, slug, encodeProbe(b.node, 0, 0))
	}
	for slug, readers := range r.probes {
		sent[slug] = b.send(ctx, pipe, slug, encodeProbe(b.node, readers, r.validFor))
	}
	for slug := range r.refreshes {
		sent[slug] = b.send(ctx, pipe, slug, encodeRefresh(b.node))
	}
	var role *redis.Cmd
	if !b.sharded { // a replica in a Cluster rejects publications
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
	if len(failed) > 0 {
		b.reloadSlots()
	}
	b.recordRound(r, failed)
}

// isReplica reports whether the server says that it is a replica. If this user may not ask, the server counts as a
// master.
func isReplica(role *redis.Cmd) bool {
	if role == nil {
		return false
	}
	parts, err := role.Slice()
	return err == nil && len(parts) > 0 && parts[0] == "slave"
}

// recordRound records which messages of a round have failed, by slug; the others were sent.
func (b *RedisBroker) recordRound(r probeRound, failed map[string]error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var cause error
	for slug, err := range failed {
		cause = err
		if !b.publishFails(slug) {
			b.lostNotices[slug]++
		}
		if s := b.blogs[slug]; s != nil {
			s.nextProbe = r.began
			if s.awaiting.Equal(r.began) {
				// The link counts as silent if this probe is not repeated soon, so it goes before all others, once. A
				// blog whose probes keep failing, because one master of a Cluster is down, must not delay the other
				// blogs.
				s.nextProbe = time.Time{}
			}
		}
	}
	for slug, lost := range r.refreshes {
		if failed[slug] == nil && b.lostNotices[slug] == lost { // otherwise another notice was lost meanwhile
			delete(b.lostNotices, slug)
		}
	}
	b.logState(cause)
}

// withdrawCounts withdraws the reader counts of blogs when the broker closes. If that fails, other nodes forget the
// counts within seconds.
func (b *RedisBroker) withdrawCounts(slugs []string) {
	if len(slugs) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), publishTimeout)
	defer cancel()
	pipe := b.client.Pipeline()
	for _, slug := range slugs {
		b.send(ctx, pipe, slug, encodeProbe(b.node, 0, 0))
	}
	pipe.Exec(ctx)
}

// findSilentLinks ends the links on which a message of this node should have come back and has not.
func (b *RedisBroker) findSilentLinks() {
	t := time.NewTicker(silenceInterval)
	defer t.Stop()
	for {
		select {
		case <-b.ctx.Done():
			return
		case now := <-t.C:
			b.mu.Lock()
			for _, l := range b.links {
				if !l.failed && l.isSilent(now) {
					l.failed = true
					close(l.silent)
				}
			}
			b.mu.Unlock()
		}
	}
}

// isSilent reports whether one of the link's blogs has waited too long for a message of this node. The caller holds the
// broker's mu.
func (l *link) isSilent(now time.Time) bool {
	for _, s := range l.blogs {
		if !s.awaiting.IsZero() && now.Sub(s.awaiting) > silenceTimeout {
			return true
		}
	}
	return false
}

// noteCount records the number of another node's readers.
func (b *RedisBroker) noteCount(slug string, m nodeMessage) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.blogs[slug]
	switch {
	case s == nil:
	case m.readers == 0:
		delete(s.others, m.node)
	default:
		s.others[m.node] = remoteCount{readers: m.readers, expires: time.Now().Add(m.validFor)}
	}
}
