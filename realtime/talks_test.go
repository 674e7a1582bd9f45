package realtime

import (
	"bytes"
	"context"
	"maps"
	"sync"
	"testing"
	"time"

	"readout/liveblog"
)

// state publishes an entry with acts.
func (r *rig) state(acts ...liveblog.Act) liveblog.Entry {
	r.t.Helper()
	e, _, err := r.desk.Post(context.Background(), editor, slug, liveblog.EntryInput{Body: "Stated.", Acts: liveblog.NewActs(acts)}, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	return e
}

// restate changes the acts of an entry.
func (r *rig) restate(e liveblog.Entry, list ...liveblog.Act) {
	r.t.Helper()
	acts := liveblog.NewActs(list)
	if _, err := r.desk.Edit(context.Background(), editor, slug, e.Number, liveblog.EntryPatch{Acts: &acts}, 0); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) setUp() {
	r.t.Helper()
	setup := liveblog.Setup{Tracks: []liveblog.Track{{ID: "tariffs", Name: "Tariffs"}}}
	if _, err := r.desk.UpdateSetup(context.Background(), editor, slug, setup); err != nil {
		r.t.Fatal(err)
	}
}

func claims(id, status string) liveblog.Act {
	return liveblog.Act{Kind: liveblog.ActClaim, Claim: id, Status: status, Text: "They buy."}
}

func moves(to liveblog.TrackState) liveblog.Act {
	return liveblog.Act{Kind: liveblog.ActMove, Track: "tariffs", To: to}
}

// wantTalks reads the next change and fails the test unless it is one of the talks with these parts.
func (rd *reader) wantTalks(full bool, board, claims map[string]string) {
	rd.t.Helper()
	o := rd.want()
	if o.Talks == nil || o.Full != full || !maps.Equal(o.Board, board) || !maps.Equal(o.Claims, claims) {
		rd.t.Fatalf("got %+v, want the board %v and the claims %v (full: %v)", o, board, claims, full)
	}
}

// TestChangeOfTheTalks: one message tells what is otherwise, before the entry that made it so.
func TestChangeOfTheTalks(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{Tick: time.Hour, Heartbeat: time.Hour})
	r.setUp()
	html, data := r.join(Join{}), r.join(Join{Format: JSON})
	html.want() // hello
	data.want()
	type parts = map[string]string
	both := func(board, changed, all parts, entry liveblog.Entry) {
		t.Helper()
		html.wantTalks(false, board, changed)
		html.wantPost(entry)
		data.wantTalks(false, board, all)
		data.wantPost(entry)
	}
	both(parts{"tariffs": "raised"}, nil, nil, r.state(moves(liveblog.Raised)))
	beans := r.state(claims("beans", "reported"))
	both(nil, parts{"beans": "reported: They buy."}, parts{"beans": "reported: They buy."}, beans)
	both(nil, parts{"chips": "denied: They buy."}, parts{"beans": "reported: They buy.", "chips": "denied: They buy."}, r.state(claims("chips", "denied")))
	r.restate(beans)
	both(nil, parts{"beans": ""}, parts{"chips": "denied: They buy."}, beans)
}

// TestStateThatCameBack: while a node hears nothing, a claim changes and changes back. Who read the page in between is told.
func TestStateThatCameBack(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"by a reader", "by the tick", "by a doubt"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			opt := Options{Broker: lossyBroker{NewLocalBroker()}, Tick: time.Hour, Heartbeat: time.Hour}
			if way == "by the tick" {
				opt.Tick = 20 * time.Millisecond
			}
			base := newRig(t, Options{}) // whose store the rig has, slower
			slow := &gatedStore{LogStore: base.store}
			opt.Store = slow
			r := newRig(t, opt)
			r.store, r.desk = base.store, liveblog.NewDesk(base.store, r.broker, liveblog.DeskOptions{Log: r.hub.opt.Log})
			r.setUp()
			beans := r.state(claims("beans", "reported"))
			stays := r.join(Join{After: r.cursor()})
			stays.want() // hello
			f, err := r.hub.feed(t.Context(), slug)
			if err != nil {
				t.Fatal(err)
			}
			slow.gate.Lock() // no look from here on
			r.restate(beans, claims("beans", "denied"))
			between := r.cursor()
			r.restate(beans, claims("beans", "reported"))
			slow.gate.Unlock()
			if way == "by a doubt" {
				f.deliver(liveblog.Notice{Slug: slug})
			}
			back := r.join(Join{After: between})
			for _, rd := range []*reader{stays, back} {
				if rd == back {
					rd.want() // hello
				}
				rd.wantTalks(true, map[string]string{"tariffs": "not_raised"}, map[string]string{"beans": "reported: They buy."})
				rd.wantPost(beans)
			}
			// From here on the feed knows again what everybody has.
			if way != "by the tick" {
				return
			}
			next := r.state(moves(liveblog.Raised))
			for _, rd := range []*reader{stays, back} {
				rd.wantTalks(false, map[string]string{"tariffs": "raised"}, nil)
				rd.wantPost(next)
			}
		})
	}
}

// TestOneChangeOnAFreshFeed: nothing is left out, and still nobody knows what the reader has.
func TestOneChangeOnAFreshFeed(t *testing.T) {
	t.Parallel()
	here := newRig(t, Options{Tick: time.Hour, Heartbeat: time.Hour})
	here.post("Before there was a board.")
	away := here.cursor()
	here.setUp()
	rd := here.join(Join{After: away})
	rd.want() // hello
	rd.wantTalks(true, map[string]string{"tariffs": "not_raised"}, map[string]string{})
}

// TestTalksOnAFreshFeed: who comes to a node where nobody followed the blog is told everything, since what the tail holds
// was there before the node looked.
func TestTalksOnAFreshFeed(t *testing.T) {
	t.Parallel()
	here := newRig(t, Options{Tick: time.Hour, Heartbeat: time.Hour})
	here.setUp()
	beans := here.state(claims("beans", "reported"))
	away := here.cursor()
	here.restate(beans)
	moved := here.state(moves(liveblog.Raised))
	for _, format := range []Format{HTML, JSON} {
		there := here.peer(Options{Broker: NewLocalBroker(), Tick: time.Hour, Heartbeat: time.Hour})
		rd := there.join(Join{After: away, Format: format})
		rd.want()          // hello
		rd.wantPost(beans) // edited
		rd.wantTalks(true, map[string]string{"tariffs": "raised"}, map[string]string{})
		rd.wantPost(moved)
		// A second one gets the same from the tail, and so does a poll.
		again := there.join(Join{After: away, Format: format})
		again.want()
		again.wantPost(beans)
		again.wantTalks(true, map[string]string{"tariffs": "raised"}, map[string]string{})
		body, _, err := there.hub.Poll(t.Context(), slug, away, format)
		if err != nil || bytes.Count(body, []byte(`"full":true`)) != 1 {
			t.Errorf("the poll is %s (%v)", body, err)
		}
	}
}

// gatedStore answers no look while its gate is locked.
type gatedStore struct {
	liveblog.LogStore
	gate sync.RWMutex
}

func (s *gatedStore) ChangesAfter(ctx context.Context, slug string, after liveblog.Cursor, limit int) (liveblog.Changes, error) {
	s.gate.RLock()
	defer s.gate.RUnlock()
	return s.LogStore.ChangesAfter(ctx, slug, after, limit)
}
