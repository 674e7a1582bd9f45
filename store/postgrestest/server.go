// Package postgrestest runs private PostgreSQL servers for tests.
//
// A server has its own directory and a loopback port that stays reserved while the server is down. It requires
// passwords. It ends with its test, or with the process of the tests if that is killed. It runs without fsync unless a
// setting turns it on. If the tests run as root, the server runs as the user postgres, since PostgreSQL refuses root.
//
// If PostgreSQL is not installed, tests that need a server are skipped, or fail if CI is "true".
package postgrestest

import (
	"context"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"readout/store/memorytest"

	"github.com/jackc/pgx/v5/pgconn"
)

// patience is how long a server may take to start or to stop.
const patience = 2 * time.Minute

// Server is a PostgreSQL server. NewDatabase and Addr are safe for concurrent use, but methods that start and stop it
// are not.
type Server struct {
	bin       string
	dir       string // of the data, the socket and the log
	port      int
	release   func() error // releases the port; nil if there is none
	settings  []string
	owner     *syscall.Credential // the user that it runs as; nil for the user of the tests
	databases atomic.Int64
	process   *process // nil while the server is stopped
	paused    bool
}

// Start starts a server that ends with t. A setting is as in postgresql.conf, for example "fsync=on".
func Start(t testing.TB, settings ...string) *Server {
	t.Helper()
	s, err := build(find(t), settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.remove(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// build creates a new server and starts it.
func build(bin string, settings []string) (s *Server, err error) {
	s, err = prepare(bin, settings)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.remove())
		}
	}()
	secret := filepath.Join(s.dir, "secret")
	if err := s.give(secret, os.WriteFile(secret, []byte(password+"\n"), 0o600)); err != nil {
		return nil, err
	}
	initdb := s.Command("initdb", "-D", s.data(), "-U", admin, "--pwfile="+secret, "-A", "scram-sha-256",
		"-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions")
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	if err := s.start(); err != nil {
		return nil, err
	}
	// Tests connect very often, so use a password hash with one iteration.
	verifier, err := quickVerifier(password)
	if err != nil {
		return nil, err
	}
	return s, s.query("postgres", "CREATE ROLE "+user+" LOGIN PASSWORD '"+verifier+"'; "+
		"ALTER ROLE "+admin+" PASSWORD '"+verifier+"'")
}

// quickVerifier returns the SCRAM verifier of an ASCII password (RFC 5803) with one iteration.
func quickVerifier(password string) (string, error) {
	const salt, iterations = "salt of tests", 1
	salted, err := pbkdf2.Key(sha256.New, password, []byte(salt), iterations, sha256.Size)
	if err != nil {
		return "", err
	}
	sign := func(key []byte, text string) []byte {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(text))
		return h.Sum(nil)
	}
	stored := sha256.Sum256(sign(salted, "Client Key"))
	b64 := base64.StdEncoding.EncodeToString
	return fmt.Sprintf("SCRAM-SHA-256$%d:%s$%s:%s",
		iterations, b64([]byte(salt)), b64(stored[:]), b64(sign(salted, "Server Key"))), nil
}

// prepare creates the directory of a server and reserves a port.
func prepare(bin string, settings []string) (*Server, error) {
	s := &Server{bin: bin, settings: settings}
	var err error
	if s.owner, err = unprivileged(); err != nil {
		return nil, err
	}
	// The directory is in memory if there is space. It cannot be t.TempDir: the server's user must be able to access
	// it, and its path must be short enough for a socket.
	if s.dir, err = os.MkdirTemp(memorytest.Parent(), "pg"); err != nil {
		return nil, err
	}
	if err := s.give(s.dir, nil); err != nil {
		return nil, err
	}
	s.port, s.release, err = reservePort()
	return s, err
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// give makes the server's user the owner of a file, unless creating the file failed with err.
func (s *Server) give(path string, err error) error {
	if err != nil || s.owner == nil {
		return err
	}
	return os.Chown(path, int(s.owner.Uid), int(s.owner.Gid))
}

// Command returns a command for a program of PostgreSQL, such as pg_dump, that runs as the server's user.
func (s *Server) Command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, name), args...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.owner}
	return cmd
}

// start runs the server and waits until it answers.
func (s *Server) start() error {
	args := []string{"-D", s.data(), "-p", strconv.Itoa(s.port), "-k", s.dir}
	for _, setting := range append([]string{"listen_addresses=127.0.0.1", "max_connections=300", "fsync=off",
		"shared_buffers=32MB", "max_wal_size=256MB", "autovacuum=off"}, s.settings...) {
		args = append(args, "-c", setting)
	}
	p, err := run(s.Command("postgres", args...), filepath.Join(s.dir, "log"))
	if err != nil {
		return err
	}
	s.process = p
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		err := s.query("postgres", "SELECT 1")
		if err == nil {
			return nil
		}
		select {
		case <-p.ended:
			s.process = nil
			return fmt.Errorf("the server did not start:\n%s", s.log())
		case <-ctx.Done():
			return fmt.Errorf("the server does not answer: %w\n%s", err, s.log())
		case <-tick.C:
		}
	}
}

func (s *Server) log() string {
	text, err := os.ReadFile(filepath.Join(s.dir, "log"))
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(text))
}

// stop ends the server with a signal and waits until it has ended.
func (s *Server) stop(sig syscall.Signal) error {
	if s.process == nil {
		return nil
	}
	err := s.process.stop(sig)
	s.process, s.paused = nil, false
	return err
}

func (s *Server) remove() error {
	err := errors.Join(s.stop(syscall.SIGQUIT), os.RemoveAll(s.dir))
	if s.release == nil {
		return err
	}
	return errors.Join(err, s.release())
}

// query runs SQL as the administrator.
func (s *Server) query(database, sql string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c, err := pgconn.Connect(ctx, s.url(admin, database))
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	_, err = c.Exec(ctx, sql).ReadAll()
	return err
}
