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

// DefaultWrites is how many writes a minute a token or a person at the desk may make.
const DefaultWrites = 1200

// quota is how much of something one client may do: burst at once, and then as many as come back with time.
type quota struct {
	name  string // in the RateLimit headers
	Burst int
	every time.Duration // brings one back
}

// window is how long it takes until all of the quota is back.
func (q quota) window() time.Duration { return time.Duration(q.Burst) * q.every }

// eachMinute is a quota of n a minute, which may be used all at once.
func eachMinute(name string, n int) quota {
	return quota{name: name, Burst: max(1, n), every: time.Minute / time.Duration(max(1, n))}
}

// What somebody without a session may have computed that is not kept, by address. Readers whose address is that of a proxy
// that is not trusted, or of one private network, share an address.
func PastByAddress() quota { return quota{"past", 60, 200 * time.Millisecond} }

func PastByPrivateAddress() quota { return quota{"past", 2000, 5 * time.Millisecond} }

// maxLimited bounds the clients that a rateLimit remembers: about 3 MB.
const maxLimited = 16_384

// RateLimit holds what each client has left of a quota. A client whose quota is whole again is forgotten, and where there
// are too many the one with the most left. It is safe for concurrent use.
//
// The limit is this node's: behind a balancer with n nodes a client has up to n times as much.
type RateLimit struct {
	quota
	Now func() time.Time // tests set another

	mu      sync.Mutex // guards clients
	clients map[string]*rate.Limiter
}

func newRateLimit(q quota) *RateLimit {
	return &RateLimit{quota: q, Now: time.Now, clients: map[string]*rate.Limiter{}}
}

// Use takes one, and returns how many are left, how long until all are back, and, where there was none to take, how long
// until there is one.
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

// Known returns how many clients are remembered.
func (r *RateLimit) Known() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.clients)
}

// forget makes room for a client. Each call looks at a few clients at random, so that those who have gone are forgotten
// about as fast as others come.
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

// Take takes one of a client's quota, says in the answer's headers what is left, and fails with [liveblog.TooMany] where
// nothing is. What says what there was too much of.
func (r *RateLimit) Take(c *fiber.Ctx, client, what string) error {
	left, reset, wait := r.Use(client)
	resetSeconds := wholeSeconds(reset)
	// The names of both the older and the newer drafts of draft-ietf-httpapi-ratelimit-headers.
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

// rates are the limits of all that is limited.
type rates struct {
	Writes, Reads             *RateLimit // by token
	Posts                     *RateLimit // by person at the desk
	Past, PastFromPrivateAddr *RateLimit // by address
}

func newRates(writes int) rates {
	return rates{
		Writes:              newRateLimit(eachMinute("writes", writes)),
		Reads:               newRateLimit(eachMinute("reads", 5*writes)),
		Posts:               newRateLimit(eachMinute("posts", writes)),
		Past:                newRateLimit(PastByAddress()),
		PastFromPrivateAddr: newRateLimit(PastByPrivateAddress()),
	}
}
