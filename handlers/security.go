package handlers

import (
	"strings"

	"github.com/gofiber/fiber/v2"
)

// policies holds the security headers that depend on the settings and on the kind of answer.
type policies struct {
	page  string // Content-Security-Policy of all answers except those below
	embed string // of pages that partners may frame
	desk  string // of the editors' pages
	hsts  string // Strict-Transport-Security; empty if the site is served over plain HTTP
}

// A page may load only from its own origin, so that readers meet no third party and an injected script has nowhere to
// send data. There is no nonce, because public pages are cached, and a nonce in a cached page can be reused.
const pageSources = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'"

// The desk may load its own files, and make HTML from text only through the policy that desk.js declares.
const deskSources = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; " +
	"require-trusted-types-for 'script'; trusted-types readout-desk"

// newPolicies returns the headers for an installation; origins may frame the embed, and hsts is a key of hstsValues.
func newPolicies(baseURL string, origins []string, hsts string) policies {
	ancestors := "'none'"
	if len(origins) > 0 {
		ancestors = strings.Join(origins, " ")
	}
	p := policies{
		page:  pageSources + "; frame-ancestors 'none'",
		embed: pageSources + "; frame-ancestors " + ancestors,
		desk:  deskSources + "; frame-ancestors 'none'",
	}
	if strings.HasPrefix(baseURL, "https://") {
		p.hsts = hstsValues[hsts]
	}
	return p
}

// hstsValues maps the setting to the header. Browsers remember it for a year.
var hstsValues = map[string]string{
	"":           "max-age=31536000",
	"host":       "max-age=31536000",
	"subdomains": "max-age=31536000; includeSubDomains",
	"preload":    "max-age=31536000; includeSubDomains; preload",
	"off":        "",
}

// secure sets the security headers of every answer, those whose connection the hub takes over included. The
// middlewares framed and private change them for their pages.
func (p policies) secure(c *fiber.Ctx) {
	c.Set(fiber.HeaderContentSecurityPolicy, p.page)
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderXFrameOptions, "DENY")
	c.Set(fiber.HeaderReferrerPolicy, "strict-origin-when-cross-origin")
	c.Set("Cross-Origin-Opener-Policy", "same-origin")
	c.Set(fiber.HeaderPermissionsPolicy,
		"camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()")
	if p.hsts != "" {
		c.Set(fiber.HeaderStrictTransportSecurity, p.hsts)
	}
}

// framed is middleware for pages that partners may frame.
func (p policies) framed(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentSecurityPolicy, p.embed)
	c.Response().Header.Del(fiber.HeaderXFrameOptions)
	c.Response().Header.Del("Cross-Origin-Opener-Policy")
	return c.Next()
}

// private is middleware for the editors' pages.
func (p policies) private(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentSecurityPolicy, p.desk)
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderReferrerPolicy, "same-origin") // no other site learns an address of the desk
	c.Set("X-Robots-Tag", "noindex")
	return c.Next()
}
