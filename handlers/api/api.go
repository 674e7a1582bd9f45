package api

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"readout/handlers/web"
	"readout/liveblog"
	"readout/views"

	"github.com/gofiber/fiber/v2"
)

// The API requires a token even for what is public: clients without one have the pages and the changes, which are
// cached. [liveblog.Desk] decides what a client may write, [liveblog.MayRead] what it may read.

// Handlers serve the JSON API.
type Handlers struct {
	*web.Gate
	Store    liveblog.ReadStore
	Desk     *liveblog.Desk
	Accounts *liveblog.Accounts
	Site     views.Site
}

// actorKey is the user value that holds the actor of a request.
type actorKey struct{}

// Authenticate is middleware that admits requests with a valid token and counts them against the token's quota.
func (h *Handlers) Authenticate(c *fiber.Ctx) error {
	c.Vary(fiber.HeaderAuthorization)
	scheme, secret, _ := strings.Cut(c.Get(fiber.HeaderAuthorization), " ")
	secret = strings.TrimSpace(secret)
	if !strings.EqualFold(scheme, "Bearer") || secret == "" {
		return liveblog.Errorf(liveblog.Unauthorized, "Send a token in the header Authorization: Bearer TOKEN.")
	}
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	actor, err := h.Accounts.TokenActor(ctx, secret)
	if err != nil {
		return err
	}
	if err := h.limitToken(c, actor); err != nil {
		return err
	}
	c.Context().SetUserValue(actorKey{}, actor)
	return c.Next()
}

// actor returns the actor that [Handlers.Authenticate] has found.
func actor(c *fiber.Ctx) liveblog.Actor {
	return c.Context().UserValue(actorKey{}).(liveblog.Actor)
}

// Require is middleware, behind [Handlers.Authenticate], that admits actors with a right on the blog in the path, or on
// all blogs if there is none, before the body is read.
func Require(right liveblog.Right) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if err := liveblog.May(actor(c), right, c.Params("slug")); err != nil {
			return err
		}
		return c.Next()
	}
}

const (
	idempotencyHeader = "Idempotency-Key"
	maxIdempotencyKey = 255
)

// idempotencyKey returns the request's idempotency key, or nil if it has none. The fingerprint covers method, path
// and body, so that a key that is reused for another request is noticed.
func idempotencyKey(c *fiber.Ctx) (*liveblog.IdempotencyKey, error) {
	lines := c.Request().Header.PeekAll(idempotencyHeader)
	if len(lines) == 0 {
		return nil, nil
	}
	key := string(lines[0])
	visible := func(r rune) bool { return r > ' ' && r <= '~' }
	if len(lines) > 1 || key == "" || len(key) > maxIdempotencyKey || strings.TrimFunc(key, visible) != "" {
		return nil, liveblog.FieldErrorf(liveblog.Malformed, idempotencyHeader,
			"An idempotency key is 1 to %d visible ASCII characters.", maxIdempotencyKey)
	}
	sum := sha256.New()
	sum.Write([]byte(c.Method() + "\n" + c.Path() + "\n"))
	sum.Write(web.Body(c))
	return &liveblog.IdempotencyKey{Actor: actor(c).ID, Key: key, Fingerprint: hex.EncodeToString(sum.Sum(nil))}, nil
}

// limitToken counts a request against the quota of its token.
func (h *Handlers) limitToken(c *fiber.Ctx, by liveblog.Actor) error {
	switch c.Method() {
	case fiber.MethodGet, fiber.MethodHead, fiber.MethodOptions:
		return h.Rates.Reads.Take(c, by.ID, "requests with this token")
	}
	return h.Rates.Writes.Take(c, by.ID, "writes with this token; this one was not saved")
}

// JSONBody is middleware, behind [Handlers.Authenticate], that reads a JSON body of at most limit bytes.
func (h *Handlers) JSONBody(limit int) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if err := web.CheckJSON(c); err != nil {
			return err
		}
		release, err := h.ReadBody(c, limit, h.Bodies.Known, actor(c).ID)
		if err != nil {
			return err
		}
		defer release()
		return c.Next()
	}
}
