package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"

	"readout/liveblog"
)

// subject is what an audit line is about; fields that do not apply are zero.
type subject struct {
	blog             string
	number, revision int
	account          string // id of a user or a token
}

func addAudit(ctx context.Context, tx *sql.Tx, a liveblog.Audit, about subject) error {
	var tail [6]byte
	rand.Read(tail[:])
	at := a.At.UnixMicro()
	_, err := tx.ExecContext(ctx, `INSERT INTO audit (id, at, actor_id, actor, action, blog, number, revision, account)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		fmt.Sprintf("%016x%x", at, tail), at, a.ActorID, a.Actor, a.Action,
		orNull(about.blog), orNull(about.number), orNull(about.revision), orNull(about.account))
	return err
}
