package main

import (
	"context"
	"net/url"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// longestWait is how long a reader may be without a connection while nodes restart one after the other.
const longestWait = 15 * time.Second

// Both nodes are restarted one after the other behind the proxy of the compose file, while readers follow and writers
// write: nobody misses or repeats anything, or waits for long, and no write is lost.
func TestRollingRestart(t *testing.T) {
	t.Parallel()
	c := newCluster(t, clusterOptions{drain: 2 * time.Second})
	proxy := startCaddy(t, "http://"+reservePort(t), c.nodes[0].address, c.nodes[1].address)
	readers, stop := c.readers(t, 200, 1, 0, func(int) []string { return []string{proxy} })
	defer stop()

	ctx, quit := context.WithCancel(t.Context())
	defer quit()
	all := &clusterWrites{posted: map[string]int{}}
	var writers sync.WaitGroup
	failed := make([]error, 2)
	done := make(chan struct{})
	for i := range failed {
		w := c.newWriter(i, []string{"one", "two"}[i], 1)
		w.urls = []string{proxy}
		writers.Go(func() {
			defer w.client.CloseIdleConnections()
			for failed[i] == nil {
				select {
				case <-done:
					return
				default:
					failed[i] = w.write(ctx, 1, all)
				}
			}
		})
	}
	c.eventually(t, "writing has begun", func() bool { return all.count.Load() > 20 })
	for i, n := range c.nodes {
		n.signal(syscall.SIGTERM)
		if err := n.cmd.Wait(); err != nil {
			t.Errorf("node %d ended with %v; on standard error:\n%s", i+1, err, n.stderr)
		}
		mark := all.count.Load()
		c.eventually(t, "writing goes on without the node", func() bool { return all.count.Load() > mark+20 })
		n.start()
		c.eventually(t, "the node is ready and readers are on it", func() bool {
			status, _, _ := n.get(t, "/readyz")
			return status == 200
		})
		mark = all.count.Load()
		c.eventually(t, "writing goes on with the node", func() bool { return all.count.Load() > mark+20 })
	}
	close(done)
	writers.Wait()
	for i, err := range failed {
		if err != nil {
			t.Errorf("writer %d: %v", i+1, err)
		}
	}
	if err := c.settle(t, readers); err != nil {
		t.Fatal(err)
	}
	all.check(t)
	var longest time.Duration
	for _, r := range readers {
		longest = max(longest, time.Duration(r.longest.Load()))
		if n := r.reloads.Load(); n > 0 {
			t.Errorf("reader %s was told to reload", r.name)
		}
	}
	if n := c.connections(readers); n < int64(len(readers))*3/2 {
		t.Errorf("%d readers made %d connections: the restart has not met them", len(readers), n)
	}
	if longest > longestWait {
		t.Errorf("a reader was without a connection for %v", longest)
	}
	t.Logf("%d writes, %d attempts failed, %d connections, longest time without one %v",
		all.count.Load(), all.failed.Load(), c.connections(readers), longest.Round(time.Millisecond))
}

// A restored database has another epoch: readers of the lost history start again from the page.
func TestRestoredDatabaseReloadsReaders(t *testing.T) {
	t.Parallel()
	c := newCluster(t, clusterOptions{})
	readers, stop := c.readers(t, 10, 1, 0, c.urls)
	defer stop()
	c.post(t, 0, "kept", 201)
	if err := c.settle(t, readers); err != nil {
		t.Fatal(err)
	}
	dump := command(t, "", c.postgres.Command("pg_dump", "--dbname", c.database))
	c.post(t, 1, "lost with the database", 201)
	if err := c.settle(t, readers); err != nil {
		t.Fatal(err)
	}
	for _, n := range c.nodes {
		n.stop(t)
	}
	c.restore(t, dump)
	for _, n := range c.nodes {
		n.start()
	}
	c.post(t, 0, "after the restoration", 201)
	c.post(t, 1, "and so it goes", 201)
	if err := c.settle(t, readers); err != nil {
		t.Fatal(err)
	}
	for _, r := range readers {
		if r.reloads.Load() == 0 {
			t.Errorf("reader %s was not told to reload", r.name)
		}
	}
}

// restore puts the database back to what was dumped, as an operator does.
func (c *cluster) restore(t *testing.T, dump string) {
	t.Helper()
	u, err := url.Parse(c.database)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimPrefix(u.Path, "/")
	c.postgres.Exec(t, "/postgres", `DROP DATABASE "`+name+`" WITH (FORCE)`)
	c.postgres.Exec(t, "/postgres", `CREATE DATABASE "`+name+`" OWNER `+u.User.Username())
	command(t, dump, c.postgres.Command("psql", "--dbname", c.database, "--quiet", "--set", "ON_ERROR_STOP=1"))
}

// command runs a program with its standard input and returns its standard output.
func command(t *testing.T, input string, cmd *exec.Cmd) string {
	t.Helper()
	var stderr strings.Builder
	cmd.Stdin, cmd.Stderr = strings.NewReader(input), &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, stderr.String())
	}
	return string(out)
}
