package desk

import (
	"context"
	"time"

	"readout/handlers/web"
	"readout/liveblog"
	view "readout/views/desk"
	"readout/views/markdown"
	"readout/views/reader"

	"github.com/gofiber/fiber/v2"
)

// Preview answers the composer's script with a preview, and with why the entry would be refused if it were saved now.
func (d *Handlers) Preview(c *fiber.Ctx, v visitor) error {
	typed := readEntry(c)
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	now, err := d.talks(ctx, c.Params("slug"))
	if err != nil {
		return err
	}
	base := blankEntry(v, now.at)
	if typed.number > 0 {
		e, err := d.Store.Entry(ctx, now.blog.Slug, typed.number)
		if err == nil && liveblog.MayRevise(v.actor(), now.blog.Slug, e) == nil {
			base = e
		}
	}
	p, err := d.previewOf(ctx, v, now, base, typed)
	if err != nil {
		return err
	}
	return d.show(c, view.PreviewAnswer(p))
}

// addPreview adds a preview to a form, with why its fields would be refused.
func (d *Handlers) addPreview(
	ctx context.Context, v visitor, now talksState, base liveblog.Entry, typed typedEntry, form *view.EntryForm,
) error {
	p, err := d.previewOf(ctx, v, now, base, typed)
	if err != nil {
		return err
	}
	form.Rendered, form.Problem, form.Choices = &p, view.Problem{Fields: p.Refusal.Fields}, p.Choices
	return nil
}

// blankEntry returns an entry without text, as if the visitor published it now.
func blankEntry(v visitor, now time.Time) liveblog.Entry {
	return liveblog.Entry{Revision: 1, Author: v.user.Name, AuthorID: v.user.ID, EditedBy: v.user.Name,
		Status: liveblog.Published, CreatedAt: now, PublishedAt: now, UpdatedAt: now}
}

// asPublic returns a draft as if it had been published when it was last saved.
func asPublic(e liveblog.Entry) liveblog.Entry {
	if e.PublishedAt.IsZero() {
		e.Status, e.PublishedAt = liveblog.Published, e.UpdatedAt
	}
	return e
}

// previewOf returns what the typed text looks like as a revision of base, which is [blankEntry] for a new entry, with the
// effects that its acts would have if it were published now. It fails only if the store does.
func (d *Handlers) previewOf(
	ctx context.Context, v visitor, now talksState, base liveblog.Entry, typed typedEntry,
) (view.Preview, error) {
	e, refusal := d.try(ctx, v, now.blog.Slug, base, typed)
	pins := pinsTaken(refusal)
	if typed.makesRoom(refusal) {
		rest := typed
		rest.pinned = false
		if e, refusal = d.try(ctx, v, now.blog.Slug, base, rest); pinsTaken(refusal) != nil { // a command pins it
			e, refusal = typed.unsaved(now, base), nil
		}
		e.Pinned = true
	}
	if refusal != nil && !shownInForm(refusal) {
		return view.Preview{}, refusal
	}
	var p view.Preview
	if refusal != nil {
		e = typed.unsaved(now, base)
		if approval := needsApproval(refusal); !approval || base.Status != liveblog.Draft || base.Acts != e.Acts {
			p.Refusal = problemOf(refusal) // else the page says already for whom the draft waits
			p.Acts.Approval = approval
		}
	}
	e = asPublic(e)
	e.Number = base.Number
	var err error
	if p.Choices, err = d.choicesOf(ctx, now.blog.Slug, base, e, pins, typed); err != nil {
		return p, err
	}
	after := now.effectsOf(&p.Acts, e, base, refusal == nil)
	p.Entry = rendered(now.blog, &after, e)
	return p, nil
}

// try does all that saving the typed text would do, except to save it, and returns the entry as it would be saved.
// People who may publish are told what publishing would meet.
func (d *Handlers) try(
	ctx context.Context, v visitor, slug string, base liveblog.Entry, typed typedEntry,
) (liveblog.Entry, error) {
	typed.action = "draft"
	if liveblog.May(v.actor(), liveblog.Publish, slug) == nil {
		typed.action = "publish"
	}
	if base.Number == 0 {
		return d.Desk.TryPost(ctx, v.actor(), slug, typed.input())
	}
	if err := typed.checkCorrection(); err != nil {
		return liveblog.Entry{}, err
	}
	done, err := d.Desk.TryMerge(ctx, v.actor(), slug, base.Number, typed.patch(), typed.basis())
	return done.Entry, err
}

// unsaved returns a refused entry as far as it can be read.
func (t typedEntry) unsaved(now talksState, base liveblog.Entry) liveblog.Entry {
	input := t.withCommands(base)
	input.Now = now.at
	s, _ := input.Read(now.setup, now.blog.Location())
	t.stated = &s
	e := t.appliedTo(asPublic(base))
	e.KeyEvent, e.Pinned, e.Summary = e.KeyEvent || s.Told.Key, e.Pinned || s.Told.Pin, e.Summary || s.Told.Summary
	if e.HappenedAt = (time.Time{}); s.Told.At != nil {
		e.HappenedAt = *s.Told.At
	}
	if t.corrects && base.Public() {
		e.Correction = liveblog.Correction{At: now.at, Revision: base.Revision + 1, Note: t.note(),
			Headline: base.Headline, Body: base.Body}
	}
	if acts, err := now.ledger.Judge(e.Acts, now.by(base)); err == nil {
		e.Acts = acts
	}
	return e
}

// by returns for what and when a revision of base would state its acts.
func (t talksState) by(base liveblog.Entry) liveblog.By {
	by := liveblog.By{Entry: base.Number, At: base.PublishedAt}
	if !base.Public() {
		by.At = t.at
	}
	return by
}

// effectsOf adds what the acts of e, a revision of base, would do, and returns the talks after them. Readable is false
// for acts that are refused already, whose effects nobody knows.
func (t talksState) effectsOf(p *view.ActsPreview, e, base liveblog.Entry, readable bool) liveblog.Talks {
	by := t.by(base)
	after := t.withActs(e.Acts, by)
	if base.Number != 0 && base.Public() && e.Acts == base.Acts || e.Acts == "" && base.Acts == "" {
		return after
	}
	if _, err := t.ledger.Judge(e.Acts, by); err != nil {
		if p.Stated = readable; readable { // a draft that could not be published
			p.Problems = messagesOf(err)
		}
		return after
	}
	p.Stated = readable || e.Acts != ""
	before := t.ledger.Fold()
	p.Effects = view.Effects(t.blog, &before, &after)
	if waits := base.Status == liveblog.Draft && base.Acts == e.Acts; !waits {
		p.Approval = t.setup.NeedsSecondEditor(e.Acts)
	}
	return after
}

// rendered returns the entry as readers would see it, with the claims that it cites as they are in t. It returns "" for
// an empty entry, and for one that would take too much to show.
func rendered(b liveblog.Blog, t *liveblog.Talks, e liveblog.Entry) string {
	if len(e.Body) > liveblog.MaxBody || e.Body == "" && e.Headline == "" && e.Acts == "" ||
		markdown.Check(e.Body) != nil {
		return ""
	}
	return reader.EntryHTML(b, t, e)
}
