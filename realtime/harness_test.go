package realtime

import (
	"bufio"
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"readout/liveblog"
	"readout/store"
	"readout/store/sqlitetest"
	"readout/store/storetest"

	"go.uber.org/goleak"
)

// databases makes a database for each rig.
var databases = sqlitetest.NewTemplate(store.Migrate)

func TestMain(m *testing.M) {
	storetest.FewHistories(10)
	goleak.VerifyTestMain(m)
}

const slug = "talks"

var editor = liveblog.Actor{ID: "u_1", Name: "Mara Lindqvist", Role: liveblog.Editor}

// plainRenderer renders an entry as its revision and text, so that a test can tell revisions apart.
var plainRenderer = Renderer{
	Entry: func(b liveblog.Blog, _ *liveblog.Talks, e liveblog.Entry) string {
		return fmt.Sprintf("<p>%d: %s</p>", e.Revision, e.Body)
	},
	Head:  func(h liveblog.Head) string { return "<h1>" + h.Blog.Title + "</h1>" },
	Talks: plainTalks,
	Data: func(e liveblog.Entry) any {
		return map[string]any{"number": e.Number, "revision": e.Revision, "body": e.Body}
	},
}

// plainTalks returns the board if it has changed, and the claims that have changed; as JSON, all claims if any has.
func plainTalks(_ liveblog.Blog, prev, next *liveblog.Talks, f Format) (p TalksParts) {
	p.Names = []string{}
	if board := boardOf(next); prev == nil || !maps.Equal(board, boardOf(prev)) {
		p.Names, p.Board = append(p.Names, "board"), board
	}
	claims := claimsOf(next)
	if prev != nil {
		before := claimsOf(prev)
		if maps.Equal(before, claims) {
			return p
		}
		if f == HTML {
			for id, c := range before {
				switch now, ok := claims[id]; {
				case !ok:
					claims[id] = ""
				case now == c:
					delete(claims, id)
				}
			}
		}
	}
	p.Names, p.Claims = append(p.Names, "claims"), claims
	return p
}

func boardOf(t *liveblog.Talks) map[string]string {
	board := map[string]string{}
	for _, s := range t.Board {
		board[s.ID] = string(s.State)
	}
	return board
}

func claimsOf(t *liveblog.Talks) map[string]string {
	claims := map[string]string{}
	for _, c := range t.Claims {
		claims[c.Claim] = fmt.Sprint(c.Status, ": ", c.Text)
	}
	return claims
}

// rig is a hub on a real store with one blog.
type rig struct {
	t      testing.TB
	store  liveblog.Store
	broker liveblog.Broker
	desk   *liveblog.Desk
	hub    *Hub
	ln     net.Listener
	narrow bool // the sockets of new connections have small buffers
}

// newRig starts a hub. It sets the options' log, and their store, broker and renderer if they are missing.
func newRig(t testing.TB, opt Options) *rig {
	t.Helper()
	s, err := store.Open(context.Background(), databases.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	r := &rig{t: t, store: s, broker: opt.Broker}
	if r.broker == nil {
		r.broker = NewLocalBroker()
	}
	if opt.Store == nil {
		opt.Store = s
	}
	if opt.Renderer.Entry == nil {
		opt.Renderer = plainRenderer
	}
	opt.Broker, opt.Log = r.broker, slog.New(slog.DiscardHandler)
	if r.hub, err = NewHub(opt); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.hub.Close() })
	r.desk = liveblog.NewDesk(s, r.broker, liveblog.DeskOptions{Log: opt.Log})
	if _, err := liveblog.NewDesk(s, r.broker, liveblog.DeskOptions{}).CreateBlog(t.Context(), editor,
		liveblog.NewBlog{Slug: slug, Title: "Talks", Status: liveblog.Live}); err != nil {
		t.Fatal(err)
	}
	if r.ln, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.ln.Close() })
	return r
}

// eachShard runs a test with event loops and with the pump.
func eachShard(t *testing.T, test func(t *testing.T, opt Options)) {
	for name, opt := range map[string]Options{"loops": {}, "pump": {NoLoops: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, opt)
		})
	}
}

func (r *rig) post(body string) liveblog.Entry {
	r.t.Helper()
	e, _, err := r.desk.Post(context.Background(), editor, slug, liveblog.EntryInput{Body: body}, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	return e
}

func (r *rig) cursor() liveblog.Cursor {
	r.t.Helper()
	c, err := r.store.Cursor(context.Background(), slug)
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}

// readers returns how many clients follow the blog on this rig's hub.
func (r *rig) readers() int {
	if f := r.hub.openFeed(slug); f != nil {
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.readers()
	}
	return 0
}

// reader is the far end of a client's connection, after the handshake.
type reader struct {
	t     testing.TB
	conn  net.Conn
	br    *bufio.Reader
	proto Protocol
}

// join attaches a new connection and returns its far end.
func (r *rig) join(j Join) *reader {
	r.t.Helper()
	rd, err := r.tryJoin(j)
	if err != nil {
		r.t.Fatal(err)
	}
	return rd
}

func (r *rig) tryJoin(j Join) (*reader, error) {
	far, err := net.Dial("tcp", r.ln.Addr().String())
	if err != nil {
		return nil, err
	}
	near, err := r.ln.Accept()
	if err != nil {
		return nil, err
	}
	if r.narrow {
		far.(*net.TCPConn).SetReadBuffer(64 << 10)
		near.(*net.TCPConn).SetWriteBuffer(64 << 10)
	}
	if j.Slug == "" {
		j.Slug = slug
	}
	if j.Ticket == nil {
		if j.Ticket, err = r.hub.Admit(netip.MustParseAddr("127.0.0.1")); err != nil {
			return nil, err
		}
	}
	r.t.Cleanup(func() { far.Close() })
	if err := r.hub.Attach(context.Background(), near, j); err != nil {
		return nil, err
	}
	return &reader{t: r.t, conn: far, br: bufio.NewReader(far), proto: j.Protocol}, nil
}

// patience is how long a test waits for something that must happen. Only a broken program makes a test wait that long.
const patience = time.Minute

// closed is the error that a reader gets when the server has sent a close frame.
type closed struct{ code int }

func (c closed) Error() string { return fmt.Sprintf("closed with %d", c.code) }

// frame reads one WebSocket frame.
func (rd *reader) frame() (first byte, payload []byte, err error) {
	rd.conn.SetReadDeadline(time.Now().Add(patience))
	var h [2]byte
	if _, err := io.ReadFull(rd.br, h[:]); err != nil {
		return 0, nil, err
	}
	n := int(h[1])
	switch n {
	case 126:
		var b [2]byte
		_, err = io.ReadFull(rd.br, b[:])
		n = int(binary.BigEndian.Uint16(b[:]))
	case 127:
		var b [8]byte
		_, err = io.ReadFull(rd.br, b[:])
		n = int(binary.BigEndian.Uint64(b[:]))
	}
	if err != nil {
		return 0, nil, err
	}
	payload = make([]byte, n)
	_, err = io.ReadFull(rd.br, payload)
	return h[0], payload, err
}

// object has the fields of all objects of the wire.
type object struct {
	Type    string
	Cursor  string
	Readers int
	Status  string
	Op      string
	Entry   *struct {
		Number   int
		Revision int
		HTML     string
		Body     string
	}
	Blog   *struct{ Status, Title, Standfirst, HTML string }
	Full   bool
	Talks  []string
	Board  map[string]string
	Claims map[string]string
}

// next returns the next object.
func (rd *reader) next() (o object, err error) {
	var payload []byte
	if rd.proto == EventStream {
		payload, err = rd.event()
	} else {
		payload, err = rd.text()
	}
	if err == nil {
		err = json.Unmarshal(payload, &o)
	}
	return o, err
}

func (rd *reader) text() ([]byte, error) {
	first, payload, err := rd.frame()
	switch {
	case err != nil:
		return nil, err
	case first == finBit|opClose:
		return nil, closed{int(binary.BigEndian.Uint16(payload))}
	case first == finBit|rsv1Bit|opText:
		return io.ReadAll(io.LimitReader(flate.NewReader(io.MultiReader(bytes.NewReader(payload),
			strings.NewReader("\x00\x00\xff\xff\x01\x00\x00\xff\xff"))), 1<<20))
	case first != finBit|opText:
		return nil, fmt.Errorf("unexpected frame %#x", first)
	}
	return payload, nil
}

func (rd *reader) event() ([]byte, error) {
	rd.conn.SetReadDeadline(time.Now().Add(patience))
	var data []byte
	for {
		line, err := rd.br.ReadBytes('\n')
		if err != nil {
			return nil, err
		}
		switch d, ok := bytes.CutPrefix(line, []byte("data: ")); {
		case ok:
			data = bytes.TrimSpace(d)
		case len(line) == 1 && data != nil:
			return data, nil
		}
	}
}

// want returns the next object that is not a heartbeat. It fails the test if the connection ends before.
func (rd *reader) want() object {
	rd.t.Helper()
	for {
		o, err := rd.next()
		if err != nil {
			rd.t.Fatalf("reading: %v", err)
		}
		if o.Type != "heartbeat" {
			return o
		}
	}
}

// wantClose reads until the server closes and returns the code.
func (rd *reader) wantClose() int {
	rd.t.Helper()
	for {
		_, err := rd.next()
		if c, ok := errors.AsType[closed](err); ok {
			return c.code
		}
		if err != nil {
			rd.t.Fatalf("the connection ended without a close frame: %v", err)
		}
	}
}

// send writes one masked frame.
func (rd *reader) send(first byte, payload []byte) {
	rd.t.Helper()
	f := frame(first, payload)
	head := len(f) - len(payload)
	f[1] |= maskBit
	mask := []byte{0xa1, 0x02, 0x7f, 0x33}
	masked := append(bytes.Clone(f[:head]), mask...)
	for i, b := range payload {
		masked = append(masked, b^mask[i%4])
	}
	if _, err := rd.conn.Write(masked); err != nil {
		rd.t.Fatal(err)
	}
}

// eventually waits until the condition holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-tick.C {
		if holds() {
			return
		}
	}
	t.Fatalf("not true after %v: %s", patience, what)
}
