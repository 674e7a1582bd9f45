// Package handlers is Readout's HTTP: routes, and the way from requests to the domain and from errors to answers.
//
// What always holds: every answer carries the security headers of its kind; every failure goes through one table
// and one place ([server.fail]), and its cause goes only to the log; nothing that belongs to a request outlives
// it uncopied; a connection that leaves HTTP for good (WebSocket, event stream) is handed to the hub with its
// ticket, or both are given back.
package handlers

import (
	"cmp"
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

// Options are what the handlers stand on. All are required but EmbedOrigins, TrustedProxies, HSTS, Connections and Writes.
type Options struct {
	Store          liveblog.ReadStore
	Desk           *liveblog.Desk
	Accounts       *liveblog.Accounts
	Hub            *realtime.Hub
	Site           views.Site
	EmbedOrigins   []string // origins of partners that may frame /embed, e.g. "https://news.example" or "https://*.news.example"
	TrustedProxies []string // addresses or CIDR ranges whose X-Forwarded-For is believed
	HSTS           string   // for an https base URL: "host" (default), "subdomains", "preload" or "off"
	Connections    ConnectionLimits
	Writes         int // writes a minute of one token or person; 0 means [DefaultWrites]
	Log            *slog.Logger
}

// Validate reports settings that [New] cannot work with, in one line for the operator.
func (o Options) Validate() error {
	if o.Store == nil || o.Desk == nil || o.Accounts == nil || o.Hub == nil || o.Log == nil {
		return errors.New("handlers: Store, Desk, Accounts, Hub and Log are required")
	}
	if u, err := url.Parse(o.Site.BaseURL); err != nil || !isWeb(u) || u.Host == "" || strings.HasSuffix(o.Site.BaseURL, "/") {
		return fmt.Errorf("the base URL %q must be a scheme and a host such as https://live.example, without a slash at the end", o.Site.BaseURL)
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
		return errors.New("the number of writes a minute cannot be negative")
	}
	_, err := web.ParseProxies(o.TrustedProxies)
	return err
}

// checkOrigin keeps what is not one origin out of the frame-ancestors of a policy.
func checkOrigin(origin string) error {
	u, err := url.Parse(origin)
	if err != nil || !isWeb(u) || u.Host == "" || u.Scheme+"://"+u.Host != origin || strings.ContainsAny(origin, ";, '\"") {
		return fmt.Errorf("the embed origin %q must be a scheme and a host such as https://news.example", origin)
	}
	return nil
}

func isWeb(u *url.URL) bool { return u.Scheme == "http" || u.Scheme == "https" }

// server is what is around every handler. The rooms below it have the handlers.
type server struct {
	Options
	*web.Gate
	kept     *web.Pages
	policies policies
	conns    *connections
	live     *reader.Live
	reader   *reader.Handlers
	partner  *partner.Handlers
	desk     *desk.Handlers
	api      *api.Handlers
}

// App is the application with all its routes.
type App struct {
	*fiber.App
	server *server
}

// New returns the application. The caller serves it, and shuts it down while the hub is drained, whose connections it
// knows nothing of: requests are answered meanwhile. It panics on settings that [Options.Validate] reports.
func New(opt Options) *App {
	s, app := newServer(opt)
	return &App{app, s}
}

// Listener serves connections within the limits of [Options.Connections] until ln is closed, whatever errors accept
// returns meanwhile.
func (a *App) Listener(ln net.Listener) error {
	return a.App.Listener(a.server.listener(ln))
}

func newServer(opt Options) (*server, *fiber.App) {
	if err := opt.Validate(); err != nil {
		panic(err)
	}
	proxies, _ := web.ParseProxies(opt.TrustedProxies) // Validate has parsed them already
	writes := cmp.Or(opt.Writes, web.DefaultWrites)
	g := web.NewGate(proxies, writes, web.NewLogBudget(opt.Log))
	kept := web.NewPages(opt.Store, opt.Log)
	s := &server{Options: opt, Gate: g, kept: kept, policies: newPolicies(opt), conns: newConnections(opt.Connections, proxies),
		live:    &reader.Live{Gate: g, Store: opt.Store, Hub: opt.Hub, Log: opt.Log},
		reader:  &reader.Handlers{Pages: kept, Store: opt.Store, Site: opt.Site},
		partner: &partner.Handlers{Pages: kept, Store: opt.Store, Site: opt.Site},
		desk:    desk.New(desk.Handlers{Gate: g, Store: opt.Store, Desk: opt.Desk, Accounts: opt.Accounts, Site: opt.Site, Log: opt.Log}),
		api:     &api.Handlers{Gate: g, Store: opt.Store, Desk: opt.Desk, Accounts: opt.Accounts, Site: opt.Site},
	}
	app := fiber.New(fiber.Config{
		AppName:                      "Readout",
		BodyLimit:                    1, // what the server reads before the handlers run; they read the rest
		CaseSensitive:                true,
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
	server.SecureErrorLogMessage = true // its errors go to the log, and requests hold secrets
	server.ErrorHandler = s.unreadable(app)
	server.Handler = s.DiscardUnread(s.wellFormed(app))
	server.ExpectHandler = web.ExpectContinue(server.Handler)
	s.routes(app)
	return s, app
}
