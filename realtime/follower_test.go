package realtime

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"readout/liveblog"
)

// page is what a reader sees.
type page struct {
	cursor  liveblog.Cursor
	title   string
	entries map[int]string // number to HTML
	board   map[string]string
	claims  map[string]string
}

func (p page) equal(q page) bool {
	return p.cursor == q.cursor && p.title == q.title && maps.Equal(p.entries, q.entries) &&
		maps.Equal(p.board, q.board) && maps.Equal(p.claims, q.claims)
}

// load reads the whole blog as a browser does: the first page with its cursor, then the older ones. Changes after that
// cursor come again as changes, even if an older page has them.
func load(ctx context.Context, s liveblog.LogStore, slug string) (page, error) {
	p := page{entries: make(map[int]string)}
	for before, older := 0, true; older; {
		part, err := s.Page(ctx, liveblog.PageQuery{Slug: slug, Before: before, Limit: 5})
		if err != nil {
			return p, err
		}
		if before == 0 {
			p.cursor, p.title = part.Head.Blog.Cursor, part.Head.Blog.Title
			p.board, p.claims = boardOf(&part.Talks), claimsOf(&part.Talks)
		}
		for _, e := range part.Entries {
			p.entries[e.Number] = plainRenderer.Entry(part.Head.Blog, nil, e)
			if !e.Pinned {
				before = e.Number
			}
		}
		older = part.Older
	}
	return p, nil
}

// errReload says that a reader was told to load the page again.
var errReload = errors.New("reload")

// apply applies one object of the wire and checks what a client may rely on: each change is newer than the one before,
// a heartbeat has the client's own cursor, and there are no unknown objects.
func (p *page) apply(o object, f Format) error {
	switch o.Type {
	case "reload":
		return errReload
	case "hello", "heartbeat":
		// A hello may have another cursor, because a reload follows. A heartbeat may not.
		if o.Type == "heartbeat" && o.Cursor != p.cursor.String() {
			return fmt.Errorf("a heartbeat at %s for a reader at %s", o.Cursor, p.cursor)
		}
		return nil
	case "change":
	default:
		return fmt.Errorf("an object of the type %q", o.Type)
	}
	c, err := liveblog.ParseCursor(o.Cursor)
	if err != nil {
		return err
	}
	if c.Epoch != p.cursor.Epoch || c.Seq <= p.cursor.Seq {
		return fmt.Errorf("change %s for a reader at %s", c, p.cursor)
	}
	switch {
	case o.Talks != nil:
		if o.Board != nil {
			p.board = o.Board
		}
		if o.Full || f == JSON && o.Claims != nil {
			p.claims = map[string]string{}
		}
		for id, c := range o.Claims {
			if p.claims[id] = c; c == "" {
				delete(p.claims, id)
			}
		}
	case o.Blog != nil:
		p.title = o.Blog.Title
	case o.Op == "remove":
		delete(p.entries, o.Entry.Number)
	case o.Entry.HTML != "":
		p.entries[o.Entry.Number] = o.Entry.HTML
	default:
		e := liveblog.Entry{Revision: o.Entry.Revision, Body: o.Entry.Body}
		p.entries[o.Entry.Number] = plainRenderer.Entry(liveblog.Blog{}, nil, e)
	}
	p.cursor = c
	return nil
}

// transport is how a reader follows a blog.
type transport struct {
	name     string
	protocol Protocol
	pipe     bool // over a pipe, which only the pump can own
	poll     bool
}

var transports = []transport{
	{name: "WebSocket", protocol: WebSocket},
	{name: "deflated WebSocket", protocol: WebSocketDeflate},
	{name: "event stream", protocol: EventStream},
	{name: "WebSocket through the pump", protocol: WebSocket, pipe: true},
	{name: "event stream through the pump", protocol: EventStream, pipe: true},
	{name: "poll", poll: true},
}

// session is one connection of a reader, or several polls. The next session of the reader begins when the writers have
// made a number of further writes, or have finished.
type session struct {
	Transport transport
	Format    Format
	Length    int   // objects after which the reader disconnects, or polls
	Away      int64 // writes until the next session
}

// follower is a reader with a page. It goes through its sessions over and over, each time with the cursor that it has.
type follower struct {
	*rig
	slug     string
	sessions []session
	log      *progress

	mu   sync.Mutex // guards page
	page page
}

// progress counts the writes of a history, for readers between two sessions.
type progress struct {
	writes atomic.Int64
	quiet  atomic.Bool // the writers of this phase have finished
}

// follow runs until ctx ends. It returns an error at the first violation of the protocol.
func (f *follower) follow(ctx context.Context) error {
	for i := 0; ctx.Err() == nil; i++ {
		s := f.sessions[i%len(f.sessions)]
		run := f.listen
		if s.Transport.poll {
			run = f.poll
		}
		err := run(ctx, s)
		if errors.Is(err, errReload) {
			err = f.reload(ctx)
		}
		if err != nil && ctx.Err() == nil {
			return fmt.Errorf("%s, connection %d: %w", s.Transport.name, i+1, err)
		}
		back := f.log.writes.Load() + s.Away
		await(ctx, func() bool { return f.log.quiet.Load() || f.log.writes.Load() >= back })
	}
	return nil
}

func (f *follower) reload(ctx context.Context) error {
	p, err := load(ctx, f.store, f.slug)
	if err == nil {
		f.mu.Lock()
		f.page = p
		f.mu.Unlock()
	}
	return err
}

func (f *follower) state() page {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.page
	p.entries, p.board, p.claims = maps.Clone(p.entries), maps.Clone(p.board), maps.Clone(p.claims)
	return p
}

func (f *follower) take(o object, format Format) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.page.apply(o, format)
}

// listen follows over one kept connection.
func (f *follower) listen(ctx context.Context, s session) error {
	near, far := net.Pipe()
	if !s.Transport.pipe {
		var err error
		if near, far, err = loopback(); err != nil {
			return err
		}
	}
	defer far.Close()
	defer context.AfterFunc(ctx, func() { far.Close() })()
	ticket, err := f.hub.Admit(netip.MustParseAddr("192.0.2.1"))
	if err != nil {
		near.Close()
		return err
	}
	after := f.state().cursor
	j := Join{Slug: f.slug, After: after, Protocol: s.Transport.protocol, Format: s.Format, Ticket: ticket}
	if err := f.hub.Attach(ctx, near, j); err != nil {
		return err
	}
	rd := &reader{conn: far, br: bufio.NewReader(far), proto: s.Transport.protocol}
	for range s.Length {
		o, err := rd.next()
		if err != nil {
			return err
		}
		if err := f.take(o, s.Format); err != nil {
			return err
		}
	}
	return nil
}

// poll follows by polling.
func (f *follower) poll(ctx context.Context, s session) error {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for range s.Length {
		body, cursor, err := f.hub.Poll(ctx, f.slug, f.state().cursor, s.Format)
		if err != nil {
			return err
		}
		var answer struct {
			Cursor  string
			Changes []object
		}
		if err := json.Unmarshal(body, &answer); err != nil {
			return err
		}
		for _, o := range answer.Changes {
			if err := f.take(o, s.Format); err != nil {
				return err
			}
		}
		if at := f.state().cursor; answer.Cursor != cursor.String() || at != cursor {
			return fmt.Errorf("a poll's response has the cursor %s (%s), but its changes end at %s",
				answer.Cursor, cursor, at)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
	return nil
}

// loopback returns both ends of a new TCP connection.
func loopback() (near, far net.Conn, err error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	defer ln.Close()
	if far, err = net.Dial("tcp", ln.Addr().String()); err != nil {
		return nil, nil, err
	}
	if near, err = ln.Accept(); err != nil {
		far.Close()
		return nil, nil, err
	}
	return near, far, nil
}

// await waits until the condition holds, and returns false if ctx ends first.
func await(ctx context.Context, holds func() bool) bool {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
	}
	return true
}
