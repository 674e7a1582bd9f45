package attack

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"readout/cmd/readout/acceptance/program"
	"readout/cmd/readout/server"
	"readout/liveblog"
	"readout/realtime"
	"readout/store"
)

const patience = 2 * time.Minute // for a condition that holds at once on a node that works

// limits are what a node has, as the shell's ulimit sets them.
type limits struct {
	memory      int // KiB of address space
	descriptors int
	history     bool // its blog is full of what was hostile to nodes before
}

var binaries program.Binaries

func TestMain(m *testing.M) { os.Exit(binaries.Around(m)) }

// node is the program within its limits, with a blog.
type node struct {
	cmd         *exec.Cmd
	output      *bytes.Buffer // standard error; complete when the process has been waited for
	address     string
	editor      string // token
	contributor string // token
	flooder     string // token of another contributor
	client      *http.Client
}

func startNode(t *testing.T, l limits, args ...string) *node {
	t.Helper()
	dir := t.TempDir()
	n := &node{output: new(bytes.Buffer), client: &http.Client{Transport: &http.Transport{}, Timeout: patience}}
	database := "sqlite:" + filepath.Join(dir, "readout.db")
	n.prepare(t, database, l.history)
	serve := binaries.Command(t, slices.Concat([]string{"serve", "--listen", "127.0.0.1:0", "--database", database, "--drain", "0s"}, args)...)
	ulimit := fmt.Sprintf(`ulimit -v %d && ulimit -n %d && exec "$0" "$@"`, l.memory, l.descriptors)
	n.cmd = exec.Command("sh", slices.Concat([]string{"-c", ulimit}, serve.Args)...)
	n.cmd.Stderr = n.output
	out, err := n.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := n.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.cmd.Process.Kill() })
	late := time.AfterFunc(patience, func() { n.cmd.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	late.Stop()
	address, listens := strings.CutPrefix(line, "Readout listens on ")
	n.address, _, _ = strings.Cut(address, ",")
	if err != nil || !listens {
		n.cmd.Process.Kill()
		n.cmd.Wait()
		t.Fatalf("the node said %q, %v; on standard error:\n%s", line, err, tail(n.output.String()))
	}
	return n
}

// prepare fills the database before the node has it.
func (n *node) prepare(t *testing.T, database string, history bool) {
	t.Helper()
	s, err := store.Open(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	admin := liveblog.Actor{ID: "cli", Name: "operator", Role: liveblog.Admin}
	accounts := server.NewAccounts(s)
	if n.editor, err = accounts.AddToken(t.Context(), admin, "Desk", liveblog.Editor); err != nil {
		t.Fatal(err)
	}
	for name, token := range map[string]*string{"Stringer": &n.contributor, "Flooder": &n.flooder} {
		if *token, err = accounts.AddToken(t.Context(), admin, name, liveblog.Contributor); err != nil {
			t.Fatal(err)
		}
	}
	desk := liveblog.NewDesk(s, realtime.NewLocalBroker(), liveblog.DeskOptions{}) // it checks no body: such rows may be there from before
	if _, err := desk.CreateBlog(t.Context(), admin, liveblog.NewBlog{Slug: "summit", Title: "The summit", Status: liveblog.Live}); err != nil {
		t.Fatal(err)
	}
	if !history {
		return
	}
	for _, body := range hostileTexts() {
		if _, _, err := desk.Post(t.Context(), admin, "summit", liveblog.EntryInput{Headline: "From before", Body: body}, nil); err != nil {
			t.Fatalf("an entry of %d bytes: %v", len(body), err)
		}
	}
	for i := range chainEntries {
		acts, err := liveblog.ParseActs([]byte(chainOfClaims(i)))
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := desk.Post(t.Context(), admin, "summit", liveblog.EntryInput{Body: "Claims.", Acts: acts}, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// usage is what the node holds.
type usage struct {
	resident    int // KiB
	descriptors int
}

func (u usage) String() string {
	return fmt.Sprintf("%d MiB and %d descriptors", u.resident>>10, u.descriptors)
}

func (n *node) usage(t *testing.T) (u usage) {
	t.Helper()
	proc := fmt.Sprintf("/proc/%d/", n.cmd.Process.Pid)
	status, err := os.ReadFile(proc + "status")
	if err != nil {
		n.cmd.Wait()
		t.Fatalf("the node is gone: %v, %v; the end of its standard error:\n%s", err, n.cmd.ProcessState, tail(n.output.String()))
	}
	for line := range strings.Lines(string(status)) {
		if kib, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			u.resident, _ = strconv.Atoi(strings.Fields(kib)[0])
		}
	}
	open, err := os.ReadDir(proc + "fd")
	if err != nil {
		t.Fatal(err)
	}
	u.descriptors = len(open)
	return u
}

// comesBack reads pages until the node holds about what it held before the attack. A node that has nothing to do collects
// its garbage every two minutes only.
func (n *node) comesBack(t *testing.T, before usage) {
	t.Helper()
	const moreDescriptors, moreMemory = 30, 96 << 10
	end := time.Now().Add(patience)
	for {
		now := n.usage(t)
		if now.descriptors <= before.descriptors+moreDescriptors && now.resident <= before.resident+moreMemory {
			t.Log("after the attack:", now)
			return
		}
		if time.Now().After(end) {
			t.Errorf("after the attack the node holds %v; before it held %v", now, before)
			return
		}
		for range 20 {
			pages(t.Context(), n, 0)
		}
	}
}

// post publishes an update and notes when it was sent.
func (n *node) post(t *testing.T, r *readers) {
	t.Helper()
	text := r.next()
	body, err := json.Marshal(map[string]string{"body": text})
	if err != nil {
		t.Fatal(err)
	}
	// A connection may be closed to make room before the request is on it. The key makes it safe to ask again, and the delay counts from
	// the first attempt.
	for end := time.Now().Add(patience); ; {
		status, answer, err := n.call(t.Context(), http.MethodPost, "/api/v1/blogs/summit/entries", n.editor, bytes.NewReader(body),
			"Idempotency-Key", fmt.Sprint("update-", len(r.sent)))
		switch {
		case err == nil && status == http.StatusCreated:
			return
		case err == nil || time.Now().After(end):
			n.usage(t) // says so where the node is gone
			t.Fatalf("posting %q: %d, %v\n%s", text, status, err, answer)
		}
	}
}

// call makes a request as a client of its own address.
func (n *node) call(ctx context.Context, method, path, token string, body io.Reader, headers ...string) (status int, answer []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://"+n.address+path, body)
	if err != nil {
		return 0, nil, err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for pair := range slices.Chunk(headers, 2) {
		req.Header.Set(pair[0], pair[1])
	}
	res, err := n.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(res.Body, 64<<10))
	io.Copy(io.Discard, res.Body)
	return res.StatusCode, answer, err
}

func (n *node) dial(ctx context.Context) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, "tcp", n.address)
}

func (n *node) stop(t *testing.T) {
	t.Helper()
	n.client.CloseIdleConnections()
	n.cmd.Process.Signal(syscall.SIGTERM)
	if err := n.cmd.Wait(); err != nil {
		t.Errorf("the node ended with %v; the end of its standard error:\n%s", err, tail(n.output.String()))
	}
	if lines := strings.Count(n.output.String(), "level=ERROR"); lines > 10 {
		t.Errorf("the node wrote %d errors to its log:\n%s", lines, tail(n.output.String()))
	}
	t.Logf("the node's log has %d lines", strings.Count(n.output.String(), "\n"))
}

func tail(text string) string { return text[max(0, len(text)-4<<10):] }

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
