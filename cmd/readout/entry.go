package main

import (
	"context"
	"fmt"

	"readout/liveblog"
	"readout/realtime"
)

type entryPurgeCommand struct {
	openedDatabase
	Blog     string `required:"" placeholder:"SLUG" help:"The blog's name in its address."`
	Number   int    `required:"" help:"The number of the entry."`
	Revision int    `help:"Purge this earlier revision alone. By default all of the entry, which also removes it."`
	Reason   string `required:"" help:"Why, in one sentence without the text itself. The audit keeps it."`
	JSON     bool   `name:"json" help:"Print the entry as JSON."`
}

// Run purges texts. Servers on the same database follow within seconds.
func (c *entryPurgeCommand) Run(ctx context.Context, io streams) error {
	if c.Revision < 0 {
		return liveblog.FieldErrorf(liveblog.Invalid, "revision", "A revision is 1 or higher.")
	}
	return withStore(ctx, c.openedDatabase, func(s liveblog.Store) error {
		desk := liveblog.NewDesk(s, realtime.NewLocalBroker(), liveblog.DeskOptions{})
		e, err := desk.Purge(ctx, operator(), c.Blog, c.Number, c.Revision, c.Reason)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(io.out, map[string]any{"blog": c.Blog, "number": e.Number, "revision": e.Revision,
				"status": e.Status, "purged_at": e.PurgedAt})
		}
		if c.Revision != 0 {
			fmt.Fprintf(io.out, "Revision %d of entry %d is purged.\n", c.Revision, c.Number)
			return nil
		}
		fmt.Fprintf(io.out, "Entry %d is purged.\n", c.Number)
		return nil
	})
}
