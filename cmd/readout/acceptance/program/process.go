package program

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Patience limits how long a test waits for a server or a condition. Even a busy machine stays far below it.
const Patience = 2 * time.Minute

// idleConnections is how many connections a client keeps: one for each of the clients that write at once.
const idleConnections = 4

// Process is a server that runs in a process of its own.
type Process struct {
	Cmd    *exec.Cmd
	Stderr *bytes.Buffer // complete when the process has ended and been waited for
	URL    string
	Client *http.Client
}

// start starts a command that serves, and returns when it listens. The args are "serve" and its flags, which win over
// those that start adds.
func start(t testing.TB, binary string, env, args []string) *Process {
	t.Helper()
	args = slices.Concat(args[:1], []string{"--drain", "0s", "--log-level", "WARN"}, args[1:])
	cmd := exec.CommandContext(t.Context(), binary, args...)
	cmd.Env = append(os.Environ(), env...)
	return listen(t, cmd)
}

// listen starts a server and returns when it says that it listens.
func listen(t testing.TB, cmd *exec.Cmd) *Process {
	t.Helper()
	p := &Process{
		Cmd:    cmd,
		Stderr: new(bytes.Buffer),
		Client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: idleConnections}, Timeout: Patience},
	}
	p.Cmd.Stderr = p.Stderr
	stdout, err := p.Cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Cmd.Start(); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(Patience, func() { p.Cmd.Process.Kill() })
	line, err := bufio.NewReader(stdout).ReadString('\n')
	late.Stop()
	address, listens := strings.CutPrefix(line, "Readout listens on ")
	address, _, _ = strings.Cut(address, ",")
	p.URL = "http://" + address
	if err != nil || !listens {
		p.Cmd.Process.Kill()
		p.Cmd.Wait()
		t.Fatalf("%v does not listen: it printed %q (%v), and on standard error:\n%s", cmd.Args, line, err, p.Stderr)
	}
	return p
}

// Signal sends the process a signal.
func (p *Process) Signal(t testing.TB, s syscall.Signal) {
	t.Helper()
	if err := p.Cmd.Process.Signal(s); err != nil {
		t.Errorf("signal %v: %v", s, err)
	}
}

// Kill kills the process with SIGKILL, as the kernel does when memory runs out, and waits for its end.
func (p *Process) Kill(t testing.TB) {
	t.Helper()
	p.Signal(t, syscall.SIGKILL)
	p.AwaitKill(t)
}

// AwaitKill waits for the end of the process, and fails the test if it was not killed with SIGKILL.
func (p *Process) AwaitKill(t testing.TB) {
	t.Helper()
	p.Cmd.Wait() // returns an error for the signal; ProcessState has it too
	if s, ok := p.Cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || s.Signal() != syscall.SIGKILL {
		t.Errorf("the server ended with %v, want SIGKILL; on standard error:\n%s", p.Cmd.ProcessState, p.Stderr)
	}
	p.Client.CloseIdleConnections()
}

// Stop stops the process with SIGTERM, as operators do, and fails the test unless it exits with status 0.
func (p *Process) Stop(t testing.TB) {
	t.Helper()
	p.Client.CloseIdleConnections()
	p.Signal(t, syscall.SIGTERM)
	late := time.AfterFunc(Patience, func() { p.Cmd.Process.Kill() })
	defer late.Stop()
	if err := p.Cmd.Wait(); err != nil {
		t.Errorf("the server stopped with %v; on standard error:\n%s", err, p.Stderr)
	}
}

// Answer is an answer of the API.
type Answer struct {
	Status   int
	Replayed bool // the request had been answered before, and this is that answer
	Body     []byte
}

// Number returns the number of the entry in the answer.
func (a Answer) Number(t testing.TB) int {
	t.Helper()
	var e struct{ Number int }
	if err := json.Unmarshal(a.Body, &e); err != nil || e.Number < 1 {
		t.Errorf("the answer %s has no entry: %v", a.Body, err)
	}
	return e.Number
}

// Post posts an entry to the blog "summit". The key is both its text and its idempotency key. Post fails without a
// complete answer.
func (p *Process) Post(t testing.TB, token, key string) (Answer, error) {
	t.Helper()
	return p.do(t, http.MethodPost, "/api/v1/blogs/summit/entries", token, key)
}

// Entry requests an entry of the blog "summit" from the API.
func (p *Process) Entry(t testing.TB, token string, number int) Answer {
	t.Helper()
	a, err := p.do(t, http.MethodGet, fmt.Sprintf("/api/v1/blogs/summit/entries/%d", number), token, "")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (p *Process) do(t testing.TB, method, path, token, key string) (Answer, error) {
	t.Helper()
	var body io.Reader
	if key != "" {
		body = strings.NewReader(fmt.Sprintf(`{"body":%q}`, key))
	}
	req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), method, p.URL+path, body)
	if err != nil {
		return Answer{}, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if key != "" {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", key)
	}
	res, err := p.Client.Do(req)
	if err != nil {
		return Answer{}, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return Answer{res.StatusCode, res.Header.Get("Idempotency-Replayed") == "true", b}, err
}
