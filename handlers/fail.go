package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"readout/liveblog"
	"readout/views"

	"github.com/gofiber/fiber/v2"
)

// fail answers a failed request and logs the cause of what is our fault. It is Fiber's error handler as well, for
// requests that never reached the edge; those have no headers and no line in the log yet.
func (s *server) fail(c *fiber.Ctx, err error) error {
	f := failureOf(err)
	if len(c.Response().Header.Peek(fiber.HeaderContentSecurityPolicy)) == 0 {
		s.secure(c)
		defer s.logRequest(c, 0)
	}
	noteCode(c, f.code)
	c.Response().ResetBody()
	c.Response().Header.Del(fiber.HeaderETag)
	c.Response().Header.Del(fiber.HeaderContentEncoding)
	c.Status(f.status).Set(fiber.HeaderCacheControl, "no-store")
	switch f.code {
	case liveblog.Unauthorized:
		c.Set(fiber.HeaderWWWAuthenticate, `Bearer realm="readout"`)
	case liveblog.Unavailable, liveblog.TooMany:
		if len(c.Response().Header.Peek(fiber.HeaderRetryAfter)) == 0 {
			c.Set(fiber.HeaderRetryAfter, "5")
		}
	}
	p := problem{Type: "about:blank", Title: http.StatusText(f.status), Status: f.status, Detail: f.message, Code: f.code}
	if f.code == liveblog.Internal || f.code == liveblog.Unavailable {
		p.RequestID = requestID(c)
		example := func() string { return fmt.Sprintf("%s %s: %v", c.Method(), clipped(c.Path()), err) }
		if s.logBudget.allow(slog.LevelError, "errors of requests: "+string(f.code), refusedLines, example) {
			s.Log.Error("a request failed", "request", p.RequestID, "method", c.Method(), "path", clipped(c.Path()), "error", err)
		}
	}
	p.ErrorsOmitted = f.omitted
	for _, field := range f.fields {
		p.Errors = append(p.Errors, problemField{Field: field.Field, Message: field.Message})
	}
	if stale, ok := errors.AsType[*staleEntry](err); ok {
		p.CurrentRevision = stale.current
		c.Set(fiber.HeaderETag, revisionTag(stale.current))
	}
	if wantsProblem(c) {
		return s.sendProblem(c, p)
	}
	return s.sendErrorPage(c, p)
}

func (s *server) sendProblem(c *fiber.Ctx, p problem) error {
	body, err := json.Marshal(p)
	for err == nil && len(body) > maxProblem && len(p.Errors) > 0 {
		half := len(p.Errors) / 2
		p.ErrorsOmitted += len(p.Errors) - half
		p.Errors = p.Errors[:half]
		body, err = json.Marshal(p)
	}
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/problem+json")
	return c.Send(body)
}

func (s *server) sendErrorPage(c *fiber.Ctx, p problem) error {
	patience := queryTimeout
	if p.Status == http.StatusTooManyRequests {
		patience = freshnessTimeout
	}
	ctx, cancel := within(patience)
	defer cancel()
	page := views.ErrorPage{Site: s.Site, Blog: s.blogAt(ctx, c.Path(), p.Status), Status: p.Status, Message: p.Detail, Request: p.RequestID}
	if len(p.Errors) > 0 {
		page.Field = p.Errors[0].Field
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return views.Error(page).Render(ctx, c.Response().BodyWriter())
}

// blogAt is the blog that a path of readers belongs to, so that they are told in its language and led back to it. Nobody is
// made to wait for a store that is away or crowded.
func (s *server) blogAt(ctx context.Context, path string, status int) *liveblog.Blog {
	if status >= http.StatusInternalServerError {
		return nil
	}
	rest, live := strings.CutPrefix(path, "/live/")
	if !live {
		return nil
	}
	slug, _, _ := strings.Cut(rest, "/")
	b, err := s.Store.Blog(ctx, slug)
	if err != nil {
		return nil
	}
	return &b
}
