package realtime

import (
	"net"
	"sync"
	"time"
)

// pump is the shard for connections that no event loop can own: those behind TLS, and all on systems other than Linux.
// A client costs it one goroutine, which reads; another one writes while there is something to write.
type pump struct {
	limits limits
	wg     sync.WaitGroup // of the goroutines

	mu      sync.Mutex // guards clients; taken before a client's own
	clients map[*feed]map[*pumped]struct{}
}

type pumped struct {
	pump *pump
	conn net.Conn

	mu       sync.Mutex // guards client, flushing and hungUp
	client   client
	flushing bool // a goroutine writes; only it takes frames off the queue
	hungUp   bool // the client said goodbye first: nothing to wait for after the answer
}

func newPump(l limits) *pump {
	return &pump{limits: l, clients: make(map[*feed]map[*pumped]struct{})}
}

func (p *pump) add(at endpoint, c client, first []*message, early []byte) {
	s := &pumped{pump: p, conn: at.conn, client: c}
	p.mu.Lock()
	if p.clients[c.feed] == nil {
		p.clients[c.feed] = make(map[*pumped]struct{})
	}
	p.clients[c.feed][s] = struct{}{}
	s.offer(first...)
	p.mu.Unlock()
	p.wg.Go(func() { s.read(early) })
}

func (p *pump) broadcast(f *feed, m *message) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for s := range p.clients[f] {
		s.offer(m)
	}
}

// sweep has nothing to do: every write and every goodbye has a deadline of its own.
func (p *pump) sweep(time.Time) {}

func (p *pump) shed(oneIn int) {
	all := p.all()
	for _, s := range all[:(len(all)+oneIn-1)/oneIn] {
		s.mu.Lock()
		s.end(closeRestarting, "restarting")
		s.mu.Unlock()
	}
}

func (p *pump) close() {
	for _, s := range p.all() {
		s.conn.Close()
	}
	p.wg.Wait()
}

func (p *pump) all() []*pumped {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []*pumped
	for _, clients := range p.clients {
		for s := range clients {
			all = append(all, s)
		}
	}
	return all
}

// forget takes the client off the list, after which nothing is offered to it.
func (p *pump) forget(s *pumped) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := s.client.feed
	delete(p.clients[f], s)
	if len(p.clients[f]) == 0 {
		delete(p.clients, f)
	}
}

func (s *pumped) offer(batch ...*message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.client.closing {
		return
	}
	if frames := s.client.take(nil, batch); len(frames) > 0 && !s.send(frames...) {
		s.end(closeTooSlow, "too slow")
	}
}

// send queues frames and has them written. The caller holds s.mu.
func (s *pumped) send(frames ...[]byte) bool {
	if !s.client.out.push(time.Now(), s.pump.limits.queueBytes, frames...) {
		return false
	}
	s.write()
	return true
}

// write sees to it that a goroutine empties the queue. The caller holds s.mu.
func (s *pumped) write() {
	if !s.flushing {
		s.flushing = true
		s.pump.wg.Go(s.flush)
	}
}

// end says goodbye; what the client has not begun to receive is dropped. The caller holds s.mu.
func (s *pumped) end(code uint16, reason string) {
	if s.client.closing {
		return
	}
	s.client.closing = true
	s.client.out.end(time.Now(), s.client.goodbye(code, reason)...)
	s.write()
}

// flush writes until the queue is empty.
func (s *pumped) flush() {
	for {
		s.mu.Lock()
		out := &s.client.out
		if len(out.frames) == 0 {
			s.flushing = false
			closing, hungUp := s.client.closing, s.hungUp
			s.mu.Unlock()
			if closing {
				s.linger(hungUp)
			}
			return
		}
		next := out.frames[0]
		out.begun = true
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

// linger gives the client time to read the goodbye before the connection goes.
func (s *pumped) linger(hungUp bool) {
	if hungUp {
		s.conn.Close()
		return
	}
	if half, ok := s.conn.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
	}
	s.conn.SetReadDeadline(time.Now().Add(closeGrace))
}

func (s *pumped) read(early []byte) {
	defer func() {
		s.conn.Close()
		s.pump.forget(s)
		s.client.gone()
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

// receive takes what the client sent and reports whether to go on reading.
func (s *pumped) receive(p []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	answers, v := s.client.receive(p, s.pump.limits.inflate)
	switch {
	case s.client.closing:
		return v != hangUp // the client has answered our goodbye
	case v != goOn:
		s.client.closing, s.hungUp = true, v == hangUp
		s.client.out.end(time.Now(), answers...)
		s.write()
	case len(answers) > 0 && !s.send(answers...):
		s.end(closeTooSlow, "too slow")
	}
	return true
}
