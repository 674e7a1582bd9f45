package handlers

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"readout/handlers/web"

	"github.com/valyala/fasthttp"
)

// limited starts a site that serves at most n plain connections, and returns its address.
func limited(t *testing.T, n int) (*site, string) {
	s := newSite(t, func(o *Options) { o.Connections.Total = n })
	return s, s.serve(t, s.server.listener)
}

// connect opens a connection and sends the request.
func connect(t *testing.T, address, request string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	return conn
}

// Connections that an attacker holds open neither lock readers out nor close existing live connections. Without room
// for new connections, a request is never answered; without the limit, more connections stay open than it allows.
func TestReadersConnectDuringAnAttack(t *testing.T) {
	t.Parallel()
	const limit = 10
	for name, attack := range map[string]string{
		"silent connections": "",
		"endless heads":      "GET / HTTP/1.1\r\nHost: x\r\nX-A: ",
		"idle connections":   "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
		"endless bodies":     "POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\na",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, address := limited(t, limit)
			reader := bufio.NewReader(connect(t, address, handshake+"\r\n"+ping))
			readUntil(t, reader, pong)
			var held []net.Conn
			for i := range 5 * limit {
				held = append(held, connect(t, address, attack))
				if i%limit > 0 {
					continue
				}
				res, err := http.ReadResponse(bufio.NewReader(connect(t, address,
					"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")), nil)
				if err != nil || res.StatusCode != 200 {
					t.Fatalf("after %d held connections, a request was answered with %v, %v", i, res, err)
				}
			}
			readUntil(t, connect(t, address, handshake+"\r\n"+ping), pong)
			s.server.conns.mu.Lock()
			if n := len(s.server.conns.byConn); n > limit {
				t.Errorf("%d connections are open, the limit is %d", n, limit)
			}
			s.server.conns.mu.Unlock()
			s.post(t, `{"body":"for existing readers"}`)
			readUntil(t, reader, "for existing readers")
			for _, c := range held {
				c.Close()
			}
			eventually(t, "closed connections are no longer tracked", func() bool {
				s.server.conns.mu.Lock()
				defer s.server.conns.mu.Unlock()
				return len(s.server.conns.byConn) == 0
			})
		})
	}
}

// The server closes a connection when the time for the whole head is over, even if the client keeps sending single
// bytes. If the deadline applied to each read, this test would not end.
func TestSlowHeadsTimeOut(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]string{
		"of the first request": "",
		"of a later request":   "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
		"after a request line": "GET / HTTP/1.1\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.app.Server().ReadTimeout = 300 * time.Millisecond
			conn := connect(t, s.serve(t), begin)
			var got strings.Builder
			for buf := make([]byte, 4096); ; {
				// The read's deadline sets the client's pace.
				conn.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
				n, err := conn.Read(buf)
				got.Write(buf[:n])
				if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
					break
				}
				if _, err := io.WriteString(conn, "X"); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
					break
				}
			}
		})
	}
}

// The time for a head starts with its first byte, the time for a body with the last header.
func TestRequestTimeouts(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	server := s.app.Server()
	if server.ReadTimeout != web.HeaderTimeout || web.HeaderTimeout > 10*time.Second {
		t.Errorf("the timeout for a head is %v", server.ReadTimeout)
	}
	for length, want := range map[int]time.Duration{0: 0, 5: web.BodyTimeout, -1: web.BodyTimeout} {
		var h fasthttp.RequestHeader
		h.SetContentLength(length)
		if got := server.HeaderReceived(&h).ReadTimeout; got != want {
			t.Errorf("the timeout for a body of %d bytes is %v, want %v", length, got, want)
		}
	}
}

// The server closes the connection of a client that sends requests but never reads. Without a write deadline it would
// stay open forever.
func TestClientsThatDoNotReadTimeOut(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.app.Server().WriteTimeout = 200 * time.Millisecond
	conn := connect(t, s.serve(t), "")
	written := make(chan error, 1)
	go func() {
		requests := strings.Repeat("GET /live/summit HTTP/1.1\r\nHost: x\r\n\r\n", 1000)
		for {
			if _, err := io.WriteString(conn, requests); err != nil {
				written <- err
				return
			}
		}
	}()
	if err := <-written; errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the server keeps the connection of a client that does not read")
	}
}

// However many requests an anonymous client sends, each kind writes a few lines to the log at most. Without the
// budget each case adds a hundred. A connection that the client breaks off is not logged as an error.
func TestClientsCannotFillTheLog(t *testing.T) {
	t.Parallel()
	const times = 100
	for name, tc := range map[string]struct {
		request string
		reset   bool // the client resets the connection
		lines   int
	}{
		"nonsense":          {"nonsense\r\n\r\n", false, 2},
		"a head broken off": {"GET / HTTP/1.1\r\nHost: x\r\n", true, 2},
		"a body broken off": {
			"POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: " +
				"10\r\n\r\na", true, web.RefusedLines},
		// logged like any other request
		"an answer not read": {"GET /live/summit HTTP/1.1\r\nHost: x\r\n\r\n", true, times},
		"headers over the limit": {"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + strings.Repeat("x", web.MaxRequestHeader),
			false, 2},
		"a body over the limit": {fmt.Sprintf("POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n",
			4<<20+1), false, web.RefusedLines},
		"a future version": {"GET / HTTP/2.0\r\nHost: x\r\n\r\n", false, 2},
		"silence":          {"", false, 2},
		"a missing page": {"GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
			false, web.RefusedLines},
		"an anonymous form": {"POST /logout HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
			false, web.RefusedLines},
		"a long path": {"GET /" + strings.Repeat("long", 1000) + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
			false, web.RefusedLines},
	} {
		t.Run(name, func(t *testing.T) {
			// Each has a site of its own, since a line may be written when its connection has ended already.
			s := newSite(t)
			s.app.Server().ReadTimeout = 200 * time.Millisecond
			address := s.serve(t)
			var conns []net.Conn
			for range times {
				conns = append(conns, connect(t, address, tc.request))
			}
			for _, c := range conns {
				if tc.reset {
					c.(*net.TCPConn).SetLinger(0)
				} else if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
					t.Error("a connection is not closed")
				}
				c.Close()
			}
			eventually(t, "all connections have ended", func() bool {
				s.server.conns.mu.Lock()
				defer s.server.conns.mu.Unlock()
				return len(s.server.conns.byConn) == 0
			})
			log := s.log.String()
			if n := strings.Count(log, "\n"); n > tc.lines {
				t.Errorf("%d connections wrote %d log lines, want at most %d; the last ones:\n%s", times, n, tc.lines,
					log[max(0, len(log)-2000):])
			}
			if strings.Contains(log, "level=ERROR") {
				t.Errorf("an anonymous client causes an error:\n%s", log)
			}
			if strings.Contains(log, "longlonglong") && len(log) > web.RefusedLines*(2*web.ExampleBytes+100) {
				t.Errorf("a long path takes %d bytes of the log", len(log))
			}
		})
	}
}
