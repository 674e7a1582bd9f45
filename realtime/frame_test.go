package realtime

import (
	"bytes"
	"compress/flate"
	"io"
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

// TestDeflatedFrameInflates inflates each message on its own, after appending the end of the block as RFC 7692 §7.2.2
// says.
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
				t.Errorf("%s: a short message is not sent uncompressed: % x", name, f)
			}
			continue
		}
		if f[0] != finBit|rsv1Bit|opText {
			t.Errorf("%s: the first byte is %#x", name, f[0])
		}
		if len(f) >= len(text) {
			t.Errorf("%s: %d bytes became %d", name, len(text), len(f))
		}
		payload := append(bytes.Clone(unframe(f)), messageEnd...)
		got, err := io.ReadAll(flate.NewReader(bytes.NewReader(payload)))
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
