package web

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"readout/assets"
	"readout/liveblog"

	"github.com/gofiber/fiber/v2"
)

// Cache-Control of answers that change with the blog. A shared cache revalidates once per second, and with CacheLive
// serves what it has meanwhile; a browser revalidates each time.
const (
	CacheLive = "public, max-age=0, s-maxage=1, stale-while-revalidate=10"
	CachePoll = "public, max-age=0, s-maxage=1"
)

// Representation is a body with its compressed forms, if any, ready to be sent any number of times. It is immutable.
type Representation struct {
	contentType string
	tag         string // the opaque part of the entity tags, without quotes
	body        []byte
	gzip        []byte // nil if it is not smaller than body, or was not made
	brotli      []byte // likewise
	// Modified is when what it shows last changed, or zero. Clients that have no entity tag revalidate by it, unless
	// Ambiguous is set: then others may have the same date, to the second that HTTP tells apart.
	Modified  time.Time
	Ambiguous bool
}

// NewRepresentation returns a representation without compressed forms. Its tag is a hash of the body, so it stays the
// same across restarts and nodes.
func NewRepresentation(contentType string, body []byte) Representation {
	sum := sha256.Sum256(body)
	return Representation{contentType: contentType, tag: base64.RawURLEncoding.EncodeToString(sum[:12]), body: body}
}

// compressed returns r with its compressed forms, for a page that is cached.
func (r Representation) compressed() Representation {
	r.gzip, r.brotli = gzipPage(r.body), brotliPage(r.body)
	return r
}

// size returns the memory that the bodies take, in bytes.
func (r Representation) size() int { return len(r.body) + len(r.gzip) + len(r.brotli) }

// Send answers with the form that the client prefers, or with 304 if the client has it already.
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
		switch coding := negotiate(c.Get(fiber.HeaderAcceptEncoding), offers...); coding {
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
	if !r.Modified.IsZero() {
		c.Set(fiber.HeaderLastModified, r.Modified.UTC().Format(http.TimeFormat))
	}
	if NotModified(c, tag) || r.notModifiedSince(c) {
		return nil
	}
	return c.Send(body)
}

// NotModified answers with 304 if If-None-Match names the tag of what would be sent, and reports whether it did.
func NotModified(c *fiber.Ctx, tag string) bool {
	if !matches(c.Get(fiber.HeaderIfNoneMatch), tag) {
		return false
	}
	sendNotModified(c)
	return true
}

func sendNotModified(c *fiber.Ctx) {
	c.Response().Header.Del(fiber.HeaderContentEncoding)
	c.Status(http.StatusNotModified)
}

// notModifiedSince answers with 304 if nothing has changed since the time in If-Modified-Since, and reports whether it
// did. As RFC 9110, section 13.1.3, asks, it ignores a header that is no date, or that stands beside If-None-Match.
func (r Representation) notModifiedSince(c *fiber.Ctx) bool {
	if r.Modified.IsZero() || r.Ambiguous || c.Get(fiber.HeaderIfNoneMatch) != "" {
		return false
	}
	since, err := http.ParseTime(c.Get(fiber.HeaderIfModifiedSince))
	if err != nil || since.Before(r.Modified.Truncate(time.Second)) {
		return false
	}
	sendNotModified(c)
	return true
}

// SendOnce sends a body that is made for this answer only, compressed if the client accepts gzip.
func SendOnce(c *fiber.Ctx, body []byte) error {
	c.Vary(fiber.HeaderAcceptEncoding)
	if negotiate(c.Get(fiber.HeaderAcceptEncoding), gzipCoding) == gzipCoding {
		if compressed := GzipFast(body); compressed != nil {
			c.Set(fiber.HeaderContentEncoding, string(gzipCoding))
			body = compressed
		}
	}
	return c.Send(body)
}

// SendJSON answers with a value as JSON. Shared caches must not keep it, because the API's answers depend on the
// token.
func SendJSON(c *fiber.Ctx, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return &liveblog.Error{Code: liveblog.Internal, Err: err}
	}
	c.Status(status).Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	c.Set(fiber.HeaderCacheControl, "private, no-cache")
	return c.Send(body)
}

// FileRepresentation returns an asset's representation.
func FileRepresentation(f assets.File) Representation {
	return Representation{contentType: f.ContentType, tag: strings.Trim(f.ETag, `"`),
		body: f.Body, gzip: f.Gzip, brotli: f.Brotli}
}

// NonNil returns items, or an empty list for nil, so that JSON has [] instead of null.
func NonNil[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}
