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

func TestFrameLengths(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n      int
		header []byte
	}{
		{0, []byte{0x81, 0}},
		{1, []byte{0x81, 1}},
		{125, []byte{0x81, 125}},
		{126, []byte{0x81, 126, 0, 126}},
		{65535, []byte{0x81, 126, 0xff, 0xff}},
		{65536, []byte{0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0}},
	} {
		payload := bytes.Repeat([]byte{'x'}, c.n)
		if got := textFrame(payload); !bytes.Equal(got, append(c.header, payload...)) {
			t.Errorf("%d bytes: the frame has %d and begins with % x", c.n, len(got), got[:min(len(got), 10)])
		}
	}
}

func TestCloseFrame(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		code   uint16
		reason string
		want   string
	}{
		{closeNormal, "", "\x88\x02\x03\xe8"},
		{closeProtocol, "", "\x88\x02\x03\xea"},
		{closeTooBig, "", "\x88\x02\x03\xf1"},
		{closeRestarting, "restarting", "\x88\x0c\x03\xf4restarting"},
		{closeTooSlow, "too slow", "\x88\x0a\x0f\xa8too slow"},
	} {
		if got := closeFrame(c.code, c.reason); string(got) != c.want {
			t.Errorf("%d: % x", c.code, got)
		}
	}
}

// RFC 7692 §7.2.2: the receiver appends the four bytes that the sender took off. Nothing may refer to another message.
func TestDeflatedFrameInflates(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"empty":          "",
		"just too short": strings.Repeat("x", minDeflate-1),
		"just enough":    strings.Repeat("x", minDeflate),
		"an entry":       strings.Repeat("The delegations went through the annex line by line. ", 40),
		"a long one":     strings.Repeat("Officials said “no” & <went> home. ", 4000),
	} {
		f := deflatedFrame([]byte(text))
		if len(text) < minDeflate {
			if !bytes.Equal(f, textFrame([]byte(text))) {
				t.Errorf("%s: a short message is not sent as it is: % x", name, f)
			}
			continue
		}
		if f[0] != finBit|rsv1Bit|opText {
			t.Errorf("%s: the first byte is %#x", name, f[0])
		}
		if len(f) >= len(text) {
			t.Errorf("%s: %d bytes became %d", name, len(text), len(f))
		}
		payload := unframe(f)
		got, err := io.ReadAll(flate.NewReader(io.MultiReader(bytes.NewReader(payload), strings.NewReader("\x00\x00\xff\xff\x01\x00\x00\xff\xff"))))
		if err != nil || string(got) != text {
			t.Errorf("%s: inflates to %d bytes, not %d: %v", name, len(got), len(text), err)
		}
	}
}

// unframe returns the payload of one whole unmasked frame.
func unframe(f []byte) []byte {
	switch f[1] {
	case 126:
		return f[4:]
	case 127:
		return f[10:]
	}
	return f[2:]
}

// masked returns a frame as a client sends it.
func masked(first byte, payload string) []byte {
	f := frame(first, []byte(payload))
	head := len(f) - len(payload)
	f[1] |= maskBit
	mask := [4]byte{0xa1, 0x02, 0x7f, 0x33}
	out := append(bytes.Clone(f[:head]), mask[:]...)
	for i := range len(payload) {
		out = append(out, payload[i]^mask[i%4])
	}
	return out
}

func closing(code uint16, reason string) []byte {
	return masked(finBit|opClose, string(binary.BigEndian.AppendUint16(nil, code))+reason)
}

// outcome is what an input made of what came.
type outcome struct {
	Controls []string // op and payload
	Code     uint16
	Most     int // bytes that the input held between two reads
}

// inputOf reads data in the given pieces.
func inputOf(deflate bool, pieces ...[]byte) (o outcome) {
	var in input
	for _, p := range pieces {
		code := in.read(bytes.Clone(p), deflate, func(op byte, payload []byte) {
			o.Controls = append(o.Controls, fmt.Sprintf("%x:%s", op, payload))
		})
		if o.Code == 0 {
			o.Code = code
		}
		o.Most = max(o.Most, cap(in.part))
	}
	return o
}

func (o outcome) same(p outcome) bool {
	return o.Code == p.Code && slices.Equal(o.Controls, p.Controls)
}

// mostHeld is the largest control frame less a byte, rounded up as the allocator does.
const mostHeld = 150

func TestInput(t *testing.T) {
	t.Parallel()
	full := strings.Repeat("p", maxControl)
	for name, c := range map[string]struct {
		in      []byte
		deflate bool
		want    outcome
	}{
		"nothing":                      {},
		"ping":                         {in: masked(finBit|opPing, "hi"), want: outcome{Controls: []string{"9:hi"}}},
		"empty ping":                   {in: masked(finBit|opPing, ""), want: outcome{Controls: []string{"9:"}}},
		"longest ping":                 {in: masked(finBit|opPing, full), want: outcome{Controls: []string{"9:" + full}}},
		"pong":                         {in: masked(finBit|opPong, "hi"), want: outcome{Controls: []string{"a:hi"}}},
		"data is dropped":              {in: slices.Concat(masked(finBit|opText, "a"), masked(finBit|opBinary, strings.Repeat("b", 200)), masked(finBit|opPing, "x")), want: outcome{Controls: []string{"9:x"}}},
		"the largest data frame":       {in: slices.Concat(masked(finBit|opText, strings.Repeat("b", maxInput)), masked(finBit|opPing, "x")), want: outcome{Controls: []string{"9:x"}}},
		"a data frame too large":       {in: masked(finBit|opText, strings.Repeat("b", maxInput+1)), want: outcome{Code: closeTooBig}},
		"a length of 64 bits":          {in: masked(finBit|opText, strings.Repeat("b", 65536)), want: outcome{Code: closeTooBig}},
		"a negative length":            {in: append([]byte{finBit | opText, maskBit | 127}, bytes.Repeat([]byte{0xff}, 12)...), want: outcome{Code: closeTooBig}},
		"ping between fragments":       {in: slices.Concat(masked(opText, "a"), masked(finBit|opPing, "x"), masked(finBit|opContinuation, "b")), want: outcome{Controls: []string{"9:x"}}},
		"close":                        {in: closing(1000, "bye"), want: outcome{Controls: []string{"8:\x03\xe8bye"}}},
		"close without a code":         {in: masked(finBit|opClose, ""), want: outcome{Controls: []string{"8:"}}},
		"nothing counts after a close": {in: slices.Concat(closing(1001, ""), masked(finBit|opPing, "x"), []byte{0xff}), want: outcome{Controls: []string{"8:\x03\xe9"}}},
		"nor after a violation":        {in: slices.Concat([]byte{finBit | opText, 1, 'x'}, masked(finBit|opPing, "x")), want: outcome{Code: closeProtocol}},
		"close of one byte":            {in: masked(finBit|opClose, "x"), want: outcome{Code: closeProtocol}},
		"close with 999":               {in: closing(999, ""), want: outcome{Code: closeProtocol}},
		"close with 1005":              {in: closing(1005, ""), want: outcome{Code: closeProtocol}},
		"close with 1006":              {in: closing(1006, ""), want: outcome{Code: closeProtocol}},
		"close with 1016":              {in: closing(1016, ""), want: outcome{Code: closeProtocol}},
		"close with 2999":              {in: closing(2999, ""), want: outcome{Code: closeProtocol}},
		"close with 3000":              {in: closing(3000, ""), want: outcome{Controls: []string{"8:\x0b\xb8"}}},
		"close with 5000":              {in: closing(5000, ""), want: outcome{Code: closeProtocol}},
		"unmasked":                     {in: textFrame([]byte("x")), want: outcome{Code: closeProtocol}},
		"ping too long":                {in: masked(finBit|opPing, full+"p"), want: outcome{Code: closeProtocol}},
		"ping in fragments":            {in: masked(opPing, "x"), want: outcome{Code: closeProtocol}},
		"unknown data opcode":          {in: masked(finBit|0x3, "x"), want: outcome{Code: closeProtocol}},
		"unknown control opcode":       {in: masked(finBit|0xb, "x"), want: outcome{Code: closeProtocol}},
		"a reserved bit":               {in: masked(finBit|0x20|opText, "x"), want: outcome{Code: closeProtocol}},
		"compressed, not agreed":       {in: masked(finBit|rsv1Bit|opText, "x"), want: outcome{Code: closeProtocol}},
		"compressed":                   {deflate: true, in: slices.Concat(masked(finBit|rsv1Bit|opText, "x"), masked(finBit|opPing, "x")), want: outcome{Controls: []string{"9:x"}}},
		"compressed continuation":      {deflate: true, in: masked(finBit|rsv1Bit|opContinuation, "x"), want: outcome{Code: closeProtocol}},
		"compressed ping":              {deflate: true, in: masked(finBit|rsv1Bit|opPing, "x"), want: outcome{Code: closeProtocol}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := inputOf(c.deflate, c.in); !got.same(c.want) {
				t.Fatalf("whole: %+v, not %+v", got, c.want)
			}
			bytewise := inputOf(c.deflate, slices.Collect(slices.Chunk(c.in, 1))...)
			if !bytewise.same(c.want) || bytewise.Most > mostHeld {
				t.Errorf("byte by byte: %+v, not %+v", bytewise, c.want)
			}
			for i := range min(len(c.in), 300) {
				if got := inputOf(c.deflate, c.in[:i], c.in[i:]); !got.same(c.want) || got.Most > mostHeld {
					t.Errorf("cut at %d: %+v, not %+v", i, got, c.want)
				}
			}
		})
	}
}

// Whatever comes and wherever it is cut, the answers are the same, and little is held meanwhile.
func FuzzInput(f *testing.F) {
	for _, seed := range [][]byte{
		masked(finBit|opPing, "hi"),
		closing(1000, "bye"),
		slices.Concat(masked(opText, "a"), masked(finBit|opPing, strings.Repeat("p", maxControl)), masked(finBit|opContinuation, "b")),
		masked(finBit|opText, strings.Repeat("b", maxInput)),
		{finBit | opText, maskBit | 127, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0},
		{finBit | rsv1Bit | opText, maskBit | 126, 0, 1},
	} {
		f.Add(seed, []byte{1, 2, 7}, false)
		f.Add(seed, []byte{130}, true)
	}
	f.Fuzz(func(t *testing.T, data, cuts []byte, deflate bool) {
		whole := inputOf(deflate, data)
		var pieces [][]byte
		rest := data
		for i := 0; len(rest) > 0 && len(cuts) > 0; i++ {
			n := min(int(cuts[i%len(cuts)])+1, len(rest))
			pieces = append(pieces, rest[:n])
			rest = rest[n:]
		}
		cut := inputOf(deflate, append(pieces, rest)...)
		if !cut.same(whole) {
			t.Errorf("whole %+v, cut %+v", whole, cut)
		}
		if most := max(whole.Most, cut.Most); most > mostHeld {
			t.Errorf("%d bytes are held between two reads", most)
		}
	})
}
