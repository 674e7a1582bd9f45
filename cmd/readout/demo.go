package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"readout/cmd/readout/demo"
	"readout/cmd/readout/server"
	"readout/liveblog"
	"readout/realtime"
)

type demoCommand struct {
	Listen string        `env:"READOUT_LISTEN" default:"${default_listen}" placeholder:"ADDRESS" help:"${demo_listen}"`
	Every  time.Duration `default:"6s" help:"How often a live update arrives (${default})."`
}

// demoEmail is the address of the demo's admin.
const demoEmail = "editor@readout.example"

// demoMembers are the members of the demo's blog, one for each role.
func demoMembers() []demoMember {
	return []demoMember{
		{"deputy@readout.example", "Demo deputy", liveblog.Editor},
		{"reporter@readout.example", "Demo reporter", liveblog.Contributor},
		{"guest@readout.example", "Demo guest", liveblog.Viewer},
	}
}

type demoMember struct {
	email, name string
	role        liveblog.Role
}

// Run plays the demonstration on a temporary database, which it removes at the end.
func (c *demoCommand) Run(ctx context.Context, io streams) (err error) {
	script, err := demo.Load()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "readout-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	n, err := server.Open(ctx, server.Settings{
		Listen:   freeAddress(c.Listen),
		Database: "sqlite:" + filepath.Join(dir, "demo.db"),
		Drain:    200 * time.Millisecond,
		Log:      slog.New(slog.NewTextHandler(io.err, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		return err
	}
	password, token, err := c.prepare(ctx, n, script)
	if err != nil {
		n.Close()
		return err
	}
	fmt.Fprintf(io.out, "Read:    %s/live/%s\nDesk:    %[1]s/desk\nLog in:  %[3]s  %[4]s\n",
		n.BaseURL, demo.Blog.Slug, demoEmail, password)
	for _, m := range demoMembers() {
		fmt.Fprintf(io.out, "  or as  %s  %s  (%s of this blog)\n", m.email, password, m.role)
	}
	fmt.Fprintf(io.out, "Token:   %s\n\n"+
		"An update arrives every %s. Press Ctrl-C to stop the demonstration and remove its data.\n", token, c.Every)

	ctx, stop := context.WithCancel(ctx)
	defer stop()
	played := make(chan struct{})
	go func() {
		defer close(played)
		if err := script.Play(ctx, n.Desk, c.Every); err != nil && ctx.Err() == nil {
			n.Log.Error("the demonstration stopped", "error", err)
		}
	}()
	err = n.Serve(ctx)
	stop()
	<-played
	return err
}

// prepare fills the store and adds the logins, which share a password, and an API token.
func (c *demoCommand) prepare(
	ctx context.Context, n *server.Node, script demo.Script,
) (password, token string, err error) {
	if err := script.Seed(ctx, n.Store, realtime.NewLocalBroker(), n.Store.Now()); err != nil {
		return "", "", err
	}
	password = strings.ToLower(rand.Text()[:12])
	if _, err := n.Accounts.AddUser(ctx, operator(), liveblog.NewUser{
		Email: demoEmail, Name: "Demo editor", Role: liveblog.Admin, Password: password,
	}); err != nil {
		return "", "", err
	}
	for _, m := range demoMembers() {
		if _, err := n.Accounts.AddUser(ctx, operator(), liveblog.NewUser{
			Email: m.email, Name: m.name, On: map[string]liveblog.Role{demo.Blog.Slug: m.role}, Password: password,
		}); err != nil {
			return "", "", err
		}
	}
	token, err = n.Accounts.AddToken(ctx, operator(), liveblog.NewToken{Name: "Demo program", Role: liveblog.Editor})
	return password, token, err
}

// freeAddress returns the address, with port 0 if its port is in use.
func freeAddress(address string) string {
	l, err := net.Listen("tcp", address)
	if err == nil {
		l.Close()
		return address
	}
	if host, _, split := net.SplitHostPort(address); split == nil && errors.Is(err, syscall.EADDRINUSE) {
		return net.JoinHostPort(host, "0")
	}
	return address
}
