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

	"readout/cmd/readout/acceptance/program"
	"readout/liveblog"

	"github.com/fasthttp/websocket"
)

// clusterEntry has the fields of an entry that tests compare. It has a hash of the body, since there are many readers.
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

// clusterPage is the page of a reader, or what it should be.
type clusterPage struct {
	cursor  liveblog.Cursor
	title   string
	entries map[int]clusterEntry
	sum     uint64 // the XOR of the entries' hashes; equal for equal entries
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

// difference describes the first few differences between p and want, or returns "".
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
			all = append(all, fmt.Sprintf("entry %d should be gone", n))
		}
	}
	return strings.Join(all[:min(len(all), 5)], "; ")
}

// loadPage reads the whole blog and its cursor from the store.
func loadPage(ctx context.Context, s liveblog.LogStore, slug string) (clusterPage, error) {
	all, err := s.Page(ctx, liveblog.PageQuery{Slug: slug, Limit: 1 << 20})
	p := clusterPage{cursor: all.Head.Blog.Cursor, title: all.Head.Blog.Title, entries: map[int]clusterEntry{}}
	for _, e := range all.Entries {
		p.put(entryOf(e))
	}
	return p, err
}

// clusterObject is any object on the wire in the JSON format.
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

// clusterObjects decodes objects and caches them, since a node sends the same text to all its readers.
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

// errMustReload says that the server has told the reader to reload.
var errMustReload = errors.New("the server says reload")

// apply applies one object, and checks five of the guarantees that hold for every reader:
//
//   - ordered and unique: each change is newer than all before it, over all connections of the reader.
//   - atomic: a change is one complete state of its entry. Writers put the same words in headline and body.
//   - resumable: a connection continues after the cursor with which it began.
//   - bookmarkable: other objects with a cursor have one that the reader has reached, so that it can keep it.
//
// [cluster.settle] checks the sixth, reliable: in the end the page equals the store.
func (p *clusterPage) apply(o clusterObject) error {
	switch o.Type {
	case "reload":
		return errMustReload
	case "hello", "heartbeat":
		// A hello may have another cursor: changes, or a reload, follow.
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

// clusterReader is a reader who follows on one node or another, and reconnects with the cursor of its page.
type clusterReader struct {
	name    string
	slug    string
	urls    []string // of the nodes, or of a proxy; the first is preferred
	store   liveblog.LogStore
	objects *clusterObjects // shared by all readers
	random  *rand.Rand      // only for the reader's goroutine

	restless     bool // the reader disconnects by itself now and then
	bookmarks    bool // the reader keeps its page at random moments
	smallBuffers bool // the operating system buffers little for the reader

	stall       atomic.Pointer[chan struct{}]  // the reader does not read until this channel is closed
	current     atomic.Pointer[websocket.Conn] // the last connection
	seq         atomic.Int64                   // of the page's cursor
	reloads     atomic.Int64
	slow        atomic.Int64 // connections that the server closed with 4008
	connections atomic.Int64 // with a hello
	lost        atomic.Int64 // when the last connection was lost, as a Unix time in ns; 0 while there is one
	longest     atomic.Int64 // the longest time without a connection so far, in ns

	mu       sync.Mutex // guards the fields below
	page     clusterPage
	bookmark clusterPage // an earlier state of page
	breach   error       // the first breach of a guarantee
}

// follow follows until ctx is done or a guarantee is broken.
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
		program.Pause(ctx, time.Duration(r.random.Int64N(int64(300*time.Millisecond))))
	}
}

// load loads the page, and retries while the store is unavailable.
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
		program.Pause(ctx, 50*time.Millisecond)
	}
}

// listen follows over one connection. It returns nil when the connection ends, and an error when a guarantee is broken.
func (r *clusterReader) listen(ctx context.Context, url string) error {
	conn, err := r.dial(ctx, url, r.cursor())
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
		// Heartbeats come more often than that.
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
		if err := r.apply(o); err != nil {
			return err
		}
	}
	return nil
}

func (r *clusterReader) dial(ctx context.Context, url string, after liveblog.Cursor) (*websocket.Conn, error) {
	d := websocket.Dialer{
		HandshakeTimeout: 10 * time.Second, ReadBufferSize: 1 << 10, WriteBufferSize: 256,
		NetDialContext: (&net.Dialer{}).DialContext,
	}
	address := fmt.Sprintf("ws%s/live/%s/ws?format=json&after=%s", strings.TrimPrefix(url, "http"), r.slug, after)
	if r.smallBuffers {
		d.NetDialContext = (&net.Dialer{Control: limitBuffers}).DialContext
	}
	conn, answer, err := d.DialContext(ctx, address, nil)
	if answer != nil && answer.Body != nil {
		answer.Body.Close()
	}
	return conn, err
}

// limitBuffers makes the operating system buffer little on both ends of a connection, as on a slow network. On loopback
// it would buffer more than a megabyte for a reader that never reads.
func limitBuffers(_, _ string, c syscall.RawConn) error {
	var buffer, segment error
	err := c.Control(func(fd uintptr) {
		buffer = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 16<<10)
		segment = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_MAXSEG, 1400)
	})
	return errors.Join(err, buffer, segment)
}

// apply applies one object to the page, and sometimes bookmarks it.
func (r *clusterReader) apply(o clusterObject) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.page.apply(o); err != nil {
		return err
	}
	r.seq.Store(r.page.cursor.Seq)
	if r.bookmarks && o.Type == "change" && r.random.IntN(40) == 0 {
		r.bookmark = r.page.clone()
	}
	return nil
}

// cursor returns the cursor of the page.
func (r *clusterReader) cursor() liveblog.Cursor {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.page.cursor
}

// stopReading makes the reader reconnect, and read only the hello until released is closed. It needs a new connection,
// for which the operating system has not enlarged its buffers yet.
func (r *clusterReader) stopReading(released *chan struct{}) {
	r.stall.Store(released)
	if conn := r.current.Load(); conn != nil {
		conn.Close()
	}
}

// stalled reports whether the reader has stopped reading.
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

// compare compares the page with want. It also returns the first breach of a guarantee.
func (r *clusterReader) compare(want clusterPage) (difference string, breach error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.page.difference(want), r.breach
}

// pollFromBookmark returns the bookmarked page after polls for all changes since. One answer holds at most 4 MiB.
func (r *clusterReader) pollFromBookmark(ctx context.Context, url string) (clusterPage, error) {
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

// poll asks once for the changes after the page's cursor, and applies them.
func (r *clusterReader) poll(ctx context.Context, url string, p *clusterPage) error {
	address := fmt.Sprintf("%s/live/%s/changes?format=json&after=%s", url, r.slug, p.cursor)
	req, err := http.NewRequestWithContext(ctx, "GET", address, nil)
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
		return fmt.Errorf("the answer to the poll is %s", res.Status)
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return err
	}
	for _, o := range answer.Changes {
		if err := p.apply(o); err != nil {
			return err
		}
	}
	if answer.Cursor != p.cursor.String() {
		return fmt.Errorf("the poll's cursor is %s and its changes end at %s", answer.Cursor, p.cursor)
	}
	return nil
}
