package realtime

import (
	"bytes"
	"compress/flate"
	"io"
	"sync"
	"unicode/utf8"
)

// inflater checks the compressed messages of clients. All clients share one: each message is complete when it is
// checked and does not refer to earlier ones (client_no_context_takeover). All methods are safe for concurrent use.
type inflater struct {
	decompressors sync.Pool // of *decompressor, which takes 40 KiB
}

// decompressor inflates one message at a time.
type decompressor struct {
	in    bytes.Reader
	flate io.ReadCloser // also a flate.Resetter
	out   [maxInput + 1]byte
}

// messageEnd is the end of a block, which the receiver has to append (RFC 7692 §7.2.2), and an empty last block, which
// ends the stream.
var messageEnd = []byte("\x00\x00\xff\xff\x01\x00\x00\xff\xff")

// check inflates a message and returns the close code if it is invalid or longer than maxInput, or 0. It appends to the
// message.
func (f *inflater) check(message []byte, text bool) uint16 {
	d, _ := f.decompressors.Get().(*decompressor)
	if d == nil {
		d = new(decompressor)
		d.flate = flate.NewReader(&d.in)
	}
	defer f.decompressors.Put(d)
	d.in.Reset(append(message, messageEnd...))
	d.flate.(flate.Resetter).Reset(&d.in, nil) // never fails
	n := 0
	for n < len(d.out) {
		k, err := d.flate.Read(d.out[n:])
		n += k
		if err == io.EOF {
			break
		}
		if err != nil {
			return closeNotText
		}
	}
	switch {
	case n == len(d.out):
		return closeTooBig
	case text && !utf8.Valid(d.out[:n]):
		return closeNotText
	}
	return 0
}
