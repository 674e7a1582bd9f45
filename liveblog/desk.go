package liveblog

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"
)

// Desk is the only way to write blogs and entries. It checks the rules, commits, and then tells the broker.
type Desk struct {
	store          LogStore
	broker         Broker
	now            func() time.Time
	log            *slog.Logger
	publishTimeout time.Duration
	checkBody      func(string) error
	unannounced    atomic.Int64
}

// DeskOptions are the settings of a [Desk]; every field has a default.
type DeskOptions struct {
	Now            func() time.Time // default time.Now
	Log            *slog.Logger     // default slog.Default()
	PublishTimeout time.Duration    // how long a write waits for the broker; default 2 s
	// CheckBody says why the Markdown of an entry cannot be shown, with an [Invalid] error for the field "body". The desk asks
	// it about each new body and each changed one, after its own rules; an edit that leaves the body alone is not held up by
	// it. It may be called from several goroutines at once. The default takes every body.
	CheckBody func(body string) error
}

// NewDesk returns a desk that writes to store and announces through broker.
func NewDesk(store LogStore, broker Broker, opt DeskOptions) *Desk {
	d := &Desk{store: store, broker: broker, now: opt.Now, log: opt.Log, publishTimeout: opt.PublishTimeout, checkBody: opt.CheckBody}
	if d.now == nil {
		d.now = time.Now
	}
	if d.log == nil {
		d.log = slog.Default()
	}
	if d.publishTimeout == 0 {
		d.publishTimeout = 2 * time.Second
	}
	if d.checkBody == nil {
		d.checkBody = func(string) error { return nil }
	}
	return d
}

// Unannounced returns how many committed changes the broker did not take. Readers get those by the tick.
func (d *Desk) Unannounced() int64 { return d.unannounced.Load() }

// CreateBlog adds a blog. It fails with [Forbidden], [Invalid], or [Conflict] when the slug is taken.
func (d *Desk) CreateBlog(ctx context.Context, by Actor, in NewBlog) (Blog, error) {
	if err := MayPublish(by); err != nil {
		return Blog{}, err
	}
	at := d.at()
	b := Blog{Slug: in.Slug, Title: in.Title, Standfirst: in.Standfirst, Status: in.Status, TimeZone: in.TimeZone,
		Language: in.Language, CreatedAt: at, UpdatedAt: at}
	fill(&b.Status, Upcoming)
	fill(&b.TimeZone, "UTC")
	fill(&b.Language, "en")
	b, err := b.checked()
	if err != nil {
		return Blog{}, err
	}
	return d.store.CreateBlog(ctx, b, audit(by, at, "blog.create"))
}

// UpdateBlog changes a blog's own fields. It fails with [Forbidden], [NotFound] or [Invalid].
func (d *Desk) UpdateBlog(ctx context.Context, by Actor, slug string, p BlogPatch) (Blog, error) {
	if err := MayPublish(by); err != nil {
		return Blog{}, err
	}
	b, changes, err := d.store.UpdateBlog(ctx, slug, p, audit(by, d.at(), "blog.update"))
	if err != nil {
		return Blog{}, err
	}
	d.announce(ctx, slug, changes)
	return b, nil
}

// UpdateSetup replaces what the acts of a blog refer to. It fails with [Forbidden], [NotFound], [Invalid], or [Conflict]
// for something that public entries refer to and that would go.
func (d *Desk) UpdateSetup(ctx context.Context, by Actor, slug string, s Setup) (Talks, error) {
	if err := MayPublish(by); err != nil {
		return Talks{}, err
	}
	t, changes, err := d.store.UpdateSetup(ctx, slug, s, audit(by, d.at(), "blog.setup"))
	if err != nil {
		return Talks{}, err
	}
	d.announce(ctx, slug, changes)
	return t, nil
}

// Post adds an entry, published unless the input says draft. Commands in its text become acts. With a key, a repetition of the same request returns
// the entry that the first one made and says so. It fails with [Forbidden], [NotFound], [Invalid], [Conflict]
// (too many pinned) or [KeyReused].
func (d *Desk) Post(ctx context.Context, by Actor, slug string, in EntryInput, key *IdempotencyKey) (e Entry, replayed bool, err error) {
	at := d.at()
	e = Entry{Headline: in.Headline, Body: in.Body, KeyEvent: in.KeyEvent, Pinned: in.Pinned, Summary: in.Summary, Acts: in.Acts,
		Status: in.Status, Author: by.Name, AuthorID: by.ID, EditedBy: by.Name, CreatedAt: at, UpdatedAt: at}
	fill(&e.Status, Published)
	var s Stated
	if typed := (Typed{Body: in.Body, Commands: in.Commands, Acts: &in.Acts}); typed.HasCommands() {
		was, err := d.store.Before(ctx, slug, 0)
		if err != nil {
			return Entry{}, false, err
		}
		if s, err = typed.Read(was.Setup, was.Blog.Location(), ""); err != nil {
			return Entry{}, false, err
		}
		e.Body, e.Acts = s.Body, s.Acts
	}
	var v invalid
	e = v.entry(e)
	if err := v.err(); err != nil {
		return Entry{}, false, err
	}
	if err := d.checkBody(e.Body); err != nil {
		return Entry{}, false, err
	}
	if e.Public() {
		if err := MayPublish(by); err != nil {
			return Entry{}, false, err
		}
		e.PublishedAt = at
	}
	done, err := d.commit(ctx, Commit{Slug: slug, Entry: e, Key: key, Audit: audit(by, at, "entry.post")})
	return done.Entry, done.Replayed, s.Locate(err)
}

// Edit changes an entry. Commands in its text are added to its acts. Base is the revision that the editor saw; 0 takes whatever is current. A patch that
// changes nothing makes no revision. It fails with [Forbidden], [NotFound], [Invalid], [Stale], or [Conflict] for
// an entry that was removed.
func (d *Desk) Edit(ctx context.Context, by Actor, slug string, number int, p EntryPatch, base int) (Entry, error) {
	var s Stated
	e, err := d.revise(ctx, by, slug, number, base, "entry.edit", func(was Before) (Entry, error) {
		prev := was.Entry
		p, err := p.read(was, &s)
		if err != nil {
			return Entry{}, err
		}
		e, err := p.apply(prev)
		if err != nil {
			return Entry{}, err
		}
		if e.Body != prev.Body {
			if err := d.checkBody(e.Body); err != nil {
				return Entry{}, err
			}
		}
		if prev.Public() && !e.Public() {
			return Entry{}, FieldErrorf(Conflict, "status", "A published entry cannot become a draft again; remove it instead.")
		}
		return e, nil
	})
	return e, s.Locate(err)
}

// Remove takes an entry back for good; its number and its history stay. Base and the errors are as in Edit.
func (d *Desk) Remove(ctx context.Context, by Actor, slug string, number int, base int) (Entry, error) {
	return d.revise(ctx, by, slug, number, base, "entry.remove", func(was Before) (Entry, error) {
		e := was.Entry
		e.Status, e.Pinned = Removed, false
		return e, nil
	})
}

// maxTries bounds how often a write without a base follows an entry that others keep changing.
const maxTries = 10

func (d *Desk) revise(ctx context.Context, by Actor, slug string, number, base int, action string, change func(Before) (Entry, error)) (Entry, error) {
	for try := 1; ; try++ {
		was, err := d.store.Before(ctx, slug, number)
		if err != nil {
			return Entry{}, err
		}
		prev := was.Entry
		if err := MayRevise(by, prev); err != nil {
			return Entry{}, err
		}
		if base != 0 && base != prev.Revision {
			return Entry{}, StaleRevision(number, prev.Revision)
		}
		next, err := change(was)
		if err != nil {
			return Entry{}, err
		}
		if next == prev {
			return prev, nil
		}
		at := d.at()
		next.UpdatedAt, next.EditedBy = at, by.Name
		if next.Public() {
			if err := MayPublish(by); err != nil {
				return Entry{}, err
			}
			if !prev.Public() {
				next.PublishedAt = at
			}
		}
		done, err := d.commit(ctx, Commit{Slug: slug, Entry: next, Base: prev.Revision, Audit: audit(by, at, action)})
		if CodeOf(err) == Stale && base == 0 && try < maxTries {
			continue
		}
		return done.Entry, err
	}
}

func (d *Desk) commit(ctx context.Context, c Commit) (Committed, error) {
	done, err := d.store.Commit(ctx, c)
	if err != nil {
		return Committed{}, err
	}
	d.announce(ctx, c.Slug, done.Changes)
	return done, nil
}

// announce tells the broker of what is committed. The commit stands whatever comes of it, so neither a client that
// has gone nor a broker that is away makes the write fail.
func (d *Desk) announce(ctx context.Context, slug string, changes []Change) {
	if len(changes) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.publishTimeout)
	defer cancel()
	if err := d.broker.Publish(ctx, Notice{Slug: slug, Changes: changes}); err != nil {
		d.unannounced.Add(int64(len(changes)))
		d.log.Warn("the broker did not take a change; readers get it by the tick", "blog", slug, "error", err)
	}
}

func (d *Desk) at() time.Time { return d.now().UTC().Truncate(time.Microsecond) }

func audit(by Actor, at time.Time, action string) Audit {
	return Audit{At: at, ActorID: by.ID, Actor: by.Name, Action: action}
}

// StaleRevision is the error for a write whose base is not the entry's current revision.
func StaleRevision(number, current int) *Error {
	return FieldErrorf(Stale, "revision", "Entry %d has changed meanwhile and is now at revision %d; look at it before you save.", number, current)
}

func fill[T comparable](dst *T, fallback T) {
	var zero T
	if *dst == zero {
		*dst = fallback
	}
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }
