package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
)

// migrations is the schema as a series of numbered steps. Never edit a step that has been released; add another one.
// The steps are in SQL that all engines share. A step that cannot be has one file for each engine, in the engine's
// directory, and Go code that runs it.
//
//go:embed migrations
var migrations embed.FS

// versionTable records which steps have been applied to a database.
const versionTable = "schema_version"

// schemaPolicy is what opening a database may do to its schema.
type schemaPolicy bool

const (
	bringUp    schemaPolicy = true  // migrate it to the version that this program needs
	keepSchema schemaPolicy = false // refuse any other version
)

// Migrate brings the schema of the database that url names up to date and returns its version.
func Migrate(ctx context.Context, url string) (version int64, err error) {
	s, err := open(ctx, url, bringUp)
	if err != nil {
		return 0, err
	}
	defer s.Close()
	version, err = schemaVersion(ctx, s.write)
	if err != nil {
		return 0, s.failure(ctx, "read the schema's version", err)
	}
	return version, nil
}

// prepareSchema brings the schema up to date or, with keepSchema, refuses one that is not. Created reports whether the
// database was empty.
func prepareSchema(ctx context.Context, db *sql.DB, e engine, policy schemaPolicy) (created bool, err error) {
	if policy == keepSchema {
		return false, requireSchema(ctx, db, e)
	}
	before, err := findVersion(ctx, db, e)
	if err != nil {
		return false, err
	}
	return before == 0, migrate(ctx, db, e)
}

// requireSchema refuses a schema of any version but the one that this program needs. It changes nothing.
func requireSchema(ctx context.Context, db *sql.DB, e engine) error {
	version, err := findVersion(ctx, db, e)
	if err != nil {
		return err
	}
	known, err := knownVersion()
	if err != nil {
		return err
	}
	switch {
	case version > known:
		return newerSchema(version, known)
	case version < known:
		return fmt.Errorf("the database is at schema %d, this binary needs %d; run `readout database migrate` first",
			version, known)
	}
	return nil
}

// migrate brings the schema up to date. It refuses a database that a newer program has migrated, and one that
// belongs to another program.
func migrate(ctx context.Context, db *sql.DB, e engine) (err error) {
	known, err := knownVersion()
	if err != nil {
		return err
	}
	if version, err := findVersion(ctx, db, e); err != nil || version == known {
		return err
	}
	if e.lockSchema != nil {
		unlock, e := e.lockSchema(ctx, db)
		if e != nil {
			return e
		}
		defer func() { err = errors.Join(err, unlock()) }()
	}
	steps, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(e.dialect, db, steps,
		goose.WithTableName(versionTable), goose.WithGoMigrations(searchSteps(e)...),
		goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return err
	}
	for {
		before, err := findVersion(ctx, db, e)
		if err != nil {
			return err
		}
		if before > known {
			return newerSchema(before, known)
		}
		_, err = p.Up(ctx)
		if err == nil {
			return nil
		}
		// Without a lock another process may migrate at the same time, and a step may fail because that process has
		// applied it already. Try again as long as the version increases.
		if after, e := findVersion(ctx, db, e); e != nil || after <= before {
			return fmt.Errorf("bring the schema up to date: %w", err)
		}
	}
}

func newerSchema(found, known int64) error {
	return fmt.Errorf("the database is at schema %d, this binary knows up to %d; use a newer binary", found, known)
}

// findVersion returns the version of the schema, which is 0 for an empty database. It refuses a database that contains
// only another program's tables.
func findVersion(ctx context.Context, db *sql.DB, e engine) (int64, error) {
	var tables, ours int
	if err := db.QueryRowContext(ctx, e.countTables, versionTable).Scan(&tables, &ours); err != nil {
		return 0, fmt.Errorf("read the schema's version: %w", err)
	}
	switch {
	case tables == 0:
		return 0, nil
	case ours == 0:
		return 0, errAnotherProgram
	}
	version, err := schemaVersion(ctx, db)
	if err != nil {
		return 0, fmt.Errorf("read the schema's version: %w", err)
	}
	return version, nil
}

var errAnotherProgram = errors.New("it is a database of another program")

func schemaVersion(ctx context.Context, db *sql.DB) (version int64, err error) {
	err = db.QueryRowContext(ctx, `SELECT coalesce(max(version_id), 0) FROM `+versionTable).Scan(&version)
	return version, err
}

// knownVersion returns the number of the last step.
func knownVersion() (last int64, err error) {
	err = fs.WalkDir(migrations, "migrations", func(name string, f fs.DirEntry, err error) error {
		if err != nil || f.IsDir() {
			return err
		}
		number, _, _ := strings.Cut(f.Name(), "_")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return fmt.Errorf("the schema's step %s: %w", f.Name(), err)
		}
		last = max(last, n)
		return nil
	})
	return last, err
}
