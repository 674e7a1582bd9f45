package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"strings"

	"readout/cmd/readout/server"
	"readout/liveblog"
	"readout/realtime"
	"readout/store"
)

// database is the flag of every command that opens the database.
type database struct {
	Database string `env:"READOUT_DATABASE" default:"${default_database}" placeholder:"URL" help:"${database}"`
}

// openedDatabase is the flags of commands that open the store, and bring its schema up to date unless told not to.
type openedDatabase struct {
	database
	Migrate bool `env:"READOUT_MIGRATE" default:"true" negatable:"" help:"${migrate_at_start}"`
}

// open opens the store.
func (d openedDatabase) open(ctx context.Context) (liveblog.Store, error) {
	if d.Migrate {
		return store.Open(ctx, d.Database)
	}
	return store.OpenMigrated(ctx, d.Database)
}

type blogCreateCommand struct {
	openedDatabase
	Slug       string `required:"" help:"The blog's name in its address: lower-case letters, digits and hyphens."`
	Title      string `required:"" help:"The blog's title."`
	Standfirst string `help:"The paragraph under the title."`
	Status     string `default:"upcoming" help:"upcoming, live, paused or ended (${default})."`
	TimeZone   string `default:"UTC" help:"The venue's time zone, for example Asia/Seoul (${default})."`
	Language   string `default:"en" help:"The language of the entries, for example en (${default})."`
	Venue      string `help:"The name of the place where the event is held."`
	Address    string `help:"The venue's postal address, on one line."`
	Setup      string `placeholder:"FILE" help:"${setup}"`
	JSON       bool   `name:"json" help:"Print the blog as JSON."`
}

// Run creates a blog and, with --setup, its setup. It checks the setup first, so a wrong one creates nothing. A server
// on the same database shows the blog at once.
func (c *blogCreateCommand) Run(ctx context.Context, io streams) error {
	setup, err := readSetup(c.Setup)
	if err != nil {
		return err
	}
	return withStore(ctx, c.openedDatabase, func(s liveblog.Store) error {
		desk := liveblog.NewDesk(s, realtime.NewLocalBroker(), liveblog.DeskOptions{})
		b, err := desk.CreateBlog(ctx, operator(), liveblog.NewBlog{
			Slug: c.Slug, Title: c.Title, Standfirst: c.Standfirst,
			Status: liveblog.BlogStatus(c.Status), TimeZone: c.TimeZone, Language: c.Language,
			Venue: c.Venue, Address: c.Address,
		})
		if err != nil {
			return err
		}
		if c.Setup != "" {
			if _, err := desk.UpdateSetup(ctx, operator(), b.Slug, setup); err != nil {
				return &liveblog.Error{
					Code:    liveblog.CodeOf(err),
					Message: "The blog " + b.Slug + " was created, but its setup was not saved.",
					Err:     err,
				}
			}
		}
		if c.JSON {
			return printJSON(io.out, blogJSON(b))
		}
		fmt.Fprintln(io.out, "/live/"+b.Slug)
		return nil
	})
}

// readSetup reads and checks a setup file. It returns an empty setup for an empty name. Its errors name the flag and
// the field of the file.
func readSetup(file string) (setup liveblog.Setup, err error) {
	if file == "" {
		return setup, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return setup, fmt.Errorf("--setup: %w", err)
	}
	if setup, err = liveblog.ParseSetup(text); err == nil {
		setup, err = setup.Checked()
	}
	if e, ok := errors.AsType[*liveblog.Error](err); ok {
		of := *e
		of.Fields = nil
		for _, f := range e.Fields {
			of.Fields = append(of.Fields, liveblog.FieldError{Field: "setup", Message: f.Field + ": " + f.Message})
		}
		err = &of
	}
	return setup, err
}

// roleFlags are the flags that give somebody a role.
type roleFlags struct {
	Role string   `required:"" help:"admin, editor, contributor or viewer."`
	Blog []string `placeholder:"SLUG" help:"A blog that the role is for; may be repeated (all blogs)."`
}

// everywhere returns the role on all blogs, if the flags give one.
func (f roleFlags) everywhere() liveblog.Role {
	if len(f.Blog) > 0 {
		return ""
	}
	return liveblog.Role(f.Role)
}

// onBlogs returns the roles on single blogs.
func (f roleFlags) onBlogs() map[string]liveblog.Role {
	on := map[string]liveblog.Role{}
	for _, slug := range f.Blog {
		on[slug] = liveblog.Role(f.Role)
	}
	return on
}

type userAddCommand struct {
	openedDatabase
	output
	Email string `required:"" help:"The address to log in with."`
	Name  string `help:"The name that bylines show. By default the part of the address before the @."`
	roleFlags
	PasswordStdin bool `help:"${password_stdin}"`
}

// Run adds a user.
func (c *userAddCommand) Run(ctx context.Context, io streams) error {
	password := rand.Text()
	if c.PasswordStdin {
		var err error
		if password, err = firstLine(io.in); err != nil {
			return err
		}
	}
	return withStore(ctx, c.openedDatabase, func(s liveblog.Store) error {
		u, err := server.NewAccounts(s).AddUser(ctx, operator(), liveblog.NewUser{
			Email: c.Email, Name: c.Name, Role: c.everywhere(), On: c.onBlogs(), Password: password,
			Generated: !c.PasswordStdin,
		})
		if err != nil {
			return err
		}
		if c.JSON {
			generated := ""
			if !c.PasswordStdin {
				generated = password
			}
			return printJSON(io.out, newUserJSON(u, generated))
		}
		fmt.Fprintf(io.out, "Added %s as %s.\n", u.Email, c.Role)
		if !c.PasswordStdin {
			fmt.Fprintln(io.out, password)
		}
		return nil
	})
}

func firstLine(r io.Reader) (string, error) {
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("reading the password: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}

func withStore(ctx context.Context, db openedDatabase, do func(liveblog.Store) error) error {
	s, err := db.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	return do(s)
}

// operator returns the actor that the audit log shows for the command line. It is an admin, because whoever can open
// the database can change everything in it anyway.
func operator() liveblog.Actor {
	name := "operator"
	if u, err := user.Current(); err == nil && u.Username != "" {
		name = u.Username
	}
	return liveblog.Actor{ID: "cli", Name: name, Role: liveblog.Admin}
}

// messageOf returns an error as the command line prints it. It names invalid fields by their flags, and adds the cause.
func messageOf(err error) string {
	e, ok := errors.AsType[*liveblog.Error](err)
	if !ok {
		return err.Error()
	}
	var parts []string
	for _, f := range e.Fields {
		parts = append(parts, fmt.Sprintf("--%s: %s", strings.ReplaceAll(f.Field, "_", "-"), f.Message))
	}
	if len(parts) == 0 {
		parts = append(parts, e.Message)
	}
	if e.Err != nil {
		parts = append(parts, e.Err.Error())
	}
	return strings.Join(parts, " ")
}
