package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"readout/liveblog"
)

const userColumns = `users.id, users.email, users.name, users.role, users.password_hash, ` +
	`users.disabled, users.created_at`

func userFields(u *liveblog.User) []any {
	return []any{&u.ID, &u.Email, &u.Name, &u.Role, &u.PasswordHash, &u.Disabled, instant{&u.CreatedAt}}
}

// CreateUser implements [liveblog.AccountStore].
func (s *store) CreateUser(ctx context.Context, u liveblog.User, a liveblog.Audit) error {
	_, err := update(ctx, s, "create user", func(tx *sql.Tx) (none struct{}, err error) {
		if err := addUser(ctx, tx, u); err != nil {
			return none, err
		}
		return none, addAudit(ctx, tx, a, subject{account: u.ID})
	})
	return err
}

func addUser(ctx context.Context, tx *sql.Tx, u liveblog.User) error {
	added, err := exec(ctx, tx, `INSERT INTO users
		(id, email, email_folded, name, role, password_hash, disabled, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (email_folded) DO NOTHING`,
		u.ID, u.Email, lowerEmail(u.Email), u.Name, u.Role, u.PasswordHash, u.Disabled, u.CreatedAt.UnixMicro())
	if err != nil {
		return err
	}
	if !added {
		return liveblog.FieldErrorf(liveblog.Conflict, "email",
			"There is a user with the address “%s” already.", u.Email)
	}
	return putRoles(ctx, tx, u.ID, u.On)
}

// UserByEmail implements [liveblog.AccountStore].
func (s *store) UserByEmail(ctx context.Context, email string) (liveblog.User, error) {
	return view(ctx, s, "read user", func(tx *sql.Tx) (u liveblog.User, err error) {
		if !storable(email) {
			return u, noUser()
		}
		err = tx.QueryRowContext(ctx, `SELECT `+userColumns+` FROM users WHERE email_folded = $1`,
			lowerEmail(email)).Scan(userFields(&u)...)
		if errors.Is(err, sql.ErrNoRows) {
			err = noUser()
		}
		if err == nil {
			u.On, err = readRoles(ctx, tx, u.ID)
		}
		return u, err
	})
}

func noUser() error { return liveblog.Errorf(liveblog.NotFound, "There is no such user.") }

// lowerEmail exists because lower() in SQL treats letters beyond ASCII differently in each database.
func lowerEmail(email string) string { return strings.ToLower(email) }

// CreateSession implements [liveblog.AccountStore].
func (s *store) CreateSession(ctx context.Context, x liveblog.Session) error {
	_, err := update(ctx, s, "create session", func(tx *sql.Tx) (none struct{}, err error) {
		_, err = tx.ExecContext(ctx, `INSERT INTO sessions (hash, user_id, csrf, created_at, expires_at)
			VALUES ($1, $2, $3, $4, $5)`, x.Hash, x.UserID, x.CSRF, x.CreatedAt.UnixMicro(), x.ExpiresAt.UnixMicro())
		if err != nil {
			return none, err
		}
		return none, auditSession(ctx, tx, liveblog.ActionLogin, x.CreatedAt, x.UserID)
	})
	return err
}

// SessionUser implements [liveblog.AccountStore].
func (s *store) SessionUser(ctx context.Context, hash string) (liveblog.Session, liveblog.User, error) {
	type login struct {
		session liveblog.Session
		user    liveblog.User
	}
	l, err := view(ctx, s, "read session", func(tx *sql.Tx) (l login, err error) {
		x := &l.session
		into := append([]any{&x.Hash, &x.UserID, &x.CSRF, instant{&x.CreatedAt}, instant{&x.ExpiresAt}},
			userFields(&l.user)...)
		err = tx.QueryRowContext(ctx, `SELECT sessions.hash, sessions.user_id, sessions.csrf, sessions.created_at,
			sessions.expires_at, `+userColumns+`
			FROM sessions JOIN users ON users.id = sessions.user_id WHERE sessions.hash = $1`, hash).Scan(into...)
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

// auditSession adds the line of a login or a logout.
func auditSession(ctx context.Context, tx *sql.Tx, action string, at time.Time, user string) error {
	name, err := accountName(ctx, tx, user)
	if err != nil {
		return err
	}
	return addAudit(ctx, tx, liveblog.Audit{At: at, ActorID: user, Actor: name, Action: action}, subject{account: user})
}
