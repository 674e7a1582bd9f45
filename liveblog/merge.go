package liveblog

import (
	"context"
	"slices"
	"strings"
)

// mergedField is a field of an entry that two editors can change independently.
type mergedField struct {
	name string // as the API spells it
	same func(a, b Entry) bool
	copy func(to *Entry, from Entry)
	// join merges a field that both sides have changed, in parts. With prefer, a part that both have changed is mine.
	// It is nil if the field has no parts.
	join func(origin, theirs, mine Entry, prefer bool) (joined Entry, ok bool)
}

func mergedFields() []mergedField {
	return []mergedField{
		{"headline", func(a, b Entry) bool { return a.Headline == b.Headline },
			func(to *Entry, from Entry) { to.Headline = from.Headline }, nil},
		{"body", func(a, b Entry) bool { return a.Body == b.Body },
			func(to *Entry, from Entry) { to.Body = from.Body }, joinBodies},
		{"key_event", func(a, b Entry) bool { return a.KeyEvent == b.KeyEvent },
			func(to *Entry, from Entry) { to.KeyEvent = from.KeyEvent }, nil},
		{"pinned", func(a, b Entry) bool { return a.Pinned == b.Pinned },
			func(to *Entry, from Entry) { to.Pinned = from.Pinned }, nil},
		{"summary", func(a, b Entry) bool { return a.Summary == b.Summary },
			func(to *Entry, from Entry) { to.Summary = from.Summary }, nil},
		{"acts", func(a, b Entry) bool { return a.Acts == b.Acts },
			func(to *Entry, from Entry) { to.Acts = from.Acts }, joinActs},
	}
}

// Merged is the result of [Merge].
type Merged struct {
	Entry     Entry
	Kept      []string // the fields that only they have changed, or parts of which
	Conflicts []string // the fields that both have changed in different ways
}

// Merge combines two changes of an entry: mine was made by somebody who saw origin, while theirs was saved. A field that
// only one side has changed has that change. Texts are merged by paragraphs, and acts by what they are about. In a
// conflict the field or the part of it is mine. The result has everything else from theirs.
func Merge(origin, theirs, mine Entry) Merged {
	m := Merged{Entry: theirs}
	for _, f := range mergedFields() {
		switch {
		case f.same(mine, origin):
			if !f.same(theirs, origin) {
				m.Kept = append(m.Kept, f.name)
			}
		case f.same(theirs, origin) || f.same(theirs, mine):
			f.copy(&m.Entry, mine)
		case f.join != nil:
			joined, ok := f.join(origin, theirs, mine, false)
			if ok {
				m.Kept = append(m.Kept, f.name)
			} else {
				m.Conflicts = append(m.Conflicts, f.name)
				joined, _ = f.join(origin, theirs, mine, true)
			}
			f.copy(&m.Entry, joined)
		default:
			m.Conflicts = append(m.Conflicts, f.name)
			f.copy(&m.Entry, mine)
		}
	}
	return m
}

// MergedEdit is the result of [Desk.Merge].
type MergedEdit struct {
	Entry Entry
	Kept  []string // the fields that others have changed meanwhile, and that still have their changes
}

// Merge is [Desk.Edit] for somebody who saw revision base, while others may have saved later ones: see [Merge]. It fails
// with [Stale], naming the fields in conflict, if both have changed the same. An entry is not published with a text or
// acts that the editor has not seen: these are conflicts, too. What cannot be saved because of others is set aside: see
// [SetAside].
func (d *Desk) Merge(
	ctx context.Context, by Actor, slug string, number int, p EntryPatch, base int,
) (done MergedEdit, err error) {
	alone, err := checkAlone(by, slug, p.Alone)
	if err != nil {
		return done, err
	}
	var s Stated
	done.Entry, err = d.revise(ctx, by, slug, number, 0, "entry.edit", alone, func(was Before) (Entry, error) {
		done.Kept = nil
		if was.Entry.Revision == base {
			return d.edited(was, p, &s)
		}
		origin, err := d.origin(ctx, slug, was.Entry, base)
		if err != nil {
			return Entry{}, err
		}
		mine, err := mineOf(was, origin, p, &s)
		if err != nil {
			return Entry{}, err
		}
		m := Merge(origin, was.Entry, mine)
		if was.Entry.Status == Draft && p.Status != nil && *p.Status == Published {
			m.Conflicts = append(m.Conflicts, unseen(m.Kept)...)
		}
		q := patchTo(was.Entry, m.Entry, p)
		if q.Correction != nil && m.Entry.Headline == was.Entry.Headline && m.Entry.Body == was.Entry.Body {
			m.Conflicts = append(m.Conflicts, "correction")
		}
		if len(m.Conflicts) > 0 {
			return Entry{}, mergeConflict(was.Entry, m.Conflicts)
		}
		done.Kept = m.Kept
		return d.edited(was, q, &s)
	})
	if err != nil {
		err = d.setAside(ctx, by, slug, number, p, base, err)
	}
	return done, s.Locate(err)
}

// Merging returns what an editor would have to save after a conflict in [Desk.Merge] so that nothing is lost that only
// the others have changed. It fails as Merge does, and with [Stale] if the revisions cannot be compared.
func (d *Desk) Merging(ctx context.Context, slug string, number int, p EntryPatch, base int) (Merged, error) {
	was, err := d.store.Before(ctx, slug, number)
	if err != nil {
		return Merged{}, err
	}
	origin, err := d.origin(ctx, slug, was.Entry, base)
	if err != nil {
		return Merged{}, err
	}
	var s Stated
	mine, err := mineOf(was, origin, p, &s)
	if err != nil {
		return Merged{}, err
	}
	return Merge(origin, was.Entry, mine), nil
}

// origin returns an earlier revision of an entry. It fails with [Stale] if there is none that can be compared.
func (d *Desk) origin(ctx context.Context, slug string, e Entry, revision int) (Entry, error) {
	if revision < 1 || revision > e.Revision {
		return Entry{}, StaleRevision(e.Number, e.Revision)
	}
	list, err := d.store.Revisions(ctx, slug, e.Number, revision+1, 1)
	if err != nil {
		return Entry{}, err
	}
	if len(list) == 0 || list[0].Revision != revision || list[0].Purged() {
		return Entry{}, StaleRevision(e.Number, e.Revision)
	}
	return list[0], nil
}

// mineOf returns the entry as the editor wants it, based on the revision that the editor saw.
func mineOf(was Before, origin Entry, p EntryPatch, s *Stated) (Entry, error) {
	p, err := p.read(Before{Blog: was.Blog, Setup: was.Setup, Entry: origin}, s)
	if err != nil {
		return Entry{}, err
	}
	p.Correction, p.Status = nil, nil
	return p.apply(origin)
}

// patchTo returns the patch that makes an entry like merged and does besides what p does.
func patchTo(e, merged Entry, p EntryPatch) EntryPatch {
	q := EntryPatch{
		Headline: &merged.Headline, Body: &merged.Body, KeyEvent: &merged.KeyEvent, Pinned: &merged.Pinned,
		Summary: &merged.Summary, Acts: &merged.Acts, Status: p.Status, Correction: p.Correction, Alone: p.Alone,
	}
	if q.Correction != nil && merged.Headline == e.Headline && merged.Body == e.Body &&
		strings.Join(strings.Fields(*q.Correction), " ") == e.Correction.Note {
		q.Correction = nil // this very correction has been saved
	}
	return q
}

// unseen returns the fields among those that others have changed without which nobody should publish.
func unseen(kept []string) []string {
	return slices.DeleteFunc(slices.Clone(kept), func(name string) bool {
		return name != "headline" && name != "body" && name != "acts"
	})
}

func mergeConflict(e Entry, fields []string) *Error {
	err := StaleRevision(e.Number, e.Revision)
	err.Fields = nil
	for _, name := range fields {
		what := map[string]string{"body": "text", "correction": "text in the same way"}[name]
		fill(&what, name)
		err.Fields = append(err.Fields, FieldError{name, e.EditedBy + " has changed the " + what + " meanwhile."})
	}
	return err
}
