package web

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
)

func plainPage(version, body string) Page {
	return Page{version, Representation{contentType: "text/html", tag: body, body: []byte(body)}}
}

func TestConcurrentReadersShareARendering(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cache := newPageCache(1 << 20)
		key := PageKey{Kind: BlogKind, Slug: "summit"}
		gate := make(chan struct{})
		renderings := 0 // without a lock: the race detector reports concurrent renderings
		var readers sync.WaitGroup
		for range 1000 {
			readers.Go(func() {
				p, err := cache.get(key, "e.1", func(context.Context) (Page, error) {
					renderings++
					<-gate
					return plainPage("e.1", "one"), nil
				})
				if err != nil || string(p.body) != "one" {
					t.Errorf("got %q, %v", p.body, err)
				}
			})
		}
		synctest.Wait() // one rendering waits for the gate, the other readers wait for it
		close(gate)
		readers.Wait()
		if renderings != 1 {
			t.Errorf("%d renderings, want 1", renderings)
		}
	})
}

func TestNewVersionDoesNotShareAnOlderRendering(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cache := newPageCache(1 << 20)
		key := PageKey{Kind: BlogKind, Slug: "summit"}
		gate := make(chan struct{})
		go cache.get(key, "e.1", func(context.Context) (Page, error) {
			<-gate
			return plainPage("e.1", "old"), nil
		})
		synctest.Wait()
		p, err := cache.get(key, "e.2", func(context.Context) (Page, error) { return plainPage("e.2", "new"), nil })
		if err != nil || string(p.body) != "new" {
			t.Errorf("got %q, %v", p.body, err)
		}
		close(gate)
	})
}

func TestPageCacheVersions(t *testing.T) {
	t.Parallel()
	cache := newPageCache(1 << 20)
	key := PageKey{Kind: FrontKind}
	renderings := 0
	at := func(version string) {
		t.Helper()
		p, err := cache.get(key, version, func(context.Context) (Page, error) {
			renderings++
			return plainPage(version, version), nil
		})
		if err != nil || string(p.body) != version {
			t.Errorf("at %s: %q, %v", version, p.body, err)
		}
	}
	at("1")
	at("1")
	at("2")
	at("2")
	if renderings != 2 {
		t.Errorf("%d renderings, want 2", renderings)
	}
	away := errors.New("away")
	_, err := cache.get(key, "3", func(context.Context) (Page, error) { return Page{}, away })
	if !errors.Is(err, away) {
		t.Errorf("the error is %v, want that of the rendering", err)
	}
	if p, ok := cache.latest(key); !ok || p.Version != "2" {
		t.Errorf("after a failed rendering the cache holds version %q, want 2", p.Version)
	}
}

func TestPageCacheLimit(t *testing.T) {
	t.Parallel()
	const body, limit = 100, 10_000
	const each = body + entryOverhead + len("summit") + len("v")
	cache := newPageCache(limit)
	key := func(i int) PageKey { return PageKey{Kind: EntryKind, Slug: "summit", Number: i} }
	for i := range 50 {
		cache.put(key(i), plainPage("v", strings.Repeat("x", body)), 0)
		cache.latest(key(0)) // used in each round, so never evicted
		if cache.size > limit || cache.size != each*len(cache.byKey) || cache.order.Len() != len(cache.byKey) {
			t.Fatalf("%d pages in the list, %d in the map, %d bytes", cache.order.Len(), len(cache.byKey), cache.size)
		}
	}
	for i, want := range map[int]bool{0: true, 1: false, 34: false, 49: true} {
		if _, ok := cache.latest(key(i)); ok != want {
			t.Errorf("page %d is cached: %t, want %t", i, ok, want)
		}
	}
	cache.put(key(0), plainPage("v", strings.Repeat("x", limit+1)), 0)
	if _, ok := cache.latest(key(0)); ok || cache.size != each*len(cache.byKey) {
		t.Errorf("a page larger than the cache: cached %t, size %d", ok, cache.size)
	}
}

// It measures what the cache holds by its keys and by the heap: neither long keys nor many small pages exceed the
// limit.
func TestPageCacheCountsItsKeys(t *testing.T) {
	const limit = 4 << 20
	for name, length := range map[string]int{"long keys": 12 << 10, "many keys": 20} {
		cache := newPageCache(limit)
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		for i := range 4 * limit / (length + 500) { // far more than the cache has room for
			cache.put(PageKey{Kind: TalksKind, Slug: "summit", Name: fmt.Sprintf("%0*d", length, i)},
				Page{"v", Representation{body: []byte("x")}}, 0)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		took := int64(after.HeapAlloc) - int64(before.HeapAlloc)
		t.Logf("%s: %d pages take %d bytes", name, len(cache.byKey), took)
		if n := len(cache.byKey) * length; n == 0 || n > limit {
			t.Errorf("%s: the keys of %d pages take %d bytes", name, len(cache.byKey), n)
		}
		if took > limit*3/2 {
			t.Errorf("%s: %d pages take %d bytes, the limit is %d", name, len(cache.byKey), took, limit)
		}
		runtime.KeepAlive(cache)
	}
}

func TestPagesDoNotShareARendering(t *testing.T) {
	t.Parallel()
	cache := newPageCache(1 << 20)
	keys := []PageKey{{Kind: BlogKind, Slug: "a", Number: 1}, {Kind: EntryKind, Slug: "a", Number: 1},
		{Kind: BlogKind, Slug: "a", Number: 11},
		{Kind: BlogKind, Slug: "a-1", Number: 1}, {Kind: EmbedKind, Slug: "a", Number: 1}}
	for i, key := range keys {
		want := fmt.Sprint(i)
		p, err := cache.get(key, "1", func(context.Context) (Page, error) { return plainPage("1", want), nil })
		if err != nil || string(p.body) != want {
			t.Errorf("%v: %q, %v", key, p.body, err)
		}
	}
}

// It fails if a purge leaves a page in the cache, or if a page that was being rendered at that time gets into it
// afterwards.
func TestPageCacheForgets(t *testing.T) {
	t.Parallel()
	cache, key := newPageCache(1<<20), PageKey{Kind: BlogKind, Slug: "summit"}
	began, goOn := make(chan struct{}), make(chan struct{})
	render := func(context.Context) (Page, error) { return plainPage("v", "purged"), nil }
	if _, err := cache.get(key, "v", render); err != nil {
		t.Fatal(err)
	}
	rendered := make(chan error)
	go func() {
		_, err := cache.get(key, "w", func(context.Context) (Page, error) {
			close(began)
			<-goOn
			return plainPage("w", "purged"), nil
		})
		rendered <- err
	}()
	<-began
	cache.forget()
	close(goOn)
	if err := <-rendered; err != nil {
		t.Fatal(err)
	}
	if pages, size := cache.Held(); pages != 0 || size != 0 {
		t.Errorf("the cache holds %d pages of %d bytes", pages, size)
	}
	if _, err := cache.get(key, "v", render); err != nil {
		t.Fatal(err)
	}
	if pages, _ := cache.Held(); pages != 1 {
		t.Errorf("afterwards the cache holds %d pages, want 1", pages)
	}
}
