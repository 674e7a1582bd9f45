// Command readout is a live-blog server for summit negotiations. It serves the pages, sends what editors post to every
// reader, and creates blogs, users and tokens. `readout --help` lists its commands.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // venues' time zones, for machines without a time zone database

	"github.com/alecthomas/kong"
)

// cli is the command line. A flag with an env tag can also be set by that environment variable; the flag wins.
type cli struct {
	Serve  serveCommand  `cmd:"" help:"Run the server."`
	Demo   demoCommand   `cmd:"" help:"Run a demonstration: a week of summit talks, with updates that arrive live."`
	Health healthCommand `cmd:"" help:"Check that the server on this machine is ready, as a container's health check."`
	Blog   struct {
		List    blogListCommand    `cmd:"" help:"List the blogs."`
		Create  blogCreateCommand  `cmd:"" help:"Create a blog and print its path."`
		Archive blogArchiveCommand `cmd:"" help:"Make a blog read-only, or undo that."`
	} `cmd:"" help:"Blogs."`
	Entry struct {
		Purge entryPurgeCommand `cmd:"" help:"Delete the text of an entry, or of one of its revisions, for good."`
	} `cmd:"" help:"Entries."`
	User struct {
		Add      userAddCommand      `cmd:"" help:"Add a user who can log in at the desk."`
		List     userListCommand     `cmd:"" help:"List all users."`
		Disable  userDisableCommand  `cmd:"" help:"End a user's sessions and tokens. Entries and bylines stay."`
		Enable   userEnableCommand   `cmd:"" help:"Let a disabled user log in again."`
		Role     userRoleCommand     `cmd:"" help:"Change a user's role on all blogs, or on single ones."`
		Password userPasswordCommand `cmd:"" help:"Give a user a new password, and end their sessions."`
	} `cmd:"" help:"Users of the desk."`
	Member struct {
		List   memberListCommand   `cmd:"" help:"List the members of a blog."`
		Add    memberAddCommand    `cmd:"" help:"Give a user a role on a blog, or on all."`
		Remove memberRemoveCommand `cmd:"" help:"Take a user's role on a blog, or on all, away."`
	} `cmd:"" help:"Members of blogs."`
	Token struct {
		Create tokenCreateCommand `cmd:"" help:"Create an API token and print it."`
		List   tokenListCommand   `cmd:"" help:"List the tokens that were not revoked."`
		Revoke tokenRevokeCommand `cmd:"" help:"Revoke a token on all nodes."`
	} `cmd:"" help:"Tokens for programs that use the API."`
	Audit    auditCommand `cmd:"" help:"Print who did what, the newest line first."`
	Database struct {
		Migrate  databaseMigrateCommand  `cmd:"" help:"${migrate}"`
		Backup   databaseBackupCommand   `cmd:"" help:"${backup}"`
		Restore  databaseRestoreCommand  `cmd:"" help:"${restore}"`
		Restored databaseRestoredCommand `cmd:"" help:"${restored}"`
	} `cmd:"" help:"The database."`
	Version versionCommand `cmd:"" help:"Print the version."`

	VersionFlag kong.VersionFlag `name:"version" help:"Print the version."`
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

// run runs the program and returns its exit status: 0 for success, 1 for a failed command, 2 for a wrong command line.
func run(ctx context.Context, args []string, io streams) (status int) {
	var c cli
	exited := false
	parser, err := kong.New(&c, kong.Name("readout"),
		kong.Description("A live-blog server for summit negotiations."),
		kong.Vars{"version": version()}, helpTexts,
		kong.Writers(io.out, io.err), kong.Exit(func(code int) { exited, status = true, code }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(io), kong.UsageOnError())
	if err != nil {
		fmt.Fprintln(io.err, "readout:", err)
		return 1
	}
	command, err := parser.Parse(args)
	if exited {
		return status // kong has answered --help or --version
	}
	if err != nil {
		fmt.Fprintf(io.err, "readout: %v\nTry `readout --help`.\n", err)
		return 2
	}
	if err := command.Run(); err != nil {
		fmt.Fprintln(io.err, "readout:", messageOf(err))
		return 1
	}
	return 0
}
