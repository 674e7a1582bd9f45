package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
	"unicode"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"readout/liveblog"
)

// sqliteEngine returns the engine for SQLite in write-ahead mode: one connection writes, while readers see the last
// commit. A write transaction begins by taking the database's only write lock, so rows need no locks.
func sqliteEngine() engine {
	return engine{
		dialect:     goose.DialectSQLite3,
		steps:       kindSQLite,
		countTables: `SELECT count(*), count(*) FILTER (WHERE name = $1) FROM sqlite_schema`,
		newEpoch:    `lower(hex(randomblob(6)))`,
		now:         `CAST(unixepoch('subsec') * 1000000 AS INTEGER)`,
		classify:    classifySQLite,
		words:       sqliteWords(),
		dropCopies:  emptyLog,
	}
}

// emptyLog moves the write-ahead log into the database's file and empties it, since it has pages as they were before. It
// is in vain while somebody reads an older snapshot; the log is then overwritten later.
func emptyLog(ctx context.Context, db *sql.DB) {
	_, _ = db.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`)
}

// openTimeout is how long opening a database is retried while other processes keep it busy. busy_timeout makes each
// statement wait as well, but not while another process creates or removes the write-ahead log: then SQLite fails at
// once, and opening must be retried from the beginning.
const openTimeout = 5 * time.Second

func openSQLite(ctx context.Context, file string, policy schemaPolicy) (*store, error) {
	path, err := sqlitePath(file)
	if err != nil {
		return nil, err
	}
	timeout := time.NewTimer(openTimeout)
	defer timeout.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		s, err := tryOpenSQLite(ctx, path, policy)
		e, ok := errors.AsType[*sqlite.Error](err)
		if !ok || e.Code()&0xff != sqlite3.SQLITE_BUSY {
			return s, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-timeout.C:
			return nil, err
		case <-tick.C:
		}
	}
}

func tryOpenSQLite(ctx context.Context, path string, policy schemaPolicy) (s *store, err error) {
	if err := prepareSQLite(ctx, path, policy); err != nil {
		return nil, explainSQLite(path, err)
	}
	s = newStore(sqliteEngine())
	s.name = kindSQLite + ":" + path
	if s.write, err = connectSQLite(path, 1, url.Values{
		// With FULL a commit survives a power failure, not only the end of the process.
		// With secure_delete, what a write deletes or replaces is overwritten; it does not stay in free parts of the
		// file.
		"_pragma": {"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)",
			"secure_delete(1)"},
		"_txlock": {"immediate"},
	}); err != nil {
		return nil, err
	}
	if s.read, err = connectSQLite(path, max(4, runtime.GOMAXPROCS(0)), url.Values{
		"_pragma": {"busy_timeout(5000)", "query_only(1)"},
		"mode":    {"ro"},
	}); err != nil {
		return nil, errors.Join(err, s.write.Close())
	}
	if err := s.checkSQLite(ctx, policy); err != nil {
		s.read.Close()
		s.write.Close()
		return nil, explainSQLite(path, err)
	}
	return s, nil
}

func (s *store) checkSQLite(ctx context.Context, policy schemaPolicy) (err error) {
	var mode string
	if err := s.write.QueryRowContext(ctx, `PRAGMA journal_mode`).Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("its file system does not allow write-ahead logging (the journal mode stays %q)", mode)
	}
	if s.created, err = prepareSchema(ctx, s.write, s.engine, policy); err != nil {
		return err
	}
	if err := s.settleSQLite(ctx); err != nil {
		return err
	}
	return s.read.PingContext(ctx)
}

// settleSQLite turns a backup into a database in use: its blogs take new epochs.
func (s *store) settleSQLite(ctx context.Context) error {
	var recorded string
	if err := s.write.QueryRowContext(ctx, selectOrigin).Scan(&recorded); err != nil || recorded == "" {
		return err
	}
	_, err := update(ctx, s, "renew epochs", func(tx *sql.Tx) (none struct{}, err error) {
		return none, s.engine.settle(ctx, "",
			func(ctx context.Context, query string, args ...any) row {
				return tx.QueryRowContext(ctx, query, args...)
			},
			func(ctx context.Context, query string, args ...any) error {
				_, err := tx.ExecContext(ctx, query, args...)
				return err
			})
	})
	return err
}

// sqlitePath returns the absolute path for the part of a URL after "sqlite:".
func sqlitePath(file string) (string, error) {
	switch {
	case file == "":
		return "", errors.New("it names no file")
	case file == ":memory:":
		return "", errors.New("a database in memory is not supported; name a file")
	case strings.HasPrefix(file, "//") && !strings.HasPrefix(file, "///"):
		return "", errors.New("write the path directly after the colon, without //")
	case strings.ContainsFunc(file, unicode.IsControl):
		return "", errors.New("the path holds a control character")
	}
	return filepath.Abs(file)
}

// prepareSQLite checks that path is a new file or a database of Readout before anything is changed. It makes a new file
// readable only by its owner, since it will contain password hashes.
func prepareSQLite(ctx context.Context, path string, policy schemaPolicy) error {
	_, err := os.Stat(path)
	isNew := errors.Is(err, fs.ErrNotExist)
	if isNew && policy == keepSchema {
		return errors.New("there is no such file; `readout database migrate` makes one")
	}
	db, err := connectSQLite(path, 1, url.Values{"_pragma": {"busy_timeout(5000)", "query_only(1)"}})
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := findVersion(ctx, db, sqliteEngine()); err != nil {
		return err
	}
	if isNew {
		return os.Chmod(path, 0o600)
	}
	return nil
}

// connectSQLite returns a pool of at most n connections. It opens none of them.
func connectSQLite(path string, n int, params url.Values) (*sql.DB, error) {
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // a Windows path with a drive letter
	}
	dsn := url.URL{Scheme: "file", Path: slashed, RawQuery: params.Encode()}
	c, err := sqlite.NewConnector(dsn.String())
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	return db, nil
}

// classifySQLite returns the code for an error of the driver.
func classifySQLite(err error) liveblog.Code {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return liveblog.Internal
	}
	switch e.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return liveblog.Conflict
	}
	switch e.Code() & 0xff { // the primary result code
	case sqlite3.SQLITE_FULL:
		return liveblog.DiskFull
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM,
		sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_PROTOCOL,
		sqlite3.SQLITE_INTERRUPT:
		return liveblog.Unavailable
	}
	return liveblog.Internal
}

// explainSQLite returns an error that tells operators why the file at path cannot be used.
func explainSQLite(path string, err error) error {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return err
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("the file is not a SQLite database: %w", err)
	case sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("the database is damaged: %w", err)
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		if _, err := os.Stat(filepath.Dir(path)); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("the directory %s does not exist", filepath.Dir(path))
		}
		// SQLite does not report the reason, so ask the operating system. No connection has the file open now;
		// otherwise closing the file here would release that connection's locks.
		f, reason := os.OpenFile(path, os.O_RDWR, 0)
		if reason == nil {
			f.Close()
			return err
		}
		if p, ok := errors.AsType[*fs.PathError](reason); ok {
			reason = p.Err
		}
		return reason
	}
	return err
}
