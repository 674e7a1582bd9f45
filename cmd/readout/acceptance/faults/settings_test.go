package faults

import (
	"bytes"
	"errors"
	"net/url"
	"os/exec"
	"strings"
	"testing"

	"readout/realtime/porttest"
	"readout/realtime/redistest"
	"readout/store"
)

// TestNodeRefusesBadSettings checks that a node with settings that cannot work says so in one line, without a password,
// and exits with status 1.
func TestNodeRefusesBadSettings(t *testing.T) {
	t.Parallel()
	postgres, redis := postgres.Server(t), redistest.Start(t)
	database := postgres.NewDatabase(t)
	nowhere := porttest.For(t).Addr()
	with := func(address string, change func(u *url.URL)) string {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		change(u)
		return u.String()
	}
	wrong := func(u *url.URL) { u.User = url.UserPassword(u.User.Username(), "hunter2") }
	elsewhere := func(u *url.URL) { u.Host = nowhere }
	unknown := func(u *url.URL) { u.Path = "/nothing" }
	noPassword := func(u *url.URL) { u.User = nil }
	memcached := func(u *url.URL) { u.Scheme = "memcached" }
	for name, c := range map[string]struct {
		database, redis string
		want            string // a part of the message
	}{
		"PostgreSQL at another address":   {with(database, elsewhere), redis.URL(), "refused"},
		"a wrong password for PostgreSQL": {with(database, wrong), redis.URL(), "password"},
		"an unknown database":             {with(database, unknown), redis.URL(), "nothing"},
		"an invalid URL of PostgreSQL":    {"postgres://%zz", redis.URL(), "database"},
		"Redis at another address":        {database, with(redis.URL(), elsewhere), "refused"},
		"a wrong password for Redis":      {database, with(redis.URL(), wrong), "password"},
		"no password for Redis":           {database, with(redis.URL(), noPassword), "password"},
		"a URL of another kind for Redis": {database, with(redis.URL(), memcached), "memcached"},
		"an unknown option for Redis":     {database, redis.URL() + "?colour=blue", "colour"},
		"PostgreSQL instead of Redis":     {database, "redis://" + postgres.Addr(), "redis"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			message := refusedNode(t, "--database", c.database, "--redis", c.redis)
			if !strings.Contains(strings.ToLower(message), c.want) {
				t.Errorf("the message is %q, want %q in it", message, c.want)
			}
		})
	}
}

// TestNodeRefusesOtherSchemas checks that a node refuses an old schema with --no-migrate, and a newer one.
func TestNodeRefusesOtherSchemas(t *testing.T) {
	t.Parallel()
	postgres, redis := postgres.Server(t), redistest.Start(t)
	database := postgres.NewDatabase(t)
	refused := func(want string, flags ...string) {
		t.Helper()
		message := refusedNode(t, append([]string{"--database", database, "--redis", redis.URL()}, flags...)...)
		if !strings.Contains(message, want) {
			t.Errorf("the message is %q, want %q in it", message, want)
		}
	}
	refused("readout database migrate", "--no-migrate")
	if _, err := store.Migrate(t.Context(), database); err != nil {
		t.Fatal(err)
	}
	binaries.Start(t, "serve", "--no-migrate", "--listen", porttest.For(t).Addr(),
		"--database", database, "--redis", redis.URL()).Stop(t)

	postgres.Exec(t, database,
		"DELETE FROM schema_version WHERE version_id = (SELECT max(version_id) FROM schema_version)")
	refused("readout database migrate", "--no-migrate")
	postgres.Exec(t, database, "INSERT INTO schema_version (version_id, is_applied) VALUES (999, true)")
	refused("use a newer binary")
	refused("use a newer binary", "--no-migrate")
}

// refusedNode runs a server that should not start, and returns its message.
func refusedNode(t *testing.T, args ...string) string {
	t.Helper()
	cmd := binaries.Command(t, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok || exit.ExitCode() != 1 {
		t.Errorf("the server exited with %v, want status 1", err)
	}
	message := stderr.String()
	if strings.Count(message, "\n") != 1 || !strings.HasPrefix(message, "readout: ") || stdout.Len() > 0 {
		t.Errorf("the server printed %q and %q, want one line on standard error", stdout.String(), message)
	}
	for i, arg := range args {
		if u, err := url.Parse(arg); err == nil && u.User != nil {
			if password, set := u.User.Password(); set && strings.Contains(message, password) {
				t.Errorf("the message contains the password of argument %d: %s", i, message)
			}
		}
	}
	return message
}
