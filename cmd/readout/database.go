package main

import (
	"context"
	"fmt"

	"readout/store"
)

type databaseMigrateCommand struct{ database }

// Run brings the schema up to date and prints its version.
func (c *databaseMigrateCommand) Run(ctx context.Context, io streams) error {
	version, err := store.Migrate(ctx, c.Database)
	if err != nil {
		return err
	}
	fmt.Fprintf(io.out, "The database is at schema %d.\n", version)
	return nil
}

type databaseBackupCommand struct {
	database
	File string `arg:"" help:"Where to write the copy. The file must not exist."`
}

// Run copies a SQLite database and prints the path of the copy. Servers may use the database meanwhile.
func (c *databaseBackupCommand) Run(ctx context.Context, io streams) error {
	if err := store.Backup(ctx, c.Database, c.File); err != nil {
		return err
	}
	fmt.Fprintln(io.out, c.File)
	return nil
}

type databaseRestoreCommand struct {
	database
	File string `arg:"" help:"The backup to copy. It is not changed."`
}

// Run replaces a SQLite database, which no server may use meanwhile, with a copy of a backup.
func (c *databaseRestoreCommand) Run(ctx context.Context, io streams) error {
	if err := store.Restore(ctx, c.Database, c.File); err != nil {
		return err
	}
	fmt.Fprintln(io.out, "The database has been restored from the backup. All readers will reload their page.")
	return nil
}

type databaseRestoredCommand struct{ database }

// Run gives every blog a new epoch, so that all readers reload their page.
func (c *databaseRestoredCommand) Run(ctx context.Context, io streams) error {
	if err := store.Renew(ctx, c.Database); err != nil {
		return err
	}
	fmt.Fprintln(io.out, "All readers will reload their page.")
	return nil
}
