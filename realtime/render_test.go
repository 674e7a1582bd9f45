package realtime

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"readout/liveblog"
)

// slowRenderer renders plainly, and holds a text that says "slow" until it is let go.
func slowRenderer(letGo <-chan struct{}) Renderer {
	r := plainRenderer
	r.Entry = func(b liveblog.Blog, t *liveblog.Talks, e liveblog.Entry) string {
		if e.Body == "slow" {
			<-letGo
		}
		return plainRenderer.Entry(b, t, e)
	}
	return r
}

// otherBlog is a second blog on the same hub; with one loop its readers share it with those of the first.
func (r *rig) otherBlog(t testing.TB) string {
	t.Helper()
	const other = "other"
	if _, err := r.desk.CreateBlog(t.Context(), editor, liveblog.NewBlog{Slug: other, Title: "Other talks", Status: liveblog.Live}); err != nil {
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

// TestRenderingHoldsUpNobodyElse: while one entry is rendered, other blogs get their changes, readers join and leave the
// same blog and are told what came before, a poll answers with that, and an edit is committed. When it is there everybody
// gets it, in order, and those who want it in another form do too. It catches a rendering on a shard's goroutine, under
// the feed's lock or in the broker's delivery, and a form that was forgotten.
func TestRenderingHoldsUpNobodyElse(t *testing.T) {
	t.Parallel()
	eachWay(t, func(t *testing.T, opt Options) {
		letGo := make(chan struct{})
		free := sync.OnceFunc(func() { close(letGo) })
		t.Cleanup(free)
		opt.Renderer, opt.loops = slowRenderer(letGo), 1
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
			t.Errorf("who joins meanwhile is told %+v, want to be at %s", o, at)
		}
		r.join(Join{}).conn.Close()
		ahead := r.join(Join{After: r.cursor()}) // from a page that has both
		if o := ahead.want(); o.Cursor != r.cursor().String() {
			t.Errorf("who has seen more is told %+v", o)
		}
		body, cursor, err := r.hub.Poll(t.Context(), slug, liveblog.Cursor{Epoch: r.cursor().Epoch, Seq: 0}, HTML)
		if err != nil || cursor.String() != at {
			t.Errorf("a poll answers %s at %s, %v", body, cursor, err)
		}
		if _, cursor, err := r.hub.Poll(t.Context(), slug, r.cursor(), HTML); err != nil || cursor != r.cursor() {
			t.Errorf("a poll of who has seen more leads back to %s, %v", cursor, err)
		}
		free()
		for _, rd := range []*reader{here, late} {
			for _, number := range []int{2, 3} {
				if o := rd.want(); o.Op != "put" || o.Entry.Number != number || rd == late && o.Entry.Body == "" {
					t.Errorf("a reader got %+v, want entry %d", o, number)
				}
			}
		}
		r.post("at last")
		if o := ahead.want(); o.Entry == nil || o.Entry.Number != 4 {
			t.Errorf("who had seen both got %+v", o)
		}
	})
}

// TestWhatIsPendingIsBounded: a blog that changes faster than it is rendered skips what is too much, and its readers
// reload. It catches pending changes without a bound.
func TestWhatIsPendingIsBounded(t *testing.T) {
	t.Parallel()
	const tail = 5
	letGo := make(chan struct{})
	free := sync.OnceFunc(func() { close(letGo) })
	t.Cleanup(free)
	r := newRig(t, Options{Renderer: slowRenderer(letGo), tail: tail})
	rd := r.join(Join{})
	rd.want()
	for range tail + 1 {
		r.post("slow")
	}
	if o := rd.want(); o.Type != "reload" {
		t.Errorf("the reader got %+v", o)
	}
	free()
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

// BenchmarkSlowRendering measures deliveries of one blog, alone and while another blog on the same loop renders an entry
// for 50 ms, ten times a second. The ratio of the two p99 says whether its readers wait for that.
func BenchmarkSlowRendering(b *testing.B) {
	for _, noLoops := range []bool{false, true} {
		way := map[bool]string{false: "loops", true: "pump"}[noLoops]
		b.Run(way, func(b *testing.B) {
			for b.Loop() {
				alone, beside := p99OfDeliveries(b, noLoops, false), p99OfDeliveries(b, noLoops, true)
				b.ReportMetric(float64(alone.Microseconds()), "µs-p99-alone")
				b.ReportMetric(float64(beside.Microseconds()), "µs-p99-beside")
				b.ReportMetric(float64(beside)/float64(alone), "ratio")
			}
		})
	}
}

func p99OfDeliveries(b *testing.B, noLoops, beside bool) time.Duration {
	const deliveries, readers = 1000, 20
	r := newRig(b, Options{NoLoops: noLoops, loops: 1, Tick: time.Hour, Heartbeat: time.Hour, Renderer: Renderer{
		Entry: func(_ liveblog.Blog, _ *liveblog.Talks, e liveblog.Entry) string {
			if e.Body == "slow" {
				time.Sleep(50 * time.Millisecond) // and not computing: what is asked is who waits, not how many cores there are
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
		start := begin.Add(time.Duration(n) * 2 * time.Millisecond) // an even pace, so that a pause counts for all that it holds up
		time.Sleep(time.Until(start))
		if err := r.broker.Publish(b.Context(), liveblog.Notice{Slug: slug, Changes: []liveblog.Change{{Cursor: c, Entry: &e}}}); err != nil {
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
