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

// epochs opens a database, returns its blogs' epochs by slug, and closes it again.
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
		// The text form is read back, so the epoch has the right form.
		if _, err := liveblog.ParseCursor(b.Cursor.String()); err != nil {
			t.Errorf("cursor %v: %v", b.Cursor, err)
		}
		found[b.Slug] = b.Cursor.Epoch
	}
	return found
}

// renewed reports blogs that have kept their epoch, and those that share one.
func renewed(t *testing.T, before, after map[string]string) {
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

func kept(t *testing.T, before, after map[string]string) {
	t.Helper()
	for slug, epoch := range before {
		if after[slug] != epoch {
			t.Errorf("the blog %s had the epoch %q and has %q", slug, epoch, after[slug])
		}
	}
}

// two makes a database with two blogs and returns their epochs.
func two(t *testing.T, url string) map[string]string {
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
	before := two(t, source)
	if err := Backup(t.Context(), source, path("copy.db")); err != nil {
		t.Fatal(err)
	}
	kept(t, before, epochs(t, source))
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

	// Each restore of one backup begins anew, and then stays.
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
		renewed(t, before, after)
		kept(t, after, epochs(t, "sqlite:"+path(name)))
		if last != nil {
			renewed(t, last, after)
		}
		last = after
	}
	p, err := openFile(t, path("second.db")).Page(t.Context(), liveblog.PageQuery{Slug: "one", Limit: 10})
	if err != nil || len(p.Entries) != 1 || p.Entries[0].Body != "Kept." {
		t.Errorf("entries %v, error %v", p.Entries, err)
	}
}

// A backup is the database at one moment, while writers go on.
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
		if n := count(t, b, "entries"); err != nil || int64(n) != blog.Cursor.Seq {
			t.Errorf("%d entries at %v, error %v", n, blog.Cursor, err)
		}
	}
	close(stop)
	<-stopped
}

func TestRenew(t *testing.T) {
	t.Parallel()
	for kind, url := range map[string]func(t *testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + newFile(t) },
		"postgres": func(t *testing.T) string { return newPostgres(t) },
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			url := url(t)
			before := two(t, url)
			if err := Renew(t.Context(), url); err != nil {
				t.Fatal(err)
			}
			after := epochs(t, url)
			renewed(t, before, after)
			kept(t, after, epochs(t, url))
		})
	}
}

// program runs one of PostgreSQL's programs.
func program(t *testing.T, server *postgrestest.Server, name string, args ...string) {
	t.Helper()
	if out, err := server.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// libpq returns a database's URL without settings of the session, which PostgreSQL's programs do not take from it.
func libpq(database string) string {
	place, _, _ := strings.Cut(database, "?")
	return place
}

// A dump that is restored into a new database, and one that replaces what is there.
func TestPostgresRestoredDump(t *testing.T) {
	t.Parallel()
	server := PostgresServer.Server(t)
	source, target := newPostgres(t), server.NewDatabase(t)
	before := two(t, source)
	kept(t, before, epochs(t, source))
	const file = "source.dump" // in the server's directory
	program(t, server, "pg_dump", "--format=custom", "--file="+file, "--dbname="+libpq(source))

	program(t, server, "pg_restore", "--dbname="+target, file)
	after := epochs(t, target)
	renewed(t, before, after)
	kept(t, after, epochs(t, target))

	for range 2 {
		program(t, server, "pg_restore", "--clean", "--dbname="+libpq(source), file)
		again := epochs(t, source)
		renewed(t, before, again)
		renewed(t, after, again)
		after = again
	}
}

// A node that was connected all the time learns of a restore with its next connection, without being started anew.
func TestPostgresRestoredUnderNode(t *testing.T) {
	t.Parallel()
	server := PostgresServer.Server(t)
	url := newPostgres(t)
	before := two(t, url)
	s := openURL(t, url)
	server.Exec(t, url, "UPDATE origin SET place = 'another/1/2/3'")
	server.Exec(t, url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
	eventually(t, func() error { _, err := s.Cursor(t.Context(), "one"); return err })
	c, err := s.Cursor(t.Context(), "one")
	if err != nil || c.Epoch == before["one"] {
		t.Errorf("cursor %v, error %v, the epoch was %q", c, err, before["one"])
	}
	renewed(t, before, epochs(t, url))
}

// A user who may not ask for the cluster's identity is served, and still notices a restored dump.
func TestPostgresHalfPlace(t *testing.T) {
	t.Parallel()
	server := PostgresServer.Server(t)
	url := newPostgres(t)
	server.Exec(t, url, "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC")
	before := two(t, url)
	kept(t, before, epochs(t, url))
	if place := scalar[string](t, rawPostgres(t, url), `SELECT place FROM origin`); strings.Count(place, "/") != 1 {
		t.Errorf("the place is %q", place)
	}
	server.Exec(t, url, "UPDATE origin SET place = '1/2'")
	renewed(t, before, epochs(t, url))
}

// Two users of one database, of whom one may ask for the cluster's identity: neither takes the other's view of the
// place for a restore, and what the one who sees more has found is kept.
func TestPostgresUsersSeeDifferentPlaces(t *testing.T) {
	t.Parallel()
	server := PostgresServer.Server(t)
	url := newPostgres(t)
	server.Exec(t, url, "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC")
	db := rawPostgres(t, url)
	before := two(t, url)
	half := scalar[string](t, db, selectPlace)
	var full string
	for i := range 3 {
		server.Exec(t, url, "GRANT EXECUTE ON FUNCTION pg_control_system() TO PUBLIC")
		kept(t, before, epochs(t, url))
		full = scalar[string](t, db, selectPlace)
		server.Exec(t, url, "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC")
		kept(t, before, epochs(t, url))
		if place := scalar[string](t, db, selectPlace); place != full || !strings.HasSuffix(full, "/"+half) || strings.Count(full, "/") != 3 {
			t.Errorf("time %d: the place is %q, was %q in full and %q in half", i, place, full, half)
		}
	}
	// What is elsewhere for either of them is a restore.
	server.Exec(t, url, "UPDATE origin SET place = regexp_replace(place, '[0-9]+$', '1')")
	after := epochs(t, url)
	renewed(t, before, after)
	server.Exec(t, url, "UPDATE origin SET place = 'another/'||place")
	kept(t, after, epochs(t, url))
	server.Exec(t, url, "GRANT EXECUTE ON FUNCTION pg_control_system() TO PUBLIC")
	renewed(t, after, epochs(t, url))
	if place := scalar[string](t, db, selectPlace); place != full {
		t.Errorf("the place is %q, want %q", place, full)
	}
}

func TestJoinPlaces(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		belongs, seen, known string
		same                 bool
	}{
		{"7/1/5/16400", "7/1/5/16400", "7/1/5/16400", true},
		{"7/1/5/16400", "5/16400", "7/1/5/16400", true},
		{"5/16400", "7/1/5/16400", "7/1/5/16400", true},
		{"7/1/15/16400", "5/16400", "5/16400", false},
		{"5/16400", "7/1/15/16400", "7/1/15/16400", false},
		{"7/1/5/16400", "7/2/5/16400", "7/2/5/16400", false},
		{"5/16400", "6/16400", "6/16400", false},
		{"", "5/16400", "5/16400", false},
		{backupPlace, "", "", false},
		{"", "", "", true},
	} {
		if known, same := join(c.belongs, c.seen); known != c.known || same != c.same {
			t.Errorf("join(%q, %q) = %q, %t; want %q, %t", c.belongs, c.seen, known, same, c.known, c.same)
		}
	}
}

// A replica that is promoted may lack what the primary had committed.
func TestPostgresPromotedReplica(t *testing.T) {
	t.Parallel()
	primary := postgrestest.Start(t)
	source := primary.NewDatabase(t)
	before := two(t, source)
	replica := primary.Replica(t)
	standby := postgrestest.Through(t, source, replica.Addr())
	if s, err := Open(t.Context(), standby); err == nil {
		s.Close()
		t.Error("a standby was opened")
	} else if !strings.Contains(err.Error(), "is a standby or read-only") {
		t.Errorf("error %v", err)
	}
	// With both named, the one that can be written to is used, whichever comes first.
	u, err := url.Parse(source)
	if err != nil {
		t.Fatal(err)
	}
	both := strings.Replace(source, u.Host, replica.Addr()+","+primary.Addr(), 1)
	kept(t, before, epochs(t, both))
	s := openURL(t, both)
	primary.Kill(t)
	replica.Promote(t)
	eventually(t, func() error { _, err := post(t.Context(), s, "one", "After."); return err })
	renewed(t, before, epochs(t, both))
}
