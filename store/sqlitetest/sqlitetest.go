// Package sqlitetest makes SQLite databases for tests, quickly: the schema is made once in a process and then copied,
// and the files are in memory where there is room, so that nobody waits for the disk at each commit.
package sqlitetest

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"readout/store/memorytest"
)

// Template makes databases that are up to date. A package of tests has one, in a variable.
type Template struct {
	migrate func(ctx context.Context, url string) (version int64, err error)

	mu   sync.Mutex // guards file
	file []byte     // nil until the first is made
}

// NewTemplate returns a template of what migrate makes of a database that is not there yet: store.Migrate.
func NewTemplate(migrate func(ctx context.Context, url string) (int64, error)) *Template {
	return &Template{migrate: migrate}
}

// File returns the path of a database of its own for t, which ends with t.
func (m *Template) File(t testing.TB) string {
	t.Helper()
	path := filepath.Join(Dir(t), "readout.db")
	m.Copy(t, path)
	return path
}

// URL returns the database of [Template.File] as store.Open takes it.
func (m *Template) URL(t testing.TB) string {
	t.Helper()
	return "sqlite:" + m.File(t)
}

// Copy makes the database at path, where there is none.
func (m *Template) Copy(t testing.TB, path string) {
	t.Helper()
	if err := os.WriteFile(path, m.bytes(t), 0o600); err != nil {
		t.Fatalf("sqlitetest: %v", err)
	}
}

func (m *Template) bytes(t testing.TB) []byte {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.file == nil {
		path := filepath.Join(Dir(t), "template.db")
		if _, err := m.migrate(t.Context(), "sqlite:"+path); err != nil {
			t.Fatalf("sqlitetest: make the template: %v", err)
		}
		// Closing the database has put all of it into one file.
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatalf("sqlitetest: %v", err)
		}
		m.file = file
	}
	return m.file
}

// Dir returns an empty directory that ends with t. It is in memory if that has room.
func Dir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp(memorytest.Parent(), "readout-test")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("sqlitetest: %v", err)
		}
	})
	return dir
}
