package markdown

import (
	"strconv"
	"strings"
	"sync"
	"testing"
)

// TestConcurrentCallsShareOneConversion fails if the cache converts a text again for each caller.
func TestConcurrentCallsShareOneConversion(t *testing.T) {
	t.Parallel()
	cache := newConversionCache(1 << 20)
	body := strings.Repeat("They *met* again.\n\n", 1000)
	const callers = 16
	got := make([]*conversion, callers)
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() { got[i] = cache.get(strings.Clone(body)) })
	}
	wg.Wait()
	for _, c := range got {
		if c != cache.get(body) {
			t.Fatal("a text was converted twice")
		}
	}
	if c := cache.get(body + "!"); c == got[0] || !strings.HasSuffix(c.text, "again. !") {
		t.Errorf("the conversion of another text is %.20q", c.text)
	}
}

// TestCacheIsBounded fails if the cache grows beyond its limit, or if it does not count the size of its entries.
func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	const limit = 1 << 20
	cache := newConversionCache(limit)
	for i := range 100 {
		cache.get(strconv.Itoa(i) + strings.Repeat(" word", 5000))
	}
	cache.cache.CleanUp()
	if size, n := cache.cache.WeightedSize(), cache.cache.EstimatedSize(); size > limit || size < limit/2 || n > 12 {
		t.Errorf("the cache keeps %d of 100 conversions, with %d bytes", n, size)
	}
}
