package handlers

import (
	"time"

	"readout/handlers/web"
	"readout/liveblog"

	"github.com/gofiber/fiber/v2"
)

// readyTimeout is how long the store may take to answer a readiness check.
const readyTimeout = time.Second

// healthz reports that the process is running.
func (s *server) healthz(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.SendString("ok")
}

// readyz reports whether a balancer may send requests to this node: the hub is not draining, and the store answers.
// It asks the store for a blog that cannot exist, and takes "not found" for a healthy answer.
//
// With ?store=any it does not ask the store. That is for a balancer whose nodes share one store: when the store
// fails, all nodes can still send cached pages, and must not all be taken out.
func (s *server) readyz(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	if s.Hub.Draining() {
		// Not an error: balancers ask every second, and the log should not have a line for each.
		return c.Status(fiber.StatusServiceUnavailable).SendString("draining")
	}
	if c.Query("store") == "any" {
		return c.SendString("ok")
	}
	ctx, cancel := web.Within(readyTimeout)
	defer cancel()
	if _, err := s.Store.Cursor(ctx, "-"); err != nil && liveblog.CodeOf(err) != liveblog.NotFound {
		return &liveblog.Error{Code: liveblog.Unavailable, Message: "The store does not answer.", Err: err}
	}
	return c.SendString("ok")
}
