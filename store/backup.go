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
	dir, err := os.MkdirTemp(filepath.Dir(to), ".readout-backup-") // open only to its owner
	if err != nil {
		return plainPathError(err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	made := filepath.Join(dir, "backup.db")
	if err := vacuumSQLite(ctx, from, made, keepSchema); err != nil {
		return explainSQLite(from, err)
	}
	if err := finishCopy(ctx, made); err != nil {
		return err
	}
	// A link, unlike a rename, does not replace a file that has come to be there meanwhile.
	if err := os.Link(made, to); err != nil {
		return plainPathError(err)
	}
	return syncFile(filepath.Dir(to))
}

// vacuumSQLite copies a database as it is at one moment. With keepSchema it refuses one that is not up to date; else
// an older one is taken as well.
func vacuumSQLite(ctx context.Context, from, to string, policy schemaPolicy) error {
	if err := prepareSQLite(ctx, from, keepSchema); err != nil {
		return err
	}
	db, err := connectSQLite(from, 1, url.Values{"_pragma": {"busy_timeout(5000)"}, "mode": {"rw"}})
	if err != nil {
		return err
	}
	defer db.Close()
	if policy == keepSchema {
		err = requireSchema(ctx, db, sqliteEngine())
	} else {
		err = requireAnySchema(ctx, db)
	}
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `VACUUM INTO $1`, to)
	return err
}

// requireAnySchema refuses a database without tables of ours.
func requireAnySchema(ctx context.Context, db *sql.DB) error {
	version, err := findVersion(ctx, db, sqliteEngine())
	if err == nil && version == 0 {
		return errors.New("it holds nothing")
	}
	return err
}

// finishCopy makes a copy one that begins anew, open only to its owner, and safe on the disk.
func finishCopy(ctx context.Context, made string) error {
	if err := markSQLite(ctx, made); err != nil {
		return err
	}
	if err := os.Chmod(made, 0o600); err != nil {
		return err
	}
	return syncFile(made)
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
