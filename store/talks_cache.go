package store

import (
	"context"
	"database/sql"
	"hash/maphash"
	"math"
	"slices"
	"sync"
	"time"

	"readout/liveblog"
)

// Limits of the cache, in bytes as [liveblog.Ledger.Size] estimates them. The largest blog fits into either part.
const (
	presentCacheBytes = 128 << 20
	pastCacheBytes    = 64 << 20
	entryOverhead     = 4 << 10 // of a cache entry, in addition to the ledger's size
)

// pastSlots is how many requests for past moments are computed at once; requests for the same blog wait for each other.
const pastSlots = 2

// cachedTalks is a cache entry: the state of a blog's talks at a cursor.
type cachedTalks struct {
	at     liveblog.Cursor  // of the latest change of the talks; a change of the setup counts
	ledger *liveblog.Ledger // from which the talks were folded; nil for a past moment
	talks  liveblog.Talks   // shared by all readers, which must not modify it
	size   int
}

// pastKey identifies the talks of a blog after the last change before a moment.
type pastKey struct {
	slug  string
	after int64 // microseconds; [math.MinInt64] before the first change
}

// timeline is the times at which the talks of a blog may have changed, in order.
type timeline struct {
	at      liveblog.Cursor
	moments []int64 // in microseconds
}

// talksCache holds the talks of blogs at their latest change and at past moments, because reading and folding all
// statements takes longer than everything else that a page needs. An entry never becomes invalid: it is valid for its
// cursor, and a restored database has another epoch.
//
// Anybody may ask for any past moment. The key of a past entry is the last change before the moment, so that there are
// no more entries than changes; past entries never evict present ones.
type talksCache struct {
	mu        sync.Mutex // guards the three caches
	present   lru[string, cachedTalks]
	past      lru[pastKey, cachedTalks]
	timelines lru[string, timeline]

	seed       maphash.Seed
	slots      [pastSlots]chan struct{} // each of capacity 1
	onPastFold func(slug string)        // called for each fold of a past moment; nil except in tests
}

func newTalksCache() *talksCache {
	c := &talksCache{
		present:   newLRU[string, cachedTalks](presentCacheBytes),
		past:      newLRU[pastKey, cachedTalks](pastCacheBytes),
		timelines: newLRU[string, timeline](pastCacheBytes / 4),
		seed:      maphash.MakeSeed(),
	}
	for i := range c.slots {
		c.slots[i] = make(chan struct{}, 1)
	}
	return c
}

// get returns the entry of a blog if it is the one at the cursor.
func (c *talksCache) get(slug string, at liveblog.Cursor) (cachedTalks, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	entry, ok := c.present.get(slug)
	return entry, ok && entry.at == at
}

// put replaces the entry of a blog unless the present one is newer. Call it only after the commit: if a transaction
// fails, the next one takes the same cursor.
func (c *talksCache) put(slug string, next cachedTalks) {
	c.mu.Lock()
	defer c.mu.Unlock()
	entry, ok := c.present.get(slug)
	if ok && entry.at.Epoch == next.at.Epoch && entry.at.Seq > next.at.Seq {
		return // next comes from a reader whose transaction began before the latest change
	}
	c.present.put(slug, next, next.size+entryOverhead)
}

// acquirePast waits until the caller may compute talks of past moments of a blog. Call it before taking a connection,
// so that waiting requests do not occupy the connection pool.
func (c *talksCache) acquirePast(ctx context.Context, slug string) (release func(), err error) {
	slot := c.slots[maphash.String(c.seed, slug)%pastSlots]
	select {
	case slot <- struct{}{}:
		return func() { <-slot }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// currentTalks returns the talks of a blog, where b is the blog as tx sees it and tx has written nothing. The result is
// shared: callers must not modify it.
func (s *store) currentTalks(ctx context.Context, tx *sql.Tx, b blogRow) (liveblog.Talks, error) {
	if entry, ok := s.cache.get(b.Slug, b.talksAt()); ok {
		return entry.talks, nil
	}
	l, err := readLedger(ctx, tx, b.Slug)
	if err != nil {
		return liveblog.Talks{}, err
	}
	entry := newCachedTalks(b.talksAt(), l)
	s.cache.put(b.Slug, entry)
	return entry.talks, nil
}

func newCachedTalks(at liveblog.Cursor, l *liveblog.Ledger) cachedTalks {
	return cachedTalks{at, l, l.Fold(), l.Size()}
}

// currentLedger returns the statements of a blog's public entries, under the conditions of currentTalks.
func (s *store) currentLedger(ctx context.Context, tx *sql.Tx, b blogRow) (*liveblog.Ledger, error) {
	if entry, ok := s.cache.get(b.Slug, b.talksAt()); ok {
		return entry.ledger, nil
	}
	return readLedger(ctx, tx, b.Slug)
}

// pastTalks returns the talks of a blog as readers saw them at a moment. The caller has acquired the blog's slot.
func (s *store) pastTalks(ctx context.Context, tx *sql.Tx, b blogRow, at time.Time) (liveblog.Talks, error) {
	line, err := s.timeline(ctx, tx, b)
	if err != nil {
		return liveblog.Talks{}, err
	}
	key := pastKey{b.Slug, math.MinInt64}
	if i, found := slices.BinarySearch(line.moments, at.UnixMicro()); found {
		key.after = line.moments[i]
	} else if i > 0 {
		key.after = line.moments[i-1]
	}
	s.cache.mu.Lock()
	entry, ok := s.cache.past.get(key)
	s.cache.mu.Unlock()
	if ok && entry.at == line.at {
		return entry.talks, nil
	}
	if s.cache.onPastFold != nil {
		s.cache.onPastFold(b.Slug)
	}
	l, err := readLedgerAt(ctx, tx, b.Slug, key.after)
	if err != nil {
		return liveblog.Talks{}, err
	}
	entry = newCachedTalks(line.at, l)
	entry.ledger = nil
	s.cache.mu.Lock()
	s.cache.past.put(key, entry, entry.size+entryOverhead)
	s.cache.mu.Unlock()
	return entry.talks, nil
}

// timeline returns the times at which the talks may have changed.
func (s *store) timeline(ctx context.Context, tx *sql.Tx, b blogRow) (timeline, error) {
	s.cache.mu.Lock()
	cached, ok := s.cache.timelines.get(b.Slug)
	s.cache.mu.Unlock()
	if ok && cached.at == b.talksAt() {
		return cached, nil
	}
	line := timeline{at: b.talksAt()}
	if b.talksSeq > 0 {
		var err error
		scan := func(r row) (at int64, err error) { return at, r.Scan(&at) }
		line.moments, err = collect(ctx, tx, scan, selectMoments, b.Slug)
		if err != nil {
			return line, err
		}
	}
	s.cache.mu.Lock()
	s.cache.timelines.put(b.Slug, line, 8*len(line.moments)+entryOverhead)
	s.cache.mu.Unlock()
	return line, nil
}

// selectMoments reads the times of all revisions of entries that have ever had acts. A revision without acts may end
// the effect of an earlier one, and clocks of nodes differ, so the revisions need not be in the order of their times.
const selectMoments = `SELECT DISTINCT updated_at FROM revisions
	WHERE blog = $1 AND number IN (SELECT number FROM revisions WHERE blog = $1 AND acts <> '') ORDER BY updated_at`

// forget drops everything that the cache has, after texts were purged from the database.
func (c *talksCache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.present = newLRU[string, cachedTalks](presentCacheBytes)
	c.past = newLRU[pastKey, cachedTalks](pastCacheBytes)
	c.timelines = newLRU[string, timeline](pastCacheBytes / 4)
}
