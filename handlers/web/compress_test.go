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
	for _, body := range []string{strings.Repeat("tariff ", 1000), strings.Repeat("soybeans ", 60_000), strings.Repeat("rare earths ", 9000)} {
		for name, tc := range map[string]struct {
			packed []byte
			open   func(io.Reader) (io.Reader, error)
		}{
			"gzip":   {gzipped([]byte(body)), func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }},
			"quick":  {Quick([]byte(body)), func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }},
			"brotli": {brotlied([]byte(body)), func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil }},
		} {
			r, err := tc.open(bytes.NewReader(tc.packed))
			if err != nil {
				t.Fatal(name, err)
			}
			got, err := io.ReadAll(r)
			if err != nil || string(got) != body || len(tc.packed) >= len(body) {
				t.Errorf("%s: %d bytes of %d became %d again, error %v", name, len(tc.packed), len(body), len(got), err)
			}
		}
	}
	short := []byte(strings.Repeat("a", compressible-1))
	if gzipped(short) != nil || brotlied(short) != nil || Quick(short) != nil {
		t.Error("a short body was compressed")
	}
	if smaller([]byte("ab"), []byte("abc")) != nil {
		t.Error("a form larger than the body was kept")
	}
}

// A page of more than 64 KB costs as much as a shorter one, not the 10 MB that brotli takes by itself.
func TestCompressionTakesLittleMemory(t *testing.T) {
	body := []byte(strings.Repeat("What both sides said of the tariffs. ", 3000))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if packed(new(sync.Pool), body, newBrotli) == nil {
		t.Fatal("nothing was compressed")
	}
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 4<<20 {
		t.Errorf("a page of %d bytes took %d bytes of memory to compress", len(body), took)
	}
}
