package realtime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"readout/liveblog"
)

func TestHelloThenChanges(t *testing.T) {
	t.Parallel()
	eachShard(t, func(t *testing.T, opt Options) {
		r := newRig(t, opt)
		for _, j := range []Join{
			{Protocol: WebSocket}, {Protocol: WebSocketDeflate}, {Protocol: EventStream},
			{Protocol: WebSocket, Format: JSON}, {Protocol: EventStream, Format: JSON},
		} {
			rd := r.join(j)
			o := rd.want()
			if o.Type != "hello" || o.Cursor != r.cursor().String() || o.Status != "live" || o.Readers < 1 {
				t.Fatalf("first object: %+v", o)
			}
			text := "Officials said the list of open points was shorter. " +
				strings.Repeat("They met again after lunch. ", 30)
			e := r.post(text)
			o = rd.want()
			if o.Type != "change" || o.Op != "put" || o.Cursor != r.cursor().String() ||
				o.Entry.Number != e.Number || o.Entry.Revision != 1 {
				t.Fatalf("after a post: %+v", o)
			}
			if j.Format == JSON && o.Entry.Body != e.Body ||
				j.Format == HTML && !strings.Contains(o.Entry.HTML, e.Body) {
				t.Fatalf("the change does not have the entry's text: %+v", o.Entry)
			}
			if _, err := r.desk.Remove(t.Context(), editor, slug, e.Number, 1); err != nil {
				t.Fatal(err)
			}
			if o := rd.want(); o.Op != "remove" || o.Entry.Number != e.Number || o.Entry.HTML != "" {
				t.Fatalf("after a removal: %+v", o)
			}
			title := fmt.Sprint("Talks, day ", j)
			if _, err := r.desk.UpdateBlog(t.Context(), editor, slug, liveblog.BlogPatch{Title: &title}); err != nil {
				t.Fatal(err)
			}
			if o := rd.want(); o.Blog == nil || o.Blog.Title != title || (o.Blog.HTML == "") != (j.Format == JSON) {
				t.Fatalf("after a new title: %+v", o)
			}
		}
	})
}

func TestKeyEventChangesEntryThenHead(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	rd := r.join(Join{})
	before := rd.want()
	input := liveblog.EntryInput{Body: "Agreed.", KeyEvent: true}
	if _, _, err := r.desk.Post(t.Context(), editor, slug, input, nil); err != nil {
		t.Fatal(err)
	}
	entry, head := rd.want(), rd.want()
	if entry.Op != "put" || head.Blog == nil {
		t.Fatalf("got %+v and %+v", entry, head)
	}
	c, _ := liveblog.ParseCursor(before.Cursor)
	if want := (liveblog.Cursor{Epoch: c.Epoch, Seq: c.Seq + 2}); head.Cursor != want.String() {
		t.Errorf("the head's cursor is %s, not %s", head.Cursor, want)
	}
}

func TestNewZoneOrLanguageReloads(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	rd := r.join(Join{})
	rd.want()
	zone := "Asia/Seoul"
	if _, err := r.desk.UpdateBlog(t.Context(), editor, slug, liveblog.BlogPatch{TimeZone: &zone}); err != nil {
		t.Fatal(err)
	}
	if o := rd.want(); o.Type != "reload" {
		t.Errorf("got %+v", o)
	}
}

// TestJoinAtEveryStep: a reader who joins with any earlier cursor gets each later change once and in order, and then
// the new ones.
func TestJoinAtEveryStep(t *testing.T) {
	t.Parallel()
	eachShard(t, func(t *testing.T, opt Options) {
		r := newRig(t, opt)
		cursors := []liveblog.Cursor{r.cursor()}
		for i := range 12 {
			r.post(fmt.Sprint("Update ", i))
			cursors = append(cursors, r.cursor())
		}
		var readers []*reader
		for i, c := range cursors {
			rd := r.join(Join{After: c})
			if o := rd.want(); o.Type != "hello" || o.Cursor != c.String() {
				t.Fatalf("hello at step %d: %+v", i, o)
			}
			for _, want := range cursors[i+1:] {
				if o := rd.want(); o.Cursor != want.String() {
					t.Fatalf("joined at step %d: got %+v, want cursor %s", i, o, want)
				}
			}
			readers = append(readers, rd)
		}
		r.post("Live")
		for i, rd := range readers {
			if o := rd.want(); o.Cursor != r.cursor().String() {
				t.Fatalf("the reader that joined at step %d then got %+v", i, o)
			}
		}
	})
}

func TestUnknownCursorReloads(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	r.post("One")
	c := r.cursor()
	for name, after := range map[string]liveblog.Cursor{
		"another epoch":    {Epoch: "000000000000", Seq: 1},
		"ahead of the log": {Epoch: c.Epoch, Seq: c.Seq + 1},
	} {
		rd := r.join(Join{After: after})
		if o := rd.want(); o.Type != "hello" || o.Cursor != c.String() {
			t.Errorf("%s: first %+v", name, o)
		}
		if o := rd.want(); o.Type != "reload" {
			t.Errorf("%s: then %+v", name, o)
		}
		body, cursor, err := r.hub.Poll(t.Context(), slug, after, HTML)
		if err != nil || cursor != c || string(body) != fmt.Sprintf(`{"cursor":%q,"changes":[{"type":"reload"}]}`, c) {
			t.Errorf("%s: poll %s %v %v", name, body, cursor, err)
		}
	}
}

func TestTooFarBehindReloads(t *testing.T) {
	t.Parallel()
	const tail = 20
	r := newRig(t, Options{tail: tail})
	start := r.cursor()
	first := r.join(Join{})
	first.want()
	for i := range tail + 1 {
		r.post(fmt.Sprint("Update ", i))
		first.want() // the hub has it in its tail
	}
	rd := r.join(Join{After: start})
	rd.want()
	if o := rd.want(); o.Type != "reload" {
		t.Fatalf("got %+v", o)
	}
	start.Seq++
	rd = r.join(Join{After: start})
	rd.want()
	for range tail {
		if o := rd.want(); o.Op != "put" {
			t.Fatalf("got %+v", o)
		}
	}
}

// TestPollIsBounded: a client that is far behind gets its changes in several responses, each of which ends at the
// cursor that it names.
func TestPollIsBounded(t *testing.T) {
	t.Parallel()
	const posts, limit = 12, 4 << 10
	r := newRig(t, Options{poll: limit})
	at := r.cursor()
	for i := range posts {
		r.post(fmt.Sprint("Update ", i, strings.Repeat(" and more", limit/5/len(" and more"))))
	}
	end := r.cursor()
	for polls, arrived := 1, 0; ; polls++ {
		body, cursor, err := r.hub.Poll(t.Context(), slug, at, HTML)
		if err != nil {
			t.Fatal(err)
		}
		var answer struct{ Changes []struct{ Cursor string } }
		if err := json.Unmarshal(body, &answer); err != nil {
			t.Fatal(err)
		}
		n := len(answer.Changes)
		if n == 0 || answer.Changes[n-1].Cursor != cursor.String() || len(body) > limit+1000 {
			t.Fatalf("poll %d: %d changes in %d bytes, then %v", polls, n, len(body), cursor)
		}
		arrived += n
		if at = cursor; at == end {
			if arrived != posts || polls < 3 {
				t.Errorf("%d polls returned %d changes, want %d", polls, arrived, posts)
			}
			return
		}
	}
}

func TestPoll(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	start := r.cursor()
	body, cursor, err := r.hub.Poll(t.Context(), slug, liveblog.Cursor{}, HTML)
	if want := fmt.Sprintf(`{"cursor":%q,"changes":[]}`, start); err != nil || cursor != start || string(body) != want {
		t.Fatalf("from now on: %s %v", body, err)
	}
	r.post("One")
	now := r.cursor()
	body, _, err = r.hub.Poll(t.Context(), slug, start, HTML)
	want := fmt.Sprintf(`{"cursor":%q,"changes":[{"type":"change","cursor":%[1]q,"op":"put",`+
		`"entry":{"number":1,"revision":1,"html":"<p>1: One</p>"}}]}`, now)
	if err != nil || string(body) != want {
		t.Fatalf("after a post:\n%s\n%s", body, want)
	}
	if _, _, err := r.hub.Poll(t.Context(), "no-such", start, HTML); liveblog.CodeOf(err) != liveblog.NotFound {
		t.Errorf("unknown blog: %v", err)
	}
}

func TestPingCloseAndViolations(t *testing.T) {
	t.Parallel()
	eachShard(t, func(t *testing.T, opt Options) {
		r := newRig(t, opt)
		ping := r.join(Join{})
		ping.want()
		ping.send(finBit|opText, []byte(`{"what":"ever"}`))
		ping.send(finBit|opPing, []byte("hello"))
		if first, payload, err := ping.frame(); err != nil || first != finBit|opPong || string(payload) != "hello" {
			t.Fatalf("pong: %#x %q %v", first, payload, err)
		}
		ping.send(finBit|opClose, []byte{0x03, 0xe8})
		if code := ping.wantClose(); code != closeNormal {
			t.Errorf("a close is answered with %d", code)
		}
		if _, err := ping.br.ReadByte(); err != io.EOF {
			t.Errorf("after the close: %v", err)
		}

		unmasked := r.join(Join{})
		unmasked.want()
		unmasked.conn.Write([]byte{finBit | opText, 1, 'x'})
		if code := unmasked.wantClose(); code != closeProtocol {
			t.Errorf("an unmasked frame is answered with %d", code)
		}
		long := r.join(Join{Early: []byte{finBit | opText, maskBit | 126, 0x10, 0x01, 0, 0, 0, 0}})
		if code := long.wantClose(); code != closeTooBig {
			t.Errorf("a frame of 4,097 bytes is answered with %d", code)
		}
		eventually(t, "no reader is left", func() bool { return r.readers() == 0 })
	})
}

// TestSlowReader: a reader whose queue is full is closed with 4008, misses nothing when it reconnects with its cursor,
// and does not delay the others.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	eachShard(t, func(t *testing.T, opt Options) {
		opt.QueueBytes = 32 << 10
		opt.WriteTimeout = time.Hour // so that the slow reader is closed because of its queue, on any machine
		r := newRig(t, opt)
		fast := r.join(Join{})
		fast.want()
		r.narrow = true
		slow := r.join(Join{})
		last := slow.want().Cursor
		for range 40 {
			r.post(strings.Repeat("The delegations went through the annex line by line. ", 600))
			if o := fast.want(); o.Cursor != r.cursor().String() {
				t.Fatalf("the other reader got %+v", o)
			}
		}
		for {
			o, err := slow.next()
			if c, ok := errors.AsType[closed](err); ok && c.code == closeTooSlow {
				break
			}
			if err != nil {
				t.Fatalf("the slow reader's connection ended with %v", err)
			}
			last = o.Cursor
		}
		after, err := liveblog.ParseCursor(last)
		if err != nil {
			t.Fatal(err)
		}
		back := r.join(Join{After: after})
		back.want()
		for last != r.cursor().String() {
			o := back.want()
			after.Seq++
			if o.Cursor != after.String() {
				t.Fatalf("after its reconnect it got %+v, not %s", o, after)
			}
			last = o.Cursor
		}
	})
}

// TestReaderThatNeverReads: a reader that stops reading is removed, although it does not read the close frame either.
func TestReaderThatNeverReads(t *testing.T) {
	t.Parallel()
	eachShard(t, func(t *testing.T, opt Options) {
		opt.WriteTimeout = 20 * time.Millisecond
		r := newRig(t, opt)
		r.narrow = true
		r.join(Join{}).want()
		for range 20 {
			r.post(strings.Repeat("The delegations went through the annex line by line. ", 1200))
		}
		eventually(t, "the reader is removed", func() bool { return r.readers() == 0 })
	})
}

func TestDrain(t *testing.T) {
	t.Parallel()
	eachShard(t, func(t *testing.T, opt Options) {
		r := newRig(t, opt)
		var readers []*reader
		for i := range 20 {
			rd := r.join(Join{Protocol: []Protocol{WebSocket, EventStream}[i%2]})
			rd.want()
			readers = append(readers, rd)
		}
		drained := make(chan error)
		go func() { drained <- r.hub.Drain(context.Background(), 50*time.Millisecond) }()
		for _, rd := range readers {
			if rd.proto == EventStream {
				if _, err := rd.next(); err != io.EOF {
					t.Errorf("the stream ended with %v", err)
				}
				rd.conn.Close()
				continue
			}
			if code := rd.wantClose(); code != closeRestarting {
				t.Errorf("closed with %d", code)
			}
			rd.conn.Close()
		}
		if err := <-drained; err != nil {
			t.Error(err)
		}
		if _, err := r.hub.Admit(netip.MustParseAddr("127.0.0.1")); liveblog.CodeOf(err) != liveblog.Unavailable {
			t.Errorf("admission while draining: %v", err)
		}
	})
}

func TestAdmissionLimits(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{MaxClients: 3, MaxPerAddress: 2})
	admit := func(address string) error {
		_, err := r.tryJoin(Join{Ticket: must(r.hub.Admit(netip.MustParseAddr(address)))})
		return err
	}
	for _, address := range []string{"192.0.2.1", "192.0.2.1"} {
		if err := admit(address); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.hub.Admit(netip.MustParseAddr("192.0.2.1")); liveblog.CodeOf(err) != liveblog.TooMany {
		t.Errorf("third of one address: %v", err)
	}
	ticket, err := r.hub.Admit(netip.MustParseAddr("192.0.2.2"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.hub.Admit(netip.MustParseAddr("192.0.2.3")); liveblog.CodeOf(err) != liveblog.TooMany {
		t.Errorf("fourth in all: %v", err)
	}
	ticket.Release()
	ticket.Release()
	again, err := r.hub.Admit(netip.MustParseAddr("192.0.2.3"))
	if err != nil {
		t.Errorf("after a release: %v", err)
	}
	again.Release()
}

func must(t *Ticket, err error) *Ticket {
	if err != nil {
		panic(err)
	}
	return t
}

// TestRendererThatPanics: the readers are told to reload, and get the following changes.
func TestRendererThatPanics(t *testing.T) {
	t.Parallel()
	renderer := plainRenderer
	renderer.Entry = func(b liveblog.Blog, _ *liveblog.Talks, e liveblog.Entry) string {
		if strings.Contains(e.Body, "bad") {
			panic("no")
		}
		return e.Body
	}
	r := newRig(t, Options{Renderer: renderer})
	rd := r.join(Join{})
	rd.want()
	r.post("bad")
	if o := rd.want(); o.Type != "reload" {
		t.Errorf("got %+v", o)
	}
	r.post("good")
	if o := rd.want(); o.Op != "put" {
		t.Errorf("got %+v", o)
	}
}

// TestStoreUnavailable: while the store does not answer, readers stay connected and polls within the tail succeed. When
// the store is back, the readers get what they missed.
func TestStoreUnavailable(t *testing.T) {
	t.Parallel()
	var down atomic.Bool
	r := newRig(t, Options{Broker: lossyBroker{NewLocalBroker()}, Tick: 10 * time.Millisecond})
	r.hub.opt.Store = unavailableStore{r.store, &down}
	rd := r.join(Join{})
	rd.want()
	down.Store(true)
	r.post("While this hub cannot reach the store")
	if _, _, err := r.hub.Poll(t.Context(), slug, liveblog.Cursor{}, HTML); err != nil {
		t.Errorf("a poll of what is known: %v", err)
	}
	_, _, err := r.hub.Poll(t.Context(), "another", liveblog.Cursor{}, HTML)
	if liveblog.CodeOf(err) != liveblog.Unavailable {
		t.Errorf("a poll of a blog that nobody follows: %v", err)
	}
	if _, err := r.tryJoin(Join{After: r.cursor()}); liveblog.CodeOf(err) != liveblog.Unavailable {
		t.Errorf("a reader who is ahead of this node: %v", err)
	}
	down.Store(false)
	if o := rd.want(); o.Op != "put" || o.Cursor != r.cursor().String() {
		t.Errorf("when the store is back: %+v", o)
	}
}

// lossyBroker loses every notice.
type lossyBroker struct{ *LocalBroker }

func (lossyBroker) Publish(context.Context, liveblog.Notice) error { return nil }

// unavailableStore fails while down is set.
type unavailableStore struct {
	liveblog.LogStore
	down *atomic.Bool
}

var errUnavailable = &liveblog.Error{Code: liveblog.Unavailable, Message: "The store is unavailable."}

func (s unavailableStore) Talks(ctx context.Context, slug string, at time.Time) (
	liveblog.Blog, liveblog.Talks, error) {
	if s.down.Load() {
		return liveblog.Blog{}, liveblog.Talks{}, errUnavailable
	}
	return s.LogStore.Talks(ctx, slug, at)
}

func (s unavailableStore) ChangesAfter(ctx context.Context, slug string, after liveblog.Cursor, limit int) (
	liveblog.Changes, error) {
	if s.down.Load() {
		return liveblog.Changes{}, errUnavailable
	}
	return s.LogStore.ChangesAfter(ctx, slug, after, limit)
}
