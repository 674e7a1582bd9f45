package script_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"readout/assets"
	"readout/cmd/readout/acceptance/browser"
	"readout/liveblog"
	"readout/views/reader"

	"github.com/a-h/templ"
	"github.com/fasthttp/websocket"
)

// newsroom is a small server of one blog. It serves the pages and sends the objects on the wire, and can misbehave.
type newsroom struct {
	*httptest.Server
	t        *testing.T
	upgrader websocket.Upgrader

	mu      sync.Mutex // guards the fields below
	blog    liveblog.Blog
	talks   liveblog.Talks
	summary int // the number of the entry that is the summary
	entries map[int]liveblog.Entry
	log     []map[string]any // the changes in order, the first with the seq 1
	readers map[*websocket.Conn]bool
	asked   []string // the cursors of all sockets that pages have requested
	loads   int      // how often the blog's page was requested

	refusing bool                       // sockets are refused
	down     bool                       // everything but assets is refused
	gone     bool                       // the blog no longer exists
	stale    *liveblog.Page             // an older page as a cache would serve it; nil for the current one
	framing  string                     // Content-Security-Policy: frame-ancestors
	prelude  string                     // a script that runs before each script of the pages
	pages    map[string]templ.Component // further pages, by path
}

// pageSize is how many entries a page has.
const pageSize = 20

// policy is the Content-Security-Policy of the public pages.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; base-uri 'self'"

// newNewsroom starts a newsroom with the entries 1 to n, one an hour up to now, with texts of different lengths.
func newNewsroom(t *testing.T, n int) *newsroom {
	room := &newsroom{
		t: t, blog: sampleBlog(), entries: map[int]liveblog.Entry{}, readers: map[*websocket.Conn]bool{},
		framing: "'none'",
	}
	now := time.Now().UTC().Truncate(time.Microsecond)
	for number := 1; number <= n; number++ {
		room.entries[number] = entry(number, now.Add(-time.Duration(n-number+1)*time.Hour))
	}
	room.blog.Cursor.Seq = 0
	room.Server = httptest.NewServer(http.HandlerFunc(room.serve))
	t.Cleanup(func() {
		room.cut()
		room.Close()
	})
	return room
}

// entry returns a published entry.
func entry(number int, at time.Time) liveblog.Entry {
	return liveblog.Entry{
		Number: number, Revision: 1, Headline: fmt.Sprintf("Headline %d", number), Author: "Mara Lindqvist",
		Body: fmt.Sprintf("Text of %d.\n\n%s\n\n- [a link](https://example.org/%[1]d)",
			number, lorem(number, 20+number*37%60)),
		Status: liveblog.Published, PublishedAt: at, UpdatedAt: at,
	}
}

func (room *newsroom) serve(w http.ResponseWriter, r *http.Request) {
	room.mu.Lock()
	defer room.mu.Unlock()
	if name, ok := strings.CutPrefix(r.URL.Path, "/assets/"); ok {
		send(w, assets.Lookup, name, room.prelude)
		return
	}
	if room.down {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Security-Policy", policy+"; frame-ancestors 'none'")
	switch path := strings.TrimPrefix(r.URL.Path, "/live/talks"); {
	case path == "/ws":
		room.join(w, r)
	case path == "/changes":
		room.poll(w, r)
	case path == "" && r.FormValue("before") != "":
		before, _ := strconv.Atoi(r.FormValue("before"))
		p := room.page(before)
		if room.stale != nil {
			p = *room.stale
		}
		room.show(w, r, reader.Blog(reader.BlogPage{Site: site, Page: p, Query: liveblog.PageQuery{Before: before}}))
	case path == "":
		room.loads++
		room.show(w, r, reader.Blog(reader.BlogPage{Site: site, Page: room.page(0)}))
	case r.URL.Path == "/embed/talks":
		w.Header().Set("Content-Security-Policy", policy+"; frame-ancestors "+room.framing)
		room.show(w, r, reader.Embed(reader.EmbedPage{Site: site, Page: room.page(0)}))
	case room.pages[r.URL.Path] != nil:
		room.show(w, r, room.pages[r.URL.Path])
	case r.URL.Path == "/embed.js":
		send(w, assets.Plain, "embed.js", "")
	default:
		number, _ := strconv.Atoi(strings.TrimPrefix(path, "/"))
		e, ok := room.entries[number]
		if !ok || !e.Public() {
			http.NotFound(w, r)
			return
		}
		p := room.page(0)
		p.Entries = []liveblog.Entry{e}
		room.show(w, r, reader.Entry(reader.EntryPage{Site: site, Page: p}))
	}
}

func send(w http.ResponseWriter, find func(string) (assets.File, bool), name, prelude string) {
	f, ok := find(name)
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", f.ContentType)
	if strings.HasSuffix(name, ".js") {
		io.WriteString(w, prelude)
	}
	w.Write(f.Body)
}

func (room *newsroom) show(w http.ResponseWriter, r *http.Request, c templ.Component) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	c.Render(r.Context(), w)
}

// order compares entries in the order of the stream.
func order(a, b liveblog.Entry) int {
	if a.Pinned != b.Pinned {
		if a.Pinned {
			return -1
		}
		return 1
	}
	return cmp.Or(b.PublishedAt.Compare(a.PublishedAt), cmp.Compare(b.Number, a.Number))
}

// page returns the blog's first page or, if before is not 0, the one that begins after that entry.
func (room *newsroom) page(before int) liveblog.Page {
	p := liveblog.Page{Head: room.head(), Talks: room.talks}
	for _, e := range room.entries {
		if e.Public() && e.PublishedAt.After(p.Newest) {
			p.Newest = e.PublishedAt
		}
		if e.Public() && (before == 0 || !e.Pinned && order(room.entries[before], e) < 0) {
			p.Entries = append(p.Entries, e)
		}
	}
	slices.SortFunc(p.Entries, order)
	if len(p.Entries) > pageSize {
		p.Entries, p.Older = p.Entries[:pageSize], true
	}
	return p
}

func (room *newsroom) head() liveblog.Head {
	h := liveblog.Head{Blog: room.blog}
	if e, ok := room.entries[room.summary]; ok {
		h.Summary = &e
	}
	for _, e := range room.entries {
		if e.Public() && e.KeyEvent {
			h.KeyEvents = append(h.KeyEvents, e)
		}
	}
	slices.SortFunc(h.KeyEvents, func(a, b liveblog.Entry) int { return b.PublishedAt.Compare(a.PublishedAt) })
	return h
}

func (room *newsroom) cursor() string { return room.blog.Cursor.String() }

// since returns the changes after a cursor, or a reload if the cursor is not of this log.
func (room *newsroom) since(after string) []map[string]any {
	epoch, digits, _ := strings.Cut(after, ".")
	seq, err := strconv.Atoi(digits)
	if epoch != room.blog.Cursor.Epoch || err != nil || seq > len(room.log) {
		return []map[string]any{{"type": "reload"}}
	}
	return room.log[seq:]
}

func (room *newsroom) poll(w http.ResponseWriter, r *http.Request) {
	if room.gone {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	changes := room.since(r.FormValue("after"))
	if changes == nil {
		changes = []map[string]any{}
	}
	json.NewEncoder(w).Encode(map[string]any{"cursor": room.cursor(), "changes": changes})
}

func (room *newsroom) join(w http.ResponseWriter, r *http.Request) {
	room.asked = append(room.asked, r.FormValue("after"))
	if room.refusing || room.gone {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	conn, err := room.upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	room.readers[conn] = true
	write(conn, map[string]any{
		"type": "hello", "cursor": room.cursor(), "readers": 1234, "status": string(room.blog.Status),
	})
	for _, m := range room.since(r.FormValue("after")) {
		write(conn, m)
	}
	go func() { // reading answers the browser's close frame, as servers do
		for {
			if _, _, err := conn.ReadMessage(); err != nil {
				room.mu.Lock()
				defer room.mu.Unlock()
				delete(room.readers, conn)
				conn.Close()
				return
			}
		}
	}()
}

func write(conn *websocket.Conn, m map[string]any) {
	conn.SetWriteDeadline(time.Now().Add(10 * time.Second))
	conn.WriteJSON(m) // the goroutine that reads notices when the reader has gone
}

// tell sends an object to all readers.
func (room *newsroom) tell(m map[string]any) {
	room.mu.Lock()
	defer room.mu.Unlock()
	room.tellAll(m)
}

// tellAll is tell for callers that hold the lock.
func (room *newsroom) tellAll(m map[string]any) {
	for conn := range room.readers {
		write(conn, m)
	}
}

// change calls do with the lock held, and sends the changes that it records.
func (room *newsroom) change(do func()) {
	room.mu.Lock()
	defer room.mu.Unlock()
	from := len(room.log)
	do()
	for _, m := range room.log[from:] {
		room.tellAll(m)
	}
}

// record adds a change to the log.
func (room *newsroom) record(m map[string]any) {
	room.blog.Cursor.Seq++
	m["type"], m["cursor"] = "change", room.cursor()
	room.log = append(room.log, m)
}

// set puts an entry and records the change.
func (room *newsroom) set(e liveblog.Entry) {
	room.entries[e.Number] = e
	html := reader.EntryHTML(room.blog, &liveblog.Talks{}, e)
	room.record(map[string]any{
		"op": "put", "entry": map[string]any{"number": e.Number, "revision": e.Revision, "html": html},
	})
}

// publish adds n entries with the next numbers and the current time.
func (room *newsroom) publish(n int) {
	room.change(func() {
		now := time.Now().UTC().Truncate(time.Microsecond)
		for range n {
			room.set(entry(len(room.entries)+1, now))
		}
	})
}

func (room *newsroom) edit(number int, edit func(*liveblog.Entry)) {
	room.change(func() {
		e := room.entries[number]
		e.Revision++
		e.UpdatedAt = time.Now().UTC()
		edit(&e)
		room.set(e)
	})
}

func (room *newsroom) remove(number int) {
	room.change(func() {
		e := room.entries[number]
		e.Status, e.Pinned = liveblog.Removed, false
		room.entries[number] = e
		room.record(map[string]any{"op": "remove", "entry": map[string]any{"number": number}})
	})
}

func (room *newsroom) setBlog(edit func(*liveblog.Blog)) {
	room.change(func() {
		edit(&room.blog)
		b := room.blog
		room.record(map[string]any{"blog": map[string]any{
			"status": b.Status, "title": b.Title, "standfirst": b.Standfirst, "html": reader.HeadHTML(room.head()),
		}})
	})
}

// with calls do with the lock held.
func (room *newsroom) with(do func(*newsroom)) {
	room.mu.Lock()
	defer room.mu.Unlock()
	do(room)
}

// cut closes all connections without a close frame.
func (room *newsroom) cut() {
	room.mu.Lock()
	defer room.mu.Unlock()
	for conn := range room.readers {
		conn.Close()
	}
	clear(room.readers)
}

// list returns the number and the revision of each entry of the first page, as in "12.1 11.3".
func (room *newsroom) list() string {
	room.mu.Lock()
	defer room.mu.Unlock()
	var list []string
	for _, e := range room.page(0).Entries {
		list = append(list, strconv.Itoa(e.Number)+"."+strconv.Itoa(e.Revision))
	}
	return strings.Join(list, " ")
}

// sockets returns how many sockets pages have requested. On a busy machine a page may give up a socket that takes too
// long, and request another.
func (room *newsroom) sockets() int {
	room.mu.Lock()
	defer room.mu.Unlock()
	return len(room.asked)
}

// until waits until a condition holds for the newsroom. It calls holds with the lock held.
func (room *newsroom) until(what string, holds func(*newsroom) bool) {
	room.t.Helper()
	deadline := time.NewTimer(browser.Patience)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		room.mu.Lock()
		ok := holds(room)
		room.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-tick.C:
		case <-deadline.C:
			room.mu.Lock()
			defer room.mu.Unlock()
			room.t.Fatalf("waited in vain for %s; the page was requested %d times, and sockets with the cursors %q, "+
				"of which %d are open", what, room.loads, room.asked, len(room.readers))
		}
	}
}
