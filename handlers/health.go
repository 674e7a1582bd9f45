package handlers

import (
	"time"

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

// readyz says that the store answers as well. It asks for a blog that cannot exist: that there is none is an answer.
func (s *server) readyz(c *fiber.Ctx) error {
	ctx, cancel := within(readyTimeout)
	defer cancel()
	if _, err := s.Store.Cursor(ctx, "-"); err != nil && liveblog.CodeOf(err) != liveblog.NotFound {
		return &liveblog.Error{Code: liveblog.Unavailable, Message: "The store does not answer.", Err: err}
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.SendString("ok")
}
