package handlers

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"readout/handlers/web"
	"readout/realtime"
)

// request sends raw bytes to a server. It returns the head of the answer and a reader for what follows it.
func request(t *testing.T, address, raw string) (*http.Response, *bufio.Reader) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(conn, raw); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(conn)
	method, _, _ := strings.Cut(raw, " ")
	res, err := http.ReadResponse(r, &http.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	return res, r
}

// Each refused row gets a 101 if its check is removed from checkHandshake.
func TestHandshake(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	address := s.serve(t)
	const (
		host    = "Host: live.example\r\n"
		upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n"
		version = "Sec-WebSocket-Version: 13\r\n"
		key     = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		line    = "GET /live/summit/ws HTTP/1.1\r\n"
		deflate = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
	)
	for name, tc := range map[string]struct {
		request    string // without the final empty line
		status     int
		extensions string // in the answer
	}{
		"as in the RFC": {line + host + upgrade + version + key, 101, ""},
		"names and tokens in another case": {line +
			"HOST: live.example\r\nCONNECTION: UPGRADE\r\nUPGRADE: WebSocket\r\nSEC-WEBSOCKET-VERSION: " +
			"13\r\nSEC-WEBSOCKET-KEY: dGhlIHNhbXBsZSBub25jZQ==\r\n", 101, ""},
		"Connection is a list": {line + host +
			"Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n" + version + key, 101, ""},
		"Connection in two lines": {line + host + "Connection: keep-alive\r\n" + upgrade + version + key, 101, ""},
		"Connection in three lines": {line + host + "connection: TE\r\n" + upgrade + version + key +
			"Connection: keep-alive\r\n", 101, ""},
		"Connection with a close":  {line + host + "Connection: close\r\n" + upgrade + version + key, 101, ""},
		"Upgrade in two lines":     {line + host + "Upgrade: h2c\r\n" + upgrade + version + key, 101, ""},
		"an empty Connection line": {line + host + "Connection:\r\n" + upgrade + version + key, 101, ""},
		"empty elements": {line + host + "Connection: , Upgrade,\r\nUpgrade: ,websocket\r\n" + version + key, 101,
			""},
		"a part of a token": {line + host + "Connection: Upgrade-Insecure\r\nUpgrade: websocket\r\n" + version + key,
			426, ""},
		"deflate in the second line": {line + host + upgrade + version + key +
			"Sec-WebSocket-Extensions: mux\r\nSec-WebSocket-Extensions: permessage-deflate\r\n", 101, deflate},
		"an empty body": {line + host + upgrade + version + key + "Content-Length: 0\r\n", 101, ""},
		"unsupported subprotocols": {line + host + upgrade + version + key +
			"Sec-WebSocket-Protocol: chat, soap\r\nSec-WebSocket-Protocol: mqtt\r\n", 101, ""},
		"a malformed subprotocol": {line + host + upgrade + version + key +
			"Sec-WebSocket-Protocol: a b,,@\r\n", 101, ""},
		"deflate": {line + host + upgrade + version + key +
			"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n", 101, deflate},
		"unsupported extensions": {line + host + upgrade + version + key +
			"Sec-WebSocket-Extensions: mux; a=\"b\", x\r\n", 101, ""},
		"deflate with an unknown parameter": {line + host + upgrade + version + key +
			"Sec-WebSocket-Extensions: permessage-deflate; level=9\r\n", 101, ""},

		"HTTP/1.0":                 {strings.Replace(line, "1.1", "1.0", 1) + host + upgrade + version + key, 400, ""},
		"two keys":                 {line + host + upgrade + version + key + key, 400, ""},
		"two versions":             {line + host + upgrade + version + version + key, 400, ""},
		"two versions that differ": {line + host + upgrade + version + "Sec-WebSocket-Version: 8\r\n" + key, 400, ""},
		"no host":                  {line + upgrade + version + key, 400, ""},
		"two hosts":                {line + host + host + upgrade + version + key, 400, ""},
		"no key":                   {line + host + upgrade + version, 400, ""},
		"a key of 15 bytes": {line + host + upgrade + version + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j\r\n",
			400, ""},
		"a key that is not base64": {line + host + upgrade + version +
			"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=*\r\n", 400, ""},
		"a body":         {line + host + upgrade + version + key + "Content-Length: 4\r\n", 400, ""},
		"a chunked body": {line + host + upgrade + version + key + "Transfer-Encoding: chunked\r\n", 400, ""},
		"malformed extensions": {line + host + upgrade + version + key +
			"Sec-WebSocket-Extensions: permessage-deflate; =1\r\n", 400, ""},

		"no version":               {line + host + upgrade + key, 426, ""},
		"an older version":         {line + host + upgrade + "Sec-WebSocket-Version: 8\r\n" + key, 426, ""},
		"two versions in one line": {line + host + upgrade + "Sec-WebSocket-Version: 13, 8\r\n" + key, 426, ""},
		"no upgrade":               {line + host + "Connection: Upgrade\r\n" + version + key, 426, ""},
		"an upgrade to something else": {line + host + "Connection: Upgrade\r\nUpgrade: h2c\r\n" + version + key, 426,
			""},
		"Connection without the upgrade": {line + host + "Connection: keep-alive\r\nUpgrade: websocket\r\n" +
			version + key, 426, ""},
		"a HEAD": {strings.Replace(line, "GET", "HEAD", 1) + host + upgrade + version + key, 426, ""},
		"a POST": {strings.Replace(line, "GET", "POST", 1) + host + upgrade + version + key +
			"Content-Length: 0\r\n", 405, ""},
	} {
		t.Run(name, func(t *testing.T) {
			body := ""
			if strings.Contains(tc.request, "chunked") {
				body = "1\r\nx\r\n0\r\n\r\n"
			}
			if strings.Contains(tc.request, "Length: 4") {
				body = "\x8a\x80\x00\x00"
			}
			res, r := request(t, address, tc.request+"\r\n"+body)
			a := answer{Response: res}.want(t, tc.status).header(t, "Sec-WebSocket-Protocol", "").
				header(t, "Sec-WebSocket-Extensions", tc.extensions)
			switch tc.status {
			case 101:
				a.header(t, "Upgrade", "websocket").header(t, "Connection", "Upgrade").
					header(t, "Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=").
					header(t, "Content-Length", "").header(t, "Content-Type", "")
				if first, err := r.ReadByte(); err != nil || first != 0x81 {
					t.Errorf("the first byte is %#x, %v; want 0x81 for a text frame", first, err)
				}
			case 426:
				a.header(t, "Upgrade", "websocket").header(t, "Sec-WebSocket-Version", "13")
			}
		})
	}
}

// It fails if a kind of answer does not get its headers from secure.
func TestSecurityHeadersOfEveryAnswer(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *Options) { o.HSTS = "subdomains" })
	address := s.serve(t)
	const host = " HTTP/1.1\r\nHost: live.example\r\n"
	page, _ := request(t, address, "GET /live/summit"+host+"\r\n")
	names := []string{"Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy",
		"Cross-Origin-Opener-Policy", "Permissions-Policy", "Strict-Transport-Security"}
	if got := page.Header.Get("Strict-Transport-Security"); got != "max-age=31536000; includeSubDomains" {
		t.Errorf("Strict-Transport-Security is %q", got)
	}
	socket := "GET /live/summit/ws" + host +
		"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " +
		"dGhlIHNhbXBsZSBub25jZQ==\r\n"
	for name, tc := range map[string]struct {
		request string
		status  int
	}{
		"page":            {"GET /" + host, 200},
		"error page":      {"GET /nowhere" + host + "Accept: text/html\r\n", 404},
		"problem":         {"GET /api/v1/blogs" + host, 401},
		"script":          {"GET /embed.js" + host, 200},
		"robots":          {"GET /robots.txt" + host, 200},
		"health":          {"GET /healthz" + host, 200},
		"readiness":       {"GET /readyz" + host, 200},
		"poll":            {"GET /live/summit/changes" + host, 200},
		"feed":            {"GET /live/summit/feed.atom" + host, 200},
		"stream":          {"GET /live/summit/events" + host, 200},
		"stream's head":   {"HEAD /live/summit/events" + host, 200},
		"stream, refused": {"GET /live/nowhere/events" + host, 404},
		"stream by 1.0":   {"GET /live/summit/events HTTP/1.0\r\n", 200},
		"socket":          {socket, 101},
		"socket, deflate": {socket + "Sec-WebSocket-Extensions: permessage-deflate\r\n", 101},
		"socket, refused": {"GET /live/summit/ws" + host, 426},
		"wrong method":    {"DELETE /live/summit" + host, 405},
		"unknown method":  {"PROPFIND /" + host, 501},
		"no request":      {"\x16\x03\x01\r\n", 400},
		"long headers":    {"GET /" + host + "X-Long: " + strings.Repeat("x", web.MaxRequestHeader) + "\r\n", 431},
	} {
		t.Run(name, func(t *testing.T) {
			res, _ := request(t, address, tc.request+"\r\n")
			a := answer{Response: res}.want(t, tc.status)
			for _, header := range names {
				if got := res.Header.Values(header); len(got) != 1 {
					t.Errorf("%s is %q", header, got)
				}
				a.header(t, header, page.Header.Get(header))
			}
			if strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
				a.header(t, "Cache-Control", "no-store, no-transform").header(t, "X-Accel-Buffering", "no")
			}
			if res.Header.Get("Date") == "" && tc.status != 400 && tc.status != 431 {
				t.Error("the answer has no Date header")
			}
		})
	}
}

func TestHSTS(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ setting, base, want string }{
		{"", testBase, "max-age=31536000"},
		{"host", testBase, "max-age=31536000"},
		{"subdomains", testBase, "max-age=31536000; includeSubDomains"},
		{"preload", testBase, "max-age=31536000; includeSubDomains; preload"},
		{"off", testBase, ""},
		{"subdomains", "http://live.example", ""},
	} {
		if got := newPolicies(tc.base, nil, tc.setting).hsts; got != tc.want {
			t.Errorf("%q at %s: %q, want %q", tc.setting, tc.base, got, tc.want)
		}
	}
}

// It fails if the hub counts the proxy's address instead of the reader's, if the limit per address does not apply,
// and if the operator is warned never or more than once.
func TestLiveConnectionsPerAddress(t *testing.T) {
	t.Parallel()
	events := func(forwarded string) string {
		return "GET /live/summit/events HTTP/1.1\r\nHost: live.example\r\nX-Forwarded-For: " + forwarded + "\r\n\r\n"
	}
	shared := func(o *Options) {
		hub, err := realtime.NewHub(realtime.Options{Store: o.Store, Broker: realtime.NewLocalBroker(), Log: o.Log,
			MaxClients: 8, MaxPerAddress: 2})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { hub.Close() })
		o.Hub = hub
	}
	t.Run("behind a trusted proxy", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, shared, func(o *Options) { o.TrustedProxies = []string{"127.0.0.0/8"} })
		s.hub = s.server.Hub
		address := s.serve(t)
		for range 2 {
			for _, from := range []string{"198.51.100.7", "10.1.2.3"} {
				res, _ := request(t, address, events(from))
				answer{Response: res}.want(t, 200)
			}
		}
		for range 2 {
			res, _ := request(t, address, events("1.2.3.4, 198.51.100.7"))
			body, _ := io.ReadAll(res.Body)
			if p := (answer{res, body}).problem(t, 429, "too_many", ""); !strings.Contains(p.Detail, "/changes") {
				t.Errorf("the answer does not mention the poll: %s", p.Detail)
			}
		}
		res, _ := request(t, address, strings.Replace(events("198.51.100.7"), "events", "changes", 1))
		answer{Response: res}.want(t, 200) // a poll does not count
		res, _ = request(t, address, events("10.1.2.3"))
		answer{Response: res}.want(t, 200) // private addresses have no limit
		if n := strings.Count(s.log.String(), "READOUT_MAX_READERS_PER_ADDRESS"); n != 1 {
			t.Errorf("the log warns %d times about the limit per address", n)
		}
		if strings.Contains(s.log.String(), "is not trusted") || strings.Contains(s.log.String(), "198.51.100.7") {
			t.Errorf("the log has a wrong warning or a full address: %s", s.log)
		}
	})
	t.Run("behind an untrusted proxy", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, shared)
		s.hub = s.server.Hub
		address := s.serve(t)
		for range 5 {
			res, _ := request(t, address, events("198.51.100.7"))
			answer{Response: res}.want(t, 200)
		}
		if n := strings.Count(s.log.String(), "READOUT_TRUSTED_PROXIES"); n != 1 {
			t.Errorf("the log warns %d times about the missing setting", n)
		}
	})
}
