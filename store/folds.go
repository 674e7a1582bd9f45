package store

import (
	"container/list"
	"context"
	"database/sql"
	"hash/maphash"
	"math"
	"slices"
	"sync"
	"time"

	"readout/liveblog"
)

// What the store keeps of folds, in bytes as [liveblog.Ledger.Size] has them. The largest blog fits into either.
const (
	presentFoldBytes = 128 << 20
	pastFoldBytes    = 64 << 20
	foldOverhead     = 4 << 10 // of one that is kept, beside what was stated
)

// pastTurns is how many folds of past moments are made at once, those of one blog one after the other.
const pastTurns = 2

// fold is where the talks of a blog stood.
type fold struct {
	at     liveblog.Cursor  // of the talks' latest change; a setup change is one
	ledger *liveblog.Ledger // what the talks were folded from; nil for a past moment
	talks  liveblog.Talks   // shared with all who read it, who never write to it
	size   int
}

// pastKey names the talks of a blog after the last change before a moment.
type pastKey struct {
	slug  string
	after int64 // microseconds; [math.MinInt64] before the first change
}

// timeline is when the talks of a blog can have changed, in order.
type timeline struct {
	at      liveblog.Cursor
	moments []int64 // in microseconds
}

// folds keeps where the talks of blogs stood at their latest change and at past moments, since reading and folding all that
// was stated takes longer than everything else that a page needs. What is kept is true for its cursor for ever: a restored
// database has another epoch.
//
// Strangers name past moments as they like. What is kept is named by the last change before the moment, so that there are
// only as many folds as there were changes, and past folds never drive out present ones.
type folds struct {
	mu        sync.Mutex // guards what follows
	present   recent[string, fold]
	past      recent[pastKey, fold]
	timelines recent[string, timeline]

	seed  maphash.Seed
	turns [pastTurns]chan struct{} // each of capacity 1
	made  func(slug string)        // called for each fold of a past moment; nil but in tests
}

func newFolds() *folds {
	f := &folds{present: newRecent[string, fold](presentFoldBytes), past: newRecent[pastKey, fold](pastFoldBytes),
		timelines: newRecent[string, timeline](pastFoldBytes / 4), seed: maphash.MakeSeed()}
	for i := range f.turns {
		f.turns[i] = make(chan struct{}, 1)
	}
	return f
}

// at returns the fold at a cursor, if it is kept.
func (f *folds) at(slug string, at liveblog.Cursor) (fold, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	kept, ok := f.present.get(slug)
	return kept, ok && kept.at == at
}

// keep takes a fold in the place of an older one, and of other blogs' where they are too many. The fold must be
// committed: what a transaction that failed would have come to has the cursor of the next one.
func (f *folds) keep(slug string, next fold) {
	f.mu.Lock()
	defer f.mu.Unlock()
	kept, ok := f.present.get(slug)
	if ok && kept.at.Epoch == next.at.Epoch && kept.at.Seq > next.at.Seq {
		return // a reader who began before the latest change
	}
	f.present.put(slug, next, next.size+foldOverhead)
}

// turn waits until the caller may fold past moments of a blog. It is taken before a connection is: those who wait must
// not keep others from the database.
func (f *folds) turn(ctx context.Context, slug string) (done func(), err error) {
	turn := f.turns[maphash.String(f.seed, slug)%pastTurns]
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// folded returns where the talks of a blog stand, which must be the blog as tx sees it; tx must have written nothing. Its
// lists are shared: nobody may write to them.
func (s *store) folded(ctx context.Context, tx *sql.Tx, b blogRow) (liveblog.Talks, error) {
	if kept, ok := s.folds.at(b.Slug, b.talksAt()); ok {
		return kept.talks, nil
	}
	l, err := readLedger(ctx, tx, b.Slug)
	if err != nil {
		return liveblog.Talks{}, err
	}
	made := newFold(b.talksAt(), l)
	s.folds.keep(b.Slug, made)
	return made.talks, nil
}

func newFold(at liveblog.Cursor, l *liveblog.Ledger) fold { return fold{at, l, l.Fold(), l.Size()} }

// ledger returns what the public entries of a blog state, under the conditions of folded.
func (s *store) ledger(ctx context.Context, tx *sql.Tx, b blogRow) (*liveblog.Ledger, error) {
	if kept, ok := s.folds.at(b.Slug, b.talksAt()); ok {
		return kept.ledger, nil
	}
	return readLedger(ctx, tx, b.Slug)
}

// foldedAt is folded for a past moment. The caller has the blog's turn.
func (s *store) foldedAt(ctx context.Context, tx *sql.Tx, b blogRow, at time.Time) (liveblog.Talks, error) {
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
	s.folds.mu.Lock()
	kept, ok := s.folds.past.get(key)
	s.folds.mu.Unlock()
	if ok && kept.at == line.at {
		return kept.talks, nil
	}
	if s.folds.made != nil {
		s.folds.made(b.Slug)
	}
	l, err := readLedgerAt(ctx, tx, b.Slug, key.after)
	if err != nil {
		return liveblog.Talks{}, err
	}
	made := newFold(line.at, l)
	made.ledger = nil
	s.folds.mu.Lock()
	s.folds.past.put(key, made, made.size+foldOverhead)
	s.folds.mu.Unlock()
	return made.talks, nil
}

// timeline returns when the talks can have changed.
func (s *store) timeline(ctx context.Context, tx *sql.Tx, b blogRow) (timeline, error) {
	s.folds.mu.Lock()
	kept, ok := s.folds.timelines.get(b.Slug)
	s.folds.mu.Unlock()
	if ok && kept.at == b.talksAt() {
		return kept, nil
	}
	line := timeline{at: b.talksAt()}
	if b.talksSeq > 0 {
		var err error
		line.moments, err = collect(ctx, tx, func(r row) (at int64, err error) { return at, r.Scan(&at) }, selectMoments, b.Slug)
		if err != nil {
			return line, err
		}
	}
	s.folds.mu.Lock()
	s.folds.timelines.put(b.Slug, line, 8*len(line.moments)+foldOverhead)
	s.folds.mu.Unlock()
	return line, nil
}

// Every revision of an entry that has stated something counts, in whatever order the clocks of nodes have put them.
const selectMoments = `SELECT DISTINCT updated_at FROM revisions
	WHERE blog = $1 AND number IN (SELECT number FROM revisions WHERE blog = $1 AND acts <> '') ORDER BY updated_at`

// recent keeps the values that were used last, as far as they are no larger together than a limit.
type recent[K comparable, V any] struct {
	limit, size int
	order       *list.List // of *recentItem[K, V], the one used last first
	byKey       map[K]*list.Element
}

type recentItem[K comparable, V any] struct {
	key   K
	value V
	size  int
}

func newRecent[K comparable, V any](limit int) recent[K, V] {
	return recent[K, V]{limit: limit, order: list.New(), byKey: map[K]*list.Element{}}
}

func (r *recent[K, V]) get(key K) (v V, ok bool) {
	el, ok := r.byKey[key]
	if !ok {
		return v, false
	}
	r.order.MoveToFront(el)
	return el.Value.(*recentItem[K, V]).value, true
}

func (r *recent[K, V]) put(key K, v V, size int) {
	if el, ok := r.byKey[key]; ok {
		r.drop(el)
	}
	if size > r.limit {
		return
	}
	r.byKey[key] = r.order.PushFront(&recentItem[K, V]{key, v, size})
	for r.size += size; r.size > r.limit; {
		r.drop(r.order.Back())
	}
}

func (r *recent[K, V]) drop(el *list.Element) {
	item := r.order.Remove(el).(*recentItem[K, V])
	delete(r.byKey, item.key)
	r.size -= item.size
}
