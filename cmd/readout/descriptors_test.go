package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// Each row is red with another division: with 1,000 open files 500 readers must fit, and with 400 a few requests.
func TestDescriptorsAreDivided(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ limit, wanted, own, readers, plain int }{
		{limit: 400, own: 70, readers: 264, plain: 66},
		{limit: 1000, own: 70, readers: 744, plain: 186},
		{limit: 1000, own: 110, readers: 712, plain: 178},
		{limit: 1000, wanted: 500, own: 70, readers: 500, plain: 430},
		{limit: 1000, wanted: 5000, own: 70, readers: 744, plain: 186},
		{limit: 20_000, own: 70, readers: 15_944, plain: 3986},
		{limit: 20_000, wanted: 100, own: 70, readers: 100, plain: mostPlain},
		{limit: 1 << 20, own: 70, readers: 1<<20 - 70 - mostPlain, plain: mostPlain},
		{limit: 64, own: 70, readers: leastPlain, plain: leastPlain}, // it starts, and waits where accept fails
	} {
		got := divideDescriptors(tc.limit, tc.wanted, tc.own)
		if want := (descriptorShare{tc.readers, tc.plain}); got != want {
			t.Errorf("of %d open files with %d for itself and %d readers wanted, the share is %+v, want %+v", tc.limit, tc.own, tc.wanted, got, want)
		}
		if sum := got.readers + got.plain + tc.own; tc.limit > 2*tc.own && sum > tc.limit {
			t.Errorf("%d descriptors are given away of %d", sum, tc.limit)
		}
	}
}

func TestDescriptorsOfItsOwn(t *testing.T) {
	t.Parallel()
	own := func(database, redis string) int { return settings{database: database, redis: redis}.descriptors() }
	if n := own("postgres://x/y?pool_max_conns=100", "") - own("postgres://x/y", ""); n != 100-postgresConnections {
		t.Errorf("a pool of 100 connections takes %d more than the usual one", n)
	}
	if own("sqlite:x", "redis://y") <= own("sqlite:x", "") {
		t.Error("Redis takes nothing")
	}
	if n := own("sqlite:x", ""); n > 150 {
		t.Errorf("a node takes %d descriptors for itself", n)
	}
}

// TestFewOpenFiles attacks a node that has 400 open files with 600 connections that say nothing. Without the limit of
// plain connections its descriptors run out, and no reader gets in; without the retry of accept it ends.
func TestFewOpenFiles(t *testing.T) {
	t.Parallel()
	const readers, strangers = 120, 600
	c := newCrash(t, 1)
	p := startProgram(t, "./testdata/readout-400-files", []string{"READOUT_MAX_READERS=1000"}, "serve", "--database", c.database, "--listen", "127.0.0.1:0")
	address := strings.TrimPrefix(p.url, "http://")
	connect := func(request string) *bufio.Reader {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		conn.SetDeadline(time.Now().Add(processPatience))
		if _, err := io.WriteString(conn, request); err != nil {
			t.Fatal(err)
		}
		return bufio.NewReader(conn)
	}
	follow := func() *bufio.Reader {
		r := connect("GET /live/summit/events HTTP/1.1\r\nHost: x\r\n\r\n")
		res, err := http.ReadResponse(r, nil)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("a reader is answered with %v, %v", res, err)
		}
		return bufio.NewReader(res.Body)
	}
	var streams []*bufio.Reader
	for i := range strangers {
		if i%(strangers/readers) == 0 && len(streams) < readers {
			streams = append(streams, follow())
		}
		connect("")
		if i%100 == 0 {
			if res, err := http.ReadResponse(connect("GET /live/summit HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), nil); err != nil || res.StatusCode != http.StatusOK {
				t.Fatalf("after %d connections the page is answered with %v, %v", i, res, err)
			}
		}
	}
	if files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.cmd.Process.Pid)); err == nil && len(files) >= 390 {
		t.Errorf("%d files are open, and the limit is 400", len(files))
	}
	if a, err := p.post(t, c.token, "for-all-who-follow"); err != nil || a.status != http.StatusCreated {
		t.Fatalf("a post is answered with %d, %v", a.status, err)
	}
	for i, r := range streams {
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				t.Fatalf("reader %d: %v", i, err)
			}
			if strings.Contains(line, "for-all-who-follow") {
				break
			}
		}
	}
	p.stop(t)
	if said := p.stderr.String(); strings.Count(said, "READOUT_MAX_READERS") != 1 || strings.Count(said, "\n") > 4 {
		t.Errorf("the log says\n%s", said)
	}
}
