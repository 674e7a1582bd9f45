package realtime

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"io"
	"testing"
	"unicode/utf8"
)

// reference returns the outcome that RFC 6455 and RFC 7692 require for a client's bytes. It is a simple implementation
// that has all bytes at once.
func reference(deflate bool, data []byte) (o outcome) {
	var message []byte
	var kind byte // opcode and RSV1 of the message that has begun; 0 for none
	limited := 0  // frames and messages that count for the rate limit
	fail := func(code uint16) outcome {
		o.Code = code
		return o
	}
	for len(data) > 0 {
		fin, rsv, op := data[0]&0x80 != 0, data[0]&0x70, data[0]&0x0f
		control := op >= 8
		switch {
		case op > 2 && op < 8, op > 10, control && !fin, rsv != 0 && (rsv != 0x40 || !deflate || control || op == 0):
			return fail(1002)
		case !control && (op == 0) != (kind != 0):
			return fail(1002)
		}
		if len(data) < 2 {
			return o
		}
		n, size := uint64(data[1]&0x7f), 2
		if data[1]&0x80 == 0 || control && n > 125 {
			return fail(1002)
		}
		if n == 126 && len(data) >= 4 {
			if n, size = uint64(binary.BigEndian.Uint16(data[2:])), 4; n < 126 {
				return fail(1002)
			}
		} else if n == 127 && len(data) >= 10 {
			if n, size = binary.BigEndian.Uint64(data[2:]), 10; n < 1<<16 || n >= 1<<63 {
				return fail(1002)
			}
		} else if n > 125 {
			return o
		}
		if !control && n+uint64(len(message)) > maxInput {
			return fail(1009)
		}
		if len(data) < size+4 {
			return o
		}
		mask := data[size : size+4]
		data = data[size+4:]
		whole := uint64(len(data)) >= n
		payload := bytes.Clone(data[:min(uint64(len(data)), n)])
		data = data[len(payload):]
		for i := range payload {
			payload[i] ^= mask[i%4]
		}
		if control {
			if !whole {
				return o
			}
			if limited++; limited > rateBurst {
				return fail(1008)
			}
			if op == 8 && len(payload) > 0 {
				if len(payload) == 1 {
					return fail(1002)
				}
				code := int(payload[0])<<8 | int(payload[1])
				if !(code >= 1000 && code <= 1003 || code >= 1007 && code <= 1014 || code >= 3000 && code <= 4999) {
					return fail(1002)
				}
				if !utf8.Valid(payload[2:]) {
					return fail(1007)
				}
			}
			o.Controls = append(o.Controls, fmt.Sprintf("%x:%s", op, payload))
			if op == 8 {
				return o
			}
			continue
		}
		if kind == 0 {
			kind = op | rsv
		}
		message = append(message, payload...)
		ends := whole && fin
		if kind == opText && !isTextSoFar(message, ends) {
			return fail(1007)
		}
		if !ends {
			continue
		}
		if kind&rsv1Bit != 0 {
			if limited++; limited > rateBurst {
				return fail(1008)
			}
			inflated := flate.NewReader(io.MultiReader(bytes.NewReader(message), bytes.NewReader(messageEnd)))
			all, err := io.ReadAll(io.LimitReader(inflated, maxInput+1))
			switch {
			case len(all) > maxInput:
				return fail(1009)
			case err != nil, kind&^rsv1Bit == opText && !utf8.Valid(all):
				return fail(1007)
			}
		}
		message, kind = nil, 0
	}
	return o
}

// isTextSoFar reports whether p is valid UTF-8, except for an incomplete rune at its end unless the text ends there.
func isTextSoFar(p []byte, ends bool) bool {
	for k := 0; k < utf8.UTFMax && k <= len(p); k++ {
		if utf8.Valid(p[:len(p)-k]) {
			return k == 0 || !ends && !utf8.FullRune(p[len(p)-k:])
		}
	}
	return false
}

// FuzzInput: for any bytes, in one piece or in several, the outcome is that of the reference, and the input keeps
// little in memory.
func FuzzInput(f *testing.F) {
	for _, c := range inputCases() {
		if len(c.in) < 300 {
			f.Add(c.in, []byte{1, 2, 7}, c.deflate)
			f.Add(c.in, []byte{130}, !c.deflate)
		}
	}
	f.Fuzz(func(t *testing.T, data, cuts []byte, deflate bool) {
		want := reference(deflate, data)
		whole := inputOf(deflate, data)
		if !whole.same(want) {
			t.Errorf("in one piece %+v, the reference %+v", whole, want)
		}
		var pieces [][]byte
		rest := data
		for i := 0; len(rest) > 0 && len(cuts) > 0; i++ {
			n := min(int(cuts[i%len(cuts)])+1, len(rest))
			pieces = append(pieces, rest[:n])
			rest = rest[n:]
		}
		cut := inputOf(deflate, append(pieces, rest)...)
		if !cut.same(want) {
			t.Errorf("in several pieces %+v, the reference %+v", cut, want)
		}
		if most := max(whole.MaxHeld, cut.MaxHeld); most > maxHeld(deflate) {
			t.Errorf("%d bytes are kept between two reads", most)
		}
	})
}
