package postgrestest

import (
	"fmt"
	"os"
	"sync"
	"testing"
)

// Shared is one server for all tests of a package. It is started when the first test needs it. The zero value is ready
// to use:
//
//	var postgres postgrestest.Shared
//
//	func TestMain(m *testing.M) { goleak.VerifyTestMain(postgres.Around(m)) }
type Shared struct {
	mu       sync.Mutex // guards the fields below
	server   *Server
	template string // the database that others are copied from; "" until one is needed
	err      error
}

// Server returns the server.
func (s *Shared) Server(t testing.TB) *Server {
	t.Helper()
	bin := find(t)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server == nil && s.err == nil {
		s.server, s.err = build(bin, nil)
	}
	if s.err != nil {
		t.Fatal(s.err)
	}
	return s.server
}

// Migrated creates a database with the schema that migrate produces, removes it when t ends, and returns its URL with
// the settings of [Patient]. The schema is created once and then copied, so migrate must be the same at each call.
func (s *Shared) Migrated(t testing.TB, migrate Migrate) string {
	t.Helper()
	server := s.Server(t)
	s.mu.Lock()
	if s.template == "" {
		var err error
		if s.template, err = server.newTemplate(t.Context(), migrate); err != nil {
			s.mu.Unlock()
			t.Fatalf("create the template database: %v", err)
		}
	}
	template := s.template
	s.mu.Unlock()
	return Patient(server.newDatabase(t, template))
}

// Runner is a *testing.M.
type Runner interface{ Run() int }

// Around returns a runner that runs m and then ends the server.
func (s *Shared) Around(m Runner) Runner { return around{m, s} }

type around struct {
	tests  Runner
	shared *Shared
}

// Run implements [Runner].
func (a around) Run() int {
	code := a.tests.Run()
	a.shared.mu.Lock()
	defer a.shared.mu.Unlock()
	if a.shared.server == nil {
		return code
	}
	if err := a.shared.server.remove(); err != nil {
		fmt.Fprintln(os.Stderr, "the server of the tests:", err)
		code = max(code, 1)
	}
	return code
}
