package attack

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"readout/cmd/readout/acceptance/program"

	"github.com/fasthttp/websocket"
)

// readers follow the blog by WebSocket and record how long each update took to reach them.
type readers struct {
	close   []func() error
	done    sync.WaitGroup
	dropped atomic.Int64 // readers whose connection the node closed
	ending  atomic.Bool

	mu     sync.Mutex      // guards the fields below
	sent   []time.Time     // by the number of the update
	delays []time.Duration // from an update's request to a reader
}

var update = regexp.MustCompile(`Update number (\d+)\.`)

// readers adds count readers.
func (n *node) readers(t *testing.T, count int) *readers {
	t.Helper()
	r := &readers{}
	for range count {
		r.join(t, n)
	}
	return r
}

// join adds a reader with an address of its own.
func (r *readers) join(t *testing.T, n *node) {
	t.Helper()
	i := len(r.close)
	if i == 0 {
		t.Cleanup(func() { r.stop(t) })
	}
	d := websocket.Dialer{HandshakeTimeout: patience, ReadBufferSize: 1 << 10, WriteBufferSize: 128}
	from := http.Header{"X-Forwarded-For": {fmt.Sprintf("%d.%d.113.1", 20+i/250, i%250)}}
	conn, _, err := d.DialContext(t.Context(), "ws://"+n.address()+"/live/summit/ws", from)
	if err != nil {
		n.usage(t) // fails if the node has exited
		t.Fatalf("reader %d: %v", i+1, err)
	}
	r.close = append(r.close, conn.Close)
	r.done.Go(func() { r.follow(conn) })
}

func (r *readers) follow(conn *websocket.Conn) {
	for {
		_, message, err := conn.ReadMessage()
		if err != nil {
			if !r.ending.Load() {
				r.dropped.Add(1)
			}
			return
		}
		now := time.Now()
		if m := update.FindSubmatch(message); m != nil {
			var number int
			fmt.Sscan(string(m[1]), &number)
			r.mu.Lock()
			r.delays = append(r.delays, now.Sub(r.sent[number]))
			r.mu.Unlock()
		}
	}
}

// next returns the text of the next update, and records the current time as the time of its request.
func (r *readers) next() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent = append(r.sent, time.Now())
	return fmt.Sprintf("Update number %d. %s", len(r.sent)-1, strings.Repeat("Both sides are talking. ", 8))
}

// settle waits until every update has reached every reader, and returns the delays.
func (r *readers) settle(t *testing.T) []time.Duration {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		r.mu.Lock()
		arrived, want := len(r.delays), len(r.sent)*len(r.close)
		r.mu.Unlock()
		dropped := r.dropped.Load()
		if arrived == want && dropped == 0 {
			return r.delays
		}
		if dropped > 0 || time.Now().After(deadline) {
			t.Fatalf("readers got %d of %d updates, and %d readers were dropped", arrived, want, dropped)
		}
		program.Pause(context.WithoutCancel(t.Context()), 10*time.Millisecond)
	}
}

func (r *readers) stop(t *testing.T) {
	t.Helper()
	if r.ending.Swap(true) {
		return
	}
	for _, closeConn := range r.close {
		closeConn()
	}
	r.done.Wait()
}
