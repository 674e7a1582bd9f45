package liveblog

import (
	"context"
	"maps"
	"slices"
)

// All permissions are decided in this file: the desk's pages, the API, sockets, exports and templates call these
// functions, and nobody compares roles.

// Right is something that a role allows on a blog.
type Right uint8

// The rights.
const (
	// SeeBlog is to see that a blog is there at the desk, its settings and its setup.
	SeeBlog Right = iota
	// ReadDrafts is to read entries of everybody that are not public, and earlier revisions.
	ReadDrafts
	// WriteDrafts is to write drafts, and to change one's own.
	WriteDrafts
	// Publish is to change what readers see, and entries of everybody.
	Publish
	// Manage is to create a blog, and to change its settings and its setup.
	Manage
	// Administer is to see and change members, tokens, approval and purges, and to read the audit.
	Administer
)

// roles returns the roles that have the right.
func (r Right) roles() []Role {
	switch r {
	case SeeBlog:
		return []Role{Admin, Editor, Contributor, Viewer}
	case ReadDrafts:
		return []Role{Admin, Editor, Viewer}
	case WriteDrafts:
		return []Role{Admin, Editor, Contributor}
	case Publish, Manage:
		return []Role{Admin, Editor}
	case Administer:
		return []Role{Admin}
	}
	return nil
}

// refusal is the message for actors who lack the right.
func (r Right) refusal() string {
	switch r {
	case ReadDrafts:
		return "Your role does not allow reading drafts of others."
	case WriteDrafts:
		return "Your role allows reading only."
	case Publish:
		return "Your role does not allow publishing; save a draft instead."
	case Manage:
		return "Your role does not allow creating blogs or changing their settings and setup."
	case Administer:
		return "Only admins may do this."
	}
	return "You have no role on this blog."
}

// has reports whether the actor has a right on a blog; with an empty slug, on all blogs, also those to come.
func (a Actor) has(right Right, slug string) bool {
	roles := []Role{a.Role}
	if slug != "" {
		roles = a.RolesOn(slug)
	}
	return slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(right.roles(), r) })
}

// May fails with [Forbidden] if the actor lacks a right on a blog. An empty slug is for what concerns all blogs, such
// as creating one, or the members of the installation.
func May(by Actor, right Right, slug string) error {
	if !by.has(right, slug) {
		if slug != "" && !by.has(SeeBlog, slug) {
			right = SeeBlog
		}
		return Errorf(Forbidden, "%s", right.refusal())
	}
	return nil
}

// MayAnywhere reports whether the actor has a right on all blogs or on any single one.
func MayAnywhere(by Actor, right Right) bool {
	if by.has(right, "") {
		return true
	}
	for slug := range by.On {
		if by.has(right, slug) {
			return true
		}
	}
	return false
}

// MayRead reports whether an actor may read an entry at the desk or through the API. Everybody may read public entries;
// an entry that is not public may be read by its author and by actors with [ReadDrafts]. To show an earlier revision,
// callers must check both the revision and the present entry.
func MayRead(by Actor, slug string, e Entry) bool {
	return e.Public() || by.has(ReadDrafts, slug) || by.has(SeeBlog, slug) && e.AuthorID == by.ID
}

// MayReadSetAside reports whether an actor may read a version that was set aside, of an entry that they may read. It is
// for actors with [ReadDrafts], and for who typed it.
func MayReadSetAside(by Actor, slug string, v SetAside) bool {
	return by.has(ReadDrafts, slug) || by.has(SeeBlog, slug) && v.ByID == by.ID
}

// MayKeepCopies fails with [Forbidden] if an actor may not keep working copies in a blog. Nobody may read those of others.
func MayKeepCopies(by Actor, slug string) error { return May(by, WriteDrafts, slug) }

// MayRevise fails with [Forbidden] if the actor may not change or remove an entry: who may not publish may do so only
// with their own drafts. It fails with [Conflict] for an entry that was removed, which nobody can change.
func MayRevise(by Actor, slug string, e Entry) error {
	if err := May(by, WriteDrafts, slug); err != nil {
		return err
	}
	switch {
	case !by.has(Publish, slug) && (e.Status != Draft || e.AuthorID != by.ID):
		return Errorf(Forbidden, "Your role allows changing your own drafts only.")
	case e.Status == Removed:
		return FieldErrorf(Conflict, "number", "Entry %d has been removed and can no longer be changed.", e.Number)
	}
	return nil
}

// MayGive fails with [Forbidden] if the actor may not give somebody these roles, or take them: admins of the
// installation may give any, and admins of single blogs those on their blogs.
func MayGive(by Actor, role Role, on map[string]Role) error {
	if role != "" {
		if err := May(by, Administer, ""); err != nil {
			return Errorf(Forbidden, "Only admins of all blogs may give a role on all blogs.")
		}
	}
	for slug := range on {
		if err := May(by, Administer, slug); err != nil {
			return err
		}
	}
	return nil
}

// Visible returns the blogs that an actor sees at the desk. It overwrites the list.
func Visible(by Actor, blogs []Blog) []Blog {
	return slices.DeleteFunc(blogs, func(b Blog) bool { return !by.has(SeeBlog, b.Slug) })
}

// Readable returns the entries of a blog that an actor may read. It overwrites the list.
func Readable(by Actor, slug string, entries []Entry) []Entry {
	return slices.DeleteFunc(entries, func(e Entry) bool { return !MayRead(by, slug, e) })
}

// ReadableEntry returns an entry if the actor may read it. It fails with [NotFound] or [Unavailable].
func ReadableEntry(ctx context.Context, from ReadStore, by Actor, slug string, number int) (Entry, error) {
	e, err := from.Entry(ctx, slug, number)
	if err == nil && !MayRead(by, slug, e) {
		return Entry{}, FieldErrorf(NotFound, "number", "There is no such entry.")
	}
	return e, err
}

// MayKnow reports whether the actor may see, as an admin, a user or a token with these roles: admins of single blogs
// see those who have a role on their blogs or on all.
func MayKnow(by Actor, role Role, on map[string]Role) bool {
	if by.has(Administer, "") || role != "" && MayAnywhere(by, Administer) {
		return true
	}
	return len(RolesKnown(by, on)) > 0
}

// RolesKnown returns those of the roles on single blogs that are on blogs that the actor administers.
func RolesKnown(by Actor, on map[string]Role) map[string]Role {
	known := maps.Clone(on)
	maps.DeleteFunc(known, func(slug string, _ Role) bool { return !by.has(Administer, slug) })
	return known
}
