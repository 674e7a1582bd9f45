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
	input := liveblog.EntryInput{Body: "Stated.", Acts: liveblog.NewActs(acts)}
	e, _, err := r.desk.Post(context.Background(), editor, slug, input, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	return e
}

// restate changes the acts of an entry.
func (r *rig) restate(e liveblog.Entry, list ...liveblog.Act) {
	r.t.Helper()
	acts := liveblog.NewActs(list)
	patch := liveblog.EntryPatch{Acts: &acts}
	if _, err := r.desk.Edit(context.Background(), editor, slug, e.Number, patch, 0); err != nil {
		r.t.Fatal(err)
	}
}

// setUp gives the blog a setup with one track.
func (r *rig) setUp() {
	r.t.Helper()
	setup := liveblog.Setup{Tracks: []liveblog.Track{{ID: "tariffs", Name: "Tariffs"}}}
	if _, err := r.desk.UpdateSetup(context.Background(), editor, slug, setup); err != nil {
		r.t.Fatal(err)
	}
}

// claims returns an act that gives a claim a status.
func claims(id, status string) liveblog.Act {
	return liveblog.Act{Kind: liveblog.ActClaim, Claim: id, Status: status, Text: "They buy."}
}

// moves returns an act that moves the track to a state.
func moves(to liveblog.TrackState) liveblog.Act {
	return liveblog.Act{Kind: liveblog.ActMove, Track: "tariffs", To: to}
}

// wantTalks reads the next change and fails the test unless it is a change of the talks with these parts.
func (rd *reader) wantTalks(full bool, board, claims map[string]string) {
	rd.t.Helper()
	o := rd.want()
	if o.Talks == nil || o.Full != full || !maps.Equal(o.Board, board) || !maps.Equal(o.Claims, claims) {
		rd.t.Fatalf("got %+v, want the board %v and the claims %v (full: %v)", o, board, claims, full)
	}
}

// TestTalksDifference: one message carries what has changed in the talks, before the entry that changed it. As HTML it
// has the claims that have changed, as JSON all of them.
func TestTalksDifference(t *testing.T) {
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
	both(nil, parts{"chips": "denied: They buy."},
		parts{"beans": "reported: They buy.", "chips": "denied: They buy."}, r.state(claims("chips", "denied")))
	r.restate(beans)
	both(nil, parts{"beans": ""}, parts{"chips": "denied: They buy."}, beans)
}

// TestTalksChangeAndChangeBack: while a node gets no notices, a claim changes and changes back. A reader who loaded the
// page in between still gets the claim's status, because the node sends the complete talks after a gap.
func TestTalksChangeAndChangeBack(t *testing.T) {
	t.Parallel()
	for _, trigger := range []string{"by a reader", "by the tick", "by a refresh notice"} {
		t.Run(trigger, func(t *testing.T) {
			t.Parallel()
			opt := Options{Broker: lossyBroker{NewLocalBroker()}, Tick: time.Hour, Heartbeat: time.Hour}
			if trigger == "by the tick" {
				opt.Tick = 20 * time.Millisecond
			}
			base := newRig(t, Options{}) // the rig below has its store, behind a gate
			gated := &gatedStore{LogStore: base.store}
			opt.Store = gated
			r := newRig(t, opt)
			r.store = base.store
			r.desk = liveblog.NewDesk(base.store, r.broker, liveblog.DeskOptions{Log: r.hub.opt.Log})
			r.setUp()
			beans := r.state(claims("beans", "reported"))
			stays := r.join(Join{After: r.cursor()})
			stays.want() // hello
			f, err := r.hub.feed(t.Context(), slug)
			if err != nil {
				t.Fatal(err)
			}
			gated.gate.Lock() // the feed cannot refresh until it is unlocked
			r.restate(beans, claims("beans", "denied"))
			between := r.cursor()
			r.restate(beans, claims("beans", "reported"))
			gated.gate.Unlock()
			if trigger == "by a refresh notice" {
				f.deliver(liveblog.Notice{Slug: slug})
			}
			back := r.join(Join{After: between})
			for _, rd := range []*reader{stays, back} {
				if rd == back {
					rd.want() // hello
				}
				rd.wantTalks(true, map[string]string{"tariffs": "not_raised"},
					map[string]string{"beans": "reported: They buy."})
				rd.wantPost(beans)
			}
			// From here on the feed knows what all readers have, and sends only the difference.
			if trigger != "by the tick" {
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

// TestOneChangeOnANewFeed: the store skips no seq, but a new feed cannot know which talks the reader has.
func TestOneChangeOnANewFeed(t *testing.T) {
	t.Parallel()
	here := newRig(t, Options{Tick: time.Hour, Heartbeat: time.Hour})
	here.post("Before there was a board.")
	away := here.cursor()
	here.setUp()
	rd := here.join(Join{After: away})
	rd.want() // hello
	rd.wantTalks(true, map[string]string{"tariffs": "not_raised"}, map[string]string{})
}

// TestTalksOnANewFeed: a reader who comes to a node where nobody followed the blog gets the complete talks, because the
// changes in the tail are older than the feed.
func TestTalksOnANewFeed(t *testing.T) {
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
		// A second reader gets the same from the tail, and so does a poll.
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

// gatedStore does not return changes while its gate is locked.
type gatedStore struct {
	liveblog.LogStore
	gate sync.RWMutex
}

func (s *gatedStore) ChangesAfter(ctx context.Context, slug string, after liveblog.Cursor, limit int) (
	liveblog.Changes, error) {
	s.gate.RLock()
	defer s.gate.RUnlock()
	return s.LogStore.ChangesAfter(ctx, slug, after, limit)
}
