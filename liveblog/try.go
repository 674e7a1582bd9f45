package liveblog

import (
	"context"
	"time"
)

// TryPost does all that [Desk.Post] does for a new entry except to save it, and fails with the same errors. It returns
// the entry as Post would save it at this moment.
func (d *Desk) TryPost(ctx context.Context, by Actor, slug string, in EntryInput) (Entry, error) {
	e, _, err := d.trial().Post(ctx, by, slug, in, nil)
	return e, err
}

// TryMerge does all that [Desk.Merge] does except to save the entry or what was typed, and fails with the same errors.
// It returns the entry as Merge would save it at this moment.
func (d *Desk) TryMerge(
	ctx context.Context, by Actor, slug string, number int, p EntryPatch, seen Basis,
) (MergedEdit, error) {
	return d.trial().Merge(ctx, by, slug, number, p, seen)
}

// trial returns a desk that goes all the way to a commit, which it only tries.
func (d *Desk) trial() *Desk {
	t := *d
	t.store = trialStore{d.store}
	return &t
}

// trialStore is a store to which posts and merges can be written without an effect.
type trialStore struct{ LogStore }

func (s trialStore) Commit(ctx context.Context, c Commit) (Committed, error) {
	e, err := s.Try(ctx, c)
	return Committed{Entry: e}, err
}

func (trialStore) AddSetAside(context.Context, string, SetAside) error { return nil }

func (trialStore) UseCopy(context.Context, string, UsedCopy, time.Time) error { return nil }
