package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// A database that was restored has lost some of its history, and readers hold cursors of what was lost. So what the
// data belongs to is kept beside the data: where the two differ, every blog takes a new epoch. PostgreSQL tells by
// its server's identity; a SQLite backup carries a mark instead, since one file is like another.

const (
	selectPlace = `SELECT coalesce((SELECT place FROM origin WHERE id = 1), '')`
	putPlace    = `INSERT INTO origin (id, place) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET place = excluded.place`
)

// backupPlace is where a SQLite backup belongs; no database in use does.
const backupPlace = "backup"

// join compares where data belongs with where it is seen. A user who may not ask for the server's identity sees the
// end of a place only: that is the same place, and known is the more telling of the two, so that users who see
// different parts of it do not take each other's for a restore. Parts are divided by slashes.
func join(belongs, seen string) (known string, same bool) {
	switch {
	case belongs == seen, strings.HasSuffix(belongs, "/"+seen):
		return belongs, true
	case belongs != "" && strings.HasSuffix(seen, "/"+belongs):
		return seen, true
	}
	return seen, false
}

// settle gives new epochs to data that belongs elsewhere than place, where it then belongs. Data that belongs
// nowhere yet is new.
func (e engine) settle(ctx context.Context, place string, queryRow func(context.Context, string, ...any) row, exec func(context.Context, string, ...any) error) error {
	var was string
	if err := queryRow(ctx, selectPlace).Scan(&was); err != nil {
		return err
	}
	place, same := join(was, place)
	if place == was {
		return nil
	}
	if was != "" && !same {
		if err := exec(ctx, e.renewEpochs()); err != nil {
			return err
		}
	}
	return exec(ctx, putPlace, place)
}

func (e engine) renewEpochs() string { return `UPDATE blogs SET epoch = ` + e.newEpoch }

// Renew gives every blog of the database that url names a new epoch, so that readers load their page anew. It is for
// a database that was restored in a way that cannot be recognised: a copy of its file, a snapshot of its disk.
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

// Backup writes a copy of the database that url names, as it is at one moment, to a new file. Writers go on
// meanwhile. Whoever opens the copy has new epochs. It is for SQLite; PostgreSQL has pg_dump.
func Backup(ctx context.Context, url, file string) error {
	kind, place, err := parse(url)
	if err != nil {
		return err
	}
	if kind == kindPostgres {
		return errors.New("a backup of PostgreSQL is made with its own programs, for example pg_dump --format=custom")
	}
	if err := backupSQLite(ctx, place, file); err != nil {
		return fmt.Errorf("back up the database %q to %q: %w", url, file, err)
	}
	return nil
}
