package store

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"readout/liveblog"
	"readout/store/sqlitetest"
)

// openFile opens the database at path and closes it with the test.
func openFile(t testing.TB, path string) *store {
	t.Helper()
	s, err := Open(t.Context(), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s.(*store)
}

// openTwo opens one file for two nodes, which wait for each other's transactions without a practical limit.
func openTwo(t *testing.T, path string) []*store {
	t.Helper()
	nodes := []*store{openFile(t, path), openFile(t, path)}
	for _, s := range nodes {
		mustExec(t, s.write, `PRAGMA busy_timeout = 600000`)
	}
	return nodes
}

// raw opens the file at path without the settings of a store.
func raw(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := connectSQLite(path, 1, url.Values{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func mustExec(t *testing.T, db executor, query string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func addBlog(t testing.TB, s *store, slug string) {
	t.Helper()
	b := liveblog.Blog{Slug: slug, Title: "Summit", Status: liveblog.Live, TimeZone: "UTC", Language: "en"}
	if _, err := s.CreateBlog(t.Context(), b, liveblog.Audit{Action: "blog.create"}); err != nil {
		t.Fatal(err)
	}
}

func post(ctx context.Context, s *store, slug, body string) (liveblog.Committed, error) {
	at := time.UnixMicro(1_761_555_600_000_000).UTC()
	e := liveblog.Entry{Body: body, Status: liveblog.Published, CreatedAt: at, PublishedAt: at, UpdatedAt: at}
	return s.Commit(ctx, liveblog.Commit{Slug: slug, Entry: e,
		Audit: liveblog.Audit{At: at, ActorID: "u_1", Actor: "Ada", Action: "entry.post"}})
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte(strings.Repeat("This is a text and no database. ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ url, want string }{
		"nothing": {"", "needs a kind and a place"},
		"no kind": {"readout.db", "needs a kind and a place"},
		"unknown kind": {"mysql://root:s3cret@db/readout",
			`kind "mysql" is not known; use sqlite:FILE, such as sqlite:readout.db, or postgres://`},
		"no file":               {"sqlite:", "names no file"},
		"memory":                {"sqlite::memory:", "in memory is not supported"},
		"two slashes":           {"sqlite://readout.db", "without //"},
		"NUL":                   {"sqlite:" + dir + "/a\x00b", "control character"},
		"line break":            {"sqlite:" + dir + "/a\nb", "control character"},
		"no directory":          {"sqlite:" + dir + "/absent/x.db", "the directory " + dir + "/absent does not exist"},
		"a directory":           {"sqlite:" + dir, "is a directory"},
		"a file as a directory": {"sqlite:" + text + "/x.db", "not a directory"},
		"not a database":        {"sqlite:" + text, "not a SQLite database"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := Open(t.Context(), c.url)
			if err == nil {
				s.Close()
				t.Fatal("opened")
			}
			message := err.Error()
			if !strings.Contains(message, c.want) || strings.ContainsAny(message, "\n\r") ||
				strings.Contains(message, "s3cret") {
				t.Errorf("message %q, want one line with %q", message, c.want)
			}
		})
	}
	if now, err := os.ReadFile(text); err != nil || !strings.HasPrefix(string(now), "This is a text") {
		t.Error("Open changed a file that is no database")
	}
}

func TestOpenCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if s, err := Open(ctx, "sqlite:"+filepath.Join(t.TempDir(), "x.db")); err == nil {
		s.Close()
		t.Error("Open succeeded although its context had ended")
	}
}

func TestOpenOddPaths(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"plain.db", "with space.db", "a?b=c.db", "100%.db", "%41.db", "a#b.db", "a&b;c.db",
		"峰会.db", ":memory:", "a'b\"c.db", "\xff.db"} {
		dir := t.TempDir()
		path := filepath.Join(dir, name)
		if name != "a?b=c.db" { // Open creates this one
			SQLiteFiles.Copy(t, path)
		}
		s := openFile(t, path)
		addBlog(t, s, "summit")
		files, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if !strings.HasPrefix(f.Name(), name) {
				t.Errorf("%q made the file %q", name, f.Name())
			}
		}
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
		if _, err := openFile(t, path).Blog(t.Context(), "summit"); err != nil {
			t.Errorf("%q opened again: %v", name, err)
		}
	}
}

func TestOpenRelativePath(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	s := openFile(t, "x.db")
	t.Chdir(t.TempDir()) // later connections must open the same file
	addBlog(t, s, "summit")
	if _, err := s.Blog(t.Context(), "summit"); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "x.db")); err != nil {
		t.Error(err)
	}
}

// The database contains password and session hashes, so its files must be readable only by their owner.
func TestNewFileIsPrivate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	addBlog(t, openFile(t, filepath.Join(dir, "x.db")), "summit")
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 2 {
		t.Fatalf("files %v, want the database and its write-ahead log", files)
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has the mode %v", f.Name(), info.Mode())
		}
	}
}

// lastStep returns the version of the schema that this program needs.
func lastStep(t *testing.T) int64 {
	t.Helper()
	last, err := knownVersion()
	if err != nil || last < 7 {
		t.Fatalf("the last step is %d, error %v", last, err)
	}
	return last
}

func TestOpenNewerSchema(t *testing.T) {
	t.Parallel()
	path := newFile(t)
	mustExec(t, raw(t, path), `INSERT INTO schema_version (version_id, is_applied) VALUES (900, 1)`)
	_, err := Open(t.Context(), "sqlite:"+path)
	if err == nil || !strings.Contains(err.Error(),
		fmt.Sprintf("the database is at schema 900, this binary knows up to %d", lastStep(t))) {
		t.Errorf("error %v", err)
	}
}

func TestOpenAnotherProgramsDatabase(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	db := raw(t, path)
	mustExec(t, db, `CREATE TABLE bookmarks (url TEXT)`)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), "sqlite:"+path); err == nil || !strings.Contains(err.Error(), "another program") {
		t.Errorf("error %v", err)
	}
	after, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(before) != string(after) {
		t.Error("the other program's file was changed")
	}
}

func TestOpenDamagedFile(t *testing.T) {
	t.Parallel()
	path := newFile(t)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 100; i < len(data); i++ { // keep the header, so that it still looks like a database
		data[i] = 0xa5
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = Open(t.Context(), "sqlite:"+path)
	if err == nil || !strings.Contains(err.Error(), "the database is damaged") || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v", err)
	}
}

// A server and a command may start at the same time when the database does not exist yet.
func TestOpenTogether(t *testing.T) {
	t.Parallel()
	path := filepath.Join(sqlitetest.Dir(t), "x.db")
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			s, err := Open(t.Context(), "sqlite:"+path)
			if err != nil {
				t.Errorf("Open: %v", err)
				return
			}
			b := liveblog.Blog{Slug: fmt.Sprintf("summit-%d", i)}
			if _, err := s.CreateBlog(t.Context(), b, liveblog.Audit{Action: "blog.create"}); err != nil {
				t.Errorf("CreateBlog: %v", err)
			}
			if err := s.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
	}
	wg.Wait()
	all, err := openFile(t, path).Blogs(t.Context())
	if err != nil || len(all) != 4 {
		t.Errorf("%d blogs, error %v", len(all), err)
	}
}

func TestPragmas(t *testing.T) {
	t.Parallel()
	s := openFile(t, newFile(t))
	for _, c := range []struct {
		name         string
		db           *sql.DB
		pragma, want string
	}{
		{"writer", s.write, "journal_mode", "wal"},
		{"writer", s.write, "synchronous", "2"}, // FULL
		{"writer", s.write, "foreign_keys", "1"},
		{"writer", s.write, "busy_timeout", "5000"},
		{"reader", s.read, "journal_mode", "wal"},
		{"reader", s.read, "query_only", "1"},
		{"reader", s.read, "busy_timeout", "5000"},
	} {
		var got string
		if err := c.db.QueryRowContext(t.Context(), "PRAGMA "+c.pragma).Scan(&got); err != nil || got != c.want {
			t.Errorf("%s: %s is %q, want %q, error %v", c.name, c.pragma, got, c.want, err)
		}
	}
	if n := s.write.Stats().MaxOpenConnections; n != 1 {
		t.Errorf("%d connections write, want 1", n)
	}
	if _, err := s.read.ExecContext(t.Context(), `DELETE FROM blogs`); err == nil {
		t.Error("a connection for reading can write")
	}
}
