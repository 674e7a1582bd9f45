package store_test

import (
	"sync"
	"testing"

	"readout/liveblog"
	"readout/store"
	"readout/store/storetest"
)

func TestPostgresConformance(t *testing.T) {
	t.Parallel()
	var urls sync.Map // the URL of each test's database, by the test's name
	storetest.Run(t, func(t *testing.T) liveblog.Store {
		t.Helper()
		url, ok := urls.Load(t.Name())
		if !ok {
			url = store.PostgresServer.Migrated(t, store.Migrate)
			urls.Store(t.Name(), url)
		}
		s, err := store.Open(t.Context(), url.(string))
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}
