package web

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
	MaxRequestHeader = 16 << 10         // bytes
	HeaderTimeout    = 10 * time.Second // from the first byte, or from the opening of the connection, to the last header
	BodyTimeout      = 30 * time.Second // from the last header to the end of the body
	ResponseTimeout  = 30 * time.Second
	IdleTimeout      = 60 * time.Second
)

// How long a handler waits for the store.
const (
	QueryTimeout     = 5 * time.Second
	FreshnessTimeout = time.Second // where a kept page can stand in
	CommitTimeout    = 10 * time.Second
)

// Keys of what is noted about a request.
type (
	RequestIDKey struct{}
	codeKey      struct{}
)

// RequestID returns the name under which the log knows the request. It is made when it is first wanted.
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

// NoteCode notes the code of a failure for the request's line in the log.
func NoteCode(c *fiber.Ctx, code liveblog.Code) { c.Context().SetUserValue(codeKey{}, code) }

// NotedCode returns the code that was noted, "" for none.
func NotedCode(c *fiber.Ctx) liveblog.Code {
	code, _ := c.Context().UserValue(codeKey{}).(liveblog.Code)
	return code
}

// Within returns a context for the store. It is not the request's: Fiber uses that one again for another.
func Within(d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), d)
}
