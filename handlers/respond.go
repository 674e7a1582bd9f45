package handlers

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
	cacheLive = "public, max-age=0, s-maxage=1, stale-while-revalidate=10"
	cachePoll = "public, max-age=0, s-maxage=1"
)

// representation is a body with its compressed forms, if it has them, ready to be sent any number of times; nothing may
// change it.
type representation struct {
	contentType string
	tag         string // opaque part of the entity tags, without quotes
	body        []byte
	gzip        []byte // nil where compression does not pay, or was not asked for
	brotli      []byte // as gzip
	modified    string // Last-Modified; empty where nobody asks for it
}

// represent takes a body's tag from its content, so that it holds over restarts and on all nodes.
func represent(contentType string, body []byte) representation {
	sum := sha256.Sum256(body)
	return representation{contentType: contentType, tag: base64.RawURLEncoding.EncodeToString(sum[:12]), body: body}
}

// compressed adds the compressed forms to what is kept.
func (r representation) compressed() representation {
	r.gzip, r.brotli = gzipped(r.body), brotlied(r.body)
	return r
}

// size is what the representation takes of memory, in bytes.
func (r representation) size() int { return len(r.body) + len(r.gzip) + len(r.brotli) }

// send answers with the form that the client likes best, or with 304 where the client has it already.
func (r representation) send(c *fiber.Ctx) error {
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
		switch coding := negotiate(headerList(c, fiber.HeaderAcceptEncoding), offers...); coding {
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
	if r.modified != "" {
		c.Set(fiber.HeaderLastModified, r.modified)
	}
	if notModified(c, tag) {
		return nil
	}
	return c.Send(body)
}

// notModified answers 304 where If-None-Match names the tag of what would be sent.
func notModified(c *fiber.Ctx, tag string) bool {
	if !matches(headerList(c, fiber.HeaderIfNoneMatch), tag) {
		return false
	}
	c.Response().Header.Del(fiber.HeaderContentEncoding)
	c.Status(http.StatusNotModified)
	return true
}

// sendOnce sends a body that is made for this answer only, compressed in passing where the client likes that.
func sendOnce(c *fiber.Ctx, body []byte) error {
	c.Vary(fiber.HeaderAcceptEncoding)
	if negotiate(headerList(c, fiber.HeaderAcceptEncoding), gzipCoding) == gzipCoding {
		if packed := quick(body); packed != nil {
			c.Set(fiber.HeaderContentEncoding, string(gzipCoding))
			body = packed
		}
	}
	return c.Send(body)
}

// sendJSON answers with a value. Answers of the API belong to the token's owner, so no shared cache keeps them.
func sendJSON(c *fiber.Ctx, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return &liveblog.Error{Code: liveblog.Internal, Err: err}
	}
	c.Status(status).Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	c.Set(fiber.HeaderCacheControl, "private, no-cache")
	return c.Send(body)
}

// fileRepresentation is an asset as it is sent.
func fileRepresentation(f assets.File) representation {
	return representation{contentType: f.ContentType, tag: strings.Trim(f.ETag, `"`), body: f.Body, gzip: f.Gzip, brotli: f.Brotli}
}

// allowAnyOrigin lets pages of other origins read an answer that is public and knows no cookies.
func allowAnyOrigin(c *fiber.Ctx) {
	c.Set(fiber.HeaderAccessControlAllowOrigin, "*")
	c.Set("Cross-Origin-Resource-Policy", "cross-origin")
}

// listOf is never null in JSON.
func listOf[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}
