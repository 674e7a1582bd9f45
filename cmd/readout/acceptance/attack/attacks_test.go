package attack

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"readout/cmd/readout/acceptance/program"

	"github.com/fasthttp/websocket"
)

// attack is something that each of count attackers repeats.
type attack struct {
	name  string
	count int
	pause time.Duration // between two repetitions
	want  string        // an outcome that must occur at least once; "" for none
	once  func(ctx context.Context, n *node, i int) (outcome string)
}

func attacks() []attack {
	return []attack{
		{"idle connections", 600, time.Second, "", idle},
		{"headers a byte at a time", 100, time.Second, "", slowHeader},
		{"anonymous bodies of 4 MB", 200, time.Second, "401", bigBody},
		{"bodies a byte at a time", 50, time.Second, "cut", slowBody},
		{"many readers from two addresses", 400, time.Second, "429", readFromTwoAddresses},
		{"frames that break the protocol", 20, 50 * time.Millisecond, "closed", brokenFrames},
		{"pings without reading the pongs", 5, 100 * time.Millisecond, "", pingFlood},
		{"malformed requests", 4, 20 * time.Millisecond, "", malformed},
		{"aborted requests", 4, 20 * time.Millisecond, "cut", abort},
		{"drafts of hostile Markdown", 2, time.Second, "422", hostileDraft},
		{"JSON with many unknown fields", 1, 200 * time.Millisecond, "400", unknownFields},
		{"a flood of posts", 4, 10 * time.Millisecond, "429", postFlood},
		{"pages", 2, 50 * time.Millisecond, "200", pages},
		{"pages of past moments", 4, 20 * time.Millisecond, "200", pastMoments},
	}
}

// idle sends nothing until the node closes the connection.
func idle(ctx context.Context, n *node, _ int) string {
	conn, err := n.dial(ctx)
	if err != nil {
		return "refused"
	}
	return untilClosed(ctx, conn)
}

func slowHeader(ctx context.Context, n *node, _ int) string {
	return drip(ctx, n, "GET / HTTP/1.1\r\nHost: a\r\n", strings.Repeat("X-Header: value\r\n", 1000))
}

func slowBody(ctx context.Context, n *node, i int) string {
	paths := []string{"/login", "/api/v1/blogs/summit/entries", "/desk/summit", "/live/summit"}
	token := ""
	if i%2 == 0 {
		token = "Authorization: Bearer " + n.contributor + "\r\n"
	}
	head := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: a\r\n%s"+
		"Content-Type: application/json\r\nContent-Length: 10000\r\n\r\n", paths[i%len(paths)], token)
	return drip(ctx, n, head, strings.Repeat("x", 10_000))
}

// drip sends head at once and rest at one byte a second.
func drip(ctx context.Context, n *node, head, rest string) string {
	conn, err := n.dial(ctx)
	if err != nil {
		return "refused"
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if _, err := io.WriteString(conn, head); err != nil {
		return "cut"
	}
	for i := range len(rest) {
		if _, err := io.WriteString(conn, rest[i:i+1]); err != nil {
			return "cut"
		}
		program.Pause(ctx, time.Second)
	}
	return "taken"
}

// bigBody sends 4 MB without logging in, and reads the answer only then.
func bigBody(ctx context.Context, n *node, i int) string {
	paths := []string{
		"/", "/login", "/api/v1/blogs/summit/entries", "/desk/summit/preview", "/live/summit", "/nowhere",
		"/embed/summit",
	}
	conn, err := n.dial(ctx)
	if err != nil {
		return "refused"
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	const size = 4_000_000
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n",
		paths[i%len(paths)], size)
	chunk := make([]byte, 100_000)
	for sent := 0; sent < size; sent += len(chunk) {
		if _, err := conn.Write(chunk); err != nil {
			return "cut"
		}
	}
	return status(conn)
}

// readFromTwoAddresses follows the blog from one of two addresses for as long as the node lets it.
func readFromTwoAddresses(ctx context.Context, n *node, i int) string {
	d := websocket.Dialer{HandshakeTimeout: patience, ReadBufferSize: 128, WriteBufferSize: 128}
	from := http.Header{"X-Forwarded-For": {fmt.Sprintf("203.0.113.%d", 1+i%2)}}
	conn, res, err := d.DialContext(ctx, "ws://"+n.address()+"/live/summit/ws", from)
	if err != nil {
		if res != nil {
			return strconv.Itoa(res.StatusCode)
		}
		return "refused"
	}
	return untilClosed(ctx, conn.UnderlyingConn())
}

// brokenFrames joins as a reader and sends a frame that the protocol forbids.
func brokenFrames(ctx context.Context, n *node, i int) string {
	conn := join(ctx, n, "192.0.2.1")
	if conn == nil {
		return "refused"
	}
	frames := []string{
		"\x81\x05hello",                                            // not masked
		"\x80\x80\x00\x00\x00\x00",                                 // a continuation of nothing
		"\x88\x83\x00\x00\x00\x00\x03\xe8\xff",                     // a close reason that is not UTF-8
		"\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00", // a length of 2^63-1
		"\x89\xfe\x01\x00\x00\x00\x00\x00",                         // a ping of 256 bytes
		"\xf1\x80\x00\x00\x00\x00",                                 // reserved bits
		"\x81\x82\x00\x00\x00\x00\xc3\x28",                         // text that is not UTF-8
	}
	io.WriteString(conn, frames[i%len(frames)])
	return untilClosed(ctx, conn)
}

// pingFlood joins as a reader and sends pings, but reads nothing.
func pingFlood(ctx context.Context, n *node, _ int) string {
	conn := join(ctx, n, "192.0.2.2")
	if conn == nil {
		return "refused"
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	pings := bytes.Repeat([]byte("\x89\x84\x00\x00\x00\x00ping"), 100)
	for range 1000 {
		if _, err := conn.Write(pings); err != nil {
			return "closed"
		}
		program.Pause(ctx, 10*time.Millisecond)
	}
	return "taken"
}

// join opens a WebSocket and returns the raw connection, or nil if the handshake fails.
func join(ctx context.Context, n *node, from string) net.Conn {
	conn, err := n.dial(ctx)
	if err != nil {
		return nil
	}
	fmt.Fprintf(conn, "GET /live/summit/ws HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: %s\r\n"+
		"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n", from)
	conn.SetReadDeadline(time.Now().Add(patience))
	if status(conn) != "101" {
		conn.Close()
		return nil
	}
	return conn
}

func malformed(ctx context.Context, n *node, i int) string {
	requests := []string{
		"GET / HTTP/1.1\nHost: a\n\n",
		"GET / HTTP/2.0\r\nHost: a\r\n\r\n",
		"\x16\x03\x01\x02\x00\x01\x00",
		"GET / HTTP/1.1\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nX-Y: z\r\n folded\r\n\r\n",
		"GET /" + strings.Repeat("a", 40_000) + " HTTP/1.1\r\nHost: a\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
		"BREW / HTTP/1.1\r\nHost: a\r\n\r\n",
	}
	conn, err := n.dial(ctx)
	if err != nil {
		return "refused"
	}
	defer conn.Close()
	io.WriteString(conn, requests[rand.IntN(len(requests))])
	conn.SetReadDeadline(time.Now().Add(patience))
	return status(conn)
}

// abort begins a request and resets the connection.
func abort(ctx context.Context, n *node, _ int) string {
	conn, err := n.dial(ctx)
	if err != nil {
		return "refused"
	}
	io.WriteString(conn, "POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nemail=")
	conn.(*net.TCPConn).SetLinger(0)
	conn.Close()
	return "cut"
}

// hostileDraft posts a draft, as contributors may, of Markdown that is costly to render.
func hostileDraft(ctx context.Context, n *node, _ int) string {
	texts := hostileTexts()
	return n.send(ctx, n.contributor, map[string]any{"body": texts[rand.IntN(len(texts))], "status": "draft"})
}

// unknownFields posts an entry with 50,000 unknown fields. The answer must not name them all.
func unknownFields(ctx context.Context, n *node, _ int) string {
	fields := map[string]any{}
	for i := range 50_000 {
		fields[fmt.Sprintf("wrong-%06d", i)] = 1
	}
	b, err := json.Marshal(fields)
	if err != nil {
		return err.Error()
	}
	code, answer, err := n.call(ctx, http.MethodPost, "/api/v1/blogs/summit/entries", n.contributor, bytes.NewReader(b))
	if err != nil {
		return cause(err)
	}
	if len(answer) > 16<<10 {
		return "too long an answer"
	}
	return strconv.Itoa(code)
}

func postFlood(ctx context.Context, n *node, _ int) string {
	return n.send(ctx, n.flooder, map[string]any{"body": "More.", "status": "draft"})
}

// send posts an entry and returns the status.
func (n *node) send(ctx context.Context, token string, body map[string]any) string {
	b, err := json.Marshal(body)
	if err != nil {
		return err.Error()
	}
	code, _, err := n.call(ctx, http.MethodPost, "/api/v1/blogs/summit/entries", token, bytes.NewReader(b))
	if err != nil {
		return cause(err)
	}
	return strconv.Itoa(code)
}

func pages(ctx context.Context, n *node, _ int) string {
	return n.getAny(ctx,
		"/live/summit", "/live/summit?order=oldest", "/live/summit/1", "/live/summit/feed.atom", "/live/summit/claims",
		"/live/summit/changes", "/live/summit/search?q="+url.QueryEscape(fmt.Sprint("talks ", rand.IntN(1000))))
}

func pastMoments(ctx context.Context, n *node, _ int) string {
	ago := time.Duration(rand.IntN(3_600_000)) * time.Millisecond
	at := "?at=" + url.QueryEscape(time.Now().Add(-ago).Format(time.RFC3339Nano))
	return n.getAny(ctx, "/live/summit/board"+at, "/live/summit/claims"+at, "/live/summit/briefing"+at)
}

// getAny requests one of the pages, chosen at random, and returns the status.
func (n *node) getAny(ctx context.Context, paths ...string) string {
	code, _, err := n.call(ctx, http.MethodGet, paths[rand.IntN(len(paths))], "", nil)
	if err != nil {
		return cause(err)
	}
	return strconv.Itoa(code)
}

// untilClosed reads until the node closes the connection, and closes it too.
func untilClosed(ctx context.Context, conn net.Conn) string {
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	conn.SetReadDeadline(time.Time{})
	io.Copy(io.Discard, conn)
	return "closed"
}

// status reads an answer and returns its status, or "closed".
func status(conn net.Conn) string {
	line, err := bufio.NewReader(conn).ReadString('\n')
	if fields := strings.Fields(line); err == nil && len(fields) > 1 {
		return fields[1]
	}
	return "closed"
}

// cause returns the outcome of a request that failed.
func cause(err error) string {
	if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() {
		return "no answer"
	}
	return "cut"
}
