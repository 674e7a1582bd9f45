package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
)

// backupSQLite copies a database to a new file, which is there whole or not at all.
func backupSQLite(ctx context.Context, database, file string) (err error) {
	from, err := sqlitePath(database)
	if err != nil {
		return err
	}
	to, err := sqlitePath(file)
	if err != nil {
		return fmt.Errorf("the file of the backup: %w", err)
	}
	if _, err := os.Lstat(to); err == nil {
		return errors.New("the file is there already; a backup goes to a new one")
	} else if !errors.Is(err, fs.ErrNotExist) {
		return plainPathError(err)
	}
	dir, err := os.MkdirTemp(filepath.Dir(to), ".readout-backup-") // open to its owner alone
	if err != nil {
		return plainPathError(err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	made := filepath.Join(dir, "backup.db")
	if err := copySQLite(ctx, from, made); err != nil {
		return explainSQLite(from, err)
	}
	if err := markSQLite(ctx, made); err != nil {
		return err
	}
	if err := os.Chmod(made, 0o600); err != nil {
		return err
	}
	if err := syncFile(made); err != nil {
		return err
	}
	// A link, unlike a rename, does not replace a file that has come to be there meanwhile.
	if err := os.Link(made, to); err != nil {
		return plainPathError(err)
	}
	return syncFile(filepath.Dir(to))
}

func copySQLite(ctx context.Context, from, to string) error {
	if err := prepareSQLite(ctx, from, keepSchema); err != nil {
		return err
	}
	db, err := connectSQLite(from, 1, url.Values{"_pragma": {"busy_timeout(5000)"}, "mode": {"rw"}})
	if err != nil {
		return err
	}
	defer db.Close()
	if err := requireSchema(ctx, db, sqliteEngine()); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `VACUUM INTO $1`, to)
	return err
}

// markSQLite notes in a copy that it is one.
func markSQLite(ctx context.Context, path string) error {
	db, err := connectSQLite(path, 1, url.Values{"_pragma": {"synchronous(FULL)"}, "mode": {"rw"}})
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, putPlace, backupPlace)
	return errors.Join(err, db.Close())
}

// syncFile waits until a file, or what a directory lists, is on the disk.
func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// plainPathError leaves out the path, which the message names already.
func plainPathError(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.Err
	}
	return err
}
