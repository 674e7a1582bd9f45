package liveblog_test

import (
	"context"
	"encoding/base64"
	"strings"
	"testing"

	"readout/liveblog"
)

// keeper is a store that keeps what it is given.
type keeper struct {
	liveblog.AccountStore
	kept []string
}

func (k *keeper) CreateUser(ctx context.Context, u liveblog.User, a liveblog.Audit) error {
	k.kept = append(k.kept, u.PasswordHash)
	return k.AccountStore.CreateUser(ctx, u, a)
}

func (k *keeper) CreateSession(ctx context.Context, s liveblog.Session) error {
	k.kept = append(k.kept, s.Hash)
	return k.AccountStore.CreateSession(ctx, s)
}

func (k *keeper) CreateToken(ctx context.Context, t liveblog.Token, a liveblog.Audit) error {
	k.kept = append(k.kept, t.Hash)
	return k.AccountStore.CreateToken(ctx, t, a)
}

// newAccounts returns accounts whose hash of a password begins with "hash of ".
func newAccounts(t *testing.T) (*liveblog.Accounts, *keeper) {
	t.Helper()
	_, w := newDesk(t)
	k := &keeper{AccountStore: w.store}
	return liveblog.NewAccounts(k, liveblog.AccountsOptions{
		HashPassword:   func(p string) (string, error) { return "hash of " + p, nil },
		VerifyPassword: func(p, hash string) bool { return hash == "hash of "+p },
	}), k
}

// The secrets of sessions, their forms and tokens have 256 bits and differ each time, and of those that log in only
// hashes are kept. It fails if a secret is shorter, repeats, or is stored.
func TestSecretsAreRandomAndNotStored(t *testing.T) {
	t.Parallel()
	a, store := newAccounts(t)
	if _, err := a.AddUser(t.Context(), admin, liveblog.NewUser{Email: "jun@example.org", Role: liveblog.Editor,
		Password: "a long enough one"}); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	check := func(kind, secret string) {
		t.Helper()
		if bits, err := base64.RawURLEncoding.DecodeString(secret); err != nil || len(bits) != 32 {
			t.Errorf("the secret of a %s is %q: %d bytes, %v", kind, secret, len(bits), err)
		}
		if seen[secret] {
			t.Errorf("the secret of a %s has been given before", kind)
		}
		seen[secret] = true
	}
	for i := range 3 {
		secret, s, _, err := a.Login(t.Context(), "jun@example.org", "a long enough one", liveblog.Login{})
		if err != nil {
			t.Fatal(err)
		}
		check("session", secret)
		check("form", s.CSRF)
		token, err := a.AddToken(t.Context(), admin, liveblog.NewToken{Name: strings.Repeat("x", i+1),
			Role: liveblog.Viewer})
		if err != nil {
			t.Fatal(err)
		}
		rest, ok := strings.CutPrefix(token, "readout_")
		if !ok {
			t.Errorf("the token %q does not say what it is for", token)
		}
		check("token", rest)
	}
	if len(store.kept) != 7 {
		t.Fatalf("the store has %d hashes", len(store.kept))
	}
	for _, hash := range store.kept {
		for secret := range seen {
			if strings.Contains(hash, secret) {
				t.Errorf("the store keeps the secret %s", secret)
			}
		}
	}
}

// Any characters make a password, and it may be long. It fails if a rule asks for certain characters, or if a password
// of 64 characters of any script is too long.
func TestPasswordsOfAnyComposition(t *testing.T) {
	t.Parallel()
	a, _ := newAccounts(t)
	for i, password := range []string{
		"vqxjzkwpyhmbtd", "VQXJZKWPYHMBTD", "83920571648302", "~!@#$%^&*()_+{}", "vqxj zkwp yhmb td",
		"외교부장관회담취재기자단암호", "🐟🌊🗻🚢🧭🪁🎣🐙🦀🐚🏯🎏🍵🥢", strings.Repeat("vqxjzkwp", 8), strings.Repeat("外交部長会談", 10) + "東京都内",
	} {
		email := "jun" + strings.Repeat("x", i) + "@example.org"
		if _, err := a.AddUser(t.Context(), admin, liveblog.NewUser{Email: email, Role: liveblog.Editor,
			Password: password}); err != nil {
			t.Errorf("the password %q is refused: %v", password, err)
			continue
		}
		if _, _, _, err := a.Login(t.Context(), email, password, liveblog.Login{}); err != nil {
			t.Errorf("the password %q does not log in: %v", password, err)
		}
	}
}
