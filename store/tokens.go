package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"readout/liveblog"
)

const selectToken = `SELECT tokens.id, tokens.hash, tokens.name, tokens.role, tokens.owner, coalesce(users.name, ''),
	coalesce(users.disabled, FALSE), tokens.created_at, tokens.expires_at, tokens.used_at, tokens.revoked_at
	FROM tokens LEFT JOIN users ON users.id = tokens.owner`

func scanToken(r row) (t liveblog.Token, err error) {
	err = r.Scan(&t.ID, &t.Hash, &t.Name, &t.Role, &t.Owner, &t.OwnerName, &t.Disabled, instant{&t.CreatedAt},
		instant{&t.ExpiresAt}, instant{&t.UsedAt}, instant{&t.RevokedAt})
	return t, err
}

// CreateToken implements [liveblog.TokenStore].
func (s *store) CreateToken(ctx context.Context, t liveblog.Token, a liveblog.Audit) error {
	_, err := update(ctx, s, "create token", func(tx *sql.Tx) (none struct{}, err error) {
		added, err := exec(ctx, tx, `INSERT INTO tokens (id, hash, name, role, created_at, owner, expires_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (name) DO NOTHING`,
			t.ID, t.Hash, t.Name, t.Role, t.CreatedAt.UnixMicro(), t.Owner, timeOrNull(t.ExpiresAt))
		if err != nil {
			return none, err
		}
		if !added {
			return none, liveblog.FieldErrorf(liveblog.Conflict, "name", "There is a token “%s” already.", t.Name)
		}
		if err := putRoles(ctx, tx, t.ID, t.On); err != nil {
			return none, err
		}
		a.Detail = liveblog.RolesText(t.Role, t.On)
		return none, addAudit(ctx, tx, a, subject{account: t.ID})
	})
	return err
}

// TokenByHash implements [liveblog.TokenStore].
func (s *store) TokenByHash(ctx context.Context, hash string) (liveblog.Token, error) {
	return s.readToken(ctx, selectToken+` WHERE tokens.hash = $1`, hash)
}

// Token implements [liveblog.TokenStore].
func (s *store) Token(ctx context.Context, id string) (liveblog.Token, error) {
	if !storable(id) {
		return liveblog.Token{}, noToken()
	}
	return s.readToken(ctx, selectToken+` WHERE tokens.id = $1`, id)
}

func (s *store) readToken(ctx context.Context, query, arg string) (liveblog.Token, error) {
	return view(ctx, s, "read token", func(tx *sql.Tx) (liveblog.Token, error) {
		t, err := scanToken(tx.QueryRowContext(ctx, query, arg))
		if errors.Is(err, sql.ErrNoRows) {
			err = noToken()
		}
		if err == nil {
			t.On, err = readRoles(ctx, tx, t.ID)
		}
		return t, err
	})
}

func noToken() error { return liveblog.Errorf(liveblog.NotFound, "There is no such token.") }

// Tokens implements [liveblog.TokenStore].
func (s *store) Tokens(ctx context.Context) ([]liveblog.Token, error) {
	return view(ctx, s, "read tokens", func(tx *sql.Tx) ([]liveblog.Token, error) {
		list, err := collect(ctx, tx, scanToken, selectToken+` WHERE tokens.revoked_at IS NULL ORDER BY tokens.name`)
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

// UseToken implements [liveblog.TokenStore].
func (s *store) UseToken(ctx context.Context, id string, at, since time.Time) error {
	_, err := update(ctx, s, "use token", func(tx *sql.Tx) (bool, error) {
		return exec(ctx, tx, `UPDATE tokens SET used_at = $1 WHERE id = $2 AND (used_at IS NULL OR used_at <= $3)`,
			at.UnixMicro(), id, since.UnixMicro())
	})
	return err
}

// RevokeToken implements [liveblog.TokenStore].
func (s *store) RevokeToken(ctx context.Context, id string, a liveblog.Audit) error {
	_, err := update(ctx, s, "revoke token", func(tx *sql.Tx) (none struct{}, err error) {
		revoked, err := exec(ctx, tx, revokeTokens+` WHERE id = $2 AND revoked_at IS NULL`, a.At.UnixMicro(), id)
		if err == nil && !revoked {
			err = noToken()
		}
		if err != nil {
			return none, err
		}
		return none, addAudit(ctx, tx, a, subject{account: id})
	})
	return err
}

// revokeTokens begins the statement that ends tokens. Their rows stay, because they say to whom the drafts that they
// wrote belong; their names become free.
const revokeTokens = `UPDATE tokens SET revoked_at = $1, name = name || ' (revoked ' || id || ')'`
