package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"readout/liveblog"
)

const userColumns = `users.id, users.email, users.name, users.role, users.password_hash, ` +
	`users.password_ends, users.disabled, users.created_at`

func userFields(u *liveblog.User) []any {
	return []any{&u.ID, &u.Email, &u.Name, &u.Role, &u.PasswordHash, instant{&u.PasswordEnds},
		&u.Disabled, instant{&u.CreatedAt}}
}

// CreateUser implements [liveblog.AccountStore].
func (s *store) CreateUser(ctx context.Context, u liveblog.User, a liveblog.Audit) error {
	_, err := update(ctx, s, "create user", func(tx *sql.Tx) (none struct{}, err error) {
		return none, addUser(ctx, tx, u, a)
	})
	return err
}

func addUser(ctx context.Context, tx *sql.Tx, u liveblog.User, a liveblog.Audit) error {
	added, err := exec(ctx, tx, `INSERT INTO users
		(id, email, email_folded, name, role, password_hash, password_ends, disabled, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (email_folded) DO NOTHING`,
		u.ID, u.Email, lowerEmail(u.Email), u.Name, u.Role, u.PasswordHash, timeOrNull(u.PasswordEnds), u.Disabled,
		u.CreatedAt.UnixMicro())
	if err != nil {
		return err
	}
	if !added {
		return liveblog.FieldErrorf(liveblog.Conflict, "email", "There is a user with the address “%s” already.",
			u.Email)
	}
	if err := putRoles(ctx, tx, u.ID, u.On); err != nil {
		return err
	}
	return addAudit(ctx, tx, a, subject{account: u.ID})
}

// UserByEmail implements [liveblog.AccountStore].
func (s *store) UserByEmail(ctx context.Context, email string) (liveblog.User, error) {
	return view(ctx, s, "read user", func(tx *sql.Tx) (liveblog.User, error) {
		return readUserBy(ctx, tx, "email_folded", lowerEmail(email))
	})
}

func noUser() error { return liveblog.Errorf(liveblog.NotFound, "There is no such user.") }

// lowerEmail exists because lower() in SQL treats letters beyond ASCII differently in each database.
func lowerEmail(email string) string { return strings.ToLower(email) }

// SetPassword implements [liveblog.AccountStore].
func (s *store) SetPassword(ctx context.Context, p liveblog.NewPassword, a liveblog.Audit) error {
	_, err := update(ctx, s, "set password", func(tx *sql.Tx) (none struct{}, err error) {
		set, err := exec(ctx, tx, `UPDATE users SET password_hash = $1, password_ends = $2
			WHERE id = $3 AND ($4 = '' OR password_hash = $4)`, p.Hash, timeOrNull(p.Ends), p.UserID, p.Was)
		if err != nil {
			return none, err
		}
		if !set {
			var n int
			err := tx.QueryRowContext(ctx, `SELECT count(*) FROM users WHERE id = $1`, p.UserID).Scan(&n)
			if err == nil && n == 0 {
				err = noUser()
			} else if err == nil {
				err = liveblog.Errorf(liveblog.Conflict,
					"The password has been changed meanwhile. Log in with the new one.")
			}
			return none, err
		}
		if _, err := endSessions(ctx, tx, p.UserID, liveblog.EndedSessions{Except: p.Keep}); err != nil {
			return none, err
		}
		return none, addAudit(ctx, tx, a, subject{account: p.UserID})
	})
	return err
}

// RenameUser implements [liveblog.AccountStore].
func (s *store) RenameUser(ctx context.Context, user, name string, a liveblog.Audit) error {
	_, err := update(ctx, s, "rename user", func(tx *sql.Tx) (none struct{}, err error) {
		set, err := exec(ctx, tx, `UPDATE users SET name = $1 WHERE id = $2`, name, user)
		if err == nil && !set {
			err = noUser()
		}
		if err != nil {
			return none, err
		}
		return none, addAudit(ctx, tx, a, subject{account: user})
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
