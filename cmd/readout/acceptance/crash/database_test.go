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

// An operator restores the backup of a server that was killed while it wrote: what it has left beside the database is
// not replayed, and the readers of the lost history begin anew.
func TestRestoreAfterKill(t *testing.T) {
	t.Parallel()
	c := newCrash(t, 1)
	file := strings.TrimPrefix(c.database, "sqlite:")
	backup := filepath.Join(t.TempDir(), "backup.db")
	command := func(want int, args ...string) string {
		t.Helper()
		said, err := binaries.Command(t, append(args, "--database", c.database)...).CombinedOutput()
		got := 0
		if e, ok := errors.AsType[*exec.ExitError](err); ok {
			got = e.ExitCode()
		} else if err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Fatalf("%v ended with %d, want %d: %s", args, got, want, said)
		}
		return string(said)
	}
	p := binaries.Start(t, "serve", "--database", c.database, "--listen", "127.0.0.1:0")
	post := func(key string) {
		t.Helper()
		if a, err := p.Post(t, c.token, key); err != nil || a.Status != 201 {
			t.Fatalf("%s is answered with %d, %v", key, a.Status, err)
		}
	}
	post("kept")
	command(0, "database", "backup", backup)
	post("lost")
	if said := command(1, "database", "restore", backup); !strings.Contains(said, "stop that first") {
		t.Errorf("of a database in use it says %q", said)
	}
	post("lost-too")
	p.Kill(t)
	if left, err := os.Stat(file + "-wal"); err != nil || left.Size() == 0 {
		t.Fatalf("the server has left no write-ahead log: %v", err)
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
