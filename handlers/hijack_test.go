package handlers

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"readout/realtime"
)

// handshake is a WebSocket request without its final empty line.
const handshake = "GET /live/summit/ws HTTP/1.1\r\nHost: live.example\r\nConnection: Upgrade\r\nUpgrade: " +
	"websocket\r\n" +
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

// A ping with the payload "here", masked with zeroes, and the pong that answers it.
const (
	ping = "\x89\x84\x00\x00\x00\x00here"
	pong = "\x8a\x04here"
)

// certificate returns the test certificate of net/http/httptest.
func certificate(t *testing.T) *tls.Config {
	ts := httptest.NewUnstartedServer(nil)
	ts.StartTLS()
	t.Cleanup(ts.Close)
	return &tls.Config{Certificates: ts.TLS.Certificates}
}

func TestFramesSentWithTheHandshakeAreRead(t *testing.T) {
	t.Parallel()
	plain := func(address string) (net.Conn, error) { return net.Dial("tcp", address) }
	secret := func(address string) (net.Conn, error) {
		return tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
	}
	for name, tc := range map[string]struct {
		wrap  func(net.Listener) net.Listener
		dial  func(string) (net.Conn, error)
		extra string // a header
	}{
		"TCP": {func(ln net.Listener) net.Listener { return ln }, plain, ""},
		"TLS": {
			func(ln net.Listener) net.Listener { return tls.NewListener(ln, certificate(t)) }, secret, ""},
		"with Connection: close": {func(ln net.Listener) net.Listener { return ln }, plain,
			"Connection: close\r\n"},
		"a connection of another type": {func(ln net.Listener) net.Listener { return wrappedListener{ln, nil} }, plain,
			""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			conn, err := tc.dial(s.serve(t, tc.wrap))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			conn.SetDeadline(time.Now().Add(patience))
			if _, err := io.WriteString(conn, handshake+tc.extra+"\r\n"+ping); err != nil {
				t.Fatal(err)
			}
			r := bufio.NewReader(conn)
			res, err := http.ReadResponse(r, nil)
			if err != nil || res.StatusCode != 101 ||
				res.Header.Get("Sec-WebSocket-Accept") != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
				t.Fatalf("%v, %v", res, err)
			}
			readUntil(t, r, pong)
		})
	}
}

// readUntil reads until it has received want.
func readUntil(t *testing.T, r io.Reader, want string) string {
	t.Helper()
	var got bytes.Buffer
	for buf := make([]byte, 512); !strings.Contains(got.String(), want); {
		n, err := r.Read(buf)
		got.Write(buf[:n])
		if err != nil {
			t.Fatalf("%v after %q, without %q", err, got.String(), want)
		}
	}
	return got.String()
}

// wrappedListener returns connections that are not *net.TCPConn. If deaf is set, their writes fail.
type wrappedListener struct {
	net.Listener
	deaf *atomic.Bool
}

type wrappedConn struct {
	net.Conn
	deaf *atomic.Bool
}

func (l wrappedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &wrappedConn{c, l.deaf}, nil
}

func (c *wrappedConn) Write(p []byte) (int, error) {
	if c.deaf != nil && c.deaf.Load() {
		return 0, errors.New("the client has gone")
	}
	return c.Conn.Write(p)
}

// waitForFreeTickets waits until the hub admits exactly n clients; a draining hub admits none.
func (s *site) waitForFreeTickets(t *testing.T, n int) {
	t.Helper()
	eventually(t, strconv.Itoa(n)+" tickets are free", func() bool {
		var tickets []*realtime.Ticket
		for {
			ticket, err := s.hub.Admit(netip.Addr{})
			if err != nil {
				break
			}
			tickets = append(tickets, ticket)
		}
		for _, ticket := range tickets {
			ticket.Release()
		}
		return len(tickets) == n
	})
}

// eventually waits until a condition holds; what describes it.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); !holds(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// A client that pipelines two requests and closes the connection before the first answer must not keep the ticket of
// the second.
func TestTicketsOfClosedConnectionsAreReleased(t *testing.T) {
	t.Parallel()
	const events = "GET /live/summit/events HTTP/1.1\r\nHost: live.example\r\n\r\n"
	for name, request := range map[string]string{
		"pipelined behind another request":  "GET /healthz HTTP/1.1\r\nHost: live.example\r\n\r\n" + events,
		"pipelined before the handshake":    "GET /healthz HTTP/1.1\r\nHost: live.example\r\n\r\n" + handshake + "\r\n",
		"gone before the stream begins":     events,
		"gone before the handshake is over": handshake + "\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			var deaf atomic.Bool
			deaf.Store(true)
			address := s.serve(t, func(ln net.Listener) net.Listener { return wrappedListener{ln, &deaf} })
			for range 3 {
				conn, err := net.Dial("tcp", address)
				if err != nil {
					t.Fatal(err)
				}
				conn.SetDeadline(time.Now().Add(patience))
				if _, err := io.WriteString(conn, request); err != nil {
					t.Fatal(err)
				}
				if b, err := io.ReadAll(conn); err != nil || len(b) > 0 {
					t.Errorf("read %q, %v", b, err)
				}
				conn.Close()
			}
			s.waitForFreeTickets(t, 8)
		})
	}
}
