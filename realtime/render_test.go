package realtime

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"readout/liveblog"
)

// blockingRenderer is plainRenderer, except that an entry with the text "slow" blocks it until the channel is closed.
func blockingRenderer(unblock <-chan struct{}) Renderer {
	r := plainRenderer
	r.Entry = func(b liveblog.Blog, t *liveblog.Talks, e liveblog.Entry) string {
		if e.Body == "slow" {
			<-unblock
		}
		return plainRenderer.Entry(b, t, e)
	}
	return r
}

// otherBlog creates a second blog and returns its slug. If the hub has one loop, the readers of both blogs share it.
func (r *rig) otherBlog(t testing.TB) string {
	t.Helper()
	const other = "other"
	blog := liveblog.NewBlog{Slug: other, Title: "Other talks", Status: liveblog.Live}
	if _, err := r.desk.CreateBlog(t.Context(), editor, blog); err != nil {
		t.Fatal(err)
	}
	return other
}

func (r *rig) postTo(t testing.TB, blog, body string) {
	t.Helper()
	if _, _, err := r.desk.Post(context.Background(), editor, blog, liveblog.EntryInput{Body: body}, nil); err != nil {
		t.Fatal(err)
	}
}

// TestSlowRenderingDelaysOnlyItsBlog: while an entry is being rendered, readers of other blogs get their changes;
// readers of the same blog join and leave, at the cursor before the entry; polls have it; and further entries are
// committed.
// After the rendering all readers of the blog get the entries in order, each in the encoding that it uses. The test
// fails if an entry is rendered on a shard's goroutine, under the feed's lock or while the broker delivers, or if an
// encoding is missing.
func TestSlowRenderingDelaysOnlyItsBlog(t *testing.T) {
	t.Parallel()
	eachShard(t, func(t *testing.T, opt Options) {
		unblock := make(chan struct{})
		release := sync.OnceFunc(func() { close(unblock) })
		t.Cleanup(release)
		opt.Renderer, opt.loops = blockingRenderer(unblock), 1
		r := newRig(t, opt)
		other := r.otherBlog(t)
		here, there := r.join(Join{}), r.join(Join{Slug: other})
		here.want()
		there.want()
		r.post("before")
		at := here.want().Cursor
		r.post("slow")
		r.post("after")
		for n := range 3 {
			r.postTo(t, other, fmt.Sprint("number ", n))
			if o := there.want(); o.Entry == nil || o.Entry.Number != n+1 {
				t.Fatalf("the other blog's reader got %+v", o)
			}
		}
		late := r.join(Join{Protocol: EventStream, Format: JSON})
		if o := late.want(); o.Type != "hello" || o.Cursor != at {
			t.Errorf("a reader that joins meanwhile first gets %+v, want the cursor %s", o, at)
		}
		r.join(Join{}).conn.Close()
		ahead := r.join(Join{After: r.cursor()}) // its page has both entries
		if o := ahead.want(); o.Cursor != r.cursor().String() {
			t.Errorf("a reader whose page has both entries first gets %+v", o)
		}
		// A poll has what is pending too; its format is not the one that is being rendered.
		start := liveblog.Cursor{Epoch: r.cursor().Epoch}
		body, cursor, err := r.hub.Poll(t.Context(), slug, start, JSON)
		if n := bytes.Count(body, []byte(`"op":"put"`)); err != nil || cursor != r.cursor() || n != 3 {
			t.Errorf("a poll returns %d entries at %s, %v, want 3 at %s: %s", n, cursor, err, r.cursor(), body)
		}
		if _, cursor, err := r.hub.Poll(t.Context(), slug, r.cursor(), HTML); err != nil || cursor != r.cursor() {
			t.Errorf("a poll at the store's cursor goes back to %s, %v", cursor, err)
		}
		release()
		for _, rd := range []*reader{here, late} {
			for _, number := range []int{2, 3} {
				if o := rd.want(); o.Op != "put" || o.Entry.Number != number || rd == late && o.Entry.Body == "" {
					t.Errorf("a reader got %+v, want entry %d", o, number)
				}
			}
		}
		r.post("at last")
		if o := ahead.want(); o.Entry == nil || o.Entry.Number != 4 {
			t.Errorf("the reader whose page has both entries got %+v", o)
		}
	})
}

// TestPendingChangesAreBounded: if a blog changes faster than it is rendered, the feed drops its pending changes and
// the readers reload.
func TestPendingChangesAreBounded(t *testing.T) {
	t.Parallel()
	const tail = 5
	unblock := make(chan struct{})
	release := sync.OnceFunc(func() { close(unblock) })
	t.Cleanup(release)
	r := newRig(t, Options{Renderer: blockingRenderer(unblock), tail: tail})
	rd := r.join(Join{})
	rd.want()
	for range tail + 1 {
		r.post("slow")
	}
	if o := rd.want(); o.Type != "reload" {
		t.Errorf("the reader got %+v", o)
	}
	release()
	r.post("later")
	for {
		o := rd.want()
		if o.Op != "put" || o.Entry.Number <= tail {
			t.Fatalf("the reader got %+v", o)
		}
		if o.Entry.Number == tail+2 {
			return
		}
	}
}

// BenchmarkSlowRendering measures deliveries of one blog, first while nothing else happens and then while another blog
// on the same loop renders entries that take 50 ms each. The ratio of the two p99 shows whether its readers wait for
// the renderings.
func BenchmarkSlowRendering(b *testing.B) {
	for _, noLoops := range []bool{false, true} {
		name := map[bool]string{false: "loops", true: "pump"}[noLoops]
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				idle := p99OfDeliveries(b, noLoops, false)
				beside := p99OfDeliveries(b, noLoops, true)
				b.ReportMetric(float64(idle.Microseconds()), "µs-p99-idle")
				b.ReportMetric(float64(beside.Microseconds()), "µs-p99-beside")
				b.ReportMetric(float64(beside)/float64(idle), "ratio")
			}
		})
	}
}

// p99OfDeliveries returns the p99 of one blog's deliveries, beside a blog that renders slowly if so asked.
func p99OfDeliveries(b *testing.B, noLoops, beside bool) time.Duration {
	const deliveries, readers = 1000, 20
	r := newRig(b, Options{NoLoops: noLoops, loops: 1, Tick: time.Hour, Heartbeat: time.Hour, Renderer: Renderer{
		Entry: func(_ liveblog.Blog, _ *liveblog.Talks, e liveblog.Entry) string {
			if e.Body == "slow" {
				// Sleep rather than compute: the question is who waits, not how many cores there are.
				time.Sleep(50 * time.Millisecond)
			}
			return e.Body
		}, Head: plainRenderer.Head, Talks: plainRenderer.Talks, Data: plainRenderer.Data}})
	other := r.otherBlog(b)
	var all []*reader
	for range readers {
		rd := r.join(Join{})
		rd.want()
		all = append(all, rd)
	}
	slow := r.join(Join{Slug: other})
	slow.want()
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for n := 0; beside; n++ {
			select {
			case <-stop:
				return
			case <-time.After(50 * time.Millisecond):
				r.postTo(b, other, "slow")
				slow.want()
			}
		}
	}()
	took := make([]time.Duration, 0, deliveries*readers)
	c := r.cursor()
	begin := time.Now()
	for n := range deliveries {
		c.Seq++
		e := liveblog.Entry{Number: int(c.Seq), Revision: 1, Body: "fast", Status: liveblog.Published, Seq: c.Seq}
		// Publications are due at fixed times, so that a pause counts for every delivery that it delays.
		start := begin.Add(time.Duration(n) * 2 * time.Millisecond)
		time.Sleep(time.Until(start))
		notice := liveblog.Notice{Slug: slug, Changes: []liveblog.Change{{Cursor: c, Entry: &e}}}
		if err := r.broker.Publish(b.Context(), notice); err != nil {
			b.Fatal(err)
		}
		for _, rd := range all {
			rd.want()
			took = append(took, time.Since(start))
		}
	}
	close(stop)
	<-ended
	slices.Sort(took)
	return took[len(took)*99/100]
}
