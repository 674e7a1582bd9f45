package handlers

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"readout/handlers/web"
	"readout/liveblog"
)

func TestRequestLimits(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	address := s.serve(t)
	token := "Content-Type: application/json\r\nAuthorization: Bearer " + s.tokens[liveblog.Editor] + "\r\n"
	for name, tc := range map[string]struct {
		request string
		status  int
		code    liveblog.Code
	}{
		"a body over the limit": {"POST /api/v1/blogs HTTP/1.1\r\nHost: x\r\n" + token + "Content-Length: " +
			strconv.Itoa(web.MaxSmallBody+1) +
			"\r\n\r\n" + strings.Repeat("x", web.MaxSmallBody+1), 413, liveblog.TooLarge},
		"an announced body far over the limit": {"POST /api/v1/blogs HTTP/1.1\r\nHost: x\r\n" + token +
			"Content-Length: " + strconv.Itoa(web.MaxRefused+1) + "\r\n\r\n", 413, liveblog.TooLarge},
		"headers over the limit": {"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " +
			strings.Repeat("x", web.MaxRequestHeader), 431, web.HeadersTooLarge},
		"a search far over its limit": {"GET /live/summit/search?q=" +
			url.QueryEscape(strings.Repeat("关", 10_000)) + " HTTP/1.1\r\nHost: x\r\n\r\n", 431, web.HeadersTooLarge},
		"not HTTP":          {"\x16\x03\x01\r\n\r\n", 400, liveblog.Malformed},
		"an unknown method": {"PROPFIND /api/v1/blogs HTTP/1.1\r\nHost: x\r\n\r\n", 501, web.MethodUnknown},
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
			a := answer{res, body}.want(t, tc.status).header(t, "X-Content-Type-Options", "nosniff").
				header(t, "Cache-Control", "no-store")
			if strings.HasPrefix(a.Header.Get("Content-Type"), "application/") {
				a.problem(t, tc.status, tc.code, "")
			} else if tc.code == web.HeadersTooLarge {
				limits := fmt.Sprintf("The address and headers of the request are larger than %d KiB, "+
					"which is the limit. "+
					"A search may have up to %d characters.", web.MaxRequestHeader>>10, liveblog.MaxSearch)
				if got := words(a.html(t).Find("main")); !strings.Contains(got, limits) {
					t.Errorf("the page says %q, want %q in it", got, limits)
				}
			}
			eventually(t, "the log has the request", func() bool {
				return strings.Contains(s.log.String(), "status="+strconv.Itoa(tc.status))
			})
		})
	}
	body := `{"body":"` + strings.Repeat("x", liveblog.MaxBody) + `"}`
	s.call(t, liveblog.Editor, "POST", "/blogs/summit/entries", body).want(t, 201)
}
