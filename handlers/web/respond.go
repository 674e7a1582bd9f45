package web

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"

	"readout/assets"
	"readout/liveblog"

	"github.com/gofiber/fiber/v2"
)

// Cache-Control of what changes with the blog: a shared cache asks once a second, and sends what it has while it
// asks; a browser asks each time.
const (
	CacheLive = "public, max-age=0, s-maxage=1, stale-while-revalidate=10"
	CachePoll = "public, max-age=0, s-maxage=1"
)

// Representation is a body with its compressed forms, if it has them, ready to be sent any number of times; nothing may
// change it.
type Representation struct {
	contentType string
	tag         string // opaque part of the entity tags, without quotes
	body        []byte
	gzip        []byte // nil where compression does not pay, or was not asked for
	brotli      []byte // as gzip
	Modified    string // Last-Modified; empty where nobody asks for it
}

// Represent takes a body's tag from its content, so that it holds over restarts and on all nodes.
func Represent(contentType string, body []byte) Representation {
	sum := sha256.Sum256(body)
	return Representation{contentType: contentType, tag: base64.RawURLEncoding.EncodeToString(sum[:12]), body: body}
}

// compressed adds the compressed forms to what is kept.
func (r Representation) compressed() Representation {
	r.gzip, r.brotli = gzipped(r.body), brotlied(r.body)
	return r
}

// size is what the representation takes of memory, in bytes.
func (r Representation) size() int { return len(r.body) + len(r.gzip) + len(r.brotli) }

// Send answers with the form that the client likes best, or with 304 where the client has it already.
func (r Representation) Send(c *fiber.Ctx) error {
	var offers []coding
	if r.brotli != nil {
		offers = append(offers, brotliCoding)
	}
	if r.gzip != nil {
		offers = append(offers, gzipCoding)
	}
	body, tag := r.body, `"`+r.tag+`"`
	if len(offers) > 0 {
		c.Vary(fiber.HeaderAcceptEncoding)
		switch coding := negotiate(HeaderList(c, fiber.HeaderAcceptEncoding), offers...); coding {
		case brotliCoding:
			body, tag = r.brotli, `"`+r.tag+`-br"`
			c.Set(fiber.HeaderContentEncoding, string(coding))
		case gzipCoding:
			body, tag = r.gzip, `"`+r.tag+`-gz"`
			c.Set(fiber.HeaderContentEncoding, string(coding))
		}
	}
	c.Set(fiber.HeaderETag, tag)
	c.Set(fiber.HeaderContentType, r.contentType)
	if r.Modified != "" {
		c.Set(fiber.HeaderLastModified, r.Modified)
	}
	if NotModified(c, tag) {
		return nil
	}
	return c.Send(body)
}

// NotModified answers 304 where If-None-Match names the tag of what would be sent.
func NotModified(c *fiber.Ctx, tag string) bool {
	if !matches(HeaderList(c, fiber.HeaderIfNoneMatch), tag) {
		return false
	}
	c.Response().Header.Del(fiber.HeaderContentEncoding)
	c.Status(http.StatusNotModified)
	return true
}

// SendOnce sends a body that is made for this answer only, compressed in passing where the client likes that.
func SendOnce(c *fiber.Ctx, body []byte) error {
	c.Vary(fiber.HeaderAcceptEncoding)
	if negotiate(HeaderList(c, fiber.HeaderAcceptEncoding), gzipCoding) == gzipCoding {
		if packed := Quick(body); packed != nil {
			c.Set(fiber.HeaderContentEncoding, string(gzipCoding))
			body = packed
		}
	}
	return c.Send(body)
}

// SendJSON answers with a value. Answers of the API belong to the token's owner, so no shared cache keeps them.
func SendJSON(c *fiber.Ctx, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return &liveblog.Error{Code: liveblog.Internal, Err: err}
	}
	c.Status(status).Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	c.Set(fiber.HeaderCacheControl, "private, no-cache")
	return c.Send(body)
}

// FileRepresentation is an asset as it is sent.
func FileRepresentation(f assets.File) Representation {
	return Representation{contentType: f.ContentType, tag: strings.Trim(f.ETag, `"`), body: f.Body, gzip: f.Gzip, brotli: f.Brotli}
}

// AllowAnyOrigin lets pages of other origins read an answer that is public and knows no cookies.
func AllowAnyOrigin(c *fiber.Ctx) {
	c.Set(fiber.HeaderAccessControlAllowOrigin, "*")
	c.Set("Cross-Origin-Resource-Policy", "cross-origin")
}

// ListOf is never null in JSON.
func ListOf[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}
