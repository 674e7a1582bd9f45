package crash

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"readout/liveblog"
)

// TestRestoreAfterKill restores a backup after the server was killed. The restore must not replay the write-ahead log
// that the server left beside the database, and must give the blog a new epoch.
func TestRestoreAfterKill(t *testing.T) {
	t.Parallel()
	c := newCrash(t, 1)
	file := strings.TrimPrefix(c.database, "sqlite:")
	backup := filepath.Join(t.TempDir(), "backup.db")
	command := func(want int, args ...string) string {
		t.Helper()
		output, err := binaries.Command(t, append(args, "--database", c.database)...).CombinedOutput()
		got := 0
		if e, ok := errors.AsType[*exec.ExitError](err); ok {
			got = e.ExitCode()
		} else if err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Fatalf("the exit status of %v is %d, want %d: %s", args, got, want, output)
		}
		return string(output)
	}
	p := binaries.Start(t, "serve", "--database", c.database, "--listen", "127.0.0.1:0")
	post := func(key string) {
		t.Helper()
		if a, err := p.Post(t, c.token, key); err != nil || a.Status != 201 {
			t.Fatalf("the answer to %s is %d (%v)", key, a.Status, err)
		}
	}
	post("kept")
	command(0, "database", "backup", backup)
	post("lost")
	if output := command(1, "database", "restore", backup); !strings.Contains(output, "stop that first") {
		t.Errorf("for a database in use the error is %q", output)
	}
	post("lost-too")
	p.Kill(t)
	if wal, err := os.Stat(file + "-wal"); err != nil || wal.Size() == 0 {
		t.Fatalf("the server left no write-ahead log: %v", err)
	}
	command(0, "database", "restore", backup)

	p = binaries.Start(t, "serve", "--database", c.database, "--listen", "127.0.0.1:0")
	post("after")
	p.Stop(t)
	s := c.open(t)
	defer s.Close()
	page, err := s.Page(t.Context(), liveblog.PageQuery{Slug: "summit", Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Entries) != 2 || page.Entries[0].Body != "after" || page.Entries[1].Body != "kept" {
		t.Errorf("the entries are %+v", page.Entries)
	}
	if page.Head.Blog.Cursor.Epoch == c.epoch {
		t.Error("the restored history has the epoch of the lost one")
	}
}
