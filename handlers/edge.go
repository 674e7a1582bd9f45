package handlers

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"readout/liveblog"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// Keys of what the edge notes about a request.
type (
	requestIDKey struct{}
	codeKey      struct{}
)

// edge is around every handler: it sets the security headers, turns a failure or a panic into an answer, and writes
// the request's line of the log.
func (s *server) edge(c *fiber.Ctx) error {
	start := time.Now()
	s.secure(c)
	if err := s.guarded(c); errors.Is(err, errWanted) {
		return nil // the handlers run again
	} else if err != nil {
		if err := s.fail(c, err); err != nil {
			return err
		}
	}
	s.logRequest(c, time.Since(start))
	return nil
}

// knownMethods is in front of Fiber, which answers a method that it does not know past every middleware.
func (s *server) knownMethods(app *fiber.App) fasthttp.RequestHandler {
	serve, methods := app.Server().Handler, app.Config().RequestMethods
	return func(ctx *fasthttp.RequestCtx) {
		if slices.Contains(methods, string(ctx.Method())) {
			serve(ctx)
			return
		}
		c := app.AcquireCtx(ctx)
		defer app.ReleaseCtx(c)
		if err := s.fail(c, fiber.ErrNotImplemented); err != nil {
			c.Status(fiber.StatusNotImplemented)
		}
	}
}

// guarded runs the handlers, and makes an error of their panic.
func (s *server) guarded(c *fiber.Ctx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	// A body that is inflated here would pass the limit of its size.
	if coding := c.Get(fiber.HeaderContentEncoding); coding != "" && !strings.EqualFold(coding, "identity") {
		c.Set(fiber.HeaderAcceptEncoding, "identity")
		return liveblog.FieldErrorf(unsupportedMedia, fiber.HeaderContentEncoding, "Send the body without a content encoding.")
	}
	return c.Next()
}

// logRequest leaves out the query and most of the address: what someone searched for and who it was is theirs.
func (s *server) logRequest(c *fiber.Ctx, took time.Duration) {
	path := c.Path()
	level := slog.LevelInfo
	if path == "/healthz" || path == "/readyz" || strings.HasPrefix(path, "/assets/") {
		level = slog.LevelDebug
	}
	ctx := context.Background()
	if !s.Log.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{slog.String("method", c.Method()), slog.String("path", path),
		slog.Int("status", c.Response().StatusCode()), slog.Duration("took", took),
		slog.String("client", blurred(s.client(c)))}
	if code, ok := c.Context().UserValue(codeKey{}).(liveblog.Code); ok {
		attrs = append(attrs, slog.String("code", string(code)))
	}
	if id, ok := c.Context().UserValue(requestIDKey{}).(string); ok {
		attrs = append(attrs, slog.String("request", id))
	}
	s.Log.LogAttrs(ctx, level, "request", attrs...)
}

// requestID returns the name under which the log knows the request. It is made when it is first wanted.
func requestID(c *fiber.Ctx) string {
	if id, ok := c.Context().UserValue(requestIDKey{}).(string); ok {
		return id
	}
	var b [8]byte
	rand.Read(b[:])
	id := hex.EncodeToString(b[:])
	c.Context().SetUserValue(requestIDKey{}, id)
	return id
}

// within returns a context for the store. It is not the request's: Fiber uses that one again for another.
func within(d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), d)
}
