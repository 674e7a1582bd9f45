package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// postgresEngine returns the engine for PostgreSQL. A write first reads its blog FOR UPDATE, so writes to one blog are
// serialized and each sees what the one before has committed.
func postgresEngine() engine {
	return engine{
		dialect:    goose.DialectPostgres,
		steps:      kindPostgres,
		lockSchema: lockSchema,
		// Tables that belong to an extension do not count.
		countTables: `SELECT count(*), count(*) FILTER (WHERE relname = $1) FROM pg_class
			WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')
				AND NOT EXISTS (SELECT FROM pg_depend
					WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e')`,
		lockRow: `FOR UPDATE`,
		// The 13th digit of a UUID is its version and not random.
		newEpoch:  `substr(replace(gen_random_uuid()::text, '-', ''), 1, 12)`,
		now:       postgresNow,
		classify:  classifyPostgres,
		isCrowded: func(err error) bool { return sqlState(err) == "53300" },
		words:     postgresWords(),
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
	created, err := cfg.prepareSchema(ctx, e, policy)
	if err != nil {
		return nil, err
	}
	s := newStore(e)
	s.name, s.created = cfg.redacted(), created
	db := stdlib.OpenDB(*cfg.conn, stdlib.OptionAfterConnect(s.prepareConn(cfg.conn.ConnectTimeout)))
	s.read, s.write, s.crowd.max = db, db, cfg.maxConns
	s.crowd.open(db)
	db.SetConnMaxIdleTime(5 * time.Minute)
	db.SetConnMaxLifetime(connLifetime)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	s.keepTime()
	return s, nil
}

// prepareSchema uses separate connections without a statement timeout, since a schema step may take long.
func (cfg postgresConfig) prepareSchema(ctx context.Context, e engine, policy schemaPolicy) (created bool, err error) {
	conn := cfg.conn.Copy()
	conn.RuntimeParams["statement_timeout"] = "0"
	db := stdlib.OpenDB(*conn)
	defer db.Close()
	return prepareSchema(ctx, db, e, policy)
}

// Keys of advisory locks. All programs that use a database share one key space, so these begin with "readout" in ASCII.
const (
	schemaKey = 0x726561646f757400 + iota
	originKey
)

// schemaLockTimeout is how long a node waits while another one migrates the schema.
const schemaLockTimeout = 2 * time.Minute

// lockSchema keeps nodes that start at the same time from migrating the database concurrently. PostgreSQL releases the
// lock when the connection ends, so a process that is killed does not keep it.
func lockSchema(ctx context.Context, db *sql.DB) (unlock func() error, err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	waitCtx, cancel := context.WithTimeout(ctx, schemaLockTimeout)
	defer cancel()
	// Without lock_timeout the server queues the waiting nodes, and none has to poll.
	_, err = conn.ExecContext(waitCtx, `SELECT set_config('lock_timeout', '0', false)`)
	if err == nil {
		_, err = conn.ExecContext(waitCtx, `SELECT pg_advisory_lock($1)`, int64(schemaKey))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("wait for another process that migrates: %w", err), conn.Close())
	}
	return func() error {
		// The caller's context may have ended.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), defaultConnectTimeout)
		defer cancel()
		_, err := conn.ExecContext(ctx, `SELECT pg_advisory_unlock($1)`, int64(schemaKey))
		return errors.Join(err, conn.Close())
	}, nil
}

// connLifetime is how long a connection is used. A new one resolves the server's host name again.
const connLifetime = 30 * time.Minute

// prepareConn returns a callback that prepares each new connection before it is used: it checks it for a restored
// database, and reads the server's clock, since after a failover it is another server's. The callback has its own
// timeout, because database/sql opens connections for waiting callers one after the other, with a context that has no
// deadline: without the timeout, one unresponsive connection would block all callers.
func (s *store) prepareConn(timeout time.Duration) func(context.Context, *pgx.Conn) error {
	return func(ctx context.Context, c *pgx.Conn) error {
		ctx, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		err := settlePostgres(ctx, c, s.engine)
		if err == nil {
			err = s.readClock(func() (micros int64, err error) {
				err = c.QueryRow(ctx, selectClock).Scan(&micros)
				return micros, err
			})
		}
		if err != nil {
			c.Close(ctx) // database/sql does not know the connection yet
		}
		return err
	}
}

// An origin on PostgreSQL consists of the cluster, its timeline, the database and the table. A promoted replica and a
// point-in-time recovery have another timeline; after a dump is loaded, the table or the database are new. The timeline
// is taken from the current WAL file, since pg_control_checkpoint() reports it only after the next checkpoint.
const (
	originInCluster     = `(SELECT oid FROM pg_database WHERE datname = current_database()), 'blogs'::regclass::oid`
	selectOriginAndSeen = selectOrigin + `, concat_ws('/', (SELECT system_identifier FROM pg_control_system()),
		substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8), ` + originInCluster + `)`
	selectOriginAndPart = selectOrigin + `, concat_ws('/', ` + originInCluster + `)`
)

func settlePostgres(ctx context.Context, c *pgx.Conn, e engine) error {
	var recorded, seen string
	err := c.QueryRow(ctx, selectOriginAndSeen).Scan(&recorded, &seen)
	if state := sqlState(err); state == "42501" || state == "42883" || state == "0A000" {
		// Some hosting providers do not allow users to read the cluster's identity.
		err = c.QueryRow(ctx, selectOriginAndPart).Scan(&recorded, &seen)
	}
	if err != nil {
		return err
	}
	if record, _ := compareOrigins(recorded, seen); record == recorded {
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
		queryRow := func(ctx context.Context, query string, args ...any) row { return tx.QueryRow(ctx, query, args...) }
		return e.settle(ctx, seen, queryRow, exec)
	})
}

// sqlState returns the SQLSTATE code of a server's error, or "" for any other error.
func sqlState(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	return ""
}
