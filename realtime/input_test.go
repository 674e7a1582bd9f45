package realtime

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// masked returns a frame as a client sends it.
func masked(first byte, payload string) []byte {
	return sent(frame(first, []byte(payload)), len(payload))
}

// sent masks a server's frame whose last n bytes are the payload.
func sent(f []byte, n int) []byte {
	mask := [4]byte{0xa1, 0x02, 0x7f, 0x33}
	f[1] |= maskBit
	head := len(f) - n
	out := append(bytes.Clone(f[:head]), mask[:]...)
	for i, b := range f[head:] {
		out = append(out, b^mask[i%4])
	}
	return out
}

func closing(code uint16, reason string) []byte {
	return masked(finBit|opClose, string(binary.BigEndian.AppendUint16(nil, code))+reason)
}

// deflated returns the payload of a compressed message.
func deflated(text string) string {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestCompression)
	io.WriteString(w, text)
	w.Flush()
	return strings.TrimSuffix(b.String(), "\x00\x00\xff\xff")
}

// outcome is what an input made of what came.
type outcome struct {
	Controls []string // op and payload
	Code     uint16
	Most     int // bytes that the input held between two reads
}

// inputOf reads data in the given pieces, all within one second.
func inputOf(deflate bool, pieces ...[]byte) (o outcome) {
	var in input
	var inflate *inflater
	if deflate {
		inflate = new(inflater)
	}
	for _, p := range pieces {
		code := in.read(bytes.Clone(p), 1, inflate, func(op byte, payload []byte) {
			o.Controls = append(o.Controls, fmt.Sprintf("%x:%s", op, payload))
		})
		if o.Code == 0 {
			o.Code = code
		}
		if in.pending != nil {
			o.Most = max(o.Most, cap(in.pending.part)+cap(in.pending.deflated))
		}
	}
	return o
}

func (o outcome) same(p outcome) bool {
	return o.Code == p.Code && slices.Equal(o.Controls, p.Controls)
}

// What an input may hold between two reads, in bytes: the largest control frame less a byte or, of a compressed
// message, all of it; both rounded up as append does.
const (
	mostHeld         = 150
	mostHeldDeflated = 2*maxInput + mostHeld
)

func heldWithin(deflate bool) int {
	if deflate {
		return mostHeldDeflated
	}
	return mostHeld
}

type inputRow struct {
	in      []byte
	deflate bool // permessage-deflate is agreed
	want    outcome
}

// inputCases follows the Autobahn test suite's sections 1 to 7 and 12. Each kind of violation falls with its own line in
// violation, closeViolation, payload or partialRune.
func inputCases() map[string]inputRow {
	full := strings.Repeat("p", maxControl)
	ping := masked(finBit|opPing, "x")
	pinged := outcome{Controls: []string{"9:x"}}
	refused := func(code uint16, frames ...[]byte) inputRow {
		// What follows a violation is not heard.
		return inputRow{in: slices.Concat(append(frames, ping)...), want: outcome{Code: code}}
	}
	accepted := func(frames ...[]byte) inputRow {
		return inputRow{in: slices.Concat(append(frames, ping)...), want: pinged}
	}
	compressed := func(r inputRow) inputRow {
		r.deflate = true
		return r
	}
	const rsv1Text = finBit | rsv1Bit | opText
	m := map[string]inputRow{
		"nothing":                {},
		"ping":                   {in: masked(finBit|opPing, "hi"), want: outcome{Controls: []string{"9:hi"}}},
		"empty ping":             {in: masked(finBit|opPing, ""), want: outcome{Controls: []string{"9:"}}},
		"ping that is not UTF-8": {in: masked(finBit|opPing, "\x00\xff\xfe"), want: outcome{Controls: []string{"9:\x00\xff\xfe"}}},
		"longest ping":           {in: masked(finBit|opPing, full), want: outcome{Controls: []string{"9:" + full}}},
		"pong":                   {in: masked(finBit|opPong, "hi"), want: outcome{Controls: []string{"a:hi"}}},

		"text and binary":                accepted(masked(finBit|opText, "a"), masked(finBit|opBinary, strings.Repeat("\xff", 200))),
		"empty text and binary":          accepted(masked(finBit|opText, ""), masked(finBit|opBinary, "")),
		"the largest message":            accepted(masked(finBit|opText, strings.Repeat("b", maxInput))),
		"the largest message, twice":     accepted(masked(finBit|opText, strings.Repeat("b", maxInput)), masked(finBit|opBinary, strings.Repeat("b", maxInput))),
		"the largest message, in two":    accepted(masked(opText, strings.Repeat("b", maxInput-1)), masked(finBit|opContinuation, "b")),
		"a message too large":            refused(closeTooBig, masked(finBit|opText, strings.Repeat("b", maxInput+1))),
		"too large by its fragments":     refused(closeTooBig, masked(opText, strings.Repeat("b", maxInput)), masked(finBit|opContinuation, "b")),
		"too large by many fragments":    refused(closeTooBig, masked(opBinary, ""), bytes.Repeat(masked(opContinuation, "ab"), maxInput/2+1)),
		"a length of 64 bits":            refused(closeTooBig, masked(finBit|opText, strings.Repeat("b", 65536))),
		"a length with the top bit set":  refused(closeProtocol, append([]byte{finBit | opText, maskBit | 127}, bytes.Repeat([]byte{0xff}, 12)...)),
		"a length too long in 16 bits":   refused(closeProtocol, sent([]byte("\x81\x7e\x00\x01x"), 1)),
		"a length of 125 in 16 bits":     refused(closeProtocol, sent(append([]byte("\x81\x7e\x00\x7d"), full...), 125)),
		"a length too long in 64 bits":   refused(closeProtocol, sent([]byte("\x82\x7f\x00\x00\x00\x00\x00\x00\x00\x01x"), 1)),
		"a length of 65535 in 64 bits":   refused(closeProtocol, sent([]byte("\x82\x7f\x00\x00\x00\x00\x00\x00\xff\xff"), 0)),
		"the same behind half a message": refused(closeProtocol, masked(opText, strings.Repeat("b", maxInput-50)), sent([]byte("\x80\x7e\x00\x01x"), 1)),

		"fragments":                           accepted(masked(opText, "a"), masked(opContinuation, ""), masked(finBit|opContinuation, "b"), masked(finBit|opText, "c")),
		"a ping between fragments":            accepted(masked(opText, "a"), masked(finBit|opPong, ""), masked(finBit|opContinuation, "b")).with("a:"),
		"a continuation of nothing":           refused(closeProtocol, masked(finBit|opContinuation, "a")),
		"an open continuation of nothing":     refused(closeProtocol, masked(opContinuation, "a")),
		"a continuation behind a message":     refused(closeProtocol, masked(finBit|opText, "a"), masked(finBit|opContinuation, "b")),
		"a continuation behind all fragments": refused(closeProtocol, masked(opText, "a"), masked(finBit|opContinuation, "b"), masked(opContinuation, "c")),
		"a text within a message":             refused(closeProtocol, masked(opText, "a"), masked(finBit|opText, "b")),
		"a binary within a message":           refused(closeProtocol, masked(opText, ""), masked(opBinary, "b")),
		"a text within a binary":              refused(closeProtocol, masked(opBinary, "a"), masked(opContinuation, "a"), masked(opText, "b")),
		"unmasked":                            refused(closeProtocol, textFrame([]byte("x"))),
		"an unmasked ping":                    refused(closeProtocol, frame(finBit|opPing, []byte("x"))),
		"an unmasked continuation":            refused(closeProtocol, masked(opText, "a"), frame(finBit|opContinuation, []byte("x"))),
		"a ping too long":                     refused(closeProtocol, masked(finBit|opPing, full+"p")),
		"a pong with a length of 64 bits":     refused(closeProtocol, []byte{finBit | opPong, maskBit | 127}),
		"a ping in fragments":                 refused(closeProtocol, masked(opPing, "x")),
		"a close in fragments":                refused(closeProtocol, masked(opClose, "\x03\xe8")),
		"a compressed message, not agreed":    refused(closeProtocol, masked(rsv1Text, deflated("x"))),
		"a reserved bit on a continuation":    refused(closeProtocol, masked(opText, "x"), masked(finBit|0x10|opContinuation, "x")),
		"a compressed continuation":           compressed(refused(closeProtocol, masked(rsv1Bit|opText, deflated("x")), masked(finBit|rsv1Bit|opContinuation, "x"))),
		"a compressed ping":                   compressed(refused(closeProtocol, masked(finBit|rsv1Bit|opPing, "x"))),
		"another reserved bit with that":      compressed(refused(closeProtocol, masked(rsv1Text|0x20, deflated("x")))),
		// Twice the burst: over connections the clock runs, and what a second gives back must not let a flood pass.
		"a pong flood":                          {in: bytes.Repeat(masked(finBit|opPong, ""), 2*paceBurst), want: outcome{Code: closePolicy, Controls: slices.Repeat([]string{"a:"}, paceBurst)}},
		"a flood of compressed messages":        {deflate: true, in: bytes.Repeat(masked(rsv1Text, deflated("x")), 2*paceBurst), want: outcome{Code: closePolicy}},
		"a flood of text costs next to nothing": accepted(bytes.Repeat(masked(finBit|opText, ""), 5*paceBurst)),

		"text":                                accepted(masked(finBit|opText, "协议 🤝 é\u0000\uffff\ufffd\U0010ffff")),
		"text cut within a rune":              accepted(masked(opText, "\xf0"), masked(opContinuation, "\x9f"), masked(opContinuation, ""), masked(opContinuation, "\xa4"), masked(finBit|opContinuation, "\x9d")),
		"text that is not UTF-8":              refused(closeNotText, masked(finBit|opText, "a\xffb")),
		"text that ends within a rune":        refused(closeNotText, masked(finBit|opText, "a\xe5\x8d")),
		"text that ends so, empty at the end": refused(closeNotText, masked(opText, "\xf0\x9f\xa4"), masked(finBit|opContinuation, "")),
		"text with a surrogate":               refused(closeNotText, masked(finBit|opText, "\xed\xa0\x80")),
		"text with a surrogate, cut":          refused(closeNotText, masked(opText, "\xed"), masked(finBit|opContinuation, "\xa0\x80")),
		"text with an overlong form":          refused(closeNotText, masked(finBit|opText, "\xc0\xaf")),
		"text with an overlong form, cut":     refused(closeNotText, masked(opText, "\xe0"), masked(finBit|opContinuation, "\x80\xaf")),
		"text beyond Unicode":                 refused(closeNotText, masked(finBit|opText, "\xf4\x90\x80\x80")),
		"text of five bytes a rune":           refused(closeNotText, masked(finBit|opText, "\xf8\x88\x80\x80\x80")),
		"a rune that another interrupts":      refused(closeNotText, masked(opText, "\xe5\x8d"), masked(finBit|opContinuation, "a")),
		"text that fails before its end":      refused(closeNotText, masked(opText, "\xf4\x90")),
		"a rune does not go on in the next":   refused(closeNotText, masked(finBit|opText, "\xe5"), masked(finBit|opText, "\x8d\x8f")),
		"binary that is not UTF-8":            accepted(masked(opBinary, "\xff"), masked(finBit|opContinuation, "\xe5")),

		"compressed":                     compressed(accepted(masked(rsv1Text, deflated("协议")), masked(finBit|opText, "plain"), masked(finBit|rsv1Bit|opBinary, deflated("\xff")))),
		"compressed, empty":              compressed(accepted(masked(rsv1Text, "\x00"))),
		"compressed in fragments":        compressed(accepted(masked(rsv1Bit|opText, deflated("协议")[:3]), masked(opContinuation, ""), masked(finBit|opContinuation, deflated("协议")[3:]))),
		"compressed, at the limit":       compressed(accepted(masked(rsv1Text, deflated(strings.Repeat("b", maxInput))))),
		"compressed, larger inflated":    compressed(refused(closeTooBig, masked(rsv1Text, deflated(strings.Repeat("b", maxInput+1))))),
		"compressed, far larger":         compressed(refused(closeTooBig, masked(finBit|rsv1Bit|opBinary, deflated(strings.Repeat("b", 1<<20))))),
		"compressed, too large as it is": compressed(refused(closeTooBig, masked(rsv1Bit|opBinary, strings.Repeat("b", maxInput)), masked(opContinuation, "b"))),
		"compressed text, not UTF-8":     compressed(refused(closeNotText, masked(rsv1Text, deflated("a\xff")))),
		"compressed text, half a rune":   compressed(refused(closeNotText, masked(rsv1Text, deflated("\xe5\x8d")))),
		"compressed wrongly":             compressed(refused(closeNotText, masked(rsv1Text, "\xff\xff\xff"))),
		"compressed, cut":                compressed(refused(closeNotText, masked(rsv1Text, deflated(strings.Repeat("The annex. ", 20))[:9]))),
		"compressed with another's past": compressed(refused(closeNotText, masked(rsv1Text, deflated("The annex, line by line.")), masked(rsv1Text, "\x02\x13\x00"))),

		"close":                        {in: closing(1000, "bye"), want: outcome{Controls: []string{"8:\x03\xe8bye"}}},
		"close without a code":         {in: masked(finBit|opClose, ""), want: outcome{Controls: []string{"8:"}}},
		"close with the longest":       {in: closing(1000, full[2:]), want: outcome{Controls: []string{"8:\x03\xe8" + full[2:]}}},
		"close with Chinese":           {in: closing(1001, "再见"), want: outcome{Controls: []string{"8:\x03\xe9再见"}}},
		"nothing counts after a close": {in: slices.Concat(closing(1001, ""), ping, []byte{0xff}), want: outcome{Controls: []string{"8:\x03\xe9"}}},
		"close within a message":       {in: slices.Concat(masked(opText, "a"), closing(1001, "")), want: outcome{Controls: []string{"8:\x03\xe9"}}},
		"close too long":               refused(closeProtocol, closing(1000, full)),
		"close of one byte":            refused(closeProtocol, masked(finBit|opClose, "x")),
		"close that is not UTF-8":      refused(closeNotText, closing(1000, "a\xff")),
		"close with half a rune":       refused(closeNotText, closing(1000, "\xe5\x8d")),
		"close wrong in both":          refused(closeProtocol, closing(1005, "\xff")),
	}
	for _, op := range []byte{0x3, 0x4, 0x5, 0x6, 0x7, 0xb, 0xc, 0xd, 0xe, 0xf} {
		m[fmt.Sprintf("opcode %x", op)] = refused(closeProtocol, masked(finBit|op, ""))
	}
	for bits := byte(0x10); bits <= 0x70; bits += 0x10 {
		if bits == rsv1Bit {
			continue
		}
		m[fmt.Sprintf("reserved bits %x", bits)] = refused(closeProtocol, masked(finBit|bits|opText, ""))
		m[fmt.Sprintf("reserved bits %x on a ping", bits)] = refused(closeProtocol, masked(finBit|bits|opPing, ""))
	}
	for _, code := range []uint16{0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535} {
		m[fmt.Sprintf("close with %d", code)] = refused(closeProtocol, closing(code, ""))
	}
	for _, code := range []uint16{1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999} {
		want := "8:" + string(binary.BigEndian.AppendUint16(nil, code))
		m[fmt.Sprintf("close with %d", code)] = inputRow{in: closing(code, ""), want: outcome{Controls: []string{want}}}
	}
	return m
}

func TestInput(t *testing.T) {
	t.Parallel()
	for name, c := range inputCases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := inputOf(c.deflate, c.in); !got.same(c.want) {
				t.Fatalf("whole: %+v, not %+v", got, c.want)
			}
			if got := reference(c.deflate, c.in); !got.same(c.want) {
				t.Fatalf("the reference says %+v, not %+v", got, c.want)
			}
			most := heldWithin(c.deflate)
			bytewise := inputOf(c.deflate, slices.Collect(slices.Chunk(c.in, 1))...)
			if !bytewise.same(c.want) || bytewise.Most > most {
				t.Errorf("byte by byte: %+v, not %+v", bytewise, c.want)
			}
			for i := range min(len(c.in), 300) {
				if got := inputOf(c.deflate, c.in[:i], c.in[i:]); !got.same(c.want) || got.Most > most {
					t.Errorf("cut at %d: %+v, not %+v", i, got, c.want)
				}
			}
		})
	}
}

// A client that sends a ping now and then does so for ever, one that sends more than that does not, and a clock that
// is set back ends nobody.
func TestPace(t *testing.T) {
	t.Parallel()
	var p pace
	now := int64(1_700_000_000)
	for range 10_000 {
		for range pacePerSecond {
			if !p.take(now) {
				t.Fatal("the pace that a client may keep is refused")
			}
		}
		now++
	}
	now -= 5_000
	if !p.take(now) {
		t.Error("a clock that was set back refuses a client")
	}
	for n := range 10 * paceBurst {
		if n%(2*pacePerSecond) == 0 {
			now++
		}
		if !p.take(now) {
			if n < paceBurst {
				t.Errorf("refused after %d", n)
			}
			return
		}
	}
	t.Error("twice the pace is never refused")
}

// TestInputOverConnections sends every row to both kinds of shard over TCP: at once, and byte by byte.
func TestInputOverConnections(t *testing.T) {
	t.Parallel()
	eachWay(t, func(t *testing.T, opt Options) {
		r := newRig(t, opt)
		for name, c := range inputCases() {
			j := Join{Protocol: WebSocket}
			if c.deflate {
				j.Protocol = WebSocketDeflate
			}
			for way, pieces := range map[string][][]byte{"whole": {c.in}, "early": nil, "in pieces": slices.Collect(slices.Chunk(c.in[:min(len(c.in), 600)], 5))} {
				if way == "in pieces" && len(c.in) > 600 {
					continue
				}
				if j.Early = nil; way == "early" {
					j.Early = bytes.Clone(c.in)
				}
				rd := r.join(j)
				for _, p := range pieces {
					if _, err := rd.conn.Write(p); err != nil {
						break // it has closed already, and says why
					}
				}
				rd.conn.Write(closing(1000, "")) // ends what the row leaves open; fails where it does not
				want := uint16(1000)
				if c.want.Code != 0 {
					want = c.want.Code
				}
				if n := len(c.want.Controls); n > 0 && c.want.Code == 0 && strings.HasPrefix(c.want.Controls[n-1], "8:") {
					want = 1005 // no code
					if p := c.want.Controls[n-1]; len(p) >= 4 {
						want = binary.BigEndian.Uint16([]byte(p[2:]))
					}
				}
				if got := rd.closeCode(); got != want {
					t.Errorf("%s, %s: closed with %d, not %d", name, way, got, want)
				}
				rd.conn.Close()
			}
		}
	})
}

// closeCode reads until the server closes and returns the code, 1005 for none and 1006 for no close frame.
func (rd *reader) closeCode() uint16 {
	for {
		first, payload, err := rd.frame()
		switch {
		case err != nil:
			return 1006
		case first != finBit|opClose:
		case len(payload) == 0:
			return 1005
		default:
			return binary.BigEndian.Uint16(payload)
		}
	}
}

// with adds a control frame that comes before the others.
func (r inputRow) with(control string) inputRow {
	r.want.Controls = append([]string{control}, r.want.Controls...)
	return r
}

// reference says what RFC 6455 and RFC 7692 make of a client's bytes. It has all of them at once, and copies at will.
func reference(deflate bool, data []byte) (o outcome) {
	var message []byte
	var kind byte // of the message that has begun, with its RSV1; 0 for none
	paced := 0
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
			if paced++; paced > paceBurst {
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
		if kind == opText && !beginsText(message, ends) {
			return fail(1007)
		}
		if !ends {
			continue
		}
		if kind&rsv1Bit != 0 {
			if paced++; paced > paceBurst {
				return fail(1008)
			}
			all, err := io.ReadAll(io.LimitReader(flate.NewReader(io.MultiReader(bytes.NewReader(message), bytes.NewReader(messageEnd))), maxInput+1))
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

// beginsText reports whether p is UTF-8, but for a rune at its end that may yet be completed unless it ends there.
func beginsText(p []byte, ends bool) bool {
	for k := 0; k < utf8.UTFMax && k <= len(p); k++ {
		if utf8.Valid(p[:len(p)-k]) {
			return k == 0 || !ends && !utf8.FullRune(p[len(p)-k:])
		}
	}
	return false
}

// Whatever comes and wherever it is cut, the answers are those of the reference, and little is held meanwhile.
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
			t.Errorf("whole %+v, the reference %+v", whole, want)
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
			t.Errorf("cut %+v, the reference %+v", cut, want)
		}
		if most := max(whole.Most, cut.Most); most > heldWithin(deflate) {
			t.Errorf("%d bytes are held between two reads", most)
		}
	})
}
