package realtime

import (
	"bytes"
	"compress/flate"
	"io"
	"sync"
	"unicode/utf8"
)

// inflater checks the compressed messages of clients. One serves many clients, since each message stands for itself
// (client_no_context_takeover) and is there whole. All methods are safe for concurrent use.
type inflater struct {
	readers sync.Pool // of *inflation; a decompressor takes 40 KiB
}

// inflation is a decompressor with the room for one message.
type inflation struct {
	from  bytes.Reader
	flate io.ReadCloser // a flate.Resetter too
	out   [maxInput + 1]byte
}

// messageEnd is what RFC 7692 §7.2.2 has the receiver append, and an empty last block, so that the stream ends.
var messageEnd = []byte("\x00\x00\xff\xff\x01\x00\x00\xff\xff")

// check inflates a message and returns the close code that it earns, or 0. It appends to the message.
func (f *inflater) check(message []byte, text bool) uint16 {
	i, _ := f.readers.Get().(*inflation)
	if i == nil {
		i = new(inflation)
		i.flate = flate.NewReader(&i.from)
	}
	defer f.readers.Put(i)
	i.from.Reset(append(message, messageEnd...))
	i.flate.(flate.Resetter).Reset(&i.from, nil) // it never fails
	n := 0
	for n < len(i.out) {
		k, err := i.flate.Read(i.out[n:])
		n += k
		if err == io.EOF {
			break
		}
		if err != nil {
			return closeNotText
		}
	}
	switch {
	case n == len(i.out):
		return closeTooBig
	case text && !utf8.Valid(i.out[:n]):
		return closeNotText
	}
	return 0
}
