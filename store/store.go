// Package store implements [liveblog.Store] on SQLite and PostgreSQL.
//
// It owns the schema, the queries and the connections. A write is one transaction, in which every change that readers
// see takes the blog's next seq. A read is one transaction too, so it returns one snapshot. Every error of a store is a
// [liveblog.Error].
//
// Both databases share the queries; an [engine] holds what differs between them.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pressly/goose/v3"

	"readout/liveblog"
)

// Open opens the database that url names, brings its schema up to date and returns its store. The URL has one of these
// forms:
//
//   - "sqlite:FILE", with a relative or an absolute path. Open creates a missing file, but not its directory.
//   - "postgres://USER:PASSWORD@HOST:PORT/DATABASE?SETTING=VALUE" or "postgresql://…", with libpq's settings and
//     PG… environment variables. The setting pool_max_conns limits how many connections may be open; the default is
//     16. Of several hosts, Open uses one that accepts writes.
//
// An error is one line for the operator and never quotes a password.
func Open(ctx context.Context, url string) (liveblog.Store, error) {
	return opened(open(ctx, url, bringUp))
}

// OpenMigrated opens a database as [Open] does, but refuses a schema that is not up to date instead of changing it. It
// is for programs that may not change tables, and for deployments that run [Migrate] as a separate step.
func OpenMigrated(ctx context.Context, url string) (liveblog.Store, error) {
	return opened(open(ctx, url, keepSchema))
}

// opened prevents a nil *store from becoming a non-nil interface value.
func opened(s *store, err error) (liveblog.Store, error) {
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Kinds of databases.
const (
	kindSQLite   = "sqlite"
	kindPostgres = "postgres"
)

// parse returns the kind of a database and its target: the file after "sqlite:", or the whole URL for PostgreSQL.
func parse(url string) (kind, target string, err error) {
	scheme, rest, ok := strings.Cut(url, ":")
	switch {
	case !ok:
		return "", "", errors.New("the database needs a kind and a place, such as sqlite:readout.db")
	case scheme == "sqlite":
		return kindSQLite, rest, nil
	case (scheme == "postgres" || scheme == "postgresql") && strings.HasPrefix(rest, "//"):
		return kindPostgres, url, nil
	}
	return "", "", fmt.Errorf("a database of the kind %.20q is not known; "+
		"use sqlite:FILE, such as sqlite:readout.db, or postgres://HOST/DATABASE", scheme)
}

func open(ctx context.Context, url string, policy schemaPolicy) (*store, error) {
	kind, target, err := parse(url)
	if err != nil {
		return nil, err
	}
	if kind == kindPostgres {
		return openPostgres(ctx, target, policy)
	}
	s, err := openSQLite(ctx, target, policy)
	if err != nil {
		return nil, fmt.Errorf("open the database %q: %w", url, err)
	}
	return s, nil
}

// store implements [liveblog.Store] with database/sql.
type store struct {
	engine   engine
	write    *sql.DB
	read     *sql.DB // may be the same as write
	cache    *talksCache
	clock    *clock
	crowd    *crowd
	stop     func()                 // ends what runs in the background
	diskFull atomic.Bool            // the last write failed for want of space
	purges   atomic.Pointer[string] // what Purges last returned
	newTries atomic.Int64           // buckets of tries that this node has added

	name    string // as in liveblog.Condition
	created bool
}

func newStore(e engine) *store {
	return &store{engine: e, cache: newTalksCache(), clock: &clock{wall: time.Now}, crowd: new(crowd),
		stop: func() {}}
}

// Now implements [liveblog.Clock].
func (s *store) Now() time.Time { return s.clock.Now() }

// Condition implements [liveblog.ReadStore].
func (s *store) Condition() liveblog.Condition {
	return liveblog.Condition{
		Database: s.name, Created: s.created, ClockSkew: s.clock.skew(), DiskFull: s.diskFull.Load(),
	}
}

// engine holds what differs between databases. Its strings but steps are SQL.
type engine struct {
	dialect goose.Dialect
	steps   string // the directory of the schema steps that only this engine has
	// countTables is a query for the number of tables, and of those with the name $1.
	countTables string
	// lockRow is the end of a SELECT that locks its rows against changes by other transactions; "" if none is needed.
	lockRow string
	// newEpoch is an expression for a random epoch, which differs in each row.
	newEpoch string
	// now is an expression for the time of the database's machine, in microseconds since 1970.
	now string
	// classify returns the code for a driver's error: Unavailable, DiskFull, Conflict or Internal.
	classify func(error) liveblog.Code
	words    wordIndex
	// dropCopies drops, as far as nobody reads them, older copies of what a purge has changed. It is nil for an engine
	// whose copies are out of reach.
	dropCopies func(context.Context, *sql.DB)
	// isCrowded reports whether a connection could not be opened because the server has none left. It is nil for an
	// engine that has no server.
	isCrowded func(error) bool
	// lockSchema keeps other processes from migrating until unlock is called. It is nil for an engine on which
	// concurrent migrations are harmless.
	lockSchema func(context.Context, *sql.DB) (unlock func() error, err error)
}

// Expire implements [liveblog.Store].
func (s *store) Expire(ctx context.Context, now time.Time) error {
	_, err := update(ctx, s, "expire", func(tx *sql.Tx) (none struct{}, err error) {
		if _, err = tx.ExecContext(ctx, `DELETE FROM sessions WHERE expires_at < $1`, now.UnixMicro()); err != nil {
			return none, err
		}
		if _, err = tx.ExecContext(ctx, `DELETE FROM first_runs WHERE ends_at <= $1`, now.UnixMicro()); err != nil {
			return none, err
		}
		if _, err = tx.ExecContext(ctx, `DELETE FROM browsers WHERE used_at < $1`,
			now.Add(-liveblog.BrowserMemory).UnixMicro()); err != nil {
			return none, err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM idempotency_keys WHERE created_at < $1`,
			now.Add(-liveblog.KeyLifetime).UnixMicro())
		if err != nil {
			return none, err
		}
		if _, err := tx.ExecContext(ctx, expireCopies, now.Add(-liveblog.CopyLifetime).UnixMicro()); err != nil {
			return none, err
		}
		if _, err := tx.ExecContext(ctx, forgetPurgedCopies); err != nil {
			return none, err
		}
		if _, err := tx.ExecContext(ctx, forgetSetAside); err != nil {
			return none, err
		}
		if err := deleteInvitations(ctx, tx, `expires_at < $1`, now.UnixMicro()); err != nil {
			return none, err
		}
		return none, countRefused(ctx, tx, now)
	})
	if err != nil {
		return err
	}
	return s.trimTries(ctx, now, liveblog.MaxTries)
}

// Close implements [liveblog.Store].
func (s *store) Close() error {
	s.stop()
	s.crowd.close()
	// Close the writer last: SQLite merges the write-ahead log if the last connection that closes may write.
	if err := errors.Join(s.read.Close(), s.write.Close()); err != nil {
		return s.failure(context.Background(), "close", err)
	}
	return nil
}

// update runs fn in a read-write transaction and commits it unless fn fails.
func update[T any](ctx context.Context, s *store, op string, fn func(*sql.Tx) (T, error)) (T, error) {
	v, err := transact(ctx, s, s.write, &sql.TxOptions{}, op, fn)
	switch full := liveblog.CodeOf(err) == liveblog.DiskFull; {
	case full:
		s.diskFull.Store(true)
	case err == nil && s.diskFull.Load():
		s.diskFull.Store(false)
	}
	return v, err
}

// view runs fn in a read-only transaction that sees one snapshot of the database.
func view[T any](ctx context.Context, s *store, op string, fn func(*sql.Tx) (T, error)) (T, error) {
	opt := &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	v, err := transact(ctx, s, s.read, opt, op, fn)
	if e, ok := errors.AsType[*liveblog.Error](err); ok && e.Code == liveblog.DiskFull {
		// PostgreSQL may need space to sort. To somebody who reads, the reason makes no difference.
		err = &liveblog.Error{Code: liveblog.Unavailable, Message: unavailable, Err: e.Err}
	}
	return v, err
}

func transact[T any](
	ctx context.Context, s *store, db *sql.DB, opt *sql.TxOptions, op string, fn func(*sql.Tx) (T, error),
) (T, error) {
	var none T
	tx, err := connect(ctx, s, db, func() (*sql.Tx, error) { return db.BeginTx(ctx, opt) })
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

// exec runs a statement and reports whether it changed a row.
func exec(ctx context.Context, tx *sql.Tx, query string, args ...any) (changed bool, err error) {
	res, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// collect reads all rows of a query.
func collect[T any](
	ctx context.Context, tx *sql.Tx, scan func(row) (T, error), query string, args ...any,
) ([]T, error) {
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

// row is a row to scan: a *sql.Row or *sql.Rows.
type row interface{ Scan(dest ...any) error }
