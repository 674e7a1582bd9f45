// Package handlers is Readout's HTTP server: its routes, and what happens between a request and the domain.
//
// What always holds: every answer carries the security headers of its kind. Every failure is answered by one function
// ([server.fail]) from one table, and its cause goes only to the log. Strings and slices of a request are copied if
// they outlive it. A connection that leaves HTTP for good (WebSocket, event stream) is handed to the hub together
// with its ticket; if that fails, the connection is closed and the ticket released.
package handlers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strings"

	"readout/handlers/api"
	"readout/handlers/desk"
	"readout/handlers/partner"
	"readout/handlers/reader"
	"readout/handlers/web"
	"readout/liveblog"
	"readout/realtime"
	"readout/views"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// Options configures the handlers. EmbedOrigins, TrustedProxies, HSTS, Connections, Writes and Mail are
// optional.
type Options struct {
	Store    liveblog.ReadStore
	Desk     *liveblog.Desk
	Accounts *liveblog.Accounts
	Hub      *realtime.Hub
	Site     views.Site
	// EmbedOrigins are the origins of partners that may frame /embed, such as "https://news.example" or
	// "https://*.news.example".
	EmbedOrigins []string
	// TrustedProxies are addresses or CIDR ranges whose X-Forwarded-For is believed.
	TrustedProxies []string
	// HSTS applies if the base URL is https: "host" (default), "subdomains", "preload" or "off".
	HSTS        string
	Connections ConnectionLimits
	// Writes is how many writes per minute one token or person may make; 0 means [web.DefaultWrites].
	Writes int
	// Mail sends invitations; nil means that links are only shown.
	Mail func(ctx context.Context, to, subject, text string) error
	Log  *slog.Logger
}

// Validate checks the options that [New] needs. Its error is one line for the operator.
func (o Options) Validate() error {
	if o.Store == nil || o.Desk == nil || o.Accounts == nil || o.Hub == nil || o.Log == nil {
		return errors.New("handlers: Store, Desk, Accounts, Hub and Log are required")
	}
	return o.CheckSettings()
}

// CheckSettings checks what an operator sets: the base URL, EmbedOrigins, TrustedProxies, HSTS and Writes. Its error is
// one line that names the setting.
func (o Options) CheckSettings() error {
	if !isOrigin(o.Site.BaseURL) {
		return fmt.Errorf("the base URL %q must be a scheme and a host such as https://live.example, "+
			"without a path or a trailing slash", o.Site.BaseURL)
	}
	for _, origin := range o.EmbedOrigins {
		if err := checkOrigin(origin); err != nil {
			return err
		}
	}
	if _, ok := hstsValues[o.HSTS]; !ok {
		return fmt.Errorf("the HSTS setting %q must be host, subdomains, preload or off", o.HSTS)
	}
	if o.Writes < 0 {
		return errors.New("the number of writes per minute cannot be negative")
	}
	_, err := web.ParseProxies(o.TrustedProxies)
	return err
}

// checkOrigin refuses anything but a single origin, since the text goes into the frame-ancestors of a policy.
func checkOrigin(origin string) error {
	if !isOrigin(origin) {
		return fmt.Errorf("the embed origin %q must be a scheme and a host such as https://news.example", origin)
	}
	return nil
}

// isOrigin reports whether s is a scheme and a host that can be part of a header.
func isOrigin(s string) bool {
	u, err := url.Parse(s)
	unsafe := func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`;,'"`, r) }
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" &&
		u.Scheme+"://"+u.Host == s && !strings.ContainsFunc(s, unsafe)
}

// server holds the handlers of each kind of user, and what runs around them.
type server struct {
	Options
	*web.Gate
	pages    *web.Pages
	policies policies
	conns    *connections
	live     *reader.Live
	reader   *reader.Handlers
	partner  *partner.Handlers
	desk     *desk.Handlers
	api      *api.Handlers
}

// App is the HTTP application with all its routes.
type App struct {
	*fiber.App
	server *server
}

// New returns the application. The caller serves it with [App.Listener]. Shutting the application down does not close
// the live connections, which belong to the hub; while the caller drains the hub, the application still answers
// requests. New panics if [Options.Validate] fails.
func New(opt Options) *App {
	s, app := newServer(opt)
	return &App{app, s}
}

// Listener serves connections from ln, within the limits of [Options.Connections], until ln is closed. Other errors
// of Accept do not end it.
func (a *App) Listener(ln net.Listener) error {
	return a.App.Listener(a.server.listener(ln))
}

// ForgetPages drops all cached pages and returns how many there were. The caller does so after a purge, on this node or
// on another one.
func (a *App) ForgetPages() int { return a.server.pages.Forget() }

func newServer(opt Options) (*server, *fiber.App) {
	if err := opt.Validate(); err != nil {
		panic(err)
	}
	proxies, _ := web.ParseProxies(opt.TrustedProxies) // Validate has checked them
	writes := cmp.Or(opt.Writes, web.DefaultWrites)
	g := web.NewGate(proxies, writes, web.NewLogBudget(opt.Log))
	pages := web.NewPages(opt.Store, opt.Log)
	s := &server{
		Options:  opt,
		Gate:     g,
		pages:    pages,
		policies: newPolicies(opt.Site.BaseURL, opt.EmbedOrigins, opt.HSTS),
		conns:    newConnections(opt.Connections, proxies),
		live:     &reader.Live{Gate: g, Store: opt.Store, Hub: opt.Hub, Log: opt.Log},
		reader:   &reader.Handlers{Pages: pages, Store: opt.Store, Site: opt.Site},
		partner:  &partner.Handlers{Pages: pages, Store: opt.Store, Site: opt.Site},
		desk: desk.New(desk.Handlers{Gate: g, Store: opt.Store, Desk: opt.Desk, Accounts: opt.Accounts,
			Site: opt.Site, Log: opt.Log, Mail: opt.Mail}),
		api: &api.Handlers{Gate: g, Store: opt.Store, Desk: opt.Desk, Accounts: opt.Accounts, Site: opt.Site},
	}
	app := fiber.New(fiber.Config{
		AppName: "Readout",
		// The server reads one byte at most; the handlers read the rest, with limits of their own.
		BodyLimit:                    1,
		CaseSensitive:                true,
		DisableDefaultDate:           true, // see begin
		DisablePreParseMultipartForm: true,
		DisableStartupMessage:        true,
		ErrorHandler:                 s.fail,
		IdleTimeout:                  web.IdleTimeout,
		Immutable:                    true,
		Network:                      "tcp",
		ReadBufferSize:               web.MaxRequestHeader,
		ReadTimeout:                  web.HeaderTimeout,
		StreamRequestBody:            true,
		WriteTimeout:                 web.ResponseTimeout,
	})
	server := app.Server()
	server.KeepHijackedConns = true
	server.ConnState = func(conn net.Conn, state fasthttp.ConnState) {
		s.live.ConnState(conn, state)
		s.conns.connState(conn, state)
	}
	server.HeaderReceived = web.HeaderReceived
	server.Logger = s.LogBudget
	server.SecureErrorLogMessage = true // its errors are logged, and requests contain secrets
	server.ErrorHandler = s.onReadError(app)
	server.Handler = s.DiscardUnread(s.rejectMalformed(app))
	server.ExpectHandler = web.ExpectContinue(server.Handler)
	s.routes(app)
	return s, app
}

// listener makes room for the connections that it accepts.
func (s *server) listener(ln net.Listener) net.Listener {
	return s.conns.listen(ln, func(kind, example string) { s.LogBudget.Note(slog.LevelWarn, kind, example) })
}
