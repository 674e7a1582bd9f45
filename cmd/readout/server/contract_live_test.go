package server_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"readout/liveblog"

	"github.com/fasthttp/websocket"
)

// What differs from run to run, or is the look of a page, stands in goldens as a word.
var (
	goldenEpoch = regexp.MustCompile(`[0-9a-f]{12}\.`)
	goldenHTML  = regexp.MustCompile(`"html":"(?:[^"\\]|\\.)+"`)
	goldenTime  = regexp.MustCompile(`"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z"`)
)

func golden(object []byte) string {
	text := goldenEpoch.ReplaceAllString(string(object), "EPOCH.")
	text = goldenHTML.ReplaceAllString(text, `"html":"HTML"`)
	return goldenTime.ReplaceAllString(text, `"TIME"`)
}

// The objects on the wire, in the order in which [tellStory] makes them.
const (
	goldenHello   = `{"type":"hello","cursor":"EPOCH.0","readers":1,"status":"live"}`
	goldenPut     = `{"type":"change","cursor":"EPOCH.1","op":"put","entry":{"number":1,"revision":1,"html":"HTML"}}`
	goldenEdit    = `{"type":"change","cursor":"EPOCH.2","op":"put","entry":{"number":1,"revision":2,"html":"HTML"}}`
	goldenRemoval = `{"type":"change","cursor":"EPOCH.3","op":"remove","entry":{"number":1}}`
	goldenBlog    = `{"type":"change","cursor":"EPOCH.4","blog":{"status":"paused","title":"The summit","standfirst":"","html":"HTML"}}`
)

// tellStory puts an entry, edits and removes it, and pauses the blog; told is called after each.
func (c *contract) tellStory(t *testing.T, told func(object string)) {
	t.Helper()
	const entry = "/blogs/summit/entries/1"
	c.post(t, `{"body":"One."}`)
	told(goldenPut)
	c.api(t, liveblog.Editor, "PATCH", entry, `{"body":"Two."}`).want(t, 200)
	told(goldenEdit)
	c.api(t, liveblog.Editor, "DELETE", entry, "").want(t, 204)
	told(goldenRemoval)
	c.api(t, liveblog.Editor, "PATCH", "/blogs/summit", `{"status":"paused"}`).want(t, 200)
	told(goldenBlog)
}

// cursor returns the blog's newest place.
func (c *contract) cursor(t *testing.T) liveblog.Cursor {
	t.Helper()
	text, _ := c.do(t, "GET", "/live/summit/changes", "").want(t, 200).object(t)["cursor"].(string)
	cursor, err := liveblog.ParseCursor(text)
	if err != nil {
		t.Fatal(err)
	}
	return cursor
}

// contractSocket is a reader by WebSocket.
type contractSocket struct{ *websocket.Conn }

func (c *contract) dial(t *testing.T, query string) contractSocket {
	t.Helper()
	d := websocket.Dialer{HandshakeTimeout: contractPatience}
	conn, _, err := d.Dial("ws"+strings.TrimPrefix(c.url, "http")+"/live/summit/ws"+query, http.Header{"Origin": {"https://anywhere.example"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetReadDeadline(time.Now().Add(contractPatience))
	return contractSocket{conn}
}

// next returns the next object. Heartbeats are passed over: when they come is nobody's contract.
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

	// Who was away learns what has happened since.
	away := c.dial(t, "?after="+liveblog.Cursor{Epoch: start.Epoch, Seq: 2}.String())
	if hello := string(away.next(t)); !strings.HasPrefix(hello, `{"type":"hello",`) || !strings.Contains(hello, `"readers":2,"status":"paused"`) {
		t.Errorf("the hello is %s", hello)
	}
	away.want(t, goldenRemoval)
	away.want(t, goldenBlog)

	// Whose history is lost starts again from the page.
	for _, after := range []string{"000000000000.1", liveblog.Cursor{Epoch: start.Epoch, Seq: 99}.String()} {
		lost := c.dial(t, "?after="+after)
		object := lost.next(t)
		if strings.HasPrefix(string(object), `{"type":"hello",`) {
			object = lost.next(t)
		}
		if got := string(object); got != `{"type":"reload"}` {
			t.Errorf("after %s comes %s, want a reload", after, got)
		}
	}
}

func TestContractOfTheWebSocketsData(t *testing.T) {
	t.Parallel()
	c := newContract(t)
	reader := c.dial(t, "?format=json")
	reader.want(t, goldenHello)
	posted := c.api(t, liveblog.Editor, "POST", "/blogs/summit/entries", `{"headline":"Talks","body":"They met.","pinned":true}`).want(t, 201)
	var change struct {
		Type, Op, Cursor string
		Entry            json.RawMessage
	}
	object := reader.next(t)
	if err := json.Unmarshal(object, &change); err != nil || change.Type != "change" || change.Op != "put" || change.Cursor == "" {
		t.Errorf("the object is %s, %v", object, err)
	}
	var got, want map[string]any
	if err := errors.Join(json.Unmarshal(change.Entry, &got), json.Unmarshal(posted.body, &want)); err != nil {
		t.Fatal(err)
	}
	for name := range want {
		if _, there := got[name]; !there {
			t.Errorf("the entry on the wire has no %s: %s", name, change.Entry)
		}
	}
	if golden(change.Entry) != golden([]byte(goldenEscapes.Replace(string(posted.body)))) {
		t.Errorf("the entry on the wire is %s, in the API %s", change.Entry, posted.body)
	}
}

// goldenEscapes undoes what the API escapes in JSON and the wire does not.
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
			continue // a heartbeat was on its way
		}
		if !websocket.IsCloseError(err, websocket.CloseServiceRestart) {
			t.Errorf("the connection ends with %v, want the code 1012", err)
		}
		return
	}
}

// contractStream is a reader by server-sent events.
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
	a.want(t, 200).header(t, "Content-Type", "text/event-stream; charset=utf-8").header(t, "Cache-Control", "no-store, no-transform").
		header(t, "X-Content-Type-Options", "nosniff").header(t, "Access-Control-Allow-Origin", "*")
	return contractStream{bufio.NewScanner(res.Body)}
}

// want reads the next event that is not a heartbeat: the object, with its cursor as the id.
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
			t.Errorf("the id is %q of %s", id, data)
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

	// A browser that comes back asks for the old address and says by a header where it was.
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
		a := c.do(t, "GET", "/live/summit/changes?after="+after.String(), "").want(t, 200).header(t, "Content-Type", "application/json").
			header(t, "Access-Control-Allow-Origin", "*")
		after.Seq++
		want := `{"cursor":"EPOCH.` + strings.TrimPrefix(after.String(), start.Epoch+".") + `","changes":[` + object + `]}`
		if got := golden(a.body); got != want {
			t.Errorf("the poll is\n%s, want\n%s", got, want)
		}
		tag := a.Header.Get("ETag")
		again := c.do(t, "GET", "/live/summit/changes?after="+after.String(), "", "If-None-Match", tag).want(t, 304).header(t, "ETag", tag)
		if tag == "" || len(again.body) > 0 {
			t.Errorf("the tag is %q, the body of the 304 %q", tag, again.body)
		}
	})
	now := c.do(t, "GET", "/live/summit/changes", "").want(t, 200)
	if got, want := golden(now.body), `{"cursor":"EPOCH.4","changes":[]}`; got != want {
		t.Errorf("without a cursor the poll is %s, want %s", got, want)
	}
	lost := c.do(t, "GET", "/live/summit/changes?after=000000000000.1", "").want(t, 200)
	if got, want := golden(lost.body), `{"cursor":"EPOCH.4","changes":[{"type":"reload"}]}`; got != want {
		t.Errorf("with a lost cursor the poll is %s, want %s", got, want)
	}
}
