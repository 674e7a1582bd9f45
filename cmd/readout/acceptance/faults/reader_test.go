package faults

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"hash/maphash"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"readout/liveblog"

	"github.com/fasthttp/websocket"
)

// clusterEntry is an entry as far as readers of a cluster compare it. The body stands as a hash: there are many readers.
type clusterEntry struct {
	Number, Revision int
	Headline         string
	Body             uint64
	KeyEvent, Pinned bool
}

func entryOf(e liveblog.Entry) clusterEntry {
	return clusterEntry{e.Number, e.Revision, e.Headline, bodyHash(e.Body), e.KeyEvent, e.Pinned}
}

func bodyHash(body string) uint64 {
	h := fnv.New64a()
	io.WriteString(h, body)
	return h.Sum64()
}

// clusterPage is what a reader has on the screen.
type clusterPage struct {
	cursor  liveblog.Cursor
	title   string
	entries map[int]clusterEntry
	sum     uint64 // of the entries, whatever their order: pages with the same have the same entries
}

func (p *clusterPage) put(e clusterEntry) {
	p.remove(e.Number)
	p.entries[e.Number] = e
	p.sum ^= maphash.Comparable(pageSeed, e)
}

func (p *clusterPage) remove(number int) {
	if old, ok := p.entries[number]; ok {
		p.sum ^= maphash.Comparable(pageSeed, old)
		delete(p.entries, number)
	}
}

var pageSeed = maphash.MakeSeed()

func (p clusterPage) clone() clusterPage {
	p.entries = maps.Clone(p.entries)
	return p
}

// difference tells in a few words what p has otherwise than want, "" where they are equal.
func (p clusterPage) difference(want clusterPage) string {
	if p.cursor == want.cursor && p.title == want.title && p.sum == want.sum {
		return ""
	}
	var all []string
	if p.cursor != want.cursor {
		all = append(all, fmt.Sprintf("the cursor is %s, not %s", p.cursor, want.cursor))
	}
	if p.title != want.title {
		all = append(all, fmt.Sprintf("the title is %q, not %q", p.title, want.title))
	}
	for n, e := range want.entries {
		if got, ok := p.entries[n]; !ok {
			all = append(all, fmt.Sprintf("entry %d is missing", n))
		} else if got != e {
			all = append(all, fmt.Sprintf("entry %d is %+v, not %+v", n, got, e))
		}
	}
	for n := range p.entries {
		if _, ok := want.entries[n]; !ok {
			all = append(all, fmt.Sprintf("entry %d is there still", n))
		}
	}
	return strings.Join(all[:min(len(all), 5)], "; ")
}

// loadPage reads the whole blog as it is at one moment.
func loadPage(ctx context.Context, s liveblog.LogStore, slug string) (clusterPage, error) {
	all, err := s.Page(ctx, liveblog.PageQuery{Slug: slug, Limit: 1 << 20})
	p := clusterPage{cursor: all.Head.Blog.Cursor, title: all.Head.Blog.Title, entries: map[int]clusterEntry{}}
	for _, e := range all.Entries {
		p.put(entryOf(e))
	}
	return p, err
}

// clusterObject is any object of the wire in its JSON form.
type clusterObject struct {
	Type   string
	Cursor string
	Op     string
	Entry  *struct {
		Number, Revision int
		Headline, Body   string
		KeyEvent         bool `json:"key_event"`
		Pinned           bool
	}
	Blog *struct{ Title string }
}

// clusterObjects decodes what comes over the wire, the same text once: a node sends the same to all its readers.
type clusterObjects struct {
	mu    sync.Mutex // guards known
	known map[string]clusterObject
}

func (c *clusterObjects) decode(text []byte) (o clusterObject, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	o, ok := c.known[string(text)]
	if ok {
		return o, nil
	}
	if err := json.Unmarshal(text, &o); err != nil {
		return o, fmt.Errorf("%w in %.200s", err, text)
	}
	if len(c.known) > 1000 {
		clear(c.known)
	}
	c.known[string(text)] = o
	return o, nil
}

var errMustReload = errors.New("the server says reload")

// take applies one object, and is the judge of five of the guarantees that hold for every reader:
//
//   - ordered, unique: each change is newer than all before it, over all connections of the reader;
//   - atomic: a change is one state of its entry, whole; writers put the same words in headline and body;
//   - resumable: a connection that began with the reader's cursor goes on behind it;
//   - bookmarkable: whatever else carries a cursor carries one that the reader has reached, so that it may be kept.
//
// The sixth, reliable, is that the page equals the store when all is quiet.
func (p *clusterPage) take(o clusterObject) error {
	switch o.Type {
	case "reload":
		return errMustReload
	case "hello", "heartbeat":
		// A greeting that is elsewhere is followed by the reload.
		if o.Type == "heartbeat" && o.Cursor != p.cursor.String() {
			return fmt.Errorf("bookmarkable: a heartbeat at %s for a reader at %s", o.Cursor, p.cursor)
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
	switch {
	case c.Epoch != p.cursor.Epoch:
		return fmt.Errorf("resumable: change %s for a reader at %s", c, p.cursor)
	case c.Seq < p.cursor.Seq:
		return fmt.Errorf("ordered: change %s for a reader at %s", c, p.cursor)
	case c.Seq == p.cursor.Seq:
		return fmt.Errorf("unique: change %s for a reader who has it", c)
	}
	switch {
	case o.Blog != nil:
		p.title = o.Blog.Title
	case o.Op == "remove":
		p.remove(o.Entry.Number)
	default:
		e := o.Entry
		if first, _, _ := strings.Cut(e.Body, "\n"); first != e.Headline {
			return fmt.Errorf("atomic: entry %d has the headline %q and the text %q", e.Number, e.Headline, first)
		}
		if old, ok := p.entries[e.Number]; ok && e.Revision < old.Revision {
			return fmt.Errorf("ordered: entry %d goes from revision %d back to %d", e.Number, old.Revision, e.Revision)
		}
		p.put(clusterEntry{e.Number, e.Revision, e.Headline, bodyHash(e.Body), e.KeyEvent, e.Pinned})
	}
	p.cursor = c
	return nil
}

// clusterReader is a reader with a page, who follows on one node or another and comes back with the cursor reached.
type clusterReader struct {
	name    string
	slug    string
	urls    []string // of the nodes or of what stands before them; the first is home
	store   liveblog.LogStore
	objects *clusterObjects // shared by all
	random  *rand.Rand      // of the reader's goroutine
	// restless readers leave now and then by themselves, so that places are resumed all the time.
	restless  bool
	bookmarks bool // keep the page at some moments
	narrow    bool // the system takes little on the reader's behalf

	stall       atomic.Pointer[chan struct{}]  // the reader takes nothing until it is closed
	current     atomic.Pointer[websocket.Conn] // the connection, or the last one
	seq         atomic.Int64                   // of the page's cursor
	reloads     atomic.Int64
	slow        atomic.Int64 // connections that the server ended with 4008
	connections atomic.Int64 // that were greeted
	lost        atomic.Int64 // when the connection went, in ns since 1970; 0 while there is one
	longest     atomic.Int64 // the longest time without a connection so far, in ns

	mu       sync.Mutex // guards what follows
	page     clusterPage
	bookmark clusterPage // kept at some moment
	breach   error       // the first one
}

// follow runs until ctx ends or a guarantee is broken.
func (r *clusterReader) follow(ctx context.Context) {
	for url := r.urls[0]; ctx.Err() == nil; url = r.urls[r.random.IntN(len(r.urls))] {
		err := r.listen(ctx, url)
		r.lost.CompareAndSwap(0, time.Now().UnixNano())
		if errors.Is(err, errMustReload) {
			r.reloads.Add(1)
			err = r.load(ctx)
		}
		if err != nil && ctx.Err() == nil {
			r.mu.Lock()
			r.breach = fmt.Errorf("reader %s: %w", r.name, err)
			r.mu.Unlock()
			return
		}
		pause(ctx, time.Duration(r.random.Int64N(int64(300*time.Millisecond))))
	}
}

// load reads the page anew, and again while the store is away.
func (r *clusterReader) load(ctx context.Context) error {
	for {
		p, err := loadPage(ctx, r.store, r.slug)
		if err == nil {
			r.mu.Lock()
			defer r.mu.Unlock()
			if r.bookmark.entries == nil {
				r.bookmark = p.clone()
			}
			r.page = p
			r.seq.Store(p.cursor.Seq)
			return nil
		}
		if ctx.Err() != nil || liveblog.CodeOf(err) != liveblog.Unavailable {
			return err
		}
		pause(ctx, 50*time.Millisecond)
	}
}

// listen follows over one connection. It returns nil when the connection ended, however that was, and an error when
// a guarantee is broken.
func (r *clusterReader) listen(ctx context.Context, url string) error {
	conn, err := r.dial(ctx, url, r.place())
	if err != nil {
		return nil
	}
	defer conn.Close()
	r.current.Store(conn)
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	stay := 1 << 30
	if r.restless {
		stay = 2 + r.random.IntN(30)
	}
	for i := range stay {
		if stall := r.stall.Load(); stall != nil && i > 0 {
			select {
			case <-*stall:
			case <-ctx.Done():
				return nil
			}
		}
		// Whatever is wrong, something comes within the time of a heartbeat.
		conn.SetReadDeadline(time.Now().Add(40 * time.Second))
		_, b, err := conn.ReadMessage()
		if err != nil {
			if websocket.IsCloseError(err, 4008) {
				r.slow.Add(1)
			}
			return nil
		}
		if i == 0 {
			r.connections.Add(1)
			if since := r.lost.Swap(0); since != 0 {
				r.longest.Store(max(r.longest.Load(), time.Now().UnixNano()-since))
			}
		}
		o, err := r.objects.decode(b)
		if err != nil {
			return err
		}
		if err := r.take(o); err != nil {
			return err
		}
	}
	return nil
}

func (r *clusterReader) dial(ctx context.Context, url string, after liveblog.Cursor) (*websocket.Conn, error) {
	d := websocket.Dialer{HandshakeTimeout: 10 * time.Second, ReadBufferSize: 1 << 10, WriteBufferSize: 256,
		NetDialContext: (&net.Dialer{}).DialContext}
	address := fmt.Sprintf("ws%s/live/%s/ws?format=json&after=%s", strings.TrimPrefix(url, "http"), r.slug, after)
	if r.narrow {
		d.NetDialContext = (&net.Dialer{Control: narrow}).DialContext
	}
	conn, answer, err := d.DialContext(ctx, address, nil)
	if answer != nil && answer.Body != nil {
		answer.Body.Close()
	}
	return conn, err
}

// narrow makes the systems on both ends of a connection hold back little, as on a slow line far away: on loopback they
// would take more than a megabyte for somebody who never reads.
func narrow(_, _ string, c syscall.RawConn) error {
	var buffer, segment error
	err := c.Control(func(fd uintptr) {
		buffer = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 16<<10)
		segment = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_MAXSEG, 1400)
	})
	return errors.Join(err, buffer, segment)
}

func (r *clusterReader) take(o clusterObject) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.page.take(o); err != nil {
		return err
	}
	r.seq.Store(r.page.cursor.Seq)
	if r.bookmarks && o.Type == "change" && r.random.IntN(40) == 0 {
		r.bookmark = r.page.clone()
	}
	return nil
}

// place returns the cursor that the reader has reached.
func (r *clusterReader) place() liveblog.Cursor {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.page.cursor
}

// stop has the reader come back on a new connection and take no more than the greeting until released is closed. The
// new connection has not shown the system yet how much it may hold back for it.
func (r *clusterReader) stop(released *chan struct{}) {
	r.stall.Store(released)
	if conn := r.current.Load(); conn != nil {
		conn.Close()
	}
}

// stalled reports whether the reader takes nothing for now.
func (r *clusterReader) stalled() bool {
	stall := r.stall.Load()
	if stall == nil {
		return false
	}
	select {
	case <-*stall:
		return false
	default:
		return true
	}
}

// differs compares the reader's page, and tells the first breach before.
func (r *clusterReader) differs(want clusterPage) (difference string, breach error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.page.difference(want), r.breach
}

// bookmarked returns the page as it becomes when the reader comes back with a cursor kept some time ago, by polling until
// an answer has no changes: one answer has 4 MiB of them at most.
func (r *clusterReader) bookmarked(ctx context.Context, url string) (clusterPage, error) {
	r.mu.Lock()
	p := r.bookmark.clone()
	r.mu.Unlock()
	for {
		at := p.cursor
		if err := r.poll(ctx, url, &p); err != nil || p.cursor == at {
			return p, err
		}
	}
}

// poll asks once for what happened after the page's cursor, and takes it over.
func (r *clusterReader) poll(ctx context.Context, url string, p *clusterPage) error {
	req, err := http.NewRequestWithContext(ctx, "GET", fmt.Sprintf("%s/live/%s/changes?format=json&after=%s", url, r.slug, p.cursor), nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	var answer struct {
		Cursor  string
		Changes []clusterObject
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the poll is answered with %s", res.Status)
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return err
	}
	for _, o := range answer.Changes {
		if err := p.take(o); err != nil {
			return err
		}
	}
	if answer.Cursor != p.cursor.String() {
		return fmt.Errorf("the poll's cursor is %s and its changes end at %s", answer.Cursor, p.cursor)
	}
	return nil
}

// pause waits, unless ctx ends before.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
