package postgrestest

import (
	"fmt"
	"net/url"
	"syscall"
	"testing"
	"time"
)

// Stop shuts the server down in an orderly way and closes its connections.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	check(t, s.stop(syscall.SIGINT))
}

// Kill kills every process of the server at once, as a power failure does.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	check(t, s.stop(syscall.SIGKILL))
}

// Start starts the server again, with the same data on the same port.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	check(t, s.start())
}

// Restart stops the server as Stop does and starts it again.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	s.Stop(t)
	s.Start(t)
}

// Pause suspends the processes of the server, as if its machine hangs: connections stay open, and nothing answers.
func (s *Server) Pause(t testing.TB) {
	t.Helper()
	s.paused = true
	check(t, s.process.pause())
}

// Resume undoes Pause.
func (s *Server) Resume(t testing.TB) {
	t.Helper()
	s.paused = false
	check(t, s.process.resume())
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Replica starts a standby that replicates the server and ends with t.
func (s *Server) Replica(t testing.TB) *Server {
	t.Helper()
	r, err := prepare(s.bin, s.settings)
	check(t, err)
	t.Cleanup(func() {
		if err := r.remove(); err != nil {
			t.Error(err)
		}
	})
	out, err := s.Command("pg_basebackup", "--dbname="+s.url(admin, "postgres"), "--pgdata="+r.data(),
		"--write-recovery-conf", "--checkpoint=fast", "--no-sync").CombinedOutput()
	if err != nil {
		t.Fatalf("pg_basebackup: %v\n%s", err, out)
	}
	check(t, r.start())
	return r
}

// Promote makes a replica a primary.
func (s *Server) Promote(t testing.TB) {
	t.Helper()
	check(t, s.query("postgres", "SELECT pg_promote()"))
}

// SetClock makes a database's clock_timestamp() differ from the server's clock. It can be called again.
func (s *Server) SetClock(t testing.TB, database string, ahead time.Duration) {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	// A function in the schema public hides the one of PostgreSQL if public comes first in the path.
	s.Exec(t, database, fmt.Sprintf(`CREATE OR REPLACE FUNCTION public.clock_timestamp() RETURNS timestamptz
		LANGUAGE sql VOLATILE AS 'SELECT pg_catalog.clock_timestamp() + interval ''%d microseconds''';
		ALTER DATABASE %s SET search_path = public, pg_catalog`, ahead.Microseconds(), u.Path[1:]))
}

// LimitConnections sets how many connections the role of the tests may have to a database; -1 means no limit.
func (s *Server) LimitConnections(t testing.TB, database string, n int) {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	s.Exec(t, database, fmt.Sprintf("ALTER DATABASE %s CONNECTION LIMIT %d", u.Path[1:], n))
}
