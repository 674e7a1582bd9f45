package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

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
	_, err := tx.ExecContext(ctx, `INSERT INTO audit (id, at, actor_id, actor, action, blog, number, revision, account,
			detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		auditID(a.At)+hex.EncodeToString(tail[:]), a.At.UnixMicro(), a.ActorID, a.Actor, a.Action,
		orNull(about.blog), orNull(about.number), orNull(about.revision), orNull(about.account), a.Detail)
	return err
}

const selectAudit = `SELECT audit.id, audit.at, audit.actor_id, audit.actor, audit.action, audit.detail,
	coalesce(audit.blog, ''), coalesce(audit.number, 0), coalesce(audit.revision, 0), coalesce(audit.account, ''),
	coalesce(users.name, tokens.name, '')
	FROM audit LEFT JOIN users ON users.id = audit.account LEFT JOIN tokens ON tokens.id = audit.account`

func scanAudit(r row) (l liveblog.AuditLine, err error) {
	err = r.Scan(&l.ID, instant{&l.At}, &l.ActorID, &l.Actor, &l.Action, &l.Detail, &l.Blog, &l.Number, &l.Revision,
		&l.Account, &l.AccountName)
	return l, err
}

// auditID returns the least id of a line at a time.
func auditID(at time.Time) string { return fmt.Sprintf("%016x", at.UnixMicro()) }

// AuditLines implements [liveblog.AuditStore].
func (s *store) AuditLines(ctx context.Context, q liveblog.AuditQuery) ([]liveblog.AuditLine, error) {
	if !storable(q.Blog + q.Who + q.What + q.Before) {
		return nil, nil
	}
	var where []string
	var args []any
	add := func(condition string, values ...any) {
		for _, v := range values {
			args = append(args, v)
			condition = strings.Replace(condition, "?", "$"+strconv.Itoa(len(args)), 1)
		}
		where = append(where, condition)
	}
	if q.Blog != "" {
		add(`audit.blog = ?`, q.Blog)
	}
	if q.What != "" {
		group := q.What + "." // not as a range, since collations differ in how they sort full stops
		add(`(audit.action = ? OR substr(audit.action, 1, ?) = ?)`, q.What, len(group), group)
	}
	if !q.Since.IsZero() {
		add(`audit.id >= ?`, auditID(q.Since))
	}
	if !q.Until.IsZero() {
		add(`audit.id < ?`, auditID(q.Until))
	}
	if q.Before != "" {
		add(`audit.id < ?`, q.Before)
	}
	return view(ctx, s, "read audit", func(tx *sql.Tx) ([]liveblog.AuditLine, error) {
		if q.Who != "" {
			ids, err := accountsCalled(ctx, tx, q.Who)
			if err != nil {
				return nil, err
			}
			anyOf := []string{`audit.actor = ?`, `audit.actor_id = ?`, `audit.account = ?`}
			values := []any{q.Who, q.Who, q.Who}
			for _, id := range ids {
				anyOf = append(anyOf, `audit.actor_id = ?`, `audit.account = ?`)
				values = append(values, id, id)
			}
			add(`(`+strings.Join(anyOf, " OR ")+`)`, values...)
		}
		query := selectAudit
		if len(where) > 0 {
			query += ` WHERE ` + strings.Join(where, " AND ")
		}
		args = append(args, max(q.Limit, 0))
		return collect(ctx, tx, scanAudit, query+` ORDER BY audit.id DESC LIMIT $`+strconv.Itoa(len(args)), args...)
	})
}

// maxNamesakes bounds how many accounts with one name a query looks for.
const maxNamesakes = 20

// accountsCalled returns the ids of users with an address or a name, and of tokens with the name.
func accountsCalled(ctx context.Context, tx *sql.Tx, who string) ([]string, error) {
	return collect(ctx, tx, func(r row) (id string, err error) {
		err = r.Scan(&id)
		return id, err
	},
		`SELECT id FROM users WHERE email_folded = $1 OR name = $2
		UNION SELECT id FROM tokens WHERE name = $2 LIMIT $3`, lowerEmail(who), who, maxNamesakes)
}

// EntryAudit implements [liveblog.AuditStore].
func (s *store) EntryAudit(ctx context.Context, slug string, number, from, to int) ([]liveblog.AuditLine, error) {
	if !storable(slug) {
		return nil, nil
	}
	return view(ctx, s, "read the audit of an entry", func(tx *sql.Tx) ([]liveblog.AuditLine, error) {
		return collect(ctx, tx, scanAudit, selectAudit+`
			WHERE audit.blog = $1 AND audit.number = $2 AND audit.revision >= $3 AND audit.revision <= $4
			ORDER BY audit.id LIMIT $5`, slug, number, from, to, liveblog.MaxAuditLines)
	})
}

// RefuseLogin implements [liveblog.AuditStore]. It writes whether or not there is such a user, and also beyond the
// limit, so that the time that it takes tells nobody which addresses have a login.
func (s *store) RefuseLogin(ctx context.Context, a liveblog.Audit, userID string) error {
	_, err := update(ctx, s, "record a refused login", func(tx *sql.Tx) (none struct{}, err error) {
		var times int
		err = tx.QueryRowContext(ctx, `INSERT INTO refused_logins (account, hour, times) VALUES ($1, $2, 1)
			ON CONFLICT (account, hour) DO UPDATE SET times = refused_logins.times + 1 RETURNING times`,
			userID, a.At.Unix()/3600).Scan(&times)
		if err != nil || times > liveblog.MaxRefusedLines {
			return none, err
		}
		if times == liveblog.MaxRefusedLines {
			a.Detail = "more within this hour are only counted"
		}
		return none, addAudit(ctx, tx, a, subject{account: userID})
	})
	return err
}

// countRefused adds a line for each account with more refused logins than have lines of their own, once the hour is
// over.
func countRefused(ctx context.Context, tx *sql.Tx, now time.Time) error {
	type refused struct {
		account string
		hour    int64
		times   int
	}
	all, err := collect(ctx, tx, func(r row) (x refused, err error) {
		err = r.Scan(&x.account, &x.hour, &x.times)
		return x, err
	}, `DELETE FROM refused_logins WHERE hour < $1 RETURNING account, hour, times`, now.Unix()/3600)
	if err != nil {
		return err
	}
	for _, x := range all {
		if x.times <= liveblog.MaxRefusedLines {
			continue
		}
		from := time.Unix(x.hour*3600, 0).UTC()
		a := liveblog.Audit{At: now, Action: liveblog.ActionRefused, Detail: fmt.Sprintf("%d more from %s to %s UTC",
			x.times-liveblog.MaxRefusedLines, from.Format("2006-01-02 15:04"), from.Add(time.Hour).Format("15:04"))}
		if err := addAudit(ctx, tx, a, subject{account: x.account}); err != nil {
			return err
		}
	}
	return nil
}

// expireBatch is how many audit lines one transaction deletes, so that writers need not wait for long.
const expireBatch = 1000

// ExpireAudit implements [liveblog.AuditStore].
func (s *store) ExpireAudit(ctx context.Context, before time.Time) error {
	for {
		deleted, err := update(ctx, s, "expire audit", func(tx *sql.Tx) (bool, error) {
			var last string
			err := tx.QueryRowContext(ctx, `SELECT id FROM audit WHERE id < $1 ORDER BY id LIMIT 1 OFFSET $2`,
				auditID(before), expireBatch).Scan(&last)
			if errors.Is(err, sql.ErrNoRows) {
				last, err = auditID(before), nil
			}
			if err != nil {
				return false, err
			}
			return exec(ctx, tx, `DELETE FROM audit WHERE id < $1`, last)
		})
		if err != nil || !deleted {
			return err
		}
	}
}

// described returns the audit line of a commit with what it changes. An edit that publishes a draft is a publication
// and, if its acts need a second editor, an approval.
func described(
	ctx context.Context, tx *sql.Tx, slug string, a liveblog.Audit, prev *liveblog.Entry, e liveblog.Entry,
) (liveblog.Audit, error) {
	if prev == nil {
		if a.Detail == "" && !e.Public() {
			a.Detail = string(e.Status)
		}
		if e.WrittenBy != "" {
			a.Detail = strings.TrimPrefix(a.Detail+", byline: "+e.Author, ", ")
		}
		return a, nil
	}
	if a.Detail == "" && e.Status != liveblog.Removed {
		a.Detail = prev.ChangedFields(e)
	}
	if a.Action != "entry.edit" || prev.Public() || !e.Public() {
		return a, nil
	}
	a.Action = liveblog.ActionPublish
	if e.Acts == "" {
		return a, nil
	}
	setup, err := readSetup(ctx, tx, slug)
	if err == nil && setup.NeedsSecondEditor(e.Acts) {
		a.Action = liveblog.ActionApprove
	}
	return a, err
}

// accountName returns the name of a user, for the audit.
func accountName(ctx context.Context, tx *sql.Tx, id string) (name string, err error) {
	err = tx.QueryRowContext(ctx, `SELECT name FROM users WHERE id = $1`, id).Scan(&name)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return name, err
}
