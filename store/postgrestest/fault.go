package postgrestest

import (
	"syscall"
	"testing"
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
