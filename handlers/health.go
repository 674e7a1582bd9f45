package handlers

import (
	"time"

	"readout/handlers/web"
	"readout/liveblog"

	"github.com/gofiber/fiber/v2"
)

// readyTimeout is how long the store may take to answer while the node counts as ready.
const readyTimeout = time.Second

// healthz says that the process answers.
func (s *server) healthz(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.SendString("ok")
}

// readyz says that requests may be sent here: the hub does not send its readers away, and the store answers. It asks
// the store for a blog that cannot exist: that there is none is an answer. With ?store=any the store is not asked:
// that is for a balancer of nodes with one store, since without it they still have their pages, and a balancer that
// left them all out would take those too.
func (s *server) readyz(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	if s.Hub.Draining() {
		// Every second somebody asks, and nothing has failed: not a line in the log.
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
