package handlers

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"readout/liveblog"
	"readout/realtime"

	"github.com/fasthttp/websocket"
)

// patience ends a test that would wait for ever.
const patience = 20 * time.Second

// serve serves the site on a port of its own and returns its address.
func (s *site) serve(t *testing.T, wrap ...func(net.Listener) net.Listener) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := ln.Addr().String()
	for _, w := range wrap {
		ln = w(ln)
	}
	done := make(chan error, 1)
	go func() { done <- s.app.Listener(ln) }()
	t.Cleanup(func() {
		s.hub.Close()
		if err := s.app.ShutdownWithTimeout(patience); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return address
}

// wire is one object of the wire contract.
type wire struct {
	Type    string
	Cursor  string
	Readers int
	Status  string
	Op      string
	Entry   json.RawMessage
}

// dial opens a WebSocket, and reads and checks its hello.
func dial(t *testing.T, url string, set ...func(*websocket.Dialer)) (*websocket.Conn, wire) {
	t.Helper()
	d := websocket.Dialer{HandshakeTimeout: patience}
	for _, f := range set {
		f(&d)
	}
	conn, res, err := d.Dial(url, http.Header{"Origin": {"https://anywhere.example"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if res.StatusCode != 101 {
		t.Fatalf("the handshake ended with %d", res.StatusCode)
	}
	conn.SetReadDeadline(time.Now().Add(patience))
	hello := next(t, conn)
	if hello.Type != "hello" || hello.Cursor == "" || hello.Status == "" {
		t.Fatalf("the first object is %+v, want a hello", hello)
	}
	return conn, hello
}

func next(t *testing.T, conn *websocket.Conn) (w wire) {
	t.Helper()
	kind, b, err := conn.ReadMessage()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &w); err != nil || kind != websocket.TextMessage {
		t.Fatalf("message of kind %d: %s, %v", kind, b, err)
	}
	return w
}

func TestWebSocketFollowsABlog(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post(t, `{"body":"One."}`)
	url := "ws://" + s.serve(t) + "/live/summit/ws"
	conn, hello := dial(t, url+"?format=json")
	s.post(t, `{"body":"Two."}`)
	change := next(t, conn)
	var e entryData
	if err := json.Unmarshal(change.Entry, &e); err != nil || change.Type != "change" || change.Op != "put" || e.Body != "Two." || e.Number != 2 {
		t.Errorf("the change is %+v %s, %v", change, change.Entry, err)
	}
	if e.Acts == nil || e.PublishedAt == nil {
		t.Errorf("the data on the wire is not that of the API: %s", change.Entry)
	}
	later, _ := dial(t, url+"?after="+hello.Cursor)
	s.server.pending.byConn.Range(func(conn, _ any) bool {
		t.Errorf("the ticket of %v is still on its way", conn)
		return false
	})
	if missed := next(t, later); missed.Cursor != change.Cursor || !strings.Contains(string(missed.Entry), `"html"`) {
		t.Errorf("after %s comes %+v, want %s", hello.Cursor, missed, change.Cursor)
	}
}

func TestWebSocketCompresses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	url := "ws://" + s.serve(t) + "/live/summit/ws?format=json"
	var read atomic.Int64
	conn, _ := dial(t, url, func(d *websocket.Dialer) {
		d.EnableCompression = true
		d.NetDial = func(network, addr string) (net.Conn, error) {
			c, err := net.Dial(network, addr)
			return countingConn{c, &read}, err
		}
	})
	before := read.Load()
	text := strings.Repeat("Rare earths. ", 1000)
	s.post(t, `{"body":"`+text+`"}`)
	if change := next(t, conn); !strings.Contains(string(change.Entry), text[:100]) {
		t.Errorf("the change is %s", change.Entry)
	}
	if n := read.Load() - before; n >= int64(len(text))/4 {
		t.Errorf("%d bytes came for a text of %d", n, len(text))
	}
}

type countingConn struct {
	net.Conn
	n *atomic.Int64
}

func (c countingConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.n.Add(int64(n))
	return n, err
}

func TestOffersDeflate(t *testing.T) {
	t.Parallel()
	for offer, want := range map[string]bool{
		"":                   false,
		"permessage-deflate": true,
		"permessage-deflate; client_max_window_bits":                               true,
		"permessage-deflate; server_max_window_bits=10":                            false,
		"permessage-deflate; server_max_window_bits=10, permessage-deflate":        true,
		"x-webkit-deflate-frame":                                                   false,
		"permessage-bzip2, permessage-deflate; server_no_context_takeover":         true,
		"permessage-deflate;server_no_context_takeover;client_no_context_takeover": true,
	} {
		if got := offersDeflate(offer); got != want {
			t.Errorf("offersDeflate(%q) is %t", offer, got)
		}
	}
}

// handshake is a whole WebSocket request.
const handshake = "GET /live/summit/ws HTTP/1.1\r\nHost: live.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

// A ping with the payload "here", masked with zeroes, and the pong that answers it.
const (
	ping = "\x89\x84\x00\x00\x00\x00here"
	pong = "\x8a\x04here"
)

// certificate makes a server of net/http/httptest lend its own.
func certificate(t *testing.T) *tls.Config {
	ts := httptest.NewUnstartedServer(nil)
	ts.StartTLS()
	t.Cleanup(ts.Close)
	return &tls.Config{Certificates: ts.TLS.Certificates}
}

func TestFramesThatComeWithTheHandshakeAreRead(t *testing.T) {
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
		"TCP":                          {func(ln net.Listener) net.Listener { return ln }, plain, ""},
		"TLS":                          {func(ln net.Listener) net.Listener { return tls.NewListener(ln, certificate(t)) }, secret, ""},
		"with a wish to close":         {func(ln net.Listener) net.Listener { return ln }, plain, "Connection: close\r\n"},
		"a connection of another type": {func(ln net.Listener) net.Listener { return wrappedListener{ln, nil} }, plain, ""},
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
			if err != nil || res.StatusCode != 101 || res.Header.Get("Sec-WebSocket-Accept") != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
				t.Fatalf("%v, %v", res, err)
			}
			readUntil(t, r, pong)
		})
	}
}

// readUntil reads until want has come.
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

// wrappedListener hands out connections that are no *net.TCPConn; deaf, if set, makes their writes fail.
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

func TestWhatIsRefusedBeforeTheHandshake(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	upgrade := []string{"Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}
	for _, tc := range []struct {
		path    string
		headers []string
		status  int
		code    liveblog.Code
		field   string
	}{
		{"/live/nowhere/ws", upgrade, 404, liveblog.NotFound, "slug"},
		{"/live/summit/ws?after=yesterday", upgrade, 400, liveblog.Malformed, "after"},
		{"/live/summit/ws?format=xml", upgrade, 400, liveblog.Malformed, "format"},
		{"/live/summit/ws", append(upgrade[:6:6], "Sec-WebSocket-Key", "short"), 400, liveblog.Malformed, "Sec-WebSocket-Key"},
		{"/live/summit/ws", upgrade[:6], 400, liveblog.Malformed, "Sec-WebSocket-Key"},
		{"/live/summit/ws", append(upgrade[:4:4], "Sec-WebSocket-Version", "8"), 426, upgradeRequired, ""},
		{"/live/summit/ws", nil, 426, upgradeRequired, ""},
		{"/live/nowhere/events", nil, 404, liveblog.NotFound, "slug"},
		{"/live/summit/events?after=1", nil, 400, liveblog.Malformed, "after"},
		{"/live/summit/events", []string{"Last-Event-ID", "1"}, 400, liveblog.Malformed, "after"},
		{"/live/summit/events?format=text", nil, 400, liveblog.Malformed, "format"},
		{"/live/nowhere/changes", nil, 404, liveblog.NotFound, "slug"},
		{"/live/summit/changes?after=1", nil, 400, liveblog.Malformed, "after"},
		{"/live/summit/changes?format=yaml", nil, 400, liveblog.Malformed, "format"},
	} {
		a := s.do(t, "GET", tc.path, "", tc.headers...)
		a.problem(t, tc.status, tc.code, tc.field)
		if tc.status == 426 {
			a.header(t, "Upgrade", "websocket").header(t, "Sec-WebSocket-Version", "13")
		}
	}
	s.do(t, "HEAD", "/live/summit/ws", "", upgrade...).want(t, 426)
	s.do(t, "HEAD", "/live/summit/events", "").want(t, 200).header(t, "Content-Type", "text/event-stream; charset=utf-8")
	s.store.away.Store(true)
	s.do(t, "GET", "/live/summit/ws", "", upgrade...).problem(t, 503, liveblog.Unavailable, "")
	s.store.away.Store(false)
	if err := s.hub.Drain(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	s.do(t, "GET", "/live/summit/ws", "", upgrade...).header(t, "Retry-After", "5").problem(t, 503, liveblog.Unavailable, "")
	s.placesAreFree(t, 0)
}

// placesAreFree waits until the hub admits n clients and no more; a hub that drains admits none.
func (s *site) placesAreFree(t *testing.T, n int) {
	t.Helper()
	eventually(t, strconv.Itoa(n)+" places are free", func() bool {
		var tickets []*realtime.Ticket
		for {
			ticket, err := s.hub.Admit("test")
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

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for start := time.Now(); !holds(); runtime.Gosched() {
		if time.Since(start) > patience {
			t.Fatalf("it never came true that %s", what)
		}
	}
}

func TestLimitOfConnections(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	address := s.serve(t)
	for range 7 {
		dial(t, "ws://"+address+"/live/summit/ws")
	}
	last, _ := dial(t, "ws://"+address+"/live/summit/ws")
	res, err := http.Get("http://" + address + "/live/summit/events")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	answer{Response: res}.want(t, 429).header(t, "Retry-After", "5").header(t, "Content-Type", "application/problem+json")
	last.Close()
	s.placesAreFree(t, 1)
	dial(t, "ws://"+address+"/live/summit/ws")
}

func TestEventStreamFollowsABlog(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post(t, `{"body":"One."}`)
	cursor, err := s.store.Cursor(t.Context(), "summit")
	if err != nil {
		t.Fatal(err)
	}
	s.post(t, `{"body":"Two."}`)
	address := s.serve(t)
	req, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+address+"/live/summit/events?format=json&after="+liveblog.Cursor{Epoch: cursor.Epoch}.String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Last-Event-ID", cursor.String())
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer{Response: res}.want(t, 200).header(t, "Content-Type", "text/event-stream; charset=utf-8").header(t, "Cache-Control", "no-store").
		header(t, "X-Accel-Buffering", "no").header(t, "Access-Control-Allow-Origin", "*")
	if !res.Close {
		t.Error("the stream does not say that the connection ends with it")
	}
	got := readUntil(t, res.Body, "Two.")
	if strings.Contains(got, "One.") {
		t.Errorf("the header does not override the address: %s", got)
	}
	s.post(t, `{"body":"Three."}`)
	now, err := s.store.Cursor(t.Context(), "summit")
	if err != nil {
		t.Fatal(err)
	}
	if got := readUntil(t, res.Body, "Three."); !strings.Contains(got, "id: "+now.String()+"\n") {
		t.Errorf("the event has no id %s: %s", now, got)
	}
}

// A client that asks twice in one packet and is gone before the first answer would keep the second one's place.
func TestPlacesComeBackFromClientsThatAreGone(t *testing.T) {
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
			s.placesAreFree(t, 8)
		})
	}
}

func TestPanicOnALiveConnectionIsContained(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ticket, err := s.hub.Admit("test")
	if err != nil {
		t.Fatal(err)
	}
	broken := &server{Options: Options{Log: s.logger()}} // its hub is nil
	client, conn := net.Pipe()
	client.SetDeadline(time.Now().Add(patience))
	done := make(chan []byte, 1)
	go func() {
		b, _ := io.ReadAll(client)
		done <- b
	}()
	broken.takeOver(conn, &takeover{join: realtime.Join{Slug: "summit", Ticket: ticket, Protocol: realtime.EventStream}, head: []byte("head")})
	if b := <-done; string(b) != "head" {
		t.Errorf("the client got %q", b)
	}
	if !strings.Contains(s.log.String(), "panic") {
		t.Errorf("the log is silent: %s", s.log)
	}
	s.placesAreFree(t, 8)
}

func TestPoll(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	start, err := s.store.Cursor(t.Context(), "summit")
	if err != nil {
		t.Fatal(err)
	}
	s.post(t, `{"body":"`+strings.Repeat("Chips. ", 300)+`"}`)
	path := "/live/summit/changes?format=json&after=" + start.String()
	a := s.do(t, "GET", path, "").want(t, 200).header(t, "Content-Type", "application/json").
		header(t, "Cache-Control", "public, max-age=0, s-maxage=1").header(t, "Vary", "Accept-Encoding").
		header(t, "Access-Control-Allow-Origin", "*").header(t, "Content-Encoding", "")
	var poll struct {
		Cursor  string
		Changes []wire
	}
	a.json(t, &poll)
	if len(poll.Changes) != 1 || poll.Changes[0].Op != "put" || poll.Changes[0].Cursor != poll.Cursor {
		t.Errorf("the poll answers %s", a.body)
	}
	tag := a.Header.Get("ETag")
	s.do(t, "GET", path, "", "If-None-Match", tag, "Accept-Encoding", "gzip").want(t, 304).header(t, "ETag", tag)
	if other := s.do(t, "GET", strings.Replace(path, "json", "html", 1), "").Header.Get("ETag"); other == tag {
		t.Error("both formats have one tag")
	}
	packed := s.do(t, "GET", path, "", "Accept-Encoding", "gzip").want(t, 200).header(t, "Content-Encoding", "gzip")
	r, err := gzip.NewReader(bytes.NewReader(packed.body))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := io.ReadAll(r); err != nil || !bytes.Equal(plain, a.body) {
		t.Errorf("the packed answer is %s, %v", plain, err)
	}
	now := s.do(t, "GET", "/live/summit/changes", "", "Accept-Encoding", "gzip").want(t, 200).header(t, "Content-Encoding", "")
	now.json(t, &poll)
	if len(poll.Changes) != 0 || !strings.Contains(string(now.body), `"changes":[]`) {
		t.Errorf("a poll from now on answers %s", now.body)
	}
	s.post(t, `{"body":"More."}`)
	eventually(t, "the poll tells of the new entry", func() bool { // the notice may still be on its way
		return s.do(t, "GET", path, "", "If-None-Match", tag).StatusCode == 200
	})
}

func TestLimitsOfARequest(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	address := s.serve(t)
	for name, tc := range map[string]struct {
		request string
		status  int
		code    liveblog.Code
	}{
		"a body over the limit":  {"POST /api/v1/blogs HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\nContent-Length: " + strconv.Itoa(maxRequestBody+1) + "\r\n\r\n", 413, liveblog.TooLarge},
		"headers over the limit": {"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + strings.Repeat("x", maxRequestHeader), 431, headersTooLarge},
		"no request at all":      {"\x16\x03\x01\r\n\r\n", 400, liveblog.Malformed},
		"an unknown method":      {"PROPFIND /api/v1/blogs HTTP/1.1\r\nHost: x\r\n\r\n", 501, methodUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			conn.SetDeadline(time.Now().Add(patience))
			if _, err := io.WriteString(conn, tc.request); err != nil {
				t.Fatal(err)
			}
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			a := answer{res, body}.want(t, tc.status).header(t, "X-Content-Type-Options", "nosniff").header(t, "Cache-Control", "no-store")
			if strings.HasPrefix(a.Header.Get("Content-Type"), "application/") {
				a.problem(t, tc.status, tc.code, "")
			}
			eventually(t, "the log has the request", func() bool {
				return strings.Contains(s.log.String(), "status="+strconv.Itoa(tc.status))
			})
		})
	}
	body := `{"body":"` + strings.Repeat("x", liveblog.MaxBody) + `"}`
	s.call(t, liveblog.Editor, "POST", "/blogs/summit/entries", body).want(t, 201)
}
