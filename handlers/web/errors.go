package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"readout/liveblog"

	"github.com/gofiber/fiber/v2"
)

// Codes of failures that only exist in HTTP.
const (
	UnsupportedMedia liveblog.Code = "unsupported_media_type"
	MethodNotAllowed liveblog.Code = "method_not_allowed"
	UpgradeRequired  liveblog.Code = "upgrade_required"
	HeadersTooLarge  liveblog.Code = "headers_too_large"
	RequestTimeout   liveblog.Code = "request_timeout"
	MethodUnknown    liveblog.Code = "method_unknown"
	CodingUnknown    liveblog.Code = "transfer_coding_unknown"

	VersionUnsupported liveblog.Code = "http_version_not_supported"
)

// errorKind says how failures with one code are answered. Message is for errors that bring none that may be shown.
type errorKind struct {
	Code    liveblog.Code
	Status  int
	message string
}

// errorKinds is the only table from error codes to HTTP statuses. Where the framework reports only a status, the
// first row with that status applies.
var errorKinds = []errorKind{
	{liveblog.Malformed, http.StatusBadRequest, "The request could not be read."},
	{liveblog.Invalid, http.StatusUnprocessableEntity, ""},
	{liveblog.Unauthorized, http.StatusUnauthorized, ""},
	{liveblog.Forbidden, http.StatusForbidden, ""},
	{liveblog.NotFound, http.StatusNotFound, "There is nothing at this address."},
	{liveblog.Gone, http.StatusGone, ""},
	{liveblog.Conflict, http.StatusConflict, ""},
	{liveblog.Stale, http.StatusPreconditionFailed, ""},
	{liveblog.KeyReused, http.StatusUnprocessableEntity, ""},
	{liveblog.TooLarge, http.StatusRequestEntityTooLarge, "The request is larger than 1 MiB, which is the limit."},
	{liveblog.TooMany, http.StatusTooManyRequests, ""},
	{liveblog.Unavailable, http.StatusServiceUnavailable,
		"The service is unavailable at the moment. Please try again."},
	{liveblog.DiskFull, http.StatusInsufficientStorage, ""},
	{liveblog.Internal, http.StatusInternalServerError, "Something went wrong on our side. The error has been logged."},
	{UnsupportedMedia, http.StatusUnsupportedMediaType, ""},
	{MethodNotAllowed, http.StatusMethodNotAllowed,
		"This address does not accept that method; the Allow header names those that it accepts."},
	{UpgradeRequired, http.StatusUpgradeRequired,
		"This address only speaks WebSocket; the same changes are at /events and /changes."},
	{HeadersTooLarge, http.StatusRequestHeaderFieldsTooLarge,
		"The address and headers of the request are larger than 16 KiB, which is the limit. " +
			"A search may have up to 200 characters."},
	{MethodUnknown, http.StatusNotImplemented, "This server does not support that method."},
	{CodingUnknown, http.StatusNotImplemented, ""},
	{VersionUnsupported, http.StatusHTTPVersionNotSupported, ""},
	{RequestTimeout, http.StatusRequestTimeout, "The request did not arrive in time."},
}

func kindOf(code liveblog.Code) errorKind {
	var internal errorKind
	for _, k := range errorKinds {
		if k.Code == code {
			return k
		}
		if k.Code == liveblog.Internal {
			internal = k
		}
	}
	return internal
}

func kindOfStatus(status int) errorKind {
	for _, k := range errorKinds {
		if k.Status == status {
			return k
		}
	}
	if status >= 400 && status < 500 {
		return kindOf(liveblog.Malformed)
	}
	return kindOf(liveblog.Internal)
}

// Failure is what an answer may tell the client about an error.
type Failure struct {
	errorKind
	Message string
	Fields  []liveblog.FieldError
	Omitted int // field errors that are not in Fields
}

// Limits for one failure. An answer repeats at most a part of what the client sent.
const (
	maxMessage      = 600 // characters
	maxFieldMessage = 400
	MaxProblem      = 16 << 10 // bytes of a [Problem] in JSON
)

// bounded returns the failure cut to the limits above.
func (f Failure) bounded() Failure {
	if n := len(f.Fields); n > liveblog.MaxFieldErrors {
		f.Omitted += n - liveblog.MaxFieldErrors
		f.Fields = f.Fields[:liveblog.MaxFieldErrors]
	}
	f.Message = Truncate(f.Message, maxMessage)
	f.Fields = slices.Clone(f.Fields)
	for i, field := range f.Fields {
		f.Fields[i] = liveblog.FieldError{Field: Truncate(field.Field, maxName),
			Message: Truncate(field.Message, maxFieldMessage)}
	}
	if f.Omitted > 0 {
		f.Message += fmt.Sprintf(" %d more are not listed.", f.Omitted)
	}
	return f
}

// FailureOf returns what may be shown of an error. The cause of an internal error, and anything that is not a
// [liveblog.Error], stays hidden.
func FailureOf(err error) Failure {
	if e, ok := errors.AsType[*liveblog.Error](err); ok {
		f := Failure{kindOf(e.Code), e.Message, e.Fields, e.Omitted}
		if f.Code == liveblog.Internal || f.Message == "" {
			f.Message, f.Fields, f.Omitted = f.errorKind.message, nil, 0
		}
		return f.bounded()
	}
	k := kindOf(liveblog.Internal)
	if e, ok := errors.AsType[*fiber.Error](err); ok {
		k = kindOfStatus(e.Code)
	}
	return Failure{errorKind: k, Message: k.message}
}

// StaleEntry wraps a [liveblog.Stale] error and adds the revision that the client needs for its next attempt.
type StaleEntry struct {
	Err     error
	Current int // the entry's current revision
}

func (e *StaleEntry) Error() string { return e.Err.Error() }

func (e *StaleEntry) Unwrap() error { return e.Err }

// Problem is a problem+json document (RFC 9457). Its type is always about:blank; programs go by the code.
type Problem struct {
	Type            string         `json:"type"`
	Title           string         `json:"title"`
	Status          int            `json:"status"`
	Detail          string         `json:"detail"`
	Code            liveblog.Code  `json:"code"`
	Errors          []ProblemField `json:"errors,omitempty"`         // at most 20
	ErrorsOmitted   int            `json:"errors_omitted,omitempty"` // further errors
	CurrentRevision int            `json:"current_revision,omitempty"`
	RequestID       string         `json:"request_id,omitempty"`
}

// ProblemField is the error of one field.
type ProblemField struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// WantsProblem reports whether an error is answered with a [Problem] rather than an HTML page. Paths that only
// programs use always get one; for other paths the Accept header decides.
func WantsProblem(c *fiber.Ctx) bool {
	path := c.Path()
	if strings.HasPrefix(path, "/api/") || path == "/readyz" {
		return true
	}
	if rest, ok := strings.CutPrefix(path, "/live/"); ok {
		switch _, last, _ := strings.Cut(rest, "/"); last {
		case "ws", "events", "changes":
			return true
		}
	}
	return strings.HasPrefix(c.Accepts(fiber.MIMETextHTML, fiber.MIMEApplicationJSON, "application/problem+json"),
		"application/")
}
