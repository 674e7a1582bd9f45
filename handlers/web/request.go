package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"time"

	"readout/liveblog"

	"github.com/gofiber/fiber/v2"
)

// Limits for connections. A page or a body takes far less time than these; they end connections whose client has
// stopped.
const (
	MaxRequestHeader = 16 << 10         // bytes
	HeaderTimeout    = 10 * time.Second // from the first byte, or the start of the connection, to the last header
	BodyTimeout      = 30 * time.Second // from the last header to the end of the body
	ResponseTimeout  = 30 * time.Second
	IdleTimeout      = 60 * time.Second
)

// How long a handler waits for the store.
const (
	QueryTimeout     = 5 * time.Second
	FreshnessTimeout = time.Second // if a cached page can be sent instead
	CommitTimeout    = 10 * time.Second
)

// Keys of a request's user values.
type (
	RequestIDKey struct{}
	codeKey      struct{}
)

// RequestID returns the id under which the log knows the request. The first call creates it.
func RequestID(c *fiber.Ctx) string {
	if id, ok := c.Context().UserValue(RequestIDKey{}).(string); ok {
		return id
	}
	var b [8]byte
	rand.Read(b[:])
	id := hex.EncodeToString(b[:])
	c.Context().SetUserValue(RequestIDKey{}, id)
	return id
}

// SetErrorCode stores the code of a failure for the request's line in the log.
func SetErrorCode(c *fiber.Ctx, code liveblog.Code) { c.Context().SetUserValue(codeKey{}, code) }

// ErrorCode returns the code that [SetErrorCode] stored, or "".
func ErrorCode(c *fiber.Ctx) liveblog.Code {
	code, _ := c.Context().UserValue(codeKey{}).(liveblog.Code)
	return code
}

// Within returns a context with a timeout, for calls of the store. It does not derive from the request's context,
// which Fiber reuses for another request.
func Within(d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), d)
}
