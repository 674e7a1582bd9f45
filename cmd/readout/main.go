// Command readout is a live-blog server for summit negotiations: it serves the pages, carries what editors post to
// every reader, and sets up blogs, users and tokens. `readout --help` lists its commands.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // venues' time zones, also where the machine has no database of them

	"github.com/alecthomas/kong"
)

// cli is the command line. Each flag that names a variable can be set by it; the flag wins.
type cli struct {
	Serve  serveCommand  `cmd:"" help:"Run the server."`
	Demo   demoCommand   `cmd:"" help:"Run a demonstration: a week of summit talks, with updates that arrive live."`
	Health healthCommand `cmd:"" help:"Ask the server on this machine whether it is ready; for health checks of containers."`
	Blog   struct {
		Create blogCreateCommand `cmd:"" help:"Create a blog and print its path."`
	} `cmd:"" help:"Blogs."`
	User struct {
		Add userAddCommand `cmd:"" help:"Add somebody who may log in at the desk."`
	} `cmd:"" help:"Users of the desk."`
	Token struct {
		Create tokenCreateCommand `cmd:"" help:"Create an API token and print it."`
	} `cmd:"" help:"Tokens for programs that use the API."`
	Database struct {
		Migrate  databaseMigrateCommand  `cmd:"" help:"Bring the database's tables up to date and print their version. Servers do so themselves when they start, unless told not to."`
		Backup   databaseBackupCommand   `cmd:"" help:"Copy a SQLite database to a new file while servers go on. PostgreSQL has pg_dump."`
		Restore  databaseRestoreCommand  `cmd:"" help:"Put a copy of a backup in the place of a SQLite database, while no server uses it. PostgreSQL has pg_restore."`
		Restored databaseRestoredCommand `cmd:"" help:"Have all readers load their page anew, after a database was put back by copying its file or disk. Other ways of restoring are noticed."`
	} `cmd:"" help:"The database."`
	Version versionCommand `cmd:"" help:"Print which version this is."`

	VersionFlag kong.VersionFlag `name:"version" help:"Print which version this is."`
}

// streams are what a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
}

// run is the program: it returns the exit status, 0, 1 for a command that failed, or 2 for a wrong command line.
func run(ctx context.Context, args []string, io streams) (status int) {
	var c cli
	exited := false
	parser, err := kong.New(&c, kong.Name("readout"),
		kong.Description("A live-blog server for summit negotiations."),
		kong.Vars{"version": version()}, kong.Writers(io.out, io.err), kong.Exit(func(code int) { exited, status = true, code }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(io), kong.UsageOnError())
	if err != nil {
		fmt.Fprintln(io.err, "readout:", err)
		return 1
	}
	command, err := parser.Parse(args)
	if exited {
		return status // --help or --version has been answered
	}
	if err != nil {
		fmt.Fprintf(io.err, "readout: %v\nTry `readout --help`.\n", err)
		return 2
	}
	if err := command.Run(); err != nil {
		fmt.Fprintln(io.err, "readout:", plain(err))
		return 1
	}
	return 0
}
