package handlers

import (
	"context"
	"crypto/subtle"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"readout/liveblog"
	"readout/views"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// deskPages serves the login and the desk: everything that needs a session.
type deskPages struct {
	*server
	crossOrigin *http.CrossOriginProtection
	throttle    *loginThrottle
	hashing     chan struct{} // a place for each password that may be hashed at once
}

func newDeskPages(s *server) *deskPages {
	d := &deskPages{
		server:      s,
		crossOrigin: http.NewCrossOriginProtection(),
		throttle:    newLoginThrottle(time.Now),
		hashing:     make(chan struct{}, maxHashing),
	}
	// A proxy may pass another Host than the one in the reader's address bar. Without a usable base URL the
	// request's own host is the only origin that is taken.
	if err := d.crossOrigin.AddTrustedOrigin(s.Site.BaseURL); err != nil {
		s.Log.Warn("the base URL is no origin; the desk takes forms from the request's own host alone", "error", err)
	}
	return d
}

// deskPolicy lets the desk load its own files alone, be framed nowhere, and turn text into HTML only through the
// one policy that desk.js declares.
const deskPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; " +
	"require-trusted-types-for 'script'; trusted-types readout-desk"

// deskTimeout bounds everything that one request at the desk does.
const deskTimeout = 10 * time.Second

// guarded sets what holds for every answer of the desk, whatever comes of the request.
func (d *deskPages) guarded(next fiber.Handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentSecurityPolicy, deskPolicy)
		c.Set(fiber.HeaderCacheControl, "no-store")
		c.Set("X-Robots-Tag", "noindex")
		// An Origin is needed on the desk's own forms; no other site learns an address of the desk.
		c.Set(fiber.HeaderReferrerPolicy, "same-origin")
		ctx, cancel := context.WithTimeout(c.UserContext(), deskTimeout)
		defer cancel()
		c.SetUserContext(ctx)
		return next(c)
	}
}

// visitor is who is at the desk in one request.
type visitor struct {
	user liveblog.User
	csrf string
}

func (v visitor) actor() liveblog.Actor { return v.user.Actor() }

// page shows something to whoever is logged in and sends others to the login.
func (d *deskPages) page(next func(*fiber.Ctx, visitor) error) fiber.Handler {
	return d.guarded(func(c *fiber.Ctx) error {
		v, err := d.visitor(c)
		if liveblog.CodeOf(err) == liveblog.Unauthorized {
			return c.Redirect(loginPath(c.OriginalURL()), fiber.StatusSeeOther)
		}
		if err != nil {
			return err
		}
		return next(c, v)
	})
}

// keeper makes a form of what a request carries, without the store and for whoever asks.
type keeper func(c *fiber.Ctx, csrf string, p views.Problem) templ.Component

// form takes a form of the desk's own, from its own pages, with the session's token. Whatever goes wrong that next
// does not show in place itself, the answer holds what was typed, made again by keep (nil: nothing was typed).
func (d *deskPages) form(keep keeper, next func(*fiber.Ctx, visitor) error) fiber.Handler {
	return d.guarded(func(c *fiber.Ctx) error {
		if err := d.checkOrigin(c); err != nil {
			return err
		}
		v, err := d.visitor(c)
		if err == nil && !validToken(c, v) {
			err = errFormToken
		}
		if err == nil {
			err = next(c, v)
		}
		// Only a page of ours gets its form back: an answer with a fresh token must not be had from elsewhere.
		if err == nil || !d.provenOrigin(c) {
			return err
		}
		return d.kept(c, v, err, keep)
	})
}

var errFormToken = liveblog.Errorf(liveblog.Forbidden, "The form does not belong to your present login. Look through it and send it again.")

// kept answers a failure with what was typed.
func (d *deskPages) kept(c *fiber.Ctx, v visitor, err error, keep keeper) error {
	code := liveblog.CodeOf(err)
	p := views.DeskKeptPage{Desk: d.desk(v), Title: "This has not been saved", Problem: problemOf(err)}
	switch code {
	case liveblog.Unauthorized:
		p.Problem.Message = "Your login has ended. Log in again, then come back here and send this once more."
		p.Problem.Login = loginPath(afterLogin(c))
	case liveblog.Unavailable:
		p.Problem.Message = "The store cannot be reached at the moment. Send this again in a few seconds; it will not be saved twice."
	}
	if keep != nil {
		p.Form = keep(c, v.csrf, p.Problem)
	}
	d.report(c, err)
	return d.render(c, statusOf(code), views.DeskKept(p))
}

// afterLogin is the page from which a form came: that of the blog or of the desk.
func afterLogin(c *fiber.Ctx) string {
	if slug := c.Params("slug"); slug != "" {
		return "/desk/" + url.PathEscape(slug)
	}
	return "/desk"
}

func (d *deskPages) desk(v visitor) views.Desk {
	return views.Desk{Site: d.Site, User: v.actor(), CSRF: v.csrf}
}

// checkOrigin refuses what a page of another site sends.
func (d *deskPages) checkOrigin(c *fiber.Ctx) error {
	r := &http.Request{Method: c.Method(), Host: originHost(c), URL: &url.URL{Path: c.Path()}, Header: http.Header{}}
	for _, name := range []string{"Origin", "Sec-Fetch-Site"} {
		if v := c.Get(name); v != "" {
			r.Header.Set(name, v)
		}
	}
	if err := d.crossOrigin.Check(r); err != nil {
		return &liveblog.Error{Code: liveblog.Forbidden, Message: "This form was sent from another site, so nothing was done.", Err: err}
	}
	if c.Is("application/x-www-form-urlencoded") || len(c.Request().Header.ContentType()) == 0 {
		return nil
	}
	return liveblog.Errorf(liveblog.Malformed, "The desk reads forms only.")
}

// provenOrigin reports whether the browser says that a page of ours sent the request. Older programs say nothing
// either way: checkOrigin lets those by.
func (d *deskPages) provenOrigin(c *fiber.Ctx) bool {
	if site := c.Get("Sec-Fetch-Site"); site != "" {
		return site == "same-origin"
	}
	origin, err := url.Parse(c.Get("Origin"))
	return err == nil && origin.Host != "" && (origin.Host == originHost(c) || c.Get("Origin") == d.Site.BaseURL)
}

func originHost(c *fiber.Ctx) string { return string(c.Request().Host()) }

func validToken(c *fiber.Ctx, v visitor) bool {
	return subtle.ConstantTimeCompare(c.Request().PostArgs().Peek("csrf"), []byte(v.csrf)) == 1
}

// visitor finds the session of the request's cookie.
func (d *deskPages) visitor(c *fiber.Ctx) (visitor, error) {
	s, u, err := d.Accounts.SessionUser(c.UserContext(), c.Cookies(d.cookieName()))
	return visitor{user: u, csrf: s.CSRF}, err
}

// secure reports whether browsers reach the desk over TLS.
func (d *deskPages) secure() bool { return strings.HasPrefix(d.Site.BaseURL, "https://") }

// cookieName has the prefix that makes browsers insist on Secure and on this very host. Without TLS, which is for
// development alone, no browser would take such a cookie.
func (d *deskPages) cookieName() string {
	if d.secure() {
		return "__Host-readout"
	}
	return "readout_session"
}

func (d *deskPages) setCookie(c *fiber.Ctx, secret string) {
	d.cookie(c, secret, time.Now().Add(liveblog.SessionLifetime))
}

func (d *deskPages) dropCookie(c *fiber.Ctx) { d.cookie(c, "", fasthttp.CookieExpireDelete) }

func (d *deskPages) cookie(c *fiber.Ctx, value string, until time.Time) {
	c.Cookie(&fiber.Cookie{Name: d.cookieName(), Value: value, Path: "/", Expires: until,
		Secure: d.secure(), HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode})
}

// loginPath is the login's address, with the way back.
func loginPath(next string) string {
	if next = ownPath(next); next == "" {
		return "/login"
	}
	return "/login?next=" + url.QueryEscape(next)
}

// ownPath returns a path of this site as it came, and "" for anything that a browser might take for another
// site's address or for a way to one.
func ownPath(next string) string {
	const longest = 512
	if len(next) > longest || !strings.HasPrefix(next, "/") || strings.ContainsFunc(next, func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7F }) {
		return ""
	}
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil {
		return ""
	}
	if clean := path.Clean(u.Path); u.Path != clean && u.Path != clean+"/" {
		return ""
	}
	return next
}
