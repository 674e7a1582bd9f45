package store

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"readout/liveblog"
	"readout/store/postgrestest"
)

// epochs opens a database, returns the epochs of its blogs by slug, and closes it again.
func epochs(t *testing.T, url string) map[string]string {
	t.Helper()
	s, err := Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	all, err := s.Blogs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, b := range all {
		// ParseCursor checks the form of the epoch.
		if _, err := liveblog.ParseCursor(b.Cursor.String()); err != nil {
			t.Errorf("cursor %v: %v", b.Cursor, err)
		}
		found[b.Slug] = b.Cursor.Epoch
	}
	return found
}

// wantRenewed checks that the two blogs have new and different epochs.
func wantRenewed(t *testing.T, before, after map[string]string) {
	t.Helper()
	if len(before) != 2 || len(after) != 2 || after["one"] == after["two"] {
		t.Errorf("epochs %v after %v", after, before)
	}
	for slug, epoch := range before {
		if after[slug] == epoch || after[slug] == "" {
			t.Errorf("the blog %s had the epoch %q and has %q", slug, epoch, after[slug])
		}
	}
}

// wantKept checks that the blogs have the epochs that they had before.
func wantKept(t *testing.T, before, after map[string]string) {
	t.Helper()
	for slug, epoch := range before {
		if after[slug] != epoch {
			t.Errorf("the blog %s had the epoch %q and has %q", slug, epoch, after[slug])
		}
	}
}

// addTwoBlogs adds the blogs "one" and "two" to a database and returns their epochs.
func addTwoBlogs(t *testing.T, url string) map[string]string {
	t.Helper()
	s := openURL(t, url)
	addBlog(t, s, "one")
	addBlog(t, s, "two")
	if _, err := post(t.Context(), s, "one", "Kept."); err != nil {
		t.Fatal(err)
	}
	return epochs(t, url)
}

func TestSQLiteBackup(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	source := "sqlite:" + path("x.db")
	before := addTwoBlogs(t, source)
	if err := Backup(t.Context(), source, path("copy.db")); err != nil {
		t.Fatal(err)
	}
	wantKept(t, before, epochs(t, source))
	info, err := os.Stat(path("copy.db"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, error %v", info.Mode(), err)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasPrefix(f.Name(), "x.db") && f.Name() != "copy.db" {
			t.Errorf("the backup left %s", f.Name())
		}
	}

	// Each restore of a backup renews the epochs once.
	backup, err := os.ReadFile(path("copy.db"))
	if err != nil {
		t.Fatal(err)
	}
	var last map[string]string
	for _, name := range []string{"first.db", "second.db"} {
		if err := os.WriteFile(path(name), backup, 0o600); err != nil {
			t.Fatal(err)
		}
		after := epochs(t, "sqlite:"+path(name))
		wantRenewed(t, before, after)
		wantKept(t, after, epochs(t, "sqlite:"+path(name)))
		if last != nil {
			wantRenewed(t, last, after)
		}
		last = after
	}
	p, err := openFile(t, path("second.db")).Page(t.Context(), liveblog.PageQuery{Slug: "one", Limit: 10})
	if err != nil || len(p.Entries) != 1 || p.Entries[0].Body != "Kept." {
		t.Errorf("entries %v, error %v", p.Entries, err)
	}
}

// A backup is a snapshot, even if it is made during writes.
func TestSQLiteBackupWhileWriting(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	source := filepath.Join(dir, "x.db")
	s := openFile(t, source)
	addBlog(t, s, "summit")
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
			}
			if _, err := post(t.Context(), s, "summit", strings.Repeat("x", 2000)); err != nil {
				t.Errorf("Commit: %v", err)
				return
			}
		}
	}()
	for _, name := range []string{"1.db", "2.db", "3.db"} {
		if err := Backup(t.Context(), "sqlite:"+source, filepath.Join(dir, name)); err != nil {
			t.Error(err)
			continue
		}
		b := openFile(t, filepath.Join(dir, name))
		blog, err := b.Blog(t.Context(), "summit")
		if n := count(t, b, "entries"); err != nil || int64(n) != blog.Cursor.Seq-epochGap {
			t.Errorf("%d entries at %v, error %v", n, blog.Cursor, err)
		}
	}
	close(stop)
	<-stopped
}

// blogOne returns the blog "one".
func blogOne(t *testing.T, url string) liveblog.Blog {
	t.Helper()
	s := openURL(t, url)
	defer s.Close()
	b, err := s.Blog(t.Context(), "one")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRenew(t *testing.T) {
	t.Parallel()
	for kind, newDatabase := range map[string]func(t *testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + newFile(t) },
		"postgres": func(t *testing.T) string { return newPostgres(t) },
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			url := newDatabase(t)
			before := addTwoBlogs(t, url)
			was := blogOne(t, url)
			if err := Renew(t.Context(), url); err != nil {
				t.Fatal(err)
			}
			after := epochs(t, url)
			wantRenewed(t, before, after)
			// The history that was lost may have had later values than these, which must not come back.
			if b := blogOne(t, url); b.Cursor.Seq < was.Cursor.Seq+epochGap || b.ChangedAt.Before(was.ChangedAt) {
				t.Errorf("the cursor is %v after %v, the latest change %v after %v", b.Cursor, was.Cursor, b.ChangedAt,
					was.ChangedAt)
			}
			wantKept(t, after, epochs(t, url))
		})
	}
}

// runProgram runs one of PostgreSQL's programs.
func runProgram(t *testing.T, server *postgrestest.Server, name string, args ...string) {
	t.Helper()
	if out, err := server.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// withoutSettings returns a database's URL without session settings, which PostgreSQL's programs do not accept.
func withoutSettings(database string) string {
	url, _, _ := strings.Cut(database, "?")
	return url
}

// A dump is restored into a new database, and over the existing tables.
func TestPostgresRestoredDump(t *testing.T) {
	t.Parallel()
	server := PostgresServer.Server(t)
	source, target := newPostgres(t), server.NewDatabase(t)
	before := addTwoBlogs(t, source)
	wantKept(t, before, epochs(t, source))
	const file = "source.dump" // in the server's directory
	runProgram(t, server, "pg_dump", "--format=custom", "--file="+file, "--dbname="+withoutSettings(source))

	runProgram(t, server, "pg_restore", "--dbname="+target, file)
	after := epochs(t, target)
	wantRenewed(t, before, after)
	wantKept(t, after, epochs(t, target))

	for range 2 {
		runProgram(t, server, "pg_restore", "--clean", "--dbname="+withoutSettings(source), file)
		again := epochs(t, source)
		wantRenewed(t, before, again)
		wantRenewed(t, after, again)
		after = again
	}
}

// A running node notices a restore with its next connection; it need not be restarted.
func TestPostgresRestoredUnderNode(t *testing.T) {
	t.Parallel()
	server := PostgresServer.Server(t)
	url := newPostgres(t)
	before := addTwoBlogs(t, url)
	s := openURL(t, url)
	server.Exec(t, url, "UPDATE origin SET place = 'another/1/2/3'")
	server.Exec(t, url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "+
		"WHERE datname = current_database() AND pid <> pg_backend_pid()")
	eventually(t, func() error { _, err := s.Cursor(t.Context(), "one"); return err })
	c, err := s.Cursor(t.Context(), "one")
	if err != nil || c.Epoch == before["one"] {
		t.Errorf("cursor %v, error %v, the epoch was %q", c, err, before["one"])
	}
	wantRenewed(t, before, epochs(t, url))
}

// A database user who may not read the cluster's identity can be used, and a restored dump is still noticed.
func TestPostgresPartialOrigin(t *testing.T) {
	t.Parallel()
	server := PostgresServer.Server(t)
	url := newPostgres(t)
	server.Exec(t, url, "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC")
	before := addTwoBlogs(t, url)
	wantKept(t, before, epochs(t, url))
	if origin := scalar[string](t, rawPostgres(t, url), selectOrigin); strings.Count(origin, "/") != 1 {
		t.Errorf("the origin is %q", origin)
	}
	server.Exec(t, url, "UPDATE origin SET place = '1/2'")
	wantRenewed(t, before, epochs(t, url))
}

// One of two database users may read the cluster's identity. Neither takes the origin that the other sees for a
// restore, and the longer origin stays recorded.
func TestPostgresUsersSeeDifferentOrigins(t *testing.T) {
	t.Parallel()
	server := PostgresServer.Server(t)
	url := newPostgres(t)
	server.Exec(t, url, "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC")
	db := rawPostgres(t, url)
	before := addTwoBlogs(t, url)
	part := scalar[string](t, db, selectOrigin)
	var full string
	for i := range 3 {
		server.Exec(t, url, "GRANT EXECUTE ON FUNCTION pg_control_system() TO PUBLIC")
		wantKept(t, before, epochs(t, url))
		full = scalar[string](t, db, selectOrigin)
		server.Exec(t, url, "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC")
		wantKept(t, before, epochs(t, url))
		origin := scalar[string](t, db, selectOrigin)
		if origin != full || !strings.HasSuffix(full, "/"+part) || strings.Count(full, "/") != 3 {
			t.Errorf("time %d: the origin is %q, was %q in full and %q in part", i, origin, full, part)
		}
	}
	// Either user notices a restore if the part that it sees has changed.
	server.Exec(t, url, "UPDATE origin SET place = regexp_replace(place, '[0-9]+$', '1')")
	after := epochs(t, url)
	wantRenewed(t, before, after)
	server.Exec(t, url, "UPDATE origin SET place = 'another/'||place")
	wantKept(t, after, epochs(t, url))
	server.Exec(t, url, "GRANT EXECUTE ON FUNCTION pg_control_system() TO PUBLIC")
	wantRenewed(t, after, epochs(t, url))
	if origin := scalar[string](t, db, selectOrigin); origin != full {
		t.Errorf("the origin is %q, want %q", origin, full)
	}
}

func TestCompareOrigins(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		recorded, seen, record string
		same                   bool
	}{
		{"7/1/5/16400", "7/1/5/16400", "7/1/5/16400", true},
		{"7/1/5/16400", "5/16400", "7/1/5/16400", true},
		{"5/16400", "7/1/5/16400", "7/1/5/16400", true},
		{"7/1/15/16400", "5/16400", "5/16400", false},
		{"5/16400", "7/1/15/16400", "7/1/15/16400", false},
		{"7/1/5/16400", "7/2/5/16400", "7/2/5/16400", false},
		{"5/16400", "6/16400", "6/16400", false},
		{"", "5/16400", "5/16400", false},
		{backupOrigin, "", "", false},
		{"", "", "", true},
	} {
		if record, same := compareOrigins(c.recorded, c.seen); record != c.record || same != c.same {
			t.Errorf("compareOrigins(%q, %q) = %q, %t; want %q, %t", c.recorded, c.seen, record, same, c.record, c.same)
		}
	}
}

// A promoted replica may lack commits of the primary, so its blogs take new epochs.
func TestPostgresPromotedReplica(t *testing.T) {
	t.Parallel()
	primary := postgrestest.Start(t)
	source := primary.NewDatabase(t)
	before := addTwoBlogs(t, source)
	replica := primary.Replica(t)
	standby := postgrestest.Through(t, source, replica.Addr())
	if s, err := Open(t.Context(), standby); err == nil {
		s.Close()
		t.Error("a standby was opened")
	} else if !strings.Contains(err.Error(), "is a standby or read-only") {
		t.Errorf("error %v", err)
	}
	// If the URL names both servers, the one that accepts writes is used, whatever their order.
	u, err := url.Parse(source)
	if err != nil {
		t.Fatal(err)
	}
	both := strings.Replace(source, u.Host, replica.Addr()+","+primary.Addr(), 1)
	wantKept(t, before, epochs(t, both))
	s := openURL(t, both)
	primary.Kill(t)
	replica.Promote(t)
	eventually(t, func() error { _, err := post(t.Context(), s, "one", "After."); return err })
	wantRenewed(t, before, epochs(t, both))
}
