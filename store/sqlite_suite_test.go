package store_test

import (
	"path/filepath"
	"strings"
	"testing"

	"readout/liveblog"
	"readout/store"
	"readout/store/storetest"
)

func TestSQLiteConformance(t *testing.T) {
	dir := t.TempDir()
	storetest.Run(t, func(t *testing.T) liveblog.Store {
		t.Helper()
		file := strings.NewReplacer("/", "_", " ", "-").Replace(t.Name()) + ".db"
		s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}
