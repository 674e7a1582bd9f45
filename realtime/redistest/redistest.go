// Package redistest starts private Redis servers for tests. They listen on free ports of the loopback address, have a
// password and no persistence, and end with the test, even if its process is killed.
//
// A test is skipped if redis-server is not installed. If the environment has CI=true, the test fails instead.
package redistest

import (
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"readout/realtime/porttest"
)

// patience is how long a server may take for what it is asked to do. Only a broken server takes that long.
const patience = time.Minute

// Server is a redis-server, which a test may stop, start again and pause.
type Server struct {
	t        testing.TB
	dir      string
	port     *porttest.Port
	password string
	tls      *authority // nil: without TLS
	conf     string     // configuration file; "" for none
	args     []string   // further arguments

	mu      sync.Mutex // guards what follows
	process *os.Process
	ended   chan struct{} // closed when the process is gone
	paused  bool
}

// Start starts a server that ends with the test.
func Start(t testing.TB) *Server { return start(t, nil) }

// start starts a server with the further arguments that configure returns. configure may change the server.
func start(t testing.TB, configure func(s *Server) []string) *Server {
	t.Helper()
	requireRedis(t)
	s := &Server{t: t, dir: t.TempDir(), password: rand.Text()}
	s.port = porttest.For(t)
	t.Cleanup(s.Stop) // runs before the port is released
	if configure != nil {
		s.args = configure(s)
	}
	if !s.run() {
		t.Fatalf("redistest: redis-server does not start:\n%s", s.log())
	}
	return s
}

// requireRedis skips or fails the test if redis-server is not installed.
func requireRedis(t testing.TB) {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err == nil {
		return
	}
	const m = "redistest: this test needs redis-server (Debian: apt-get install redis-server)"
	if os.Getenv("CI") == "true" {
		t.Fatal(m)
	}
	t.Skip(m)
}

// Addr returns the server's host and port.
func (s *Server) Addr() string { return s.port.Addr() }

// Password returns the password of the default user.
func (s *Server) Password() string { return s.password }

// URL returns the server's address with its password: redis://, or rediss:// for a server with TLS.
func (s *Server) URL() string { return s.URLAt(s.Addr()) }

// URLAt is like URL, but with another address, such as that of a proxy.
func (s *Server) URLAt(addr string) string {
	scheme := "redis"
	if s.tls != nil {
		scheme = "rediss"
	}
	return fmt.Sprintf("%s://:%s@%s", scheme, s.password, addr)
}

// Kill kills the server, which has the effects of a crash.
func (s *Server) Kill() { s.terminate(syscall.SIGKILL) }

// Stop stops the server in an orderly way. It does nothing if the server is not running.
func (s *Server) Stop() { s.terminate(syscall.SIGTERM) }

// StartAgain starts the server on its old port, after Kill or Stop.
func (s *Server) StartAgain() {
	s.t.Helper()
	if !s.run() {
		s.t.Fatalf("redistest: redis-server does not start again on %s:\n%s", s.Addr(), s.log())
	}
}

// Pause suspends the server's process until Resume: its connections stay open, but it does not answer.
func (s *Server) Pause() { s.suspend(syscall.SIGSTOP, true) }

// Resume continues a paused server.
func (s *Server) Resume() { s.suspend(syscall.SIGCONT, false) }

func (s *Server) suspend(sig syscall.Signal, paused bool) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		s.t.Error("redistest: the server is not running")
		return
	}
	if err := s.process.Signal(sig); err != nil {
		s.t.Errorf("redistest: %v: %v", sig, err)
	}
	s.paused = paused
}

func (s *Server) terminate(sig syscall.Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		return
	}
	s.process.Signal(sig)
	if s.paused {
		s.process.Signal(syscall.SIGCONT)
		s.paused = false
	}
	select {
	case <-s.ended:
	case <-time.After(patience):
		s.process.Kill()
		<-s.ended
	}
	s.process = nil
}

// run starts the process and reports whether it answers.
func (s *Server) run() bool {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	args := []string{
		"--bind", "127.0.0.1", "--dir", s.dir, "--logfile", "redis.log", "--save", "", "--appendonly", "no",
		"--requirepass", s.password, "--masterauth", s.password,
	}
	if s.tls == nil {
		args = append(args, "--port", strconv.Itoa(s.port.Number()))
	} else {
		args = append(args, "--port", "0", "--tls-port", strconv.Itoa(s.port.Number()), "--tls-auth-clients", "no",
			"--tls-cert-file", s.tls.certFile, "--tls-key-file", s.tls.keyFile, "--tls-ca-cert-file", s.tls.caFile)
	}
	if s.conf != "" {
		args = append([]string{s.conf}, args...)
	}
	return s.launch(append(args, s.args...))
}

// launch starts redis-server and reports whether it answers before it exits. The caller holds s.mu.
func (s *Server) launch(args []string) bool {
	s.t.Helper()
	if s.process != nil {
		s.t.Fatal("redistest: the server is already running")
	}
	cmd := exec.Command("redis-server", args...)
	cmd.Dir = s.dir
	// In a process group of its own, so that an interrupt from the keyboard does not reach the server: the test stops
	// it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		s.t.Fatalf("redistest: %v", err)
	}
	release := guard(s.t, cmd.Process.Pid)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		cmd.Wait()
		release()
	}()
	s.process, s.ended = cmd.Process, ended
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if _, err := s.try("PING"); err == nil {
			return true
		}
		select {
		case <-ended:
			s.process = nil
			return false
		case <-tick.C:
		}
	}
	cmd.Process.Kill()
	<-ended
	s.process = nil
	return false
}

// guard starts a shell that kills the process if this one exits without calling release.
func guard(t testing.TB, pid int) (release func()) {
	t.Helper()
	cmd := exec.Command("/bin/sh", "-c", `read released || kill -9 "$1"`, "sh", strconv.Itoa(pid))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	in, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatalf("redistest: %v", err)
	}
	return func() {
		io.WriteString(in, "released\n")
		cmd.Wait()
	}
}

// log returns the end of the server's log.
func (s *Server) log() string {
	b, err := os.ReadFile(filepath.Join(s.dir, "redis.log"))
	if err != nil {
		return err.Error()
	}
	return string(b[max(0, len(b)-2000):])
}

// eventually waits until the condition holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-tick.C {
		if holds() {
			return
		}
	}
	t.Fatalf("redistest: not true after %v: %s", patience, what)
}

// infoValue returns the value of a key in the answer to INFO, which has lines of the form "key:value".
func infoValue(info, key string) string {
	for l := range strings.Lines(info) {
		if v, ok := strings.CutPrefix(l, key+":"); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}
