package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"readout/cmd/readout/server"
)

// serveCommand has the settings of the server. The blank lines keep gofmt from aligning the tags too far to the right.
type serveCommand struct {
	openedDatabase

	Listen string `env:"READOUT_LISTEN" default:"${default_listen}" placeholder:"ADDRESS" help:"${serve_listen}"`

	Redis          string   `env:"READOUT_REDIS" placeholder:"URL" help:"${redis}"`
	BaseURL        string   `env:"READOUT_BASE_URL" placeholder:"URL" help:"${base_url}"`
	EmbedOrigins   []string `env:"READOUT_EMBED_ORIGINS" placeholder:"ORIGIN" help:"${embed_origins}"`
	TrustedProxies []string `env:"READOUT_TRUSTED_PROXIES" placeholder:"ADDRESS" help:"${trusted_proxies}"`
	HSTS           string   `env:"READOUT_HSTS" default:"host" help:"${hsts} (${default})."`
	MaxReaders     int      `env:"READOUT_MAX_READERS" default:"0" help:"${max_readers}"`

	MaxReadersPerAddress int `env:"READOUT_MAX_READERS_PER_ADDRESS" default:"0" help:"${max_readers_per_address}"`

	AuditKeep time.Duration `env:"READOUT_AUDIT_KEEP" default:"0s" placeholder:"DURATION" help:"${audit_keep}"`

	SMTP     string `name:"smtp" env:"READOUT_SMTP" placeholder:"URL" help:"${smtp}"`
	MailFrom string `env:"READOUT_MAIL_FROM" placeholder:"ADDRESS" help:"The sender of mails."`

	Writes int           `env:"READOUT_WRITES" default:"1200" help:"${writes} (${default})."`
	Drain  time.Duration `env:"READOUT_DRAIN" default:"5s" help:"${drain} (${default})."`

	SessionIdle    time.Duration `env:"READOUT_SESSION_IDLE" default:"2h" help:"${session_idle} (${default})."`
	SessionLongest time.Duration `env:"READOUT_SESSION_LONGEST" default:"12h" help:"${session_longest} (${default})."`

	LogLevel slog.Level `env:"READOUT_LOG_LEVEL" default:"INFO" help:"DEBUG, INFO, WARN or ERROR (${default})."`
}

// Run serves until ctx is done.
func (c *serveCommand) Run(ctx context.Context, io streams) error {
	log := slog.New(slog.NewTextHandler(io.err, &slog.HandlerOptions{Level: c.LogLevel}))
	limitMemory(log)
	n, err := server.Open(ctx, server.Settings{
		Listen:         c.Listen,
		Database:       c.Database,
		Redis:          c.Redis,
		KeepSchema:     !c.Migrate,
		BaseURL:        strings.TrimSuffix(c.BaseURL, "/"),
		EmbedOrigins:   c.EmbedOrigins,
		TrustedProxies: c.TrustedProxies,
		HSTS:           c.HSTS,
		MaxReaders:     c.MaxReaders,
		MaxPerAddress:  c.MaxReadersPerAddress,
		Writes:         c.Writes,
		AuditKeep:      c.AuditKeep,
		Sessions:       server.SessionLife{Idle: c.SessionIdle, Longest: c.SessionLongest},
		SMTP:           c.SMTP,
		MailFrom:       c.MailFrom,
		Drain:          c.Drain,
		Log:            log,
	})
	if err != nil {
		return err
	}
	db := n.Store.Condition()
	created := ""
	if db.Created {
		created = ", created just now"
	}
	// One write, so that whoever reads the first line has the address of the first run too.
	fmt.Fprintf(io.out, "Readout listens on %s, for readers at %s (database %s%s)\n%s",
		n.Addr(), n.BaseURL, db.Database, created, firstRun(ctx, n))
	return n.Serve(ctx)
}

// firstRun offers the one-time address for the first admin on a database without users, and returns what the server
// prints about it. The address is in the log too, where operators of containers look; nothing else logs a secret.
func firstRun(ctx context.Context, n *server.Node) string {
	secret, err := n.Accounts.OfferFirstRun(ctx)
	if err != nil {
		n.Log.Warn("an address for the first admin could not be made", "error", err)
	}
	if err != nil || secret == "" {
		return ""
	}
	address := n.BaseURL + "/setup/" + secret
	n.Log.Info("nobody has a login yet; within an hour the first admin can be made at this address, once",
		"address", address)
	return "Nobody has a login yet. Within an hour, make the first admin and the first blog at " + address + "\n"
}
