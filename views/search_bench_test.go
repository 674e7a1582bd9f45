package views_test

import (
	"io"
	"testing"

	"readout/liveblog"
	"readout/views/reader"
)

// BenchmarkSearch renders a full page of results with entries of realistic length.
func BenchmarkSearch(b *testing.B) {
	q, err := liveblog.ParseSearch("tariffs trump")
	if err != nil {
		b.Fatal(err)
	}
	p := reader.SearchPage{Site: site, Query: q, Found: liveblog.Found{Blog: sampleBlog()}}
	for _, e := range samplePage(20).Entries {
		e.Body = lorem(e.Number, 80) + " **Tariffs**, said Trump.\n\n" + lorem(e.Number+1, 40)
		p.Found.Entries = append(p.Found.Entries, e)
	}
	for b.Loop() {
		if err := reader.Search(p).Render(b.Context(), io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
