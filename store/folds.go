package store

import (
	"context"
	"database/sql"
	"sync"

	"readout/liveblog"
)

// maxFolds is of how many blogs the store keeps where their talks stand.
const maxFolds = 64

// folds keeps where the talks of blogs stood at their latest change, since reading and folding all that was stated takes
// longer than everything else that a page needs. What is kept is true for its cursor for ever: a restored database has
// another epoch. The zero value is ready.
type folds struct {
	mu     sync.Mutex // guards what follows
	bySlug map[string]fold
}

type fold struct {
	at    liveblog.Cursor // of the talks' latest change
	talks liveblog.Talks  // shared with all who read it, who never write to it
}

// at returns the fold at a cursor, if it is kept.
func (f *folds) at(slug string, at liveblog.Cursor) (liveblog.Talks, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	kept, ok := f.bySlug[slug]
	return kept.talks, ok && kept.at == at
}

// keep takes a fold in the place of an older one, and of any other blog's where there are too many. The fold must be
// committed: what a transaction that failed would have come to has the cursor of the next one.
func (f *folds) keep(slug string, at liveblog.Cursor, talks liveblog.Talks) {
	f.mu.Lock()
	defer f.mu.Unlock()
	kept, ok := f.bySlug[slug]
	if ok && kept.at.Epoch == at.Epoch && kept.at.Seq > at.Seq {
		return // a reader who began before the latest change
	}
	if f.bySlug == nil {
		f.bySlug = map[string]fold{}
	}
	if !ok && len(f.bySlug) >= maxFolds {
		for other := range f.bySlug {
			delete(f.bySlug, other)
			break
		}
	}
	f.bySlug[slug] = fold{at, talks}
}

// keepAll keeps what a commit says of the talks.
func (f *folds) keepAll(slug string, committed []liveblog.Change) {
	for _, c := range committed {
		if c.Talks != nil {
			f.keep(slug, c.Cursor, *c.Talks)
		}
	}
}

// folded returns where the talks of a blog stand, which must be the blog as tx sees it; tx must have written nothing. Its
// lists are shared: nobody may write to them.
func (s *store) folded(ctx context.Context, tx *sql.Tx, b blogRow) (liveblog.Talks, error) {
	at := liveblog.Cursor{Epoch: b.Cursor.Epoch, Seq: b.talksSeq}
	if t, ok := s.folds.at(b.Slug, at); ok {
		return t, nil
	}
	t, err := readTalks(ctx, tx, b.Slug)
	if err == nil {
		s.folds.keep(b.Slug, at, t)
	}
	return t, err
}
