package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"readout/cmd/readout/server"
	"readout/liveblog"
	"readout/realtime"
	"readout/store"
)

// How often the server is killed: each of the databases has as many lives, beside the others.
const (
	crashDatabases = 4
	crashLives     = 25
	crashWriters   = 4
)

// TestKilledServerLosesNothing kills the server while several clients write, and starts it again, a hundred times in
// all. What was acknowledged is there, and requests that are repeated with their keys, whether they were answered
// or not, leave one entry each.
func TestKilledServerLosesNothing(t *testing.T) {
	t.Parallel()
	for seed := range uint64(crashDatabases) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			c := newCrash(t, seed)
			p := startProcess(t, "serve", "--database", c.database, "--listen", "127.0.0.1:0")
			for life := range crashLives {
				written := c.writeUntilKilled(t, p, life)
				p = startProcess(t, "serve", "--database", c.database, "--listen", "127.0.0.1:0")
				c.retry(t, p, written)
			}
			p.stop(t)
			c.compare(t)
		})
	}
}

// crash is one database, and what clients know of it.
type crash struct {
	database string
	token    string
	epoch    string
	random   *rand.Rand
	numbers  map[string]int // of the entries by their keys, for every request that was ever sent
}

// crashRequest is one request to post, and what the client learnt.
type crashRequest struct {
	key      string
	answered bool
	answer   []byte // the entry, where the answer came
	number   int
}

func newCrash(t *testing.T, seed uint64) *crash {
	t.Helper()
	c := &crash{
		database: "sqlite:" + filepath.Join(t.TempDir(), "readout.db"),
		random:   rand.New(rand.NewPCG(seed, 0)),
		numbers:  map[string]int{},
	}
	s := c.open(t)
	defer s.Close()
	b, err := liveblog.NewDesk(s, realtime.NewLocalBroker(), liveblog.DeskOptions{}).
		CreateBlog(t.Context(), operator(), liveblog.NewBlog{Slug: "summit", Title: "The summit", Status: liveblog.Live})
	if err != nil {
		t.Fatal(err)
	}
	c.epoch = b.Cursor.Epoch
	if c.token, err = server.NewAccounts(s).AddToken(t.Context(), operator(), "Wire", liveblog.Editor); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *crash) open(t *testing.T) liveblog.Store {
	t.Helper()
	s, err := store.Open(t.Context(), c.database)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// writeUntilKilled has clients post to the server, and kills it at some moment. Each client stops at its first
// request that is not answered.
func (c *crash) writeUntilKilled(t *testing.T, p *process, life int) []crashRequest {
	t.Helper()
	after := 1 + c.random.Int64N(60) // requests
	pause := time.NewTimer(0)        // from then on, to hit every part of a request
	delay := time.Duration(c.random.Int64N(int64(3 * time.Millisecond)))
	defer pause.Stop()

	var sent atomic.Int64
	reached := make(chan struct{})
	written := make([][]crashRequest, crashWriters)
	var writers sync.WaitGroup
	for w := range crashWriters {
		writers.Go(func() {
			for i := 0; ; i++ {
				if sent.Add(1) == after {
					close(reached)
				}
				r := crashRequest{key: fmt.Sprintf("life-%d-writer-%d-request-%d", life, w, i)}
				a, err := p.post(t, c.token, r.key)
				if err == nil {
					r.answered, r.answer, r.number = true, a.body, a.number(t)
					if a.status != http.StatusCreated || a.replayed {
						t.Errorf("%s is answered with %d, replayed %t: %s", r.key, a.status, a.replayed, a.body)
					}
				}
				written[w] = append(written[w], r)
				if err != nil {
					return
				}
			}
		})
	}
	<-reached
	pause.Reset(delay)
	<-pause.C
	p.kill(t)
	writers.Wait()
	return slices.Concat(written...)
}

// retry sees that what was acknowledged is there as it was, and repeats every request.
func (c *crash) retry(t *testing.T, p *process, written []crashRequest) {
	t.Helper()
	for _, r := range written {
		if r.answered {
			a := p.get(t, c.token, r.number)
			if a.status != http.StatusOK || !bytes.Equal(a.body, r.answer) {
				t.Errorf("%s was acknowledged with %s; after the restart there is %d %s", r.key, r.answer, a.status, a.body)
			}
		}
		a, err := p.post(t, c.token, r.key)
		if err != nil {
			t.Fatal(err)
		}
		if a.status != http.StatusCreated {
			t.Fatalf("the repetition of %s is answered with %d: %s", r.key, a.status, a.body)
		}
		if r.answered && (!a.replayed || !bytes.Equal(a.body, r.answer)) {
			t.Errorf("%s was answered with %s; its repetition with %s, replayed %t", r.key, r.answer, a.body, a.replayed)
		}
		c.numbers[r.key] = a.number(t)
	}
}

// compare reads the database itself: every key has its one entry, and neither numbers nor seqs have a gap.
func (c *crash) compare(t *testing.T) {
	t.Helper()
	s := c.open(t)
	defer s.Close()
	total := len(c.numbers)
	if total < crashLives*crashWriters {
		t.Errorf("%d requests were sent, want %d or more", total, crashLives*crashWriters)
	}
	entries, err := s.Entries(t.Context(), "summit", 0, total+crashLives*crashWriters)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != total {
		t.Errorf("%d entries came of %d requests", len(entries), total)
	}
	for i, e := range entries {
		if want := len(entries) - i; e.Number != want || e.Seq != int64(want) || e.Revision != 1 {
			t.Errorf("the entry in place %d has the number %d, the seq %d, the revision %d", want, e.Number, e.Seq, e.Revision)
		}
		if number, known := c.numbers[e.Body]; !known || number != e.Number {
			t.Errorf("entry %d is that of %q, which was answered with %d", e.Number, e.Body, number)
		}
	}
	cursor, err := s.Cursor(t.Context(), "summit")
	if want := (liveblog.Cursor{Epoch: c.epoch, Seq: int64(total)}); err != nil || cursor != want {
		t.Errorf("the cursor is %v, %v, want %v", cursor, err, want)
	}
}
