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

// The API answers nobody without a token, not even for what is public: whoever wants that has the pages and the
// changes, which are cached. What a program may write is for the desk to say; what it may read, for [liveblog.MayRead].

// Handlers answer programs.
type Handlers struct {
	*web.Gate
	Store    liveblog.ReadStore
	Desk     *liveblog.Desk
	Accounts *liveblog.Accounts
	Site     views.Site
}

// actorKey is where the edge of the API leaves who asks.
type actorKey struct{}

// Authenticate is middleware that lets through who has a valid token.
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

// actor returns who asks. It is only for handlers behind authenticate.
func actor(c *fiber.Ctx) liveblog.Actor {
	return c.Context().UserValue(actorKey{}).(liveblog.Actor)
}

// Publishes is middleware, behind authenticate, that lets through who may publish, before a body is read.
func Publishes(c *fiber.Ctx) error {
	if err := liveblog.MayPublish(actor(c)); err != nil {
		return err
	}
	return c.Next()
}

const (
	idempotencyHeader = "Idempotency-Key"
	maxIdempotencyKey = 255
)

// idempotencyKey returns the key of a request, nil where it has none. The fingerprint covers what the request says
// and to whom, so that a key used for something else is noticed.
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

// limitToken takes one of the quota of the token that asks.
func (h *Handlers) limitToken(c *fiber.Ctx, by liveblog.Actor) error {
	switch c.Method() {
	case fiber.MethodGet, fiber.MethodHead, fiber.MethodOptions:
		return h.Rates.Reads.Take(c, by.ID, "requests with this token")
	}
	return h.Rates.Writes.Take(c, by.ID, "writes with this token; nothing was saved by this one")
}

// Takes is middleware of the API, behind authenticate: it reads a JSON body up to a limit.
func (h *Handlers) Takes(limit int) fiber.Handler {
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
