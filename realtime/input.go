package realtime

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"
)

// input parses and checks what a client sends, according to RFC 6455 and RFC 7692. This server has no use for clients'
// messages, so an input drops them once they are checked. The zero value is ready to use. Between messages an input
// holds no memory beside the struct.
type input struct {
	partial *partialInput // a frame or message that has arrived in part; nil if there is none
	rate    rateLimiter
	ended   bool // after a close frame or a violation: all that follows is dropped
}

// partialInput is the state of an input within a frame or a message.
type partialInput struct {
	unparsed []byte // the beginning of a frame's header, or of a control frame, until the rest arrives

	// The message that has begun and not ended.
	open       bool
	text       bool
	compressed bool
	last       bool // the frame that is arriving is the message's last
	size       int  // bytes of payload announced by the message's frames so far
	runes      partialRune
	deflated   []byte // the payload of a compressed message, at most maxInput bytes

	// The data frame that is arriving.
	left int     // bytes of payload still to come
	mask [4]byte // rotated so that mask[0] applies to the next byte
}

// isEmpty reports whether there is no state to keep.
func (s *partialInput) isEmpty() bool { return len(s.unparsed) == 0 && !s.open }

// read takes bytes from the client, which it overwrites, and calls control for each control frame with its payload
// unmasked. It returns 0, or the code with which to close the connection. It drops everything after a violation or
// a close frame.
//
// The inflater is nil if permessage-deflate was not negotiated. now is in seconds, of any clock.
func (in *input) read(p []byte, now int64, inflate *inflater, control func(op byte, payload []byte)) (code uint16) {
	if in.ended {
		return 0
	}
	s := in.partial
	if s == nil {
		s = new(partialInput)
	}
	if len(s.unparsed) > 0 {
		p = append(s.unparsed, p...)
		s.unparsed = nil
	}
	for len(p) > 0 && !in.ended && code == 0 {
		if s.left > 0 {
			n := min(s.left, len(p))
			code = in.payload(s, p[:n], now, inflate)
			p = p[n:]
			continue
		}
		h, complete := parseHeader(p)
		if code = h.violation(inflate != nil, s.open, s.size); code != 0 {
			break
		}
		if !complete || h.op >= opClose && len(p) < h.size+h.length {
			s.unparsed = bytes.Clone(p)
			break
		}
		payload := p[h.size:]
		if h.op < opClose {
			s.begin(h)
			p = payload
			if s.left == 0 {
				code = in.payload(s, nil, now, inflate)
			}
			continue
		}
		payload = payload[:h.length]
		p = p[h.size+h.length:]
		unmask(payload, h.mask)
		if !in.rate.allow(now) {
			code = closePolicy
			break
		}
		if h.op == opClose {
			in.ended = true
			if code = closeViolation(payload); code != 0 {
				break
			}
		}
		control(h.op, payload)
	}
	in.ended = in.ended || code != 0
	if in.ended || s.isEmpty() {
		s = nil
	}
	in.partial = s
	return code
}

// begin records the header of a data frame.
func (s *partialInput) begin(h header) {
	if h.op != opContinuation {
		s.open, s.text, s.compressed = true, h.op == opText, h.first&rsv1Bit != 0
	}
	s.last = h.first&finBit != 0
	s.size += h.length
	s.left, s.mask = h.length, h.mask
}

// payload checks the next bytes of a data frame. If they end the message, it checks the message as a whole.
func (in *input) payload(s *partialInput, p []byte, now int64, inflate *inflater) (code uint16) {
	unmask(p, s.mask)
	turn := len(p) % len(s.mask)
	mask := s.mask
	for i := range mask {
		s.mask[i] = mask[(i+turn)%len(mask)]
	}
	s.left -= len(p)
	switch {
	case s.compressed:
		s.deflated = append(s.deflated, p...)
	case s.text && !s.runes.add(p):
		return closeNotText
	}
	if s.left > 0 || !s.last {
		return 0
	}
	if s.compressed {
		if !in.rate.allow(now) {
			return closePolicy
		}
		code = inflate.check(s.deflated, s.text)
	} else if s.text && !s.runes.complete() {
		code = closeNotText
	}
	*s = partialInput{}
	return code
}

func unmask(p []byte, mask [4]byte) {
	for i := range p {
		p[i] ^= mask[i%4]
	}
}

// partialRune checks UTF-8 that arrives in parts. Its zero value is ready to use.
type partialRune struct {
	begun [utf8.UTFMax]byte // the first bytes of a rune whose last ones have not arrived
	n     uint8             // how many bytes of begun are set
}

// add takes the next bytes, which it does not change, and reports whether the text can still become valid UTF-8.
func (r *partialRune) add(p []byte) bool {
	for r.n > 0 && len(p) > 0 {
		r.begun[r.n] = p[0]
		r.n++
		p = p[1:]
		if utf8.FullRune(r.begun[:r.n]) {
			if !utf8.Valid(r.begun[:r.n]) {
				return false
			}
			r.n = 0
		}
	}
	for i := len(p) - 1; i >= max(0, len(p)-utf8.UTFMax+1); i-- {
		if !utf8.RuneStart(p[i]) {
			continue
		}
		if !utf8.FullRune(p[i:]) {
			r.n = uint8(copy(r.begun[:], p[i:]))
			p = p[:i]
		}
		break
	}
	return utf8.Valid(p)
}

// complete reports whether the text may end here: not within a rune.
func (r *partialRune) complete() bool { return r.n == 0 }

// Limits on the control frames and compressed messages of a client. Such frames cost more than their bytes: each of
// them makes the server answer or inflate.
const (
	rateBurst     = 256 // at once
	ratePerSecond = 8   // continuously
)

// rateLimiter holds a client to rateBurst and ratePerSecond. Its zero value is ready to use.
type rateLimiter struct {
	at    int64 // time of the last call, in seconds
	spent int   // part of the burst that is used up
}

// allow counts one frame or message and reports whether it is within the limits.
func (l *rateLimiter) allow(now int64) bool {
	if now != l.at {
		// The bounds keep the product from overflowing after a long idle time, and handle a clock that was set back.
		l.spent -= int(min(max(0, now-l.at), rateBurst)) * ratePerSecond
		l.spent = max(0, l.spent)
		l.at = now
	}
	l.spent++
	return l.spent <= rateBurst
}

// header is the header of a frame, as far as it has arrived.
type header struct {
	known     int // bytes from the start of the frame that were available; second needs 2
	first     byte
	second    byte
	op        byte
	size      int  // of the header, in bytes
	length    int  // of the payload, in bytes; maxInput+1 stands for anything longer
	hasLength bool // length is set
	badLength bool // the length is encoded in more bytes than it needs, or its top bit is set
	mask      [4]byte
}

// parseHeader parses a frame's header, of which at least one byte has arrived, and reports whether it is complete.
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
		h.badLength = h.length <= maxControl
	case 10:
		n := binary.BigEndian.Uint64(p[2:])
		h.length = int(min(n, maxInput+1))
		h.badLength = n < 1<<16 || n>>63 != 0
	}
	h.hasLength = true
	h.size += len(h.mask)
	if len(p) < h.size {
		return h, false
	}
	copy(h.mask[:], p[h.size-len(h.mask):])
	return h, true
}

// violation returns the close code for an invalid header, or 0 if the part that has arrived is valid. open says whether
// a message has begun and not ended, and size is its size so far.
func (h header) violation(deflate, open bool, size int) uint16 {
	isControl := h.op >= opClose
	switch {
	case h.op > opBinary && h.op < opClose || h.op > opPong,
		isControl && h.first&finBit == 0,
		h.first&0x30 != 0,
		h.first&rsv1Bit != 0 && (!deflate || isControl || h.op == opContinuation),
		!isControl && open != (h.op == opContinuation):
		return closeProtocol
	case h.known < 2:
		return 0
	case h.second&maskBit == 0, isControl && h.second&^maskBit > maxControl, h.badLength:
		return closeProtocol
	case !isControl && h.hasLength && size+h.length > maxInput:
		return closeTooBig
	}
	return 0
}

// closeViolation returns the close code for an invalid payload of a close frame, or 0: RFC 6455 §5.5.1, §7.4, §8.1.
func closeViolation(p []byte) uint16 {
	if len(p) == 0 {
		return 0
	}
	if len(p) == 1 {
		return closeProtocol
	}
	switch code := binary.BigEndian.Uint16(p); {
	case code < 1000, code >= 5000, code == 1004, code == 1005, code == 1006, code > 1014 && code < 3000:
		return closeProtocol
	case !utf8.Valid(p[2:]):
		return closeNotText
	}
	return 0
}
