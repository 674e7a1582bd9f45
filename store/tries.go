package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"readout/liveblog"
)

// trimEvery is how many new buckets of tries a node adds before it deletes those that are not needed.
const trimEvery = 1_000

// TakeTries implements [liveblog.AccountStore].
func (s *store) TakeTries(ctx context.Context, from []liveblog.Tries, at time.Time) (time.Duration, error) {
	// Most tries of an attack are refused. Those only read.
	wait, err := view(ctx, s, "read tries", func(tx *sql.Tx) (wait time.Duration, err error) {
		for _, b := range from {
			var full time.Time
			err := tx.QueryRowContext(ctx, `SELECT full_at FROM login_tries WHERE key = $1`, b.Key).Scan(instant{&full})
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return 0, err
			}
			one, _ := b.Wait(full, at)
			wait = max(wait, one)
		}
		return wait, nil
	})
	if err != nil || wait > 0 {
		return wait, err
	}
	var added int64
	wait, err = update(ctx, s, "take tries", func(tx *sql.Tx) (wait time.Duration, err error) {
		next := map[string]time.Time{}
		for _, b := range inOrder(from) {
			var full time.Time
			// The update changes nothing and locks the row.
			err := tx.QueryRowContext(ctx, `INSERT INTO login_tries (key, full_at) VALUES ($1, 0)
				ON CONFLICT (key) DO UPDATE SET full_at = login_tries.full_at RETURNING full_at`, b.Key).
				Scan(instant{&full})
			if err != nil {
				return 0, err
			}
			if full.UnixMicro() == 0 {
				added++
			}
			one, after := b.Wait(full, at)
			wait, next[b.Key] = max(wait, one), after
		}
		if wait > 0 {
			return wait, nil
		}
		for _, b := range from {
			if _, err := tx.ExecContext(ctx, `UPDATE login_tries SET full_at = $1 WHERE key = $2`,
				next[b.Key].UnixMicro(), b.Key); err != nil {
				return 0, err
			}
		}
		return 0, nil
	})
	if err == nil && added > 0 {
		if n := s.newTries.Add(added); n/trimEvery != (n-added)/trimEvery {
			err = s.trimTries(ctx, at, liveblog.MaxTries)
		}
	}
	return wait, err
}

// inOrder returns the buckets in the order in which every transaction locks them, so that none waits for another that
// waits for it.
func inOrder(buckets []liveblog.Tries) []liveblog.Tries {
	return slices.SortedFunc(slices.Values(buckets), func(a, b liveblog.Tries) int { return cmp.Compare(a.Key, b.Key) })
}

// ReturnTries implements [liveblog.AccountStore].
func (s *store) ReturnTries(ctx context.Context, into []liveblog.Tries) error {
	_, err := update(ctx, s, "return tries", func(tx *sql.Tx) (none struct{}, err error) {
		for _, b := range inOrder(into) {
			if _, err := tx.ExecContext(ctx, `UPDATE login_tries SET full_at = full_at - $1 WHERE key = $2`,
				b.Every.Microseconds(), b.Key); err != nil {
				return none, err
			}
		}
		return none, nil
	})
	return err
}

// trimTries deletes full buckets, and of the others all but most: those with the most tries left, so that the ones
// under attack stay. It skips those that are being used.
func (s *store) trimTries(ctx context.Context, at time.Time, most int) error {
	unlocked := ""
	if s.engine.lockRow != "" {
		unlocked = " " + s.engine.lockRow + " SKIP LOCKED"
	}
	_, err := update(ctx, s, "trim tries", func(tx *sql.Tx) (none struct{}, err error) {
		if _, err := tx.ExecContext(ctx, `DELETE FROM login_tries WHERE key IN
			(SELECT key FROM login_tries WHERE full_at <= $1`+unlocked+`)`, at.UnixMicro()); err != nil {
			return none, err
		}
		var n int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM login_tries`).Scan(&n); err != nil || n <= most {
			return none, err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM login_tries WHERE key IN
			(SELECT key FROM login_tries ORDER BY full_at LIMIT $1`+unlocked+`)`, n-most)
		return none, err
	})
	return err
}

// KnowsBrowser implements [liveblog.AccountStore].
func (s *store) KnowsBrowser(ctx context.Context, email, hash string) (bool, error) {
	return view(ctx, s, "read browser", func(tx *sql.Tx) (known bool, err error) {
		if !storable(email) {
			return false, nil
		}
		err = tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM browsers JOIN users ON users.id = browsers.user_id
			WHERE browsers.hash = $1 AND users.email_folded = $2)`, hash, lowerEmail(email)).Scan(&known)
		return known, err
	})
}

// RememberBrowser implements [liveblog.AccountStore].
func (s *store) RememberBrowser(ctx context.Context, user, hash, fresh string, at time.Time) (bool, error) {
	return update(ctx, s, "remember browser", func(tx *sql.Tx) (kept bool, err error) {
		err = tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM browsers WHERE hash = $1)`, hash).Scan(&kept)
		if err != nil {
			return false, err
		}
		if !kept {
			hash = fresh
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO browsers (hash, user_id, used_at) VALUES ($1, $2, $3)
			ON CONFLICT (hash, user_id) DO UPDATE SET used_at = $3`, hash, user, at.UnixMicro()); err != nil {
			return false, err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM browsers WHERE user_id = $1 AND hash NOT IN
			(SELECT hash FROM browsers WHERE user_id = $1 ORDER BY used_at DESC, hash LIMIT $2)`,
			user, liveblog.MaxBrowsers)
		return kept, err
	})
}
