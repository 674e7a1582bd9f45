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
	formats // how many there are
)

// Protocol is how a kept connection is framed.
type Protocol uint8

// The protocols of kept connections.
const (
	WebSocket        Protocol = iota
	WebSocketDeflate          // with permessage-deflate, no context takeover on either side
	EventStream               // server-sent events, as a body that ends with the connection
	protocols                 // how many there are
)

// Renderer makes what the wire carries of the domain's values. The functions are called from any goroutine.
type Renderer struct {
	Entry func(liveblog.Blog, *liveblog.Talks, liveblog.Entry) string // HTML of one entry, with what it cites
	Note  func(liveblog.Blog, liveblog.Entry) string                  // HTML of what stands in the place of a removed entry
	Head  func(liveblog.Head) string                                  // HTML of what stands above the stream
	Data  func(liveblog.Entry) any                                    // JSON value of one entry, as in the API
	// Talks returns what is otherwise in next than in prev; all of next where prev is nil.
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

// forms is a set of ways in which clients get changes: a bit for each protocol and format.
type forms uint8

func formOf(p Protocol, f Format) forms { return 1 << (int(p)*int(formats) + int(f)) }

// message is one wire object, encoded for each format at most once and framed for each protocol at most once,
// whoever asks first. The bytes are shared by all clients and never written to.
type message struct {
	has    forms  // in which its feed has rendered it; guarded by the feed's mu
	seq    int64  // of the change it carries; 0 for what is no change
	anew   bool   // seq is not of a change, but where the client is from now on, be it further back
	id     string // cursor, the event stream's id
	weight int    // bytes it holds on to, roughly
	encode func(Format) []byte
	once   [formats]sync.Once
	object [formats][]byte
	framed [protocols][formats]struct {
		once  sync.Once
		bytes []byte
	}
}

// prepare renders the message in every one of the forms.
func (m *message) prepare(all forms) {
	for p := range protocols {
		for f := range formats {
			if all&formOf(p, f) != 0 {
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

// bytes returns the object as it goes over the connection.
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

// The wire's objects, in the order of their fields.
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
		Note   any    `json:"note,omitempty"` // of a removal that leaves one
		Blog   any    `json:"blog,omitempty"`
	}
	talksObject struct {
		Type   string `json:"type"`
		Cursor string `json:"cursor"`
		// Full says that everything stands here: a claim that does not was taken back.
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

// constant returns a message that is the same in both formats.
func constant(id string, object any) *message {
	return &message{id: id, encode: func(Format) []byte { return encode(object) }}
}

func hello(c liveblog.Cursor, readers int, s liveblog.BlogStatus) *message {
	return constant(c.String(), helloObject{Type: "hello", Cursor: c.String(), Readers: readers, Status: s})
}

func heartbeat(c liveblog.Cursor, readers int) *message {
	return constant(c.String(), heartbeatObject{Type: "heartbeat", Cursor: c.String(), Readers: readers})
}

// reload carries no id, so that an event stream's client does not take the place for one that it has reached.
func reload() *message { return constant("", reloadObject{Type: "reload"}) }

// restarted tells of a log that is another one, and goes on at a cursor of its own.
func restarted(at liveblog.Cursor) *message {
	m := reload()
	m.seq, m.anew = at.Seq, true
	return m
}

// reloadAt stands in the tail for a change that open pages cannot show in place.
func reloadAt(c liveblog.Cursor) *message {
	m := reload()
	m.seq = c.Seq
	return m
}

// changed returns the message of a change. Rendering happens when the first client asks: of an entry with the talks as
// they are then, since what changes of them comes behind it; of the talks with the ones before, nil where those are not
// known.
func changed(r Renderer, log *slog.Logger, b liveblog.Blog, before *liveblog.Talks, now func() *liveblog.Talks, c liveblog.Change) *message {
	m := &message{seq: c.Cursor.Seq, id: c.Cursor.String()}
	switch {
	case c.Entry != nil:
		m.weight = len(c.Entry.Body) + len(c.Entry.Correction.Body)
	case c.Talks != nil:
		m.weight = weigh(c.Talks)
	}
	m.encode = func(f Format) (payload []byte) {
		// A renderer that panics would end the process: no handler stands above this goroutine.
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

// weigh returns about how many bytes the talks take.
func weigh(t *liveblog.Talks) int {
	const item = 400 // of everything that has no text to speak of
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

// encode leaves <, > and & as they are: the wire is JSON, never part of a page, and HTML is most of it.
func encode(object any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(object); err != nil {
		panic(fmt.Sprintf("realtime: a wire object does not encode: %v", err))
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
