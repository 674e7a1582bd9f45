package store

import (
	"context"
	"database/sql"
	"errors"

	"readout/liveblog"
)

const selectInvitations = `SELECT id, hash, email, role, inviter_id, inviter, created_at, expires_at FROM invitations`

func scanInvitation(r row) (i liveblog.Invitation, err error) {
	err = r.Scan(&i.ID, &i.Hash, &i.Email, &i.Role, &i.InviterID, &i.Inviter, instant{&i.CreatedAt},
		instant{&i.ExpiresAt})
	return i, err
}

// CreateInvitation implements [liveblog.MemberStore].
func (s *store) CreateInvitation(ctx context.Context, i liveblog.Invitation, a liveblog.Audit) error {
	_, err := update(ctx, s, "create invitation", func(tx *sql.Tx) (none struct{}, err error) {
		if _, err := tx.ExecContext(ctx, `INSERT INTO invitations
			(id, hash, email, role, inviter_id, inviter, created_at, expires_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, i.ID, i.Hash, i.Email, i.Role, i.InviterID, i.Inviter,
			i.CreatedAt.UnixMicro(), i.ExpiresAt.UnixMicro()); err != nil {
			return none, err
		}
		if err := putRoles(ctx, tx, i.ID, i.On); err != nil {
			return none, err
		}
		a.Detail = i.Email + ": " + liveblog.RolesText(i.Role, i.On)
		return none, addAudit(ctx, tx, a, subject{account: i.ID})
	})
	return err
}

// Invitations implements [liveblog.MemberStore].
func (s *store) Invitations(ctx context.Context) ([]liveblog.Invitation, error) {
	return view(ctx, s, "read invitations", func(tx *sql.Tx) ([]liveblog.Invitation, error) {
		list, err := collect(ctx, tx, scanInvitation, selectInvitations+` ORDER BY created_at DESC, id`)
		if err != nil {
			return nil, err
		}
		roles, err := readAllRoles(ctx, tx)
		for i := range list {
			list[i].Hash, list[i].On = "", roles[list[i].ID]
		}
		return list, err
	})
}

// InvitationByHash implements [liveblog.MemberStore].
func (s *store) InvitationByHash(ctx context.Context, hash string) (liveblog.Invitation, error) {
	return view(ctx, s, "read invitation", func(tx *sql.Tx) (liveblog.Invitation, error) {
		i, err := scanInvitation(tx.QueryRowContext(ctx, selectInvitations+` WHERE hash = $1`, hash))
		if errors.Is(err, sql.ErrNoRows) {
			err = noInvitation()
		}
		if err == nil {
			i.On, err = readRoles(ctx, tx, i.ID)
		}
		return i, err
	})
}

func noInvitation() error {
	return liveblog.Errorf(liveblog.NotFound, "There is no such invitation.")
}

// DeleteInvitation implements [liveblog.MemberStore].
func (s *store) DeleteInvitation(ctx context.Context, id string, a liveblog.Audit) error {
	_, err := update(ctx, s, "delete invitation", func(tx *sql.Tx) (none struct{}, err error) {
		if err := takeInvitation(ctx, tx, id); err != nil {
			return none, err
		}
		return none, addAudit(ctx, tx, a, subject{account: id})
	})
	return err
}

// takeInvitation deletes an invitation. Of several transactions that do so at the same time, one succeeds.
func takeInvitation(ctx context.Context, tx *sql.Tx, id string) error {
	taken, err := exec(ctx, tx, `DELETE FROM invitations WHERE id = $1`, id)
	if err == nil && !taken {
		err = noInvitation()
	}
	if err != nil {
		return err
	}
	return putRoles(ctx, tx, id, nil)
}

// Join implements [liveblog.MemberStore].
func (s *store) Join(ctx context.Context, i liveblog.Invitation, u liveblog.User, a liveblog.Audit) error {
	_, err := update(ctx, s, "join", func(tx *sql.Tx) (none struct{}, err error) {
		if err := takeInvitation(ctx, tx, i.ID); err != nil {
			return none, err
		}
		a.Detail = "invited by " + i.Inviter + " as " + i.Email + ": " + liveblog.RolesText(u.Role, u.On)
		return none, addUser(ctx, tx, u, a)
	})
	return err
}

// Accept implements [liveblog.MemberStore].
func (s *store) Accept(ctx context.Context, i liveblog.Invitation, userID string, a liveblog.Audit) error {
	_, err := update(ctx, s, "accept invitation", func(tx *sql.Tx) (none struct{}, err error) {
		if err := s.lockMembers(ctx, tx); err != nil {
			return none, err
		}
		u, err := readUser(ctx, tx, userID)
		if err != nil {
			return none, err
		}
		if err := takeInvitation(ctx, tx, i.ID); err != nil {
			return none, err
		}
		next := i.Grant(u)
		if err := putMember(ctx, tx, next); err != nil {
			return none, err
		}
		a.Detail = "invited by " + i.Inviter + " as " + i.Email + ": " + changedRoles(u, next)
		return none, addAudit(ctx, tx, a, subject{account: userID})
	})
	return err
}

// deleteInvitations deletes the invitations for which an SQL condition on $1 holds, with the roles that they give.
func deleteInvitations(ctx context.Context, tx *sql.Tx, condition string, arg any) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM roles
		WHERE member IN (SELECT id FROM invitations WHERE `+condition+`)`, arg); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM invitations WHERE `+condition, arg)
	return err
}
