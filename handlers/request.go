package handlers

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"time"

	"readout/liveblog"

	"github.com/gofiber/fiber/v2"
)

// Limits of HTTP. A page or a body takes far less time than these; they end connections that have stopped.
const (
	maxRequestHeader = 16 << 10         // bytes
	headerTimeout    = 10 * time.Second // from the first byte, or from the opening of the connection, to the last header
	bodyTimeout      = 30 * time.Second // from the last header to the end of the body
	responseTimeout  = 30 * time.Second
	idleTimeout      = 60 * time.Second
)

// How long a handler waits for the store.
const (
	queryTimeout     = 5 * time.Second
	freshnessTimeout = time.Second // where a kept page can stand in
	commitTimeout    = 10 * time.Second
)

// Keys of what is noted about a request.
type (
	requestIDKey struct{}
	codeKey      struct{}
)

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

// noteCode notes the code of a failure for the request's line in the log.
func noteCode(c *fiber.Ctx, code liveblog.Code) { c.Context().SetUserValue(codeKey{}, code) }

// notedCode returns the code that was noted, "" for none.
func notedCode(c *fiber.Ctx) liveblog.Code {
	code, _ := c.Context().UserValue(codeKey{}).(liveblog.Code)
	return code
}

// within returns a context for the store. It is not the request's: Fiber uses that one again for another.
func within(d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), d)
}
