package crash

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"readout/cmd/readout/acceptance/program"
	"readout/cmd/readout/server"
	"readout/liveblog"
	"readout/realtime"
	"readout/store"
)

var binaries program.Binaries

func TestMain(m *testing.M) { os.Exit(binaries.Around(m)) }

// How many histories are played: the default run plays a few, a soak many more, with other seeds.
var (
	historiesFlag = flag.Int("histories", 0, "how many databases have 25 lives each; 0 is two databases with four")
	seedFlag      = flag.Uint64("seed", 0, "the seed of the first database; 0 takes the day's")
)

const crashWriters = 4

// TestKilledServerLosesNothing kills the server while several clients write, and starts it again, at the least eight times in
// all. What was acknowledged is there, and requests that are repeated with their keys, whether they were answered
// or not, leave one entry each.
func TestKilledServerLosesNothing(t *testing.T) {
	t.Parallel()
	databases, lives := 2, 4
	if *historiesFlag > 0 {
		databases, lives = *historiesFlag, 25
	}
	first := program.Seed(*seedFlag)
	for i := range uint64(databases) {
		seed := first + i
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			defer program.Replay(t, "crash", t.Name(), "-histories 1 -seed", seed)
			c := newCrash(t, seed)
			p := binaries.Start(t, "serve", "--database", c.database, "--listen", "127.0.0.1:0")
			for life := range lives {
				written := c.writeUntilKilled(t, p, life)
				p = binaries.Start(t, "serve", "--database", c.database, "--listen", "127.0.0.1:0")
				c.retry(t, p, written)
			}
			p.Stop(t)
			c.compare(t, lives)
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
		CreateBlog(t.Context(), program.Operator(), liveblog.NewBlog{Slug: "summit", Title: "The summit", Status: liveblog.Live})
	if err != nil {
		t.Fatal(err)
	}
	c.epoch = b.Cursor.Epoch
	if c.token, err = server.NewAccounts(s).AddToken(t.Context(), program.Operator(), "Wire", liveblog.Editor); err != nil {
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
func (c *crash) writeUntilKilled(t *testing.T, p *program.Process, life int) []crashRequest {
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
				a, err := p.Post(t, c.token, r.key)
				if err == nil {
					r.answered, r.answer, r.number = true, a.Body, a.Number(t)
					if a.Status != http.StatusCreated || a.Replayed {
						t.Errorf("%s is answered with %d, replayed %t: %s", r.key, a.Status, a.Replayed, a.Body)
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
	p.Kill(t)
	writers.Wait()
	return slices.Concat(written...)
}

// retry sees that what was acknowledged is there as it was, and repeats every request.
func (c *crash) retry(t *testing.T, p *program.Process, written []crashRequest) {
	t.Helper()
	for _, r := range written {
		if r.answered {
			a := p.Entry(t, c.token, r.number)
			if a.Status != http.StatusOK || !bytes.Equal(a.Body, r.answer) {
				t.Errorf("%s was acknowledged with %s; after the restart there is %d %s", r.key, r.answer, a.Status, a.Body)
			}
		}
		a, err := p.Post(t, c.token, r.key)
		if err != nil {
			t.Fatal(err)
		}
		if a.Status != http.StatusCreated {
			t.Fatalf("the repetition of %s is answered with %d: %s", r.key, a.Status, a.Body)
		}
		if r.answered && (!a.Replayed || !bytes.Equal(a.Body, r.answer)) {
			t.Errorf("%s was answered with %s; its repetition with %s, replayed %t", r.key, r.answer, a.Body, a.Replayed)
		}
		c.numbers[r.key] = a.Number(t)
	}
}

// compare reads the database itself: every key has its one entry, and neither numbers nor seqs have a gap.
func (c *crash) compare(t *testing.T, lives int) {
	t.Helper()
	s := c.open(t)
	defer s.Close()
	total := len(c.numbers)
	if total < lives*crashWriters {
		t.Errorf("%d requests were sent, want %d or more", total, lives*crashWriters)
	}
	entries, err := s.Entries(t.Context(), "summit", 0, total+lives*crashWriters)
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
