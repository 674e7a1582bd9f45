package liveblog

import (
	"context"
	"slices"
	"strings"
	"time"
)

// Token lets a program use the API.
type Token struct {
	ID        string
	Hash      string // SHA-256 of the secret
	Name      string
	Role      Role            // on all blogs; empty for none
	On        map[string]Role // on single blogs, by slug
	Owner     string          // id of the user who made it; empty for one made at the command line
	OwnerName string          // as the user is called now
	Disabled  bool            // its owner is disabled
	CreatedAt time.Time
	ExpiresAt time.Time // zero for never
	UsedAt    time.Time // last use, to about a minute; zero for never
	RevokedAt time.Time // zero for never
	// Shared says, in a list for an admin of single blogs, that the token also has roles on blogs that are not theirs.
	Shared bool
}

// Actor returns the token as the author of writes.
func (t Token) Actor() Actor { return Actor{ID: t.ID, Name: t.Name, Role: t.Role, On: t.On} }

// Works reports whether the token admits a program at a time.
func (t Token) Works(now time.Time) bool {
	return !t.Disabled && t.RevokedAt.IsZero() && (t.ExpiresAt.IsZero() || now.Before(t.ExpiresAt))
}

// TokenStore holds API tokens.
type TokenStore interface {
	// CreateToken adds an API token. If the name is taken, it fails with [Conflict] and the field "name".
	CreateToken(ctx context.Context, t Token, a Audit) error
	// TokenByHash returns the token with the hash of a secret, or [NotFound]. It also returns tokens that no longer
	// work.
	TokenByHash(ctx context.Context, hash string) (Token, error)
	// Token returns the token with an id, or [NotFound].
	Token(ctx context.Context, id string) (Token, error)
	// Tokens returns all tokens that were not revoked, sorted by name, without their hashes.
	Tokens(ctx context.Context) ([]Token, error)
	// UseToken sets when a token was last used, unless it is already set to a time after since.
	UseToken(ctx context.Context, id string, at, since time.Time) error
	// RevokeToken ends a token for good and frees its name. It fails with [NotFound] if there is no token with the id
	// that was not revoked.
	RevokeToken(ctx context.Context, id string, a Audit) error
}

const (
	// MaxTokenLifetime is the longest time after which a token may be set to end.
	MaxTokenLifetime = 10 * 366 * 24 * time.Hour
	// tokenUseEvery is how often the last use of a token is written.
	tokenUseEvery = time.Minute
	// tokenUseTimeout is how long a request waits at most for its use to be written.
	tokenUseTimeout = 500 * time.Millisecond
)

// NewToken is the input for a token.
type NewToken struct {
	Name      string          // what it is for, as bylines show it
	Role      Role            // on all blogs; empty for none
	On        map[string]Role // on single blogs, by slug
	ExpiresAt time.Time       // zero for never
}

// AddToken adds an API token and returns its secret, which is stored nowhere else. The token belongs to the user who
// adds it. AddToken fails with [Forbidden], with [Invalid] naming name, role, blogs or expires, with
// [NotFound] on slug, or with [Conflict] on name.
func (a *Accounts) AddToken(ctx context.Context, by Actor, in NewToken) (secret string, err error) {
	if err := MayGive(by, in.Role, in.On); err != nil {
		return "", err
	}
	var v FieldErrors
	now := a.now()
	name := v.line("name", "name", in.Name, maxName)
	if name == "" {
		v.Addf("name", "A token needs a name that distinguishes it from others.")
	}
	role, on := checkRoles(&v, in.Role, in.On)
	if ends := in.ExpiresAt; !ends.IsZero() && (!ends.After(now) || ends.After(now.Add(MaxTokenLifetime))) {
		v.Addf("expires", "A token ends in the future, and within ten years.")
	}
	if err := v.err(); err != nil {
		return "", err
	}
	secret = "readout_" + newSecret()
	t := Token{ID: newID("t"), Hash: hashSecret(secret), Name: name, Role: role, On: on, CreatedAt: now}
	if !in.ExpiresAt.IsZero() {
		t.ExpiresAt = in.ExpiresAt.UTC().Truncate(time.Microsecond)
	}
	if by.isUser() {
		t.Owner, t.OwnerName = by.ID, by.Name
	}
	return secret, a.store.CreateToken(ctx, t, a.audit(by, "token.add"))
}

// isUser reports whether the actor is a user, and neither a token nor the command line.
func (a Actor) isUser() bool { return strings.HasPrefix(a.ID, "u_") }

// TokenActor returns the actor for the secret of a token, or [Unauthorized]. It notes that the token was used.
func (a *Accounts) TokenActor(ctx context.Context, secret string) (Actor, error) {
	t, err := a.store.TokenByHash(ctx, hashSecret(secret))
	now := a.now()
	if CodeOf(err) == NotFound || err == nil && !t.Works(now) {
		return Actor{}, Errorf(Unauthorized, "The token is not valid.")
	}
	if err != nil {
		return Actor{}, err
	}
	if since := now.Add(-tokenUseEvery); !t.UsedAt.After(since) {
		ctx, cancel := context.WithTimeout(ctx, tokenUseTimeout)
		defer cancel()
		// A store that takes no writes must not keep programs from reading, and the time of use is not worth an error.
		_ = a.store.UseToken(ctx, t.ID, now, since)
	}
	return t.Actor(), nil
}

// Tokens returns the tokens that have a role on a blog that the actor administers, sorted by name. An admin of single
// blogs sees of their roles only those on these blogs, and the one on all blogs.
func (a *Accounts) Tokens(ctx context.Context, by Actor) ([]Token, error) {
	if !MayAnywhere(by, Administer) {
		return nil, May(by, Administer, "")
	}
	list, err := a.store.Tokens(ctx)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(t Token) bool { return !MayKnow(by, t.Role, t.On) })
	for i := range list {
		known := RolesKnown(by, list[i].On)
		list[i].Shared, list[i].On = len(known) < len(list[i].On), known
	}
	return list, nil
}

// RevokeToken ends a token for good, at once and on every node. It fails with [Forbidden], or with [NotFound] for a
// token that the actor does not see.
func (a *Accounts) RevokeToken(ctx context.Context, by Actor, id string) (Token, error) {
	t, err := a.store.Token(ctx, id)
	if err == nil && !MayKnow(by, t.Role, t.On) {
		err = Errorf(NotFound, "There is no such token.")
	}
	if err != nil {
		return Token{}, err
	}
	if err := MayGive(by, t.Role, t.On); err != nil {
		return Token{}, err
	}
	return t, a.store.RevokeToken(ctx, id, a.audit(by, "token.revoke"))
}

// TokenNamed returns the token with a name that was not revoked. It fails with [NotFound] and the field "name".
func (a *Accounts) TokenNamed(ctx context.Context, by Actor, name string) (Token, error) {
	list, err := a.Tokens(ctx, by)
	if err != nil {
		return Token{}, err
	}
	i := slices.IndexFunc(list, func(t Token) bool { return t.Name == name })
	if i < 0 {
		return Token{}, FieldErrorf(NotFound, "name", "There is no token “%s”.", clip(name, maxName))
	}
	return list[i], nil
}
