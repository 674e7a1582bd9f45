package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// A database that was restored has lost part of its history, while readers hold cursors from the lost part. To notice
// this, the database records its origin: the identity of the server and table that it was written on. If the recorded
// origin differs from the present one, every blog takes a new epoch. SQLite files have no such identity, so a SQLite
// backup is marked instead: its recorded origin is backupOrigin.

const (
	selectOrigin = `SELECT coalesce((SELECT place FROM origin WHERE id = 1), '')`
	putOrigin    = `INSERT INTO origin (id, place) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET place = excluded.place`
)

// backupOrigin is the recorded origin of a SQLite backup. No database in use has it.
const backupOrigin = "backup"

// compareOrigins reports whether the recorded origin and the one seen now are the same, and returns the origin to
// record. An origin has parts, separated by slashes. A database user without the right to ask for the server's identity
// sees only the last parts. Then the origins are the same if these agree, and the longer one stays recorded, so that
// users who see different parts do not take each other's for a restore.
func compareOrigins(recorded, seen string) (record string, same bool) {
	switch {
	case recorded == seen, strings.HasSuffix(recorded, "/"+seen):
		return recorded, true
	case recorded != "" && strings.HasSuffix(seen, "/"+recorded):
		return seen, true
	}
	return seen, false
}

// settle compares the recorded origin with the one seen now, gives every blog a new epoch if they differ, and records
// the present origin. A database without a recorded origin is new and keeps its epochs.
func (e engine) settle(
	ctx context.Context, seen string,
	queryRow func(context.Context, string, ...any) row, exec func(context.Context, string, ...any) error,
) error {
	var recorded string
	if err := queryRow(ctx, selectOrigin).Scan(&recorded); err != nil {
		return err
	}
	record, same := compareOrigins(recorded, seen)
	if record == recorded {
		return nil
	}
	if recorded != "" && !same {
		if err := exec(ctx, e.renewEpochs()); err != nil {
			return err
		}
	}
	return exec(ctx, putOrigin, record)
}

// renewEpochs also moves seq and changed_at ahead of what was lost, since calendars that subscribe to an agenda, and
// others that know nothing of epochs, ignore what seems older than what they have.
func (e engine) renewEpochs() string {
	return fmt.Sprintf(`UPDATE blogs SET epoch = %s, seq = seq + %d, changed_before = changed_at,
		changed_at = %s`, e.newEpoch, epochGap,
		laterOf(e.now))
}

// epochGap is how far a new epoch moves seq: by more changes than a blog makes between two backups. The 31 bits of a
// calendar's SEQUENCE have room for two thousand of them.
const epochGap = 1_000_000

// Renew gives every blog of the database that url names a new epoch, so that readers reload the page. It is for
// restores that Readout cannot detect, such as a copied file or a disk snapshot.
func Renew(ctx context.Context, url string) error {
	s, err := open(ctx, url, keepSchema)
	if err != nil {
		return err
	}
	defer s.Close()
	_, err = update(ctx, s, "renew epochs", func(tx *sql.Tx) (none struct{}, err error) {
		_, err = tx.ExecContext(ctx, s.engine.renewEpochs())
		return none, err
	})
	return err
}

// Backup writes a snapshot of the database that url names to a new file, while writers go on. When the copy is opened,
// its blogs take new epochs. Backup is only for SQLite; PostgreSQL has pg_dump.
func Backup(ctx context.Context, url, file string) error {
	kind, target, err := parse(url)
	if err != nil {
		return err
	}
	if kind == kindPostgres {
		return errors.New("a backup of PostgreSQL is made with its own programs, for example pg_dump --format=custom")
	}
	if err := backupSQLite(ctx, target, file); err != nil {
		return fmt.Errorf("back up the database %q to %q: %w", url, file, err)
	}
	return nil
}
