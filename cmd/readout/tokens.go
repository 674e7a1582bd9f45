package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"readout/cmd/readout/server"
	"readout/liveblog"
)

// tokenJSON is a token as programs read it.
type tokenJSON struct {
	ID        string                   `json:"id"`
	Name      string                   `json:"name"`
	Role      liveblog.Role            `json:"role,omitempty"`  // on all blogs
	Blogs     map[string]liveblog.Role `json:"blogs,omitempty"` // by slug
	Owner     string                   `json:"owner,omitempty"`
	CreatedAt time.Time                `json:"created_at"`
	ExpiresAt time.Time                `json:"expires_at,omitzero"`
	UsedAt    time.Time                `json:"used_at,omitzero"`
	Secret    string                   `json:"secret,omitempty"` // if it was created just now
}

func newTokenJSON(t liveblog.Token, secret string) tokenJSON {
	return tokenJSON{ID: t.ID, Name: t.Name, Role: t.Role, Blogs: t.On, Owner: t.OwnerName, CreatedAt: t.CreatedAt,
		ExpiresAt: t.ExpiresAt, UsedAt: t.UsedAt, Secret: secret}
}

type tokenCreateCommand struct {
	openedDatabase
	output
	Name string `required:"" help:"What the token is for; bylines show it."`
	roleFlags
	Expires time.Duration `placeholder:"DURATION" help:"${token_expires}"`
}

// Run creates a token and prints its secret as the last line.
func (c *tokenCreateCommand) Run(ctx context.Context, io streams) error {
	return withStore(ctx, c.openedDatabase, func(s liveblog.Store) error {
		a := server.NewAccounts(s)
		in := liveblog.NewToken{Name: c.Name, Role: c.everywhere(), On: c.onBlogs()}
		if c.Expires != 0 {
			in.ExpiresAt = a.Now().Add(c.Expires)
		}
		secret, err := a.AddToken(ctx, operator(), in)
		if err != nil {
			return err
		}
		if !c.JSON {
			fmt.Fprintln(io.out, secret)
			return nil
		}
		t, err := a.TokenNamed(ctx, operator(), strings.TrimSpace(c.Name))
		if err != nil {
			return err
		}
		return printJSON(io.out, newTokenJSON(t, secret))
	})
}

type tokenListCommand struct {
	openedDatabase
	output
}

// Run lists the tokens that were not revoked.
func (c *tokenListCommand) Run(ctx context.Context, io streams) error {
	return withStore(ctx, c.openedDatabase, func(s liveblog.Store) error {
		a := server.NewAccounts(s)
		tokens, err := a.Tokens(ctx, operator())
		if err != nil {
			return err
		}
		list := make([]tokenJSON, len(tokens))
		var text strings.Builder
		for i, t := range tokens {
			list[i] = newTokenJSON(t, "")
			ends := "does not end"
			if !t.ExpiresAt.IsZero() {
				ends = "ends " + t.ExpiresAt.Format(time.RFC3339)
			}
			if !t.Works(a.Now()) {
				ends = "ended"
			}
			used := "never used"
			if !t.UsedAt.IsZero() {
				used = "last used " + t.UsedAt.Format(time.RFC3339)
			}
			fmt.Fprintf(&text, "%s\t%s\t%s\t%s\n", t.Name, liveblog.RolesText(t.Role, t.On), ends, used)
		}
		return c.print(io, list, "%s", text.String())
	})
}

type tokenRevokeCommand struct {
	openedDatabase
	output
	Name string `required:"" help:"The token's name."`
}

// Run revokes a token.
func (c *tokenRevokeCommand) Run(ctx context.Context, io streams) error {
	return withStore(ctx, c.openedDatabase, func(s liveblog.Store) error {
		a := server.NewAccounts(s)
		t, err := a.TokenNamed(ctx, operator(), c.Name)
		if err == nil {
			t, err = a.RevokeToken(ctx, operator(), t.ID)
		}
		if err != nil {
			return err
		}
		return c.print(io, newTokenJSON(t, ""), "Revoked %s; it does not work on any node any more.\n", t.Name)
	})
}
