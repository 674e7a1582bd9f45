package liveblog

import (
	"context"
	"log/slog"
	"strings"
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
	headline       func(Blog, Setup, Acts) string
}

// DeskOptions are the settings of a [Desk]; every field has a default.
type DeskOptions struct {
	Now            func() time.Time // default the store's clock
	Log            *slog.Logger     // default slog.Default()
	PublishTimeout time.Duration    // how long a write waits for the broker; default 2 s
	// Headline returns the headline of an entry of acts alone, in the blog's language, or "". Without it, or with "",
	// an entry needs a headline or a text of its own.
	Headline func(Blog, Setup, Acts) string
	// CheckBody reports why the Markdown of an entry cannot be shown, as an [Invalid] error for the field "body". The
	// desk calls it for each new body and each changed one, after its own rules; it does not call it for an edit that
	// leaves the body unchanged. CheckBody must be safe for concurrent use. The default accepts every body.
	CheckBody func(body string) error
}

// NewDesk returns a desk that writes to store and announces changes through broker.
func NewDesk(store LogStore, broker Broker, opt DeskOptions) *Desk {
	d := &Desk{
		store: store, broker: broker, now: opt.Now, log: opt.Log,
		publishTimeout: opt.PublishTimeout, checkBody: opt.CheckBody, headline: opt.Headline,
	}
	if d.now == nil {
		d.now = store.Now
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

// CreateBlog adds a blog. It fails with [Forbidden], [Invalid], or [Conflict] when the slug is taken.
func (d *Desk) CreateBlog(ctx context.Context, by Actor, in NewBlog) (Blog, error) {
	if err := May(by, Manage, ""); err != nil {
		return Blog{}, err
	}
	at := d.at()
	b, err := in.checked(at)
	if err != nil {
		return Blog{}, err
	}
	return d.store.CreateBlog(ctx, b, audit(by, at, "blog.create"))
}

// UpdateBlog changes a blog's own fields. It fails with [Forbidden], [NotFound] or [Invalid].
func (d *Desk) UpdateBlog(ctx context.Context, by Actor, slug string, p BlogPatch) (Blog, error) {
	if err := May(by, Manage, slug); err != nil {
		return Blog{}, err
	}
	b, changes, err := d.store.UpdateBlog(ctx, slug, p, audit(by, d.at(), "blog.update"))
	if err != nil {
		return Blog{}, err
	}
	d.announce(ctx, slug, changes)
	return b, nil
}

// Archive makes a blog read-only, or writable again. Doing so twice changes nothing. It fails with [Forbidden] or
// [NotFound].
func (d *Desk) Archive(ctx context.Context, by Actor, slug string, archived bool) (Blog, error) {
	if err := May(by, Administer, slug); err != nil {
		return Blog{}, err
	}
	action := "blog.archive"
	if !archived {
		action = "blog.unarchive"
	}
	b, changes, err := d.store.Archive(ctx, slug, archived, audit(by, d.at(), action))
	if err != nil {
		return Blog{}, err
	}
	d.announce(ctx, slug, changes)
	return b, nil
}

// UpdateSetup replaces the setup of a blog. It fails with [Forbidden] (naming approval if only that may not be
// changed), [NotFound], [Invalid], or with [Conflict] when the new setup lacks an item that a public entry refers to.
func (d *Desk) UpdateSetup(ctx context.Context, by Actor, slug string, s Setup) (Talks, error) {
	if err := May(by, Manage, slug); err != nil {
		return Talks{}, err
	}
	save := d.store.UpdateSetup
	if May(by, Administer, slug) != nil {
		save = d.store.UpdateSetupItems
	}
	t, changes, err := save(ctx, slug, s, audit(by, d.at(), "blog.setup"))
	if err != nil {
		return Talks{}, err
	}
	d.announce(ctx, slug, changes)
	return t, nil
}

// Post adds an entry, which is published unless the input says draft. Slash commands in its text become acts. When a
// request is repeated with the same key, Post returns the entry that the first request created, and replayed is true.
// It fails with [Forbidden], [NotFound], [Invalid], [Conflict] (too many pinned entries) or [KeyReused].
func (d *Desk) Post(
	ctx context.Context, by Actor, slug string, in EntryInput, key *IdempotencyKey,
) (e Entry, replayed bool, err error) {
	if err := May(by, WriteDrafts, slug); err != nil {
		return Entry{}, false, err
	}
	alone, err := checkAlone(by, slug, in.Alone)
	if err != nil {
		return Entry{}, false, err
	}
	at := d.at()
	e = Entry{
		Headline: in.Headline, Body: in.Body, KeyEvent: in.KeyEvent, Pinned: in.Pinned, Summary: in.Summary,
		Acts: in.Acts, Status: in.Status, Author: by.Name, AuthorID: by.ID, EditedBy: by.Name,
		CreatedAt: at, UpdatedAt: at,
	}
	fill(&e.Status, Published)
	e, s, err := d.input(ctx, slug, e, in)
	if err != nil {
		return Entry{}, false, err
	}
	if e.Public() {
		if err := May(by, Publish, slug); err != nil {
			return Entry{}, false, err
		}
		e.PublishedAt = at
	}
	done, err := d.commit(ctx, Commit{Slug: slug, Entry: e, Key: key, Alone: alone, Copy: used(by, in.Copy),
		Audit: audit(by, at, "entry.post")})
	return done.Entry, done.Replayed, s.Locate(err)
}

// input returns a new entry with the input's texts and what its commands say.
func (d *Desk) input(ctx context.Context, slug string, e Entry, in EntryInput) (Entry, Stated, error) {
	var s Stated
	p := EntryPatch{Commands: in.Commands, Acts: &in.Acts}
	if !in.HappenedAt.IsZero() {
		p.HappenedAt = &in.HappenedAt
	}
	if in.Byline != "" {
		p.Byline = &in.Byline
	}
	p.Headline, p.Body = &in.Headline, &in.Body
	typed := Typed{Headline: in.Headline, Body: in.Body, Commands: in.Commands}
	var was Before
	if typed.HasCommands() || in.Byline != "" || blank(in.Headline) && blank(in.Body) {
		var err error
		if was, err = d.before(ctx, slug, 0); err != nil {
			return e, s, err
		}
		if p, err = p.read(was, &s); err != nil {
			return e, s, err
		}
	}
	e, err := d.revision(was, p.set(e), nil)
	return e, s, err
}

// errHappensLater refuses a time of what has happened that is still to come.
func errHappensLater() *Error {
	return FieldErrorf(Invalid, "happened_at", "What an entry tells cannot have happened in the future.")
}

// Edit changes an entry. Slash commands in its text are added to its acts. Base is the revision that the editor saw, or
// 0 to edit whichever revision is current. A patch that changes nothing creates no revision. Edit fails with
// [Forbidden], [NotFound], [Invalid], [Stale], or with [Conflict] for an entry that was removed.
func (d *Desk) Edit(ctx context.Context, by Actor, slug string, number int, p EntryPatch, base int) (Entry, error) {
	alone, err := checkAlone(by, slug, p.Alone)
	if err != nil {
		return Entry{}, err
	}
	var s Stated
	with := Commit{Alone: alone, Copy: used(by, p.Copy)}
	e, err := d.revise(ctx, by, slug, number, base, "entry.edit", with, func(was Before) (Entry, error) {
		return d.edited(was, p, &s)
	})
	return e, s.Locate(err)
}

// edited returns an entry with a patch applied, and stores the commands of the patch in s.
func (d *Desk) edited(was Before, p EntryPatch, s *Stated) (Entry, error) {
	p, err := p.read(was, s)
	if err != nil {
		return Entry{}, err
	}
	return d.revision(was, p.set(was.Entry), p.Correction)
}

// named returns an entry, with a headline if it has acts alone.
func (d *Desk) named(was Before, e Entry) Entry {
	if blank(e.Headline) && blank(e.Body) && e.Acts != "" && d.headline != nil {
		e.Headline = clip(d.headline(was.Blog, was.Setup, e.Acts), MaxHeadline-1)
	}
	return e
}

// revision returns the tidied revision e of an entry; with a note it is a [Correction]. An entry of acts alone gets a
// headline. It fails with [Invalid], naming each field at fault, or with [Conflict].
func (d *Desk) revision(was Before, e Entry, note *string) (Entry, error) {
	e, err := revised(was.Entry, d.named(was, e), note)
	if err != nil {
		return Entry{}, err
	}
	return e, d.checkRevision(was.Entry, e)
}

// checkRevision fails if e cannot follow prev.
func (d *Desk) checkRevision(prev, e Entry) error {
	if e.Body != prev.Body {
		if err := d.checkBody(e.Body); err != nil {
			return err
		}
	}
	if e.HappenedAt != prev.HappenedAt && e.HappenedAt.After(d.at().Add(time.Minute)) {
		return errHappensLater()
	}
	if prev.Public() && !e.Public() {
		return FieldErrorf(Conflict, "status",
			"A published entry cannot become a draft again; remove it instead.")
	}
	return nil
}

// Remove withdraws an entry permanently; its number and its history stay. Base and the errors are those of [Desk.Edit].
func (d *Desk) Remove(ctx context.Context, by Actor, slug string, number int, base int) (Entry, error) {
	return d.revise(ctx, by, slug, number, base, "entry.remove", Commit{}, func(was Before) (Entry, error) {
		e := was.Entry
		e.Status, e.Pinned = Removed, false
		return e, nil
	})
}

// before reads what a write needs.
func (d *Desk) before(ctx context.Context, slug string, number int) (Before, error) {
	was, err := d.store.Before(ctx, slug, number)
	was.Now = d.at()
	return was, err
}

// Writers returns the names that the byline of an entry may have. It fails with [NotFound] or [Forbidden].
func (d *Desk) Writers(ctx context.Context, by Actor, slug string) ([]string, error) {
	if err := May(by, SeeBlog, slug); err != nil {
		return nil, err
	}
	was, err := d.store.Before(ctx, slug, 0)
	return was.Members, err
}

// maxAttempts bounds how often a write without a base is retried because others keep changing the entry.
const maxAttempts = 10

// revise commits what change makes of an entry, with the rest of the commit from with.
func (d *Desk) revise(
	ctx context.Context, by Actor, slug string, number, base int, action string, with Commit,
	change func(Before) (Entry, error),
) (Entry, error) {
	for attempt := 1; ; attempt++ {
		was, err := d.before(ctx, slug, number)
		if err != nil {
			return Entry{}, err
		}
		prev := was.Entry
		if err := MayRevise(by, slug, prev); err != nil {
			return Entry{}, err
		}
		if err := was.Blog.CheckWritable(); err != nil {
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
			if with.Copy != (UsedCopy{}) {
				err = d.store.UseCopy(ctx, slug, with.Copy, d.at())
			}
			return prev, err
		}
		at := d.at()
		if !at.After(prev.UpdatedAt) {
			at = prev.UpdatedAt.Add(time.Microsecond) // two nodes know the store's time only nearly
		}
		next.UpdatedAt, next.EditedBy = at, by.Name
		if next.Public() {
			if err := May(by, Publish, slug); err != nil {
				return Entry{}, err
			}
			if !prev.Public() {
				next.PublishedAt = at
			}
		}
		with.Slug, with.Entry, with.Base, with.Audit = slug, next, prev.Revision, audit(by, at, action)
		done, err := d.commit(ctx, with)
		if CodeOf(err) == Stale && base == 0 && attempt < maxAttempts {
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

// announce publishes committed changes through the broker. The commit is final by then, so announce does not give up
// when the client disconnects, and it only logs a failed publish: nodes find the change when they next poll the store.
func (d *Desk) announce(ctx context.Context, slug string, changes []Change) {
	if len(changes) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.publishTimeout)
	defer cancel()
	if err := d.broker.Publish(ctx, Notice{Slug: slug, Changes: changes}); err != nil {
		d.log.Warn("the broker did not take a change; readers get it when nodes next poll the store",
			"blog", slug, "changes", len(changes), "error", err)
	}
}

func (d *Desk) at() time.Time { return d.now().UTC().Truncate(time.Microsecond) }

func audit(by Actor, at time.Time, action string) Audit {
	return Audit{At: at, ActorID: by.ID, Actor: by.Name, Action: action}
}

// StaleRevision returns the error for a write whose base is not the entry's current revision.
func StaleRevision(number, current int) *Error {
	return FieldErrorf(Stale, "revision",
		"Entry %d has changed meanwhile and is now at revision %d; look at it before you save.", number, current)
}

func fill[T comparable](dst *T, fallback T) {
	var zero T
	if *dst == zero {
		*dst = fallback
	}
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }
