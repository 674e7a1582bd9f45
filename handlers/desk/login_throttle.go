package desk

import (
	"crypto/sha256"
	"strings"
	"sync"
	"time"

	"readout/liveblog"
)

// loginThrottle slows down password guessing at one node while the store cannot count tries: from one network and,
// separately, for one e-mail address from anywhere.
// Only failed logins count: a successful one gives back the try that it took.
//
// Anybody who knows an editor's e-mail address could use up its tries and lock the editor out. A network from which
// that account has logged in before therefore has tries of its own for it. It is safe for concurrent use.
type loginThrottle struct {
	now func() time.Time

	mu      sync.Mutex // guards buckets and known
	buckets map[throttleKey]bucket
	known   map[throttleKey]struct{}
}

type throttleKey [sha256.Size]byte

// bucket is a token bucket of login tries.
type bucket struct {
	limit triesLimit
	left  float64 // tries left at that time
	at    time.Time
}

type triesLimit struct {
	burst float64
	every time.Duration // how long it takes until one try comes back
}

func limitOf(l liveblog.TryLimit) triesLimit {
	return triesLimit{burst: float64(l.Burst), every: l.Every}
}

func triesByAddress() triesLimit { return limitOf(liveblog.TriesByNetwork()) }

func triesByEmail() triesLimit { return limitOf(liveblog.TriesByEmail()) }

const (
	maxBuckets = 16_384 // about 2 MB
	maxKnown   = 4_096
)

func newLoginThrottle(now func() time.Time) *loginThrottle {
	return &loginThrottle{now: now, buckets: map[throttleKey]bucket{}, known: map[throttleKey]struct{}{}}
}

// take takes one try and returns 0, or returns how long to wait for one.
func (t *loginThrottle) take(address, email string) (wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	byAddress, byEmail := t.keys(address, email)
	a, e := t.bucket(byAddress, triesByAddress()), t.bucket(byEmail, triesByEmail())
	if wait = max(a.wait(), e.wait()); wait > 0 {
		return wait
	}
	a.left--
	e.left--
	t.put(byAddress, a)
	t.put(byEmail, e)
	return 0
}

// giveBack returns a try that was not used to check a password, or that succeeded.
func (t *loginThrottle) giveBack(address, email string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	byAddress, byEmail := t.keys(address, email)
	for key, limit := range map[throttleKey]triesLimit{byAddress: triesByAddress(), byEmail: triesByEmail()} {
		b := t.bucket(key, limit)
		b.left = min(b.left+1, limit.burst)
		t.put(key, b)
	}
}

// succeeded gives the try back and remembers that the account has logged in from this network.
func (t *loginThrottle) succeeded(address, email string) {
	t.giveBack(address, email)
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.known) >= maxKnown {
		for key := range t.known { // evict any one
			delete(t.known, key)
			break
		}
	}
	t.known[pairKey(address, email)] = struct{}{}
}

func (t *loginThrottle) keys(address, email string) (byAddress, byEmail throttleKey) {
	byAddress, byEmail = keyOf("address", address), keyOf("email", normalizeEmail(email))
	if pair := pairKey(address, email); t.isKnown(pair) {
		byEmail = pair
	}
	return byAddress, byEmail
}

func (t *loginThrottle) isKnown(pair throttleKey) bool {
	_, ok := t.known[pair]
	return ok
}

// bucket returns the bucket of a key as it is now, a full one if there is none.
func (t *loginThrottle) bucket(key throttleKey, limit triesLimit) bucket {
	now := t.now()
	b, ok := t.buckets[key]
	if !ok {
		return bucket{limit: limit, left: limit.burst, at: now}
	}
	return b.after(now)
}

func (b bucket) after(now time.Time) bucket {
	b.left = min(b.limit.burst, b.left+float64(now.Sub(b.at))/float64(b.limit.every))
	b.at = now
	return b
}

func (b bucket) wait() time.Duration {
	if b.left >= 1 {
		return 0
	}
	return time.Duration((1 - b.left) * float64(b.limit.every))
}

// put stores a bucket, unless it is full. If there are too many, it evicts, out of a random sample, the one with the
// most tries left, so that those under attack stay.
func (t *loginThrottle) put(key throttleKey, b bucket) {
	if b.left >= b.limit.burst {
		delete(t.buckets, key)
		return
	}
	if _, ok := t.buckets[key]; !ok && len(t.buckets) >= maxBuckets {
		t.evict()
	}
	t.buckets[key] = b
}

func (t *loginThrottle) evict() {
	const sample = 32
	var fullest throttleKey
	most, seen, now := -1.0, 0, t.now()
	for key, b := range t.buckets {
		if share := b.after(now).left / b.limit.burst; share > most {
			fullest, most = key, share
		}
		if seen++; seen == sample {
			break
		}
	}
	delete(t.buckets, fullest)
}

func pairKey(address, email string) throttleKey {
	return keyOf("pair", address+"\x00"+normalizeEmail(email))
}

func keyOf(kind, value string) throttleKey { return sha256.Sum256([]byte(kind + "\x00" + value)) }

func normalizeEmail(email string) string { return strings.ToLower(strings.TrimSpace(email)) }
