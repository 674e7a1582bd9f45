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

// bound is how late an update usually is at most on another node's readers while Redis is away, or says nothing.
const bound = 5 * time.Second

// post makes a post at a node, wants the status, and returns the answer's header and body.
func (c *cluster) post(t *testing.T, node int, words string, status int) (http.Header, []byte) {
	t.Helper()
	w := c.newWriter(node, words, 1)
	defer w.client.CloseIdleConnections()
	body, err := json.Marshal(map[string]string{"headline": words, "body": words})
	if err != nil {
		t.Fatal(err)
	}
	got, header, answer, err := w.attempt(t.Context(), c.nodes[node].URL, "POST", "/api/v1/blogs/"+c.slug+"/entries", body, "")
	if err != nil {
		t.Fatal(err)
	}
	if got != status {
		t.Fatalf("the post of %q is answered with %d, want %d: %s", words, got, status, answer)
	}
	return header, answer
}

// get returns the status and the body of a page, and its header.
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

// With Redis dead an entry of one node is on the other's readers within seconds, and posting goes on.
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
			t.Logf("Redis %s: posted in %v, on every reader %v later", name, posted.Sub(start), time.Since(posted))
			waits = append(waits, time.Since(posted))
		}
		// A busy machine may delay any one update, but not half of them by so much.
		slices.Sort(waits)
		if waits[len(waits)/2] > bound {
			t.Errorf("Redis %s: readers waited %v", name, waits)
		}
		heal()
		c.post(t, 1, "after", http.StatusCreated)
		if err := c.settle(t, readers); err != nil {
			t.Fatal(err)
		}
	}
}

// A node commits a write and dies before it tells anybody: the other node's readers get it all the same, although its repetition
// there changes nothing, and nothing else is written that could show a gap. Without the tick in realtime/feed.go this fails.
func TestClusterFindsAnUntoldWrite(t *testing.T) {
	t.Parallel()
	c := newCluster(t, clusterOptions{dying: true, first: true})
	readers, stop := c.readers(t, 5, 1, 0, func(int) []string { return c.urls(1)[:1] })
	defer stop()
	w := c.newWriter(0, "untold", 1)
	defer w.client.CloseIdleConnections()
	body := []byte(`{"headline":"untold","body":"untold"}`)
	path := "/api/v1/blogs/" + c.slug + "/entries"
	if status, _, answer, err := w.attempt(t.Context(), c.nodes[0].URL, "POST", path, body, "untold"); err == nil {
		t.Fatalf("the node that dies answers %d: %s", status, answer)
	}
	c.nodes[0].AwaitKill(t)
	status, header, answer, err := w.attempt(t.Context(), c.nodes[1].URL, "POST", path, body, "untold")
	if err != nil || status != http.StatusCreated || header.Get("Idempotency-Replayed") != "true" {
		t.Fatalf("the repetition is answered with %d, %v, %v: %s", status, header, err, answer)
	}
	if err := c.settle(t, readers); err != nil {
		t.Fatal(err)
	}
}

// With PostgreSQL dead readers keep their pages and connections, editors are told to try again, and when it is back
// everything goes on without a restart.
func TestClusterWithoutPostgres(t *testing.T) {
	t.Parallel()
	c := newCluster(t, clusterOptions{own: true})
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
				t.Errorf("node %d: the page is %d, %d bytes, want what it was, %d bytes", i+1, status, len(body), len(before[i]))
			}
		}
		if status, _, _ := n.get(t, "/healthz"); status != http.StatusOK {
			t.Errorf("node %d: /healthz is %d", i+1, status)
		}
		if status, _, _ := n.get(t, "/readyz"); status != http.StatusServiceUnavailable {
			t.Errorf("node %d: /readyz is %d", i+1, status)
		}
		header, body := c.post(t, i, "lost", http.StatusServiceUnavailable)
		if kind := header.Get("Content-Type"); !strings.HasPrefix(kind, "application/problem+json") || header.Get("Retry-After") == "" {
			t.Errorf("node %d: the refusal is %s, Retry-After %q: %s", i+1, kind, header.Get("Retry-After"), body)
		}
		// Who is here already may come back, and who knows nothing yet may begin.
		late, err := readers[0].dial(t.Context(), n.URL, readers[0].place())
		if err != nil {
			t.Errorf("node %d: a reader cannot come back: %v", i+1, err)
		} else {
			late.Close()
		}
	}
	if now := c.connections(readers); now != connections {
		t.Errorf("the readers had made %d connections, and now %d: some were lost", connections, now)
	}
	c.postgres.Start(t)
	c.eventually(t, "both nodes are ready", func() bool {
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
		t.Errorf("the readers had made %d connections, and %d when the store was back", connections, now)
	}
}

// The number of followers is that of both nodes, and without those of a node that died.
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
	c.eventually(t, "eleven follow", func() bool { return following() == 11 })
	c.nodes[0].Kill(t)
	c.eventually(t, "the dead node's five are forgotten", func() bool { return following() == 6 })
}

// connections counts the connections that the readers have made.
func (c *cluster) connections(readers []*clusterReader) (n int64) {
	for _, r := range readers {
		n += r.connections.Load()
	}
	return n
}

func (c *cluster) eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), clusterPatience)
	defer cancel()
	for ; !holds(); pause(ctx, 20*time.Millisecond) {
		if ctx.Err() != nil {
			t.Fatalf("waited %v in vain until %s", clusterPatience, what)
		}
	}
}
