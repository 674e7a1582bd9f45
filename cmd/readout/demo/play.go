package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"readout/liveblog"
	"readout/views/markdown"
)

// Seed creates [Blog] with its setup in store and plays the days of the script into it, as if they had passed before
// now. Every step goes through a [liveblog.Desk] whose clock shows the time of the step, so that the history has those
// times.
//
// Seed fails with [liveblog.Conflict] if the blog exists, with the file, the line and the reason of a step that the
// desk refuses, with the store's errors, and when ctx is done. What it has played until then stays in the store.
func (s Script) Seed(ctx context.Context, store liveblog.LogStore, broker liveblog.Broker, now time.Time) error {
	times, cal := s.schedule(now), s.calendar(now)
	clock := times[0].Add(-time.Hour) // the blog is older than its first entry
	desk := liveblog.NewDesk(store, broker, liveblog.DeskOptions{
		Now:       func() time.Time { return clock },
		CheckBody: markdown.Check,
	})
	if _, err := desk.CreateBlog(ctx, s.seeded[0].by, Blog); err != nil {
		return fmt.Errorf("create the demo's blog: %w", err)
	}
	boss := s.seeded[0].by
	boss.Role = liveblog.Admin // the script's staff has no admin, who alone decides which moves need a second editor
	if _, err := desk.UpdateSetup(ctx, boss, Blog.Slug, cal.setup(s.setup)); err != nil {
		return fmt.Errorf("%s: %w", setupFile, err)
	}
	p := player{desk: desk, now: func() time.Time { return clock }, entries: map[string]liveblog.Entry{}}
	for i, st := range s.seeded {
		clock = times[i]
		st.acts = cal.acts(st.acts)
		if err := p.play(ctx, st); err != nil {
			return st.errorf("%w", err)
		}
	}
	return nil
}

// Play plays the live steps through desk, one after each pause of the length every, and returns nil after the last one.
// It returns ctx's error when ctx is done before that, and otherwise the error of the step that failed.
//
// If somebody at the desk has edited or removed a live entry, Play keeps their version and skips the script's change to
// it. If they have moved the talks so that the acts of a step are no longer legal, Play leaves these acts out.
func (s Script) Play(ctx context.Context, desk *liveblog.Desk, every time.Duration) error {
	p := player{desk: desk, now: time.Now, entries: map[string]liveblog.Entry{}}
	pause := time.NewTimer(every)
	defer pause.Stop()
	for _, st := range s.live {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-pause.C:
		}
		err := p.play(ctx, st)
		if st.acts != nil && aboutActs(err) {
			st.acts = nil
			err = p.play(ctx, st)
		}
		switch code := liveblog.CodeOf(err); {
		case ctx.Err() != nil:
			return ctx.Err()
		case st.verb != post && (code == liveblog.Stale || code == liveblog.Conflict || aboutActs(err)):
		case err != nil:
			return st.errorf("%w", err)
		}
		pause.Reset(every)
	}
	return nil
}

// aboutActs reports whether the desk refused a step only because of its acts.
func aboutActs(err error) bool {
	e, ok := errors.AsType[*liveblog.Error](err)
	return ok && len(e.Fields) > 0 && !slices.ContainsFunc(e.Fields, func(f liveblog.FieldError) bool {
		return !strings.HasPrefix(f.Field, "acts")
	})
}

// player plays steps through a desk.
type player struct {
	desk    *liveblog.Desk
	now     func() time.Time
	entries map[string]liveblog.Entry // as the last step left them, by their names in the script
}

// play plays one step and returns the desk's error.
func (p *player) play(ctx context.Context, s step) error {
	e := p.entries[s.name]
	var err error
	switch s.verb {
	case post:
		e, _, err = p.desk.Post(ctx, s.by, Blog.Slug, s.input(p.now()), nil)
	case edit:
		e, err = p.desk.Edit(ctx, s.by, Blog.Slug, e.Number, s.patch(), e.Revision)
	case publish:
		if e.Status != liveblog.Draft {
			return fmt.Errorf("the entry %s is not a draft", s.name)
		}
		public := liveblog.Published
		e, err = p.desk.Edit(ctx, s.by, Blog.Slug, e.Number, liveblog.EntryPatch{Status: &public}, e.Revision)
	case remove:
		e, err = p.desk.Remove(ctx, s.by, Blog.Slug, e.Number, e.Revision)
	}
	if err != nil {
		return err
	}
	p.entries[s.name] = e
	return nil
}

func (s step) input(now time.Time) liveblog.EntryInput {
	in := liveblog.EntryInput{Body: s.body}
	if s.headline != nil {
		in.Headline = *s.headline
	}
	if s.marks != nil {
		in.KeyEvent, in.Pinned, in.Summary = s.marks.keyEvent, s.marks.pinned, s.marks.summary
		if s.marks.draft {
			in.Status = liveblog.Draft
		}
	}
	if s.acts != nil {
		in.Acts = *s.acts
	}
	if s.ago > 0 {
		in.HappenedAt = now.Add(-s.ago)
	}
	return in
}

func (s step) patch() liveblog.EntryPatch {
	p := liveblog.EntryPatch{Headline: s.headline, Acts: s.acts, Correction: s.correction}
	if s.body != "" {
		p.Body = &s.body
	}
	if s.marks != nil {
		p.KeyEvent, p.Pinned, p.Summary = &s.marks.keyEvent, &s.marks.pinned, &s.marks.summary
	}
	return p
}
