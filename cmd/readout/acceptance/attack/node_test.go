package attack

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"readout/cmd/readout/acceptance/program"
	"readout/cmd/readout/server"
	"readout/liveblog"
	"readout/realtime"
	"readout/store"
)

// patience limits how long a test waits for a condition, which a node that works meets at once.
const patience = program.Patience

// limits are those of a node.
type limits struct {
	memory      int // KiB of address space
	descriptors int
	history     bool // its blog has entries with hostile Markdown and many acts
}

var binaries program.Binaries

func TestMain(m *testing.M) { os.Exit(binaries.Around(m)) }

// node is the program within its limits, with the blog "summit".
type node struct {
	*program.Process
	editor      string // token
	contributor string // token
	flooder     string // token of another contributor
}

// startNode starts a node with a database of its own and further flags.
func startNode(t *testing.T, l limits, flags ...string) *node {
	t.Helper()
	n := &node{}
	database := "sqlite:" + filepath.Join(t.TempDir(), "readout.db")
	n.prepare(t, database, l.history)
	args := slices.Concat([]string{"serve", "--listen", "127.0.0.1:0", "--database", database}, flags)
	n.Process = binaries.StartLimited(t, l.memory, l.descriptors, args...)
	return n
}

// address returns the host and port of the node.
func (n *node) address() string { return strings.TrimPrefix(n.URL, "http://") }

// prepare fills the database before the node opens it.
func (n *node) prepare(t *testing.T, database string, history bool) {
	t.Helper()
	s, err := store.Open(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	_, n.editor = program.Prepare(t, s)
	accounts := server.NewAccounts(s)
	for name, token := range map[string]*string{"Stringer": &n.contributor, "Flooder": &n.flooder} {
		if *token, err = accounts.AddToken(t.Context(), program.Operator(),
			liveblog.NewToken{Name: name, Role: liveblog.Contributor}); err != nil {
			t.Fatal(err)
		}
	}
	if !history {
		return
	}
	// This desk does not check bodies: older versions may have stored such entries.
	desk := liveblog.NewDesk(s, realtime.NewLocalBroker(), liveblog.DeskOptions{})
	post := func(in liveblog.EntryInput) {
		t.Helper()
		if _, _, err := desk.Post(t.Context(), program.Operator(), "summit", in, nil); err != nil {
			t.Fatalf("an entry with a text of %d bytes: %v", len(in.Body), err)
		}
	}
	for _, body := range hostileTexts() {
		post(liveblog.EntryInput{Headline: "From before", Body: body})
	}
	for i := range chainEntries {
		acts, err := liveblog.ParseActs([]byte(chainOfClaims(i)))
		if err != nil {
			t.Fatal(err)
		}
		post(liveblog.EntryInput{Body: "Claims.", Acts: acts})
	}
}

// usage is what the process uses.
type usage struct {
	resident    int // KiB
	descriptors int
}

func (u usage) String() string {
	return fmt.Sprintf("%d MiB and %d descriptors", u.resident>>10, u.descriptors)
}

// usage returns what the process uses, and fails the test if the process has exited.
func (n *node) usage(t *testing.T) (u usage) {
	t.Helper()
	proc := fmt.Sprintf("/proc/%d/", n.Cmd.Process.Pid)
	status, err := os.ReadFile(proc + "status")
	if err != nil {
		n.Cmd.Wait()
		t.Fatalf("the node exited: %v, %v; the end of its standard error:\n%s",
			err, n.Cmd.ProcessState, tail(n.Stderr.String()))
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

// awaitRecovery requests pages until the node uses about as much as before the attack. Without requests it would
// collect its garbage only every two minutes.
func (n *node) awaitRecovery(t *testing.T, before usage) {
	t.Helper()
	// After a long attack the caches of pages and texts are full: the heap has 50 to 60 MiB that are in use, whether the
	// attack took ten seconds or five minutes, and grows to twice that before it is collected.
	const moreDescriptors, moreMemory = 30, 160 << 10
	deadline := time.Now().Add(patience)
	for {
		now := n.usage(t)
		if now.descriptors <= before.descriptors+moreDescriptors && now.resident <= before.resident+moreMemory {
			t.Log("after the attack:", now)
			return
		}
		if time.Now().After(deadline) {
			t.Errorf("after the attack the node uses %v, and before it used %v", now, before)
			return
		}
		for range 20 {
			pages(t.Context(), n, 0)
		}
	}
}

// post publishes an update and records when it was sent.
func (n *node) post(t *testing.T, r *readers) {
	t.Helper()
	text := r.next()
	body, err := json.Marshal(map[string]string{"body": text})
	if err != nil {
		t.Fatal(err)
	}
	// The node may close a connection to make room before it reads the request. The idempotency key makes a retry safe.
	// The delay counts from the first attempt.
	for deadline := time.Now().Add(patience); ; {
		status, answer, err := n.call(t.Context(), http.MethodPost, "/api/v1/blogs/summit/entries", n.editor,
			bytes.NewReader(body), "Idempotency-Key", fmt.Sprint("update-", len(r.sent)))
		switch {
		case err == nil && status == http.StatusCreated:
			return
		case err == nil || time.Now().After(deadline):
			n.usage(t) // fails if the node has exited
			t.Fatalf("posting %q: %d, %v\n%s", text, status, err, answer)
		}
	}
}

// call makes a request. Headers are pairs of a name and a value. It returns at most 64 KiB of the answer.
func (n *node) call(
	ctx context.Context, method, path, token string, body io.Reader, headers ...string,
) (status int, answer []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, method, n.URL+path, body)
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
	res, err := n.Client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(res.Body, 64<<10))
	io.Copy(io.Discard, res.Body)
	return res.StatusCode, answer, err
}

func (n *node) dial(ctx context.Context) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, "tcp", n.address())
}

// stop stops the node and checks that it logged few errors.
func (n *node) stop(t *testing.T) {
	t.Helper()
	n.Stop(t)
	if errors := strings.Count(n.Stderr.String(), "level=ERROR"); errors > 10 {
		t.Errorf("the node logged %d errors:\n%s", errors, tail(n.Stderr.String()))
	}
	t.Logf("the node's log has %d lines", strings.Count(n.Stderr.String(), "\n"))
}

// tail returns the last 4 KiB of a text.
func tail(text string) string { return text[max(0, len(text)-4<<10):] }
