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

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Restore puts a copy of file, a backup or another SQLite database of ours, in the place of the database that url
// names, which need not be there. The copy is brought up to date and has new epochs once it is opened. A database
// that somebody has open is refused; whatever fails, the database is the old one or the new one. It is for SQLite;
// PostgreSQL has pg_restore.
func Restore(ctx context.Context, url, file string) error {
	kind, place, err := parse(url)
	if err != nil {
		return err
	}
	if kind == kindPostgres {
		return errors.New("PostgreSQL is restored with its own programs, for example pg_restore into a new database")
	}
	if err := restoreSQLite(ctx, place, file); err != nil {
		return fmt.Errorf("restore the database %q from %q: %w", url, file, err)
	}
	return nil
}

func restoreSQLite(ctx context.Context, database, file string) (err error) {
	to, err := sqlitePath(database)
	if err != nil {
		return err
	}
	from, err := sqlitePath(file)
	if err != nil {
		return fmt.Errorf("the backup: %w", err)
	}
	// The write-ahead log stands beside what a link points to.
	if there, err := filepath.EvalSymlinks(to); err == nil {
		to = there
	} else if !errors.Is(err, fs.ErrNotExist) {
		return plainPathError(err)
	}
	backup, err := os.Stat(from)
	if err != nil {
		return fmt.Errorf("the backup: %w", plainPathError(err))
	}
	if old, err := os.Stat(to); err == nil && os.SameFile(old, backup) {
		return errors.New("the backup is the database itself")
	}
	dir, err := os.MkdirTemp(filepath.Dir(to), ".readout-restore-") // open only to its owner
	if err != nil {
		return plainPathError(err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	made := filepath.Join(dir, "restored.db")
	if err := prepareRestored(ctx, from, made); err != nil {
		return fmt.Errorf("the backup: %w", explainSQLite(from, err))
	}
	free, err := seizeSQLite(ctx, to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, free()) }()
	// What a killed process has left beside the old file would be replayed into the new one. The old one is whole
	// without, since it was folded in.
	for _, suffix := range []string{"-wal", "-shm", "-journal"} {
		if err := os.Remove(to + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return plainPathError(err)
		}
	}
	if err := os.Rename(made, to); err != nil {
		return plainPathError(err)
	}
	return syncFile(filepath.Dir(to))
}

// prepareRestored makes a copy that can be put in place, whatever the age of the backup.
func prepareRestored(ctx context.Context, from, made string) error {
	if err := vacuumSQLite(ctx, from, made, bringUp); err != nil {
		return err
	}
	db, err := connectSQLite(made, 1, url.Values{"_pragma": {"synchronous(FULL)", "foreign_keys(1)"}, "mode": {"rw"}, "_txlock": {"immediate"}})
	if err != nil {
		return err
	}
	if err := errors.Join(migrate(ctx, db, sqliteEngine()), db.Close()); err != nil {
		return err
	}
	return finishCopy(ctx, made)
}

// seizeSQLite keeps everybody else from a database until free is called. It refuses one that somebody has open. Where
// there is no file there is nothing to do.
func seizeSQLite(ctx context.Context, path string) (free func() error, err error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return func() error { return nil }, nil
	} else if err != nil {
		return nil, plainPathError(err)
	}
	db, err := connectSQLite(path, 1, url.Values{"_pragma": {"busy_timeout(1000)", "locking_mode(EXCLUSIVE)"}, "mode": {"rw"}})
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.Close())
		}
	}()
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, explainSeizure(path, err)
	}
	// To leave write-ahead mode takes that nobody else is there, and folds the log in.
	for _, step := range []string{`PRAGMA journal_mode = DELETE`, `BEGIN EXCLUSIVE`} {
		if _, err := conn.ExecContext(ctx, step); err != nil {
			return nil, explainSeizure(path, errors.Join(err, conn.Close()))
		}
	}
	return func() error { return closeSeized(conn, db) }, nil
}

// closeSeized ends the connection, and with it the transaction, which has changed nothing.
func closeSeized(conn *sql.Conn, db *sql.DB) error {
	_, err := conn.ExecContext(context.Background(), `ROLLBACK`)
	return errors.Join(err, conn.Close(), db.Close())
}

// explainSeizure says why the database cannot be replaced as it is.
func explainSeizure(path string, err error) error {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		switch e.Code() & 0xff {
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
			return errors.New("a server or another program has it open; stop that first")
		case sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
			return errors.New("what is there is damaged, or no database: nobody can tell whether it is in use; move it away first")
		}
	}
	return explainSQLite(path, err)
}
