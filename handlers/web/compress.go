package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"sync"

	"github.com/andybalholm/brotli"
)

// compressible is the size in bytes from which compression pays.
const compressible = 1 << 10

// Pages are compressed once and sent often; they fit a network packet or two less at these levels than at the
// fastest, and still take a millisecond or so.
const (
	pageGzipLevel   = 6
	pageBrotliLevel = 5
)

// pageBrotliWindow is the binary logarithm of how far back brotli looks: far enough for any page. With its usual 4 MB it
// clears a buffer of 8 MB for each body of more than 64 KB, which takes longer than all else that a page needs.
const pageBrotliWindow = 18

// Writers are used again: making them costs more than compressing a page does.
var gzips, brotlis, quicks sync.Pool

// gzipped returns body compressed, or nil where that does not pay.
func gzipped(body []byte) []byte {
	return packed(&gzips, body, func() packer {
		w, _ := gzip.NewWriterLevel(io.Discard, pageGzipLevel) // fails only for an unknown level
		return w
	})
}

// brotlied returns body compressed, or nil where that does not pay.
func brotlied(body []byte) []byte {
	return packed(&brotlis, body, newBrotli)
}

func newBrotli() packer {
	return brotli.NewWriterOptions(io.Discard, brotli.WriterOptions{Quality: pageBrotliLevel, LGWin: pageBrotliWindow})
}

// Quick returns body in gzip form for an answer that is sent once, or nil where that does not pay.
func Quick(body []byte) []byte {
	return packed(&quicks, body, func() packer {
		w, _ := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed)
		return w
	})
}

type packer interface {
	io.WriteCloser
	Reset(io.Writer)
}

func packed(pool *sync.Pool, body []byte, fresh func() packer) []byte {
	if len(body) < compressible {
		return nil
	}
	w, ok := pool.Get().(packer)
	if !ok {
		w = fresh()
	}
	defer pool.Put(w)
	var b bytes.Buffer // takes everything
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
