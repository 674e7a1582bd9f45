package handlers

import (
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"readout/handlers/web"
	"readout/liveblog"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// edge wraps every handler: it sets the headers of every answer, turns an error or a panic into an answer, and logs the
// request.
func (s *server) edge(c *fiber.Ctx) error {
	start := time.Now()
	s.begin(c)
	if err := s.run(c); errors.Is(err, web.ErrBodyWanted) {
		return nil // the handlers run again once the body is there
	} else if err != nil {
		if err := s.fail(c, err); err != nil {
			return err
		}
	}
	s.logRequest(c, time.Since(start))
	return nil
}

// begin sets the headers that every answer has. Date is the store's time, so that it can be compared with Last-Modified
// and with the times on the page.
func (s *server) begin(c *fiber.Ctx) {
	s.policies.secure(c)
	setDate(&c.Response().Header, s.Store.Now())
}

// setDate sets the header Date. The server ignores attempts to set it, except in a trailer; and a header that is
// removed from the trailer becomes an ordinary one.
func setDate(h *fasthttp.ResponseHeader, t time.Time) {
	h.SetTrailer(fiber.HeaderDate)
	h.Set(fiber.HeaderDate, t.Format(http.TimeFormat))
	h.SetTrailer("")
}

// rejectMalformed runs before Fiber. It joins the lines of headers that hold a list, and refuses requests that violate
// RFC 9112, and methods that Fiber does not know and would answer without calling any middleware.
func (s *server) rejectMalformed(app *fiber.App) fasthttp.RequestHandler {
	serve, methods, joinLists := app.Server().Handler, app.Config().RequestMethods, web.JoinLists()
	return func(ctx *fasthttp.RequestCtx) {
		s.conns.enter(ctx.Conn(), serving)
		joinLists(&ctx.Request.Header)
		if err := checkHead(&ctx.Request.Header); err != nil {
			s.refuse(app, ctx, err)
			ctx.SetConnectionClose() // where the next request begins is unknown
			return
		}
		if !slices.Contains(methods, string(ctx.Method())) {
			s.refuse(app, ctx, fiber.ErrNotImplemented)
			return
		}
		serve(ctx)
	}
}

// onReadError answers requests that the server could not parse or receive.
func (s *server) onReadError(app *fiber.App) func(*fasthttp.RequestCtx, error) {
	return func(ctx *fasthttp.RequestCtx, err error) {
		s.refuse(app, ctx, readFailure(err))
	}
}

// refuse answers a request that does not reach a handler.
func (s *server) refuse(app *fiber.App, ctx *fasthttp.RequestCtx, err error) {
	c := app.AcquireCtx(ctx)
	defer app.ReleaseCtx(c)
	ctx.SetUserValue(refusedKey{}, true)
	if err := s.fail(c, err); err != nil {
		c.Status(web.FailureOf(err).Status)
	}
}

// readFailure translates an error of the server's parser, or of the connection, into one for the client.
func readFailure(err error) error {
	var timeout interface{ Timeout() bool }
	switch {
	case errors.As(err, new(*fasthttp.ErrSmallBuffer)):
		return fiber.ErrRequestHeaderFieldsTooLarge
	case errors.As(err, &timeout) && timeout.Timeout():
		return fiber.ErrRequestTimeout
	case errors.Is(err, fasthttp.ErrBodyTooLarge):
		return fiber.ErrRequestEntityTooLarge
	case errors.Is(err, fasthttp.ErrUnsupportedTransferEncoding):
		return errCoding()
	}
	// A client that has closed its connection gets the same answer as one that sent nonsense: it will not read it.
	return fiber.ErrBadRequest
}

// run calls the handlers and turns a panic into an error.
func (s *server) run(c *fiber.Ctx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	// A compressed body could inflate beyond the limit of its size.
	if coding := c.Get(fiber.HeaderContentEncoding); coding != "" && !strings.EqualFold(coding, "identity") {
		c.Set(fiber.HeaderAcceptEncoding, "identity")
		return liveblog.FieldErrorf(web.UnsupportedMedia, fiber.HeaderContentEncoding,
			"Send the body without a content encoding.")
	}
	return c.Next()
}
