// Package store keeps the log in SQL.
//
// It owns the schema, the queries and the connections. What always holds: a write is one transaction, and whatever
// changes something that a reader sees takes the blog's next seq in that transaction; a read is one transaction as
// well, so what it returns was true at one moment. Every error of a store is a [liveblog.Error].
//
// The queries are written once, in the SQL that SQLite and PostgreSQL share; an [engine] holds what differs.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pressly/goose/v3"

	"readout/liveblog"
)

// Open opens the database that url names, brings its schema up to date and returns its store. Known forms:
//
//   - "sqlite:FILE", with a relative or an absolute path; a missing file is made, its directory is not.
//   - "postgres://USER:PASSWORD@HOST:PORT/DATABASE?SETTING=VALUE" or "postgresql://…", with what libpq knows of
//     settings and PG… variables, and pool_max_conns for the connections that may be open at once (16). With several
//     hosts the one that can be written to is used.
//
// An error is one line for whoever starts the program. It never quotes a password.
func Open(ctx context.Context, url string) (liveblog.Store, error) {
	return opened(open(ctx, url, bringUp))
}

// OpenMigrated opens a database as [Open] does, but changes no schema: it refuses one that is not up to date. It is
// for a program that may not change tables, or where [Migrate] is a step of its own.
func OpenMigrated(ctx context.Context, url string) (liveblog.Store, error) {
	return opened(open(ctx, url, keepSchema))
}

// opened keeps a nil *store from becoming a store that is not nil.
func opened(s *store, err error) (liveblog.Store, error) {
	if err != nil {
		return nil, err
	}
	return s, nil
}

// The kinds of databases, by the scheme of their URL.
const (
	kindSQLite   = "sqlite"
	kindPostgres = "postgres"
)

// parse returns a database's kind and what stands behind "sqlite:", or the whole of a postgres URL.
func parse(url string) (kind, place string, err error) {
	scheme, rest, ok := strings.Cut(url, ":")
	switch {
	case !ok:
		return "", "", errors.New("the database needs a kind and a place, such as sqlite:readout.db")
	case scheme == "sqlite":
		return kindSQLite, rest, nil
	case (scheme == "postgres" || scheme == "postgresql") && strings.HasPrefix(rest, "//"):
		return kindPostgres, url, nil
	}
	return "", "", fmt.Errorf("a database of the kind %.20q is not known; use sqlite:FILE, such as sqlite:readout.db, or postgres://HOST/DATABASE", scheme)
}

func open(ctx context.Context, url string, policy schemaPolicy) (*store, error) {
	kind, place, err := parse(url)
	if err != nil {
		return nil, err
	}
	if kind == kindPostgres {
		return openPostgres(ctx, place, policy)
	}
	s, err := openSQLite(ctx, place, policy)
	if err != nil {
		return nil, fmt.Errorf("open the database %q: %w", url, err)
	}
	return s, nil
}

// store is a liveblog.Store on database/sql.
type store struct {
	engine engine
	write  *sql.DB
	read   *sql.DB // may be the same as write
	folds  *folds
}

// engine is what differs from database to database.
type engine struct {
	dialect     goose.Dialect
	steps       string                    // the directory of the schema's steps that are its own
	countTables string                    // counts the tables in use, and those among them that are called $1
	lockRow     string                    // ends a SELECT whose row no other transaction may change until this one ends
	newEpoch    string                    // makes a random epoch, another for each row
	classify    func(error) liveblog.Code // of a driver's error: Unavailable, Conflict or Internal
	words       wordIndex

	// lockSchema keeps others from migrating until unlock is called; nil where they may try.
	lockSchema func(context.Context, *sql.DB) (unlock func() error, err error)
}

// Expire implements [liveblog.Store].
func (s *store) Expire(ctx context.Context, now time.Time) error {
	_, err := update(ctx, s, "expire", func(tx *sql.Tx) (none struct{}, err error) {
		if _, err = tx.ExecContext(ctx, `DELETE FROM sessions WHERE expires_at < $1`, now.UnixMicro()); err != nil {
			return none, err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM idempotency_keys WHERE created_at < $1`,
			now.Add(-liveblog.KeyLifetime).UnixMicro())
		return none, err
	})
	return err
}

// Close implements [liveblog.Store].
func (s *store) Close() error {
	// The writer goes last: it is the one that can fold the write-ahead log into the database.
	if err := errors.Join(s.read.Close(), s.write.Close()); err != nil {
		return s.failure(context.Background(), "close", err)
	}
	return nil
}

// update runs fn in a transaction that may write, and commits it unless fn fails.
func update[T any](ctx context.Context, s *store, op string, fn func(*sql.Tx) (T, error)) (T, error) {
	return transact(ctx, s, s.write, &sql.TxOptions{}, op, fn)
}

// view runs fn in a transaction that sees the database as it was at one moment.
func view[T any](ctx context.Context, s *store, op string, fn func(*sql.Tx) (T, error)) (T, error) {
	return transact(ctx, s, s.read, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}, op, fn)
}

func transact[T any](ctx context.Context, s *store, db *sql.DB, opt *sql.TxOptions, op string, fn func(*sql.Tx) (T, error)) (T, error) {
	var none T
	tx, err := db.BeginTx(ctx, opt)
	if err != nil {
		return none, s.failure(ctx, op, err)
	}
	defer tx.Rollback() // does nothing after Commit
	v, err := fn(tx)
	if err != nil {
		return none, s.failure(ctx, op, err)
	}
	if err := tx.Commit(); err != nil {
		return none, s.failure(ctx, op, commitError{err})
	}
	return v, nil
}

// exec runs one statement and tells whether it changed a row.
func exec(ctx context.Context, tx *sql.Tx, query string, args ...any) (changed bool, err error) {
	res, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// collect reads all rows of a query.
func collect[T any](ctx context.Context, tx *sql.Tx, scan func(row) (T, error), query string, args ...any) ([]T, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// row is one row of a result, whether of *sql.Row or *sql.Rows.
type row interface{ Scan(dest ...any) error }
