package realtime

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"

	"readout/liveblog"
)

// Format is what a client wants of an entry.
type Format uint8

// The formats: rendered HTML for pages, data for programs.
const (
	HTML Format = iota
	JSON
	numFormats
)

// Protocol is the framing of a kept connection.
type Protocol uint8

// The protocols of kept connections.
const (
	WebSocket        Protocol = iota
	WebSocketDeflate          // with permessage-deflate, no context takeover on either side
	EventStream               // server-sent events, as a body that ends with the connection
	numProtocols
)

// Renderer turns the domain's values into what the wire carries. Its functions are called from any goroutine.
type Renderer struct {
	Entry func(liveblog.Blog, *liveblog.Talks, liveblog.Entry) string // HTML of one entry, with what it cites
	Note  func(liveblog.Blog, liveblog.Entry) string                  // HTML of the note that replaces a removed entry
	Head  func(liveblog.Head) string                                  // HTML above the entries
	Data  func(liveblog.Entry) any                                    // JSON value of one entry, as in the API
	// Talks returns the parts of next that differ from prev, and all parts if prev is nil.
	Talks func(b liveblog.Blog, prev, next *liveblog.Talks, f Format) TalksParts
}

// TalksParts is what a change of the talks carries: under each key what has changed, nil for what has not.
type TalksParts struct {
	Names     []string `json:"talks"` // of everything that changed, the keys below among them
	Board     any      `json:"board,omitempty"`
	Positions any      `json:"positions,omitempty"`
	Claims    any      `json:"claims,omitempty"`
	Agenda    any      `json:"agenda,omitempty"`
	Figures   any      `json:"figures,omitempty"`
}

// encodings is a set of combinations of a protocol and a format, one bit for each.
type encodings uint8

func encodingOf(p Protocol, f Format) encodings { return 1 << (int(p)*int(numFormats) + int(f)) }

// message is one object of the wire. It is encoded at most once for each format and framed at most once for each
// encoding, by whoever needs the bytes first. All clients share the bytes, and nobody writes to them.
type message struct {
	rendered encodings // those that its feed has had rendered; guarded by the feed's mu
	seq      int64     // of the change that it carries; 0 if it carries none
	cuts     bool      // a purge: earlier messages may have what was deleted, so the tail begins here
	resets   bool      // clients continue at seq, even if they were beyond it
	id       string    // cursor; the id of an event stream
	size     int       // approximate bytes of text that it keeps in memory
	encode   func(Format) []byte
	once     [numFormats]sync.Once
	object   [numFormats][]byte
	framed   [numProtocols][numFormats]struct {
		once  sync.Once
		bytes []byte
	}
}

// renderAll renders the message in each of the given encodings.
func (m *message) renderAll(all encodings) {
	for p := range numProtocols {
		for f := range numFormats {
			if all&encodingOf(p, f) != 0 {
				m.bytes(p, f)
			}
		}
	}
}

// payload returns the JSON object.
func (m *message) payload(f Format) []byte {
	m.once[f].Do(func() { m.object[f] = m.encode(f) })
	return m.object[f]
}

// bytes returns the object in its framing.
func (m *message) bytes(p Protocol, f Format) []byte {
	slot := &m.framed[p][f]
	slot.once.Do(func() {
		switch payload := m.payload(f); p {
		case WebSocket:
			slot.bytes = textFrame(payload)
		case WebSocketDeflate:
			slot.bytes = deflatedFrame(payload)
		case EventStream:
			slot.bytes = event(m.id, payload)
		}
	})
	return slot.bytes
}

// The objects of the wire. The order of the fields is that of the JSON.
type (
	helloObject struct {
		Type    string              `json:"type"`
		Cursor  string              `json:"cursor"`
		Readers int                 `json:"readers"`
		Status  liveblog.BlogStatus `json:"status"`
	}
	heartbeatObject struct {
		Type    string `json:"type"`
		Cursor  string `json:"cursor"`
		Readers int    `json:"readers"`
	}
	reloadObject struct {
		Type string `json:"type"`
	}
	changeObject struct {
		Type   string `json:"type"`
		Cursor string `json:"cursor"`
		Op     string `json:"op,omitempty"`
		Entry  any    `json:"entry,omitempty"`
		Note   any    `json:"note,omitempty"` // in place of a removed entry
		Blog   any    `json:"blog,omitempty"`
	}
	talksObject struct {
		Type   string `json:"type"`
		Cursor string `json:"cursor"`
		// Full says that the parts are complete: a claim that is not among them was taken back.
		Full bool `json:"full,omitempty"`
		TalksParts
	}
	entryHTML struct {
		Number   int    `json:"number"`
		Revision int    `json:"revision"`
		HTML     string `json:"html"`
	}
	noteHTML struct {
		HTML string `json:"html"`
	}
	entryNumber struct {
		Number int `json:"number"`
	}
	blogObject struct {
		Status     liveblog.BlogStatus `json:"status"`
		Title      string              `json:"title"`
		Standfirst string              `json:"standfirst"`
		Summary    *int                `json:"summary,omitempty"`
		KeyEvents  []int               `json:"key_events,omitempty"`
		HTML       string              `json:"html,omitempty"`
	}
	pollObject struct {
		Cursor  string            `json:"cursor"`
		Changes []json.RawMessage `json:"changes"`
	}
)

// uniform returns a message that is the same in all formats.
func uniform(id string, object any) *message {
	return &message{id: id, encode: func(Format) []byte { return encode(object) }}
}

func hello(c liveblog.Cursor, readers int, s liveblog.BlogStatus) *message {
	return uniform(c.String(), helloObject{Type: "hello", Cursor: c.String(), Readers: readers, Status: s})
}

func heartbeat(c liveblog.Cursor, readers int) *message {
	return uniform(c.String(), heartbeatObject{Type: "heartbeat", Cursor: c.String(), Readers: readers})
}

// reload tells a client to load the page again. It has no id: the client of an event stream must not take a cursor from
// a message that does not bring it there.
func reload() *message { return uniform("", reloadObject{Type: "reload"}) }

// reloadAndReset tells all clients to reload because the log is another one, or was cut, and continues at the cursor.
func reloadAndReset(at liveblog.Cursor) *message {
	m := reload()
	m.seq, m.resets = at.Seq, true
	return m
}

// reloadInsteadOf replaces a change that open pages cannot apply.
func reloadInsteadOf(c liveblog.Cursor) *message {
	m := reload()
	m.seq = c.Seq
	return m
}

// changeMessage returns the message of a change, which is rendered when its bytes are first asked for. An entry is
// rendered with the talks that now returns at that time; later changes of the talks follow in messages of their own. A
// change of the talks is rendered as the difference from before, or completely if before is nil.
func changeMessage(r Renderer, log *slog.Logger, b liveblog.Blog, before *liveblog.Talks, now func() *liveblog.Talks,
	c liveblog.Change) *message {
	m := &message{seq: c.Cursor.Seq, id: c.Cursor.String()}
	switch {
	case c.Entry != nil:
		m.size = len(c.Entry.Body) + len(c.Entry.Correction.Body)
	case c.Talks != nil:
		m.size = talksSize(c.Talks)
	}
	m.encode = func(f Format) (payload []byte) {
		// No HTTP handler recovers on this goroutine, so a renderer that panics would end the process.
		defer func() {
			if p := recover(); p != nil {
				log.Error("a change could not be rendered; its readers are told to reload", "blog", b.Slug,
					"cursor", m.id, "panic", fmt.Sprint(p))
				payload = encode(reloadObject{Type: "reload"})
			}
		}()
		o := changeObject{Type: "change", Cursor: m.id}
		switch {
		case c.Talks != nil:
			return encode(talksObject{"change", m.id, before == nil, r.Talks(b, before, c.Talks, f)})
		case c.Head != nil:
			o.Blog = blogOf(r, *c.Head, f)
		case !c.Entry.Public():
			o.Op, o.Entry = "remove", entryNumber{c.Entry.Number}
			if f == HTML && c.Entry.LeavesNote() {
				o.Note = noteHTML{r.Note(b, *c.Entry)}
			}
		case f == JSON:
			o.Op, o.Entry = "put", r.Data(*c.Entry)
		default:
			o.Op, o.Entry = "put", entryHTML{c.Entry.Number, c.Entry.Revision, r.Entry(b, now(), *c.Entry)}
		}
		return encode(o)
	}
	return m
}

// talksSize estimates how many bytes the talks keep in memory: their long texts, and a fixed size for every other item.
// The feed calls it while holding its lock, so it does not encode the talks to measure them.
func talksSize(t *liveblog.Talks) int {
	const item = 400 // bytes of an item without a long text
	n := len(t.Figures)
	for _, s := range t.Board {
		n += 1 + len(s.History)
	}
	for _, c := range t.Claims {
		n += 1 + len(c.History)
	}
	for _, p := range t.Positions {
		n += 1 + len(p.Before)
	}
	for _, s := range t.Agenda {
		n += 1 + len(s.History)
	}
	n *= item
	for _, q := range t.Quotes {
		n += item + len(q.Text) + len(q.Original)
	}
	for _, m := range t.Readouts {
		for _, a := range m.Accounts {
			for _, p := range a.Points {
				n += len(p)
			}
		}
	}
	for _, d := range t.Texts {
		for _, v := range d.Versions {
			n += len(v.Body)
		}
	}
	return n
}

func blogOf(r Renderer, h liveblog.Head, f Format) blogObject {
	o := blogObject{Status: h.Blog.Status, Title: h.Blog.Title, Standfirst: h.Blog.Standfirst}
	if f == HTML {
		o.HTML = r.Head(h)
		return o
	}
	if h.Summary != nil {
		o.Summary = &h.Summary.Number
	}
	for _, e := range h.KeyEvents {
		o.KeyEvents = append(o.KeyEvents, e.Number)
	}
	return o
}

// encode returns the object as JSON. It does not escape <, > and &, since the wire is mostly HTML and its JSON is never
// embedded in a page.
func encode(object any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(object); err != nil {
		panic(fmt.Sprintf("realtime: a wire object does not encode: %v", err))
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
