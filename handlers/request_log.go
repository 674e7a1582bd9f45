package handlers

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"readout/handlers/web"

	"github.com/gofiber/fiber/v2"
)

// refusedKey is the user value of a request that did not reach a handler.
type refusedKey struct{}

// logRequest logs a request without its query and with only part of the client's address: what people search for, and
// who they are, is private.
func (s *server) logRequest(c *fiber.Ctx, took time.Duration) {
	path := web.LogPath(c.Path())
	level := slog.LevelInfo
	if path == "/healthz" || path == "/readyz" || strings.HasPrefix(path, "/assets/") {
		level = slog.LevelDebug
	}
	ctx := context.Background()
	if !s.Log.Enabled(ctx, level) {
		return
	}
	method, status, client := web.LogExcerpt(c.Method()), c.Response().StatusCode(), web.LogAddress(s.Client(c))
	refused := c.Context().UserValue(refusedKey{}) != nil
	kind, lines := web.RequestBudget(method, status, refused)
	example := func() string { return fmt.Sprintf("%s %s from %s: %d", method, path, client, status) }
	if !s.LogBudget.Allow(level, kind, lines, example) {
		return
	}
	attrs := []slog.Attr{slog.String("method", method), slog.String("path", path),
		slog.Int("status", status), slog.Duration("took", took), slog.String("client", client)}
	if code := web.ErrorCode(c); code != "" {
		attrs = append(attrs, slog.String("code", string(code)))
	}
	if id, ok := c.Context().UserValue(web.RequestIDKey{}).(string); ok {
		attrs = append(attrs, slog.String("request", id))
	}
	s.Log.LogAttrs(ctx, level, "request", attrs...)
}
