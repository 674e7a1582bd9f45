package deployment

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"readout/cmd/readout/acceptance/compose"
	"readout/cmd/readout/acceptance/program"
	"readout/realtime/porttest"

	"github.com/fasthttp/websocket"
)

// backend replaces a node behind the proxy. It answers with its name and with the headers it got, echoes on a
// WebSocket, and streams events.
type backend struct {
	*httptest.Server
	name     string
	unready  atomic.Bool
	requests atomic.Int64 // so far, without health checks
	sockets  atomic.Int64 // that are open
	streams  atomic.Int64 // that are open
}

func newBackend(t *testing.T, name string) *backend {
	t.Helper()
	b := &backend{name: name}
	mux := http.NewServeMux()
	mux.HandleFunc("/readyz", func(w http.ResponseWriter, r *http.Request) {
		if b.unready.Load() || r.URL.RawQuery != "store=any" { // the store is always away
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	mux.HandleFunc("/name", func(w http.ResponseWriter, r *http.Request) {
		b.requests.Add(1)
		fmt.Fprint(w, b.name)
	})
	mux.HandleFunc("/forwarded", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "for=%q proto=%q host=%q coding=%q", r.Header.Values("X-Forwarded-For"),
			r.Header.Values("X-Forwarded-Proto"), r.Host, r.Header.Values("Accept-Encoding"))
	})
	mux.HandleFunc("/socket", b.socket)
	mux.HandleFunc("/stream", b.stream)
	mux.HandleFunc("/upload", func(_ http.ResponseWriter, r *http.Request) {
		b.requests.Add(1)
		io.Copy(io.Discard, r.Body)
	})
	b.Server = httptest.NewServer(mux)
	t.Cleanup(b.Close)
	return b
}

func (b *backend) address() string { return b.Listener.Addr().String() }

// socket opens a WebSocket and answers every message with its text and the backend's name.
func (b *backend) socket(w http.ResponseWriter, r *http.Request) {
	up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	b.sockets.Add(1)
	defer b.sockets.Add(-1)
	for {
		kind, text, err := conn.ReadMessage()
		if err != nil {
			return
		}
		if err := conn.WriteMessage(kind, append([]byte(b.name+" heard "), text...)); err != nil {
			return
		}
	}
}

// stream sends one event, and then nothing until the reader disconnects.
func (b *backend) stream(w http.ResponseWriter, r *http.Request) {
	b.streams.Add(1)
	defer b.streams.Add(-1)
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	fmt.Fprint(w, "data: first\n\n")
	w.(http.Flusher).Flush()
	<-r.Context().Done()
}

// newClient returns a client whose connections are closed when the test ends.
func newClient(t *testing.T) *http.Client {
	t.Helper()
	transport := &http.Transport{DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: program.Patience}
}

func dialSocket(t *testing.T, site string) *websocket.Conn {
	t.Helper()
	d := websocket.Dialer{HandshakeTimeout: program.Patience}
	conn, _, err := d.Dial("ws"+strings.TrimPrefix(site, "http")+"/socket", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func TestProxyBalancesWebSockets(t *testing.T) {
	t.Parallel()
	one, two := newBackend(t, "one"), newBackend(t, "two")
	site := compose.Start(t, one.address(), two.address()).URL
	for i := range 10 {
		conn := dialSocket(t, site)
		if err := conn.WriteMessage(websocket.TextMessage, []byte("hello")); err != nil {
			t.Fatal(err)
		}
		if err := conn.SetReadDeadline(time.Now().Add(program.Patience)); err != nil {
			t.Fatal(err)
		}
		_, answer, err := conn.ReadMessage()
		if err != nil {
			t.Fatal(err)
		}
		if _, text, _ := strings.Cut(string(answer), " "); text != "heard hello" {
			t.Errorf("socket %d answered %q", i, answer)
		}
	}
	if one.sockets.Load() != 5 || two.sockets.Load() != 5 {
		t.Errorf("the nodes have %d and %d of 10 sockets, want 5 each", one.sockets.Load(), two.sockets.Load())
	}
}

func TestProxyForwardsTheClientsAddress(t *testing.T) {
	t.Parallel()
	node := newBackend(t, "one")
	site := compose.Start(t, node.address()).URL
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, site+"/forwarded", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header["X-Forwarded-For"] = []string{"203.0.113.9", "203.0.113.10"}
	req.Header.Set("X-Forwarded-Proto", "https")
	res, err := newClient(t).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	line, err := bufio.NewReader(res.Body).ReadString('\n')
	want := fmt.Sprintf(`for=["127.0.0.1"] proto=["http"] host=%q coding=[]`, strings.TrimPrefix(site, "http://"))
	if line != want {
		t.Errorf("the node gets %s (%v), want %s", line, err, want)
	}
}

func TestProxyAvoidsUnavailableNodes(t *testing.T) {
	t.Parallel()
	one, two := newBackend(t, "one"), newBackend(t, "two")
	site := compose.Start(t, one.address(), two.address()).URL
	client := newClient(t)

	// A node that drains still answers, but gets no more requests.
	one.unready.Store(true)
	program.Await(t, "a node that is not ready gets no requests", func() bool {
		before := one.requests.Load()
		for range 20 {
			compose.Fetch(client, site+"/name")
		}
		return one.requests.Load() == before
	})
	one.unready.Store(false)
	program.Await(t, "a node that is ready again gets requests", func() bool {
		before := one.requests.Load()
		for range 20 {
			compose.Fetch(client, site+"/name")
		}
		return one.requests.Load() > before
	})

	// When a node has gone, no request fails, not even the first.
	two.Close()
	var took []time.Duration
	for i := range 50 {
		began := time.Now()
		status, body := compose.Fetch(client, site+"/name")
		if status != http.StatusOK || body != "one" {
			t.Fatalf("request %d: %d %q", i, status, body)
		}
		took = append(took, time.Since(began))
	}
	wantPrompt(t, took)
}

// wantPrompt fails the test if the median of the response times is high. A busy machine may delay single requests.
func wantPrompt(t *testing.T, took []time.Duration) {
	t.Helper()
	slices.Sort(took)
	if half := took[len(took)/2]; half > time.Second {
		t.Errorf("half of %d requests took %v or more", len(took), half)
	}
}

func TestProxyDoesNotBufferEvents(t *testing.T) {
	t.Parallel()
	node := newBackend(t, "one")
	site := compose.Start(t, node.address()).URL
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, site+"/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := newClient(t).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if line, err := bufio.NewReader(res.Body).ReadString('\n'); line != "data: first\n" {
		t.Fatalf("the first line is %q (%v)", line, err)
	}
	if node.streams.Load() != 1 {
		t.Fatal("the stream ended before it was read")
	}
	leave()
	program.Await(t, "the node notices that the reader has gone", func() bool { return node.streams.Load() == 0 })
}

// TestProxyDoesNotBlameNodesForClients sends requests that break off or are malformed. If the proxy took the node for
// unavailable after that, anybody could take the site down.
func TestProxyDoesNotBlameNodesForClients(t *testing.T) {
	t.Parallel()
	for name, rest := range map[string]string{
		"broken off":  "Content-Length: 100\r\n\r\nhalf",
		"wrong chunk": "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nno length\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			node := newBackend(t, "one")
			p := compose.Start(t, node.address())
			host := strings.TrimPrefix(p.URL, "http://")
			client := newClient(t)
			var took []time.Duration
			for range 10 {
				conn, err := net.Dial("tcp", host)
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				fmt.Fprintf(conn, "POST /upload HTTP/1.1\r\nHost: %s\r\n%s", host, rest)
				if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
					t.Fatal(err)
				}
				io.Copy(io.Discard, conn) // until the proxy closes the connection
				began := time.Now()
				if status, body := compose.Fetch(client, p.URL+"/name"); status != http.StatusOK {
					t.Fatalf("the answer to the next request is %d %q after %v", status, body, time.Since(began))
				}
				took = append(took, time.Since(began))
			}
			wantPrompt(t, took)
		})
	}
}

// TestProxyLogsNoPersonalData reads all that Caddy logs about a request that failed, with the level DEBUG, which is far
// more than it logs by default.
func TestProxyLogsNoPersonalData(t *testing.T) {
	t.Parallel()
	config := strings.Replace(compose.Caddyfile(t), "  log {\n", "  log {\n    level DEBUG\n", 1)
	p := compose.StartWith(t, config, porttest.For(t).Addr())
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.URL+"/live/talks", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("User-Agent", "somebody's browser")
	req.Header.Set("X-Forwarded-For", "203.0.113.9")
	res, err := newClient(t).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode < 502 || res.StatusCode > 503 || res.Header.Get("Retry-After") != "5" ||
		res.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("without a node the answer is %s %v", res.Status, res.Header)
	}
	program.Await(t, "the failure is in the log", func() bool { return strings.Contains(p.Log(), "/live/talks") })
	log := p.Log()
	for line := range strings.Lines(log) {
		if strings.Contains(line, "/live/talks") && !strings.Contains(line, `"remote_ip": "127.0.0.0"`) {
			t.Errorf("the address in the log is not masked: %s", line)
		}
	}
	for _, secret := range []string{`"remote_ip": "127.0.0.1"`, "remote_port", "somebody's browser", "203.0.113.9"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log contains %s:\n%s", secret, log)
		}
	}
}
