package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"readout/liveblog"
)

const sessionColumns = `sessions.hash, sessions.user_id, sessions.csrf, sessions.created_at, sessions.expires_at, ` +
	`sessions.used_at, sessions.browser, sessions.place`

func sessionFields(x *liveblog.Session) []any {
	return []any{&x.Hash, &x.UserID, &x.CSRF, instant{&x.CreatedAt}, instant{&x.ExpiresAt}, instant{&x.UsedAt},
		&x.Browser, &x.Place}
}

// CreateSession implements [liveblog.AccountStore].
func (s *store) CreateSession(ctx context.Context, x liveblog.Session) error {
	_, err := update(ctx, s, "create session", func(tx *sql.Tx) (none struct{}, err error) {
		if err := addSession(ctx, tx, x); err != nil {
			return none, err
		}
		return none, auditSession(ctx, tx, liveblog.ActionLogin, x.CreatedAt, x.UserID)
	})
	return err
}

func addSession(ctx context.Context, tx *sql.Tx, x liveblog.Session) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO sessions
		(hash, user_id, csrf, created_at, expires_at, used_at, browser, place)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, x.Hash, x.UserID, x.CSRF, x.CreatedAt.UnixMicro(),
		x.ExpiresAt.UnixMicro(), timeOrNull(x.UsedAt), x.Browser, x.Place)
	return err
}

// SessionUser implements [liveblog.AccountStore].
func (s *store) SessionUser(ctx context.Context, hash string) (liveblog.Session, liveblog.User, error) {
	type login struct {
		session liveblog.Session
		user    liveblog.User
	}
	l, err := view(ctx, s, "read session", func(tx *sql.Tx) (l login, err error) {
		err = tx.QueryRowContext(ctx, `SELECT `+sessionColumns+`, `+userColumns+`
			FROM sessions JOIN users ON users.id = sessions.user_id WHERE sessions.hash = $1`, hash).
			Scan(append(sessionFields(&l.session), userFields(&l.user)...)...)
		if errors.Is(err, sql.ErrNoRows) {
			err = liveblog.Errorf(liveblog.NotFound, "There is no such session.")
		}
		if err == nil {
			l.user.On, err = readRoles(ctx, tx, l.user.ID)
		}
		return l, err
	})
	return l.session, l.user, err
}

// UseSession implements [liveblog.AccountStore].
func (s *store) UseSession(ctx context.Context, hash string, at time.Time) error {
	_, err := update(ctx, s, "use session", func(tx *sql.Tx) (none struct{}, err error) {
		_, err = tx.ExecContext(ctx, `UPDATE sessions SET used_at = $1
			WHERE hash = $2 AND (used_at IS NULL OR used_at < $1)`, at.UnixMicro(), hash)
		return none, err
	})
	return err
}

// DeleteSession implements [liveblog.AccountStore].
func (s *store) DeleteSession(ctx context.Context, hash string) error {
	_, err := update(ctx, s, "delete session", func(tx *sql.Tx) (none struct{}, err error) {
		var user string
		err = tx.QueryRowContext(ctx, `DELETE FROM sessions WHERE hash = $1 RETURNING user_id`, hash).Scan(&user)
		if errors.Is(err, sql.ErrNoRows) {
			return none, nil
		}
		if err != nil {
			return none, err
		}
		return none, auditSession(ctx, tx, liveblog.ActionLogout, s.Now(), user)
	})
	return err
}

// SessionsOf implements [liveblog.AccountStore].
func (s *store) SessionsOf(ctx context.Context, user string) ([]liveblog.Session, error) {
	return view(ctx, s, "read sessions", func(tx *sql.Tx) ([]liveblog.Session, error) {
		return collect(ctx, tx, func(r row) (x liveblog.Session, err error) {
			err = r.Scan(sessionFields(&x)...)
			return x, err
		}, `SELECT `+sessionColumns+` FROM sessions WHERE user_id = $1
			ORDER BY COALESCE(used_at, created_at) DESC, hash`, user)
	})
}

// EndSessions implements [liveblog.AccountStore].
func (s *store) EndSessions(
	ctx context.Context, user string, which liveblog.EndedSessions, a liveblog.Audit,
) (int, error) {
	return update(ctx, s, "end sessions", func(tx *sql.Tx) (n int, err error) {
		if !storable(which.ID) {
			return 0, nil
		}
		if n, err = endSessions(ctx, tx, user, which); err != nil || n == 0 {
			return n, err
		}
		return n, addAudit(ctx, tx, a, subject{account: user})
	})
}

func endSessions(ctx context.Context, tx *sql.Tx, user string, which liveblog.EndedSessions) (int, error) {
	res, err := tx.ExecContext(ctx, `DELETE FROM sessions
		WHERE user_id = $1 AND hash <> $2 AND ($3 = '' OR substr(hash, 1, $4) = $3)`,
		user, which.Except, which.ID, liveblog.SessionIDLength)
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	return int(n), err
}
