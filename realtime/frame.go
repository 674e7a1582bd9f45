package realtime

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
)

// The WebSocket framing of RFC 6455 that a server of one-way messages needs: it sends whole text messages, and of
// what clients send it answers the control frames and drops the rest.

const (
	opContinuation = 0x0
	opText         = 0x1
	opBinary       = 0x2
	opClose        = 0x8
	opPing         = 0x9
	opPong         = 0xA

	finBit  = 0x80
	rsv1Bit = 0x40 // the message is compressed: RFC 7692
	maskBit = 0x80

	maxControl = 125     // bytes of payload, RFC 6455 §5.5
	maxInput   = 4 << 10 // bytes of a frame from a client; nothing we understand is longer
)

// Close codes: RFC 6455 §7.4.1, and one of ours.
const (
	closeNormal     = 1000
	closeProtocol   = 1002
	closeTooBig     = 1009
	closeRestarting = 1012 // come back after a random wait
	closeTooSlow    = 4008 // come back with the cursor
)

// frame returns payload as one unmasked frame.
func frame(first byte, payload []byte) []byte {
	f := make([]byte, 0, 10+len(payload))
	f = append(f, first)
	switch n := len(payload); {
	case n <= maxControl:
		f = append(f, byte(n))
	case n < 1<<16:
		f = binary.BigEndian.AppendUint16(append(f, 126), uint16(n))
	default:
		f = binary.BigEndian.AppendUint64(append(f, 127), uint64(n))
	}
	return append(f, payload...)
}

// textFrame returns payload as a text message.
func textFrame(payload []byte) []byte { return frame(finBit|opText, payload) }

// minDeflate is the size in bytes below which compressing a message does not pay.
const minDeflate = 256

// deflatedFrame returns payload as a text message for a client that negotiated permessage-deflate without context
// takeover, so that every such client can be sent the same bytes.
func deflatedFrame(payload []byte) []byte {
	if len(payload) < minDeflate {
		return textFrame(payload)
	}
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.DefaultCompression) // fails only for an unknown level
	w.Write(payload)
	w.Flush()
	return frame(finBit|rsv1Bit|opText, bytes.TrimSuffix(b.Bytes(), []byte{0, 0, 0xff, 0xff})) // RFC 7692 §7.2.1
}

// closeFrame returns a close frame with its code.
func closeFrame(code uint16, reason string) []byte {
	return frame(finBit|opClose, append(binary.BigEndian.AppendUint16(nil, code), reason...))
}

// event returns payload, which holds no line break, as one event of an event stream.
func event(id string, payload []byte) []byte {
	e := make([]byte, 0, len(id)+len(payload)+16)
	if id != "" {
		e = append(append(append(e, "id: "...), id...), '\n')
	}
	e = append(append(e, "data: "...), payload...)
	return append(e, "\n\n"...)
}

// input reads the frames that a client sends. Its zero value is ready; it holds memory only between the two halves
// of a frame.
type input struct {
	part []byte // the beginning of a frame that has not come whole
	skip int    // bytes of a data frame still to be dropped
	deaf bool   // after a close frame or a violation nothing that comes has a meaning
}

// read takes what came from the client and calls control for each control frame, with its payload unmasked. It
// returns 0, or the code to close the connection with. What follows that or a close frame is dropped.
func (in *input) read(p []byte, deflate bool, control func(op byte, payload []byte)) (code uint16) {
	if len(in.part) > 0 {
		p = append(in.part, p...)
		in.part = nil
	}
	for len(p) > 0 && !in.deaf {
		if in.skip > 0 {
			n := min(in.skip, len(p))
			in.skip -= n
			p = p[n:]
			continue
		}
		h, ok := parseHeader(p)
		if code := h.violation(deflate); code != 0 {
			in.deaf = true
			return code
		}
		if !ok {
			break
		}
		if h.op < opClose {
			in.skip = h.length
			p = p[h.size:]
			continue
		}
		if len(p) < h.size+h.length {
			break
		}
		payload := p[h.size : h.size+h.length]
		for i := range payload {
			payload[i] ^= h.mask[i%4]
		}
		p = p[h.size+h.length:]
		if h.op == opClose {
			in.deaf = true
			if !validClose(payload) {
				return closeProtocol
			}
		}
		control(h.op, payload)
	}
	if len(p) > 0 && !in.deaf {
		in.part = bytes.Clone(p)
	}
	return 0
}

type header struct {
	known  int // how many bytes of it were there to parse
	first  byte
	second byte
	op     byte
	size   int // of the header
	length int // of the payload; beyond maxInput it is only known to be so
	mask   [4]byte
}

// parseHeader reads a frame's header from p and reports whether it is whole.
func parseHeader(p []byte) (header, bool) {
	h := header{known: len(p), first: p[0], op: p[0] & 0x0f, size: 2}
	if len(p) < 2 {
		return h, false
	}
	h.second = p[1]
	h.length = int(p[1] &^ maskBit)
	switch h.length {
	case 126:
		h.size = 4
	case 127:
		h.size = 10
	}
	if len(p) < h.size {
		return h, false
	}
	switch h.size {
	case 4:
		h.length = int(binary.BigEndian.Uint16(p[2:]))
	case 10:
		h.length = int(min(binary.BigEndian.Uint64(p[2:]), maxInput+1))
	}
	h.size += len(h.mask)
	if len(p) < h.size {
		return h, false
	}
	copy(h.mask[:], p[h.size-len(h.mask):])
	return h, true
}

// violation returns the close code that the header earns by what is known of it, or 0.
func (h header) violation(deflate bool) uint16 {
	isControl := h.op >= opClose
	switch {
	case h.op > opBinary && h.op < opClose || h.op > opPong,
		isControl && h.first&finBit == 0,
		h.first&0x30 != 0,
		h.first&rsv1Bit != 0 && (!deflate || isControl || h.op == opContinuation):
		return closeProtocol
	case h.known < 2:
		return 0
	case h.second&maskBit == 0, isControl && h.second&^maskBit > maxControl:
		return closeProtocol
	case h.length > maxInput:
		return closeTooBig
	}
	return 0
}

// validClose checks a close frame's payload: RFC 6455 §5.5.1 and §7.4.
func validClose(p []byte) bool {
	if len(p) == 0 {
		return true
	}
	if len(p) == 1 {
		return false
	}
	code := binary.BigEndian.Uint16(p)
	return code >= 1000 && code < 5000 && code != 1004 && code != 1005 && code != 1006 && code != 1015 &&
		(code <= 1014 || code >= 3000)
}
