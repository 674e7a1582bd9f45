package web

import (
	"container/list"
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/singleflight"
)

// pageCacheBytes bounds the memory of all cached pages: room for a few hundred.
const pageCacheBytes = 64 << 20

// entryOverhead is roughly the memory that a cache entry takes besides its texts, in bytes: the structures, the list
// element and the map entry.
const entryOverhead = 512

// pageKind is one of the site's public pages.
type pageKind uint8

const (
	FrontKind pageKind = iota
	FeedKind
	BlogKind
	EntryKind
	EmbedKind
	TalksKind
	SitemapKind
	CorrectionsKind
)

// PageKey identifies a page, whatever its version.
type PageKey struct {
	Kind   pageKind
	Slug   string
	Number int    // the entry that the page shows, or after which it begins
	Name   string // tells apart pages of one kind and blog: a feed, a page of the talks, a window of the stream
}

// Page is a page rendered at one version of what it shows.
type Page struct {
	Version string
	Representation
}

// pageCache holds the latest rendering of each page and evicts the least recently used ones beyond a limit of bytes.
// Concurrent requests for one version of a page share a rendering. It is safe for concurrent use.
type pageCache struct {
	Limit   int // bytes
	flights singleflight.Group

	mu    sync.Mutex // guards what follows
	era   int        // how often everything was forgotten
	size  int
	order *list.List // of *cacheEntry, most recently used first
	byKey map[PageKey]*list.Element
}

type cacheEntry struct {
	key PageKey
	Page
}

// size returns the memory that the entry takes, in bytes. It includes the key, because clients choose keys.
func (k *cacheEntry) size() int {
	return entryOverhead + len(k.key.Slug) + len(k.key.Name) + len(k.Version) + k.Representation.size()
}

func newPageCache(limit int) *pageCache {
	return &pageCache{Limit: limit, order: list.New(), byKey: map[PageKey]*list.Element{}}
}

// latest returns the cached page, whatever its version.
func (p *pageCache) latest(key PageKey) (Page, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	el, ok := p.byKey[key]
	if !ok {
		return Page{}, false
	}
	p.order.MoveToFront(el)
	return el.Value.(*cacheEntry).Page, true
}

// get returns the page at a version, and renders it if it is not cached. The version is part of the singleflight key:
// a request that has seen a newer version never shares a rendering that began before it.
func (p *pageCache) get(key PageKey, version string, render func(context.Context) (Page, error)) (Page, error) {
	if cached, ok := p.latest(key); ok && cached.Version == version {
		return cached, nil
	}
	flight := fmt.Sprint(key, " ", version)
	v, err, _ := p.flights.Do(flight, func() (any, error) {
		// Another call may have cached it since the check above.
		if cached, ok := p.latest(key); ok && cached.Version == version {
			return cached, nil
		}
		ctx, cancel := Within(QueryTimeout)
		defer cancel()
		era := p.present()
		rendered, err := render(ctx)
		if err == nil {
			p.put(key, rendered, era)
		}
		return rendered, err
	})
	if err != nil {
		return Page{}, err
	}
	return v.(Page), nil
}

func (p *pageCache) present() (era int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.era
}

// forget drops all pages, and those that are being rendered. It returns how many were cached.
func (p *pageCache) forget() (pages int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	pages = p.order.Len()
	p.era++
	p.size = 0
	p.order.Init()
	clear(p.byKey)
	return pages
}

// put caches a page whose rendering began in an era.
func (p *pageCache) put(key PageKey, rendered Page, era int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if era != p.era {
		return
	}
	if el, ok := p.byKey[key]; ok {
		p.drop(el)
	}
	e := &cacheEntry{key, rendered}
	if e.size() > p.Limit {
		return
	}
	p.byKey[key] = p.order.PushFront(e)
	for p.size += e.size(); p.size > p.Limit; {
		p.drop(p.order.Back())
	}
}

// Held returns how many pages the cache holds, and how many bytes they take.
func (p *pageCache) Held() (pages, bytes int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.order.Len(), p.size
}

// drop removes an entry. The caller holds the lock.
func (p *pageCache) drop(el *list.Element) {
	e := p.order.Remove(el).(*cacheEntry)
	delete(p.byKey, e.key)
	p.size -= e.size()
}
