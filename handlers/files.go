package handlers

import (
	"readout/assets"
	"readout/handlers/web"
	"readout/liveblog"

	"github.com/gofiber/fiber/v2"
)

// cacheForever is for assets, whose names contain a hash of their content.
const cacheForever = "public, max-age=31536000, immutable"

// asset sends an asset. While nodes are upgraded, or go back a version, a page of one node asks another for a file of
// its own version. It then gets the node's version of the file, which is better than no script or style, and which
// nobody may keep under that name.
func (s *server) asset(c *fiber.Ctx) error {
	cacheControl := cacheForever
	f, ok := assets.Lookup(c.Params("name"))
	if !ok {
		cacheControl = "no-store"
		if f, ok = assets.Current(c.Params("name")); !ok {
			return liveblog.Errorf(liveblog.NotFound, "There is no such file.")
		}
	}
	c.Set(fiber.HeaderCacheControl, cacheControl)
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
