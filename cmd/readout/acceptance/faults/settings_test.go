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

// A node with settings that cannot be right says so in one line, without a password, and ends with 1.
func TestNodeRefusesWhatCannotWork(t *testing.T) {
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
	for name, c := range map[string]struct {
		database, redis string
		says            string
	}{
		"PostgreSQL elsewhere":        {with(database, elsewhere), redis.URL(), "refused"},
		"PostgreSQL's password":       {with(database, wrong), redis.URL(), "password"},
		"no such database":            {with(database, func(u *url.URL) { u.Path = "/nothing" }), redis.URL(), "nothing"},
		"PostgreSQL without a host":   {"postgres://%zz", redis.URL(), "database"},
		"Redis elsewhere":             {database, with(redis.URL(), elsewhere), "refused"},
		"Redis's password":            {database, with(redis.URL(), wrong), "password"},
		"Redis by another name":       {database, with(redis.URL(), func(u *url.URL) { u.Scheme = "memcached" }), "memcached"},
		"Redis without a password":    {database, with(redis.URL(), func(u *url.URL) { u.User = nil }), "password"},
		"an unknown word for Redis":   {database, redis.URL() + "?colour=blue", "colour"},
		"PostgreSQL in Redis's place": {database, "redis://" + postgres.Addr(), "redis"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refusal := refusedNode(t, "--database", c.database, "--redis", c.redis)
			if !strings.Contains(strings.ToLower(refusal), strings.ToLower(c.says)) {
				t.Errorf("it says %q, and not %q", refusal, c.says)
			}
		})
	}
}

// A schema that the program may not bring up to date, or that a newer program has made, is refused as well.
func TestNodeRefusesOtherSchemas(t *testing.T) {
	t.Parallel()
	postgres, redis := postgres.Server(t), redistest.Start(t)
	database := postgres.NewDatabase(t)
	refused := func(says string, more ...string) {
		t.Helper()
		said := refusedNode(t, append([]string{"--database", database, "--redis", redis.URL()}, more...)...)
		if !strings.Contains(said, says) {
			t.Errorf("it says %q, and not %q", said, says)
		}
	}
	refused("readout database migrate", "--no-migrate")
	if _, err := store.Migrate(t.Context(), database); err != nil {
		t.Fatal(err)
	}
	binaries.Start(t, "serve", "--no-migrate", "--listen", porttest.For(t).Addr(), "--database", database, "--redis", redis.URL()).Stop(t)

	postgres.Exec(t, database, "DELETE FROM schema_version WHERE version_id = (SELECT max(version_id) FROM schema_version)")
	refused("readout database migrate", "--no-migrate")
	postgres.Exec(t, database, "INSERT INTO schema_version (version_id, is_applied) VALUES (999, true)")
	refused("use a newer binary")
	refused("use a newer binary", "--no-migrate")
}

// refusedNode runs a server that does not start, and returns what it said.
func refusedNode(t *testing.T, args ...string) string {
	t.Helper()
	cmd := binaries.Command(t, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok || exit.ExitCode() != 1 {
		t.Errorf("it ended with %v, want status 1", err)
	}
	said := stderr.String()
	if strings.Count(said, "\n") != 1 || !strings.HasPrefix(said, "readout: ") || stdout.Len() > 0 {
		t.Errorf("it said %q and %q, want one line on standard error", stdout.String(), said)
	}
	for i, arg := range args {
		if u, err := url.Parse(arg); err == nil && u.User != nil {
			if password, set := u.User.Password(); set && strings.Contains(said, password) {
				t.Errorf("it tells the password of argument %d: %s", i, said)
			}
		}
	}
	return said
}
