package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

// The schema, as a series of numbered steps. A step that has been released is never edited: what it should have
// been is the next one. The steps are in the SQL that every engine takes; one that cannot be goes to a directory
// of its engine, under the same number.
//
//go:embed migrations/*.sql
var migrations embed.FS

// versionTable says which steps a database has had.
const versionTable = "schema_version"

// migrate brings the schema up to date. It refuses a database that a newer program has migrated.
func migrate(ctx context.Context, db *sql.DB, dialect goose.Dialect) error {
	steps, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(dialect, db, steps, goose.WithTableName(versionTable),
		goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return err
	}
	for {
		before, known, err := p.GetVersions(ctx)
		if err != nil {
			return fmt.Errorf("read the schema's version: %w", err)
		}
		if before > known {
			return fmt.Errorf("the database is at schema %d, this binary knows up to %d; use a newer binary", before, known)
		}
		_, err = p.Up(ctx)
		if err == nil {
			return nil
		}
		// Another process may be migrating at the same time, and then a step fails because it is already done.
		// As long as the database gets ahead, whoever does it, going on is right.
		if after, _, e := p.GetVersions(ctx); e != nil || after <= before {
			return fmt.Errorf("bring the schema up to date: %w", err)
		}
	}
}
