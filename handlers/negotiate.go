package handlers

import (
	"bytes"
	"compress/gzip"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
)

// coding is a content coding of HTTP; "" is none.
type coding string

const (
	identity     coding = ""
	gzipCoding   coding = "gzip"
	brotliCoding coding = "br"
)

// negotiate picks, of the codings that there are, the one that an Accept-Encoding likes best; of several liked
// alike the first one offered. None stays possible even where the client refuses it: a body it may be able to read
// is worth more than a 406.
func negotiate(accept string, offers ...coding) coding {
	best, bestQuality := identity, quality(accept, "identity")
	for i := len(offers) - 1; i >= 0; i-- {
		if q := quality(accept, string(offers[i])); q > 0 && q >= bestQuality {
			best, bestQuality = offers[i], q
		}
	}
	return best
}

// quality returns the weight from 0 to 1 that an Accept-Encoding gives to a coding. What it does not name it
// refuses, but for identity, which is liked least.
func quality(accept, name string) float64 {
	rest, found := 0.0, false
	for item := range strings.SplitSeq(accept, ",") {
		token, params, _ := strings.Cut(item, ";")
		token = strings.TrimSpace(token)
		switch {
		case strings.EqualFold(token, name):
			return weight(params)
		case token == "*":
			rest, found = weight(params), true
		}
	}
	if name == "identity" && !found {
		return 0.0001 // below any weight that three decimals can say
	}
	return rest
}

func weight(params string) float64 {
	value, ok := strings.CutPrefix(strings.ToLower(strings.ReplaceAll(params, " ", "")), "q=")
	if !ok {
		return 1
	}
	q, err := strconv.ParseFloat(value, 64)
	if err != nil || !(q >= 0 && q <= 1) {
		return 0
	}
	return q
}

// compressible is the size in bytes from which compression pays.
const compressible = 1 << 10

// Pages are compressed once and sent often; they fit a network packet or two less at these levels than at the
// fastest, and still take a millisecond or so.
const (
	pageGzipLevel   = 6
	pageBrotliLevel = 5
)

// gzipped returns body compressed, or nil where that does not pay.
func gzipped(body []byte) []byte {
	if len(body) < compressible {
		return nil
	}
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, pageGzipLevel) // fails for an unknown level alone
	return smaller(body, finished(w, &b, body))
}

// brotlied returns body compressed, or nil where that does not pay.
func brotlied(body []byte) []byte {
	if len(body) < compressible {
		return nil
	}
	var b bytes.Buffer
	return smaller(body, finished(brotli.NewWriterLevel(&b, pageBrotliLevel), &b, body))
}

// finished writes body through w, which writes into b; a buffer takes everything.
func finished(w interface {
	Write(p []byte) (int, error)
	Close() error
}, b *bytes.Buffer, body []byte) []byte {
	w.Write(body)
	w.Close()
	return bytes.Clone(b.Bytes())
}

func smaller(body, compressed []byte) []byte {
	if len(compressed) >= len(body) {
		return nil
	}
	return compressed
}

// gzipPool compresses answers that are sent once, fast and without a new 800 KB writer for each. The zero value is
// ready.
type gzipPool struct{ writers sync.Pool }

// compress returns body in gzip form, or nil where that does not pay.
func (p *gzipPool) compress(body []byte) []byte {
	if len(body) < compressible {
		return nil
	}
	var b bytes.Buffer
	w, ok := p.writers.Get().(*gzip.Writer)
	if !ok {
		w, _ = gzip.NewWriterLevel(&b, gzip.BestSpeed)
	}
	w.Reset(&b)
	defer p.writers.Put(w)
	return smaller(body, finished(w, &b, body))
}
