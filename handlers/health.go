package handlers

import (
	"fmt"
	"strings"
	"time"

	"readout/handlers/web"
	"readout/liveblog"

	"github.com/gofiber/fiber/v2"
)

// readyTimeout is how long the store may take to answer a readiness check.
const readyTimeout = time.Second

// healthz reports that the process is running.
func (s *server) healthz(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.SendString("ok")
}

// readyz reports whether a balancer may send requests to this node: the hub is not draining, and the store answers.
// It asks the store for a blog that cannot exist, and takes "not found" for a healthy answer.
//
// A node that serves readers although something needs to be mended answers "ok", and a line about each trouble.
//
// With ?store=any it does not ask the store. That is for a balancer whose nodes share one store: when the store
// fails, all nodes can still send cached pages, and must not all be taken out.
func (s *server) readyz(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	if s.Hub.Draining() {
		// Not an error: balancers ask every second, and the log should not have a line for each.
		return c.Status(fiber.StatusServiceUnavailable).SendString("draining")
	}
	if c.Query("store") == "any" {
		return c.SendString("ok")
	}
	ctx, cancel := web.Within(readyTimeout)
	defer cancel()
	if _, err := s.Store.Cursor(ctx, "-"); err != nil && liveblog.CodeOf(err) != liveblog.NotFound {
		return &liveblog.Error{Code: liveblog.Unavailable, Message: "The store does not answer.", Err: err}
	}
	return c.SendString(strings.Join(append([]string{"ok"}, troubles(s.Store.Condition())...), "\n"))
}

// MaxClockSkew is how far a node's clock may be from the store's before operators are told. Nothing that is kept
// depends on a node's clock, but logs of several nodes are hard to compare.
const MaxClockSkew = 2 * time.Second

// troubles returns what operators should mend although the node can serve readers: a sentence each.
func troubles(c liveblog.Condition) (all []string) {
	if c.DiskFull {
		all = append(all, "The disk of the database is full: editors cannot save.")
	}
	if c.ClockSkew.Abs() > MaxClockSkew {
		all = append(all, ClockTrouble(c.ClockSkew))
	}
	return all
}

// ClockTrouble says how far a node's clock is from the store's.
func ClockTrouble(skew time.Duration) string {
	side := "ahead of"
	if skew < 0 {
		side = "behind"
	}
	return fmt.Sprintf("The clock of this node is %v %s the database's.", skew.Abs().Round(100*time.Millisecond), side)
}
