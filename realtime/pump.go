package realtime

import (
	"net"
	"sync"
	"time"
)

// pump is the shard for connections that no event loop can own: those behind TLS, and all connections on systems other
// than Linux. Each client has one goroutine that reads, and a second one while there is something to write.
type pump struct {
	limits limits
	wg     sync.WaitGroup // of all reading and writing goroutines

	mu      sync.Mutex // guards clients; acquired before a client's own
	clients map[*feed]map[*pumpClient]struct{}
}

// pumpClient is a client of a pump.
type pumpClient struct {
	pump *pump
	conn net.Conn

	mu             sync.Mutex // guards what follows
	client         client
	flushing       bool // a goroutine is in flush; only it removes frames from the queue
	closedByClient bool // the client sent its close frame first: close at once after the answer
}

func newPump(l limits) *pump {
	return &pump{limits: l, clients: make(map[*feed]map[*pumpClient]struct{})}
}

func (p *pump) add(at endpoint, c client, first []*message, early []byte) {
	s := &pumpClient{pump: p, conn: at.conn, client: c}
	p.mu.Lock()
	if p.clients[c.feed] == nil {
		p.clients[c.feed] = make(map[*pumpClient]struct{})
	}
	p.clients[c.feed][s] = struct{}{}
	s.send(first...)
	p.mu.Unlock()
	p.wg.Go(func() { s.read(early) })
}

func (p *pump) broadcast(f *feed, m *message) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for s := range p.clients[f] {
		s.send(m)
	}
}

// sweep has nothing to do: writes, and reads after the close frame, have deadlines.
func (p *pump) sweep(time.Time) {}

func (p *pump) shed(oneIn int) {
	all := p.all()
	for _, s := range all[:(len(all)+oneIn-1)/oneIn] {
		s.mu.Lock()
		s.finish(closeRestarting, "restarting")
		s.mu.Unlock()
	}
}

func (p *pump) close() {
	for _, s := range p.all() {
		s.conn.Close()
	}
	p.wg.Wait()
}

func (p *pump) all() []*pumpClient {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []*pumpClient
	for _, clients := range p.clients {
		for s := range clients {
			all = append(all, s)
		}
	}
	return all
}

// remove takes a client off the list, after which it gets no more messages.
func (p *pump) remove(s *pumpClient) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := s.client.feed
	delete(p.clients[f], s)
	if len(p.clients[f]) == 0 {
		delete(p.clients, f)
	}
}

// send sends the messages that the client has not had.
func (s *pumpClient) send(batch ...*message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.client.closing {
		return
	}
	if frames := s.client.appendFrames(nil, batch); len(frames) > 0 && !s.queue(frames...) {
		s.finish(closeTooSlow, "too slow")
	}
}

// queue queues frames, has them written, and reports whether they fit. The caller holds s.mu.
func (s *pumpClient) queue(frames ...[]byte) bool {
	if !s.client.out.push(time.Now(), s.pump.limits.queueBytes, frames...) {
		return false
	}
	s.startFlush()
	return true
}

// startFlush starts a goroutine that empties the queue, unless one is running. The caller holds s.mu.
func (s *pumpClient) startFlush() {
	if !s.flushing {
		s.flushing = true
		s.pump.wg.Go(s.flush)
	}
}

// finish drops the frames that are still queued, sends a close frame and lets flush close the connection. The caller
// holds s.mu.
func (s *pumpClient) finish(code uint16, reason string) {
	if s.client.closing {
		return
	}
	s.client.closing = true
	s.client.out.finish(time.Now(), s.client.closeFrames(code, reason)...)
	s.startFlush()
}

// flush writes until the queue is empty, and then begins to close the connection of a client that is closing.
func (s *pumpClient) flush() {
	for {
		s.mu.Lock()
		out := &s.client.out
		if len(out.frames) == 0 {
			s.flushing = false
			closing, closedByClient := s.client.closing, s.closedByClient
			s.mu.Unlock()
			if closing {
				s.linger(closedByClient)
			}
			return
		}
		next := out.frames[0]
		out.partSent = true
		s.mu.Unlock()

		s.conn.SetWriteDeadline(time.Now().Add(s.pump.limits.writeTimeout))
		n, err := s.conn.Write(next)
		s.mu.Lock()
		out.written(n, time.Now())
		if err != nil {
			s.client.closing = true
			s.flushing = false
			s.mu.Unlock()
			s.conn.Close()
			return
		}
		s.mu.Unlock()
	}
}

// linger gives a client time to read its close frame before the connection is closed; one that sent its own first needs
// none.
func (s *pumpClient) linger(closedByClient bool) {
	if closedByClient {
		s.conn.Close()
		return
	}
	if half, ok := s.conn.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
	}
	s.conn.SetReadDeadline(time.Now().Add(closeGrace))
}

// read reads until the connection is closed, and then removes the client.
func (s *pumpClient) read(early []byte) {
	defer func() {
		s.conn.Close()
		s.pump.remove(s)
		s.client.release()
	}()
	buf := make([]byte, 512)
	for p := early; ; {
		if len(p) > 0 && !s.receive(p) {
			return
		}
		n, err := s.conn.Read(buf)
		if err != nil {
			return
		}
		p = buf[:n]
	}
}

// receive handles bytes from the client and reports whether to continue reading.
func (s *pumpClient) receive(p []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	answers, v := s.client.receive(p, s.pump.limits.inflate)
	switch {
	case s.client.closing:
		return v != closedByClient // if it is, the client has answered our close frame
	case v != keepOpen:
		s.client.closing, s.closedByClient = true, v == closedByClient
		s.client.out.finish(time.Now(), answers...)
		s.startFlush()
	case len(answers) > 0 && !s.queue(answers...):
		s.finish(closeTooSlow, "too slow")
	}
	return true
}
