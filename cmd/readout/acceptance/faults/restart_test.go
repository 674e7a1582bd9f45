package faults

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"readout/cmd/readout/acceptance/compose"
	"readout/cmd/readout/acceptance/documents"
	"readout/cmd/readout/acceptance/program"
	"readout/liveblog"
	"readout/realtime"
	"readout/store"
	"readout/store/postgrestest"
)

// longestWait is how long a reader usually is without a connection at most while nodes restart one after the other.
const longestWait = 15 * time.Second

// Both nodes are restarted one after the other behind the proxy of the compose file, while readers follow and writers
// write: nobody misses or repeats anything, or waits for long, and no write is lost.
func TestRollingRestart(t *testing.T) {
	t.Parallel()
	c := newCluster(t, clusterOptions{drain: 2 * time.Second})
	proxy := compose.Start(t, c.nodes[0].address, c.nodes[1].address).URL
	readers, stop := c.readers(t, readersEach(), 1, 0, func(int) []string { return []string{proxy} })
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
		if err := n.Cmd.Wait(); err != nil {
			t.Errorf("node %d ended with %v; on standard error:\n%s", i+1, err, n.Stderr)
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
	all.check(t, c)
	var longest []time.Duration // without a connection, by reader
	for _, r := range readers {
		longest = append(longest, time.Duration(r.longest.Load()))
		if n := r.reloads.Load(); n > 0 {
			t.Errorf("reader %s was told to reload", r.name)
		}
	}
	if n := c.connections(readers); n < int64(len(readers))*3/2 {
		t.Errorf("%d readers made %d connections: the restart has not met them", len(readers), n)
	}
	// A busy machine may delay some, but not half of them.
	slices.Sort(longest)
	if half := longest[len(longest)/2]; half > longestWait {
		t.Errorf("half of the readers were without a connection for %v or more", half)
	}
	t.Logf("%d writes, %d attempts failed, %d connections, longest time without one %v",
		all.count.Load(), all.failed.Load(), c.connections(readers), longest[len(longest)-1].Round(time.Millisecond))
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
	asTheDocumentsSay(t, c.postgres, c.database, dumping)
	c.post(t, 1, "lost with the database", 201)
	if err := c.settle(t, readers); err != nil {
		t.Fatal(err)
	}
	for _, n := range c.nodes {
		n.Stop(t)
	}
	asTheDocumentsSay(t, c.postgres, c.database, restoring)
	c.restored = true
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

// A dump of before a migration replaces a database of after it, and is migrated in its turn. What the role of the nodes
// and everybody else may do is as it was.
func TestRestoredDumpOfOlderSchema(t *testing.T) {
	t.Parallel()
	postgres := postgres.Server(t)
	database := postgres.NewDatabase(t)
	blogs := func(add string) (slugs []string) {
		s, err := store.Open(t.Context(), database)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		desk := liveblog.NewDesk(s, realtime.NewLocalBroker(), liveblog.DeskOptions{})
		if _, err := desk.CreateBlog(t.Context(), program.Operator(), liveblog.NewBlog{Slug: add, Title: "The summit", Status: liveblog.Live}); err != nil {
			t.Fatal(err)
		}
		all, err := s.Blogs(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range all {
			slugs = append(slugs, b.Slug)
		}
		slices.Sort(slugs)
		return slugs
	}
	blogs("kept")
	// What came with schema 3 and later.
	postgres.Exec(t, database, `DROP TABLE activity, search_entries, origin; DROP INDEX entries_author, entries_notes, entries_acts, revisions_acts, audit_revisions;
		ALTER TABLE blogs DROP COLUMN setup, DROP COLUMN talks_seq, DROP COLUMN started_at, DROP COLUMN ended_at, DROP COLUMN changed_at; ALTER TABLE entries DROP COLUMN acts;
		ALTER TABLE revisions DROP COLUMN acts;
		DROP INDEX revisions_amends; ALTER TABLE revisions DROP COLUMN amends, DROP COLUMN correction; ALTER TABLE entries DROP COLUMN correction;
		DELETE FROM schema_version WHERE version_id >= 3`)
	asTheDocumentsSay(t, postgres, database, dumping)
	blogs("lost")
	asTheDocumentsSay(t, postgres, database, restoring)
	if got := blogs("new"); !slices.Equal(got, []string{"kept", "new"}) {
		t.Errorf("the blogs are %v", got)
	}
	postgres.Exec(t, database, `DO $$ BEGIN
		ASSERT NOT has_database_privilege('public', current_database(), 'CONNECT'), 'everybody may connect';
	END $$`)
}

// The parts of what docs/running.md says about PostgreSQL.
const (
	dumping = iota
	restoring
)

// asTheDocumentsSay carries out what docs/running.md gives operators for PostgreSQL in the compose file, on another server and
// database. Nodes are left to the caller.
func asTheDocumentsSay(t *testing.T, server *postgrestest.Server, database string, part int) {
	t.Helper()
	section := documents.Commands(t, "docs/running.md", "## Backup and restore")
	parts := strings.Split(section, "\n\n")
	if len(parts) != 2 || !strings.Contains(parts[dumping], "pg_dump") || !strings.Contains(parts[restoring], "pg_restore") {
		t.Fatalf("docs/running.md says how to dump and restore in %d parts:\n%s", len(parts), section)
	}
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	name := u.Path[1:]
	// Tests that run side by side share a server and its directory, so each has a file of its own.
	script := strings.NewReplacer("readout.dump", name+".dump", "DATABASE readout", "DATABASE "+name, "-d readout", "-d "+name, "-Fc readout", "-Fc "+name).Replace(parts[part])
	// `docker compose exec -T postgres PROGRAM …` is PROGRAM; the other commands of docker are about the nodes.
	cmd := server.Command("sh", "-euc", "docker() { if [ $2 = exec ]; then shift 4; \"$@\"; fi; }\n"+script)
	cmd.Env = append(cmd.Env, "PATH="+filepath.Dir(cmd.Path)+":"+os.Getenv("PATH"),
		"PGHOST="+u.Hostname(), "PGPORT="+u.Port(), "PGPASSWORD="+postgrestest.Password)
	cmd.Path = "/bin/sh"
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
}
