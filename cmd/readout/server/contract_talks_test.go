package server_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"readout/liveblog"
)

const talksSetup = `{
	"tracks":[{"id":"tariffs","name":"Tariffs"},{"id":"rare-earths","name":"Rare earths"}],
	"parties":[
		{"id":"china","name":"China","capital":"Beijing","time_zone":"Asia/Shanghai"},
		{"id":"us","name":"United States"}
	],
	"speakers":[{"id":"envoy","name":"The envoy"}],
	"meetings":[{"id":"leaders","name":"The leaders meet"}],
	"sessions":[{
		"id":"opening","name":"Opening","starts":"2025-10-30T11:00:00+09:00","ends":"2025-10-30T12:00:00+09:00"
	}]
}`

// newTalksContract returns a contract whose blog has a setup and the seq 1.
func newTalksContract(t *testing.T) *contract {
	t.Helper()
	c := newContract(t)
	c.api(t, liveblog.Editor, "PUT", "/blogs/summit/setup", talksSetup).want(t, 200)
	return c
}

// state adds an entry with acts and returns it.
func (c *contract) state(t *testing.T, acts string) map[string]any {
	t.Helper()
	return c.post(t, `{"body":"Stated.","acts":`+acts+`}`)
}

// part returns one part of the talks, such as the board, as the API lists it.
func (c *contract) part(t *testing.T, name, query string) []any {
	t.Helper()
	o := c.api(t, liveblog.Contributor, "GET", "/blogs/summit/"+name+query, "").want(t, 200).object(t)
	list, ok := o[name].([]any)
	if !ok || o["cursor"] == "" {
		t.Fatalf("%s%s is %v", name, query, o)
	}
	return list
}

func TestContractOfSetups(t *testing.T) {
	t.Parallel()
	c := newContract(t)
	const path = "/blogs/summit/setup"
	empty := `{"tracks":[],"parties":[],"speakers":[],"meetings":[],"sessions":[],"approval":[]}`
	first := c.api(t, liveblog.Contributor, "GET", path, "").want(t, 200)
	if got := strings.TrimSpace(string(first.body)); got != empty {
		t.Errorf("the setup of a new blog is %s", got)
	}
	c.api(t, liveblog.Contributor, "PUT", path, talksSetup).problem(t, 403, "forbidden", "")
	put := c.api(t, liveblog.Editor, "PUT", path, talksSetup).want(t, 200)
	got := c.api(t, liveblog.Contributor, "GET", path, "").want(t, 200)
	if string(put.body) != string(got.body) || !strings.Contains(string(got.body), `"starts":"2025-10-30T02:00:00Z"`) ||
		!strings.Contains(string(got.body), `"approval":[]`) {
		t.Errorf("PUT answers %s, and GET %s", put.body, got.body)
	}
	at := c.cursor(t)
	c.api(t, liveblog.Admin, "PUT", path, talksSetup).want(t, 200) // changes nothing
	c.state(t, `[{"kind":"move","track":"tariffs","to":"raised"}]`)
	for _, row := range []struct {
		body   string
		status int
		code   string
		field  string
	}{
		{`{"tracks":`, 400, "malformed", "setup"},
		{`{"track":[]}`, 400, "malformed", "track"},
		{`{"tracks":[{"id":7,"name":"x"}]}`, 422, "invalid", "tracks[0].id"},
		{`{"tracks":[{"id":"A B","name":"x"}]}`, 422, "invalid", "tracks[0].id"},
		{`{"parties":[{"id":"a","name":"A","capital":"B","time_zone":"Mars/Base"}]}`,
			422, "invalid", "parties[0].time_zone"},
		{`{"tracks":[{"id":"rare-earths","name":"x"}]}`, 409, "conflict", "tracks"},
	} {
		c.api(t, liveblog.Editor, "PUT", path, row.body).problem(t, row.status, row.code, row.field)
	}
	c.api(t, liveblog.Editor, "PUT", path, talksSetup, "Content-Type", "text/plain").
		problem(t, 415, "unsupported_media_type", "Content-Type")
	c.api(t, liveblog.Editor, "PUT", "/blogs/nowhere/setup", talksSetup).problem(t, 404, "not_found", "slug")
	if now := c.cursor(t); now.Seq != at.Seq+2 {
		t.Errorf("the cursor went from %s to %s, want two changes", at, now)
	}
}

func TestContractOfActs(t *testing.T) {
	t.Parallel()
	c := newTalksContract(t)
	const path = "/blogs/summit/entries/1"
	a := c.api(t, liveblog.Editor, "POST", "/blogs/summit/entries", `{"body":"On record.","acts":[
		{"kind":"move","track":"tariffs","to":"raised","source":"https://a.example/"},
		{"kind":"claim","claim":"beans","status":"reported","text":" They  buy. ","attribution":"two officials"}
	]}`).want(t, 201).header(t, "ETag", `"1"`)
	acts := `"acts":` + compact(`[
		{"kind":"move","track":"tariffs","to":"raised","source":"https://a.example/"},
		{"kind":"claim","claim":"beans","status":"reported","text":"They buy.","attribution":"two officials"}
	]`)
	got := c.api(t, liveblog.Contributor, "GET", path, "").want(t, 200).header(t, "ETag", `"1"`)
	if string(got.body) != string(a.body) || !strings.Contains(string(got.body), acts) {
		t.Errorf("POST answers %s, and GET %s, want %s in both", a.body, got.body, acts)
	}
	first, _ := a.object(t)["published_at"].(string)

	c.state(t, `[
		{"kind":"cite","claim":"beans"},
		{"kind":"position","party":"us","track":"tariffs","text":"No.","speaker":"envoy"},
		{"kind":"quote","speaker":"envoy","text":"Talks.","original":"谈判","language":"zh-Hans"},
		{"kind":"readout","meeting":"leaders","party":"us",
			"points":["[tariffs] They stay."],"source":"https://us.example/"},
		{"kind":"text","document":"statement","version":"1","body":"We agree."},
		{"kind":"session","session":"opening","status":"postponed","starts":"2025-10-30T12:00:00+09:00"},
		{"kind":"figure","figure":"tariff","value":"47","unit":"%"}
	]`)
	// A patch of the text keeps the acts, and a patch of the acts keeps the text.
	c.api(t, liveblog.Editor, "PATCH", path, `{"body":"Mended."}`, "If-Match", `"1"`).want(t, 200).
		header(t, "ETag", `"2"`)
	e := c.api(t, liveblog.Editor, "PATCH", path, `{"acts":[
		{"kind":"move","track":"tariffs","to":"in_talks"},
		{"kind":"claim","claim":"beans","status":"denied","text":"They buy."}
	]}`, "If-Match", `"2"`).want(t, 200).header(t, "ETag", `"3"`).object(t)
	if e["body"] != "Mended." {
		t.Errorf("the entry is %v", e)
	}
	c.api(t, liveblog.Editor, "PATCH", path, `{"acts":[]}`, "If-Match", `"2"`).
		problem(t, 412, "stale_revision", "revision").header(t, "ETag", `"3"`)

	then := "?at=" + first
	// The parts of the talks after the first entry, and now.
	for part, want := range map[string]struct{ then, now string }{
		"board": {
			then: `[
				{
					"id":"tariffs","name":"Tariffs","state":"raised","by":{"entry":1,"at":"TIME"},
					"history":[{
						"from":"not_raised","to":"raised","source":"https://a.example/","by":{"entry":1,"at":"TIME"}
					}]
				},
				{"id":"rare-earths","name":"Rare earths","state":"not_raised","by":null,"history":[]}
			]`,
			now: `[
				{
					"id":"tariffs","name":"Tariffs","state":"in_talks","by":{"entry":1,"at":"TIME"},
					"history":[{"from":"not_raised","to":"in_talks","by":{"entry":1,"at":"TIME"}}]
				},
				{"id":"rare-earths","name":"Rare earths","state":"not_raised","by":null,"history":[]}
			]`,
		},
		"claims": {
			then: `[{
				"claim":"beans","text":"They buy.","status":"reported","attribution":"two officials",
				"by":{"entry":1,"at":"TIME"},
				"history":[{
					"status":"reported","text":"They buy.","attribution":"two officials","by":{"entry":1,"at":"TIME"}
				}],
				"cited_by":[1]
			}]`,
			now: `[{
				"claim":"beans","text":"They buy.","status":"denied","by":{"entry":1,"at":"TIME"},
				"history":[{"status":"denied","text":"They buy.","by":{"entry":1,"at":"TIME"}}],
				"cited_by":[1,2]
			}]`,
		},
		"positions": {
			then: `[]`,
			now: `[{
				"party":"us","track":"tariffs","text":"No.","speaker":"envoy","by":{"entry":2,"at":"TIME"},"before":[]
			}]`,
		},
		"quotes": {
			then: `[]`,
			now: `[{
				"speaker":"envoy","text":"Talks.","original":"谈判","language":"zh-Hans","record":"on",
				"by":{"entry":2,"at":"TIME"}
			}]`,
		},
		"readouts": {
			then: `[{"id":"leaders","name":"The leaders meet","accounts":[]}]`,
			now: `[{
				"id":"leaders","name":"The leaders meet",
				"accounts":[{
					"party":"us","points":["[tariffs] They stay."],"source":"https://us.example/",
					"by":{"entry":2,"at":"TIME"}
				}]
			}]`,
		},
		"texts": {
			then: `[]`,
			now: `[{
				"document":"statement",
				"versions":[{"version":"1","body":"We agree.","by":{"entry":2,"at":"TIME"}}]
			}]`,
		},
		"agenda": {
			then: `[{
				"id":"opening","name":"Opening","starts":"TIME","ends":"TIME",
				"status":"planned","from":"TIME","to":"TIME","by":null,"history":[]
			}]`,
			now: `[{
				"id":"opening","name":"Opening","starts":"TIME","ends":"TIME",
				"status":"postponed","from":"TIME","to":"TIME","by":{"entry":2,"at":"TIME"},
				"history":[{"status":"postponed","from":"TIME","to":"TIME","by":{"entry":2,"at":"TIME"}}]
			}]`,
		},
		"figures": {
			then: `[]`,
			now:  `[{"figure":"tariff","value":"47","unit":"%","by":{"entry":2,"at":"TIME"},"before":[]}]`,
		},
	} {
		for query, want := range map[string]string{then: want.then, "": want.now} {
			var o map[string]json.RawMessage
			a := c.api(t, liveblog.Contributor, "GET", "/blogs/summit/"+part+query, "").want(t, 200)
			if err := json.Unmarshal(a.body, &o); err != nil {
				t.Fatal(err)
			}
			if got := golden(o[part]); got != compact(want) {
				t.Errorf("%s%s is\n%s, want\n%s", part, query, got, compact(want))
			}
			if at := string(o["at"]); at != "null" != (query == then) {
				t.Errorf("%s%s has the time %s", part, query, at)
			}
			var briefing map[string]json.RawMessage
			a = c.api(t, liveblog.Contributor, "GET", "/blogs/summit/briefing"+query, "").want(t, 200)
			if err := json.Unmarshal(a.body, &briefing); err != nil {
				t.Fatal(err)
			}
			if string(briefing[part]) != string(o[part]) {
				t.Errorf("briefing%s has different %s: %s", query, part, briefing[part])
			}
		}
	}
	for _, at := range []string{"yesterday", "2025-10-30", "0001-01-01T00:00:00Z"} {
		c.api(t, liveblog.Editor, "GET", "/blogs/summit/board?at="+at, "").problem(t, 400, "malformed", "at")
	}
	// The acts of a removed entry no longer count, and those of a draft do not count yet.
	c.api(t, liveblog.Editor, "DELETE", path, "", "If-Match", `"3"`).want(t, 204)
	c.post(t, `{"body":"Perhaps.","status":"draft","acts":[{"kind":"move","track":"tariffs","to":"agreed"}]}`)
	if claims := c.part(t, "claims", ""); len(claims) != 0 {
		t.Errorf("the claims are %v", claims)
	}
	if board := c.part(t, "board", ""); board[0].(map[string]any)["state"] != "not_raised" {
		t.Errorf("the board is %v", board)
	}
}

func TestContractOfRefusedActs(t *testing.T) {
	t.Parallel()
	c := newTalksContract(t)
	c.state(t, `[
		{"kind":"claim","claim":"a","status":"reported","text":"A."},
		{"kind":"claim","claim":"b","status":"reported","text":"B.","attribution":"claim:a"}
	]`)
	c.post(t, `{"body":"States nothing."}`)
	before := c.cursor(t)
	for _, row := range []struct{ name, acts, field string }{
		{"unknown track", `[{"kind":"move","track":"ports","to":"raised"}]`, "acts[0].track"},
		{"illegal move", `[{"kind":"move","track":"tariffs","to":"signed"}]`, "acts[0].to"},
		{"cycle of claims", `[
			{"kind":"cite","claim":"a"},
			{"kind":"claim","claim":"a","status":"confirmed","attribution":"claim:b"}
		]`, "acts[1].attribution"},
		{"session that ends before it starts", `[
			{
				"kind":"session","session":"opening","status":"planned","starts":"2025-10-30T11:00:00Z",
				"ends":"2025-10-30T10:00:00Z"
			}
		]`, "acts[0].ends"},
		{"unknown member", `[{"kind":"cite","claim":"a","colour":"red"}]`, "acts[0].colour"},
		{"member of another kind", `[{"kind":"cite","claim":"a","track":"tariffs"}]`, "acts[0].track"},
		{"unknown kind", `[{"kind":"wish"}]`, "acts[0].kind"},
		{"wrong type", `[{"kind":"cite","claim":7}]`, "acts[0].claim"},
		{"wrong time", `[{"kind":"session","session":"opening","status":"over","ends":"soon"}]`, "acts[0].ends"},
		{"no list", `{"kind":"cite"}`, "acts"},
		{"null", `null`, "acts"},
		{"too many", `[` + strings.Repeat(`{"kind":"cite","claim":"a"},`, 50) + `{"kind":"cite","claim":"a"}]`, "acts"},
	} {
		t.Run(row.name, func(t *testing.T) {
			c.api(t, liveblog.Editor, "POST", "/blogs/summit/entries", `{"body":"x","acts":`+row.acts+`}`).
				problem(t, 422, "invalid", row.field)
			c.api(t, liveblog.Editor, "PATCH", "/blogs/summit/entries/2", `{"acts":`+row.acts+`}`).
				problem(t, 422, "invalid", row.field)
		})
	}
	if now := c.cursor(t); now != before {
		t.Errorf("after refused requests the cursor is %s, want %s", now, before)
	}
	list, _ := c.api(t, liveblog.Editor, "GET", "/blogs/summit/entries", "").want(t, 200).object(t)["entries"].([]any)
	if len(list) != 2 || list[0].(map[string]any)["revision"] != 1.0 {
		t.Errorf("after refused requests the entries are %v", list)
	}
}

// goldenTalks has, for each format, the objects on the wire after a key event with a move, a claim, its denial, and a
// session that begins. One that ends with a comma is the beginning of an object.
var goldenTalks = map[string][]string{
	"": {
		`{"type":"change","cursor":"EPOCH.2","talks":["board"],"board":{"html":"HTML"}}`,
		`{"type":"change","cursor":"EPOCH.3","op":"put","entry":{"number":1,"revision":1,"html":"HTML"}}`,
		compact(`{
			"type":"change","cursor":"EPOCH.4",
			"blog":{"status":"live","title":"The summit","standfirst":"","html":"HTML"}
		}`),
		compact(`{
			"type":"change","cursor":"EPOCH.5","talks":["claims"],
			"claims":[{"claim":"beans","status":"reported","html":"HTML"}]
		}`),
		`{"type":"change","cursor":"EPOCH.6","op":"put","entry":{"number":2,"revision":1,"html":"HTML"}}`,
		compact(`{
			"type":"change","cursor":"EPOCH.7","talks":["claims"],
			"claims":[{"claim":"beans","status":"denied","html":"HTML"}]
		}`),
		`{"type":"change","cursor":"EPOCH.8","op":"put","entry":{"number":3,"revision":1,"html":"HTML"}}`,
		`{"type":"change","cursor":"EPOCH.9","talks":["agenda","quotes"],"agenda":{"html":"HTML"}}`,
		`{"type":"change","cursor":"EPOCH.10","op":"put","entry":{"number":4,"revision":1,"html":"HTML"}}`,
	},
	"json": {
		compact(`{
			"type":"change","cursor":"EPOCH.2","talks":["board"],
			"board":[
				{
					"id":"tariffs","name":"Tariffs","state":"raised","by":{"entry":1,"at":"TIME"},
					"history":[{"from":"not_raised","to":"raised","by":{"entry":1,"at":"TIME"}}]
				},
				{"id":"rare-earths","name":"Rare earths","state":"not_raised","by":null,"history":[]}
			]
		}`),
		`{"type":"change","cursor":"EPOCH.3","op":"put",`,
		compact(`{
			"type":"change","cursor":"EPOCH.4",
			"blog":{"status":"live","title":"The summit","standfirst":"","key_events":[1]}
		}`),
		compact(`{
			"type":"change","cursor":"EPOCH.5","talks":["claims"],
			"claims":[
				{
					"claim":"beans","text":"They buy.","status":"reported","by":{"entry":2,"at":"TIME"},
					"history":[{"status":"reported","text":"They buy.","by":{"entry":2,"at":"TIME"}}],"cited_by":[2]
				}
			]
		}`),
		`{"type":"change","cursor":"EPOCH.6","op":"put",`,
		compact(`{
			"type":"change","cursor":"EPOCH.7","talks":["claims"],
			"claims":[
				{
					"claim":"beans","text":"They buy.","status":"denied","by":{"entry":3,"at":"TIME"},
					"history":[
						{"status":"denied","text":"They buy.","by":{"entry":3,"at":"TIME"}},
						{"status":"reported","text":"They buy.","by":{"entry":2,"at":"TIME"}}
					],
					"cited_by":[2,3]
				}
			]
		}`),
		`{"type":"change","cursor":"EPOCH.8","op":"put",`,
		compact(`{
			"type":"change","cursor":"EPOCH.9","talks":["agenda","quotes"],
			"agenda":[
				{
					"id":"opening","name":"Opening","starts":"TIME","ends":"TIME","status":"under_way","from":"TIME",
					"to":"TIME","by":{"entry":4,"at":"TIME"},
					"history":[{"status":"under_way","from":"TIME","to":"TIME","by":{"entry":4,"at":"TIME"}}]
				}
			]
		}`),
		`{"type":"change","cursor":"EPOCH.10","op":"put",`,
	},
}

// TestContractOfTalksOnTheWire checks, in both formats, that the changes of one entry come in the order talks, entry,
// head, and that WebSocket, poll and event stream send the same objects.
func TestContractOfTalksOnTheWire(t *testing.T) {
	t.Parallel()
	c := newTalksContract(t)
	start := c.cursor(t)
	readers := map[string]contractSocket{
		"":     c.dial(t, "?after="+start.String()),
		"json": c.dial(t, "?format=json&after="+start.String()),
	}
	for _, r := range readers {
		if hello := r.next(t); !strings.HasPrefix(string(hello), `{"type":"hello",`) {
			t.Fatalf("the first object is %s", hello)
		}
	}
	c.post(t, `{"body":"Key.","key_event":true,"acts":[{"kind":"move","track":"tariffs","to":"raised"}]}`)
	c.state(t, `[{"kind":"claim","claim":"beans","status":"reported","text":"They buy."}]`)
	c.state(t, `[{"kind":"claim","claim":"beans","status":"denied"}]`)
	c.state(t, `[
		{"kind":"session","session":"opening","status":"under_way"},
		{"kind":"quote","speaker":"envoy","text":"Well."}
	]`)
	for format, want := range goldenTalks {
		query := "?after=" + start.String()
		if format != "" {
			query += "&format=" + format
		}
		var poll struct{ Changes []json.RawMessage }
		a := c.do(t, "GET", "/live/summit/changes"+query, "").want(t, 200)
		if err := json.Unmarshal(a.body, &poll); err != nil {
			t.Fatal(err)
		}
		nextEvent := c.listen(t, "/live/summit/events"+query)
		for i, object := range want {
			live := readers[format].next(t)
			got := golden(live)
			if got != object && !(strings.HasSuffix(object, ",") && strings.HasPrefix(got, object)) {
				t.Errorf("object %d is\n%s, want\n%s", i, got, object)
			}
			if i >= len(poll.Changes) {
				t.Errorf("the poll has %d changes, want %d", len(poll.Changes), len(want))
			} else if string(poll.Changes[i]) != string(live) {
				t.Errorf("object %d is\n%s in the poll, want\n%s", i, poll.Changes[i], live)
			}
			if got := nextEvent(); got != string(live) {
				t.Errorf("object %d is\n%s in the event stream, want\n%s", i, got, live)
			}
		}
	}
}

// listen opens an event stream and returns a function that reads the next change from it.
func (c *contract) listen(t *testing.T, path string) (next func() string) {
	t.Helper()
	res, err := c.client.Get(c.url + path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%s is answered with %s", path, res.Status)
	}
	lines := bufio.NewReader(res.Body)
	return func() string {
		t.Helper()
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			data, isData := strings.CutPrefix(strings.TrimSpace(line), "data: ")
			if isData && strings.HasPrefix(data, `{"type":"change"`) {
				return data
			}
		}
	}
}

// TestContractOfACitedClaim checks that one object announces a claim's new status to all entries that cite it, within
// two seconds, and that a reader who reconnects gets the same object.
func TestContractOfACitedClaim(t *testing.T) {
	t.Parallel()
	const citing, limit = 200, 2 * time.Second
	c := newTalksContract(t)
	c.state(t, `[{"kind":"claim","claim":"beans","status":"reported","text":"They buy."}]`)
	want := []any{1.0}
	for i := range citing {
		c.post(t, fmt.Sprintf(`{"body":"Rests on it, %d.","acts":[{"kind":"cite","claim":"beans"}]}`, i))
		want = append(want, float64(i+2))
	}
	before := c.cursor(t)
	reader := c.dial(t, "?after="+before.String())
	reader.next(t) // hello
	began := time.Now()
	c.state(t, `[{"kind":"claim","claim":"beans","status":"denied"}]`)
	live := string(reader.next(t))
	claims := c.part(t, "claims", "")
	if took := time.Since(began); took > limit {
		t.Errorf("the new status took %v, want at most %v", took, limit)
	}
	want = append(want, float64(citing+2))
	beans := claims[0].(map[string]any)
	if cited, _ := beans["cited_by"].([]any); beans["status"] != "denied" || !slices.Equal(cited, want) {
		t.Errorf("the claim is %v", beans)
	}
	const suffix = `"talks":["claims"],"claims":[{"claim":"beans","status":"denied","html":"HTML"}]}`
	if got := golden([]byte(live)); !strings.HasSuffix(got, suffix) {
		t.Errorf("the object is %s, want it to end with %s", got, suffix)
	}
	back := c.dial(t, "?after="+before.String())
	back.next(t) // hello
	if again := string(back.next(t)); again != live {
		t.Errorf("after a reconnect the object is %s, before it was %s", again, live)
	}
}
