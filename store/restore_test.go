package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"readout/liveblog"
)

// bodies returns the texts of the blog "one", newest first.
func bodies(t *testing.T, path string) string {
	t.Helper()
	s := openFile(t, path)
	p, err := s.Page(t.Context(), liveblog.PageQuery{Slug: "one", Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range p.Entries {
		all = append(all, e.Body)
	}
	return strings.Join(all, " ")
}

// files returns the names of the files in a directory.
func files(t *testing.T, dir string) string {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range all {
		names = append(names, f.Name())
	}
	return strings.Join(names, " ")
}

// abandoned creates a database with the write-ahead log of a killed process, and a backup that is older than the log.
func abandoned(t *testing.T) (path, backup string, before map[string]string) {
	t.Helper()
	source := newFile(t)
	before = addTwoBlogs(t, "sqlite:"+source)
	dir := t.TempDir()
	path, backup = filepath.Join(dir, "x.db"), filepath.Join(t.TempDir(), "backup.db")
	if err := Backup(t.Context(), "sqlite:"+source, backup); err != nil {
		t.Fatal(err)
	}
	s := openFile(t, source)
	if _, err := post(t.Context(), s, "one", "Lost."); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		text, err := os.ReadFile(source + suffix)
		if err != nil || len(text) == 0 {
			t.Fatalf("x.db%s has %d bytes, error %v", suffix, len(text), err)
		}
		if err := os.WriteFile(path+suffix, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return path, backup, before
}

func TestRestore(t *testing.T) {
	t.Parallel()
	path, backup, before := abandoned(t)
	kept, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	var last map[string]string
	for range 2 {
		if err := Restore(t.Context(), "sqlite:"+path, backup); err != nil {
			t.Fatal(err)
		}
		if names := files(t, filepath.Dir(path)); names != "x.db" {
			t.Errorf("the directory holds %s", names)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, error %v", info.Mode(), err)
		}
		after := epochs(t, "sqlite:"+path)
		wantRenewed(t, before, after)
		if last != nil {
			wantRenewed(t, last, after)
		}
		last = after
	}
	if got := bodies(t, path); got != "Kept." {
		t.Errorf("the entries are %q", got)
	}
	if now, err := os.ReadFile(backup); err != nil || string(now) != string(kept) {
		t.Errorf("the backup has changed, error %v", err)
	}
}

// If the database file is missing, a write-ahead log that is left next to it must not be applied to the restored one.
func TestRestoreWithoutDatabase(t *testing.T) {
	t.Parallel()
	path, backup, before := abandoned(t)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := Restore(t.Context(), "sqlite:"+path, backup); err != nil {
		t.Fatal(err)
	}
	if names := files(t, filepath.Dir(path)); names != "x.db" {
		t.Errorf("the directory holds %s", names)
	}
	wantRenewed(t, before, epochs(t, "sqlite:"+path))
	if got := bodies(t, path); got != "Kept." {
		t.Errorf("the entries are %q", got)
	}
}

// A symbolic link stays, and its target is replaced.
func TestRestoreThroughLink(t *testing.T) {
	t.Parallel()
	path, backup, _ := abandoned(t)
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if err := Restore(t.Context(), "sqlite:"+link, backup); err != nil {
		t.Fatal(err)
	}
	if to, err := os.Readlink(link); err != nil || to != path {
		t.Errorf("the link goes to %q, error %v", to, err)
	}
	if got := bodies(t, path); got != "Kept." {
		t.Errorf("the entries are %q", got)
	}
}

// A backup with an older schema, and a plain copy of a database, get new epochs too.
func TestRestoreOlderSchema(t *testing.T) {
	t.Parallel()
	path, backup, before := abandoned(t)
	db := raw(t, backup)
	undoTo(t, db, 2)
	if err := Restore(t.Context(), "sqlite:"+path, backup); err != nil {
		t.Fatal(err)
	}
	wantRenewed(t, before, epochs(t, "sqlite:"+path))
}

func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	path, backup, before := abandoned(t)
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	newer := filepath.Join(dir, "newer.db")
	if err := Backup(t.Context(), "sqlite:"+path, newer); err != nil {
		t.Fatal(err)
	}
	if _, err := raw(t, newer).ExecContext(t.Context(),
		`INSERT INTO schema_version (version_id, is_applied) VALUES (999, 1)`); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ url, file, want string }{
		"no backup": {"sqlite:" + path, filepath.Join(dir, "absent"), "the backup: no such file"},
		"a text": {"sqlite:" + path, write("text", strings.Repeat("This is a text. ", 100)),
			"the backup: the file is not a SQLite database"},
		"an empty file":  {"sqlite:" + path, write("empty", ""), "the backup: it is empty"},
		"a newer schema": {"sqlite:" + path, newer, "use a newer binary"},
		"itself":         {"sqlite:" + path, path, "the backup is the database itself"},
		"a damaged target": {"sqlite:" + write("damaged", strings.Repeat("This is a text. ", 100)), backup,
			"move it away first"},
		"no directory": {"sqlite:" + filepath.Join(dir, "no", "x.db"), backup, "no such file or directory"},
		"PostgreSQL":   {"postgres://u:s3cret@127.0.0.1:1/d", backup, "pg_restore"},
	} {
		err := Restore(t.Context(), c.url, c.file)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") ||
			strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
	wantKept(t, before, epochs(t, "sqlite:"+path))
	if got := bodies(t, path); got != "Lost. Kept." {
		t.Errorf("the entries are %q", got)
	}
	if names := files(t, dir); names != "damaged empty newer.db text" {
		t.Errorf("the directory holds %s", names)
	}
}

// A database that another process has open is not changed, and that process is not disturbed.
func TestRestoreRefusesOpenDatabase(t *testing.T) {
	t.Parallel()
	path, backup, before := abandoned(t)
	s := openFile(t, path)
	for range 2 {
		err := Restore(t.Context(), "sqlite:"+path, backup)
		if err == nil || !strings.HasSuffix(err.Error(), "has it open; stop that first") {
			t.Errorf("error %v", err)
		}
		if _, err := post(t.Context(), s, "one", "More."); err != nil {
			t.Error(err)
		}
	}
	wantKept(t, before, epochs(t, "sqlite:"+path))
	if got := bodies(t, path); got != "More. More. Lost. Kept." {
		t.Errorf("the entries are %q", got)
	}
}
