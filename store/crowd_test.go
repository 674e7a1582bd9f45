package store

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"readout/liveblog"
)

// While the server has no connection left, callers wait for those that are open. The test fails if they get the
// server's refusal, which is what most of them would get without the waiting.
func TestPostgresWithFewConnections(t *testing.T) {
	t.Parallel()
	url := newPostgres(t)
	limit := func(n int) { PostgresServer.Server(t).LimitConnections(t, url, n) }
	stores := []*store{openURL(t, url), openURL(t, url)}
	addBlog(t, stores[0], "summit")
	limit(5)
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			if _, err := post(t.Context(), stores[i%2], "summit", fmt.Sprint(i)); err != nil {
				t.Errorf("post %d: %v", i, err)
			}
			if _, err := stores[i%2].Cursor(t.Context(), "summit"); err != nil {
				t.Errorf("cursor %d: %v", i, err)
			}
		})
	}
	wg.Wait()

	// A caller that gets no connection waits as long as its context lasts, and not longer.
	for _, s := range stores {
		s.write.SetMaxIdleConns(0) // closes the pool's connections
	}
	limit(0)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := post(ctx, stores[0], "summit", "late")
	if liveblog.CodeOf(err) != liveblog.Unavailable || ctx.Err() == nil {
		t.Errorf("without any connection: error %v, context %v", err, ctx.Err())
	}
	limit(-1)
	if _, err := post(t.Context(), stores[0], "summit", "again"); err != nil {
		t.Errorf("when there are connections again: %v", err)
	}
	stores[0].crowd.lift(stores[0].write)
	if n := stores[0].write.Stats().MaxOpenConnections; n != defaultConnections {
		t.Errorf("afterwards the pool may open %d connections, want %d", n, defaultConnections)
	}
}
