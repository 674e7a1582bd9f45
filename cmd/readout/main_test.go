package main

import (
	"context"
	"os"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"

	"readout/liveblog"

	"github.com/rogpeppe/go-internal/testscript"
)

// dyingProgram is the program with a failpoint: it is killed between the commit and the publication of the write that
// the variable diesAt counts.
const (
	dyingProgram = "readout-dying"
	diesAt       = "READOUT_TEST_DIES_AT"
)

// TestMain makes the test binary the program itself where it is called readout, for scripts and for tests that end
// the process.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"readout": main, dyingProgram: die})
}

func die() {
	at, err := strconv.ParseInt(os.Getenv(diesAt), 10, 64)
	if err != nil {
		panic(err)
	}
	os.Exit(run(context.Background(), os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}, func(b liveblog.Broker) liveblog.Broker {
		d := &dyingBroker{Broker: b}
		d.left.Store(at)
		return d
	}))
}

// dyingBroker ends the process in place of one of its publications. The write is committed then, and nobody was told.
type dyingBroker struct {
	liveblog.Broker
	left atomic.Int64
}

func (b *dyingBroker) Publish(ctx context.Context, n liveblog.Notice) error {
	if b.left.Add(-1) == 0 {
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
	return b.Broker.Publish(ctx, n)
}
