package liveblog

import (
	"context"
	"slices"
	"strings"
	"time"
)

// Session is a login of one user in one browser.
type Session struct {
	Hash      string // SHA-256 of the secret in the cookie
	UserID    string
	CSRF      string // the token that the session's forms carry
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    time.Time // the last use, within a minute; zero if it is not known
	Login
}

// Login says from where somebody logs in.
type Login struct {
	Browser string // in a few words, such as "Firefox on Windows"
	Place   string // the network that a log may keep, never the whole address
}

// ID returns a name for the session that is safe to show. It is a part of the hash, from which nobody can find the
// secret.
func (s Session) ID() string { return s.Hash[:min(len(s.Hash), SessionIDLength)] }

const (
	// SessionIDLength is the number of characters of the hash that [Session.ID] has.
	SessionIDLength = 16
	// SessionLifetime is how long a session lasts at most, unless set otherwise.
	SessionLifetime = 12 * time.Hour
	// SessionIdle is how long a session lasts without a request, unless set otherwise.
	SessionIdle = 2 * time.Hour
	// usePrecision is how precisely the last use of a session is kept, so that not every request is a write.
	usePrecision = time.Minute

	maxLoginText = 80 // characters of each field of a [Login]
)

// Login checks a password and starts a session. The secret goes into the cookie and is stored nowhere else.
// A wrong address and a wrong password return the same [Unauthorized] error after the same time. A generated password
// that has ended is an [Unauthorized] error too, which says so, because it was right.
func (a *Accounts) Login(
	ctx context.Context, email, password string, from Login,
) (secret string, s Session, u User, err error) {
	u, err = a.store.UserByEmail(ctx, strings.TrimSpace(email))
	if err != nil && CodeOf(err) != NotFound {
		return "", Session{}, User{}, err
	}
	hash := u.PasswordHash
	if err != nil {
		hash = absentUserHash
	}
	ok := a.verifyPassword(password, hash)
	if !ok || err != nil || u.Disabled {
		if err := a.refused(ctx, u); err != nil {
			return "", Session{}, User{}, err
		}
		return "", Session{}, User{}, Errorf(Unauthorized, "The e-mail address or the password is not right.")
	}
	if u.MustChangePassword() && !a.now().Before(u.PasswordEnds) {
		return "", Session{}, User{}, Errorf(Unauthorized,
			"This password was generated and has ended. Ask an admin for a new one.")
	}
	secret, s, err = a.startSession(ctx, u, from)
	return secret, s, u, err
}

// startSession starts a session of a user who has proved who they are.
func (a *Accounts) startSession(ctx context.Context, u User, from Login) (secret string, s Session, err error) {
	secret, s = a.newSession(u, from)
	return secret, s, a.store.CreateSession(ctx, s)
}

func (a *Accounts) newSession(u User, from Login) (secret string, s Session) {
	secret = newSecret()
	now := a.now()
	from.Browser, from.Place = clip(from.Browser, maxLoginText), clip(from.Place, maxLoginText)
	return secret, Session{
		Hash: hashSecret(secret), UserID: u.ID, CSRF: newSecret(),
		CreatedAt: now, ExpiresAt: now.Add(a.opt.SessionLength), UsedAt: now, Login: from,
	}
}

// absentUserHash is verified in place of an unknown user's hash, so that a login takes the same time for unknown
// addresses. No known password has it.
const absentUserHash = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$" +
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// SessionUser returns the session and user for the secret in a cookie, or [Unauthorized]. It keeps the time of the use.
func (a *Accounts) SessionUser(ctx context.Context, secret string) (Session, User, error) {
	s, u, err := a.store.SessionUser(ctx, hashSecret(secret))
	if CodeOf(err) == NotFound || err == nil && (u.Disabled || a.ended(s)) {
		return Session{}, User{}, Errorf(Unauthorized, "Please log in.")
	}
	if now := a.now(); err == nil && now.Sub(s.UsedAt) >= usePrecision {
		// A store that can be read and not written must not end everybody's work: who is idle for real ends later.
		_ = a.store.UseSession(ctx, s.Hash, now)
		s.UsedAt = now
	}
	return s, u, err
}

// PeekSession returns the user of a session as [Accounts.SessionUser] does, without using the session.
func (a *Accounts) PeekSession(ctx context.Context, secret string) (User, error) {
	s, u, err := a.store.SessionUser(ctx, hashSecret(secret))
	if CodeOf(err) == NotFound || err == nil && (u.Disabled || a.ended(s)) {
		return User{}, Errorf(Unauthorized, "Please log in.")
	}
	return u, err
}

// ended reports whether a session has ended by its age or because nobody used it.
func (a *Accounts) ended(s Session) bool {
	now := a.now()
	return !now.Before(s.ExpiresAt) || !s.UsedAt.IsZero() && now.Sub(s.UsedAt) >= a.opt.SessionIdle
}

// Logout ends the session of a cookie's secret.
func (a *Accounts) Logout(ctx context.Context, secret string) error {
	return a.store.DeleteSession(ctx, hashSecret(secret))
}

// Sessions returns a user's sessions that have not ended, those used last first.
func (a *Accounts) Sessions(ctx context.Context, u User) ([]Session, error) {
	all, err := a.store.SessionsOf(ctx, u.ID)
	return slices.DeleteFunc(all, a.ended), err
}

// EndSession ends one of a user's own sessions, named by [Session.ID]. It fails with [NotFound] on session if there is
// none.
func (a *Accounts) EndSession(ctx context.Context, u User, id string) error {
	if len(id) == SessionIDLength {
		n, err := a.store.EndSessions(ctx, u.ID, EndedSessions{ID: id}, a.audit(u.Actor(), "session.end"))
		if err != nil || n > 0 {
			return err
		}
	}
	return FieldErrorf(NotFound, "session", "This session has ended already.")
}

// EndOtherSessions ends all sessions of a user but the present one, and returns how many there were.
func (a *Accounts) EndOtherSessions(ctx context.Context, u User, present Session) (int, error) {
	return a.store.EndSessions(ctx, u.ID, EndedSessions{Except: present.Hash},
		a.audit(u.Actor(), "session.end-others"))
}

// EndedSessions selects the sessions of a user that end.
type EndedSessions struct {
	ID     string // the session with this [Session.ID]; empty for all
	Except string // the hash of a session that goes on; empty for none
}
