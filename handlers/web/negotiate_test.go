package web

import "testing"

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
