package realtime

import (
	"net"
	"time"
)

// An endpoint is the connection under a client: a descriptor for an event loop, or whatever else can be read.
type endpoint struct {
	fd   int      // 0 where conn is set
	conn net.Conn // nil where fd is set
}

// client is one kept connection. Only its shard touches it after it was added.
type client struct {
	feed     *feed
	place    *Ticket
	seq      int64 // of the newest change that it was offered; older ones are not for it
	protocol Protocol
	format   Format
	closing  bool // a close frame is on its way: nothing more is offered
	in       input
	out      queue
}

// take appends to frames the bytes of those messages that are for the client, and moves its seq on.
func (c *client) take(frames [][]byte, batch []*message) [][]byte {
	for _, m := range batch {
		if m.seq != 0 || m.anew {
			if m.seq <= c.seq && !m.anew {
				continue
			}
			c.seq = m.seq
		}
		frames = append(frames, m.bytes(c.protocol, c.format))
	}
	return frames
}

// verdict is what follows from what a client sent.
type verdict uint8

const (
	goOn    verdict = iota
	hangUp          // the client says goodbye: close when the answer is written
	dismiss         // the client broke the protocol: say so, then close
)

// receive takes bytes from the connection, which it overwrites, and returns the frames to answer with.
func (c *client) receive(p []byte, inflate *inflater) (answers [][]byte, v verdict) {
	if c.protocol == EventStream {
		return nil, goOn // nothing is said on a stream; whatever comes is dropped
	}
	if c.protocol != WebSocketDeflate {
		inflate = nil
	}
	code := c.in.read(p, time.Now().Unix(), inflate, func(op byte, payload []byte) {
		switch op {
		case opPing:
			answers = append(answers, frame(finBit|opPong, payload))
		case opClose:
			answers = append(answers, frame(finBit|opClose, payload[:min(len(payload), 2)]))
			v = hangUp
		}
	})
	if code != 0 {
		return append(answers, closeFrame(code, "")), dismiss
	}
	return answers, v
}

// goodbye returns the frame that tells the client why, or none where its protocol has no such thing.
func (c *client) goodbye(code uint16, reason string) [][]byte {
	if c.protocol == EventStream {
		return nil
	}
	return [][]byte{closeFrame(code, reason)}
}

// gone gives back what the client held.
func (c *client) gone() {
	c.feed.leave(c.protocol, c.format)
	c.place.Release()
}

// queue holds the frames that the connection has not taken yet. Nearly always it is empty.
type queue struct {
	frames [][]byte
	bytes  int       // in frames
	limit  int       // bytes beyond which the client is too slow
	begun  bool      // a part of frames[0] was written, or is being written
	since  time.Time // of the last progress, or of the first frame
}

// push adds frames and reports whether they fit. A queue that was empty takes whatever comes and bytes beyond it up
// to base, so that neither a long catch-up nor an entry larger than base makes a client too slow.
func (q *queue) push(now time.Time, base int, frames ...[]byte) bool {
	n := 0
	for _, f := range frames {
		n += len(f)
	}
	switch {
	case q.bytes == 0:
		q.since = now
		q.limit = base + n
	case q.bytes+n > q.limit:
		return false
	}
	q.frames = append(q.frames, frames...)
	q.bytes += n
	return true
}

// written takes n bytes off the front.
func (q *queue) written(n int, now time.Time) {
	if n == 0 {
		return
	}
	q.bytes -= n
	q.since = now
	for len(q.frames) > 0 && n >= len(q.frames[0]) {
		n -= len(q.frames[0])
		q.frames[0] = nil
		q.frames = q.frames[1:]
		q.begun = false
	}
	if len(q.frames) == 0 {
		q.frames = nil // the array goes too: an idle client holds nothing
		return
	}
	if n > 0 {
		q.frames[0] = q.frames[0][n:]
		q.begun = true
	}
}

// end drops every frame that was not begun and appends the last ones, whatever their size.
func (q *queue) end(now time.Time, last ...[]byte) {
	keep := 0
	if q.begun {
		keep = 1
	}
	clear(q.frames[keep:])
	q.frames = append(q.frames[:keep], last...)
	q.bytes = 0
	for _, f := range q.frames {
		q.bytes += len(f)
	}
	q.since = now
}
