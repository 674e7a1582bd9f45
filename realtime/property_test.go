package realtime

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"readout/liveblog"

	"pgregory.net/rapid"
)

// operation is one write of an editor.
type operation struct {
	Kind   string
	Target int // selects an entry, modulo their number, or an act
}

// The kinds of operations and the fates of notices. Those that should be drawn more often are repeated.
var (
	operationKinds = []string{
		"post", "post", "post", "edit", "edit", "edit", "remove", "key event", "pin", "draft", "publish", "title",
		"zone", "state", "state", "state", "restate", "setup",
	}
	fates = []fate{
		delivered, delivered, delivered, lost, lost, refused, repeated, delayed, delayed, emptied, reversed,
	}
)

// history is everything that happens in one check, except for the interleaving, which is up to the scheduler.
type history struct {
	Phases  [][][]operation // for each phase, the operations of each writer
	Readers [][]session
	Broker  []fate
	Tick    time.Duration
	Tail    int
}

func drawHistory(t *rapid.T) history {
	anOperation := rapid.Custom(func(t *rapid.T) operation {
		return operation{rapid.SampledFrom(operationKinds).Draw(t, "kind"), rapid.IntRange(0, 9).Draw(t, "target")}
	})
	aSession := rapid.Custom(func(t *rapid.T) session {
		return session{
			Transport: rapid.SampledFrom(transports).Draw(t, "transport"),
			Format:    rapid.SampledFrom([]Format{HTML, JSON}).Draw(t, "format"),
			Length:    rapid.IntRange(3, 25).Draw(t, "length"), // more than the hello
			Away:      rapid.Int64Range(0, 8).Draw(t, "away"),
		}
	})
	writers := rapid.SliceOfN(rapid.SliceOfN(anOperation, 1, 5), 1, 4)
	broker := rapid.OneOf(rapid.SliceOfN(rapid.SampledFrom(fates), 1, 12), rapid.Just([]fate{lost}))
	return history{
		Phases:  rapid.SliceOfN(writers, 1, 2).Draw(t, "phases"),
		Readers: rapid.SliceOfN(rapid.SliceOfN(aSession, 1, 3), 2, 8).Draw(t, "readers"),
		Broker:  broker.Draw(t, "broker"),
		Tick:    time.Duration(rapid.IntRange(20, 50).Draw(t, "tick")) * time.Millisecond,
		Tail:    rapid.IntRange(3, 40).Draw(t, "tail"),
	}
}

// TestEveryReaderEndsWithTheStore: for random histories of editors, readers and the broker, each reader gets every
// change once and in order, and ends with exactly what the store holds.
func TestEveryReaderEndsWithTheStore(t *testing.T) {
	t.Parallel()
	base := newRig(t, Options{}) // one store for all checks, because making one takes most of a check's time
	checks := 0
	rapid.Check(t, func(t *rapid.T) {
		checks++
		if err := drawHistory(t).play(base, fmt.Sprintf("talks-%d", checks)); err != nil {
			t.Fatal(err)
		}
	})
}

// play carries a history out on a blog of its own and returns what went wrong, if anything.
func (h history) play(base *rig, slug string) (err error) {
	broker := &faultyBroker{Broker: NewLocalBroker(), script: h.Broker}
	opt := Options{
		Store: base.store, Broker: broker, Renderer: plainRenderer, Log: base.hub.opt.Log,
		Tick: h.Tick, Heartbeat: h.Tick / 2, tail: h.Tail,
	}
	r := &rig{t: base.t, store: base.store, broker: broker}
	r.desk = liveblog.NewDesk(base.store, broker, liveblog.DeskOptions{Log: opt.Log})
	if r.hub, err = NewHub(opt); err != nil {
		return err
	}
	defer r.hub.Close()
	ctx, stop := context.WithCancelCause(context.Background())
	var readers sync.WaitGroup
	defer readers.Wait()
	defer stop(nil)
	blog := liveblog.NewBlog{Slug: slug, Title: "Talks", Status: liveblog.Live}
	if _, err := r.desk.CreateBlog(ctx, editor, blog); err != nil {
		return err
	}
	if err := r.do(ctx, slug, operation{Kind: "setup"}, "0"); err != nil {
		return err
	}

	log := new(progress)
	var followers []*follower
	for i, sessions := range h.Readers {
		f := &follower{rig: r, slug: slug, sessions: sessions, log: log}
		if err := f.reload(ctx); err != nil {
			return err
		}
		followers = append(followers, f)
		readers.Go(func() {
			if err := f.follow(ctx); err != nil {
				stop(fmt.Errorf("reader %d: %w", i+1, err))
			}
		})
	}
	for i, phase := range h.Phases {
		log.quiet.Store(false)
		if err := r.write(ctx, slug, phase, log); err != nil {
			return fmt.Errorf("phase %d: %w", i+1, err)
		}
		log.quiet.Store(true)
		if err := wantStore(ctx, r.store, slug, followers); err != nil {
			return fmt.Errorf("phase %d: %w", i+1, err)
		}
	}
	return nil
}

// wantStore waits until every reader is at the store's cursor, and compares their pages with the store.
func wantStore(ctx context.Context, s liveblog.LogStore, slug string, followers []*follower) error {
	want, err := load(ctx, s, slug)
	if err != nil {
		return errors.Join(err, context.Cause(ctx))
	}
	within, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for i, f := range followers {
		var have page
		if !await(within, func() bool { have = f.state(); return have.cursor == want.cursor }) {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			return fmt.Errorf("reader %d is still at %s; the store is at %s", i+1, have.cursor, want.cursor)
		}
		if !have.equal(want) {
			return fmt.Errorf("reader %d has\n%v, the store\n%v", i+1, have, want)
		}
	}
	return nil
}

// write runs the writers of one phase concurrently.
func (r *rig) write(ctx context.Context, slug string, writers [][]operation, log *progress) error {
	var wg sync.WaitGroup
	failed := make([]error, len(writers))
	for i, writes := range writers {
		wg.Go(func() {
			for k, w := range writes {
				if err := r.do(ctx, slug, w, fmt.Sprintf("%d.%d", i, k)); err != nil {
					failed[i] = errors.Join(fmt.Errorf("%s: %w", w.Kind, err), context.Cause(ctx))
					return
				}
				log.writes.Add(1)
			}
		})
	}
	wg.Wait()
	return errors.Join(failed...)
}

// do makes one write. It succeeds as well if another writer has made the write impossible.
func (r *rig) do(ctx context.Context, slug string, w operation, name string) error {
	body := "Update " + name
	var err error
	switch w.Kind {
	case "post":
		_, _, err = r.desk.Post(ctx, editor, slug, liveblog.EntryInput{Body: body}, nil)
	case "key event":
		_, _, err = r.desk.Post(ctx, editor, slug, liveblog.EntryInput{Body: body, KeyEvent: true}, nil)
	case "draft":
		_, _, err = r.desk.Post(ctx, editor, slug, liveblog.EntryInput{Body: body, Status: liveblog.Draft}, nil)
	case "state":
		_, _, err = r.desk.Post(ctx, editor, slug, liveblog.EntryInput{Body: body, Acts: actsOf(w.Target, name)}, nil)
	case "setup":
		setup := liveblog.Setup{
			Tracks: []liveblog.Track{{ID: "tariffs", Name: "Tariffs"}, {ID: "rare-earths", Name: body}},
		}
		_, err = r.desk.UpdateSetup(ctx, editor, slug, setup)
	case "title":
		_, err = r.desk.UpdateBlog(ctx, editor, slug, liveblog.BlogPatch{Title: &body})
	case "zone":
		zone := []string{"UTC", "Asia/Seoul"}[w.Target%2]
		_, err = r.desk.UpdateBlog(ctx, editor, slug, liveblog.BlogPatch{TimeZone: &zone})
	default:
		err = r.revise(ctx, slug, w, body)
	}
	switch liveblog.CodeOf(err) {
	case liveblog.Conflict, liveblog.Stale:
		return nil
	case liveblog.Invalid: // an act that another writer has made invalid
		if w.Kind == "state" || w.Kind == "restate" || w.Kind == "publish" {
			return nil
		}
	}
	return err
}

// actsOf returns a few acts. Some of them may be invalid at the time. They return claims and tracks to earlier states,
// so that a reader who has missed a change ends with a wrong page.
func actsOf(n int, text string) liveblog.Acts {
	claim := liveblog.Act{Kind: liveblog.ActClaim, Claim: []string{"beans", "chips"}[n%2],
		Status: []string{"reported", "confirmed", "denied"}[n%3], Text: text}
	move := liveblog.Act{Kind: liveblog.ActMove, Track: []string{"tariffs", "rare-earths"}[n%2],
		To: liveblog.TrackStates()[1+n%2]}
	switch n % 4 {
	case 0:
		return liveblog.NewActs([]liveblog.Act{claim})
	case 1:
		claim.Text = "They buy."
		return liveblog.NewActs([]liveblog.Act{claim})
	case 2:
		return liveblog.NewActs([]liveblog.Act{move, claim})
	}
	return liveblog.NewActs([]liveblog.Act{move})
}

// revise makes a write to an existing entry.
func (r *rig) revise(ctx context.Context, slug string, w operation, body string) error {
	all, err := r.store.Entries(ctx, slug, 0, 10)
	if err != nil || len(all) == 0 {
		return err
	}
	e := all[w.Target%len(all)]
	switch w.Kind {
	case "edit":
		_, err = r.desk.Edit(ctx, editor, slug, e.Number, liveblog.EntryPatch{Body: &body}, 0)
	case "restate":
		acts := actsOf(w.Target, body)
		_, err = r.desk.Edit(ctx, editor, slug, e.Number, liveblog.EntryPatch{Acts: &acts}, 0)
	case "pin":
		pinned := !e.Pinned
		_, err = r.desk.Edit(ctx, editor, slug, e.Number, liveblog.EntryPatch{Pinned: &pinned}, 0)
	case "publish":
		published := liveblog.Published
		_, err = r.desk.Edit(ctx, editor, slug, e.Number, liveblog.EntryPatch{Status: &published}, 0)
	case "remove":
		_, err = r.desk.Remove(ctx, editor, slug, e.Number, 0)
	}
	return err
}
