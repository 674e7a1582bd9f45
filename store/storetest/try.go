package storetest

import (
	"context"

	"readout/liveblog"
)

// Commit tries each commit before it makes it, and compares the two. So every test of commits is one of
// [liveblog.LogStore.Try] too. It fails if Try misses a rule, invents one, writes something that stays, or returns
// another entry than the one that is stored.
func (f *fixture) Commit(ctx context.Context, c liveblog.Commit) (liveblog.Committed, error) {
	if f.concurrent {
		return f.Store.Commit(ctx, c)
	}
	tried, tryErr := f.Try(ctx, c)
	done, err := f.Store.Commit(ctx, c)
	switch code := liveblog.CodeOf(err); {
	case ctx.Err() != nil || code == liveblog.Unavailable || code == liveblog.Internal || code == liveblog.DiskFull:
	case (err == nil) != (tryErr == nil) || err != nil && err.Error() != tryErr.Error():
		f.t.Errorf("Commit fails with %v, and Try before it with %v", err, tryErr)
	case err == nil:
		tried.Seq = done.Entry.Seq
		equal(f.t, "the entry that was tried", tried, done.Entry)
	}
	return done, err
}
