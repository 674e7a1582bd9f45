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

// Who may log in. The user owns the databases and may do nothing else.
const (
	admin    = "postgres"
	user     = "readout"
	password = "s3cret/pass:w@rd" // in need of escaping, and easy to find where it must not be
)

// Password is that of the users, to look for where it must not be.
const Password = password

// NewDatabase makes an empty database, which ends with t, and returns its URL.
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

// drop ends a database and its connections. The server waits for these a few seconds only, which may be too little on a
// busy machine.
func (s *Server) drop(name string) error {
	for end := time.Now().Add(patience); ; {
		err := s.query("postgres", "DROP DATABASE "+name+" WITH (FORCE)")
		if e, ok := errors.AsType[*pgconn.PgError](err); !ok || e.Code != inUse || time.Now().After(end) {
			return err
		}
	}
}

const inUse = "55006" // object_in_use

// newTemplate makes a database that others are copied from, by what migrate does to an empty one.
func (s *Server) newTemplate(ctx context.Context, migrate Migrate) (name string, err error) {
	name = fmt.Sprintf("template_%d", s.databases.Add(1))
	if err := s.query("postgres", "CREATE DATABASE "+name+" OWNER "+user); err != nil {
		return "", err
	}
	if _, err := migrate(ctx, Patient(s.url(user, name))); err != nil {
		return "", err
	}
	// A database that somebody is connected to cannot be copied, and connections end a little after they are closed.
	if err := s.query("postgres", "ALTER DATABASE "+name+" ALLOW_CONNECTIONS false"); err != nil {
		return "", err
	}
	return name, s.query("postgres", "DO $$ BEGIN WHILE EXISTS (SELECT FROM pg_stat_activity WHERE datname = '"+name+"') LOOP "+
		"PERFORM pg_sleep(0.005), pg_stat_clear_snapshot(); END LOOP; END $$")
}

// Migrate brings a database's schema up to date: store.Migrate.
type Migrate func(ctx context.Context, url string) (version int64, err error)

// Patient returns a URL of this package with settings by which nothing times out because the machine is busy.
func Patient(database string) string {
	return database + "&connect_timeout=120&statement_timeout=0&lock_timeout=0&idle_in_transaction_session_timeout=0&tcp_user_timeout=0"
}

// Exec runs SQL as the administrator in the database of a URL that NewDatabase returned.
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

// Through returns a database's URL with another host and port, where something stands before the server.
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
