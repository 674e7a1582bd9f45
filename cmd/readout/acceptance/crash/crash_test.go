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
	"readout/liveblog"
	"readout/store"
)

var binaries program.Binaries

func TestMain(m *testing.M) { os.Exit(binaries.Around(m)) }

// The default run kills the server a few times, a soak many more.
var (
	historiesFlag = flag.Int("histories", 0, "on how many databases 25 servers are killed each; 0: four on each of two")
	seedFlag      = flag.Uint64("seed", 0, "the seed of the first database; 0: one that depends on the date")
)

// crashWriters is how many clients write at once.
const crashWriters = 4

// TestKilledServerLosesNothing kills the server while several clients write, and starts it again. It checks that the
// new server has every write that the old one acknowledged, and that repeating the requests with their idempotency
// keys, whether they were answered or not, leaves one entry for each.
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

// crash is one database, and what clients know about it.
type crash struct {
	database string
	token    string
	epoch    string
	random   *rand.Rand
	numbers  map[string]int // of the entries, by key, for every request that was sent
}

// crashRequest is a request to post an entry, and its answer.
type crashRequest struct {
	key      string
	answered bool
	answer   []byte // the entry, if answered
	number   int    // of the entry, if answered
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
	b, token := program.Prepare(t, s)
	c.epoch, c.token = b.Cursor.Epoch, token
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

// writeUntilKilled has clients post to the server and kills it at a random moment. Each client stops at its first
// request without an answer.
func (c *crash) writeUntilKilled(t *testing.T, p *program.Process, life int) []crashRequest {
	t.Helper()
	after := 1 + c.random.Int64N(60) // requests
	// With the delay the kill can hit every part of a request.
	delay := time.Duration(c.random.Int64N(int64(3 * time.Millisecond)))

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
						t.Errorf("the answer to %s is %d, replayed %t: %s", r.key, a.Status, a.Replayed, a.Body)
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
	program.Pause(t.Context(), delay)
	p.Kill(t)
	writers.Wait()
	return slices.Concat(written...)
}

// retry checks that the server still has the entries that were acknowledged, and repeats every request.
func (c *crash) retry(t *testing.T, p *program.Process, written []crashRequest) {
	t.Helper()
	for _, r := range written {
		if r.answered {
			a := p.Entry(t, c.token, r.number)
			if a.Status != http.StatusOK || !bytes.Equal(a.Body, r.answer) {
				t.Errorf("%s was acknowledged with %s; after the restart the entry is %d %s",
					r.key, r.answer, a.Status, a.Body)
			}
		}
		a, err := p.Post(t, c.token, r.key)
		if err != nil {
			t.Fatal(err)
		}
		if a.Status != http.StatusCreated {
			t.Fatalf("the answer to the repeated %s is %d: %s", r.key, a.Status, a.Body)
		}
		if r.answered && (!a.Replayed || !bytes.Equal(a.Body, r.answer)) {
			t.Errorf("%s was answered with %s, and repeated with %s, replayed %t",
				r.key, r.answer, a.Body, a.Replayed)
		}
		c.numbers[r.key] = a.Number(t)
	}
}

// compare checks in the database that every key has one entry, and that numbers and seqs have no gaps.
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
		t.Errorf("%d requests made %d entries", total, len(entries))
	}
	for i, e := range entries {
		if want := len(entries) - i; e.Number != want || e.Seq != int64(want) || e.Revision != 1 {
			t.Errorf("the number, seq and revision of entry %d of %d are %d, %d and %d",
				want, len(entries), e.Number, e.Seq, e.Revision)
		}
		if number, known := c.numbers[e.Body]; !known || number != e.Number {
			t.Errorf("entry %d has the key %q, which was answered with entry %d", e.Number, e.Body, number)
		}
	}
	cursor, err := s.Cursor(t.Context(), "summit")
	if want := (liveblog.Cursor{Epoch: c.epoch, Seq: int64(total)}); err != nil || cursor != want {
		t.Errorf("the cursor is %v, %v, want %v", cursor, err, want)
	}
}
