package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"readout/cmd/readout/server"
)

type serveCommand struct {
	database
	Listen         string        `env:"READOUT_LISTEN" default:"127.0.0.1:8080" placeholder:"ADDRESS" help:"Address and port to listen on (${default})."`
	Redis          string        `env:"READOUT_REDIS" placeholder:"URL" help:"Redis that joins several nodes on one database, for example redis://:password@host:6379. Without it this node is all there is."`
	Migrate        bool          `env:"READOUT_MIGRATE" default:"true" negatable:"" help:"Bring the database's schema up to date at the start; with --no-migrate an old one is refused, and readout database migrate does it."`
	BaseURL        string        `env:"READOUT_BASE_URL" placeholder:"URL" help:"Scheme and host that readers use, for example https://live.example. By default the address listened on."`
	EmbedOrigins   []string      `env:"READOUT_EMBED_ORIGINS" placeholder:"ORIGIN" help:"Partner sites that may embed, for example https://news.example. With commas, or repeated."`
	TrustedProxies []string      `env:"READOUT_TRUSTED_PROXIES" placeholder:"ADDRESS" help:"Addresses or ranges of proxies whose X-Forwarded-For is believed. With commas, or repeated."`
	MaxReaders     int           `env:"READOUT_MAX_READERS" default:"0" help:"Live connections at once. By default what the limit of open files allows."`
	Drain          time.Duration `env:"READOUT_DRAIN" default:"5s" help:"How long readers' connections take to be closed at the end, so that they do not come back all at once (${default})."`
	LogLevel       slog.Level    `env:"READOUT_LOG_LEVEL" default:"INFO" help:"DEBUG, INFO, WARN or ERROR (${default})."`
}

// Run serves until the process is told to stop.
func (c *serveCommand) Run(ctx context.Context, io streams) error {
	n, err := server.Open(ctx, server.Settings{
		Listen: c.Listen, Database: c.Database, Redis: c.Redis, KeepSchema: !c.Migrate, BaseURL: strings.TrimSuffix(c.BaseURL, "/"),
		EmbedOrigins: c.EmbedOrigins, TrustedProxies: c.TrustedProxies, MaxReaders: c.MaxReaders, Drain: c.Drain,
		Log: slog.New(slog.NewTextHandler(io.err, &slog.HandlerOptions{Level: c.LogLevel})),
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(io.out, "Readout listens on %s, for readers at %s\n", n.Addr(), n.BaseURL)
	return n.Serve(ctx)
}
