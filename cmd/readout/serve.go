package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

type serveCommand struct {
	database
	Listen         string        `env:"READOUT_LISTEN" default:"127.0.0.1:8080" placeholder:"ADDRESS" help:"Address and port to listen on (${default})."`
	BaseURL        string        `env:"READOUT_BASE_URL" placeholder:"URL" help:"Scheme and host that readers use, for example https://live.example. By default the address listened on."`
	EmbedOrigins   []string      `env:"READOUT_EMBED_ORIGINS" placeholder:"ORIGIN" help:"Partner sites that may embed, for example https://news.example. With commas, or repeated."`
	TrustedProxies []string      `env:"READOUT_TRUSTED_PROXIES" placeholder:"ADDRESS" help:"Addresses or ranges of proxies whose X-Forwarded-For is believed. With commas, or repeated."`
	MaxReaders     int           `env:"READOUT_MAX_READERS" default:"0" help:"Live connections at once. By default what the limit of open files allows."`
	Drain          time.Duration `env:"READOUT_DRAIN" default:"5s" help:"How long readers' connections take to be closed at the end, so that they do not come back all at once (${default})."`
	LogLevel       slog.Level    `env:"READOUT_LOG_LEVEL" default:"INFO" help:"DEBUG, INFO, WARN or ERROR (${default})."`
}

// Run serves until the process is told to stop.
func (c *serveCommand) Run(ctx context.Context, io streams) error {
	n, err := newNode(ctx, settings{
		listen: c.Listen, database: c.Database, baseURL: strings.TrimSuffix(c.BaseURL, "/"),
		embedOrigins: c.EmbedOrigins, trustedProxies: c.TrustedProxies, maxReaders: c.MaxReaders, drain: c.Drain,
		log: slog.New(slog.NewTextHandler(io.err, &slog.HandlerOptions{Level: c.LogLevel})),
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(io.out, "Readout listens on %s, for readers at %s\n", n.listener.Addr(), n.baseURL)
	return n.serve(ctx)
}
