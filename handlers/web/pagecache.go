package web

import (
	"container/list"
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/singleflight"
)

// pageCacheBytes is what all kept pages may take of memory: some hundred of them.
const pageCacheBytes = 64 << 20

// keptOverhead is about what a kept page takes of memory beside its texts: the structures, and its place in list and map.
const keptOverhead = 512

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

// PageKey names a page, whatever its version.
type PageKey struct {
	Kind   pageKind
	Slug   string
	Number int    // of the entry, or after which the page begins
	Name   string // of a page of the talks, of a feed, or the line after which a part of the log begins
}

// Page is a rendered page as it stands at one version of what it shows.
type Page struct {
	Version string
	Representation
}

// pageCache keeps the newest rendered form of each page, the ones used last within a limit of bytes. However many
// ask at once, each version of a page is rendered once.
type pageCache struct {
	Limit   int
	flights singleflight.Group

	mu    sync.Mutex // guards what follows
	size  int
	order *list.List // of *keptPage, the one used last first
	byKey map[PageKey]*list.Element
}

type keptPage struct {
	key PageKey
	Page
}

// size is what the page takes of memory, in bytes. Strangers choose the keys, so these count as well.
func (k *keptPage) size() int {
	return keptOverhead + len(k.key.Slug) + len(k.key.Name) + len(k.Version) + k.Representation.size()
}

func newPageCache(limit int) *pageCache {
	return &pageCache{Limit: limit, order: list.New(), byKey: map[PageKey]*list.Element{}}
}

// last returns the page in whatever version is kept.
func (p *pageCache) last(key PageKey) (Page, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	el, ok := p.byKey[key]
	if !ok {
		return Page{}, false
	}
	p.order.MoveToFront(el)
	return el.Value.(*keptPage).Page, true
}

// at returns the page at a version, rendering it if it is not kept. The version is part of the flight's name: who
// has seen a newer version never shares a rendering that began before it.
func (p *pageCache) at(key PageKey, version string, render func(context.Context) (Page, error)) (Page, error) {
	if kept, ok := p.last(key); ok && kept.Version == version {
		return kept, nil
	}
	flight := fmt.Sprint(key, " ", version)
	v, err, _ := p.flights.Do(flight, func() (any, error) {
		// An earlier flight may have landed since the look above.
		if kept, ok := p.last(key); ok && kept.Version == version {
			return kept, nil
		}
		ctx, cancel := Within(QueryTimeout)
		defer cancel()
		rendered, err := render(ctx)
		if err == nil {
			p.put(key, rendered)
		}
		return rendered, err
	})
	if err != nil {
		return Page{}, err
	}
	return v.(Page), nil
}

func (p *pageCache) put(key PageKey, rendered Page) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if el, ok := p.byKey[key]; ok {
		p.drop(el)
	}
	kept := &keptPage{key, rendered}
	if kept.size() > p.Limit {
		return
	}
	p.byKey[key] = p.order.PushFront(kept)
	for p.size += kept.size(); p.size > p.Limit; {
		p.drop(p.order.Back())
	}
}

// Held returns how many pages are kept, and how many bytes they take.
func (p *pageCache) Held() (pages, bytes int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.order.Len(), p.size
}

// drop needs the lock.
func (p *pageCache) drop(el *list.Element) {
	kept := p.order.Remove(el).(*keptPage)
	delete(p.byKey, kept.key)
	p.size -= kept.size()
}
