package postgrestest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// The roles of a server. The role user owns the databases and has no other rights.
const (
	admin    = "postgres"
	user     = "readout"
	password = "s3cret/pass:w@rd" // needs escaping in URLs, and is easy to find in messages that must not contain it
)

// Password is the password of both roles. Tests search for it in messages that must not contain it.
const Password = password

// NewDatabase creates an empty database, removes it when t ends, and returns its URL.
func (s *Server) NewDatabase(t testing.TB) string {
	t.Helper()
	return s.newDatabase(t, "template1")
}

func (s *Server) newDatabase(t testing.TB, template string) string {
	t.Helper()
	name := fmt.Sprintf("test_%d", s.databases.Add(1))
	if err := s.query("postgres", "CREATE DATABASE "+name+" OWNER "+user+" TEMPLATE "+template); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if s.process == nil || s.paused {
			return
		}
		if err := s.drop(name); err != nil {
			t.Error(err)
		}
	})
	return s.url(user, name)
}

// drop drops a database and closes its connections. The server waits for these only a few seconds, which may be too
// short on a busy machine, so drop tries again.
func (s *Server) drop(name string) error {
	for deadline := time.Now().Add(patience); ; {
		err := s.query("postgres", "DROP DATABASE "+name+" WITH (FORCE)")
		if e, ok := errors.AsType[*pgconn.PgError](err); !ok || e.Code != inUse || time.Now().After(deadline) {
			return err
		}
	}
}

const inUse = "55006" // object_in_use

// newTemplate creates a database that others are copied from, with the schema that migrate creates.
func (s *Server) newTemplate(ctx context.Context, migrate Migrate) (name string, err error) {
	name = fmt.Sprintf("template_%d", s.databases.Add(1))
	if err := s.query("postgres", "CREATE DATABASE "+name+" OWNER "+user); err != nil {
		return "", err
	}
	if _, err := migrate(ctx, Patient(s.url(user, name))); err != nil {
		return "", err
	}
	// PostgreSQL cannot copy a database with connections, and these end shortly after a client closes them.
	if err := s.query("postgres", "ALTER DATABASE "+name+" ALLOW_CONNECTIONS false"); err != nil {
		return "", err
	}
	return name, s.query("postgres",
		"DO $$ BEGIN WHILE EXISTS (SELECT FROM pg_stat_activity WHERE datname = '"+name+"') LOOP "+
			"PERFORM pg_sleep(0.005), pg_stat_clear_snapshot(); END LOOP; END $$")
}

// Migrate brings a database's schema up to date: store.Migrate.
type Migrate func(ctx context.Context, url string) (version int64, err error)

// Patient adds settings to a URL of this package with which nothing times out on a busy machine.
func Patient(database string) string {
	return database + "&connect_timeout=120&statement_timeout=0&lock_timeout=0" +
		"&idle_in_transaction_session_timeout=0&tcp_user_timeout=0"
}

// Exec runs SQL as the administrator in a database, which is named by a URL from NewDatabase.
func (s *Server) Exec(t testing.TB, database, sql string) {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.query(u.Path[1:], sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// Addr returns the host and port that the server listens on.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// Through returns a database's URL with another host and port, such as those of a proxy.
func Through(t testing.TB, database, addr string) string {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = addr
	return u.String()
}

func (s *Server) url(user, database string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword(user, password), Host: s.Addr(), Path: "/" + database,
		RawQuery: "sslmode=disable"}
	return u.String()
}
