package handlers

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
	frontKind pageKind = iota
	feedKind
	blogKind
	entryKind
	embedKind
	talksKind
	sitemapKind
	correctionsKind
)

// pageKey names a page, whatever its version.
type pageKey struct {
	kind   pageKind
	slug   string
	number int    // of the entry, or after which the page begins
	name   string // of a page of the talks, of a feed, or the line after which a part of the log begins
}

// page is a rendered page as it stands at one version of what it shows.
type page struct {
	version string
	representation
}

// pageCache keeps the newest rendered form of each page, the ones used last within a limit of bytes. However many
// ask at once, each version of a page is rendered once.
type pageCache struct {
	limit   int
	flights singleflight.Group

	mu    sync.Mutex // guards what follows
	size  int
	order *list.List // of *keptPage, the one used last first
	byKey map[pageKey]*list.Element
}

type keptPage struct {
	key pageKey
	page
}

// size is what the page takes of memory, in bytes. Strangers choose the keys, so these count as well.
func (k *keptPage) size() int {
	return keptOverhead + len(k.key.slug) + len(k.key.name) + len(k.version) + k.representation.size()
}

func newPageCache(limit int) *pageCache {
	return &pageCache{limit: limit, order: list.New(), byKey: map[pageKey]*list.Element{}}
}

// last returns the page in whatever version is kept.
func (p *pageCache) last(key pageKey) (page, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	el, ok := p.byKey[key]
	if !ok {
		return page{}, false
	}
	p.order.MoveToFront(el)
	return el.Value.(*keptPage).page, true
}

// at returns the page at a version, rendering it if it is not kept. The version is part of the flight's name: who
// has seen a newer version never shares a rendering that began before it.
func (p *pageCache) at(key pageKey, version string, render func(context.Context) (page, error)) (page, error) {
	if kept, ok := p.last(key); ok && kept.version == version {
		return kept, nil
	}
	flight := fmt.Sprint(key, " ", version)
	v, err, _ := p.flights.Do(flight, func() (any, error) {
		// An earlier flight may have landed since the look above.
		if kept, ok := p.last(key); ok && kept.version == version {
			return kept, nil
		}
		ctx, cancel := within(queryTimeout)
		defer cancel()
		rendered, err := render(ctx)
		if err == nil {
			p.put(key, rendered)
		}
		return rendered, err
	})
	if err != nil {
		return page{}, err
	}
	return v.(page), nil
}

func (p *pageCache) put(key pageKey, rendered page) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if el, ok := p.byKey[key]; ok {
		p.drop(el)
	}
	kept := &keptPage{key, rendered}
	if kept.size() > p.limit {
		return
	}
	p.byKey[key] = p.order.PushFront(kept)
	for p.size += kept.size(); p.size > p.limit; {
		p.drop(p.order.Back())
	}
}

// held returns how many pages are kept, and how many bytes they take.
func (p *pageCache) held() (pages, bytes int) {
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
