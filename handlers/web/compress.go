package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"sync"

	"github.com/andybalholm/brotli"
)

// minCompressed is the size in bytes below which a body is not compressed.
const minCompressed = 1 << 10

// Cached pages are compressed once and sent often. At these levels a page takes a network packet or two less than at
// the fastest level, and still takes only about a millisecond to compress.
const (
	pageGzipLevel   = 6
	pageBrotliLevel = 5
)

// pageBrotliWindow is the base-2 logarithm of brotli's window size: 256 KiB are enough for any page. With its default
// window of 4 MB, brotli clears an 8 MB buffer for each body over 64 KB, which takes longer than everything else that
// a page needs.
const pageBrotliWindow = 18

// Compressors are pooled, because creating one costs more than compressing a page.
var gzipPool, brotliPool, fastPool sync.Pool

// gzipPage returns the gzip form of a page that is cached, or nil if that is not smaller than the page.
func gzipPage(body []byte) []byte {
	return compress(&gzipPool, body, func() compressor {
		w, _ := gzip.NewWriterLevel(io.Discard, pageGzipLevel) // fails only for an unknown level
		return w
	})
}

// brotliPage returns the brotli form of a page that is cached, or nil if that is not smaller than the page.
func brotliPage(body []byte) []byte {
	return compress(&brotliPool, body, newBrotli)
}

func newBrotli() compressor {
	return brotli.NewWriterOptions(io.Discard, brotli.WriterOptions{Quality: pageBrotliLevel, LGWin: pageBrotliWindow})
}

// GzipFast returns the gzip form of a body that is sent only once, or nil if that is not smaller than the body.
func GzipFast(body []byte) []byte {
	return compress(&fastPool, body, func() compressor {
		w, _ := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed)
		return w
	})
}

type compressor interface {
	io.WriteCloser
	Reset(io.Writer)
}

func compress(pool *sync.Pool, body []byte, create func() compressor) []byte {
	if len(body) < minCompressed {
		return nil
	}
	w, ok := pool.Get().(compressor)
	if !ok {
		w = create()
	}
	defer pool.Put(w)
	var b bytes.Buffer // its writes do not fail
	w.Reset(&b)
	w.Write(body)
	w.Close()
	return smaller(body, bytes.Clone(b.Bytes()))
}

func smaller(body, compressed []byte) []byte {
	if len(compressed) >= len(body) {
		return nil
	}
	return compressed
}
