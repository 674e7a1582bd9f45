package handlers

import (
	"readout/assets"
	"readout/handlers/web"
	"readout/liveblog"

	"github.com/gofiber/fiber/v2"
)

// cacheForever is for assets, whose names contain a hash of their content.
const cacheForever = "public, max-age=31536000, immutable"

func (s *server) asset(c *fiber.Ctx) error {
	f, ok := assets.Lookup(c.Params("name"))
	if !ok {
		return liveblog.Errorf(liveblog.NotFound, "There is no such file.")
	}
	c.Set(fiber.HeaderCacheControl, cacheForever)
	return web.FileRepresentation(f).Send(c)
}

// favicon answers browsers that request /favicon.ico without having read a page.
func (s *server) favicon(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "public, max-age=86400")
	f, ok := assets.Plain("icon.svg")
	if !ok {
		return c.SendStatus(fiber.StatusNoContent)
	}
	return web.FileRepresentation(f).Send(c)
}
