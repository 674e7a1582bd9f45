package markdown

import (
	"strconv"
	"strings"
	"sync"
	"testing"
)

// It catches a text that is converted for each one who asks.
func TestTextsAreConvertedOnce(t *testing.T) {
	t.Parallel()
	all := newConversions(1 << 20)
	body := strings.Repeat("They *met* again.\n\n", 1000)
	const askers = 16
	got := make([]*conversion, askers)
	var wg sync.WaitGroup
	for i := range askers {
		wg.Go(func() { got[i] = all.of(strings.Clone(body)) })
	}
	wg.Wait()
	for _, c := range got {
		if c != all.of(body) {
			t.Fatal("a text was converted twice")
		}
	}
	if c := all.of(body + "!"); c == got[0] || !strings.HasSuffix(c.text, "again. !") {
		t.Errorf("another text has the conversion %.20q", c.text)
	}
}

// It catches conversions that are kept without end, and ones that weigh nothing.
func TestKeptConversionsAreBounded(t *testing.T) {
	t.Parallel()
	const limit = 1 << 20
	all := newConversions(limit)
	for i := range 100 {
		all.of(strconv.Itoa(i) + strings.Repeat(" word", 5000))
	}
	all.kept.CleanUp()
	if size, n := all.kept.WeightedSize(), all.kept.EstimatedSize(); size > limit || size < limit/2 || n > 12 {
		t.Errorf("%d conversions of 100 are kept, with %d bytes", n, size)
	}
}
