package liveblog

import (
	"context"
	"maps"
	"slices"
	"strings"
)

// MemberStore holds what admins do with users and invitations.
type MemberStore interface {
	// Users returns all users, sorted by name and then address.
	Users(ctx context.Context) ([]User, error)
	// User returns the user with an id, or [NotFound].
	User(ctx context.Context, id string) (User, error)
	// ChangeRoles changes the roles of a user: see [RoleChanges]. It fails with [NotFound], with the field "slug" if
	// there is no such blog, and with [Conflict] and the field "role" if no admin of all blogs would be left.
	ChangeRoles(ctx context.Context, id string, changes RoleChanges, a Audit) (User, error)
	// SetDisabled disables or enables a user. With disabled, it ends the user's sessions and revokes the tokens that
	// they own. It fails with [NotFound], and with [Conflict] if no admin of all blogs would be left.
	SetDisabled(ctx context.Context, id string, disabled bool, a Audit) (User, error)

	// CreateInvitation adds an invitation. It fails with [NotFound] on slug.
	CreateInvitation(ctx context.Context, i Invitation, a Audit) error
	// Invitations returns all invitations, newest first, without their hashes.
	Invitations(ctx context.Context) ([]Invitation, error)
	// InvitationByHash returns the invitation with the hash of a secret, or [NotFound].
	InvitationByHash(ctx context.Context, hash string) (Invitation, error)
	// DeleteInvitation deletes an invitation, or fails with [NotFound].
	DeleteInvitation(ctx context.Context, id string, a Audit) error
	// Join deletes an invitation and creates the user who follows it, in one transaction. It fails with [NotFound] if
	// the invitation was used or withdrawn, and with [Conflict] and the field "email" if the address is taken.
	Join(ctx context.Context, i Invitation, u User, a Audit) error
	// Accept deletes an invitation and gives a user its roles, in one transaction: see [Invitation.Grant]. It fails
	// with [NotFound] if the invitation was used or withdrawn.
	Accept(ctx context.Context, i Invitation, userID string, a Audit) error
}

// RoleChanges are the new roles of a user by slug; an empty slug is for the role on all blogs, and an empty role takes
// the role away. Roles on other blogs stay.
type RoleChanges map[string]Role

// Apply returns the user with the changed roles.
func (c RoleChanges) Apply(u User) User {
	on := maps.Clone(u.On)
	for slug, role := range c {
		switch {
		case slug == "":
			u.Role = role
		case role == "":
			delete(on, slug)
		default:
			if on == nil {
				on = map[string]Role{}
			}
			on[slug] = role
		}
	}
	if u.On = on; len(on) == 0 {
		u.On = nil
	}
	return u
}

// MayChange fails with [Forbidden] if the actor may not change these roles.
func (c RoleChanges) MayChange(by Actor) error {
	for slug := range c {
		if err := May(by, Administer, slug); err != nil {
			if slug == "" {
				return Errorf(Forbidden, "Only admins of all blogs may change a role on all blogs.")
			}
			return err
		}
	}
	return nil
}

// checked returns the changes with tidied names of roles.
func (c RoleChanges) checked() (RoleChanges, error) {
	tidy := RoleChanges{}
	var v FieldErrors
	for slug, role := range c {
		if role = choice(role, AllRoles()); role != "" && !role.Valid() {
			v.Addf("role", roleWanted)
		}
		tidy[slug] = role
	}
	if len(c) == 0 {
		v.Addf("role", "Say which role to change.")
	}
	return tidy, v.err()
}

// IsLastAdmin reports whether a user is the only one who administers all blogs and can log in.
func IsLastAdmin(u User, others []User) bool {
	administers := func(u User) bool { return !u.Disabled && u.Actor().has(Administer, "") }
	return administers(u) && !slices.ContainsFunc(others, func(o User) bool { return o.ID != u.ID && administers(o) })
}

// CheckAdminLeft fails with [Conflict] and the field "role" if the change from a user's state to the next one would
// leave nobody who administers all blogs.
func CheckAdminLeft(before, after User, all []User) error {
	after.ID = before.ID
	if IsLastAdmin(before, all) && !IsLastAdmin(after, all) {
		return FieldErrorf(Conflict, "role",
			"%s is the last admin of all blogs, so nothing was changed. Make somebody else an admin of all blogs first.",
			before.Name)
	}
	return nil
}

// Members returns the users whom the actor may know as an admin: see [MayKnow]. With a slug, only those with a role on
// this blog, or on all.
func (a *Accounts) Members(ctx context.Context, by Actor, slug string) ([]User, error) {
	if err := May(by, Administer, slug); err != nil {
		return nil, err
	}
	users, err := a.store.Users(ctx)
	if err != nil {
		return nil, err
	}
	if slug != "" {
		users = slices.DeleteFunc(users, func(u User) bool { return u.Role == "" && u.On[slug] == "" })
	}
	for i := range users {
		users[i].PasswordHash = ""
		if slug == "" {
			users[i].On = RolesKnown(by, users[i].On)
			continue
		}
		on := map[string]Role{}
		if role := users[i].On[slug]; role != "" {
			on[slug] = role
		}
		users[i].On = on
	}
	return users, nil
}

// ChangeRoles changes the roles of a user. It fails with [Forbidden], [NotFound], [Invalid] naming role, or [Conflict]
// if no admin of all blogs would be left.
func (a *Accounts) ChangeRoles(ctx context.Context, by Actor, id string, changes RoleChanges) (User, error) {
	if err := changes.MayChange(by); err != nil {
		return User{}, err
	}
	changes, err := changes.checked()
	if err != nil {
		return User{}, err
	}
	if _, err := a.knownUser(ctx, by, id); err != nil {
		return User{}, err
	}
	return a.store.ChangeRoles(ctx, id, changes, a.audit(by, "member.roles"))
}

// knownUser returns a user whom the actor may know, or [NotFound]: an admin of a single blog must not learn of people
// who have no role there.
func (a *Accounts) knownUser(ctx context.Context, by Actor, id string) (User, error) {
	u, err := a.store.User(ctx, id)
	if err == nil && !MayKnow(by, u.Role, u.On) {
		return User{}, noUser()
	}
	return u, err
}

func noUser() error { return Errorf(NotFound, "There is no such user.") }

// Disable ends a user's logins, sessions and tokens; their entries and bylines stay. It fails with [Forbidden],
// [NotFound], or [Conflict] for the last admin of all blogs.
func (a *Accounts) Disable(ctx context.Context, by Actor, id string) (User, error) {
	if err := May(by, Administer, ""); err != nil {
		return User{}, err
	}
	return a.store.SetDisabled(ctx, id, true, a.audit(by, "member.disable"))
}

// Enable lets a disabled user log in again. Their sessions and tokens stay ended. It fails with [Forbidden] or
// [NotFound].
func (a *Accounts) Enable(ctx context.Context, by Actor, id string) (User, error) {
	if err := May(by, Administer, ""); err != nil {
		return User{}, err
	}
	return a.store.SetDisabled(ctx, id, false, a.audit(by, "member.enable"))
}

// SetPassword gives a user a new password and ends their sessions. A generated one ends after
// [GeneratedPasswordLifetime], until when the user must change it. It fails with [Forbidden], [NotFound], or [Invalid]
// naming password.
func (a *Accounts) SetPassword(ctx context.Context, by Actor, u User, password string, generated bool) error {
	if err := May(by, Administer, ""); err != nil {
		return err
	}
	var v FieldErrors
	a.checkPassword(&v, "password", password, u.Email)
	if err := v.err(); err != nil {
		return err
	}
	hash, err := a.hashPassword(password)
	if err != nil {
		return err
	}
	p := NewPassword{UserID: u.ID, Hash: hash}
	if generated {
		p.Ends = a.now().Add(GeneratedPasswordLifetime)
	}
	return a.store.SetPassword(ctx, p, a.audit(by, "member.password"))
}

// UserWithEmail returns the user with an address, if the actor may know them. It fails with [NotFound] and the field
// "email".
func (a *Accounts) UserWithEmail(ctx context.Context, by Actor, email string) (User, error) {
	u, err := a.store.UserByEmail(ctx, strings.TrimSpace(email))
	if CodeOf(err) == NotFound || err == nil && !MayKnow(by, u.Role, u.On) {
		return User{}, FieldErrorf(NotFound, "email", "There is no user with the address “%s”.", clip(email, 60))
	}
	u.PasswordHash = ""
	return u, err
}
