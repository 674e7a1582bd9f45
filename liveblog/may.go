package liveblog

import (
	"context"
	"slices"
)

// Who may do what is decided here and nowhere else: pages, API and templates ask these functions. What the roles are
// for is said where they are named, at [Role].

// MayPublish fails with [Forbidden] for those who may not publish, nor change a blog and its setup.
func MayPublish(by Actor) error {
	if !by.Role.MayPublish() {
		return Errorf(Forbidden, "Your role does not allow publishing; save a draft instead.")
	}
	return nil
}

// MayRead reports whether an actor may read an entry at the desk or by the API: everybody may read what is public, its
// author and those who may publish also what is not. For an earlier revision both that and the entry as it is now must
// be readable.
func MayRead(by Actor, e Entry) bool {
	return e.Public() || by.Role.MayPublish() || e.AuthorID == by.ID
}

// MayRevise fails with [Forbidden] for an entry that is not the actor's to change or to remove, since contributors have
// only their own drafts; and with [Conflict] for one that was removed, which nobody can change.
func MayRevise(by Actor, e Entry) error {
	switch {
	case !by.Role.MayPublish() && (by.Role != Contributor || e.Status != Draft || e.AuthorID != by.ID):
		return Errorf(Forbidden, "Your role allows changing your own drafts only.")
	case e.Status == Removed:
		return FieldErrorf(Conflict, "number", "Entry %d has been removed and can no longer be changed.", e.Number)
	}
	return nil
}

// Readable returns those of the entries that an actor may read. It overwrites the list.
func Readable(a Actor, entries []Entry) []Entry {
	return slices.DeleteFunc(entries, func(e Entry) bool { return !MayRead(a, e) })
}

// ReadableEntry finds an entry, if the actor may read it. It fails with [NotFound] or [Unavailable].
func ReadableEntry(ctx context.Context, from ReadStore, a Actor, slug string, number int) (Entry, error) {
	e, err := from.Entry(ctx, slug, number)
	if err == nil && !MayRead(a, e) {
		return Entry{}, FieldErrorf(NotFound, "number", "There is no such entry.")
	}
	return e, err
}
