package realtime

import (
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// loop is the shard for plain TCP on Linux: one goroutine that waits for all of its connections with one epoll
// instance, reads what is there and writes what the sockets take. Nothing else touches a connection of a loop, so
// clients need no lock, and an idle one costs a small struct.
//
// The epoll descriptor itself is waited for through the runtime's poller, so that a loop with nothing to do holds
// neither a thread nor a processor.
type loop struct {
	limits limits
	epoll  *os.File
	raw    syscall.RawConn // of epoll
	epfd   int
	wakefd int           // an eventfd, to wake the loop for its inbox
	done   chan struct{} // closed when the goroutine has ended

	mu    sync.Mutex // guards inbox and awake
	inbox []task
	awake bool // wakefd was written and the inbox not yet taken

	// What follows belongs to the goroutine.
	byFD    map[int]*polled
	byFeed  map[*feed][]*polled
	watched map[*polled]struct{} // those with a queue or a goodbye, for the sweep
	events  []unix.EpollEvent
	buf     []byte
	frames  [][]byte // scratch
	batch   []*message
	ended   bool
}

// task is one thing to do on the loop's goroutine: a broadcast, which is joined with its neighbours, or a call.
type task struct {
	feed    *feed
	message *message
	call    func()
}

// polled is a client of a loop.
type polled struct {
	client
	fd       int
	index    int       // in byFeed, -1 when it is not there any more
	writable bool      // the loop waits for room in the socket
	hungUp   bool      // the client said goodbye first
	deadline time.Time // by which a closing client must be gone
}

// newLoops starts one loop a processor.
func newLoops(l limits, n int) ([]shard, error) {
	var loops []shard
	for range n {
		loop, err := newLoop(l)
		if err != nil {
			for _, l := range loops {
				l.close()
			}
			return nil, err
		}
		loops = append(loops, loop)
	}
	return loops, nil
}

func newLoop(lim limits) (*loop, error) {
	epfd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("epoll: %w", err)
	}
	// os.NewFile hands only non-blocking descriptors to the runtime's poller.
	if err := unix.SetNonblock(epfd, true); err != nil {
		unix.Close(epfd)
		return nil, fmt.Errorf("epoll: %w", err)
	}
	file := os.NewFile(uintptr(epfd), "epoll")
	raw, err := file.SyscallConn()
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("epoll: %w", err)
	}
	wakefd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("eventfd: %w", err)
	}
	if err := unix.EpollCtl(epfd, unix.EPOLL_CTL_ADD, wakefd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(wakefd)}); err != nil {
		file.Close()
		unix.Close(wakefd)
		return nil, fmt.Errorf("epoll: %w", err)
	}
	l := &loop{
		limits: lim, epoll: file, raw: raw, epfd: epfd, wakefd: wakefd, done: make(chan struct{}),
		byFD: make(map[int]*polled), byFeed: make(map[*feed][]*polled), watched: make(map[*polled]struct{}),
		events: make([]unix.EpollEvent, 256), buf: make([]byte, 16<<10),
	}
	go l.run()
	return l, nil
}

// userTimeout is how long sent bytes may stay unacknowledged before the kernel gives the connection up: a reader
// whose train went into a tunnel is found by the next heartbeat, not by TCP's own quarter of an hour.
const userTimeout = 30 * time.Second

// detach takes the descriptor out of a plain TCP connection, which is closed by it; others stay as they are.
func detach(conn net.Conn) endpoint {
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return endpoint{conn: conn}
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return endpoint{conn: conn}
	}
	fd := -1
	raw.Control(func(s uintptr) {
		fd, err = unix.FcntlInt(s, unix.F_DUPFD_CLOEXEC, 0)
	})
	if err != nil || fd < 0 {
		return endpoint{conn: conn}
	}
	unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(userTimeout/time.Millisecond))
	conn.Close()
	return endpoint{fd: fd}
}

func (e endpoint) close() {
	if e.conn != nil {
		e.conn.Close()
		return
	}
	unix.Close(e.fd)
}

func (l *loop) add(at endpoint, c client, first []*message, early []byte) {
	l.post(task{call: func() { l.adopt(at.fd, c, first, early) }})
}

func (l *loop) broadcast(f *feed, m *message) { l.post(task{feed: f, message: m}) }

func (l *loop) sweep(now time.Time) { l.post(task{call: func() { l.expire(now) }}) }

func (l *loop) shed(oneIn int) {
	l.post(task{call: func() {
		var live []*polled
		for _, clients := range l.byFeed {
			live = append(live, clients...)
		}
		for _, c := range live[:(len(live)+oneIn-1)/oneIn] {
			l.end(c, c.goodbye(closeRestarting, "restarting"))
		}
	}})
}

func (l *loop) close() {
	l.post(task{call: func() {
		for _, c := range l.byFD {
			l.drop(c)
		}
		l.ended = true
	}})
	<-l.done
}

// post adds a task and wakes the loop.
func (l *loop) post(t task) {
	l.mu.Lock()
	l.inbox = append(l.inbox, t)
	wake := !l.awake
	l.awake = true
	l.mu.Unlock()
	if wake {
		unix.Write(l.wakefd, []byte{1, 0, 0, 0, 0, 0, 0, 0}) // an eventfd takes 8 bytes in host order; any value wakes
	}
}

func (l *loop) run() {
	defer close(l.done)
	defer l.epoll.Close()
	defer unix.Close(l.wakefd)
	for !l.ended {
		n := 0
		err := l.raw.Read(func(uintptr) bool {
			k, err := unix.EpollWait(l.epfd, l.events, 0)
			n = max(k, 0)
			return n > 0 || err != nil && err != unix.EINTR
		})
		if err != nil {
			return
		}
		woken := false
		for _, e := range l.events[:n] {
			if int(e.Fd) == l.wakefd {
				woken = true
			} else if c := l.byFD[int(e.Fd)]; c != nil {
				l.handle(c, e.Events)
			}
		}
		if woken {
			l.work()
		}
	}
}

// work does the tasks of the inbox in order. Broadcasts of one feed that stand together go out in one write.
func (l *loop) work() {
	var b [8]byte
	unix.Read(l.wakefd, b[:])
	l.mu.Lock()
	tasks := l.inbox
	l.inbox, l.awake = nil, false
	l.mu.Unlock()
	for len(tasks) > 0 {
		if t := tasks[0]; t.call != nil {
			t.call()
			tasks = tasks[1:]
			continue
		}
		f := tasks[0].feed
		l.batch = l.batch[:0]
		for len(tasks) > 0 && tasks[0].call == nil && tasks[0].feed == f {
			l.batch = append(l.batch, tasks[0].message)
			tasks = tasks[1:]
		}
		// From the back, since a client that is dropped changes places with the last.
		for clients, i := l.byFeed[f], len(l.byFeed[f])-1; i >= 0; i-- {
			l.offer(clients[i], l.batch)
		}
		clear(l.batch)
	}
}

func (l *loop) adopt(fd int, c client, first []*message, early []byte) {
	s := &polled{client: c, fd: fd}
	err := unix.EpollCtl(l.epfd, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLRDHUP, Fd: int32(fd)})
	if err != nil {
		unix.Close(fd)
		s.gone()
		return
	}
	l.byFD[fd] = s
	s.index = len(l.byFeed[s.feed])
	l.byFeed[s.feed] = append(l.byFeed[s.feed], s)
	l.offer(s, first)
	if len(early) > 0 && l.byFD[fd] == s {
		l.receive(s, early)
	}
}

func (l *loop) handle(c *polled, events uint32) {
	if events&unix.EPOLLOUT != 0 {
		l.flush(c)
	}
	if events&(unix.EPOLLIN|unix.EPOLLRDHUP|unix.EPOLLHUP|unix.EPOLLERR) == 0 || l.byFD[c.fd] != c {
		return
	}
	n, err := unix.Read(c.fd, l.buf)
	switch {
	case err == unix.EAGAIN || err == unix.EINTR:
	case err != nil || n <= 0:
		l.drop(c)
	default:
		l.receive(c, l.buf[:n])
	}
}

func (l *loop) receive(c *polled, p []byte) {
	answers, v := c.client.receive(p, l.limits.inflate)
	switch {
	case c.closing:
		if v == hangUp {
			l.drop(c) // the client has answered our goodbye
		}
	case v != goOn:
		c.hungUp = v == hangUp
		l.end(c, answers)
	case len(answers) > 0:
		l.send(c, answers)
	}
}

// offer sends those of the messages that are for the client.
func (l *loop) offer(c *polled, batch []*message) {
	l.frames = c.take(l.frames[:0], batch)
	if len(l.frames) > 0 {
		l.send(c, l.frames)
	}
}

// send writes frames at once where nothing waits, and queues the rest. It does not keep the slice.
func (l *loop) send(c *polled, frames [][]byte) {
	if c.out.bytes == 0 && len(frames) == 1 {
		n, err := write(c.fd, frames[0])
		if err != nil {
			l.drop(c)
			return
		}
		if n == len(frames[0]) {
			return
		}
		now := time.Now()
		c.out.push(now, l.limits.queueBytes, frames[0])
		c.out.written(n, now)
		l.await(c)
		return
	}
	idle := c.out.bytes == 0
	if !c.out.push(time.Now(), l.limits.queueBytes, frames...) {
		l.end(c, c.goodbye(closeTooSlow, "too slow"))
		c.deadline = time.Now().Add(l.limits.writeTimeout) // much is under way to it before the goodbye
		return
	}
	if idle {
		l.flush(c)
	}
}

// flush writes what the socket takes of the queue.
func (l *loop) flush(c *polled) {
	for c.out.bytes > 0 {
		some := c.out.frames[:min(len(c.out.frames), 64)]
		n, err := unix.Writev(c.fd, some)
		if err == unix.EINTR {
			continue
		}
		if err == unix.EAGAIN {
			l.await(c)
			return
		}
		if err != nil {
			l.drop(c)
			return
		}
		c.out.written(n, time.Now())
	}
	if c.writable {
		c.writable = false
		l.watch(c, unix.EPOLLIN|unix.EPOLLRDHUP)
	}
	switch {
	case c.closing && c.hungUp:
		l.drop(c)
	case c.closing:
		unix.Shutdown(c.fd, unix.SHUT_WR) // the client reads our goodbye before it sees the end
	default:
		delete(l.watched, c)
	}
}

// await has the loop told when the socket takes more.
func (l *loop) await(c *polled) {
	l.watched[c] = struct{}{}
	if !c.writable {
		c.writable = true
		l.watch(c, unix.EPOLLIN|unix.EPOLLRDHUP|unix.EPOLLOUT)
	}
}

func (l *loop) watch(c *polled, events uint32) {
	unix.EpollCtl(l.epfd, unix.EPOLL_CTL_MOD, c.fd, &unix.EpollEvent{Events: events, Fd: int32(c.fd)})
}

// end takes the client off the list and closes its connection when the last frames are written.
func (l *loop) end(c *polled, last [][]byte) {
	if c.closing {
		return
	}
	now := time.Now()
	c.closing = true
	c.deadline = now.Add(closeGrace)
	c.out.end(now, last...)
	l.unlist(c)
	l.watched[c] = struct{}{}
	l.flush(c)
}

// expire is the sweep.
func (l *loop) expire(now time.Time) {
	for c := range l.watched {
		if c.closing && now.After(c.deadline) || !c.closing && now.Sub(c.out.since) > l.limits.writeTimeout {
			l.drop(c)
		}
	}
}

// drop closes the connection at once.
func (l *loop) drop(c *polled) {
	if l.byFD[c.fd] != c {
		return
	}
	delete(l.byFD, c.fd)
	delete(l.watched, c)
	l.unlist(c)
	unix.Close(c.fd)
	c.gone()
}

func (l *loop) unlist(c *polled) {
	if c.index < 0 {
		return
	}
	clients := l.byFeed[c.feed]
	last := len(clients) - 1
	clients[c.index] = clients[last]
	clients[c.index].index = c.index
	clients[last] = nil
	c.index = -1
	if last == 0 {
		delete(l.byFeed, c.feed)
		return
	}
	l.byFeed[c.feed] = clients[:last]
}

// write is write(2) without blocking: 0 when the socket takes nothing.
func write(fd int, p []byte) (int, error) {
	for {
		n, err := unix.Write(fd, p)
		switch err {
		case nil:
			return n, nil
		case unix.EINTR:
		case unix.EAGAIN:
			return 0, nil
		default:
			return 0, err
		}
	}
}
