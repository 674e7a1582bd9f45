package store

import (
	"context"
	"sync"
	"time"
)

// clock tells the time of a database server, which it learns by Cristian's algorithm: the server has read its clock at
// some moment between a query and its answer, so half of that interval bounds the error. Between two readings it counts
// with the machine's monotonic clock, which nobody can set. Without a reading, as for SQLite, it is the clock of the
// machine. (F. Cristian: Probabilistic clock synchronization. Distributed Computing 3, 1989.)
type clock struct {
	wall func() time.Time // the machine's clock; default time.Now

	mu   sync.Mutex // guards last
	last reading
}

// reading is one reading of the server's clock; the zero value is none.
type reading struct {
	server time.Time
	at     time.Time // when it was, by the machine's clock
	within time.Duration
}

// maxDrift is how far two monotonic clocks may diverge: 200 ppm, several times what quartz crystals do.
const maxDrift = 5000 // one part in

// learn takes a reading of the server's clock that was requested and received at these times of wall. It keeps the
// previous one if that is more exact and the server's clock has not been set since.
func (c *clock) learn(server, sent, received time.Time) {
	within := received.Sub(sent) / 2
	next := reading{server: server, at: sent.Add(within), within: within}
	c.mu.Lock()
	defer c.mu.Unlock()
	if prev := c.last; prev != (reading{}) {
		age := next.at.Sub(prev.at)
		error := prev.within + age/maxDrift
		off := next.server.Sub(prev.server.Add(age)).Abs()
		if within > error && off <= within+error {
			return
		}
	}
	c.last = next
}

// Now implements [liveblog.Clock].
func (c *clock) Now() time.Time {
	c.mu.Lock()
	last := c.last
	c.mu.Unlock()
	now := c.wall()
	if last != (reading{}) {
		now = last.server.Add(now.Sub(last.at))
	}
	return micros(now)
}

// skew returns how far the machine's clock is ahead of the server's.
func (c *clock) skew() time.Duration {
	return c.wall().Round(0).Sub(c.Now()) // Round removes the monotonic reading
}

// selectClock reads the clock of a PostgreSQL server, in microseconds since 1970. Unlike now(), clock_timestamp()
// advances within a transaction.
const selectClock = `SELECT ` + postgresNow

const postgresNow = `(extract(epoch FROM clock_timestamp()) * 1000000)::bigint`

// readClock takes a reading of the server's clock by a query that returns microseconds since 1970.
func (s *store) readClock(query func() (int64, error)) error {
	sent := s.clock.wall()
	n, err := query()
	if err != nil {
		return err
	}
	s.clock.learn(time.UnixMicro(n), sent, s.clock.wall())
	return nil
}

const (
	clockInterval = 10 * time.Second // between two readings of the server's clock
	clockTimeout  = time.Second      // for one reading; a slower one would tell little
)

// keepTime reads the server's clock at intervals until the store is closed. A failed reading is not reported: the clock
// runs on, and whatever else needs the server reports its failure.
func (s *store) keepTime() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	s.stop = func() { cancel(); <-done }
	go func() {
		defer close(done)
		tick := time.NewTicker(clockInterval)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			s.checkTime(ctx)
		}
	}()
}

// checkTime reads the server's clock with a connection of the pool.
func (s *store) checkTime(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, clockTimeout)
	defer cancel()
	return s.readClock(func() (n int64, err error) {
		err = s.read.QueryRowContext(ctx, selectClock).Scan(&n)
		return n, err
	})
}
