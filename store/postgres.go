package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// postgresEngine is PostgreSQL. A write reads its blog FOR UPDATE first, so writes of one blog stand in a line and
// each sees what the one before has committed.
func postgresEngine() engine {
	return engine{
		dialect:    goose.DialectPostgres,
		steps:      kindPostgres,
		lockSchema: lockSchema,
		// What an extension has brought is nobody's program.
		countTables: `SELECT count(*), count(*) FILTER (WHERE relname = $1) FROM pg_class
			WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')
				AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e')`,
		lockRow:  `FOR UPDATE`,
		newEpoch: `substr(replace(gen_random_uuid()::text, '-', ''), 1, 12)`, // before the digits that are not random
		classify: classifyPostgres,
		words:    postgresWords(),
	}
}

func openPostgres(ctx context.Context, url string, policy schemaPolicy) (*store, error) {
	cfg, err := parsePostgres(url)
	if err != nil {
		return nil, fmt.Errorf("the database's URL: %w", err)
	}
	s, err := cfg.open(ctx, policy)
	if err != nil {
		return nil, fmt.Errorf("open the database %q: %w", cfg.redacted(), cfg.explain(err))
	}
	return s, nil
}

func (cfg postgresConfig) open(ctx context.Context, policy schemaPolicy) (*store, error) {
	e := postgresEngine()
	if err := cfg.prepareSchema(ctx, e, policy); err != nil {
		return nil, err
	}
	db := stdlib.OpenDB(*cfg.conn, stdlib.OptionAfterConnect(admit(e, cfg.conn.ConnectTimeout)), stdlib.OptionResetSession(retire))
	db.SetMaxOpenConns(cfg.most)
	db.SetMaxIdleConns(cfg.most)
	db.SetConnMaxIdleTime(5 * time.Minute)
	s := &store{engine: e, write: db, read: db, folds: newFolds()}
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// prepareSchema works on connections of its own: a step may take longer than any statement of the store.
func (cfg postgresConfig) prepareSchema(ctx context.Context, e engine, policy schemaPolicy) error {
	conn := cfg.conn.Copy()
	conn.RuntimeParams["statement_timeout"] = "0"
	db := stdlib.OpenDB(*conn)
	defer db.Close()
	return prepareSchema(ctx, db, e, policy)
}

// Keys of advisory locks, which all programs on a database share: "readout" in ASCII, and a number.
const (
	schemaKey = 0x726561646f757400 + iota
	originKey
)

// schemaPatience is how long a node waits for another that migrates.
const schemaPatience = 2 * time.Minute

// lockSchema keeps nodes that start at the same time from migrating the same database at once. The lock is a
// connection's, so it ends with the process that has it, whatever happens to that.
func lockSchema(ctx context.Context, db *sql.DB) (unlock func() error, err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	waiting, cancel := context.WithTimeout(ctx, schemaPatience)
	defer cancel()
	// The server tells who is next, so nobody needs to ask again and again.
	_, err = conn.ExecContext(waiting, `SELECT set_config('lock_timeout', '0', false)`)
	if err == nil {
		_, err = conn.ExecContext(waiting, `SELECT pg_advisory_lock($1)`, int64(schemaKey))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("wait for another process that migrates: %w", err), conn.Close())
	}
	return func() error {
		// Without the context of the caller, which may have ended.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), defaultConnectTimeout)
		defer cancel()
		_, err := conn.ExecContext(ctx, `SELECT pg_advisory_unlock($1)`, int64(schemaKey))
		return errors.Join(err, conn.Close())
	}, nil
}

// lifetime is how long a connection is used, and up to a third longer, so that not all end at once. New ones find
// their way to what a name has come to mean.
const lifetime = 30 * time.Minute

const endsAt = "readout.ends" // the key of a connection's end in its custom data

// admit looks at a new connection before it is used: has the data been restored since the last one? It has a time of
// its own, since database/sql opens connections for those who wait one after the other, with a context that never
// ends: a single one that fell silent would keep all from the store.
func admit(e engine, within time.Duration) func(context.Context, *pgx.Conn) error {
	return func(ctx context.Context, c *pgx.Conn) error {
		ctx, cancel := context.WithTimeout(ctx, within)
		defer cancel()
		c.PgConn().CustomData()[endsAt] = time.Now().Add(lifetime + rand.N(lifetime/3))
		err := settlePostgres(ctx, c, e)
		if err != nil {
			// database/sql does not know of it yet.
			c.Close(ctx)
		}
		return err
	}
}

// retire has a connection at its end replaced.
func retire(_ context.Context, c *pgx.Conn) error {
	if ends, ok := c.PgConn().CustomData()[endsAt].(time.Time); ok && time.Now().After(ends) {
		return driver.ErrBadConn
	}
	return nil
}

// Where the data is: the cluster, its line of history, which a promoted replica and a recovery to a point in time
// change, the database and the table, which are new where a dump was loaded. pg_control_checkpoint() would tell the
// history's line only after the next checkpoint.
const (
	placeInCluster  = `(SELECT oid FROM pg_database WHERE datname = current_database()), 'blogs'::regclass::oid`
	selectPlaces    = selectPlace + `, concat_ws('/', (SELECT system_identifier FROM pg_control_system()), substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8), ` + placeInCluster + `)`
	selectHalfPlace = selectPlace + `, concat_ws('/', ` + placeInCluster + `)`
)

func settlePostgres(ctx context.Context, c *pgx.Conn, e engine) error {
	var was, place string
	err := c.QueryRow(ctx, selectPlaces).Scan(&was, &place)
	if state := sqlState(err); state == "42501" || state == "42883" || state == "0A000" {
		// Some hosts do not let a user ask for the cluster's identity.
		err = c.QueryRow(ctx, selectHalfPlace).Scan(&was, &place)
	}
	if err != nil {
		return err
	}
	if known, _ := join(was, place); known == was {
		return nil
	}
	return pgx.BeginFunc(ctx, c, func(tx pgx.Tx) error {
		exec := func(ctx context.Context, query string, args ...any) error {
			_, err := tx.Exec(ctx, query, args...)
			return err
		}
		if err := exec(ctx, `SELECT pg_advisory_xact_lock($1)`, int64(originKey)); err != nil {
			return err
		}
		return e.settle(ctx, place,
			func(ctx context.Context, query string, args ...any) row { return tx.QueryRow(ctx, query, args...) }, exec)
	})
}

// sqlState returns the code of an error of the server, "" for any other.
func sqlState(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	return ""
}
