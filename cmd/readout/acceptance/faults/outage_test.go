package faults

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"readout/cmd/readout/acceptance/program"
)

// maxDelay is how late an update usually reaches another node's readers at most while Redis is down or paused.
const maxDelay = 5 * time.Second

// post posts an entry to a node, and fails the test unless the answer has the status.
func (c *cluster) post(t *testing.T, node int, words string, status int) (http.Header, []byte) {
	t.Helper()
	w := c.newWriter(node, words, 1)
	defer w.client.CloseIdleConnections()
	body, err := json.Marshal(map[string]string{"headline": words, "body": words})
	if err != nil {
		t.Fatal(err)
	}
	path := "/api/v1/blogs/" + c.slug + "/entries"
	got, header, answer, err := w.attempt(t.Context(), c.nodes[node].URL, "POST", path, body, "")
	if err != nil {
		t.Fatal(err)
	}
	if got != status {
		t.Fatalf("the answer to the post of %q is %d, want %d: %s", words, got, status, answer)
	}
	return header, answer
}

// get requests a page and returns its status, header and body.
func (n *clusterNode) get(t *testing.T, path string) (int, http.Header, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), program.Patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", n.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := n.Client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header, string(b)
}

// TestClusterWithoutRedis checks that, with Redis down or paused, nodes take posts, and that readers of the other node
// get them within seconds.
func TestClusterWithoutRedis(t *testing.T) {
	t.Parallel()
	c := newCluster(t, clusterOptions{})
	readers, stop := c.readers(t, 20, 1, 0, c.urls)
	defer stop()
	c.post(t, 0, "before", http.StatusCreated)
	if err := c.settle(t, readers); err != nil {
		t.Fatal(err)
	}
	for name, fail := range map[string]func() (heal func()){
		"dead":   func() func() { c.redis.Kill(); return c.redis.StartAgain },
		"paused": func() func() { c.redis.Pause(); return c.redis.Resume },
	} {
		heal := fail()
		var waits []time.Duration
		for i := range 6 {
			start := time.Now()
			c.post(t, i%2, fmt.Sprintf("%s %d", name, i), http.StatusCreated)
			posted := time.Now()
			if err := c.settle(t, readers); err != nil {
				t.Fatal(err)
			}
			t.Logf("Redis %s: posting took %v, and readers had it %v later",
				name, posted.Sub(start), time.Since(posted))
			waits = append(waits, time.Since(posted))
		}
		// The median, since a busy machine may delay single updates.
		slices.Sort(waits)
		if waits[len(waits)/2] > maxDelay {
			t.Errorf("Redis %s: readers waited %v", name, waits)
		}
		heal()
		c.post(t, 1, "after", http.StatusCreated)
		if err := c.settle(t, readers); err != nil {
			t.Fatal(err)
		}
	}
}

// TestClusterFindsAnUnpublishedWrite kills a node between a commit and its publication. The readers of the other node
// must get the write, although repeating the request there changes nothing, and no further write reveals the gap. Only
// the tick in realtime/feed.go can find it.
func TestClusterFindsAnUnpublishedWrite(t *testing.T) {
	t.Parallel()
	c := newCluster(t, clusterOptions{failpoint: true, atFirst: true})
	readers, stop := c.readers(t, 5, 1, 0, func(int) []string { return c.urls(1)[:1] })
	defer stop()
	w := c.newWriter(0, "unpublished", 1)
	defer w.client.CloseIdleConnections()
	body := []byte(`{"headline":"unpublished","body":"unpublished"}`)
	path := "/api/v1/blogs/" + c.slug + "/entries"
	if status, _, answer, err := w.attempt(t.Context(), c.nodes[0].URL, "POST", path, body, "key"); err == nil {
		t.Fatalf("the node with the failpoint answers %d: %s", status, answer)
	}
	c.nodes[0].AwaitKill(t)
	status, header, answer, err := w.attempt(t.Context(), c.nodes[1].URL, "POST", path, body, "key")
	if err != nil || status != http.StatusCreated || header.Get("Idempotency-Replayed") != "true" {
		t.Fatalf("the answer to the repeated request is %d, %v, %v: %s", status, header, err, answer)
	}
	if err := c.settle(t, readers); err != nil {
		t.Fatal(err)
	}
}

// TestClusterWithoutPostgres checks that, with PostgreSQL down, readers keep their pages and connections and editors
// get a 503, and that everything works again without a restart when PostgreSQL is back.
func TestClusterWithoutPostgres(t *testing.T) {
	t.Parallel()
	c := newCluster(t, clusterOptions{ownPostgres: true})
	readers, stop := c.readers(t, 20, 1, 0, c.urls)
	defer stop()
	c.post(t, 0, "before", http.StatusCreated)
	if err := c.settle(t, readers); err != nil {
		t.Fatal(err)
	}
	page := "/live/" + c.slug
	before := make([]string, len(c.nodes))
	for i, n := range c.nodes {
		_, _, before[i] = n.get(t, page)
	}
	connections := c.connections(readers)

	c.postgres.Kill(t)
	for i, n := range c.nodes {
		for range 3 {
			status, _, body := n.get(t, page)
			if status != http.StatusOK || body != before[i] {
				t.Errorf("node %d: the page is %d with %d bytes, want the earlier page of %d bytes",
					i+1, status, len(body), len(before[i]))
			}
		}
		if status, _, _ := n.get(t, "/healthz"); status != http.StatusOK {
			t.Errorf("node %d: /healthz is %d", i+1, status)
		}
		if status, _, _ := n.get(t, "/readyz"); status != http.StatusServiceUnavailable {
			t.Errorf("node %d: /readyz is %d", i+1, status)
		}
		header, body := c.post(t, i, "lost", http.StatusServiceUnavailable)
		kind, retry := header.Get("Content-Type"), header.Get("Retry-After")
		if !strings.HasPrefix(kind, "application/problem+json") || retry == "" {
			t.Errorf("node %d: the refusal is %s with Retry-After %q: %s", i+1, kind, retry, body)
		}
		// A reader can reconnect with its cursor.
		conn, err := readers[0].dial(t.Context(), n.URL, readers[0].cursor())
		if err != nil {
			t.Errorf("node %d: a reader cannot reconnect: %v", i+1, err)
		} else {
			conn.Close()
		}
	}
	if now := c.connections(readers); now != connections {
		t.Errorf("the readers had made %d connections before and %d during the outage: some were lost",
			connections, now)
	}
	c.postgres.Start(t)
	program.Await(t, "both nodes are ready", func() bool {
		for _, n := range c.nodes {
			if status, _, _ := n.get(t, "/readyz"); status != http.StatusOK {
				return false
			}
		}
		return true
	})
	c.post(t, 0, "after", http.StatusCreated)
	c.post(t, 1, "and again", http.StatusCreated)
	if err := c.settle(t, readers); err != nil {
		t.Fatal(err)
	}
	if now := c.connections(readers); now != connections {
		t.Errorf("the readers had made %d connections before and %d after the outage: some were lost",
			connections, now)
	}
}

// TestClusterCountsReaders checks that the number of readers is that of both nodes, and that those of a node that was
// killed are not counted after a while.
func TestClusterCountsReaders(t *testing.T) {
	t.Parallel()
	c := newCluster(t, clusterOptions{})
	_, stop := c.readers(t, 5, 1, 0, func(node int) []string { return c.urls(node)[:1] })
	defer stop()
	following := func() int {
		w := &clusterReader{slug: c.slug}
		p, err := loadPage(t.Context(), c.store, c.slug)
		if err != nil {
			t.Fatal(err)
		}
		conn, err := w.dial(t.Context(), c.nodes[1].URL, p.cursor)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		var hello struct{ Readers int }
		if err := conn.ReadJSON(&hello); err != nil {
			t.Fatal(err)
		}
		return hello.Readers
	}
	program.Await(t, "there are 11 readers", func() bool { return following() == 11 })
	c.nodes[0].Kill(t)
	program.Await(t, "the 5 readers of the killed node are not counted", func() bool { return following() == 6 })
}

// connections returns how many connections the readers have made.
func (c *cluster) connections(readers []*clusterReader) (n int64) {
	for _, r := range readers {
		n += r.connections.Load()
	}
	return n
}
