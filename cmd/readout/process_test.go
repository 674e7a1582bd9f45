package main

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

// processPatience ends a test whose server neither starts nor answers.
const processPatience = time.Minute

// process is the server in a process of its own.
type process struct {
	cmd    *exec.Cmd
	stderr *bytes.Buffer // complete when the process has been waited for
	url    string
	client *http.Client
}

// startProcess runs the program with a command that serves, and returns when it listens. The process is killed when
// the test ends, if it has not ended before.
func startProcess(t testing.TB, args ...string) *process {
	t.Helper()
	return startProgram(t, "readout", nil, args...)
}

// startProgram is startProcess for another of the programs that the test binary can be, with further variables.
func startProgram(t testing.TB, program string, env []string, args ...string) *process {
	t.Helper()
	p := &process{stderr: new(bytes.Buffer), client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: crashWriters}, Timeout: processPatience}}
	p.cmd = exec.CommandContext(t.Context(), program, slices.Concat(args[:1], []string{"--drain", "0s", "--log-level", "WARN"}, args[1:])...)
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stderr = p.stderr
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(processPatience, func() { p.cmd.Process.Kill() })
	line, err := bufio.NewReader(stdout).ReadString('\n')
	late.Stop()
	address, listens := strings.CutPrefix(line, "Readout listens on ")
	address, _, _ = strings.Cut(address, ",")
	p.url = "http://" + address
	if err != nil || !listens {
		p.cmd.Process.Kill()
		p.cmd.Wait()
		t.Fatalf("the server said %q, %v; on standard error:\n%s", line, err, p.stderr)
	}
	return p
}

// kill ends the process as the kernel does when memory runs out: at once, without a word to it.
func (p *process) kill(t testing.TB) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Errorf("kill: %v", err)
	}
	p.cmd.Wait() // its error is the signal, which the state has as well
	if s, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || s.Signal() != syscall.SIGKILL {
		t.Errorf("the server had ended by itself: %v; on standard error:\n%s", p.cmd.ProcessState, p.stderr)
	}
	p.client.CloseIdleConnections()
}

// stop ends the process as an operator does, and sees that it ends well.
func (p *process) stop(t testing.TB) {
	t.Helper()
	p.client.CloseIdleConnections()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Errorf("terminate: %v", err)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("the server stopped with %v; on standard error:\n%s", err, p.stderr)
	}
}

// processAnswer is what the API said.
type processAnswer struct {
	status   int
	replayed bool
	body     []byte
}

func (a processAnswer) number(t testing.TB) int {
	t.Helper()
	var e struct{ Number int }
	if err := json.Unmarshal(a.body, &e); err != nil || e.Number < 1 {
		t.Errorf("no entry is in %s: %v", a.body, err)
	}
	return e.Number
}

// post posts an entry whose text is its key. It fails where no whole answer came.
func (p *process) post(t testing.TB, token, key string) (processAnswer, error) {
	t.Helper()
	return p.do(t, http.MethodPost, "/api/v1/blogs/summit/entries", token, key)
}

func (p *process) get(t testing.TB, token string, number int) processAnswer {
	t.Helper()
	a, err := p.do(t, http.MethodGet, fmt.Sprintf("/api/v1/blogs/summit/entries/%d", number), token, "")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (p *process) do(t testing.TB, method, path, token, key string) (processAnswer, error) {
	t.Helper()
	var body io.Reader
	if key != "" {
		body = strings.NewReader(fmt.Sprintf(`{"body":%q}`, key))
	}
	req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), method, p.url+path, body)
	if err != nil {
		return processAnswer{}, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if key != "" {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", key)
	}
	res, err := p.client.Do(req)
	if err != nil {
		return processAnswer{}, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return processAnswer{res.StatusCode, res.Header.Get("Idempotency-Replayed") == "true", b}, err
}
