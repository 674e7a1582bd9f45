package views_test

import (
	"bytes"
	"testing"

	"readout/assets"
	"readout/views/reader"

	"github.com/andybalholm/brotli"
)

// TestFirstPageIsLight limits the compressed size of a reader's first visit: a page with 20 entries of realistic
// length, the styles and the script.
func TestFirstPageIsLight(t *testing.T) {
	t.Parallel()
	page := samplePage(20)
	for i := range page.Entries {
		page.Entries[i].Body = lorem(i, 120)
	}
	source, _ := render(t, reader.Blog(reader.BlogPage{Site: site, Page: page}))
	var b bytes.Buffer
	z := brotli.NewWriterLevel(&b, 5) // a usual level for dynamic pages
	if _, err := z.Write([]byte(source)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	css, _ := assets.Plain("reader.css")
	script, _ := assets.Plain("reader.js")
	const limit = 40 << 10
	total := b.Len() + len(css.Brotli) + len(script.Brotli)
	t.Logf("HTML %d, CSS %d, JavaScript %d bytes", b.Len(), len(css.Brotli), len(script.Brotli))
	if total >= limit {
		t.Errorf("the first page takes %d bytes compressed, limit %d", total, limit)
	}
}

// lorem is a text of n different words, so that it compresses no better than a real text.
func lorem(seed, n int) string {
	var b bytes.Buffer
	x := uint32(seed)*2654435761 + 1
	for i := range n {
		for range 3 + x>>16%7 {
			x = x*1664525 + 1013904223
			b.WriteByte("etaoinshrdlucmfwypvbgk"[x>>16%22])
		}
		b.WriteByte(" \n"[(i+1)%40/39])
	}
	return b.String()
}
