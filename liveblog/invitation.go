package liveblog

import (
	"context"
	"slices"
	"time"
)

// Invitation gives roles to whoever follows its link, once.
type Invitation struct {
	ID        string
	Hash      string // SHA-256 of the secret in the link
	Email     string // of a new user; somebody who has a login accepts with that
	Role      Role   // on all blogs; empty for none
	On        map[string]Role
	InviterID string
	Inviter   string // display name
	CreatedAt time.Time
	ExpiresAt time.Time
}

// Grant returns a user with the roles of the invitation in addition to theirs: on each blog, and on all, the one with
// more rights stays.
func (i Invitation) Grant(u User) User {
	on := RoleChanges{}
	for slug, role := range i.On {
		on[slug] = stronger(u.On[slug], role)
	}
	on[""] = stronger(u.Role, i.Role)
	return on.Apply(u)
}

const (
	// InvitationLifetime is how long the link of an invitation works.
	InvitationLifetime = 72 * time.Hour
	// maxInvitations bounds how many invitations wait at a time.
	maxInvitations = 500
)

// NewInvitation is the input for an invitation.
type NewInvitation struct {
	Email string
	Role  Role            // on all blogs; empty for none
	On    map[string]Role // on single blogs, by slug
}

// Invite adds an invitation and returns the secret for its link, which is stored nowhere else. It fails with
// [Forbidden], with [Invalid] naming email, role or blogs, with [NotFound] on slug, or with [Conflict] if too many
// invitations wait.
func (a *Accounts) Invite(ctx context.Context, by Actor, in NewInvitation) (secret string, i Invitation, err error) {
	if err := MayGive(by, in.Role, in.On); err != nil {
		return "", Invitation{}, err
	}
	var v FieldErrors
	email := v.email(in.Email)
	role, on := checkRoles(&v, in.Role, in.On)
	if err := v.err(); err != nil {
		return "", Invitation{}, err
	}
	waiting, err := a.store.Invitations(ctx)
	if err != nil {
		return "", Invitation{}, err
	}
	if len(waiting) >= maxInvitations {
		return "", Invitation{}, Errorf(Conflict, "%d invitations wait already, which is the limit; withdraw some first.",
			len(waiting))
	}
	secret = newSecret()
	now := a.now()
	i = Invitation{ID: newID("i"), Hash: hashSecret(secret), Email: email, Role: role, On: on, InviterID: by.ID,
		Inviter: by.Name, CreatedAt: now, ExpiresAt: now.Add(InvitationLifetime)}
	return secret, i, a.store.CreateInvitation(ctx, i, a.audit(by, "invitation.add"))
}

// Invitations returns the invitations that wait and that the actor may withdraw, newest first. With a slug, only those
// for this blog.
func (a *Accounts) Invitations(ctx context.Context, by Actor, slug string) ([]Invitation, error) {
	if err := May(by, Administer, slug); err != nil {
		return nil, err
	}
	list, err := a.store.Invitations(ctx)
	if err != nil {
		return nil, err
	}
	now := a.now()
	return slices.DeleteFunc(list, func(i Invitation) bool {
		return !now.Before(i.ExpiresAt) || MayGive(by, i.Role, i.On) != nil || slug != "" && i.On[slug] == ""
	}), nil
}

// Withdraw ends an invitation. It fails with [Forbidden] or [NotFound].
func (a *Accounts) Withdraw(ctx context.Context, by Actor, id string) error {
	if !MayAnywhere(by, Administer) {
		return May(by, Administer, "")
	}
	list, err := a.store.Invitations(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(i Invitation) bool { return i.ID == id })
	if i < 0 || MayGive(by, list[i].Role, list[i].On) != nil {
		return Errorf(NotFound, "There is no such invitation any more: it was used, withdrawn, or its time is over.")
	}
	return a.store.DeleteInvitation(ctx, id, a.audit(by, "invitation.withdraw"))
}

// Invitation returns the invitation with the secret of a link. It fails with [Gone] if the link does not work: it was
// used or withdrawn, its time is over, or the inviter is disabled or may no longer give these roles. HasLogin says that
// there is a user with the invitation's address.
func (a *Accounts) Invitation(ctx context.Context, secret string) (i Invitation, hasLogin bool, err error) {
	i, err = a.store.InvitationByHash(ctx, hashSecret(secret))
	if CodeOf(err) == NotFound || err == nil && !a.now().Before(i.ExpiresAt) {
		return Invitation{}, false, invitationGone()
	}
	if err != nil {
		return Invitation{}, false, err
	}
	if (Actor{ID: i.InviterID}).isUser() {
		inviter, err := a.store.User(ctx, i.InviterID)
		if err != nil && CodeOf(err) != NotFound {
			return Invitation{}, false, err
		}
		if err != nil || inviter.Disabled || MayGive(inviter.Actor(), i.Role, i.On) != nil {
			return Invitation{}, false, invitationGone()
		}
	}
	_, err = a.store.UserByEmail(ctx, i.Email)
	if err != nil && CodeOf(err) != NotFound {
		return Invitation{}, false, err
	}
	return i, err == nil, nil
}

func invitationGone() error {
	return Errorf(Gone, "This invitation does not work any more: it was used, or its time is over. "+
		"Ask the person who invited you for a new one.")
}

// Join accepts an invitation for somebody new, with a name and a password, and logs them in from a browser. It fails
// with [Gone], [Invalid] naming name or password, or with [Conflict] on email if the address has a login.
func (a *Accounts) Join(
	ctx context.Context, secret, name, password string, from Login,
) (session string, s Session, err error) {
	i, hasLogin, err := a.Invitation(ctx, secret)
	if err != nil {
		return "", Session{}, err
	}
	if hasLogin {
		return "", Session{}, FieldErrorf(Conflict, "email", "There is a login with the address “%s” already. Log in with it, and "+
			"follow the link of the invitation again.", i.Email)
	}
	var v FieldErrors
	if name = v.line("name", "name", name, maxName); name == "" {
		v.Addf("name", "Say how bylines should name you.")
	}
	a.checkPassword(&v, "password", password, i.Email)
	if err := v.err(); err != nil {
		return "", Session{}, err
	}
	hash, err := a.hashPassword(password)
	if err != nil {
		return "", Session{}, err
	}
	u := User{ID: newID("u"), Email: i.Email, Name: name, Role: i.Role, On: i.On, PasswordHash: hash, CreatedAt: a.now()}
	if err := a.store.Join(ctx, i, u, a.audit(u.Actor(), "invitation.join")); err != nil {
		return "", Session{}, orGone(err)
	}
	return a.startSession(ctx, u, from)
}

// Accept gives a user who is logged in the roles of an invitation, in addition to those that they have. It fails with
// [Gone].
func (a *Accounts) Accept(ctx context.Context, u User, secret string) (Invitation, error) {
	i, _, err := a.Invitation(ctx, secret)
	if err != nil {
		return Invitation{}, err
	}
	return i, orGone(a.store.Accept(ctx, i, u.ID, a.audit(u.Actor(), "invitation.accept")))
}

// orGone returns the error for a link that somebody else has used at the same moment.
func orGone(err error) error {
	if CodeOf(err) == NotFound {
		return invitationGone()
	}
	return err
}
