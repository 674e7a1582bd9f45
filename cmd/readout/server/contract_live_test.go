package server_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"readout/liveblog"

	"github.com/fasthttp/websocket"
)

// Goldens have a word in place of what differs from run to run, and of HTML.
var (
	goldenEpoch = regexp.MustCompile(`[0-9a-f]{12}\.`)
	goldenHTML  = regexp.MustCompile(`"html":"(?:[^"\\]|\\.)+"`)
	goldenTime  = regexp.MustCompile(`"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z"`)
)

// golden returns an object in the form in which goldens have it.
func golden(object []byte) string {
	text := goldenEpoch.ReplaceAllString(string(object), "EPOCH.")
	text = goldenHTML.ReplaceAllString(text, `"html":"HTML"`)
	return goldenTime.ReplaceAllString(text, `"TIME"`)
}

// compact removes the white space from an object that a test breaks into lines.
func compact(object string) string {
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(object)); err != nil {
		panic(err)
	}
	return b.String()
}

// The objects on the wire, in the order in which [contract.tellStory] causes them.
const (
	goldenHello   = `{"type":"hello","cursor":"EPOCH.0","readers":1,"status":"live"}`
	goldenPut     = `{"type":"change","cursor":"EPOCH.1","op":"put","entry":{"number":1,"revision":1,"html":"HTML"}}`
	goldenEdit    = `{"type":"change","cursor":"EPOCH.2","op":"put","entry":{"number":1,"revision":2,"html":"HTML"}}`
	goldenRemoval = `{"type":"change","cursor":"EPOCH.3","op":"remove","entry":{"number":1}}`
	goldenBlog    = `{"type":"change","cursor":"EPOCH.4",` +
		`"blog":{"status":"paused","title":"The summit","standfirst":"","html":"HTML"}}`
)

// tellStory posts an entry, edits it, removes it, and pauses the blog. After each step it calls after with the object
// that the step causes.
func (c *contract) tellStory(t *testing.T, after func(object string)) {
	t.Helper()
	const entry = "/blogs/summit/entries/1"
	c.post(t, `{"body":"One."}`)
	after(goldenPut)
	c.api(t, liveblog.Editor, "PATCH", entry, `{"body":"Two."}`).want(t, 200)
	after(goldenEdit)
	c.api(t, liveblog.Editor, "DELETE", entry, "").want(t, 204)
	after(goldenRemoval)
	c.api(t, liveblog.Editor, "PATCH", "/blogs/summit", `{"status":"paused"}`).want(t, 200)
	after(goldenBlog)
}

// cursor returns the blog's current cursor.
func (c *contract) cursor(t *testing.T) liveblog.Cursor {
	t.Helper()
	text, _ := c.do(t, "GET", "/live/summit/changes", "").want(t, 200).object(t)["cursor"].(string)
	cursor, err := liveblog.ParseCursor(text)
	if err != nil {
		t.Fatal(err)
	}
	return cursor
}

// contractSocket is a reader who follows by WebSocket.
type contractSocket struct{ *websocket.Conn }

func (c *contract) dial(t *testing.T, query string) contractSocket {
	t.Helper()
	d := websocket.Dialer{HandshakeTimeout: contractPatience}
	address := "ws" + strings.TrimPrefix(c.url, "http") + "/live/summit/ws" + query
	conn, _, err := d.Dial(address, http.Header{"Origin": {"https://anywhere.example"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetReadDeadline(time.Now().Add(contractPatience))
	return contractSocket{conn}
}

// next returns the next object. It skips heartbeats, whose times the contract leaves open.
func (s contractSocket) next(t *testing.T) []byte {
	t.Helper()
	for {
		kind, b, err := s.ReadMessage()
		if err != nil {
			t.Fatal(err)
		}
		if kind != websocket.TextMessage {
			t.Fatalf("a message of kind %d: %q", kind, b)
		}
		if !strings.HasPrefix(string(b), `{"type":"heartbeat"`) {
			return b
		}
	}
}

func (s contractSocket) want(t *testing.T, object string) {
	t.Helper()
	if got := golden(s.next(t)); got != object {
		t.Errorf("the object is\n%s, want\n%s", got, object)
	}
}

func TestContractOfTheWebSocket(t *testing.T) {
	t.Parallel()
	c := newContract(t)
	start := c.cursor(t)
	reader := c.dial(t, "")
	reader.want(t, goldenHello)
	c.tellStory(t, func(object string) { reader.want(t, object) })

	// A reader who reconnects gets the changes after its cursor.
	back := c.dial(t, "?after="+liveblog.Cursor{Epoch: start.Epoch, Seq: 2}.String())
	hello := string(back.next(t))
	if !strings.HasPrefix(hello, `{"type":"hello",`) || !strings.Contains(hello, `"readers":2,"status":"paused"`) {
		t.Errorf("the hello is %s", hello)
	}
	back.want(t, goldenRemoval)
	back.want(t, goldenBlog)

	// A reader whose cursor is of another epoch, or ahead of the blog, must reload the page.
	for _, after := range []string{"000000000000.1", liveblog.Cursor{Epoch: start.Epoch, Seq: 99}.String()} {
		lost := c.dial(t, "?after="+after)
		object := lost.next(t)
		if strings.HasPrefix(string(object), `{"type":"hello",`) {
			object = lost.next(t)
		}
		if got := string(object); got != `{"type":"reload"}` {
			t.Errorf("with the cursor %s the object is %s, want a reload", after, got)
		}
	}
}

func TestContractOfTheWebSocketsData(t *testing.T) {
	t.Parallel()
	c := newContract(t)
	reader := c.dial(t, "?format=json")
	reader.want(t, goldenHello)
	posted := c.api(t, liveblog.Editor, "POST", "/blogs/summit/entries",
		`{"headline":"Talks","body":"They met.","pinned":true}`).want(t, 201)
	var change struct {
		Type, Op, Cursor string
		Entry            json.RawMessage
	}
	object := reader.next(t)
	err := json.Unmarshal(object, &change)
	if err != nil || change.Type != "change" || change.Op != "put" || change.Cursor == "" {
		t.Errorf("the object is %s, %v", object, err)
	}
	var got, want map[string]any
	if err := errors.Join(json.Unmarshal(change.Entry, &got), json.Unmarshal(posted.body, &want)); err != nil {
		t.Fatal(err)
	}
	for name := range want {
		if _, found := got[name]; !found {
			t.Errorf("the entry on the wire has no %s: %s", name, change.Entry)
		}
	}
	if golden(change.Entry) != golden([]byte(goldenEscapes.Replace(string(posted.body)))) {
		t.Errorf("the entry is %s on the wire and %s in the API", change.Entry, posted.body)
	}
}

// goldenEscapes undoes the escapes that the API's JSON has and the wire's has not.
var goldenEscapes = strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&")

func TestContractOfARestart(t *testing.T) {
	t.Parallel()
	c := newContract(t)
	reader := c.dial(t, "")
	reader.want(t, goldenHello)
	c.stop()
	for {
		_, _, err := reader.ReadMessage()
		if err == nil {
			continue // a heartbeat
		}
		if !websocket.IsCloseError(err, websocket.CloseServiceRestart) {
			t.Errorf("the connection ended with %v, want the close code 1012", err)
		}
		return
	}
}

// contractStream is a reader who follows by server-sent events.
type contractStream struct{ *bufio.Scanner }

func (c *contract) stream(t *testing.T, query string, headers ...string) contractStream {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", c.url+"/live/summit/events"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := c.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	a := contractAnswer{Response: res}
	a.want(t, 200).
		header(t, "Content-Type", "text/event-stream; charset=utf-8").
		header(t, "Cache-Control", "no-store, no-transform").
		header(t, "X-Content-Type-Options", "nosniff").
		header(t, "Access-Control-Allow-Origin", "*")
	return contractStream{bufio.NewScanner(res.Body)}
}

// want reads the next event other than a heartbeat, and checks that its data is the object and its id the cursor in it.
func (s contractStream) want(t *testing.T, object string) {
	t.Helper()
	for {
		var id, data string
		for s.Scan() && s.Text() != "" {
			name, value, _ := strings.Cut(s.Text(), ": ")
			switch name {
			case "id":
				id = value
			case "data":
				data = value
			}
		}
		if err := s.Err(); err != nil || data == "" && id == "" {
			t.Fatalf("the stream ended: %v", err)
		}
		if strings.HasPrefix(data, `{"type":"heartbeat"`) {
			continue
		}
		if got := golden([]byte(data)); got != object {
			t.Errorf("the object is\n%s, want\n%s", got, object)
		}
		if !strings.Contains(data, `"cursor":"`+id+`"`) {
			t.Errorf("the event %s has the id %q, want its cursor", data, id)
		}
		return
	}
}

func TestContractOfTheEventStream(t *testing.T) {
	t.Parallel()
	c := newContract(t)
	start := c.cursor(t)
	reader := c.stream(t, "")
	reader.want(t, goldenHello)
	c.tellStory(t, func(object string) { reader.want(t, object) })

	// A browser that reconnects requests the same address, and names its last event in a header.
	last := liveblog.Cursor{Epoch: start.Epoch, Seq: 3}.String()
	back := c.stream(t, "?after="+start.String(), "Last-Event-ID", last)
	var greeting [3]string // the id, the object and the empty line of the first event
	for i := range greeting {
		back.Scan()
		greeting[i] = back.Text()
	}
	if !strings.Contains(greeting[1], `"type":"hello"`) || greeting[2] != "" {
		t.Fatalf("the stream begins with %q", greeting)
	}
	back.want(t, goldenBlog)
}

func TestContractOfThePoll(t *testing.T) {
	t.Parallel()
	c := newContract(t)
	start := c.cursor(t)
	after := start
	c.tellStory(t, func(object string) {
		a := c.do(t, "GET", "/live/summit/changes?after="+after.String(), "").want(t, 200).
			header(t, "Content-Type", "application/json").
			header(t, "Access-Control-Allow-Origin", "*")
		after.Seq++
		want := fmt.Sprintf(`{"cursor":"EPOCH.%d","changes":[%s]}`, after.Seq, object)
		if got := golden(a.body); got != want {
			t.Errorf("the poll is\n%s, want\n%s", got, want)
		}
		tag := a.Header.Get("ETag")
		again := c.do(t, "GET", "/live/summit/changes?after="+after.String(), "", "If-None-Match", tag).
			want(t, 304).header(t, "ETag", tag)
		if tag == "" || len(again.body) > 0 {
			t.Errorf("the ETag is %q and the 304 has the body %q", tag, again.body)
		}
	})
	now := c.do(t, "GET", "/live/summit/changes", "").want(t, 200)
	if got, want := golden(now.body), `{"cursor":"EPOCH.4","changes":[]}`; got != want {
		t.Errorf("without a cursor the poll is %s, want %s", got, want)
	}
	lost := c.do(t, "GET", "/live/summit/changes?after=000000000000.1", "").want(t, 200)
	if got, want := golden(lost.body), `{"cursor":"EPOCH.4","changes":[{"type":"reload"}]}`; got != want {
		t.Errorf("with a cursor of another epoch the poll is %s, want %s", got, want)
	}
}
