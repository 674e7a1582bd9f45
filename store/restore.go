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

// Restore replaces the database that url names, or creates it, with a copy of file, which is a backup or another SQLite
// database of Readout. The copy's schema is brought up to date, and its blogs take new epochs when it is opened.
// Restore fails if another process has the database open. If it fails, the database is either the old one or the new
// one, and complete. It is only for SQLite; PostgreSQL has pg_restore.
func Restore(ctx context.Context, url, file string) error {
	kind, target, err := parse(url)
	if err != nil {
		return err
	}
	if kind == kindPostgres {
		return errors.New("PostgreSQL is restored with its own programs, for example pg_restore into a new database")
	}
	if err := restoreSQLite(ctx, target, file); err != nil {
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
	// SQLite keeps the write-ahead log next to the file that a symbolic link points to.
	if resolved, err := filepath.EvalSymlinks(to); err == nil {
		to = resolved
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
	dir, err := os.MkdirTemp(filepath.Dir(to), ".readout-restore-") // readable only by its owner
	if err != nil {
		return plainPathError(err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	made := filepath.Join(dir, "restored.db")
	if err := prepareRestored(ctx, from, made); err != nil {
		return fmt.Errorf("the backup: %w", explainSQLite(from, err))
	}
	release, err := lockSQLite(ctx, to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	// SQLite would replay a log that a killed process has left next to the old file into the new one. The old file no
	// longer needs it: lockSQLite has merged it.
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

// prepareRestored copies a backup, which may have an older schema, and brings the copy up to date.
func prepareRestored(ctx context.Context, from, made string) error {
	if err := vacuumSQLite(ctx, from, made, bringUp); err != nil {
		return err
	}
	db, err := connectSQLite(made, 1, url.Values{
		"_pragma": {"synchronous(FULL)", "foreign_keys(1)"},
		"mode":    {"rw"},
		"_txlock": {"immediate"},
	})
	if err != nil {
		return err
	}
	if err := errors.Join(migrate(ctx, db, sqliteEngine()), db.Close()); err != nil {
		return err
	}
	return finishCopy(ctx, made)
}

// lockSQLite locks a database exclusively until release is called. It fails if another process has the database open.
// If the file does not exist, it does nothing.
func lockSQLite(ctx context.Context, path string) (release func() error, err error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return func() error { return nil }, nil
	} else if err != nil {
		return nil, plainPathError(err)
	}
	db, err := connectSQLite(path, 1, url.Values{
		"_pragma": {"busy_timeout(1000)", "locking_mode(EXCLUSIVE)"},
		"mode":    {"rw"},
	})
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
		return nil, explainLock(path, err)
	}
	// Leaving write-ahead mode needs that no other process has the database open, and merges the log into the file.
	for _, step := range []string{`PRAGMA journal_mode = DELETE`, `BEGIN EXCLUSIVE`} {
		if _, err := conn.ExecContext(ctx, step); err != nil {
			return nil, explainLock(path, errors.Join(err, conn.Close()))
		}
	}
	return func() error { return closeLocked(conn, db) }, nil
}

// closeLocked ends the transaction of lockSQLite, which has changed nothing, and the connection.
func closeLocked(conn *sql.Conn, db *sql.DB) error {
	_, err := conn.ExecContext(context.Background(), `ROLLBACK`)
	return errors.Join(err, conn.Close(), db.Close())
}

// explainLock returns an error that says why the database cannot be replaced.
func explainLock(path string, err error) error {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		switch e.Code() & 0xff {
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
			return errors.New("a server or another program has it open; stop that first")
		case sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
			return errors.New("the existing file is damaged or no database, " +
				"so Readout cannot tell whether it is in use; move it away first")
		}
	}
	return explainSQLite(path, err)
}
