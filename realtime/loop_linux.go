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

// loop is the shard for plain TCP on Linux: one goroutine that waits for all of its connections on one epoll instance,
// reads what has arrived and writes what the sockets accept. Nothing else uses a loop's connections, so its clients
// need no lock, and an idle client costs only a small struct.
//
// The goroutine waits for the epoll descriptor itself through Go's network poller, so that a loop with nothing to do
// occupies no thread.
type loop struct {
	limits limits
	epoll  *os.File
	raw    syscall.RawConn // of epoll
	epfd   int
	wakefd int           // an eventfd that wakes the loop for its inbox
	done   chan struct{} // closed when the goroutine has ended

	mu    sync.Mutex // guards inbox and awake
	inbox []task
	awake bool // wakefd was signalled and the inbox has not been emptied since

	// Only the goroutine uses what follows.
	byFD      map[int]*loopClient
	byFeed    map[*feed][]*loopClient  // without those that are closing
	sweepable map[*loopClient]struct{} // clients with queued frames, and those that are closing
	events    []unix.EpollEvent
	buf       []byte
	frames    [][]byte   // reused by sendNew
	batch     []*message // reused by runTasks
	closed    bool
}

// task is work for the loop's goroutine: a broadcast, which is combined with those next to it, or a function call.
type task struct {
	feed    *feed
	message *message
	call    func()
}

// loopClient is a client of a loop.
type loopClient struct {
	client
	fd             int
	index          int       // in byFeed; -1 once it was removed
	awaitsWritable bool      // epoll reports when the socket accepts more
	closedByClient bool      // the client sent its close frame first
	deadline       time.Time // when a closing client is dropped
}

// newLoops starts n loops.
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
	onWake := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(wakefd)}
	if err := unix.EpollCtl(epfd, unix.EPOLL_CTL_ADD, wakefd, &onWake); err != nil {
		file.Close()
		unix.Close(wakefd)
		return nil, fmt.Errorf("epoll: %w", err)
	}
	l := &loop{
		limits: lim, epoll: file, raw: raw, epfd: epfd, wakefd: wakefd, done: make(chan struct{}),
		byFD: make(map[int]*loopClient), byFeed: make(map[*feed][]*loopClient),
		sweepable: make(map[*loopClient]struct{}),
		events:    make([]unix.EpollEvent, 256), buf: make([]byte, 16<<10),
	}
	go l.run()
	return l, nil
}

// userTimeout is how long sent bytes may stay unacknowledged before the kernel drops the connection. A reader that has
// lost its network is thus noticed soon after the next heartbeat; TCP's own timeout is a quarter of an hour.
const userTimeout = 30 * time.Second

// detach duplicates the descriptor of a plain TCP connection and closes the connection. It returns other connections
// unchanged.
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

func (l *loop) sweep(now time.Time) { l.post(task{call: func() { l.dropStalled(now) }}) }

func (l *loop) shed(oneIn int) {
	l.post(task{call: func() {
		var live []*loopClient
		for _, clients := range l.byFeed {
			live = append(live, clients...)
		}
		for _, c := range live[:(len(live)+oneIn-1)/oneIn] {
			l.finish(c, c.closeFrames(closeRestarting, "restarting"))
		}
	}})
}

func (l *loop) close() {
	l.post(task{call: func() {
		for _, c := range l.byFD {
			l.drop(c)
		}
		l.closed = true
	}})
	<-l.done
}

// post appends a task to the inbox and wakes the loop.
func (l *loop) post(t task) {
	l.mu.Lock()
	l.inbox = append(l.inbox, t)
	wake := !l.awake
	l.awake = true
	l.mu.Unlock()
	if wake {
		// An eventfd takes 8 bytes in host order, and any value but 0 wakes the loop.
		unix.Write(l.wakefd, []byte{1, 0, 0, 0, 0, 0, 0, 0})
	}
}

func (l *loop) run() {
	defer close(l.done)
	defer l.epoll.Close()
	defer unix.Close(l.wakefd)
	for !l.closed {
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
			l.runTasks()
		}
	}
}

// runTasks does the tasks of the inbox in order. Successive broadcasts of one feed go out in one write.
func (l *loop) runTasks() {
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
		// Backwards, because removing a client moves the last one into its position.
		for clients, i := l.byFeed[f], len(l.byFeed[f])-1; i >= 0; i-- {
			l.sendNew(clients[i], l.batch)
		}
		clear(l.batch)
	}
}

// adopt takes over a connection that add was called with.
func (l *loop) adopt(fd int, c client, first []*message, early []byte) {
	s := &loopClient{client: c, fd: fd}
	onInput := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLRDHUP, Fd: int32(fd)}
	if err := unix.EpollCtl(l.epfd, unix.EPOLL_CTL_ADD, fd, &onInput); err != nil {
		unix.Close(fd)
		s.release()
		return
	}
	l.byFD[fd] = s
	s.index = len(l.byFeed[s.feed])
	l.byFeed[s.feed] = append(l.byFeed[s.feed], s)
	l.sendNew(s, first)
	if len(early) > 0 && l.byFD[fd] == s {
		l.receive(s, early)
	}
}

// handle handles the events that epoll has reported for a connection.
func (l *loop) handle(c *loopClient, events uint32) {
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

// receive handles bytes from the client.
func (l *loop) receive(c *loopClient, p []byte) {
	answers, v := c.client.receive(p, l.limits.inflate)
	switch {
	case c.closing:
		if v == closedByClient {
			l.drop(c) // it has answered our close frame
		}
	case v != keepOpen:
		c.closedByClient = v == closedByClient
		l.finish(c, answers)
	case len(answers) > 0:
		l.send(c, answers)
	}
}

// sendNew sends the messages that the client has not had.
func (l *loop) sendNew(c *loopClient, batch []*message) {
	l.frames = c.appendFrames(l.frames[:0], batch)
	if len(l.frames) > 0 {
		l.send(c, l.frames)
	}
}

// send writes frames at once if the queue is empty, and queues what the socket does not accept. It does not keep the
// slice.
func (l *loop) send(c *loopClient, frames [][]byte) {
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
		l.awaitWritable(c)
		return
	}
	idle := c.out.bytes == 0
	if !c.out.push(time.Now(), l.limits.queueBytes, frames...) {
		l.finish(c, c.closeFrames(closeTooSlow, "too slow"))
		// Longer than closeGrace: the client has to receive what the kernel has buffered before the close frame.
		c.deadline = time.Now().Add(l.limits.writeTimeout)
		return
	}
	if idle {
		l.flush(c)
	}
}

// flush writes as much of the queue as the socket accepts.
func (l *loop) flush(c *loopClient) {
	for c.out.bytes > 0 {
		n, err := unix.Writev(c.fd, c.out.frames[:min(len(c.out.frames), 64)])
		if err == unix.EINTR {
			continue
		}
		if err == unix.EAGAIN {
			l.awaitWritable(c)
			return
		}
		if err != nil {
			l.drop(c)
			return
		}
		c.out.written(n, time.Now())
	}
	if c.awaitsWritable {
		c.awaitsWritable = false
		l.setEvents(c, unix.EPOLLIN|unix.EPOLLRDHUP)
	}
	switch {
	case c.closing && c.closedByClient:
		l.drop(c)
	case c.closing:
		unix.Shutdown(c.fd, unix.SHUT_WR) // the client reads our close frame, then the end of the stream
	default:
		delete(l.sweepable, c)
	}
}

// awaitWritable has epoll report when the socket accepts more.
func (l *loop) awaitWritable(c *loopClient) {
	l.sweepable[c] = struct{}{}
	if !c.awaitsWritable {
		c.awaitsWritable = true
		l.setEvents(c, unix.EPOLLIN|unix.EPOLLRDHUP|unix.EPOLLOUT)
	}
}

func (l *loop) setEvents(c *loopClient, events uint32) {
	unix.EpollCtl(l.epfd, unix.EPOLL_CTL_MOD, c.fd, &unix.EpollEvent{Events: events, Fd: int32(c.fd)})
}

// finish excludes the client from broadcasts, and closes its side of the connection once the last frames are written.
func (l *loop) finish(c *loopClient, last [][]byte) {
	if c.closing {
		return
	}
	now := time.Now()
	c.closing = true
	c.deadline = now.Add(closeGrace)
	c.out.finish(now, last...)
	l.exclude(c)
	l.sweepable[c] = struct{}{}
	l.flush(c)
}

// dropStalled drops the clients that accepted no bytes for the write timeout, and the closing ones at their deadline.
func (l *loop) dropStalled(now time.Time) {
	for c := range l.sweepable {
		if c.closing && now.After(c.deadline) || !c.closing && now.Sub(c.out.progress) > l.limits.writeTimeout {
			l.drop(c)
		}
	}
}

// drop closes the connection and removes the client. It does nothing for a client that was dropped before.
func (l *loop) drop(c *loopClient) {
	if l.byFD[c.fd] != c {
		return
	}
	delete(l.byFD, c.fd)
	delete(l.sweepable, c)
	l.exclude(c)
	unix.Close(c.fd)
	c.release()
}

// exclude removes the client from those that get broadcasts.
func (l *loop) exclude(c *loopClient) {
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

// write writes to a non-blocking socket and returns how many bytes it accepted, which may be 0.
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
