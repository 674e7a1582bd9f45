package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"readout/liveblog"
	view "readout/views/desk"
)

// pinsTaken returns the entries that keep another one from being pinned, or nil for any other error.
func pinsTaken(err error) []liveblog.Entry {
	if taken, ok := errors.AsType[*liveblog.TakenPins](err); ok {
		return taken.Entries
	}
	return nil
}

// makesRoom reports whether the form says which entry to unpin in place of those that an error names.
func (t typedEntry) makesRoom(err error) bool {
	return slices.ContainsFunc(pinsTaken(err), func(e liveblog.Entry) bool { return e.Number == t.unpin })
}

// makeRoom unpins the entry that the form names, so that another one can be pinned, if nothing else keeps the form from
// being saved as a revision of base.
func (d *Handlers) makeRoom(
	ctx context.Context, v visitor, slug string, base liveblog.Entry, typed typedEntry,
) error {
	rest := typed
	rest.pinned = false
	if _, err := d.try(ctx, v, slug, base, rest); err != nil && pinsTaken(err) == nil {
		return err
	}
	_, err := d.Desk.Edit(ctx, v.actor(), slug, typed.unpin, liveblog.EntryPatch{Pinned: new(false)}, 0)
	return err
}

// post saves the form as a new entry. Pins are the entries that would keep it from being pinned.
func (d *Handlers) post(
	ctx context.Context, v visitor, slug string, typed typedEntry,
) (e liveblog.Entry, pins []liveblog.Entry, err error) {
	key := typed.idempotencyKey(v.actor(), slug)
	e, _, err = d.Desk.Post(ctx, v.actor(), slug, typed.input(), key)
	pins = pinsTaken(err)
	if typed.makesRoom(err) {
		if err = d.makeRoom(ctx, v, slug, liveblog.Entry{}, typed); err == nil {
			e, _, err = d.Desk.Post(ctx, v.actor(), slug, typed.input(), key)
		}
	}
	return e, pins, err
}

// merge saves the form as a revision of an entry. Pins are the entries that would keep it from being pinned.
func (d *Handlers) merge(
	ctx context.Context, v visitor, slug string, number int, typed typedEntry,
) (done liveblog.MergedEdit, pins []liveblog.Entry, err error) {
	if err := typed.checkCorrection(); err != nil {
		return done, nil, err
	}
	done, err = d.Desk.Merge(ctx, v.actor(), slug, number, typed.patch(), typed.basis())
	pins = pinsTaken(err)
	if typed.makesRoom(err) {
		if err = d.makeRoom(ctx, v, slug, liveblog.Entry{Number: number}, typed); err == nil {
			done, err = d.Desk.Merge(ctx, v.actor(), slug, number, typed.patch(), typed.basis())
		}
	}
	return done, pins, err
}

// summaryBesides returns the public summary that the head of the blog's page had at a time, which is the zero time for
// now, if it is another entry than e and still marked; else nil.
func (d *Handlers) summaryBesides(
	ctx context.Context, slug string, e liveblog.Entry, at time.Time,
) (*liveblog.Entry, error) {
	head, _, err := d.Store.Briefing(ctx, slug, at)
	if err != nil || head.Summary == nil || head.Summary.Number == e.Number {
		return nil, err
	}
	now, err := d.Store.Entry(ctx, slug, head.Summary.Number)
	if err != nil || !isSummary(now) {
		return nil, err
	}
	return &now, nil
}

// isSummary reports whether an entry is one for readers.
func isSummary(e liveblog.Entry) bool { return e.Summary && e.Public() }

// becameSummary reports whether the revision of a saved entry made it a summary for readers.
func (d *Handlers) becameSummary(ctx context.Context, slug string, e liveblog.Entry) (bool, error) {
	if !isSummary(e) || e.Revision == 1 {
		return isSummary(e), nil
	}
	before, err := d.Store.Revisions(ctx, slug, e.Number, e.Revision, 1)
	return err == nil && len(before) == 1 && !isSummary(before[0]), err
}

// settleSummary takes the mark off the summary that a saved entry replaces, unless the form keeps it. It returns what the
// notice after saving has to say about it, as a part of a query.
func (d *Handlers) settleSummary(
	ctx context.Context, v visitor, slug string, e liveblog.Entry, typed typedEntry,
) (query string) {
	became, err := d.becameSummary(ctx, slug, e)
	if became {
		var old *liveblog.Entry
		if old, err = d.summaryBesides(ctx, slug, e, e.UpdatedAt.Add(-time.Microsecond)); old != nil {
			query = fmt.Sprintf("&beside=%d", old.Number)
			if !typed.keepSummary {
				patch := liveblog.EntryPatch{Summary: new(false)}
				if _, err = d.Desk.Edit(ctx, v.actor(), slug, old.Number, patch, 0); err == nil {
					query = fmt.Sprintf("&replaced=%d", old.Number)
				}
			}
		}
	}
	if err != nil { // the entry is saved all the same
		d.Log.Warn("an entry did not replace the summary before it", "blog", slug, "number", e.Number, "error", err)
	}
	return query
}

// choicesOf returns what the form asks about other entries with the marks of e, which would be a revision of base. Pins
// are the entries that keep it from being pinned.
func (d *Handlers) choicesOf(
	ctx context.Context, slug string, base, e liveblog.Entry, pins []liveblog.Entry, typed typedEntry,
) (c view.MarkChoices, err error) {
	c = d.pinChoices(ctx, slug, pins, typed)
	if isSummary(e) && !(base.Number != 0 && isSummary(base)) {
		c.Summary, err = d.summaryBesides(ctx, slug, e, time.Time{})
	}
	return c, err
}

// pinChoices returns what was chosen about other entries. Pins are the entries that keep this one from being pinned; if
// another fault came before them, the one that makes room is still known.
func (d *Handlers) pinChoices(
	ctx context.Context, slug string, pins []liveblog.Entry, t typedEntry,
) view.MarkChoices {
	if len(pins) == 0 && t.pinned && t.unpin > 0 {
		if e, err := d.Store.Entry(ctx, slug, t.unpin); err == nil && e.Pinned && e.Public() {
			pins = []liveblog.Entry{e}
		}
	}
	return view.MarkChoices{Desk: "/desk/" + slug, Pins: pins, Unpin: t.unpin, KeepSummary: t.keepSummary}
}
