package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"syscall"
	"time"

	"readout/handlers"
	"readout/liveblog"
	"readout/realtime"
	"readout/store"
	"readout/views"

	"github.com/gofiber/fiber/v2"
)

// siteName is how the publication calls itself on its pages.
const siteName = "Readout"

// settings are what a node is made from.
type settings struct {
	listen         string
	database       string
	keepSchema     bool         // refuse an old schema rather than bring it up to date
	redis          string       // "" for a node that is all there is
	around         aroundBroker // nil for nothing
	baseURL        string       // "" for the address that the node listens on
	embedOrigins   []string
	trustedProxies []string
	maxReaders     int // 0 for what the limit of open files allows
	drain          time.Duration
	log            *slog.Logger
}

// node is one running server: the store, the hub and the site on one listener.
type node struct {
	settings
	store    liveblog.Store
	broker   liveblog.Broker
	desk     *liveblog.Desk
	accounts *liveblog.Accounts
	hub      *realtime.Hub
	app      *fiber.App
	listener net.Listener
}

// newNode opens everything and listens, but does not serve yet. What it opened is closed when it fails.
func newNode(ctx context.Context, s settings) (_ *node, err error) {
	n := &node{settings: s}
	defer func() {
		if err != nil {
			n.close()
		}
	}()
	if s.listen == "" {
		return nil, errors.New("the address to listen on is empty; give one such as 127.0.0.1:8080")
	}
	if n.listener, err = net.Listen("tcp", s.listen); err != nil {
		return nil, fmt.Errorf("cannot listen: %w", err)
	}
	if n.baseURL == "" {
		n.baseURL = localURL(n.listener.Addr())
	}
	open := store.Open
	if s.keepSchema {
		open = store.OpenMigrated
	}
	if n.store, err = open(ctx, s.database); err != nil {
		return nil, err
	}
	if n.broker, err = openBroker(ctx, s); err != nil {
		return nil, err
	}
	readers := s.maxReaders
	if readers == 0 {
		readers = readerPlaces()
	}
	n.hub, err = realtime.NewHub(realtime.Options{
		Store: n.store, Broker: n.broker, Log: s.log, MaxClients: readers,
		Renderer: realtime.Renderer{Entry: views.EntryHTML, Note: views.NoteHTML, Head: views.HeadHTML, Data: handlers.EntryData, Talks: handlers.TalksParts},
	})
	if err != nil {
		return nil, err
	}
	n.desk = liveblog.NewDesk(n.store, n.broker, liveblog.DeskOptions{Log: s.log, CheckBody: views.CheckBody})
	n.accounts = newAccounts(n.store)
	opt := handlers.Options{
		Store: n.store, Desk: n.desk, Accounts: n.accounts, Hub: n.hub,
		Site:         views.Site{Name: siteName, BaseURL: n.baseURL},
		EmbedOrigins: s.embedOrigins, TrustedProxies: s.trustedProxies, Log: s.log,
	}
	if err := opt.Validate(); err != nil {
		return nil, err
	}
	n.app = handlers.New(opt)
	return n, nil
}

// openBroker returns the broker that the settings ask for.
func openBroker(ctx context.Context, s settings) (liveblog.Broker, error) {
	var b liveblog.Broker = realtime.NewLocalBroker()
	if s.redis != "" {
		redis, err := realtime.OpenRedis(ctx, s.redis, realtime.RedisOptions{Log: s.log})
		if err != nil {
			return nil, err
		}
		b = redis
	}
	if s.around != nil {
		b = s.around(b)
	}
	return b, nil
}

// requestGrace is how long requests may take to finish after the readers have been sent away.
const requestGrace = 10 * time.Second

// balancerNotice is how long a balancer may take to see that a node ends. Until then its listener stays open, so that no
// request meets a closed door.
const balancerNotice = 3 * time.Second

// serve answers until ctx is done, then sends the readers away, finishes requests and closes everything.
func (n *node) serve(ctx context.Context) error {
	served := make(chan error, 1)
	go func() { served <- n.app.Listener(n.listener) }()
	housekeeping, stop := context.WithCancel(ctx)
	defer stop()
	go n.expire(housekeeping)

	select {
	case err := <-served:
		n.close()
		return err
	case <-ctx.Done():
	}
	n.log.Info("shutting down", "readers_have", n.drain)
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), n.drain+requestGrace)
	defer cancel()
	drained := make(chan error, 1)
	go func() { drained <- n.hub.Drain(end, n.drain) }()
	// From now on no reader is admitted and /readyz says so; other requests are answered until a balancer knows.
	<-time.After(min(n.drain, balancerNotice))
	err := n.app.ShutdownWithContext(end)
	if err := <-drained; err != nil {
		n.log.Warn("some readers did not leave in time", "error", err)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		n.log.Warn("some requests did not finish in time")
		err = nil
	}
	n.close()
	return err
}

// expire clears what has run out, now and every hour.
func (n *node) expire(ctx context.Context) {
	t := time.NewTicker(time.Hour)
	defer t.Stop()
	for {
		if err := n.store.Expire(ctx, time.Now()); err != nil && ctx.Err() == nil {
			n.log.Warn("old sessions and keys could not be cleared", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// close releases what was opened, in the order of who depends on whom.
func (n *node) close() {
	if n.hub != nil {
		n.hub.Close()
	}
	if n.broker != nil {
		n.broker.Close()
	}
	if n.store != nil {
		if err := n.store.Close(); err != nil {
			n.log.Warn("closing the store", "error", err)
		}
	}
	if n.listener != nil {
		n.listener.Close()
	}
}

// localURL is the address to open in a browser on this machine.
func localURL(a net.Addr) string {
	host, port, _ := net.SplitHostPort(a.String())
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// readerPlaces is how many readers the limit of open files leaves room for: a tenth and a few are for everything
// else, and a connection has two descriptors for the moment in which it changes hands.
func readerPlaces() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 1000
	}
	files := int(min(limit.Cur, 1<<20))
	return max(100, files-files/10-200)
}
