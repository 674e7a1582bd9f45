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
	"readout/store/schematest"
)

// longestWait is how long a reader usually is without a connection at most while the nodes restart.
const longestWait = 15 * time.Second

// TestRollingRestart restarts the nodes, one after the other, behind the proxy of the compose file, while readers
// follow and writers write. Readers must miss and repeat nothing and reconnect soon, and no write may be lost.
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
	program.Await(t, "writing has begun", func() bool { return all.count.Load() > 20 })
	for i, n := range c.nodes {
		n.signal(syscall.SIGTERM)
		if err := n.Cmd.Wait(); err != nil {
			t.Errorf("node %d exited with %v; on standard error:\n%s", i+1, err, n.Stderr)
		}
		mark := all.count.Load()
		program.Await(t, "writing goes on without the node", func() bool { return all.count.Load() > mark+20 })
		n.start()
		program.Await(t, "the node is ready and readers are on it", func() bool {
			status, _, _ := n.get(t, "/readyz")
			return status == 200
		})
		mark = all.count.Load()
		program.Await(t, "writing goes on with the node", func() bool { return all.count.Load() > mark+20 })
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
		t.Errorf("%d readers made %d connections: the restart did not affect them", len(readers), n)
	}
	// The median, since a busy machine may delay single readers.
	slices.Sort(longest)
	if half := longest[len(longest)/2]; half > longestWait {
		t.Errorf("half of the readers were without a connection for %v or more", half)
	}
	t.Logf("%d writes, %d attempts failed, %d connections, longest time without one %v",
		all.count.Load(), all.failed.Load(), c.connections(readers), longest[len(longest)-1].Round(time.Millisecond))
}

// TestRestoredDatabaseReloadsReaders restores a dump. The blog then has another epoch, so readers must reload.
func TestRestoredDatabaseReloadsReaders(t *testing.T) {
	t.Parallel()
	c := newCluster(t, clusterOptions{})
	readers, stop := c.readers(t, 10, 1, 0, c.urls)
	defer stop()
	c.post(t, 0, "kept", 201)
	if err := c.settle(t, readers); err != nil {
		t.Fatal(err)
	}
	runDocumented(t, c.postgres, c.database, dumping)
	c.post(t, 1, "lost with the database", 201)
	if err := c.settle(t, readers); err != nil {
		t.Fatal(err)
	}
	for _, n := range c.nodes {
		n.Stop(t)
	}
	runDocumented(t, c.postgres, c.database, restoring)
	c.restored = true
	for _, n := range c.nodes {
		n.start()
	}
	c.post(t, 0, "after the restore", 201)
	c.post(t, 1, "and again", 201)
	if err := c.settle(t, readers); err != nil {
		t.Fatal(err)
	}
	for _, r := range readers {
		if r.reloads.Load() == 0 {
			t.Errorf("reader %s was not told to reload", r.name)
		}
	}
}

// TestRestoredDumpOfOlderSchema replaces a database by a dump from before migrations. It must be migrated again, and
// the privileges must be as before.
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
		blog := liveblog.NewBlog{Slug: add, Title: "The summit", Status: liveblog.Live}
		if _, err := desk.CreateBlog(t.Context(), program.Operator(), blog); err != nil {
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
	postgres.Exec(t, database, strings.Join(schematest.Undo(2), "; "))
	runDocumented(t, postgres, database, dumping)
	blogs("lost")
	runDocumented(t, postgres, database, restoring)
	if got := blogs("new"); !slices.Equal(got, []string{"kept", "new"}) {
		t.Errorf("the blogs are %v", got)
	}
	postgres.Exec(t, database, `DO $$ BEGIN
		ASSERT NOT has_database_privilege('public', current_database(), 'CONNECT'), 'everybody may connect';
	END $$`)
}

// The commands for PostgreSQL in docs/running.md, in their order.
const (
	dumping = iota
	restoring
)

// runDocumented runs the commands in docs/running.md that dump or restore the database of the compose file, on another
// server and database. It leaves out those that stop and start nodes.
func runDocumented(t *testing.T, server *postgrestest.Server, database string, part int) {
	t.Helper()
	section := documents.Commands(t, "docs/running.md", "## Backup and restore")
	parts := strings.Split(section, "\n\n")
	if len(parts) != 2 || !strings.Contains(parts[dumping], "pg_dump") ||
		!strings.Contains(parts[restoring], "pg_restore") {
		t.Fatalf("the commands in docs/running.md should be two blocks, with pg_dump and with pg_restore:\n%s", section)
	}
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	name := u.Path[1:]
	// Parallel tests share a server and its directory, so each needs another file.
	script := strings.NewReplacer(
		"readout.dump", name+".dump", "DATABASE readout", "DATABASE "+name,
		"-d readout", "-d "+name, "-Fc readout", "-Fc "+name,
	).Replace(parts[part])
	// `docker compose exec -T postgres PROGRAM …` runs PROGRAM. Other docker commands, which are about nodes, do
	// nothing.
	cmd := server.Command("sh", "-euc", "docker() { if [ $2 = exec ]; then shift 4; \"$@\"; fi; }\n"+script)
	cmd.Env = append(cmd.Env, "PATH="+filepath.Dir(cmd.Path)+":"+os.Getenv("PATH"),
		"PGHOST="+u.Hostname(), "PGPORT="+u.Port(), "PGPASSWORD="+postgrestest.Password)
	cmd.Path = "/bin/sh"
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
}
