package web

import (
	"fmt"
	"math"
	"strconv"
	"sync"
	"time"

	"readout/liveblog"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/time/rate"
)

// DefaultWrites is how many writes per minute one API token, or one person at the desk, may make.
const DefaultWrites = 1200

// quota is a token bucket: how much of something one client may do. Burst may be used at once, and comes back with
// time.
type quota struct {
	name  string // in the RateLimit headers
	Burst int
	every time.Duration // how long it takes until one comes back
}

// window returns how long it takes until the whole quota is back.
func (q quota) window() time.Duration { return time.Duration(q.Burst) * q.every }

// perMinute returns a quota of n per minute, all of which may be used at once.
func perMinute(name string, n int) quota {
	return quota{name: name, Burst: max(1, n), every: time.Minute / time.Duration(max(1, n))}
}

// CostlyByAddress is the quota of one address for pages that are rendered for one answer; see [Gate.LimitCostly].
func CostlyByAddress() quota { return quota{"past", 60, 200 * time.Millisecond} }

// CostlyByPrivateAddress is the same for a loopback or private address. It is larger because all readers behind a proxy
// that is not trusted share its address.
func CostlyByPrivateAddress() quota { return quota{"past", 2000, 5 * time.Millisecond} }

// maxLimited bounds how many clients a RateLimit remembers, which takes about 3 MB.
const maxLimited = 16_384

// RateLimit holds what each client has left of a quota. It forgets a client whose quota is full again and, if it
// remembers too many, the one with the most left. It is safe for concurrent use.
//
// Each node counts for itself: behind a balancer with n nodes, a client may do up to n times as much.
type RateLimit struct {
	quota
	Now func() time.Time // the clock, time.Now by default

	mu      sync.Mutex // guards clients
	clients map[string]*rate.Limiter
}

func newRateLimit(q quota) *RateLimit {
	return &RateLimit{quota: q, Now: time.Now, clients: map[string]*rate.Limiter{}}
}

// Use takes one of a client's quota. It returns how many are left and how long until all are back; wait is 0, or how
// long until one is back if there was none to take.
func (r *RateLimit) Use(client string) (left int, reset, wait time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.Now()
	l, ok := r.clients[client]
	if !ok {
		r.forget(now)
		l = rate.NewLimiter(rate.Every(r.every), r.Burst)
		r.clients[client] = l
	}
	taken := l.AllowN(now, 1)
	tokens := l.TokensAt(now)
	if !taken {
		wait = time.Duration((1 - tokens) * float64(r.every))
	}
	return max(0, int(tokens)), time.Duration((float64(r.Burst) - tokens) * float64(r.every)), wait
}

// Known returns how many clients the limit remembers at the moment.
func (r *RateLimit) Known() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.clients)
}

// forget makes room for another client. Each call checks a few clients at random, so that clients are forgotten about
// as fast as new ones arrive.
func (r *RateLimit) forget(now time.Time) {
	const sample = 16
	var fullest string
	most, seen := -1.0, 0
	for client, l := range r.clients {
		tokens := l.TokensAt(now)
		if tokens >= float64(r.Burst) {
			delete(r.clients, client)
		} else if tokens > most {
			fullest, most = client, tokens
		}
		if seen++; seen == sample {
			break
		}
	}
	if len(r.clients) >= maxLimited {
		delete(r.clients, fullest)
	}
}

// Take takes one of a client's quota and sets the RateLimit headers of the answer. If nothing is left it also sets
// Retry-After and fails with [liveblog.TooMany]. What completes the message "There were too many ...".
func (r *RateLimit) Take(c *fiber.Ctx, client, what string) error {
	left, reset, wait := r.Use(client)
	resetSeconds := wholeSeconds(reset)
	// The older drafts of draft-ietf-httpapi-ratelimit-headers have three headers, the newer ones two.
	c.Set("RateLimit-Limit", strconv.Itoa(r.Burst))
	c.Set("RateLimit-Remaining", strconv.Itoa(left))
	c.Set("RateLimit-Reset", strconv.Itoa(resetSeconds))
	c.Set("RateLimit-Policy", fmt.Sprintf("%q;q=%d;w=%d", r.name, r.Burst, wholeSeconds(r.window())))
	c.Set("RateLimit", fmt.Sprintf("%q;r=%d;t=%d", r.name, left, resetSeconds))
	if wait == 0 {
		return nil
	}
	seconds := max(1, wholeSeconds(wait))
	c.Set(fiber.HeaderRetryAfter, strconv.Itoa(seconds))
	return liveblog.Errorf(liveblog.TooMany, "There were too many %s. Try again in %s.", what, InSeconds(seconds))
}

func wholeSeconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }

// rates holds all rate limits.
type rates struct {
	Writes, Reads                 *RateLimit // by token
	Posts                         *RateLimit // by user of the desk
	Copies                        *RateLimit // of working copies, by user of the desk
	Costly, CostlyFromPrivateAddr *RateLimit // by address
}

func newRates(writes int) rates {
	return rates{
		Writes:                newRateLimit(perMinute("writes", writes)),
		Reads:                 newRateLimit(perMinute("reads", 5*writes)),
		Posts:                 newRateLimit(perMinute("posts", writes)),
		Copies:                newRateLimit(perMinute("copies", 5*writes)),
		Costly:                newRateLimit(CostlyByAddress()),
		CostlyFromPrivateAddr: newRateLimit(CostlyByPrivateAddress()),
	}
}
