package realtime

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
)

// This file has the part of the WebSocket framing of RFC 6455 that a server of one-way messages needs. The server sends
// text messages in one frame each. It answers the control frames of clients, and checks and drops everything else that
// they send (see [input]).

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

	maxControl = 125     // bytes of payload of a control frame, RFC 6455 §5.5
	maxInput   = 4 << 10 // bytes of a message from a client: of all its frames together, and again once it is inflated
)

// Close codes: RFC 6455 §7.4.1, and one of ours.
const (
	closeNormal     = 1000
	closeProtocol   = 1002
	closeNotText    = 1007
	closePolicy     = 1008
	closeTooBig     = 1009
	closeRestarting = 1012 // the client should reconnect with its cursor after a random wait
	closeTooSlow    = 4008 // the client should reconnect with its cursor after a random wait
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

// minDeflate is the size in bytes below which compressing a message is not worth it.
const minDeflate = 256

// deflatedFrame returns payload as a compressed text message for clients that negotiated permessage-deflate without
// context takeover. All of them can be sent the same bytes.
func deflatedFrame(payload []byte) []byte {
	if len(payload) < minDeflate {
		return textFrame(payload)
	}
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.DefaultCompression) // an error would mean an unknown level
	w.Write(payload)
	w.Flush()
	// RFC 7692 §7.2.1: the sender removes the end of the last block.
	return frame(finBit|rsv1Bit|opText, bytes.TrimSuffix(b.Bytes(), []byte{0, 0, 0xff, 0xff}))
}

// closeFrame returns a close frame with its code and a reason of at most 123 bytes.
func closeFrame(code uint16, reason string) []byte {
	return frame(finBit|opClose, append(binary.BigEndian.AppendUint16(nil, code), reason...))
}

// event returns payload, which must not have a line break, as one event of an event stream. An empty id is left out.
func event(id string, payload []byte) []byte {
	e := make([]byte, 0, len(id)+len(payload)+16)
	if id != "" {
		e = append(append(append(e, "id: "...), id...), '\n')
	}
	e = append(append(e, "data: "...), payload...)
	return append(e, "\n\n"...)
}
