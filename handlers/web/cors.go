package web

import (
	"net/http"

	"github.com/gofiber/fiber/v2"
)

// Headers of cross-origin requests, as the Fetch standard defines them.
const (
	sharedMethods = "GET, HEAD"
	// What a program that follows a blog sends beyond the headers that need no permission. Libraries for event streams
	// add Cache-Control.
	sharedHeaders = "Cache-Control, If-Modified-Since, If-None-Match, Last-Event-ID"
	// What it needs to read: the tag of what it has, and when to come back.
	exposedHeaders = "ETag, Retry-After"
	// How long a browser may remember the answer to a preflight, in seconds. Browsers lower it to two hours or less.
	preflightAge = "86400"
)

// AllowAnyOrigin is middleware that lets pages of any origin read the answer, errors included. The answer must be
// public and not depend on cookies. [Preflight] belongs to the same path.
func AllowAnyOrigin(c *fiber.Ctx) error {
	c.Set(fiber.HeaderAccessControlAllowOrigin, "*")
	c.Set(fiber.HeaderAccessControlExposeHeaders, exposedHeaders)
	c.Set("Cross-Origin-Resource-Policy", "cross-origin")
	return c.Next()
}

// Preflight answers OPTIONS on a path whose answers pages of any origin may read. A browser asks before it sends
// headers such as Last-Event-ID or If-None-Match to another origin.
func Preflight(c *fiber.Ctx) error {
	c.Set(fiber.HeaderAllow, sharedMethods+", OPTIONS")
	c.Set(fiber.HeaderAccessControlAllowOrigin, "*")
	c.Set(fiber.HeaderAccessControlAllowMethods, sharedMethods)
	c.Set(fiber.HeaderAccessControlAllowHeaders, sharedHeaders)
	c.Set(fiber.HeaderAccessControlMaxAge, preflightAge)
	c.Status(http.StatusNoContent)
	return nil
}
