// Package server wires one node of Readout together: the store, the broker, the hub and the site on one listener.
//
// [Open] either returns a node that listens, or closes everything that it opened. [Node.Serve] closes readers'
// connections before it ends requests, and ends requests before it closes the store.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"readout/cmd/readout/passwords"
	"readout/handlers"
	"readout/liveblog"
	"readout/realtime"
	"readout/store"
	"readout/views"
	"readout/views/markdown"
	"readout/views/talks"

	"github.com/alexedwards/argon2id"
)

// siteName is how the publication calls itself on its pages.
const siteName = "Readout"

// Settings configure a node. Listen, Database and Log are required.
type Settings struct {
	Listen     string // address and port; port 0 means any free port
	Database   string // sqlite:FILE or postgres://…
	KeepSchema bool   // refuse an old schema instead of bringing it up to date
	Redis      string // URL; "" means that this node is the only one
	BaseURL    string // scheme and host that readers use; "" means the address that the node listens on

	// AroundBroker wraps the node's broker; nil leaves it as it is. Tests make the broker fail with it.
	AroundBroker func(liveblog.Broker) liveblog.Broker

	EmbedOrigins   []string      // as in [handlers.Options]
	TrustedProxies []string      // as in [handlers.Options]
	HSTS           string        // as in [handlers.Options]
	MaxReaders     int           // live connections; 0 means what the limit of open files allows
	MaxPerAddress  int           // live connections from one address; 0 means a share of all
	Writes         int           // writes a minute by one token or person; 0 means the default
	AuditKeep      time.Duration // how long the audit is kept; 0 means for ever
	Sessions       SessionLife   // when sessions at the desk end
	SMTP           string        // URL of the server that mails invitations; "" for none
	MailFrom       string        // the sender of mails; required with SMTP
	Drain          time.Duration // how long the node takes to close readers' connections when it stops
	Log            *slog.Logger
}

// Node is one running server.
type Node struct {
	Settings
	Store    liveblog.Store
	Desk     *liveblog.Desk
	Accounts *liveblog.Accounts

	broker   liveblog.Broker
	hub      *realtime.Hub
	app      *handlers.App
	listener net.Listener
}

// Open opens the store and the broker and starts to listen, but does not serve yet. If it fails, it closes what it
// opened. The caller must call [Node.Serve] or [Node.Close].
func Open(ctx context.Context, s Settings) (_ *Node, err error) {
	n := &Node{Settings: s}
	defer func() {
		if err != nil {
			n.Close()
		}
	}()
	if err := s.check(); err != nil {
		return nil, err
	}
	if s.Listen == "" {
		return nil, errors.New("the address to listen on is empty; give one such as 127.0.0.1:8080")
	}
	if n.listener, err = net.Listen("tcp", s.Listen); err != nil {
		return nil, fmt.Errorf("cannot listen: %w", err)
	}
	if n.BaseURL == "" {
		n.BaseURL = localURL(n.listener.Addr())
	}
	opt := handlers.Options{
		Site:         views.Site{Name: siteName, BaseURL: n.BaseURL},
		EmbedOrigins: s.EmbedOrigins, TrustedProxies: s.TrustedProxies, HSTS: s.HSTS, Writes: s.Writes, Log: s.Log,
	}
	if err := opt.CheckSettings(); err != nil {
		return nil, err // before a database is created
	}
	mail, err := newMailer(s.SMTP, s.MailFrom)
	if err != nil {
		return nil, err
	}
	if mail != nil {
		opt.Mail = mail.send
	}
	warnOfPlaintext(ctx, s.Log, s.Database, s.Redis, net.DefaultResolver.LookupNetIP)
	if n.broker, err = openBroker(ctx, s); err != nil {
		return nil, err
	}
	open := store.Open
	if s.KeepSchema {
		open = store.OpenMigrated
	}
	if n.Store, err = open(ctx, s.Database); err != nil {
		return nil, err
	}
	share := n.shareDescriptors()
	n.hub, err = realtime.NewHub(realtime.Options{
		Store: n.Store, Broker: n.broker, Log: s.Log, MaxClients: share.readers, MaxPerAddress: s.MaxPerAddress,
		Renderer: handlers.Renderer(),
	})
	if err != nil {
		return nil, err
	}
	n.Desk = liveblog.NewDesk(n.Store, n.broker, liveblog.DeskOptions{Log: s.Log, CheckBody: markdown.Check,
		Headline: talks.Headline})
	n.Accounts = newAccounts(n.Store, s.Sessions)
	opt.Store, opt.Desk, opt.Accounts, opt.Hub = n.Store, n.Desk, n.Accounts, n.hub
	opt.Connections = handlers.ConnectionLimits{Total: share.plain}
	if err := opt.Validate(); err != nil {
		return nil, err
	}
	n.app = handlers.New(opt)
	return n, nil
}

// check refuses numbers that make no sense, rather than take them for something else.
func (s Settings) check() error {
	for _, setting := range []struct {
		name  string
		value int64
	}{
		{"max-readers", int64(s.MaxReaders)}, {"max-readers-per-address", int64(s.MaxPerAddress)},
		{"writes", int64(s.Writes)}, {"drain", int64(s.Drain)}, {"audit-keep", int64(s.AuditKeep)},
		{"session-idle", int64(s.Sessions.Idle)}, {"session-longest", int64(s.Sessions.Longest)},
	} {
		if setting.value < 0 {
			return fmt.Errorf("the setting %s cannot be negative", setting.name)
		}
	}
	if s.AuditKeep != 0 && s.AuditKeep < liveblog.MinAuditKeep {
		return fmt.Errorf("the setting audit-keep must be 0, which keeps the audit for ever, or %d days or more",
			liveblog.MinAuditKeep/(24*time.Hour))
	}
	return nil
}

// Addr returns the address that the node listens on.
func (n *Node) Addr() net.Addr { return n.listener.Addr() }

// passwordCost is the second of OWASP's settings for argon2id: 19 MiB, two passes, one lane. A hash takes about 50 ms.
var passwordCost = argon2id.Params{Memory: 19 << 10, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// SessionLife says when sessions end; zero means the default.
type SessionLife struct {
	Idle    time.Duration // without a request
	Longest time.Duration // in any case
}

// NewAccounts returns the accounts of a store, for commands, which start no sessions.
func NewAccounts(s liveblog.AccountStore) *liveblog.Accounts { return newAccounts(s, SessionLife{}) }

// newAccounts returns the accounts of a store. It hashes passwords with argon2id.
func newAccounts(s liveblog.AccountStore, life SessionLife) *liveblog.Accounts {
	return liveblog.NewAccounts(s, liveblog.AccountsOptions{
		HashPassword: func(password string) (string, error) { return argon2id.CreateHash(password, &passwordCost) },
		VerifyPassword: func(password, hash string) bool {
			ok, err := argon2id.ComparePasswordAndHash(password, hash)
			return err == nil && ok
		},
		CommonPassword: passwords.Common(),
		SiteName:       siteName,
		SessionIdle:    life.Idle,
		SessionLength:  life.Longest,
	})
}

// openBroker returns the broker that the settings ask for.
func openBroker(ctx context.Context, s Settings) (liveblog.Broker, error) {
	var b liveblog.Broker = realtime.NewLocalBroker()
	if s.Redis != "" {
		redis, err := realtime.OpenRedis(ctx, s.Redis, realtime.RedisOptions{Log: s.Log})
		if err != nil {
			return nil, err
		}
		b = redis
	}
	if s.AroundBroker != nil {
		b = s.AroundBroker(b)
	}
	return b, nil
}

// RequestGrace is how long requests may take to finish after [Settings].Drain has passed.
const RequestGrace = 10 * time.Second

// balancerNotice is how long a load balancer may take to notice that a node is stopping. Until then the node accepts
// connections, so that no request fails.
const balancerNotice = 3 * time.Second

// Serve answers until ctx is done, then closes readers' connections, waits for requests to finish, and closes the node.
func (n *Node) Serve(ctx context.Context) error {
	served := make(chan error, 1)
	go func() { served <- n.app.Listener(n.listener) }()
	housekeeping, stop := context.WithCancel(ctx)
	defer stop()
	go n.expire(housekeeping)
	go n.watchClock(housekeeping)
	go n.watchPurges(housekeeping)

	select {
	case err := <-served:
		n.Close()
		return err
	case <-ctx.Done():
	}
	n.Log.Info("shutting down", "drain", n.Drain)
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), n.Drain+RequestGrace)
	defer cancel()
	drained := make(chan error, 1)
	go func() { drained <- n.hub.Drain(end, n.Drain) }()
	// The draining hub admits no reader, and /readyz fails. The node answers other requests until a balancer notices.
	<-time.After(min(n.Drain, balancerNotice))
	err := n.app.ShutdownWithContext(end)
	if err := <-drained; err != nil {
		n.Log.Warn("some readers' connections were not closed in time", "error", err)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		n.Log.Warn("some requests did not finish in time")
		err = nil
	}
	n.Close()
	return err
}

// expire deletes expired sessions, idempotency keys and audit lines, now and every hour.
func (n *Node) expire(ctx context.Context) {
	t := time.NewTicker(time.Hour)
	defer t.Stop()
	for {
		now := n.Store.Now()
		err := n.Store.Expire(ctx, now)
		if err == nil && n.AuditKeep > 0 {
			err = n.Store.ExpireAudit(ctx, now.Add(-n.AuditKeep))
		}
		if err != nil && ctx.Err() == nil {
			n.Log.Warn("what has expired was not deleted; the next attempt is in an hour", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// purgeCheck is how often the node asks the store whether any node has purged texts.
const purgeCheck = time.Second

// watchPurges makes the node forget the pages, the talks and the changes that it keeps when texts were purged. It asks
// the store and not the broker, which may lose a message: a page that is cached must not come back when the store is
// away.
func (n *Node) watchPurges(ctx context.Context) {
	t := time.NewTicker(purgeCheck)
	defer t.Stop()
	for seen := ""; ; {
		query, cancel := context.WithTimeout(ctx, purgeCheck*5)
		now, err := n.Store.Purges(query)
		cancel()
		if err == nil && now != seen {
			forgotten := n.app.ForgetPages()
			if seen != "" {
				n.Log.Info("texts were purged; this node has forgotten the pages that it kept", "pages", forgotten)
			}
			seen = now
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// clockCheck is how often the node compares its clock with the store's.
const clockCheck = 10 * time.Second

// watchClock logs when the node's clock departs from the store's, and when it is right again.
func (n *Node) watchClock(ctx context.Context) {
	t := time.NewTicker(clockCheck)
	defer t.Stop()
	for wrong := false; ; {
		skew := n.Store.Condition().ClockSkew
		switch now := skew.Abs() > handlers.MaxClockSkew; {
		case now && !wrong:
			n.Log.Warn(handlers.ClockTrouble(skew) +
				" Times that are kept are the database's; correct this machine's clock.")
			wrong = true
		case !now && wrong:
			n.Log.Info("the clock of this node agrees with the database's again")
			wrong = false
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// Close closes what [Open] opened: each part before those that it uses.
func (n *Node) Close() {
	if n.hub != nil {
		n.hub.Close()
	}
	if n.broker != nil {
		n.broker.Close()
	}
	if n.Store != nil {
		if err := n.Store.Close(); err != nil {
			n.Log.Warn("the store did not close cleanly", "error", err)
		}
	}
	if n.listener != nil {
		n.listener.Close()
	}
}

// localURL returns the URL of a listener for a browser on this machine.
func localURL(a net.Addr) string {
	host, port, _ := net.SplitHostPort(a.String())
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}
