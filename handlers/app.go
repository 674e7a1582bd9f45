// Package handlers is Readout's HTTP: routes, and the way from requests to the domain and from errors to answers.
package handlers

import (
	"log/slog"

	"readout/liveblog"
	"readout/realtime"
	"readout/views"

	"github.com/gofiber/fiber/v2"
)

// Options are what the handlers stand on. All are required but EmbedOrigins and TrustedProxies.
type Options struct {
	Store          liveblog.Store
	Desk           *liveblog.Desk
	Accounts       *liveblog.Accounts
	Hub            *realtime.Hub
	Site           views.Site
	EmbedOrigins   []string // origins of partners that may frame /embed, e.g. "https://news.example"
	TrustedProxies []string // addresses or CIDR ranges whose X-Forwarded-For is believed
	Log            *slog.Logger
}

// server is what every handler is a method of.
type server struct{ Options }

// New returns the application with all its routes.
func New(opt Options) *fiber.App {
	s := &server{opt}
	app := fiber.New()
	s.routes(app)
	return app
}

func (s *server) routes(app *fiber.App) {}
