package store

import (
	"context"
	"database/sql"
	"time"

	"readout/liveblog"
)

// OfferFirstRun implements [liveblog.AccountStore].
func (s *store) OfferFirstRun(ctx context.Context, hash string, at, ends time.Time) (bool, error) {
	return update(ctx, s, "offer first run", func(tx *sql.Tx) (offered bool, err error) {
		if _, err := tx.ExecContext(ctx, `DELETE FROM first_runs WHERE ends_at <= $1`, at.UnixMicro()); err != nil {
			return false, err
		}
		if some, err := hasUsers(ctx, tx); err != nil || some {
			return false, err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO first_runs (hash, ends_at) VALUES ($1, $2)`, hash, ends.UnixMicro())
		return err == nil, err
	})
}

func hasUsers(ctx context.Context, tx *sql.Tx) (some bool, err error) {
	err = tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM users)`).Scan(&some)
	return some, err
}

// FirstRunIsOpen implements [liveblog.AccountStore].
func (s *store) FirstRunIsOpen(ctx context.Context, hash string, at time.Time) (bool, error) {
	return view(ctx, s, "read first run", func(tx *sql.Tx) (bool, error) { return firstRunIsOpen(ctx, tx, hash, at) })
}

func firstRunIsOpen(ctx context.Context, tx *sql.Tx, hash string, at time.Time) (open bool, err error) {
	err = tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM first_runs WHERE hash = $1 AND ends_at > $2)
		AND NOT EXISTS (SELECT 1 FROM users)`, hash, at.UnixMicro()).Scan(&open)
	return open, err
}

// FinishFirstRun implements [liveblog.AccountStore].
func (s *store) FinishFirstRun(ctx context.Context, f liveblog.FinishedFirstRun) (bool, error) {
	return update(ctx, s, "finish first run", func(tx *sql.Tx) (done bool, err error) {
		if open, err := firstRunIsOpen(ctx, tx, f.Hash, f.User.CreatedAt); err != nil || !open {
			return false, err
		}
		// Another transaction that deletes the offers, whichever was used, waits here for this one, and finds none.
		if taken, err := exec(ctx, tx, `DELETE FROM first_runs`); err != nil || !taken {
			return false, err
		}
		if some, err := hasUsers(ctx, tx); err != nil || some {
			return false, err
		}
		if err := addUser(ctx, tx, f.User, f.AddedUser); err != nil {
			return false, err
		}
		if _, err := insertBlog(ctx, tx, f.Blog, f.AddedBlog); err != nil {
			return false, err
		}
		return true, addSession(ctx, tx, f.Session)
	})
}
