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
)

// followup is sent after each request of the table. Whether it is answered, and with what status, shows where the
// server believes the first request to end.
const followup = "GET /robots.txt HTTP/1.1\r\nHost: x\r\nX-Second: yes\r\n\r\n"

// exchange sends bytes to a server, closes the connection for writing, and returns the status of each answer.
func exchange(t *testing.T, address, request string) []int {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	conn.(*net.TCPConn).CloseWrite()
	r := bufio.NewReader(conn)
	var statuses []int
	for {
		res, err := http.ReadResponse(r, nil)
		if err != nil {
			return statuses
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Errorf("answer %d: %v", len(statuses), err)
			return statuses
		}
		if len(statuses) > 0 && res.StatusCode == 200 && !strings.Contains(string(body), "User-agent") {
			t.Errorf("the second answer does not belong to the second request: %s", body)
		}
		statuses = append(statuses, res.StatusCode)
	}
}

// Requests are answered as RFC 9112 says. A refused request ends its connection; after an accepted one, the next
// request is answered on its own. Rows with 400, 501 and 505 that the parser would accept fail without checkHead; the
// others record what the parser does.
func TestRequestsFollowRFC9112(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	address := s.serve(t)
	const line = "GET /robots.txt HTTP/1.1\r\n"
	// Chunks are only parsed on a route that reads the body.
	const login = "POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
	for name, tc := range map[string]struct {
		request string
		first   int
		second  int // 0 if the connection is closed
	}{
		"an ordinary request":        {line + "Host: x\r\n\r\n", 200, 200},
		"an empty line first":        {"\r\n" + line + "Host: x\r\n\r\n", 200, 200},
		"tabs and bytes above ASCII": {line + "Host: x\r\nX-A:\tb\tc\xe9\xff\r\n\r\n", 200, 200},
		"an empty header":            {line + "Host: x\r\nX-A:\r\n\r\n", 200, 200},
		"the name in capitals":       {line + "HOST: x\r\n\r\n", 200, 200},
		"a port, an IPv6 address":    {line + "Host: [2001:db8::1]:8080\r\n\r\n", 200, 200},
		"a chunked body":             {login + "Transfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 401, 200},
		"an unread chunked body": {
			"POST /nothing HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 404, 0},
		// allowed; the parser does not report it
		"LF after the request line":  {"GET /robots.txt HTTP/1.1\nHost: x\r\n\r\n", 200, 200},
		"LF after a header":          {line + "Host: x\nX-A: b\r\n\r\n", 400, 0},
		"LF after the last header":   {line + "Host: x\r\nX-A: b\n\r\n", 400, 0},
		"LF for the empty line":      {line + "Host: x\r\n\n", 400, 0},
		"only LF":                    {"GET /robots.txt HTTP/1.1\nHost: x\n\n", 400, 0},
		"CR in a header":             {line + "Host: x\r\nX-A: b\rX-B: c\r\n\r\n", 400, 0},
		"only CR":                    {line + "Host: x\rX-A: b\r\n\r\n", 400, 0},
		"NUL in a header":            {line + "Host: x\r\nX-A: b\x00c\r\n\r\n", 400, 0},
		"DEL in a header":            {line + "Host: x\r\nX-A: b\x7fc\r\n\r\n", 400, 0},
		"a control character":        {line + "Host: x\r\nX-A: b\x01c\r\n\r\n", 400, 0},
		"NUL in a name":              {line + "Host: x\r\nX\x00A: b\r\n\r\n", 400, 0},
		"a folded header":            {line + "Host: x\r\nX-A: b\r\n c\r\n\r\n", 400, 0},
		"a header folded with a tab": {line + "Host: x\r\nX-A: b\r\n\tc\r\n\r\n", 400, 0},
		"a folded Host":              {line + "Host: x\r\n y\r\n\r\n", 400, 0},
		"a folded coding": {
			"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", 400, 0},
		"space before the first header": {line + " Host: x\r\n\r\n", 400, 0},
		"space before the colon":        {line + "Host: x\r\nX-A : b\r\n\r\n", 400, 0},
		"tab before the colon":          {line + "Host: x\r\nX-A\t: b\r\n\r\n", 400, 0},
		"space in a name":               {line + "Host: x\r\nX A: b\r\n\r\n", 400, 0},
		"a name that is not a token":    {line + "Host: x\r\nX(A): b\r\n\r\n", 400, 0},
		"no name":                       {line + "Host: x\r\n: b\r\n\r\n", 400, 0},
		"no colon":                      {line + "Host: x\r\nX-A\r\n\r\n", 400, 0},
		"a delete character":            {line + "Host: x\r\nX-A: b\x7f\r\n\r\n", 400, 0},
		"no Host":                       {line + "X-A: b\r\n\r\n", 400, 0},
		"no header at all":              {line + "\r\n", 400, 0},
		"an empty Host":                 {line + "Host:\r\n\r\n", 400, 0},
		"two Hosts":                     {line + "Host: x\r\nHost: y\r\n\r\n", 400, 0},
		"the same Host twice":           {line + "Host: x\r\nHost: x\r\n\r\n", 400, 0},
		"a Host that is a path":         {line + "Host: x/y\r\n\r\n", 400, 0},
		"a Host with a space":           {line + "Host: x y\r\n\r\n", 400, 0},
		"a Host with a user":            {line + "Host: a@x\r\n\r\n", 400, 0},
		"no Host, in absolute form":     {"GET http://x/robots.txt HTTP/1.1\r\n\r\n", 400, 0},
		"absolute form":                 {"GET http://other/robots.txt HTTP/1.1\r\nHost: x\r\n\r\n", 200, 200},
		"a path like a host":            {"GET //x://other/robots.txt HTTP/1.1\r\nHost: x\r\n\r\n", 404, 200},
		"authority form":                {"GET x:80 HTTP/1.1\r\nHost: x\r\n\r\n", 400, 0},
		"the asterisk":                  {"GET * HTTP/1.1\r\nHost: x\r\n\r\n", 400, 0},
		"no target":                     {"GET  HTTP/1.1\r\nHost: x\r\n\r\n", 400, 0},
		"two spaces":                    {"GET  /robots.txt HTTP/1.1\r\nHost: x\r\n\r\n", 400, 0},
		"a space in the target":         {"GET /robots.txt x HTTP/1.1\r\nHost: x\r\n\r\n", 400, 0},
		"a tab for a space":             {"GET\t/robots.txt\tHTTP/1.1\r\nHost: x\r\n\r\n", 400, 0},
		"a space at the end":            {"GET /robots.txt HTTP/1.1 \r\nHost: x\r\n\r\n", 400, 0},
		"NUL in the target":             {"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n", 400, 0},
		"a method that is not a token":  {"G(T / HTTP/1.1\r\nHost: x\r\n\r\n", 400, 0},
		"HTTP/0.9":                      {"GET /robots.txt\r\n\r\n", 400, 0},
		"HTTP/0.9, explicit":            {"GET /robots.txt HTTP/0.9\r\nHost: x\r\n\r\n", 505, 0},
		"HTTP/2.0":                      {"GET /robots.txt HTTP/2.0\r\nHost: x\r\n\r\n", 505, 0},
		"HTTP/3.0":                      {"GET /robots.txt HTTP/3.0\r\nHost: x\r\n\r\n", 505, 0},
		"the preface of HTTP/2":         {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, 0},
		"HTTP/1.2":                      {"GET /robots.txt HTTP/1.2\r\nHost: x\r\n\r\n", 200, 0},
		"HTTP/1.2 without a Host":       {"GET /robots.txt HTTP/1.2\r\nX-A: b\r\n\r\n", 400, 0},
		"a version of two digits":       {"GET /robots.txt HTTP/1.10\r\nHost: x\r\n\r\n", 400, 0},
		"a version in small letters":    {"GET /robots.txt http/1.1\r\nHost: x\r\n\r\n", 400, 0},
		"HTTP/1.0":                      {"GET /robots.txt HTTP/1.0\r\n\r\n", 200, 0},
		"HTTP/1.0, keep-alive":          {"GET /robots.txt HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200, 200},
		"HTTP/1.0 with a coding":        {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 501, 0},
		"two lengths": {
			"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400, 0},
		"one length twice": {
			"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na", 400, 0},
		"a list of lengths": {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 1\r\n\r\na", 400, 0},
		"a negative length": {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400, 0},
		"a signed length":   {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\na", 400, 0},
		"a length in hex":   {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x1\r\n\r\na", 400, 0},
		"an empty length":   {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\r\n", 400, 0},
		"a length that overflows": {
			"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", 400, 0},
		"length and coding": {
			"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, 0},
		"coding and length": {
			"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400, 0},
		"two codings": {
			"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
			501, 0},
		"a list of codings": {
			"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501, 0},
		"identity and a length": {
			"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\nContent-Length: 1\r\n\r\na", 400, 0},
		"identity without a length": {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\n\r\n", 501, 0},
		"another coding": {
			"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501, 0},
		"a vertical tab in a coding": {
			"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n", 400, 0},
		"a chunk size that is not a number": {login + "Transfer-Encoding: chunked\r\n\r\nx\r\n\r\n", 400, 0},
		"a negative chunk size":             {login + "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n", 400, 0},
		"a chunk size that overflows": {login + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n\r\n",
			400, 0},
		"LF after a chunk size":        {login + "Transfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n", 400, 0},
		"LF after a chunk":             {login + "Transfer-Encoding: chunked\r\n\r\n1\r\na\n0\r\n\r\n", 400, 0},
		"a chunk longer than its size": {login + "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n", 400, 0},
		"LF in an extension":           {login + "Transfer-Encoding: chunked\r\n\r\n1;a\nb\r\na\r\n0\r\n\r\n", 400, 0},
		"an extension":                 {login + "Transfer-Encoding: chunked\r\n\r\n1;a=b\r\na\r\n0\r\n\r\n", 401, 200},
		"an unread extension": {
			"POST /nothing HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;a=b\r\na\r\n0\r\n\r\n", 404, 0},
		"a length among the trailers": {login +
			"Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\r\n\r\n", 400, 0},
		"many headers":             {line + "Host: x\r\n" + strings.Repeat("A: b\r\n", 2000) + "\r\n", 200, 200},
		"headers beyond the limit": {line + "Host: x\r\n" + strings.Repeat("A: b\r\n", 4000) + "\r\n", 431, 0},
		"a target beyond the limit": {"GET /" + strings.Repeat("a", web.MaxRequestHeader) +
			" HTTP/1.1\r\nHost: x\r\n\r\n", 431, 0},
		"an endless head": {line + "Host: x\r\nX-A: b", 400, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			next := followup
			if name == "an endless head" {
				next = ""
			}
			got := exchange(t, address, tc.request+next)
			want := []int{tc.first}
			if tc.second != 0 {
				want = append(want, tc.second)
			}
			if len(got) != len(want) || got[0] != want[0] || len(got) > 1 && got[1] != want[1] {
				t.Errorf("answered with %v, want %v", got, want)
			}
		})
	}
}
