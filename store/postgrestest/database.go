package postgrestest

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"testing"
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
	name := fmt.Sprintf("test_%d", s.databases.Add(1))
	if err := s.query("postgres", "CREATE DATABASE "+name+" OWNER "+user); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if s.process == nil || s.paused {
			return
		}
		if err := s.query("postgres", "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return s.url(user, name)
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
