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
	File string `arg:"" help:"Where the copy goes. There must be no such file yet."`
}

// Run copies a SQLite database while a server may use it, and prints the path of the copy.
func (c *databaseBackupCommand) Run(ctx context.Context, io streams) error {
	if err := store.Backup(ctx, c.Database, c.File); err != nil {
		return err
	}
	fmt.Fprintln(io.out, c.File)
	return nil
}

type databaseRestoreCommand struct {
	database
	File string `arg:"" help:"The backup. It stays as it is."`
}

// Run puts a copy of a backup in the place of a SQLite database that nobody uses.
func (c *databaseRestoreCommand) Run(ctx context.Context, io streams) error {
	if err := store.Restore(ctx, c.Database, c.File); err != nil {
		return err
	}
	fmt.Fprintln(io.out, "The database is that of the backup. All readers will load their page anew.")
	return nil
}

type databaseRestoredCommand struct{ database }

// Run has all readers load their page anew.
func (c *databaseRestoredCommand) Run(ctx context.Context, io streams) error {
	if err := store.Renew(ctx, c.Database); err != nil {
		return err
	}
	fmt.Fprintln(io.out, "All readers will load their page anew.")
	return nil
}
