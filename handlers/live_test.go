package handlers

import (
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"readout/handlers/web"
	"readout/liveblog"
	"readout/realtime"
	"readout/views/data"

	"github.com/fasthttp/websocket"
)

// patience is how long tests wait for something before they fail.
const patience = time.Minute

// serve serves the site on a free port and returns its address.
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

// wire is one object of the live protocol.
type wire struct {
	Type    string
	Cursor  string
	Readers int
	Status  string
	Op      string
	Entry   json.RawMessage
}

// dial opens a WebSocket and checks its hello.
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
	var e data.Entry
	if err := json.Unmarshal(change.Entry, &e); err != nil || change.Type != "change" || change.Op != "put" ||
		e.Body != "Two." || e.Number != 2 {
		t.Errorf("the change is %+v %s, %v", change, change.Entry, err)
	}
	if e.Acts == nil || e.PublishedAt == nil {
		t.Errorf("the entry differs from that of the API: %s", change.Entry)
	}
	later, _ := dial(t, url+"?after="+hello.Cursor)
	if n := s.server.live.Pending.Count(); n != 0 {
		t.Errorf("%d tickets are still pending", n)
	}
	if missed := next(t, later); missed.Cursor != change.Cursor || !strings.Contains(string(missed.Entry), `"html"`) {
		t.Errorf("after %s the first change is %+v, want %s", hello.Cursor, missed, change.Cursor)
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

func TestRequestsRefusedBeforeTheHandshake(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	upgrade := []string{"Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13",
		"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}
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
		{"/live/summit/ws", append(upgrade[:6:6], "Sec-WebSocket-Key", "short"), 400,
			liveblog.Malformed, "Sec-WebSocket-Key"},
		{"/live/summit/ws", upgrade[:6], 400, liveblog.Malformed, "Sec-WebSocket-Key"},
		{"/live/summit/ws", append(upgrade[:4:4], "Sec-WebSocket-Version", "8"), 426, web.UpgradeRequired, ""},
		{"/live/summit/ws", nil, 426, web.UpgradeRequired, ""},
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
	s.do(t, "HEAD", "/live/summit/events", "").want(t, 200).
		header(t, "Content-Type", "text/event-stream; charset=utf-8")
	s.store.down.Store(true)
	s.do(t, "GET", "/live/summit/ws", "", upgrade...).problem(t, 503, liveblog.Unavailable, "")
	s.store.down.Store(false)
	if err := s.hub.Drain(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	s.do(t, "GET", "/live/summit/ws", "", upgrade...).header(t, "Retry-After", "5").
		problem(t, 503, liveblog.Unavailable, "")
	s.waitForFreeTickets(t, 0)
}

func TestLiveConnectionLimit(t *testing.T) {
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
	answer{Response: res}.want(t, 429).header(t, "Retry-After", "5").
		header(t, "Content-Type", "application/problem+json")
	last.Close()
	s.waitForFreeTickets(t, 1)
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
	req, err := http.NewRequestWithContext(t.Context(), "GET",
		"http://"+address+"/live/summit/events?format=json&after="+liveblog.Cursor{Epoch: cursor.Epoch}.String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Last-Event-ID", cursor.String())
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer{Response: res}.want(t, 200).header(t, "Content-Type", "text/event-stream; charset=utf-8").
		header(t, "Cache-Control", "no-store, no-transform").
		header(t, "X-Accel-Buffering", "no").header(t, "Access-Control-Allow-Origin", "*")
	if !res.Close {
		t.Error("the answer lacks Connection: close")
	}
	got := readUntil(t, res.Body, "Two.")
	if strings.Contains(got, "One.") {
		t.Errorf("Last-Event-ID does not override ?after=: %s", got)
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

// subscribedBroker records subscriptions.
type subscribedBroker struct {
	liveblog.Broker
	count *atomic.Int64
}

func (b subscribedBroker) Subscribe(slug string, deliver func(liveblog.Notice)) (cancel func()) {
	b.count.Add(1)
	return b.Broker.Subscribe(slug, deliver)
}

// Requests for a blog that does not exist must not cause subscriptions to the broker, which may be Redis.
func TestNoSubscriptionsForMissingBlogs(t *testing.T) {
	t.Parallel()
	var count atomic.Int64
	s := newSite(t, func(o *Options) {
		hub, err := realtime.NewHub(
			realtime.Options{Store: o.Store, Broker: subscribedBroker{realtime.NewLocalBroker(), &count},
				Renderer: Renderer()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { hub.Close() })
		o.Hub = hub
	})
	for _, path := range []string{"changes", "events", "ws"} {
		s.do(t, "GET", "/live/nowhere/"+path, "", "Connection", "Upgrade", "Upgrade", "websocket",
			"Sec-WebSocket-Version", "13",
			"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==").problem(t, 404, liveblog.NotFound, "slug")
	}
	if n := count.Load(); n != 0 {
		t.Errorf("requests for a missing blog caused %d subscriptions", n)
	}
	s.do(t, "GET", "/live/summit/changes", "").want(t, 200)
	if n := count.Load(); n != 1 {
		t.Errorf("a poll of a blog caused %d subscriptions, want 1", n)
	}
}
