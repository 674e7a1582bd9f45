package script_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"

	"readout/cmd/readout/acceptance/browser"
	"readout/liveblog"
)

// manualTimers makes time pass for the page only when the test calls window.advance with a number of milliseconds. It
// records in window.asked what the page asks the server for.
var manualTimers = browser.Ahead(`{
	const timers = new Map()
	const begin = Date.now()
	let now = 0, last = 0
	Date.now = () => begin + now
	window.setTimeout = (f, ms = 0, ...rest) => {
		timers.set(++last, { at: now + ms, fire: () => f(...rest) })
		return last
	}
	window.clearTimeout = (id) => timers.delete(id)
	window.setInterval = (f, ms) => {
		const fire = () => (setTimeout(fire, ms), f())
		setTimeout(fire, ms)
	}
	window.advance = (ms) => {
		const end = now + ms
		for (;;) {
			const [next] = [...timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)
			if (!next) break
			timers.delete(next[0])
			now = next[1].at
			next[1].fire()
		}
		now = end
	}
	window.asked = []
	const { fetch, WebSocket } = window
	window.fetch = (...args) => (window.asked.push('poll'), fetch(...args))
	window.WebSocket = class extends WebSocket {
		constructor(...args) {
			super(...args)
			window.asked.push('socket')
		}
	}
}`)

// newHoldingProxy starts a proxy that holds WebSockets back: from the answer to the handshake on, or from the frame
// after a number of frames on. It sends other answers when it has all of them, as proxies that compress do, and an
// event stream therefore never.
func newHoldingProxy(t *testing.T, server string, answers bool, frames int) *httptest.Server {
	t.Helper()
	target, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = func(r *http.Response) error {
		whole, err := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(whole))
		return err
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") == "" {
			proxy.ServeHTTP(w, r)
			return
		}
		up, err := net.Dial("tcp", target.Host)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer up.Close()
		down, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer down.Close()
		if r.Write(up) != nil {
			return
		}
		go func() { // until the browser closes its connection
			io.Copy(up, down)
			up.Close()
		}()
		from := bufio.NewReader(up)
		answer, err := http.ReadResponse(from, r)
		if err != nil {
			return
		}
		if answers {
			answer.Write(down)
		}
		for range frames {
			if forwardFrame(down, from) != nil {
				return
			}
		}
		io.Copy(io.Discard, from)
	}))
	t.Cleanup(s.Close)
	return s
}

// forwardFrame copies one WebSocket frame of a server, of up to 64 KiB.
func forwardFrame(w io.Writer, r *bufio.Reader) error {
	head, err := r.Peek(4)
	if err != nil {
		return err
	}
	size := 2 + int64(head[1])
	if head[1] == 126 {
		size = 4 + int64(binary.BigEndian.Uint16(head[2:]))
	}
	_, err = io.CopyN(w, r, size)
	return err
}

// TestPollingBeginsWhenNoHelloComes opens pages behind proxies that let a WebSocket open and then hold it back. It
// fails if a page waits for longer than five seconds before it polls, if it asks for another socket first, or if it
// trusts a socket on which nothing but the hello has come.
func TestPollingBeginsWhenNoHelloComes(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		answers bool
		frames  int
	}{
		{"the answer to the handshake", false, 0},
		{"every frame", true, 0},
		{"every frame after the hello", true, 1},
	}
	for _, c := range cases {
		for _, path := range []string{"/live/talks", "/live/talks/3"} {
			t.Run(c.name+path, func(t *testing.T) {
				t.Parallel()
				room := newNewsroom(t, 5)
				proxy := newHoldingProxy(t, room.URL, c.answers, c.frames)
				p := open(t, proxy.URL+path, manualTimers)
				room.until("a socket", func(room *newsroom) bool { return len(room.readers) == 1 })
				if c.frames > 0 {
					p.Live()
					room.edit(3, func(e *liveblog.Entry) { e.Headline = "Corrected" })
					p.Run(`advance(65e3)`) // the page looks at the clock every five seconds
				} else {
					p.Run(`advance(4900)`)
					if got := browser.Get[string](p, `asked.join()`); got != "socket" {
						t.Errorf("before the hello is late the page has asked for %s", got)
					}
					room.edit(3, func(e *liveblog.Entry) { e.Headline = "Corrected" })
					p.Run(`advance(100)`)
				}
				p.Until(`document.querySelector('#entry-3 h2').textContent === 'Corrected'`)
				want := "socket,poll"
				if c.frames > 0 {
					want = "socket,socket,poll" // the first socket has been silent for too long
				}
				if got := browser.Get[string](p, `asked.join()`); got != want {
					t.Errorf("the page has asked for %s, want %s", got, want)
				}

				// Polling goes on, and the next updates show without waiting for a socket.
				room.edit(3, func(e *liveblog.Entry) { e.Headline = "Corrected again" })
				p.Until(`document.querySelector('[data-connection]').dataset.connection === 'polling'`)
				p.Run(`advance(6250)`)
				p.Until(`document.querySelector('#entry-3 h2').textContent === 'Corrected again'`)
			})
		}
	}
}
