package faults

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"readout/cmd/readout/acceptance/program"
	"readout/realtime/porttest"
	"readout/store"

	"github.com/fasthttp/websocket"
)

// benchReaders is the number of readers on all nodes.
const benchReaders = 4000

// BenchmarkNodes compares one node with SQLite and two nodes with PostgreSQL and Redis, for the same posts to the same
// number of readers. An operation is a post. It reports the nodes' CPU time per delivery, the delay from the request to
// the readers, and the memory per idle reader.
func BenchmarkNodes(b *testing.B) {
	b.Run("one, SQLite", func(b *testing.B) {
		database := "sqlite:" + filepath.Join(b.TempDir(), "readout.db")
		s, err := store.Open(b.Context(), database)
		if err != nil {
			b.Fatal(err)
		}
		_, token := program.Prepare(b, s)
		s.Close()
		measureNodes(b, token, binaries.Start(b, "serve", "--listen", porttest.For(b).Addr(), "--database", database))
	})
	b.Run("two, PostgreSQL and Redis", func(b *testing.B) {
		c := newCluster(b, clusterOptions{})
		measureNodes(b, c.token, c.nodes[0].Process, c.nodes[1].Process)
	})
}

// measureNodes posts to the first node while readers follow on all of them.
func measureNodes(b *testing.B, token string, nodes ...*program.Process) {
	b.Helper()
	var idle int64
	for _, n := range nodes {
		idle -= resident(b, n)
	}
	arrivals := make(chan time.Time, benchReaders)
	var readers sync.WaitGroup
	ctx, stop := context.WithCancel(b.Context())
	for i := range benchReaders {
		conn := dialBench(b, ctx, nodes[i%len(nodes)].URL)
		readers.Go(func() {
			defer conn.Close()
			for {
				_, r, err := conn.NextReader()
				if err != nil {
					return
				}
				first, err := io.ReadAll(r)
				if err == nil && strings.Contains(string(first), `"type":"change"`) {
					arrivals <- time.Now()
				}
			}
		})
		defer context.AfterFunc(ctx, func() { conn.Close() })()
	}
	for _, n := range nodes {
		idle += resident(b, n)
	}
	used := -processorTime(b, nodes)
	var delays []time.Duration
	b.ResetTimer()
	for i := range b.N {
		start := time.Now()
		key := fmt.Sprintf("update-%d-of-%d-%s", i, b.N, strings.Repeat("both-sides-are-talking-", 8))
		a, err := nodes[0].Post(b, token, key)
		if err != nil || a.Status != http.StatusCreated {
			b.Fatal(a.Status, err)
		}
		for range benchReaders {
			delays = append(delays, (<-arrivals).Sub(start))
		}
	}
	b.StopTimer()
	used += processorTime(b, nodes)
	stop()
	readers.Wait()
	slices.Sort(delays)
	deliveries := float64(b.N) * benchReaders
	b.ReportMetric(float64(used.Microseconds())/deliveries, "µs-CPU/delivery")
	b.ReportMetric(float64(delays[len(delays)/2].Microseconds())/1000, "ms-p50")
	b.ReportMetric(float64(delays[len(delays)*99/100].Microseconds())/1000, "ms-p99")
	b.ReportMetric(float64(idle)/1024/benchReaders, "KiB/reader")
	b.ReportMetric(0, "B/op")
}

func dialBench(b *testing.B, ctx context.Context, url string) *websocket.Conn {
	b.Helper()
	d := websocket.Dialer{
		HandshakeTimeout: program.Patience, ReadBufferSize: 512, WriteBufferSize: 128,
		NetDialContext: (&net.Dialer{}).DialContext,
	}
	conn, _, err := d.DialContext(ctx, "ws"+strings.TrimPrefix(url, "http")+"/live/summit/ws", nil)
	if err != nil {
		b.Fatal(err)
	}
	if _, _, err := conn.ReadMessage(); err != nil { // hello
		b.Fatal(err)
	}
	return conn
}

// resident returns the resident memory of a process, in bytes.
func resident(b *testing.B, p *program.Process) int64 {
	b.Helper()
	fields := procFields(b, p, "statm")
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}

// processorTime returns the CPU time that the processes have used so far.
func processorTime(b *testing.B, nodes []*program.Process) (used time.Duration) {
	b.Helper()
	for _, n := range nodes {
		fields := procFields(b, n, "stat")
		for _, f := range fields[13:15] { // user and system, in hundredths of a second
			ticks, err := strconv.ParseInt(f, 10, 64)
			if err != nil {
				b.Fatal(err)
			}
			used += time.Duration(ticks) * 10 * time.Millisecond
		}
	}
	return used
}

func procFields(b *testing.B, p *program.Process, name string) []string {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", p.Cmd.Process.Pid, name))
	if err != nil {
		b.Skip("this needs the files of Linux in /proc:", err)
	}
	return strings.Fields(string(text))
}
