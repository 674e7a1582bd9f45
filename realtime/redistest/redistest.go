// Package redistest starts private Redis servers for tests: on free ports of the loopback address, with a password and
// without persistence, and gone when the test ends, however it ends.
//
// Where redis-server is not installed, a test is skipped; with CI=true in the environment it fails.
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

// patience is how long a server may take to do what it is asked; it is reached only when something is broken.
const patience = time.Minute

// Server is one redis-server, which a test may end, start again and hold up.
type Server struct {
	t        testing.TB
	dir      string
	port     *porttest.Port
	password string
	tls      *authority // nil: without TLS
	conf     string     // file of settings to begin with; "" for none
	args     []string

	mu      sync.Mutex // guards what follows
	process *os.Process
	ended   chan struct{} // closed when the process is gone
	paused  bool
}

// Start starts a server that ends with the test.
func Start(t testing.TB) *Server { return start(t, nil) }

// start starts a server with further arguments, which may depend on the port.
func start(t testing.TB, more func(s *Server) []string) *Server {
	t.Helper()
	present(t)
	s := &Server{t: t, dir: t.TempDir(), password: rand.Text()}
	s.port = porttest.For(t)
	t.Cleanup(s.Stop) // before the port goes
	if more != nil {
		s.args = more(s)
	}
	if !s.run() {
		t.Fatalf("redistest: redis-server does not start:\n%s", s.log())
	}
	return s
}

// present ends the test where there is no redis-server.
func present(t testing.TB) {
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

// URLAt is URL with another address, that of a proxy.
func (s *Server) URLAt(addr string) string {
	scheme := "redis"
	if s.tls != nil {
		scheme = "rediss"
	}
	return fmt.Sprintf("%s://:%s@%s", scheme, s.password, addr)
}

// Kill ends the server at once, as the loss of its machine would.
func (s *Server) Kill() { s.end(syscall.SIGKILL) }

// Stop ends the server as an operator does. It does nothing where the server is down.
func (s *Server) Stop() { s.end(syscall.SIGTERM) }

// StartAgain starts the server on its old port, after Kill or Stop.
func (s *Server) StartAgain() {
	s.t.Helper()
	if !s.run() {
		s.t.Fatalf("redistest: redis-server does not start again on %s:\n%s", s.Addr(), s.log())
	}
}

// Pause holds the server up: its connections stay, and nothing answers on them. Resume lets it go on.
func (s *Server) Pause() { s.hold(syscall.SIGSTOP, true) }

// Resume lets a paused server go on.
func (s *Server) Resume() { s.hold(syscall.SIGCONT, false) }

func (s *Server) hold(sig syscall.Signal, paused bool) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		s.t.Error("redistest: the server is down")
		return
	}
	if err := s.process.Signal(sig); err != nil {
		s.t.Errorf("redistest: %v: %v", sig, err)
	}
	s.paused = paused
}

func (s *Server) end(sig syscall.Signal) {
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

// run starts the process and reports whether it came up.
func (s *Server) run() bool {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	args := []string{"--bind", "127.0.0.1", "--dir", s.dir, "--logfile", "redis.log", "--save", "", "--appendonly", "no",
		"--requirepass", s.password, "--masterauth", s.password}
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

// launch starts redis-server with the arguments and waits until it answers. The caller holds s.mu.
func (s *Server) launch(args []string) bool {
	s.t.Helper()
	if s.process != nil {
		s.t.Fatal("redistest: the server is up")
	}
	cmd := exec.Command("redis-server", args...)
	cmd.Dir = s.dir
	// Of a group of its own, so that an interrupt from the keyboard leaves the server to the one who ends it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		s.t.Fatalf("redistest: %v", err)
	}
	guarded := guard(s.t, cmd.Process.Pid)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		cmd.Wait()
		guarded()
	}()
	s.process, s.ended = cmd.Process, ended
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); time.Now().Before(end); {
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

// guard starts a shell that kills the process when this one is gone without having called the function returned.
func guard(t testing.TB, pid int) (release func()) {
	t.Helper()
	cmd := exec.Command("/bin/sh", "-c", `read over || kill -9 "$1"`, "sh", strconv.Itoa(pid))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	in, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatalf("redistest: %v", err)
	}
	return func() {
		io.WriteString(in, "over\n")
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
	for end := time.Now().Add(patience); time.Now().Before(end); <-tick.C {
		if holds() {
			return
		}
	}
	t.Fatalf("redistest: never came true: %s", what)
}

// line returns the value of a line "key:value" as INFO has them.
func line(info, key string) string {
	for l := range strings.Lines(info) {
		if v, ok := strings.CutPrefix(l, key+":"); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}
