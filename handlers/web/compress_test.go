package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/andybalholm/brotli"
)

func TestCompression(t *testing.T) {
	t.Parallel()
	for _, body := range []string{strings.Repeat("tariff ", 1000), strings.Repeat("soybeans ", 60_000),
		strings.Repeat("rare earths ", 9000)} {
		for name, tc := range map[string]struct {
			compressed []byte
			open       func(io.Reader) (io.Reader, error)
		}{
			"gzip": {gzipPage([]byte(body)), func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }},
			"fast": {GzipFast([]byte(body)), func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }},
			"brotli": {brotliPage([]byte(body)),
				func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil }},
		} {
			r, err := tc.open(bytes.NewReader(tc.compressed))
			if err != nil {
				t.Fatal(name, err)
			}
			got, err := io.ReadAll(r)
			if err != nil || string(got) != body || len(tc.compressed) >= len(body) {
				t.Errorf("%s: %d bytes compressed from %d decompress to %d, error %v", name, len(tc.compressed),
					len(body), len(got), err)
			}
		}
	}
	short := []byte(strings.Repeat("a", minCompressed-1))
	if gzipPage(short) != nil || brotliPage(short) != nil || GzipFast(short) != nil {
		t.Error("a short body was compressed")
	}
	if smaller([]byte("ab"), []byte("abc")) != nil {
		t.Error("smaller returned a form larger than the body")
	}
}

// With its default window, brotli allocates 10 MB for a page of more than 64 KB.
func TestCompressionTakesLittleMemory(t *testing.T) {
	body := []byte(strings.Repeat("What both sides said of the tariffs. ", 3000))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if compress(new(sync.Pool), body, newBrotli) == nil {
		t.Fatal("nothing was compressed")
	}
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 4<<20 {
		t.Errorf("a page of %d bytes took %d bytes of memory to compress", len(body), took)
	}
}
