// Command dying is a node with a failpoint: it kills itself between the commit and the publication of one of its
// writes. The environment variable [program.DiesAt] says of which one. Its flags are those of `readout serve` that the
// tests use.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"readout/cmd/readout/acceptance/program"
	"readout/cmd/readout/server"
	"readout/liveblog"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "dying:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	at, err := strconv.ParseInt(os.Getenv(program.DiesAt), 10, 64)
	if err != nil {
		return fmt.Errorf("%s: %w", program.DiesAt, err)
	}
	s := server.Settings{AroundBroker: func(b liveblog.Broker) liveblog.Broker {
		d := &dyingBroker{Broker: b}
		d.left.Store(at)
		return d
	}}
	var level slog.Level
	flags := flag.NewFlagSet("dying serve", flag.ContinueOnError)
	flags.StringVar(&s.Listen, "listen", "", "address and port")
	flags.StringVar(&s.Database, "database", "", "address of the database")
	flags.StringVar(&s.Redis, "redis", "", "address of Redis")
	flags.DurationVar(&s.Drain, "drain", time.Second, "how long the node takes to close readers' connections")
	flags.IntVar(&s.Writes, "writes", 0, "writes a minute by one token")
	flags.TextVar(&level, "log-level", slog.LevelInfo, "lowest level to log")
	if err := flags.Parse(os.Args[2:]); err != nil {
		return err
	}
	s.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	n, err := server.Open(ctx, s)
	if err != nil {
		return err
	}
	fmt.Printf("Readout listens on %s, for readers at %s\n", n.Addr(), n.BaseURL)
	return n.Serve(ctx)
}

// dyingBroker kills the process instead of making one of its publications. The write is committed then, but not
// published.
type dyingBroker struct {
	liveblog.Broker
	left atomic.Int64 // publications up to and with the one that kills the process
}

// Publish implements [liveblog.Broker].
func (b *dyingBroker) Publish(ctx context.Context, n liveblog.Notice) error {
	if b.left.Add(-1) == 0 {
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
	return b.Broker.Publish(ctx, n)
}
