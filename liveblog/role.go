package liveblog

import (
	"maps"
	"slices"
	"strings"
)

// Role is what somebody may do with a blog: see [Right].
type Role string

// The roles. On all blogs, an admin is an admin of the installation.
const (
	Admin       Role = "admin"       // everything an editor may do, and members, tokens, approval, audit and purges
	Editor      Role = "editor"      // settings, setup, and entries of everybody
	Contributor Role = "contributor" // drafts of their own
	Viewer      Role = "viewer"      // reads drafts
)

// AllRoles returns the roles, the one with the most rights first.
func AllRoles() []Role { return []Role{Admin, Editor, Contributor, Viewer} }

// roleWanted is the message for a role that is not valid.
const roleWanted = "The role is one of admin, editor, contributor and viewer."

// Valid reports whether r is one of [AllRoles].
func (r Role) Valid() bool { return slices.Contains(AllRoles(), r) }

// Actor is the author of a write: a user at the desk, or a program with a token.
type Actor struct {
	ID   string // of the user or the token
	Name string // as a byline shows it
	Role Role   // on all blogs, also those that are created later; empty for none
	// On has the roles on single blogs, by slug. They add to Role. It must not be changed.
	On map[string]Role
}

// RolesOn returns the actor's roles on a blog, the one on all blogs first; none, one or two.
func (a Actor) RolesOn(slug string) (roles []Role) {
	for _, r := range []Role{a.Role, a.On[slug]} {
		if r != "" && !slices.Contains(roles, r) {
			roles = append(roles, r)
		}
	}
	return roles
}

// checkRoles returns the roles of a new member with tidied names. It adds an error for each that is not valid, and one
// if there is none at all.
func checkRoles(v *FieldErrors, role Role, on map[string]Role) (Role, map[string]Role) {
	if role = choice(role, AllRoles()); role != "" && !role.Valid() {
		v.Addf("role", roleWanted)
	}
	on = maps.Clone(on)
	for _, slug := range slices.Sorted(maps.Keys(on)) {
		on[slug] = choice(on[slug], AllRoles())
		if !isSlug(slug) {
			v.Addf("blogs", "“%s” is not the slug of a blog.", clip(slug, 60))
		} else if !on[slug].Valid() {
			v.Addf("role", roleWanted)
		}
	}
	if role == "" && len(on) == 0 {
		v.Addf("role", roleWanted)
	}
	return role, on
}

// RolesText says which roles somebody has, for example "editor on all blogs, viewer on summit".
func RolesText(role Role, on map[string]Role) string {
	var all []string
	if role != "" {
		all = append(all, string(role)+" on all blogs")
	}
	for _, slug := range slices.Sorted(maps.Keys(on)) {
		all = append(all, string(on[slug])+" on "+slug)
	}
	if len(all) == 0 {
		return "no role"
	}
	return strings.Join(all, ", ")
}

// stronger returns the role that comes first in [AllRoles]; an empty one comes last.
func stronger(a, b Role) Role {
	all := AllRoles()
	if i, j := slices.Index(all, a), slices.Index(all, b); j < 0 || i >= 0 && i <= j {
		return a
	}
	return b
}
