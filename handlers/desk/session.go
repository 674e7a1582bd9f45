package desk

import (
	"crypto/subtle"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"readout/handlers/web"
	"readout/liveblog"
	"readout/views"
	view "readout/views/desk"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// Handlers serve the login and the desk: everything that needs a session.
type Handlers struct {
	*web.Gate
	Store       liveblog.ReadStore
	Desk        *liveblog.Desk
	Accounts    *liveblog.Accounts
	Site        views.Site
	Log         *slog.Logger
	crossOrigin *http.CrossOriginProtection
	throttle    *loginThrottle
	hashing     chan struct{} // a place for each password that may be hashed at once
}

// New completes the handlers of the desk. Site must have been validated.
func New(d Handlers) *Handlers {
	d.crossOrigin = http.NewCrossOriginProtection()
	d.throttle = newLoginThrottle(time.Now)
	d.hashing = make(chan struct{}, MaxHashing)
	// A proxy may pass another Host than the one in the editor's address bar.
	if err := d.crossOrigin.AddTrustedOrigin(d.Site.BaseURL); err != nil {
		panic(err) // Options.Validate has seen that it is an origin
	}
	return &d
}

// visitor is who is at the desk in one request.
type visitor struct {
	user liveblog.User
	csrf string
}

func (v visitor) actor() liveblog.Actor { return v.user.Actor() }

// Page shows something to whoever is logged in and sends others to the login.
func (d *Handlers) Page(next func(*fiber.Ctx, visitor) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		v, err := d.visitor(c)
		if liveblog.CodeOf(err) == liveblog.Unauthorized {
			return c.Redirect(loginPath(c.OriginalURL()), fiber.StatusSeeOther)
		}
		if err != nil {
			return err
		}
		return next(c, v)
	}
}

// Data answers the desk's script, which cannot be sent to the login.
func (d *Handlers) Data(next func(*fiber.Ctx, visitor) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		v, err := d.visitor(c)
		if err != nil {
			return err
		}
		return next(c, v)
	}
}

// keeper makes a form of what a request carries, without the store and for whoever asks.
type keeper func(c *fiber.Ctx, csrf string, p view.Problem) templ.Component

// Form takes a form of the desk's own, from its own pages, with the session's token. Whatever goes wrong that next
// does not show in place itself, the answer holds what was typed, made again by keep (nil: nothing was typed).
// The form is read only for those with a session, and for our own pages.
func (d *Handlers) Form(limit int, keep keeper, next func(*fiber.Ctx, visitor) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if err := d.sameSite(c); err != nil {
			return err
		}
		v, err := d.visitor(c)
		ours := d.provenOrigin(c)
		if err != nil && !ours {
			return err
		}
		from, owner := d.Bodies.Lapsed, d.AnonymousOwner(c)
		if err == nil {
			from, owner = d.Bodies.Known, v.user.ID
			err = d.Rates.Posts.Take(c, v.user.ID, "forms from you; this one has not been saved")
		}
		release, failed := d.ReadForm(c, limit, from, owner)
		if failed != nil {
			return failed
		}
		defer release()
		if err == nil {
			if validToken(c, v) {
				ours, err = true, next(c, v)
			} else {
				err = errFormToken()
			}
		}
		// Only a page of ours gets its form back: an answer with a fresh token must not be had from elsewhere.
		if err == nil || !ours {
			return err
		}
		return d.kept(c, v, err, keep)
	}
}

func errFormToken() error {
	return liveblog.Errorf(liveblog.Forbidden, "The form does not belong to your present login. Look through it and send it again.")
}

// kept answers a failure with what was typed.
func (d *Handlers) kept(c *fiber.Ctx, v visitor, err error, keep keeper) error {
	p := view.KeptPage{Desk: d.desk(v), Title: "This has not been saved", Problem: problemOf(err)}
	switch web.FailureOf(err).Code {
	case liveblog.Unauthorized:
		p.Problem.Message = "Your login has ended. Log in again, then come back here and send this once more."
		p.Problem.Login = loginPath(afterLogin(c))
	case liveblog.Unavailable:
		p.Problem.Message = "The store cannot be reached at the moment. Send this again in a few seconds; it will not be saved twice."
	}
	if keep != nil {
		csrf := v.csrf
		if csrf == "" { // the session is unknown or cannot be looked up; if it still is there, so is its token
			csrf = web.Printable(formText(c, "csrf"))
		}
		p.Form = keep(c, csrf, p.Problem)
	}
	return d.answer(c, err, view.Kept(p))
}

// afterLogin is the page from which a form came: that of the blog or of the desk.
func afterLogin(c *fiber.Ctx) string {
	if slug := c.Params("slug"); slug != "" {
		return "/desk/" + url.PathEscape(slug)
	}
	return "/desk"
}

func (d *Handlers) desk(v visitor) view.Desk {
	return view.Desk{Site: d.Site, User: v.actor(), CSRF: v.csrf}
}

// sameSite refuses what a page of another site sends.
func (d *Handlers) sameSite(c *fiber.Ctx) error {
	r := &http.Request{Method: c.Method(), Host: originHost(c), URL: &url.URL{Path: c.Path()}, Header: http.Header{}}
	for _, name := range []string{"Origin", "Sec-Fetch-Site"} {
		if v := c.Get(name); v != "" {
			r.Header.Set(name, v)
		}
	}
	if err := d.crossOrigin.Check(r); err != nil {
		return &liveblog.Error{Code: liveblog.Forbidden, Message: "This form was sent from another site, so nothing was done.", Err: err}
	}
	if kind, _, _ := mime.ParseMediaType(c.Get(fiber.HeaderContentType)); kind != fiber.MIMEApplicationForm {
		return liveblog.Errorf(web.UnsupportedMedia, "The desk reads only forms.")
	}
	return nil
}

// provenOrigin reports whether the browser says that a page of ours sent the request. Older programs say nothing
// either way: sameSite lets those by.
func (d *Handlers) provenOrigin(c *fiber.Ctx) bool {
	if site := c.Get("Sec-Fetch-Site"); site != "" {
		return site == "same-origin"
	}
	origin, err := url.Parse(c.Get("Origin"))
	return err == nil && origin.Host != "" && (origin.Host == originHost(c) || c.Get("Origin") == d.Site.BaseURL)
}

func originHost(c *fiber.Ctx) string { return string(c.Request().Host()) }

func validToken(c *fiber.Ctx, v visitor) bool {
	return subtle.ConstantTimeCompare(web.Form(c).Peek("csrf"), []byte(v.csrf)) == 1
}

// visitor finds the session of the request's cookie.
func (d *Handlers) visitor(c *fiber.Ctx) (visitor, error) {
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	s, u, err := d.Accounts.SessionUser(ctx, c.Cookies(d.cookieName()))
	return visitor{user: u, csrf: s.CSRF}, err
}

// overTLS reports whether browsers reach the desk over TLS.
func (d *Handlers) overTLS() bool { return strings.HasPrefix(d.Site.BaseURL, "https://") }

// cookieName has the prefix that makes browsers insist on Secure and on this very host. Without TLS, which is for
// development only, no browser would take such a cookie.
func (d *Handlers) cookieName() string {
	if d.overTLS() {
		return "__Host-readout"
	}
	return "readout_session"
}

func (d *Handlers) setCookie(c *fiber.Ctx, secret string) {
	d.cookie(c, secret, time.Now().Add(liveblog.SessionLifetime))
}

func (d *Handlers) dropCookie(c *fiber.Ctx) { d.cookie(c, "", fasthttp.CookieExpireDelete) }

func (d *Handlers) cookie(c *fiber.Ctx, value string, until time.Time) {
	c.Cookie(&fiber.Cookie{Name: d.cookieName(), Value: value, Path: "/", Expires: until,
		Secure: d.overTLS(), HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode})
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
