package liveblog

import (
	"context"
	"slices"
	"strings"
)

// Basis is what an editor saw of an entry, while others may have saved later revisions.
type Basis struct {
	Revision int // the revision that the form shows; any that cannot be read counts as an entry without content
	// Conflict says that the form shows how Revision differs from Origin, the revision with which the editor had begun,
	// and asks what becomes of each [Passage].
	Conflict bool
	Origin   int
	Choices  map[string]Choice // by the passage's ID
}

// MergedEdit is the result of [Desk.Merge].
type MergedEdit struct {
	Entry Entry
	Kept  []string // the fields that others have changed meanwhile, and that still have their changes
}

// Merge is [Desk.Edit] for somebody who saw an earlier revision: see [Merge]. It fails with [Stale], naming the fields,
// if both have changed the same, or if a choice is missing about a passage that the editor was asked about. An entry is
// not published with a text or acts that the editor has not seen: these are conflicts, too. What cannot be saved because
// of others is set aside: see [SetAside].
func (d *Desk) Merge(
	ctx context.Context, by Actor, slug string, number int, p EntryPatch, seen Basis,
) (done MergedEdit, err error) {
	alone, err := checkAlone(by, slug, p.Alone)
	if err != nil {
		return done, err
	}
	var s Stated
	asked := false
	with := Commit{Alone: alone, Copy: used(by, p.Copy)}
	done.Entry, err = d.revise(ctx, by, slug, number, 0, "entry.edit", with, func(was Before) (Entry, error) {
		done.Kept, asked = nil, false
		if was.Entry.Revision == seen.Revision && !seen.Conflict {
			return d.edited(was, p, &s)
		}
		m, err := d.merging(ctx, slug, was, p, seen, &s)
		if err != nil {
			return Entry{}, err
		}
		if m.Asked {
			asked = true
			return Entry{}, m.unsettled(was.Entry)
		}
		q := p
		if q.Correction != nil && m.sameText(was.Entry) && m.sameNote(was.Entry, *p.Correction) {
			q.Correction = nil // this very correction has been saved
		}
		if was.Entry.Status == Draft && p.Status != nil && *p.Status == Published {
			m.Conflicts = append(m.Conflicts, unseen(m.Kept)...)
		}
		if q.Correction != nil && m.sameText(was.Entry) {
			m.Conflicts = append(m.Conflicts, "correction")
		}
		if len(m.Conflicts) > 0 {
			return Entry{}, mergeConflict(was.Entry, m.Conflicts)
		}
		done.Kept = m.Kept
		return d.mergedRevision(was, m.Entry, q)
	})
	if err != nil && !asked {
		err = d.setAside(ctx, by, slug, number, p, seen.Revision, err)
	}
	return done, s.Locate(err)
}

// mergedRevision returns the revision that makes an entry like merged and does besides what p does.
func (d *Desk) mergedRevision(was Before, merged Entry, p EntryPatch) (Entry, error) {
	set(&merged.Status, p.Status)
	return d.revision(was, merged, p.Correction)
}

// Merging is what saving an entry makes of it when others may have saved it too.
type Merging struct {
	Merged
	Origin, Theirs Entry     // the revisions between which Passages asks for a choice; Theirs was shown or will be
	Passages       []Passage // of Entry
	Asked          bool      // the editor was asked about Passages before and has not chosen in all of them
}

// Merging returns what [Desk.Merge] would save, and what is in conflict. It fails as Merge does.
func (d *Desk) Merging(ctx context.Context, slug string, number int, p EntryPatch, seen Basis) (Merging, error) {
	was, err := d.before(ctx, slug, number)
	if err != nil {
		return Merging{}, err
	}
	var s Stated
	return d.merging(ctx, slug, was, p, seen, &s)
}

func (d *Desk) merging(
	ctx context.Context, slug string, was Before, p EntryPatch, seen Basis, s *Stated,
) (Merging, error) {
	loc := was.Blog.Location()
	base, err := d.origin(ctx, slug, was.Entry, seen.Revision)
	if err != nil {
		return Merging{}, err
	}
	mine, err := d.mineOf(was, base, p, s)
	if err != nil {
		return Merging{}, err
	}
	if seen.Conflict {
		before, err := d.origin(ctx, slug, was.Entry, seen.Origin)
		if err != nil {
			return Merging{}, err
		}
		settled, open := Settle(before, base, mine, seen.Choices, loc)
		if len(open) > 0 {
			m := Merging{Origin: before, Theirs: base, Passages: Passages(before, base, mine, loc), Asked: true}
			m.Entry = mine
			return m, nil
		}
		mine = settled
	}
	m := Merging{Merged: Merge(base, was.Entry, mine), Origin: base, Theirs: was.Entry}
	m.Passages = Passages(base, was.Entry, m.Entry, loc)
	return m, nil
}

// origin returns an earlier revision of an entry, or an entry without content if there is none that can be compared.
func (d *Desk) origin(ctx context.Context, slug string, e Entry, revision int) (Entry, error) {
	if revision == e.Revision {
		return e, nil
	}
	none := Entry{Number: e.Number, Status: e.Status, AuthorID: e.AuthorID}
	if revision < 1 || revision > e.Revision {
		return none, nil
	}
	list, err := d.store.Revisions(ctx, slug, e.Number, revision+1, 1)
	if err != nil {
		return Entry{}, err
	}
	if len(list) == 0 || list[0].Revision != revision || list[0].Purged() {
		return none, nil
	}
	return list[0], nil
}

// mineOf returns the entry as the editor wants it, based on the revision that the editor saw.
func (d *Desk) mineOf(was Before, origin Entry, p EntryPatch, s *Stated) (Entry, error) {
	p, err := p.read(Before{Blog: was.Blog, Setup: was.Setup, Entry: origin}, s)
	if err != nil {
		return Entry{}, err
	}
	p.Status = nil
	return revised(origin, d.named(was, p.set(origin)), nil)
}

func (m Merged) sameText(e Entry) bool {
	return m.Entry.Headline == e.Headline && m.Entry.Body == e.Body
}

func (m Merged) sameNote(e Entry, note string) bool {
	return strings.Join(strings.Fields(note), " ") == e.Correction.Note
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

// unsettled names the passages about which the editor has to choose.
func (m Merging) unsettled(e Entry) *Error {
	err := StaleRevision(e.Number, e.Revision)
	err.Fields = nil
	for _, p := range m.Passages {
		err.Fields = append(err.Fields, FieldError{p.Field, p.question()})
	}
	return err
}
