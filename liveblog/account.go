package liveblog

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"
)

// User is a person with a login.
type User struct {
	ID           string
	Email        string
	Name         string
	Role         Role            // on all blogs; empty for none
	On           map[string]Role // on single blogs, by slug
	PasswordHash string          // argon2id in PHC form
	Disabled     bool
	CreatedAt    time.Time
}

// Actor returns the user as the author of writes.
func (u User) Actor() Actor { return Actor{ID: u.ID, Name: u.Name, Role: u.Role, On: u.On} }

// Session is a login of one user in one browser.
type Session struct {
	Hash      string // SHA-256 of the secret in the cookie
	UserID    string
	CSRF      string // the token that the session's forms carry
	CreatedAt time.Time
	ExpiresAt time.Time
}

// SessionLifetime is how long a login lasts.
const SessionLifetime = 12 * time.Hour

const (
	minPassword = 10  // characters
	maxPassword = 256 // bytes; hashing time grows with the length
	maxName     = 80
)

// Accounts adds and authenticates users and API tokens.
type Accounts struct {
	store AccountStore
	opt   AccountsOptions
}

// AccountsOptions are the settings of [Accounts]; all but Now are required.
type AccountsOptions struct {
	HashPassword   func(password string) (string, error)
	VerifyPassword func(password, hash string) bool
	Now            func() time.Time // default the store's clock
}

// NewAccounts returns the accounts kept in store.
func NewAccounts(store AccountStore, opt AccountsOptions) *Accounts {
	if opt.Now == nil {
		opt.Now = store.Now
	}
	return &Accounts{store: store, opt: opt}
}

// NewUser is the input for a user who is added with a password.
type NewUser struct {
	Email    string
	Name     string          // default the part of the address before the @
	Role     Role            // on all blogs; empty for none
	On       map[string]Role // on single blogs, by slug
	Password string
}

// AddUser adds a user. It fails with [Forbidden], with [Invalid] naming email, name, role, blogs or password, with
// [NotFound] on slug, or with [Conflict] on email.
func (a *Accounts) AddUser(ctx context.Context, by Actor, in NewUser) (User, error) {
	if err := MayGive(by, in.Role, in.On); err != nil {
		return User{}, err
	}
	var v FieldErrors
	email := v.email(in.Email)
	name := v.line("name", "name", in.Name, maxName)
	if name == "" {
		name, _, _ = strings.Cut(email, "@")
	}
	role, on := checkRoles(&v, in.Role, in.On)
	v.password(in.Password)
	if err := v.err(); err != nil {
		return User{}, err
	}
	hash, err := a.hashed(in.Password)
	if err != nil {
		return User{}, err
	}
	u := User{ID: newID("u"), Email: email, Name: name, Role: role, On: on, PasswordHash: hash, CreatedAt: a.now()}
	return u, a.store.CreateUser(ctx, u, a.audit(by, "user.add"))
}

// password checks a new password.
func (v *FieldErrors) password(text string) {
	if n := utf8.RuneCountInString(text); n < minPassword || len(text) > maxPassword {
		v.Addf("password", "The password needs %d characters or more, and %d bytes at most.", minPassword, maxPassword)
	}
}

// email checks an address to log in with.
func (v *FieldErrors) email(text string) string {
	text = strings.TrimSpace(text)
	if addr, err := mail.ParseAddress(text); err != nil || addr.Address != text || len(text) > 254 {
		v.Addf("email", "“%s” is not an e-mail address.", clip(text, 60))
	}
	return text
}

// Login checks a password and starts a session. The secret goes into the cookie and is stored nowhere else.
// A wrong address and a wrong password return the same [Unauthorized] error after the same time.
func (a *Accounts) Login(ctx context.Context, email, password string) (secret string, s Session, u User, err error) {
	u, err = a.store.UserByEmail(ctx, strings.TrimSpace(email))
	if err != nil && CodeOf(err) != NotFound {
		return "", Session{}, User{}, err
	}
	hash := u.PasswordHash
	if err != nil {
		hash = absentUserHash
	}
	ok := len(password) <= maxPassword && a.opt.VerifyPassword(password, hash)
	if !ok || err != nil || u.Disabled {
		if err := a.refused(ctx, u); err != nil {
			return "", Session{}, User{}, err
		}
		return "", Session{}, User{}, Errorf(Unauthorized, "The e-mail address or the password is not right.")
	}
	secret, s, err = a.startSession(ctx, u)
	return secret, s, u, err
}

// startSession starts a session of a user who has proved who they are.
func (a *Accounts) startSession(ctx context.Context, u User) (secret string, s Session, err error) {
	secret = newSecret()
	now := a.now()
	s = Session{
		Hash: hashSecret(secret), UserID: u.ID, CSRF: newSecret(),
		CreatedAt: now, ExpiresAt: now.Add(SessionLifetime),
	}
	return secret, s, a.store.CreateSession(ctx, s)
}

// absentUserHash is verified in place of an unknown user's hash, so that a login takes the same time for unknown
// addresses. No known password has it.
const absentUserHash = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$" +
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// SessionUser returns the session and user for the secret in a cookie, or [Unauthorized].
func (a *Accounts) SessionUser(ctx context.Context, secret string) (Session, User, error) {
	s, u, err := a.store.SessionUser(ctx, hashSecret(secret))
	if CodeOf(err) == NotFound || err == nil && (u.Disabled || !a.now().Before(s.ExpiresAt)) {
		return Session{}, User{}, Errorf(Unauthorized, "Please log in.")
	}
	return s, u, err
}

// Logout ends the session of a cookie's secret.
func (a *Accounts) Logout(ctx context.Context, secret string) error {
	return a.store.DeleteSession(ctx, hashSecret(secret))
}

// Now returns the time by which sessions, tokens and invitations end.
func (a *Accounts) Now() time.Time { return a.now() }

func (a *Accounts) now() time.Time { return a.opt.Now().UTC().Truncate(time.Microsecond) }

func (a *Accounts) audit(by Actor, action string) Audit {
	return Audit{At: a.now(), ActorID: by.ID, Actor: by.Name, Action: action}
}

func newID(kind string) string {
	var b [8]byte
	rand.Read(b[:])
	return kind + "_" + hex.EncodeToString(b[:])
}

// newSecret returns 256 random bits as text.
func newSecret() string {
	var b [32]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// hashSecret needs neither a salt nor a slow hash function, because secrets have 256 random bits.
func hashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
