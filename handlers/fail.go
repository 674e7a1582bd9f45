package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"readout/handlers/desk"
	"readout/handlers/web"
	"readout/liveblog"
	"readout/views"

	"github.com/gofiber/fiber/v2"
)

// fail answers a failed request, and logs the cause if the failure is ours. It is also Fiber's error handler, for
// requests that did not reach edge; for those it sets the headers and logs the request as well.
func (s *server) fail(c *fiber.Ctx, err error) error {
	f := web.FailureOf(err)
	if len(c.Response().Header.Peek(fiber.HeaderContentSecurityPolicy)) == 0 {
		s.begin(c)
		defer s.logRequest(c, 0)
	}
	web.SetErrorCode(c, f.Code)
	c.Response().ResetBody()
	c.Response().Header.Del(fiber.HeaderETag)
	c.Response().Header.Del(fiber.HeaderContentEncoding)
	c.Status(f.Status).Set(fiber.HeaderCacheControl, "no-store")
	switch f.Code {
	case liveblog.Unauthorized:
		c.Set(fiber.HeaderWWWAuthenticate, `Bearer realm="readout"`)
	case liveblog.Unavailable, liveblog.DiskFull, liveblog.TooMany:
		if len(c.Response().Header.Peek(fiber.HeaderRetryAfter)) == 0 {
			c.Set(fiber.HeaderRetryAfter, "5")
		}
	}
	p := web.Problem{Type: "about:blank", Title: http.StatusText(f.Status), Status: f.Status, Detail: f.Message,
		Code: f.Code}
	if f.Code == liveblog.Internal || f.Code == liveblog.Unavailable || f.Code == liveblog.DiskFull {
		p.RequestID = web.RequestID(c)
		example := func() string { return fmt.Sprintf("%s %s: %v", c.Method(), web.LogPath(c.Path()), err) }
		if s.LogBudget.Allow(slog.LevelError, "errors of requests: "+string(f.Code), web.RefusedLines, example) {
			s.Log.Error("a request failed", "request", p.RequestID, "method", c.Method(), "path",
				web.LogPath(c.Path()), "error", err)
		}
	}
	p.ErrorsOmitted = f.Omitted
	for _, field := range f.Fields {
		p.Errors = append(p.Errors, web.ProblemField{Field: field.Field, Message: field.Message})
	}
	if stale, ok := errors.AsType[*web.StaleEntry](err); ok {
		p.CurrentRevision = stale.Current
		c.Set(fiber.HeaderETag, web.RevisionTag(stale.Current))
	}
	if web.WantsProblem(c) {
		return s.sendProblem(c, p)
	}
	return s.sendErrorPage(c, p)
}

func (s *server) sendProblem(c *fiber.Ctx, p web.Problem) error {
	body, err := json.Marshal(p)
	for err == nil && len(body) > web.MaxProblem && len(p.Errors) > 0 {
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

func (s *server) sendErrorPage(c *fiber.Ctx, p web.Problem) error {
	if desk.Owns(c.Path()) {
		return desk.SendFailure(c, s.Site, p)
	}
	timeout := web.QueryTimeout
	if p.Status == http.StatusTooManyRequests {
		timeout = web.FreshnessTimeout
	}
	ctx, cancel := web.Within(timeout)
	defer cancel()
	page := views.ErrorPage{Site: s.Site, Blog: s.blogAt(ctx, c.Path(), p.Status), Status: p.Status, Message: p.Detail,
		Request: p.RequestID}
	if len(p.Errors) > 0 {
		page.Field = p.Errors[0].Field
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return views.Error(page).Render(ctx, c.Response().BodyWriter())
}

// blogAt returns the blog that a reader's path belongs to, so that the error page is in its language and links to it.
// It returns nil for server errors, so that nobody waits for a store that is unavailable or overloaded.
func (s *server) blogAt(ctx context.Context, path string, status int) *liveblog.Blog {
	if status >= http.StatusInternalServerError {
		return nil
	}
	rest, ok := strings.CutPrefix(path, "/live/")
	if !ok {
		return nil
	}
	slug, _, _ := strings.Cut(rest, "/")
	b, err := s.Store.Blog(ctx, slug)
	if err != nil {
		return nil
	}
	return &b
}
