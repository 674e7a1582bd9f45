package liveblog

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
)

// TryLimit is a bucket of tries to log in.
type TryLimit struct {
	Burst int           // tries in a full bucket
	Every time.Duration // how long it takes until one try comes back
}

// TriesByNetwork is how often logins may fail from one network.
func TriesByNetwork() TryLimit { return TryLimit{Burst: 20, Every: 5 * time.Second} }

// TriesByEmail is how often logins may fail for one e-mail address, and in a browser that its owner has used before.
func TriesByEmail() TryLimit { return TryLimit{Burst: 8, Every: 15 * time.Second} }

// Tries is one bucket in the store.
type Tries struct {
	Key string // a hash, so that the store keeps neither who fails to log in nor from where
	TryLimit
}

// Try is a try to log in.
type Try struct {
	Network string
	Email   string // as it was typed
	Browser string // the secret in the browser's cookie; empty for none
}

// TakeTry takes a try before a password is checked, over all nodes. It returns how long to wait if there is none left.
// Only failed logins count: the caller gives back the try of a login that succeeded, or that was not checked.
//
// Anybody who knows an editor's address could use up its tries. A browser in which its owner has logged in before
// therefore has tries of its own, and no stranger, not even one in the same network, can use those up.
func (a *Accounts) TakeTry(ctx context.Context, t Try) (taken []Tries, wait time.Duration, err error) {
	email := strings.ToLower(strings.TrimSpace(t.Email))
	known := false
	if t.Browser != "" {
		if known, err = a.store.KnowsBrowser(ctx, email, hashSecret(t.Browser)); err != nil {
			return nil, 0, err
		}
	}
	if known {
		taken = []Tries{triesOf("browser", t.Browser+"\x00"+email, TriesByEmail())}
	} else {
		taken = []Tries{triesOf("network", t.Network, TriesByNetwork()), triesOf("email", email, TriesByEmail())}
	}
	wait, err = a.store.TakeTries(ctx, taken, a.now())
	return taken, wait, err
}

func triesOf(kind, value string, limit TryLimit) Tries {
	sum := sha256.Sum256([]byte(kind + "\x00" + value))
	return Tries{Key: hex.EncodeToString(sum[:]), TryLimit: limit}
}

// GiveBackTry returns what [Accounts.TakeTry] has taken.
func (a *Accounts) GiveBackTry(ctx context.Context, taken []Tries) error {
	return a.store.ReturnTries(ctx, taken)
}

const (
	// BrowserMemory is how long a browser is remembered after somebody's last login in it.
	BrowserMemory = 400 * 24 * time.Hour
	// MaxBrowsers is how many browsers are remembered for one person, those used last.
	MaxBrowsers = 20
	// MaxTries is how many buckets of tries the store keeps, roughly.
	MaxTries = 16_384
)

// RememberBrowser remembers that a user has logged in in a browser, and returns the secret that its cookie has from now
// on. It keeps a secret that somebody has logged in with before, since several people may use a browser, and replaces
// any other, which a stranger may have planted.
func (a *Accounts) RememberBrowser(ctx context.Context, u User, secret string) (string, error) {
	fresh := newSecret()
	kept, err := a.store.RememberBrowser(ctx, u.ID, hashSecret(secret), hashSecret(fresh), a.now())
	if kept {
		return secret, err
	}
	return fresh, err
}

// Wait returns how long to wait for a try, given when the bucket is full again, and when it will be full after one more
// try. A bucket that has never been used is full since the zero time.
func (l TryLimit) Wait(full, now time.Time) (wait time.Duration, next time.Time) {
	// A bucket that is emptier than empty means that the clock has been set back, which must not lock people out.
	if full.Before(now) || full.Sub(now) > time.Duration(l.Burst)*l.Every {
		full = now
	}
	// The first try of a full bucket has all of the others behind it.
	wait = max(0, full.Sub(now)-time.Duration(l.Burst-1)*l.Every)
	return wait, full.Add(l.Every)
}
