package liveblog

import (
	"context"
	"errors"
	"time"
)

// FirstRunLifetime is how long the one-time address lasts under which the first admin is made.
const FirstRunLifetime = time.Hour

// OfferFirstRun returns the secret of a one-time address under which the first admin and the first blog can be made, at
// any node. It returns "" if there is a user already.
func (a *Accounts) OfferFirstRun(ctx context.Context) (secret string, err error) {
	secret = newSecret()
	now := a.now()
	offered, err := a.store.OfferFirstRun(ctx, hashSecret(secret), now, now.Add(FirstRunLifetime))
	if err != nil || !offered {
		return "", err
	}
	return secret, nil
}

// CheckFirstRun fails with [Gone] if the first admin cannot be made with a secret: it is not one that was offered, it
// has ended, or there is a user by now.
func (a *Accounts) CheckFirstRun(ctx context.Context, secret string) error {
	open, err := a.store.FirstRunIsOpen(ctx, hashSecret(secret), a.now())
	if err == nil && !open {
		err = errFirstRunOver()
	}
	return err
}

func errFirstRunOver() error {
	return Errorf(Gone, "This address does not work any more: it was used, its hour is over, or somebody has a login "+
		"already. Log in, or start the server again on a database without users for a new address.")
}

// FirstRun is the input for the first admin and the first blog.
type FirstRun struct {
	Email    string
	Name     string
	Password string
	Blog     NewBlog
}

// FinishFirstRun makes the first admin of the installation and the first blog, and logs the admin in. It fails with
// [Gone] as [Accounts.CheckFirstRun] does, or with [Invalid] naming fields of both. Of several calls at the same time,
// one succeeds.
func (a *Accounts) FinishFirstRun(
	ctx context.Context, secret string, in FirstRun, from Login,
) (session string, s Session, u User, err error) {
	if err := a.CheckFirstRun(ctx, secret); err != nil { // before the password is hashed
		return "", Session{}, User{}, err
	}
	now := a.now()
	var v FieldErrors
	email := v.email(in.Email)
	name := v.line("name", "name", in.Name, maxName)
	if name == "" {
		v.Addf("name", "Bylines show your name, so it cannot be empty.")
	}
	a.checkPassword(&v, "password", in.Password, email)
	b, err := in.Blog.checked(now)
	if e, ok := errors.AsType[*Error](err); ok {
		v.Add(e)
	}
	if err := v.err(); err != nil {
		return "", Session{}, User{}, err
	}
	hash, err := a.hashPassword(in.Password)
	if err != nil {
		return "", Session{}, User{}, err
	}
	u = User{ID: newID("u"), Email: email, Name: name, Role: Admin, PasswordHash: hash, CreatedAt: now}
	session, s = a.newSession(u, from)
	done, err := a.store.FinishFirstRun(ctx, FinishedFirstRun{Hash: hashSecret(secret), User: u, Blog: b, Session: s,
		AddedUser: a.audit(u.Actor(), "user.add"), AddedBlog: a.audit(u.Actor(), "blog.create")})
	if err == nil && !done {
		err = errFirstRunOver()
	}
	return session, s, u, err
}

// FinishedFirstRun is what the first run adds, in one transaction.
type FinishedFirstRun struct {
	Hash    string // of the secret
	User    User
	Blog    Blog
	Session Session

	AddedUser, AddedBlog Audit
}
