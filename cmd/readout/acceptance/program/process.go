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

	"readout/liveblog"
)

// Patience ends a test whose server neither starts nor answers. No working machine is so busy that it is reached.
const Patience = 2 * time.Minute

// writers is how many clients a test has that write at once.
const writers = 4

// Process is the server in a process of its own.
type Process struct {
	Cmd    *exec.Cmd
	Stderr *bytes.Buffer // complete when the process has been waited for
	URL    string
	Client *http.Client
}

// Operator may do what the command line does.
func Operator() liveblog.Actor {
	return liveblog.Actor{ID: "u_operator", Name: "The operator", Role: liveblog.Admin}
}

func start(t testing.TB, binary string, env, args []string) *Process {
	t.Helper()
	p := &Process{Stderr: new(bytes.Buffer), Client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: writers}, Timeout: Patience}}
	p.Cmd = exec.CommandContext(t.Context(), binary, slices.Concat(args[:1], []string{"--drain", "0s", "--log-level", "WARN"}, args[1:])...)
	p.Cmd.Env = append(os.Environ(), env...)
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
		t.Fatalf("waiting for %v to listen: it said %q, %v; on standard error:\n%s", args, line, err, p.Stderr)
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

// Kill ends the process as the kernel does when memory runs out: at once, without a word to it.
func (p *Process) Kill(t testing.TB) {
	t.Helper()
	p.Signal(t, syscall.SIGKILL)
	p.AwaitKill(t)
}

// AwaitKill waits for a process that is being killed, and fails where it ends otherwise.
func (p *Process) AwaitKill(t testing.TB) {
	t.Helper()
	p.Cmd.Wait() // its error is the signal, which the state has as well
	if s, ok := p.Cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || s.Signal() != syscall.SIGKILL {
		t.Errorf("the server had ended by itself: %v; on standard error:\n%s", p.Cmd.ProcessState, p.Stderr)
	}
	p.Client.CloseIdleConnections()
}

// Stop ends the process as an operator does, and sees that it ends well.
func (p *Process) Stop(t testing.TB) {
	t.Helper()
	p.Client.CloseIdleConnections()
	p.Signal(t, syscall.SIGTERM)
	late := time.AfterFunc(Patience, func() { p.Cmd.Process.Kill() })
	defer late.Stop()
	if err := p.Cmd.Wait(); err != nil {
		t.Errorf("waiting for the server to stop: it ended with %v; on standard error:\n%s", err, p.Stderr)
	}
}

// Answer is what the API said.
type Answer struct {
	Status   int
	Replayed bool
	Body     []byte
}

// Number returns the number of the entry in the answer.
func (a Answer) Number(t testing.TB) int {
	t.Helper()
	var e struct{ Number int }
	if err := json.Unmarshal(a.Body, &e); err != nil || e.Number < 1 {
		t.Errorf("no entry is in %s: %v", a.Body, err)
	}
	return e.Number
}

// Post posts an entry to the blog "summit", whose text is its key. It fails where no whole answer came.
func (p *Process) Post(t testing.TB, token, key string) (Answer, error) {
	t.Helper()
	return p.do(t, http.MethodPost, "/api/v1/blogs/summit/entries", token, key)
}

// Entry returns what the API says of an entry of the blog "summit".
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
