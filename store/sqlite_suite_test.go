package store_test

import (
	"sync"
	"testing"

	"readout/liveblog"
	"readout/store"
	"readout/store/storetest"
)

func TestSQLiteConformance(t *testing.T) {
	t.Parallel()
	var files sync.Map // the path of each test's database, by the test's name
	storetest.Run(t, func(t *testing.T) liveblog.Store {
		t.Helper()
		path, ok := files.Load(t.Name())
		if !ok {
			path = store.SQLiteFiles.File(t)
			files.Store(t.Name(), path)
		}
		s, err := store.Open(t.Context(), "sqlite:"+path.(string))
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}
