package store

import (
	"context"
	"database/sql"
	"sync"
	"time"
)

// crowd adapts a pool to a server that has fewer connections left than the pool may open. If database/sql cannot open
// one more connection, the caller that asked for it gets the error, although connections that are open will soon be
// free. So the pool is limited to what it has, and the caller waits for one of those; after a while the limit is lifted
// again.
type crowd struct {
	max int // connections that the pool may open

	mu     sync.Mutex  // guards lifted
	lifted *time.Timer // runs while the pool is limited; otherwise nil
}

const (
	crowdedPause    = 25 * time.Millisecond // before the next attempt to get a connection
	crowdedFor      = 5 * time.Second       // how long the pool stays limited
	crowdedPatience = 10 * time.Second      // for callers whose context has no deadline
)

// connect runs fn, which takes a connection from db. While the server has no connection left, it runs fn again, until
// ctx ends.
func connect[T any](ctx context.Context, s *store, db *sql.DB, fn func() (T, error)) (T, error) {
	v, err := fn()
	if err == nil || s.engine.isCrowded == nil || !s.engine.isCrowded(err) {
		return v, err
	}
	waiting, cancel := context.WithTimeout(ctx, crowdedPatience)
	defer cancel()
	pause := time.NewTicker(crowdedPause)
	defer pause.Stop()
	for s.engine.isCrowded(err) {
		s.crowd.limit(db)
		select {
		case <-waiting.Done():
			return v, err
		case <-pause.C:
		}
		v, err = fn()
	}
	return v, err
}

// limit keeps the pool from opening connections for a while.
func (c *crowd) limit(db *sql.DB) {
	c.mu.Lock()
	defer c.mu.Unlock()
	db.SetMaxOpenConns(max(1, min(c.max, db.Stats().OpenConnections)))
	if c.lifted == nil {
		c.lifted = time.AfterFunc(crowdedFor, func() { c.lift(db) })
	}
}

func (c *crowd) lift(db *sql.DB) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lifted = nil
	c.open(db)
}

// open sets the pool's limits to the largest.
func (c *crowd) open(db *sql.DB) {
	db.SetMaxOpenConns(c.max)
	db.SetMaxIdleConns(c.max)
}

// close ends the adaptation.
func (c *crowd) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lifted != nil {
		c.lifted.Stop()
	}
}
