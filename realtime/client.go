package realtime

import (
	"net"
	"time"
)

// endpoint is the connection of a client: a descriptor for an event loop, or any other connection for the pump.
type endpoint struct {
	fd   int      // 0 if conn is set
	conn net.Conn // nil if fd is set
}

// client is one kept connection. After it was added to a shard, only the shard uses it.
type client struct {
	feed     *feed
	ticket   *Ticket
	seq      int64 // of the newest change that was sent to it; it skips older ones
	protocol Protocol
	format   Format
	closing  bool // its last frames are queued: nothing else may follow
	in       input
	out      queue
}

// appendFrames appends to frames the bytes of those messages that the client has not had, and moves its seq on.
func (c *client) appendFrames(frames [][]byte, batch []*message) [][]byte {
	for _, m := range batch {
		if m.seq != 0 || m.resets {
			if m.seq <= c.seq && !m.resets {
				continue
			}
			c.seq = m.seq
		}
		frames = append(frames, m.bytes(c.protocol, c.format))
	}
	return frames
}

// verdict says what to do with a connection after the client has sent something.
type verdict uint8

const (
	keepOpen       verdict = iota
	closedByClient         // the client has sent a close frame: answer it, then close
	brokeProtocol          // send a close frame with the reason, then close
)

// receive takes bytes from the connection, which it overwrites, and returns the frames to answer with.
func (c *client) receive(p []byte, inflate *inflater) (answers [][]byte, v verdict) {
	if c.protocol == EventStream {
		return nil, keepOpen // clients of an event stream have nothing to send; drop it
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
			v = closedByClient
		}
	})
	if code != 0 {
		return append(answers, closeFrame(code, "")), brokeProtocol
	}
	return answers, v
}

// closeFrames returns the frames that tell the client why its connection is closed; none for an event stream.
func (c *client) closeFrames(code uint16, reason string) [][]byte {
	if c.protocol == EventStream {
		return nil
	}
	return [][]byte{closeFrame(code, reason)}
}

// release leaves the feed and gives the ticket back, after the connection was closed.
func (c *client) release() {
	c.feed.leave(c.protocol, c.format)
	c.ticket.Release()
}

// queue holds the frames that the connection has not accepted yet. It is almost always empty.
type queue struct {
	frames   [][]byte
	bytes    int       // in frames
	limit    int       // bytes above which the client is too slow
	partSent bool      // frames[0] was written in part, or is being written
	progress time.Time // when the connection last accepted bytes, or when the queue was last empty
}

// push appends frames and reports whether they fit. An empty queue accepts frames of any size and sets its limit to
// that size plus base, so that neither a long catch-up nor an entry larger than base makes a client too slow.
func (q *queue) push(now time.Time, base int, frames ...[]byte) bool {
	n := 0
	for _, f := range frames {
		n += len(f)
	}
	switch {
	case q.bytes == 0:
		q.progress = now
		q.limit = base + n
	case q.bytes+n > q.limit:
		return false
	}
	q.frames = append(q.frames, frames...)
	q.bytes += n
	return true
}

// written removes n bytes from the front, which the connection has accepted.
func (q *queue) written(n int, now time.Time) {
	if n == 0 {
		return
	}
	q.bytes -= n
	q.progress = now
	for len(q.frames) > 0 && n >= len(q.frames[0]) {
		n -= len(q.frames[0])
		q.frames[0] = nil
		q.frames = q.frames[1:]
		q.partSent = false
	}
	if len(q.frames) == 0 {
		q.frames = nil // release the array as well: an idle client holds no memory
		return
	}
	if n > 0 {
		q.frames[0] = q.frames[0][n:]
		q.partSent = true
	}
}

// finish drops all frames of which nothing was written yet and appends the last ones, without regard to the limit.
func (q *queue) finish(now time.Time, last ...[]byte) {
	keep := 0
	if q.partSent {
		keep = 1
	}
	clear(q.frames[keep:])
	q.frames = append(q.frames[:keep], last...)
	q.bytes = 0
	for _, f := range q.frames {
		q.bytes += len(f)
	}
	q.progress = now
}
