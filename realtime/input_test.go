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
)

// masked returns a frame as a client sends it.
func masked(first byte, payload string) []byte {
	return maskFrame(frame(first, []byte(payload)), len(payload))
}

// maskFrame returns an unmasked frame, whose last n bytes are the payload, as a client sends it.
func maskFrame(f []byte, n int) []byte {
	mask := [4]byte{0xa1, 0x02, 0x7f, 0x33}
	f[1] |= maskBit
	head := len(f) - n
	out := append(bytes.Clone(f[:head]), mask[:]...)
	for i, b := range f[head:] {
		out = append(out, b^mask[i%4])
	}
	return out
}

// closing returns a client's close frame.
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

// outcome is the result of reading a client's bytes.
type outcome struct {
	Controls []string // opcode and payload of each control frame
	Code     uint16   // close code for a violation; 0 for none
	MaxHeld  int      // the most bytes that the input kept in memory between two reads
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
		if in.partial != nil {
			o.MaxHeld = max(o.MaxHeld, cap(in.partial.unparsed)+cap(in.partial.deflated))
		}
	}
	return o
}

func (o outcome) same(p outcome) bool {
	return o.Code == p.Code && slices.Equal(o.Controls, p.Controls)
}

// maxHeld returns how many bytes an input may keep between two reads: the largest control frame but one byte and, if
// permessage-deflate is negotiated, a whole compressed message. Both are rounded up, as append does.
func maxHeld(deflate bool) int {
	const controlFrame = 150
	if deflate {
		return 2*maxInput + controlFrame
	}
	return controlFrame
}

type inputRow struct {
	in      []byte
	deflate bool // permessage-deflate is negotiated
	want    outcome
}

// inputCases follows sections 1 to 7 and 12 of the Autobahn test suite. For each check in violation, closeViolation,
// payload and partialRune there is a row that fails without it.
func inputCases() map[string]inputRow {
	full := strings.Repeat("p", maxControl)
	ping := masked(finBit|opPing, "x")
	pinged := outcome{Controls: []string{"9:x"}}
	refused := func(code uint16, frames ...[]byte) inputRow {
		// The ping after the violation must be dropped.
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
		"nothing":    {},
		"ping":       {in: masked(finBit|opPing, "hi"), want: outcome{Controls: []string{"9:hi"}}},
		"empty ping": {in: masked(finBit|opPing, ""), want: outcome{Controls: []string{"9:"}}},
		"ping that is not UTF-8": {in: masked(finBit|opPing, "\x00\xff\xfe"),
			want: outcome{Controls: []string{"9:\x00\xff\xfe"}}},
		"longest ping": {in: masked(finBit|opPing, full), want: outcome{Controls: []string{"9:" + full}}},
		"pong":         {in: masked(finBit|opPong, "hi"), want: outcome{Controls: []string{"a:hi"}}},

		"text and binary": accepted(masked(finBit|opText, "a"),
			masked(finBit|opBinary, strings.Repeat("\xff", 200))),
		"empty text and binary": accepted(masked(finBit|opText, ""), masked(finBit|opBinary, "")),
		"the largest message":   accepted(masked(finBit|opText, strings.Repeat("b", maxInput))),
		"the largest message, twice": accepted(masked(finBit|opText, strings.Repeat("b", maxInput)),
			masked(finBit|opBinary, strings.Repeat("b", maxInput))),
		"the largest message in two fragments": accepted(masked(opText, strings.Repeat("b", maxInput-1)),
			masked(finBit|opContinuation, "b")),
		"a message that is too large": refused(closeTooBig, masked(finBit|opText, strings.Repeat("b", maxInput+1))),
		"fragments that are too large together": refused(closeTooBig, masked(opText, strings.Repeat("b", maxInput)),
			masked(finBit|opContinuation, "b")),
		"many fragments that are too large together": refused(closeTooBig, masked(opBinary, ""),
			bytes.Repeat(masked(opContinuation, "ab"), maxInput/2+1)),
		"a 64-bit length": refused(closeTooBig, masked(finBit|opText, strings.Repeat("b", 65536))),
		"a 64-bit length with its top bit set": refused(closeProtocol,
			append([]byte{finBit | opText, maskBit | 127}, bytes.Repeat([]byte{0xff}, 12)...)),
		"a 16-bit length of 1":   refused(closeProtocol, maskFrame([]byte("\x81\x7e\x00\x01x"), 1)),
		"a 16-bit length of 125": refused(closeProtocol, maskFrame(append([]byte("\x81\x7e\x00\x7d"), full...), 125)),
		"a 64-bit length of 1": refused(closeProtocol,
			maskFrame([]byte("\x82\x7f\x00\x00\x00\x00\x00\x00\x00\x01x"), 1)),
		"a 64-bit length of 65535": refused(closeProtocol,
			maskFrame([]byte("\x82\x7f\x00\x00\x00\x00\x00\x00\xff\xff"), 0)),
		"a 16-bit length of 1 in a continuation": refused(closeProtocol,
			masked(opText, strings.Repeat("b", maxInput-50)), maskFrame([]byte("\x80\x7e\x00\x01x"), 1)),

		"fragments": accepted(masked(opText, "a"), masked(opContinuation, ""), masked(finBit|opContinuation, "b"),
			masked(finBit|opText, "c")),
		"a ping between fragments": accepted(masked(opText, "a"), masked(finBit|opPong, ""),
			masked(finBit|opContinuation, "b")).with("a:"),
		"a continuation without a beginning":      refused(closeProtocol, masked(finBit|opContinuation, "a")),
		"a continuation without beginning or end": refused(closeProtocol, masked(opContinuation, "a")),
		"a continuation after a whole message": refused(closeProtocol, masked(finBit|opText, "a"),
			masked(finBit|opContinuation, "b")),
		"a continuation after the last fragment": refused(closeProtocol, masked(opText, "a"),
			masked(finBit|opContinuation, "b"), masked(opContinuation, "c")),
		"a text within a message":   refused(closeProtocol, masked(opText, "a"), masked(finBit|opText, "b")),
		"a binary within a message": refused(closeProtocol, masked(opText, ""), masked(opBinary, "b")),
		"a text within a binary": refused(closeProtocol, masked(opBinary, "a"), masked(opContinuation, "a"),
			masked(opText, "b")),
		"unmasked":         refused(closeProtocol, textFrame([]byte("x"))),
		"an unmasked ping": refused(closeProtocol, frame(finBit|opPing, []byte("x"))),
		"an unmasked continuation": refused(closeProtocol, masked(opText, "a"),
			frame(finBit|opContinuation, []byte("x"))),
		"a ping of 126 bytes":                  refused(closeProtocol, masked(finBit|opPing, full+"p")),
		"a pong with a 64-bit length":          refused(closeProtocol, []byte{finBit | opPong, maskBit | 127}),
		"a ping in fragments":                  refused(closeProtocol, masked(opPing, "x")),
		"a close in fragments":                 refused(closeProtocol, masked(opClose, "\x03\xe8")),
		"a compressed message, not negotiated": refused(closeProtocol, masked(rsv1Text, deflated("x"))),
		"a reserved bit on a continuation": refused(closeProtocol, masked(opText, "x"),
			masked(finBit|0x10|opContinuation, "x")),
		"a compressed continuation": compressed(refused(closeProtocol, masked(rsv1Bit|opText, deflated("x")),
			masked(finBit|rsv1Bit|opContinuation, "x"))),
		"a compressed ping": compressed(refused(closeProtocol, masked(finBit|rsv1Bit|opPing, "x"))),
		"a compressed message with another reserved bit": compressed(refused(closeProtocol,
			masked(rsv1Text|0x20, deflated("x")))),
		// Twice the burst, because over connections time passes and each second allows some more.
		"a pong flood": {in: bytes.Repeat(masked(finBit|opPong, ""), 2*rateBurst),
			want: outcome{Code: closePolicy, Controls: slices.Repeat([]string{"a:"}, rateBurst)}},
		"a flood of compressed messages": {deflate: true,
			in: bytes.Repeat(masked(rsv1Text, deflated("x")), 2*rateBurst), want: outcome{Code: closePolicy}},
		"many text messages are allowed": accepted(bytes.Repeat(masked(finBit|opText, ""), 5*rateBurst)),

		"text": accepted(masked(finBit|opText, "协议 🤝 é\u0000\uffff\ufffd\U0010ffff")),
		"text cut within a rune": accepted(masked(opText, "\xf0"), masked(opContinuation, "\x9f"),
			masked(opContinuation, ""), masked(opContinuation, "\xa4"), masked(finBit|opContinuation, "\x9d")),
		"text that is not UTF-8":       refused(closeNotText, masked(finBit|opText, "a\xffb")),
		"text that ends within a rune": refused(closeNotText, masked(finBit|opText, "a\xe5\x8d")),
		"text that ends within a rune before an empty fragment": refused(closeNotText, masked(opText, "\xf0\x9f\xa4"),
			masked(finBit|opContinuation, "")),
		"text with a surrogate": refused(closeNotText, masked(finBit|opText, "\xed\xa0\x80")),
		"text with a surrogate, cut": refused(closeNotText, masked(opText, "\xed"),
			masked(finBit|opContinuation, "\xa0\x80")),
		"text with an overlong form": refused(closeNotText, masked(finBit|opText, "\xc0\xaf")),
		"text with an overlong form, cut": refused(closeNotText, masked(opText, "\xe0"),
			masked(finBit|opContinuation, "\x80\xaf")),
		"text with a code point beyond Unicode": refused(closeNotText, masked(finBit|opText, "\xf4\x90\x80\x80")),
		"text with a rune of five bytes":        refused(closeNotText, masked(finBit|opText, "\xf8\x88\x80\x80\x80")),
		"text with an incomplete rune before another": refused(closeNotText, masked(opText, "\xe5\x8d"),
			masked(finBit|opContinuation, "a")),
		"text that is invalid before its last fragment": refused(closeNotText, masked(opText, "\xf4\x90")),
		"a rune split over two messages": refused(closeNotText, masked(finBit|opText, "\xe5"),
			masked(finBit|opText, "\x8d\x8f")),
		"binary that is not UTF-8": accepted(masked(opBinary, "\xff"), masked(finBit|opContinuation, "\xe5")),

		"compressed": compressed(accepted(masked(rsv1Text, deflated("协议")), masked(finBit|opText, "plain"),
			masked(finBit|rsv1Bit|opBinary, deflated("\xff")))),
		"compressed, empty": compressed(accepted(masked(rsv1Text, "\x00"))),
		"compressed in fragments": compressed(accepted(masked(rsv1Bit|opText, deflated("协议")[:3]),
			masked(opContinuation, ""), masked(finBit|opContinuation, deflated("协议")[3:]))),
		"compressed, at the limit": compressed(accepted(masked(rsv1Text, deflated(strings.Repeat("b", maxInput))))),
		"compressed, too large when inflated": compressed(refused(closeTooBig,
			masked(rsv1Text, deflated(strings.Repeat("b", maxInput+1))))),
		"compressed, far too large when inflated": compressed(refused(closeTooBig,
			masked(finBit|rsv1Bit|opBinary, deflated(strings.Repeat("b", 1<<20))))),
		"compressed, too large before inflating": compressed(refused(closeTooBig,
			masked(rsv1Bit|opBinary, strings.Repeat("b", maxInput)), masked(opContinuation, "b"))),
		"compressed text, not UTF-8": compressed(refused(closeNotText, masked(rsv1Text, deflated("a\xff")))),
		"compressed text that ends within a rune": compressed(refused(closeNotText,
			masked(rsv1Text, deflated("\xe5\x8d")))),
		"compressed data that is invalid": compressed(refused(closeNotText, masked(rsv1Text, "\xff\xff\xff"))),
		"compressed data that is truncated": compressed(refused(closeNotText,
			masked(rsv1Text, deflated(strings.Repeat("The annex. ", 20))[:9]))),
		"compressed data that refers to an earlier message": compressed(refused(closeNotText,
			masked(rsv1Text, deflated("The annex, line by line.")), masked(rsv1Text, "\x02\x13\x00"))),

		"close":                {in: closing(1000, "bye"), want: outcome{Controls: []string{"8:\x03\xe8bye"}}},
		"close without a code": {in: masked(finBit|opClose, ""), want: outcome{Controls: []string{"8:"}}},
		"close with the longest reason": {in: closing(1000, full[2:]),
			want: outcome{Controls: []string{"8:\x03\xe8" + full[2:]}}},
		"close with a reason in Chinese": {in: closing(1001, "再见"),
			want: outcome{Controls: []string{"8:\x03\xe9再见"}}},
		"everything after a close is dropped": {in: slices.Concat(closing(1001, ""), ping, []byte{0xff}),
			want: outcome{Controls: []string{"8:\x03\xe9"}}},
		"close within a message": {in: slices.Concat(masked(opText, "a"), closing(1001, "")),
			want: outcome{Controls: []string{"8:\x03\xe9"}}},
		"close with a reason that is too long":             refused(closeProtocol, closing(1000, full)),
		"close of one byte":                                refused(closeProtocol, masked(finBit|opClose, "x")),
		"close that is not UTF-8":                          refused(closeNotText, closing(1000, "a\xff")),
		"close with a reason that ends within a rune":      refused(closeNotText, closing(1000, "\xe5\x8d")),
		"close with an invalid code and an invalid reason": refused(closeProtocol, closing(1005, "\xff")),
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
	for _, code := range []uint16{
		1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999,
	} {
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
				t.Fatalf("in one piece: %+v, not %+v", got, c.want)
			}
			if got := reference(c.deflate, c.in); !got.same(c.want) {
				t.Fatalf("the reference returns %+v, not %+v", got, c.want)
			}
			most := maxHeld(c.deflate)
			bytewise := inputOf(c.deflate, slices.Collect(slices.Chunk(c.in, 1))...)
			if !bytewise.same(c.want) || bytewise.MaxHeld > most {
				t.Errorf("byte by byte: %+v, not %+v", bytewise, c.want)
			}
			for i := range min(len(c.in), 300) {
				if got := inputOf(c.deflate, c.in[:i], c.in[i:]); !got.same(c.want) || got.MaxHeld > most {
					t.Errorf("cut at %d: %+v, not %+v", i, got, c.want)
				}
			}
		})
	}
}

// TestRateLimiter: a client may send at the rate continuously, twice the rate is refused after a while, and a clock
// that is set back refuses nothing.
func TestRateLimiter(t *testing.T) {
	t.Parallel()
	var l rateLimiter
	now := int64(1_700_000_000)
	for range 10_000 {
		for range ratePerSecond {
			if !l.allow(now) {
				t.Fatal("the continuous rate is refused")
			}
		}
		now++
	}
	now -= 5_000
	if !l.allow(now) {
		t.Error("after the clock was set back a frame is refused")
	}
	for n := range 10 * rateBurst {
		if n%(2*ratePerSecond) == 0 {
			now++
		}
		if !l.allow(now) {
			if n < rateBurst {
				t.Errorf("refused after %d", n)
			}
			return
		}
	}
	t.Error("twice the rate is never refused")
}

// TestInputOverConnections sends every row to both kinds of shard over TCP: after the handshake at once, with the
// handshake, and in pieces.
func TestInputOverConnections(t *testing.T) {
	t.Parallel()
	eachShard(t, func(t *testing.T, opt Options) {
		r := newRig(t, opt)
		for name, c := range inputCases() {
			j := Join{Protocol: WebSocket}
			if c.deflate {
				j.Protocol = WebSocketDeflate
			}
			ways := map[string][][]byte{"in one piece": {c.in}, "with the handshake": nil}
			if len(c.in) <= 600 {
				ways["in pieces"] = slices.Collect(slices.Chunk(c.in, 5))
			}
			for way, pieces := range ways {
				if j.Early = nil; way == "with the handshake" {
					j.Early = bytes.Clone(c.in)
				}
				rd := r.join(j)
				for _, p := range pieces {
					if _, err := rd.conn.Write(p); err != nil {
						break // the server has closed already; the close code is checked below
					}
				}
				rd.conn.Write(closing(1000, "")) // fails if the row has closed the connection
				want := uint16(1000)
				if c.want.Code != 0 {
					want = c.want.Code
				}
				if n := len(c.want.Controls); n > 0 && c.want.Code == 0 {
					if p, ok := strings.CutPrefix(c.want.Controls[n-1], "8:"); ok && len(p) >= 2 {
						want = binary.BigEndian.Uint16([]byte(p))
					} else if ok {
						want = 1005 // no code
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

// with adds a control frame before the others of the expected outcome.
func (r inputRow) with(control string) inputRow {
	r.want.Controls = append([]string{control}, r.want.Controls...)
	return r
}
