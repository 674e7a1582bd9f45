package main

import (
	"bytes"
	"compress/gzip"
	"io"

	"github.com/andybalholm/brotli"
)

// compressions are the ways to make a file smaller, by what stands after its name.
var compressions = map[string]func(io.Writer) io.WriteCloser{".br": newBrotli, ".gz": newGzip}

func newGzip(w io.Writer) io.WriteCloser {
	z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is valid
	}
	return z
}

// brotliWindow is the binary logarithm of how far back brotli looks: beyond the largest file.
const brotliWindow = 16

func newBrotli(w io.Writer) io.WriteCloser {
	return brotli.NewWriterOptions(w, brotli.WriterOptions{Quality: brotli.BestCompression, LGWin: brotliWindow})
}

// compressed returns nil where it would save less than a tenth: the header and the work then cost more.
func compressed(body []byte, newWriter func(io.Writer) io.WriteCloser) []byte {
	var b bytes.Buffer
	z := newWriter(&b)
	if _, err := z.Write(body); err != nil {
		panic(err) // a buffer takes everything
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	if b.Len() > len(body)*9/10 {
		return nil
	}
	return b.Bytes()
}
