package realtime

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"
)

// input reads and checks what a client sends, as RFC 6455 and RFC 7692 ask for. Clients have nothing to say to this
// server, so messages are dropped once they are checked. The zero value is ready. Between messages an input holds no
// memory of its own.
type input struct {
	pending *pending // what is in the middle of arriving; nil when nothing is
	pace    pace
	deaf    bool // after a close frame or a violation nothing that comes has a meaning
}

// pending is the state of an input between two parts of a frame or of a message.
type pending struct {
	part []byte // the beginning of a frame's header, or of a control frame, that has not come whole

	// Of the message that has begun and not ended.
	open       bool
	text       bool
	compressed bool
	last       bool // the frame that is arriving is the message's last
	size       int  // bytes of payload announced by the message's frames so far
	runes      partialRune
	deflated   []byte // the payload of a compressed message, at most maxInput bytes

	// Of the data frame that is arriving.
	left int     // bytes of payload still to come
	mask [4]byte // turned so that mask[0] is for the next byte
}

// idle reports whether there is nothing to remember.
func (s *pending) idle() bool { return len(s.part) == 0 && !s.open }

// read takes what came from the client and calls control for each control frame, with its payload unmasked. It
// returns 0, or the code to close the connection with. What follows that or a close frame is dropped. It overwrites p.
//
// The inflater is nil where permessage-deflate was not negotiated. now is in seconds of any clock that goes on.
func (in *input) read(p []byte, now int64, inflate *inflater, control func(op byte, payload []byte)) (code uint16) {
	if in.deaf {
		return 0
	}
	s := in.pending
	if s == nil {
		s = new(pending)
	}
	if len(s.part) > 0 {
		p = append(s.part, p...)
		s.part = nil
	}
	for len(p) > 0 && !in.deaf && code == 0 {
		if s.left > 0 {
			n := min(s.left, len(p))
			code = in.payload(s, p[:n], now, inflate)
			p = p[n:]
			continue
		}
		h, whole := parseHeader(p)
		if code = h.violation(inflate != nil, s.open, s.size); code != 0 {
			break
		}
		if !whole || h.op >= opClose && len(p) < h.size+h.length {
			s.part = bytes.Clone(p)
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
		if !in.pace.take(now) {
			code = closePolicy
			break
		}
		if h.op == opClose {
			in.deaf = true
			if code = closeViolation(payload); code != 0 {
				break
			}
		}
		control(h.op, payload)
	}
	in.deaf = in.deaf || code != 0
	if in.deaf || s.idle() {
		s = nil
	}
	in.pending = s
	return code
}

// begin notes the header of a data frame.
func (s *pending) begin(h header) {
	if h.op != opContinuation {
		s.open, s.text, s.compressed = true, h.op == opText, h.first&rsv1Bit != 0
	}
	s.last = h.first&finBit != 0
	s.size += h.length
	s.left, s.mask = h.length, h.mask
}

// payload checks the next bytes of a data frame and, where they end the message, all of it.
func (in *input) payload(s *pending, p []byte, now int64, inflate *inflater) (code uint16) {
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
		if !in.pace.take(now) {
			return closePolicy
		}
		code = inflate.check(s.deflated, s.text)
	} else if s.text && !s.runes.complete() {
		code = closeNotText
	}
	*s = pending{}
	return code
}

func unmask(p []byte, mask [4]byte) {
	for i := range p {
		p[i] ^= mask[i%4]
	}
}

// partialRune checks UTF-8 that arrives in parts. Its zero value is ready.
type partialRune struct {
	begun [utf8.UTFMax]byte // of a rune whose end has not come
	n     uint8             // bytes of it
}

// add takes the next bytes and reports whether the text can still be UTF-8. It overwrites nothing.
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

// complete reports whether the text may end here.
func (r *partialRune) complete() bool { return r.n == 0 }

// How many control frames and compressed messages a client may send: paceBurst at once, pacePerSecond on and on. Each
// has a cost that is not in proportion to its bytes: an answer, or an inflation.
const (
	paceBurst     = 256
	pacePerSecond = 8
)

// pace counts what a client has sent of them lately. Its zero value is ready.
type pace struct {
	at    int64 // in seconds
	spent int
}

// take counts one more and reports whether it is within the limit.
func (p *pace) take(now int64) bool {
	if now != p.at {
		// A client that was idle for long, or a clock that was set back, must not overflow the product.
		p.spent -= int(min(max(0, now-p.at), paceBurst)) * pacePerSecond
		p.spent = max(0, p.spent)
		p.at = now
	}
	p.spent++
	return p.spent <= paceBurst
}

type header struct {
	known  int // how many bytes of it were there to parse
	first  byte
	second byte
	op     byte
	size   int  // of the header
	length int  // of the payload; beyond maxInput it is only known to be so
	sized  bool // length is known
	long   bool // the length is not written in as few bytes as it could be, or has the top bit set
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
		h.long = h.length <= maxControl
	case 10:
		n := binary.BigEndian.Uint64(p[2:])
		h.length = int(min(n, maxInput+1))
		h.long = n < 1<<16 || n>>63 != 0
	}
	h.sized = true
	h.size += len(h.mask)
	if len(p) < h.size {
		return h, false
	}
	copy(h.mask[:], p[h.size-len(h.mask):])
	return h, true
}

// violation returns the close code that the header earns by what is known of it, or 0. open says whether a message has
// begun and not ended, and size how large it is so far.
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
	case h.second&maskBit == 0, isControl && h.second&^maskBit > maxControl, h.long:
		return closeProtocol
	case !isControl && h.sized && size+h.length > maxInput:
		return closeTooBig
	}
	return 0
}

// closeViolation checks a close frame's payload and returns the code that it earns, or 0: RFC 6455 §5.5.1, §7.4, §8.1.
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
