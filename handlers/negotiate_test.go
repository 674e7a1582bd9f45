package handlers

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

func TestNegotiate(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		accept string
		want   coding
	}{
		{"", identity},
		{"gzip", gzipCoding},
		{"GZIP", gzipCoding},
		{"br", brotliCoding},
		{"gzip, deflate, br, zstd", brotliCoding},
		{"gzip;q=1.0, br;q=0.8", gzipCoding},
		{"gzip ; q=0.5 , br ; Q=0.5", brotliCoding},
		{"br;q=0, gzip", gzipCoding},
		{"br;q=0,gzip;q=0", identity},
		{"*", brotliCoding},
		{"*;q=0", identity},
		{"br;q=0, *", gzipCoding},
		{"gzip;q=0.001", gzipCoding},
		{"identity", identity},
		{"identity, gzip;q=0.5", identity},
		{"identity;q=0.5, gzip;q=0.5", gzipCoding},
		{"identity;q=0, deflate", identity},
		{"gzip;q=2", identity},
		{"gzip;q=NaN", identity},
		{"gzip;q=", identity},
		{"deflate", identity},
		{",,;;gzip", identity},
	} {
		if got := negotiate(tc.accept, brotliCoding, gzipCoding); got != tc.want {
			t.Errorf("negotiate(%q) is %q, want %q", tc.accept, got, tc.want)
		}
	}
	if got := negotiate("br, gzip;q=0.1", gzipCoding); got != gzipCoding {
		t.Errorf("the coding %q was not offered", got)
	}
}

func TestCompression(t *testing.T) {
	t.Parallel()
	var pool gzipPool
	for _, body := range []string{strings.Repeat("tariff ", 1000), strings.Repeat("soybeans ", 3000)} {
		for name, tc := range map[string]struct {
			packed []byte
			open   func(io.Reader) (io.Reader, error)
		}{
			"gzip":   {gzipped([]byte(body)), func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }},
			"pool":   {pool.compress([]byte(body)), func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }},
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
	if gzipped(short) != nil || brotlied(short) != nil || pool.compress(short) != nil {
		t.Error("a short body was compressed")
	}
	if smaller([]byte("ab"), []byte("abc")) != nil {
		t.Error("a form larger than the body was kept")
	}
}
