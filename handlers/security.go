package handlers

import (
	"strings"

	"github.com/gofiber/fiber/v2"
)

// policies are the security headers that depend on the settings and the kind of answer.
type policies struct {
	page  string // Content-Security-Policy of everything but the two below
	embed string // of pages in a partner's frame
	desk  string // of the editors' pages
	hsts  string // Strict-Transport-Security; empty where readers come by plain HTTP
}

// What a page may load: only its own origin, so that readers meet no third party and an injected script finds no
// way out. There is no nonce, since public pages are cached and a cached nonce can be used again.
const pageSources = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'"

// What the desk may load: its own files, and HTML made from text through the one policy that desk.js declares.
const deskSources = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types readout-desk"

func newPolicies(opt Options) policies {
	ancestors := "'none'"
	if len(opt.EmbedOrigins) > 0 {
		ancestors = strings.Join(opt.EmbedOrigins, " ")
	}
	p := policies{
		page:  pageSources + "; frame-ancestors 'none'",
		embed: pageSources + "; frame-ancestors " + ancestors,
		desk:  deskSources + "; frame-ancestors 'none'",
	}
	if strings.HasPrefix(opt.Site.BaseURL, "https://") {
		p.hsts = hstsValues[opt.HSTS]
	}
	return p
}

// hstsValues are the headers that the setting stands for. Browsers keep to them for a year.
var hstsValues = map[string]string{
	"":           "max-age=31536000",
	"host":       "max-age=31536000",
	"subdomains": "max-age=31536000; includeSubDomains",
	"preload":    "max-age=31536000; includeSubDomains; preload",
	"off":        "",
}

// secure sets the headers of every answer, also of those that the hub goes on from (see head); framed and private change them for their kinds.
func (s *server) secure(c *fiber.Ctx) {
	c.Set(fiber.HeaderContentSecurityPolicy, s.policies.page)
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderXFrameOptions, "DENY")
	c.Set(fiber.HeaderReferrerPolicy, "strict-origin-when-cross-origin")
	c.Set("Cross-Origin-Opener-Policy", "same-origin")
	c.Set(fiber.HeaderPermissionsPolicy, "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()")
	if s.policies.hsts != "" {
		c.Set(fiber.HeaderStrictTransportSecurity, s.policies.hsts)
	}
}

// framed is middleware for pages that partners may frame.
func (s *server) framed(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentSecurityPolicy, s.policies.embed)
	c.Response().Header.Del(fiber.HeaderXFrameOptions)
	c.Response().Header.Del("Cross-Origin-Opener-Policy")
	return c.Next()
}

// private is middleware for the editors' pages.
func (s *server) private(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentSecurityPolicy, s.policies.desk)
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderReferrerPolicy, "same-origin") // no other site learns an address of the desk
	c.Set("X-Robots-Tag", "noindex")
	return c.Next()
}
