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

// sqliteEngine is SQLite in write-ahead mode: one connection writes, and readers see the last commit meanwhile.
// A transaction of the writer begins by taking the only write lock, so a row needs none of its own.
func sqliteEngine() engine {
	return engine{
		dialect:     goose.DialectSQLite3,
		steps:       kindSQLite,
		countTables: `SELECT count(*), count(*) FILTER (WHERE name = $1) FROM sqlite_schema`,
		newEpoch:    `lower(hex(randomblob(6)))`,
		classify:    classifySQLite,
		words:       sqliteWords(),
	}
}

// busyPatience is how long a database that others keep busy is waited for while it is opened. Each statement waits
// that long by itself, but not where another process makes or unmakes the write-ahead log: SQLite then gives up at
// once, and the whole is tried again.
const busyPatience = 5 * time.Second

func openSQLite(ctx context.Context, file string, policy schemaPolicy) (*store, error) {
	path, err := sqlitePath(file)
	if err != nil {
		return nil, err
	}
	limit := time.NewTimer(busyPatience)
	defer limit.Stop()
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
		case <-limit.C:
			return nil, err
		case <-tick.C:
		}
	}
}

func tryOpenSQLite(ctx context.Context, path string, policy schemaPolicy) (s *store, err error) {
	if err := prepareSQLite(ctx, path, policy); err != nil {
		return nil, explainSQLite(path, err)
	}
	s = &store{engine: sqliteEngine(), folds: newFolds()}
	if s.write, err = connectSQLite(path, 1, url.Values{
		// FULL makes a commit survive the loss of power, not only the end of the process.
		"_pragma": {"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)"},
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

func (s *store) checkSQLite(ctx context.Context, policy schemaPolicy) error {
	var mode string
	if err := s.write.QueryRowContext(ctx, `PRAGMA journal_mode`).Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("its file system does not allow write-ahead logging (the journal mode stays %q)", mode)
	}
	if err := prepareSchema(ctx, s.write, s.engine, policy); err != nil {
		return err
	}
	if err := s.settleSQLite(ctx); err != nil {
		return err
	}
	return s.read.PingContext(ctx)
}

// settleSQLite makes a backup the database in use.
func (s *store) settleSQLite(ctx context.Context) error {
	var was string
	if err := s.write.QueryRowContext(ctx, selectPlace).Scan(&was); err != nil || was == "" {
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

// sqlitePath returns the absolute path that the part behind "sqlite:" means.
func sqlitePath(file string) (string, error) {
	switch {
	case file == "":
		return "", errors.New("it names no file")
	case file == ":memory:":
		return "", errors.New("a database in memory is not supported; name a file")
	case strings.HasPrefix(file, "//") && !strings.HasPrefix(file, "///"):
		return "", errors.New("write the path right behind the colon, without //")
	case strings.ContainsFunc(file, unicode.IsControl):
		return "", errors.New("the path holds a control character")
	}
	return filepath.Abs(file)
}

// prepareSQLite looks at what is at path before anything of it is changed: nothing, or a database of ours. It makes
// a new file readable only by its owner, since it will hold the hashes of passwords.
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

// connectSQLite returns a pool of at most n connections. It opens none.
func connectSQLite(path string, n int, params url.Values) (*sql.DB, error) {
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // a path with a drive letter
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

// classifySQLite tells what an error of the driver means to who asked.
func classifySQLite(err error) liveblog.Code {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return liveblog.Internal
	}
	switch e.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return liveblog.Conflict
	}
	switch e.Code() & 0xff { // without the extension that tells the details
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM,
		sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_INTERRUPT:
		return liveblog.Unavailable
	}
	return liveblog.Internal
}

// explainSQLite says in plain words why the file at path cannot be used.
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
		// SQLite says only that it cannot; the system says why. No connection of ours has the file open, so closing
		// it here drops no lock.
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
