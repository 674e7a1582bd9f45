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
	HSTS           string        `env:"READOUT_HSTS" default:"host" help:"With an https base URL, what browsers are told for a year to reach by HTTPS only: host, subdomains, preload (subdomains, and a mark for the browsers' own list) or off (${default})."`
	MaxReaders     int           `env:"READOUT_MAX_READERS" default:"0" help:"Live connections at once. By default what the limit of open files allows."`
	PerAddress     int           `name:"max-readers-per-address" env:"READOUT_MAX_READERS_PER_ADDRESS" default:"0" help:"Live connections of one public address at once, an IPv6 /64 being one. By default a tenth of all."`
	Writes         int           `env:"READOUT_WRITES" default:"1200" help:"Writes a minute that one token, or one person at the desk, may make at this node (${default})."`
	Drain          time.Duration `env:"READOUT_DRAIN" default:"5s" help:"How long readers' connections take to be closed at the end, so that they do not come back all at once (${default})."`
	LogLevel       slog.Level    `env:"READOUT_LOG_LEVEL" default:"INFO" help:"DEBUG, INFO, WARN or ERROR (${default})."`
}

// Run serves until the process is told to stop.
func (c *serveCommand) Run(ctx context.Context, io streams) error {
	log := slog.New(slog.NewTextHandler(io.err, &slog.HandlerOptions{Level: c.LogLevel}))
	limitMemory(log)
	n, err := server.Open(ctx, server.Settings{
		Listen: c.Listen, Database: c.Database, Redis: c.Redis, KeepSchema: !c.Migrate, BaseURL: strings.TrimSuffix(c.BaseURL, "/"),
		EmbedOrigins: c.EmbedOrigins, TrustedProxies: c.TrustedProxies, HSTS: c.HSTS,
		MaxReaders: c.MaxReaders, MaxPerAddress: c.PerAddress, Writes: c.Writes, Drain: c.Drain, Log: log,
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(io.out, "Readout listens on %s, for readers at %s\n", n.Addr(), n.BaseURL)
	return n.Serve(ctx)
}
