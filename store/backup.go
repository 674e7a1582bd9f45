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

// backupSQLite copies a database to a new file. The file appears only when the copy is complete.
func backupSQLite(ctx context.Context, database, file string) (err error) {
	from, err := sqlitePath(database)
	if err != nil {
		return err
	}
	to, err := sqlitePath(file)
	if err != nil {
		return fmt.Errorf("the backup file: %w", err)
	}
	if _, err := os.Lstat(to); err == nil {
		return errors.New("the file already exists; name a new one for the backup")
	} else if !errors.Is(err, fs.ErrNotExist) {
		return plainPathError(err)
	}
	dir, err := os.MkdirTemp(filepath.Dir(to), ".readout-backup-") // readable only by its owner
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
	// Unlike a rename, a link does not replace a file that was created in the meantime.
	if err := os.Link(made, to); err != nil {
		return plainPathError(err)
	}
	return syncFile(filepath.Dir(to))
}

// vacuumSQLite copies a snapshot of a database. With keepSchema it refuses a database whose schema is not up to date;
// with bringUp it accepts older ones too.
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

// requireAnySchema refuses a database without Readout's tables.
func requireAnySchema(ctx context.Context, db *sql.DB) error {
	version, err := findVersion(ctx, db, sqliteEngine())
	if err == nil && version == 0 {
		return errors.New("it is empty")
	}
	return err
}

// finishCopy marks a copy as a backup, makes it readable only by its owner, and syncs it to disk.
func finishCopy(ctx context.Context, made string) error {
	if err := markSQLite(ctx, made); err != nil {
		return err
	}
	if err := os.Chmod(made, 0o600); err != nil {
		return err
	}
	return syncFile(made)
}

// markSQLite marks a copy as a backup, so that its blogs take new epochs when it is opened.
func markSQLite(ctx context.Context, path string) error {
	db, err := connectSQLite(path, 1, url.Values{"_pragma": {"synchronous(FULL)"}, "mode": {"rw"}})
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, putOrigin, backupOrigin)
	return errors.Join(err, db.Close())
}

// syncFile waits until a file, or the listing of a directory, is on disk.
func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// plainPathError returns the cause without the path, which the message contains already.
func plainPathError(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.Err
	}
	return err
}
