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
)

// User is a person with a login.
type User struct {
	ID           string
	Email        string
	Name         string
	Role         Role            // on all blogs; empty for none
	On           map[string]Role // on single blogs, by slug
	PasswordHash string          // argon2id in PHC form
	PasswordEnds time.Time       // when a generated password ends; zero for one that the person has chosen
	Disabled     bool
	CreatedAt    time.Time
}

// Actor returns the user as the author of writes.
func (u User) Actor() Actor { return Actor{ID: u.ID, Name: u.Name, Role: u.Role, On: u.On} }

const maxName = 80

// Accounts adds and authenticates users and API tokens.
type Accounts struct {
	store AccountStore
	opt   AccountsOptions
}

// AccountsOptions are the settings of [Accounts]. HashPassword and VerifyPassword are required.
type AccountsOptions struct {
	HashPassword   func(password string) (string, error)
	VerifyPassword func(password, hash string) bool
	// CommonPassword reports whether a text in lower case is one of the passwords that are guessed first. By default
	// no text is.
	CommonPassword func(text string) bool
	SiteName       string           // which passwords must not be
	SessionIdle    time.Duration    // how long a session lasts without a request; default [SessionIdle]
	SessionLength  time.Duration    // how long a session lasts at most; default [SessionLifetime]
	Now            func() time.Time // default the store's clock
}

// NewAccounts returns the accounts kept in store.
func NewAccounts(store AccountStore, opt AccountsOptions) *Accounts {
	fill(&opt.SessionIdle, SessionIdle)
	fill(&opt.SessionLength, SessionLifetime)
	if opt.CommonPassword == nil {
		opt.CommonPassword = func(string) bool { return false }
	}
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
	// Generated says that somebody other than the user knows the password: the user must change it at the first login,
	// and it ends after [GeneratedPasswordLifetime].
	Generated bool
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
	a.checkPassword(&v, "password", in.Password, email)
	if err := v.err(); err != nil {
		return User{}, err
	}
	hash, err := a.hashPassword(in.Password)
	if err != nil {
		return User{}, err
	}
	u := User{ID: newID("u"), Email: email, Name: name, Role: role, On: on, PasswordHash: hash, CreatedAt: a.now()}
	if in.Generated {
		u.PasswordEnds = u.CreatedAt.Add(GeneratedPasswordLifetime)
	}
	return u, a.store.CreateUser(ctx, u, a.audit(by, "user.add"))
}

// email checks an address to log in with.
func (v *FieldErrors) email(text string) string {
	text = strings.TrimSpace(text)
	if addr, err := mail.ParseAddress(text); err != nil || addr.Address != text || len(text) > 254 {
		v.Addf("email", "“%s” is not an e-mail address.", clip(text, 60))
	}
	return text
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
