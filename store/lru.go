package store

import "container/list"

// lru is a cache of limited total size that evicts the values that have not been used for the longest time. It is not
// safe for concurrent use.
type lru[K comparable, V any] struct {
	limit, size int
	order       *list.List // of *lruItem[K, V], the most recently used first
	byKey       map[K]*list.Element
}

type lruItem[K comparable, V any] struct {
	key   K
	value V
	size  int
}

func newLRU[K comparable, V any](limit int) lru[K, V] {
	return lru[K, V]{limit: limit, order: list.New(), byKey: map[K]*list.Element{}}
}

func (c *lru[K, V]) get(key K) (v V, ok bool) {
	el, ok := c.byKey[key]
	if !ok {
		return v, false
	}
	c.order.MoveToFront(el)
	return el.Value.(*lruItem[K, V]).value, true
}

// put adds or replaces a value. It does not keep one that is larger than the whole cache.
func (c *lru[K, V]) put(key K, v V, size int) {
	if el, ok := c.byKey[key]; ok {
		c.remove(el)
	}
	if size > c.limit {
		return
	}
	c.byKey[key] = c.order.PushFront(&lruItem[K, V]{key, v, size})
	for c.size += size; c.size > c.limit; {
		c.remove(c.order.Back())
	}
}

func (c *lru[K, V]) remove(el *list.Element) {
	item := c.order.Remove(el).(*lruItem[K, V])
	delete(c.byKey, item.key)
	c.size -= item.size
}
