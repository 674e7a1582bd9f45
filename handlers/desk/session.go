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

// Handlers serve the login and the desk, which is everything that needs a session.
type Handlers struct {
	*web.Gate
	Store       liveblog.ReadStore
	Desk        *liveblog.Desk
	Accounts    *liveblog.Accounts
	Site        views.Site
	Log         *slog.Logger
	Mail        Mailer // nil if mail is not set up
	crossOrigin *http.CrossOriginProtection
	throttle    *loginThrottle
	hashing     chan struct{} // semaphore of MaxHashing slots
}

// New completes the exported fields of d, whose Site must have been validated.
func New(d Handlers) *Handlers {
	d.crossOrigin = http.NewCrossOriginProtection()
	d.throttle = newLoginThrottle(time.Now)
	d.hashing = make(chan struct{}, MaxHashing)
	// A proxy may pass on a Host other than that of the address that editors use.
	if err := d.crossOrigin.AddTrustedOrigin(d.Site.BaseURL); err != nil {
		panic(err) // handlers.Options.Validate has checked it
	}
	return &d
}

// visitor is the user who sends a request, their session, and its CSRF token.
type visitor struct {
	user    liveblog.User
	session liveblog.Session
	csrf    string
}

func (v visitor) actor() liveblog.Actor { return v.user.Actor() }

// Page returns a handler that calls next for users with a session and redirects others to the login.
func (d *Handlers) Page(next func(*fiber.Ctx, visitor) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		v, err := d.visitor(c)
		if liveblog.CodeOf(err) == liveblog.Unauthorized {
			return c.Redirect(loginPath(c.OriginalURL()), fiber.StatusSeeOther)
		}
		if err != nil {
			return err
		}
		if mustChangePassword(c, v) {
			return c.Redirect(accountPath, fiber.StatusSeeOther)
		}
		return next(c, v)
	}
}

// mustChangePassword reports whether a request is for something that the user may do only with a password of their own.
func mustChangePassword(c *fiber.Ctx, v visitor) bool {
	path := c.Path()
	return v.user.MustChangePassword() && path != accountPath && !strings.HasPrefix(path, accountPath+"/")
}

func errMustChangePassword() error {
	return liveblog.Errorf(liveblog.Forbidden,
		"Your password was generated. Choose one of your own under “Your account” first, then send this again.")
}

// Data is like [Handlers.Page] for requests of the desk's script: without a session it answers with an error instead
// of a redirect.
func (d *Handlers) Data(next func(*fiber.Ctx, visitor) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		v, err := d.visitor(c)
		if err == nil && mustChangePassword(c, v) {
			err = errMustChangePassword()
		}
		if err != nil {
			return err
		}
		return next(c, v)
	}
}

// formBuilder builds a form from the fields of a failed request, to give back what was typed. It does not use the
// store, which may be unavailable, and runs for clients without a session as well.
type formBuilder func(c *fiber.Ctx, csrf string, p view.Problem) templ.Component

// Form returns the handler of a form. It calls next for a form that one of the desk's own pages has sent, with the
// session's CSRF token. If that fails in a way that next does not show itself, the answer has the form again, with
// what was typed, made by build; nil means that the form has nothing to give back.
//
// The body is only read for users with a session and, with a budget of its own, for forms that provably come from our
// own pages.
func (d *Handlers) Form(limit int, build formBuilder, next func(*fiber.Ctx, visitor) error) fiber.Handler {
	return d.form(d.Rates.Posts, limit, build, next)
}

// Background returns the handler of a form that the composer's script sends while somebody types. It has a quota of its
// own, so that typing does not keep anybody from publishing.
func (d *Handlers) Background(next func(*fiber.Ctx, visitor) error) fiber.Handler {
	return d.form(d.Rates.Copies, web.MaxLargeBody, nil, next)
}

func (d *Handlers) form(
	quota *web.RateLimit, limit int, build formBuilder, next func(*fiber.Ctx, visitor) error,
) fiber.Handler {
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
			err = quota.Take(c, v.user.ID, "forms sent from your account; this one was not saved")
		}
		release, failed := d.ReadForm(c, limit, from, owner)
		if failed != nil {
			return failed
		}
		defer release()
		if err == nil {
			switch {
			case !validToken(c, v):
				err = errFormToken()
			case mustChangePassword(c, v):
				ours, err = true, errMustChangePassword()
			default:
				ours, err = true, next(c, v)
			}
		}
		// Only our own pages get their form back: no other site may obtain an answer with a valid token.
		if err == nil || !ours {
			return err
		}
		return d.answerWithForm(c, v, err, build)
	}
}

func errFormToken() error {
	return liveblog.Errorf(liveblog.Forbidden,
		"This form was opened under another login, so nothing was saved. Check it and send it again.")
}

// answerWithForm answers a failed form with a page that has what was typed.
func (d *Handlers) answerWithForm(c *fiber.Ctx, v visitor, err error, build formBuilder) error {
	p := view.KeptPage{Desk: d.desk(v), Title: "This has not been saved", Problem: problemOf(err)}
	switch web.FailureOf(err).Code {
	case liveblog.Unauthorized:
		p.Problem.Message = "Your session has ended. Log in again, then come back to this page and send it once more."
		p.Problem.Login = loginPath(afterLogin(c))
	case liveblog.Unavailable:
		p.Problem.Message = "The store cannot be reached at the moment. Send this again in a few seconds; it will " +
			"not be saved twice."
	}
	if build != nil {
		csrf := v.csrf
		if csrf == "" { // the session could not be read; if it still exists, the form's token may be valid
			csrf = web.Printable(formText(c, "csrf"))
		}
		p.Form = build(c, csrf, p.Problem)
	}
	return d.answer(c, err, view.Kept(p))
}

// afterLogin returns where a login leads after a form failed: to the page of its blog, or to the list of blogs.
func afterLogin(c *fiber.Ctx) string {
	if slug := c.Params("slug"); slug != "" {
		return "/desk/" + url.PathEscape(slug)
	}
	return "/desk"
}

func (d *Handlers) desk(v visitor) view.Desk {
	return view.Desk{Site: d.Site, User: v.actor(), CSRF: v.csrf}
}

// sameSite refuses forms that pages of other sites send, and bodies that are not forms.
func (d *Handlers) sameSite(c *fiber.Ctx) error {
	r := &http.Request{Method: c.Method(), Host: originHost(c), URL: &url.URL{Path: c.Path()}, Header: http.Header{}}
	for _, name := range []string{"Origin", "Sec-Fetch-Site"} {
		if v := c.Get(name); v != "" {
			r.Header.Set(name, v)
		}
	}
	if err := d.crossOrigin.Check(r); err != nil {
		return &liveblog.Error{Code: liveblog.Forbidden,
			Message: "This form was sent from another site, so it was ignored.", Err: err}
	}
	if kind, _, _ := mime.ParseMediaType(c.Get(fiber.HeaderContentType)); kind != fiber.MIMEApplicationForm {
		return liveblog.Errorf(web.UnsupportedMedia,
			"The desk only accepts forms, as application/x-www-form-urlencoded.")
	}
	return nil
}

// provenOrigin reports whether the browser states that one of our own pages sent the request. Older clients state
// nothing; sameSite lets those pass, provenOrigin does not.
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

// visitor returns the user of the session in the request's cookie. It fails with [liveblog.Unauthorized], or with
// [liveblog.NotFound] if the user may not see the blog in the path at the desk.
func (d *Handlers) visitor(c *fiber.Ctx) (visitor, error) {
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	s, u, err := d.Accounts.SessionUser(ctx, c.Cookies(d.cookieName()))
	v := visitor{user: u, session: s, csrf: s.CSRF}
	if slug := c.Params("slug"); err == nil && slug != "" && liveblog.May(v.actor(), liveblog.SeeBlog, slug) != nil {
		err = liveblog.FieldErrorf(liveblog.NotFound, "slug", "There is no blog “%s”.", slug)
	}
	return v, err
}

// overTLS reports whether browsers reach the desk over TLS.
func (d *Handlers) overTLS() bool { return strings.HasPrefix(d.Site.BaseURL, "https://") }

// cookieName returns a name with the prefix __Host-, which makes browsers insist on Secure and on this very host.
// Without TLS, which is for development only, browsers would refuse such a cookie.
func (d *Handlers) cookieName() string {
	if d.overTLS() {
		return "__Host-readout"
	}
	return "readout_session"
}

// readAnonymousForm reads the form of a page that needs no session. Its errors and release are those of
// [web.Gate.ReadForm].
func (d *Handlers) readAnonymousForm(c *fiber.Ctx) (release func(), err error) {
	if err := d.sameSite(c); err != nil {
		return nil, err
	}
	return d.ReadForm(c, web.MaxSmallBody, d.Bodies.Login, d.AnonymousOwner(c))
}

// startSession gives the browser a new session in place of the one that it has, if any.
func (d *Handlers) startSession(c *fiber.Ctx, secret string, s liveblog.Session) {
	if old := c.Cookies(d.cookieName()); old != "" {
		if err := d.endSession(old); err != nil {
			d.Log.Warn("could not end the session before a new login", "error", err)
		}
	}
	d.setCookie(c, secret, s)
}

func (d *Handlers) setCookie(c *fiber.Ctx, secret string, s liveblog.Session) {
	d.cookie(c, fiber.Cookie{Value: secret, MaxAge: int(s.ExpiresAt.Sub(s.CreatedAt).Seconds())})
}

func (d *Handlers) dropCookie(c *fiber.Ctx) {
	d.cookie(c, fiber.Cookie{Expires: fasthttp.CookieExpireDelete})
}

// cookie sets the session's cookie. It lives for a time and not until one, since the browser's clock may be wrong.
func (d *Handlers) cookie(c *fiber.Ctx, with fiber.Cookie) {
	c.Cookie(&fiber.Cookie{Name: d.cookieName(), Value: with.Value, Path: "/", MaxAge: with.MaxAge,
		Expires: with.Expires, Secure: d.overTLS(), HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode})
}

// loginPath returns the login's path, with the path to return to.
func loginPath(next string) string {
	if next = ownPath(next); next == "" {
		return "/login"
	}
	return "/login?next=" + url.QueryEscape(next)
}

// ownPath returns next if it is a path of this site, and "" for anything that a browser might take for an address of
// another site or that leads to one.
func ownPath(next string) string {
	const maxPath = 512
	if len(next) > maxPath || !strings.HasPrefix(next, "/") ||
		strings.ContainsFunc(next, func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7F }) {
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
