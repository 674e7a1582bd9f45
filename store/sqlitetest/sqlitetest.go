// Package sqlitetest creates SQLite databases for tests. It is fast: it creates the schema once per process and then
// copies it, and it puts the files into memory if there is space, so that commits do not wait for the disk.
package sqlitetest

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"readout/store/memorytest"
)

// Template creates databases with an up-to-date schema. Each package of tests has one in a variable.
type Template struct {
	migrate func(ctx context.Context, url string) (version int64, err error)

	mu   sync.Mutex // guards file
	file []byte     // nil until the first database is created
}

// NewTemplate returns a template that creates the schema with migrate, which is store.Migrate.
func NewTemplate(migrate func(ctx context.Context, url string) (int64, error)) *Template {
	return &Template{migrate: migrate}
}

// File creates a database for t, removes it when t ends, and returns its path.
func (m *Template) File(t testing.TB) string {
	t.Helper()
	path := filepath.Join(Dir(t), "readout.db")
	m.Copy(t, path)
	return path
}

// URL creates a database as [Template.File] does and returns its URL for store.Open.
func (m *Template) URL(t testing.TB) string {
	t.Helper()
	return "sqlite:" + m.File(t)
}

// Copy creates a database at path.
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
			t.Fatalf("sqlitetest: create the template: %v", err)
		}
		// After the database is closed, all of it is in one file.
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatalf("sqlitetest: %v", err)
		}
		m.file = file
	}
	return m.file
}

// Dir creates a directory and removes it when t ends. It is in memory if there is space.
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
