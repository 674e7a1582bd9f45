package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"readout/liveblog"
)

// Users implements [liveblog.MemberStore].
func (s *store) Users(ctx context.Context) ([]liveblog.User, error) {
	return view(ctx, s, "read users", func(tx *sql.Tx) ([]liveblog.User, error) {
		return readUsers(ctx, tx)
	})
}

func readUsers(ctx context.Context, tx *sql.Tx) ([]liveblog.User, error) {
	list, err := collect(ctx, tx, scanUser, `SELECT `+userColumns+` FROM users`)
	if err != nil {
		return nil, err
	}
	roles, err := readAllRoles(ctx, tx)
	for i := range list {
		list[i].On = roles[list[i].ID]
	}
	// The databases sort names differently.
	slices.SortFunc(list, func(a, b liveblog.User) int {
		if c := strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)); c != 0 {
			return c
		}
		return strings.Compare(lowerEmail(a.Email), lowerEmail(b.Email))
	})
	return list, err
}

func scanUser(r row) (u liveblog.User, err error) {
	err = r.Scan(userFields(&u)...)
	return u, err
}

// User implements [liveblog.MemberStore].
func (s *store) User(ctx context.Context, id string) (liveblog.User, error) {
	return view(ctx, s, "read user", func(tx *sql.Tx) (liveblog.User, error) { return readUser(ctx, tx, id) })
}

func readUser(ctx context.Context, tx *sql.Tx, id string) (liveblog.User, error) {
	return readUserBy(ctx, tx, "id", id)
}

// readUserBy returns the user with a value in a column that no two users share.
func readUserBy(ctx context.Context, tx *sql.Tx, column, value string) (liveblog.User, error) {
	if !storable(value) {
		return liveblog.User{}, noUser()
	}
	u, err := scanUser(tx.QueryRowContext(ctx, `SELECT `+userColumns+` FROM users WHERE `+column+` = $1`, value))
	if errors.Is(err, sql.ErrNoRows) {
		err = noUser()
	}
	if err == nil {
		u.On, err = readRoles(ctx, tx, u.ID)
	}
	return u, err
}

// ChangeRoles implements [liveblog.MemberStore].
func (s *store) ChangeRoles(
	ctx context.Context, id string, changes liveblog.RoleChanges, a liveblog.Audit,
) (liveblog.User, error) {
	return s.changeUser(ctx, "change roles", id, changes.Apply, a)
}

// SetDisabled implements [liveblog.MemberStore].
func (s *store) SetDisabled(
	ctx context.Context, id string, disabled bool, a liveblog.Audit,
) (liveblog.User, error) {
	return s.changeUser(ctx, "disable user", id, func(u liveblog.User) liveblog.User {
		u.Disabled = disabled
		return u
	}, a)
}

// changeUser writes the roles of a user, and whether they are disabled. Such writes are serialized, so that two admins
// cannot take the last role from each other at the same time.
func (s *store) changeUser(
	ctx context.Context, op, id string, change func(liveblog.User) liveblog.User, a liveblog.Audit,
) (liveblog.User, error) {
	return update(ctx, s, op, func(tx *sql.Tx) (next liveblog.User, err error) {
		if err := s.lockMembers(ctx, tx); err != nil {
			return next, err
		}
		before, err := readUser(ctx, tx, id)
		if err != nil {
			return next, err
		}
		all, err := readUsers(ctx, tx)
		if err != nil {
			return next, err
		}
		next = change(before)
		if err := liveblog.CheckAdminLeft(before, next, all); err != nil {
			return next, err
		}
		if err := putMember(ctx, tx, next); err != nil {
			return next, err
		}
		if next.Disabled {
			if err := endAccess(ctx, tx, id, a); err != nil {
				return next, err
			}
		}
		a.Detail = changedRoles(before, next)
		return next, addAudit(ctx, tx, a, subject{account: id})
	})
}

// changedRoles says for the audit how the roles of a user have changed; "" for not at all.
func changedRoles(before, next liveblog.User) string {
	from, to := liveblog.RolesText(before.Role, before.On), liveblog.RolesText(next.Role, next.On)
	if from == to {
		return ""
	}
	return from + " → " + to
}

// lockMembers keeps other transactions from changing users until this one ends.
func (s *store) lockMembers(ctx context.Context, tx *sql.Tx) error {
	var id int
	return tx.QueryRowContext(ctx, `SELECT id FROM members_lock WHERE id = 1 `+s.engine.lockRow).Scan(&id)
}

func putMember(ctx context.Context, tx *sql.Tx, u liveblog.User) error {
	_, err := tx.ExecContext(ctx, `UPDATE users SET role = $1, disabled = $2 WHERE id = $3`, u.Role, u.Disabled, u.ID)
	if err != nil {
		return err
	}
	return putRoles(ctx, tx, u.ID, u.On)
}

// endAccess ends the sessions of a user, revokes their tokens, with an audit line for each, and withdraws their
// invitations, which would work again when they are enabled.
func endAccess(ctx context.Context, tx *sql.Tx, id string, a liveblog.Audit) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE user_id = $1`, id); err != nil {
		return err
	}
	if err := deleteInvitations(ctx, tx, `inviter_id = $1`, id); err != nil {
		return err
	}
	revoked, err := collect(ctx, tx, func(r row) (token string, err error) {
		err = r.Scan(&token)
		return token, err
	}, revokeTokens+` WHERE owner = $2 AND revoked_at IS NULL RETURNING id`, a.At.UnixMicro(), id)
	if err != nil {
		return err
	}
	a.Action = "token.revoke"
	for _, token := range revoked {
		if err := addAudit(ctx, tx, a, subject{account: token}); err != nil {
			return err
		}
	}
	return nil
}
