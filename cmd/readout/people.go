package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"readout/cmd/readout/server"
	"readout/liveblog"
)

// output is the flag of commands that print for people or for programs.
type output struct {
	JSON bool `name:"json" help:"Print JSON, for programs."`
}

// print prints v as JSON if the flag is set, and otherwise the line, if there is one.
func (o output) print(io streams, v any, format string, args ...any) error {
	if o.JSON {
		return printJSON(io.out, v)
	}
	_, err := fmt.Fprintf(io.out, format, args...)
	return err
}

// userJSON is a user as programs read it.
type userJSON struct {
	ID        string                   `json:"id"`
	Email     string                   `json:"email"`
	Name      string                   `json:"name"`
	Role      liveblog.Role            `json:"role,omitempty"`  // on all blogs
	Blogs     map[string]liveblog.Role `json:"blogs,omitempty"` // by slug
	Disabled  bool                     `json:"disabled"`
	CreatedAt time.Time                `json:"created_at"`
	Password  string                   `json:"password,omitempty"` // if it was generated just now
}

func newUserJSON(u liveblog.User, password string) userJSON {
	return userJSON{ID: u.ID, Email: u.Email, Name: u.Name, Role: u.Role, Blogs: u.On, Disabled: u.Disabled,
		CreatedAt: u.CreatedAt, Password: password}
}

func printUsers(io streams, out output, users []liveblog.User) error {
	list := make([]userJSON, len(users))
	var text strings.Builder
	for i, u := range users {
		list[i] = newUserJSON(u, "")
		disabled := ""
		if u.Disabled {
			disabled = "\tdisabled"
		}
		fmt.Fprintf(&text, "%s\t%s\t%s%s\n", u.Email, u.Name, liveblog.RolesText(u.Role, u.On), disabled)
	}
	return out.print(io, list, "%s", text.String())
}

type userListCommand struct {
	openedDatabase
	output
}

// Run lists all users.
func (c *userListCommand) Run(ctx context.Context, io streams) error {
	return listMembers(ctx, io, c.openedDatabase, c.output, "")
}

func listMembers(ctx context.Context, io streams, db openedDatabase, out output, slug string) error {
	return withStore(ctx, db, func(s liveblog.Store) error {
		if slug != "" {
			if _, err := s.Blog(ctx, slug); err != nil {
				return err
			}
		}
		users, err := server.NewAccounts(s).Members(ctx, operator(), slug)
		if err != nil {
			return err
		}
		return printUsers(io, out, users)
	})
}

// userFlags are the flags of commands about one user.
type userFlags struct {
	openedDatabase
	output
	Email string `required:"" help:"The user's address."`
}

// change calls do with the user, and prints the user that it returns and the sentence.
func (c userFlags) change(
	ctx context.Context, io streams, sentence string,
	do func(a *liveblog.Accounts, u liveblog.User) (liveblog.User, error),
) error {
	return withStore(ctx, c.openedDatabase, func(s liveblog.Store) error {
		a := server.NewAccounts(s)
		u, err := a.UserWithEmail(ctx, operator(), c.Email)
		if err == nil {
			u, err = do(a, u)
		}
		if err != nil {
			return err
		}
		return c.print(io, newUserJSON(u, ""), sentence+"\n", u.Email)
	})
}

type userDisableCommand struct{ userFlags }

// Run disables a user.
func (c *userDisableCommand) Run(ctx context.Context, io streams) error {
	const done = "Disabled %s: the sessions have ended and the tokens are revoked. Entries and bylines stay."
	return c.change(ctx, io, done, func(a *liveblog.Accounts, u liveblog.User) (liveblog.User, error) {
		return a.Disable(ctx, operator(), u.ID)
	})
}

type userEnableCommand struct{ userFlags }

// Run enables a user.
func (c *userEnableCommand) Run(ctx context.Context, io streams) error {
	return c.change(ctx, io, "Enabled %s.", func(a *liveblog.Accounts, u liveblog.User) (liveblog.User, error) {
		return a.Enable(ctx, operator(), u.ID)
	})
}

type userRoleCommand struct {
	userFlags
	roleFlags
}

// Run gives a user a role, in place of the one that they have on all blogs or on the blogs of the flags.
func (c *userRoleCommand) Run(ctx context.Context, io streams) error {
	return c.give(ctx, io, c.userFlags)
}

// give changes the roles of a user by the flags.
func (f roleFlags) give(ctx context.Context, io streams, about userFlags) error {
	if f.Role == "" {
		return liveblog.FieldErrorf(liveblog.Invalid, "role",
			"The role is one of admin, editor, contributor and viewer.")
	}
	return about.changeRoles(ctx, io, "Changed %s.", f.Role, f.Blog)
}

func (c userFlags) changeRoles(ctx context.Context, io streams, sentence, role string, blogs []string) error {
	changes := liveblog.RoleChanges{}
	for _, slug := range blogs {
		changes[slug] = liveblog.Role(role)
	}
	if len(blogs) == 0 {
		changes[""] = liveblog.Role(role)
	}
	return c.change(ctx, io, sentence, func(a *liveblog.Accounts, u liveblog.User) (liveblog.User, error) {
		return a.ChangeRoles(ctx, operator(), u.ID, changes)
	})
}

type userPasswordCommand struct {
	userFlags
	PasswordStdin bool `help:"${password_stdin}"`
}

// Run gives a user a new password and ends their sessions.
func (c *userPasswordCommand) Run(ctx context.Context, io streams) error {
	password, generated := "", ""
	if c.PasswordStdin {
		var err error
		if password, err = firstLine(io.in); err != nil {
			return err
		}
	} else {
		password = rand.Text()
		generated = password
	}
	return withStore(ctx, c.openedDatabase, func(s liveblog.Store) error {
		a := server.NewAccounts(s)
		u, err := a.UserWithEmail(ctx, operator(), c.Email)
		if err == nil {
			err = a.SetPassword(ctx, operator(), u, password, generated != "")
		}
		if err != nil {
			return err
		}
		line := ""
		if generated != "" {
			line = generated + "\n"
		}
		const done = "Changed the password of %s; the sessions have ended.\n%s"
		return c.print(io, newUserJSON(u, generated), done, u.Email, line)
	})
}

type memberListCommand struct {
	openedDatabase
	output
	Blog string `placeholder:"SLUG" help:"Only members of this blog, and of all blogs."`
}

// Run lists the members of a blog, or of all blogs.
func (c *memberListCommand) Run(ctx context.Context, io streams) error {
	return listMembers(ctx, io, c.openedDatabase, c.output, c.Blog)
}

type memberAddCommand struct {
	userFlags
	roleFlags
}

// Run gives a user a role.
func (c *memberAddCommand) Run(ctx context.Context, io streams) error {
	return c.give(ctx, io, c.userFlags)
}

type memberRemoveCommand struct {
	userFlags
	Blog     []string `placeholder:"SLUG" xor:"from" required:"" help:"A blog whose role is taken away; may be repeated."`
	AllBlogs bool     `xor:"from" required:"" help:"Take away the role on all blogs. Roles on single blogs stay."`
}

// Run takes roles away from a user.
func (c *memberRemoveCommand) Run(ctx context.Context, io streams) error {
	return c.changeRoles(ctx, io, "Changed %s.", "", c.Blog)
}
