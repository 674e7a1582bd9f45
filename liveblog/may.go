package liveblog

import (
	"context"
	"slices"
)

// All permissions are decided in this file: pages, API and templates call these functions. For the roles see [Role].

// MayPublish fails with [Forbidden] for actors who may not change what readers see of entries.
func MayPublish(by Actor) error {
	if !by.Role.MayPublish() {
		return Errorf(Forbidden, "Your role does not allow publishing; save a draft instead.")
	}
	return nil
}

// MayManage fails with [Forbidden] for actors who may not create or change blogs and their setup.
func MayManage(by Actor) error {
	if !by.Role.MayPublish() {
		return Errorf(Forbidden, "Your role does not allow creating blogs or changing their settings and setup.")
	}
	return nil
}

// MayRead reports whether an actor may read an entry at the desk or through the API. Everybody may read public entries;
// an entry that is not public may be read by its author and by actors who may publish. To show an earlier revision,
// callers must check both the revision and the present entry.
func MayRead(by Actor, e Entry) bool {
	return e.Public() || by.Role.MayPublish() || e.AuthorID == by.ID
}

// MayRevise fails with [Forbidden] if the actor may not change or remove an entry: contributors may do so only with
// their own drafts. It fails with [Conflict] for an entry that was removed, which nobody can change.
func MayRevise(by Actor, e Entry) error {
	switch {
	case !by.Role.MayPublish() && (by.Role != Contributor || e.Status != Draft || e.AuthorID != by.ID):
		return Errorf(Forbidden, "Your role allows changing your own drafts only.")
	case e.Status == Removed:
		return FieldErrorf(Conflict, "number", "Entry %d has been removed and can no longer be changed.", e.Number)
	}
	return nil
}

// Readable returns the entries that an actor may read. It overwrites the list.
func Readable(a Actor, entries []Entry) []Entry {
	return slices.DeleteFunc(entries, func(e Entry) bool { return !MayRead(a, e) })
}

// ReadableEntry returns an entry if the actor may read it. It fails with [NotFound] or [Unavailable].
func ReadableEntry(ctx context.Context, from ReadStore, a Actor, slug string, number int) (Entry, error) {
	e, err := from.Entry(ctx, slug, number)
	if err == nil && !MayRead(a, e) {
		return Entry{}, FieldErrorf(NotFound, "number", "There is no such entry.")
	}
	return e, err
}
