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

// Codes of failures that only HTTP knows.
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

// kind is how failures of one code are answered. The message, where there is one, stands in for a framework's.
type kind struct {
	Code    liveblog.Code
	Status  int
	message string
}

// kinds is the one table from codes to HTTP. The first row of a status speaks for it where the framework gives a
// status alone.
var kinds = []kind{
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
	{liveblog.Unavailable, http.StatusServiceUnavailable, "The service is away for a moment. Please try again."},
	{liveblog.Internal, http.StatusInternalServerError, "Something went wrong on our side. It has been noted."},
	{UnsupportedMedia, http.StatusUnsupportedMediaType, ""},
	{MethodNotAllowed, http.StatusMethodNotAllowed, "This address does not take that method; the Allow header names those that it takes."},
	{UpgradeRequired, http.StatusUpgradeRequired, "This address speaks only WebSocket; the same changes are at /events and /changes."},
	{HeadersTooLarge, http.StatusRequestHeaderFieldsTooLarge, "The address and the headers of the request take more than 16 KiB, which is the limit. A search takes up to 200 characters."},
	{MethodUnknown, http.StatusNotImplemented, "This server does not know that method."},
	{CodingUnknown, http.StatusNotImplemented, ""},
	{VersionUnsupported, http.StatusHTTPVersionNotSupported, ""},
	{RequestTimeout, http.StatusRequestTimeout, "The request did not arrive in time."},
}

func kindOf(code liveblog.Code) kind {
	var internal kind
	for _, k := range kinds {
		if k.Code == code {
			return k
		}
		if k.Code == liveblog.Internal {
			internal = k
		}
	}
	return internal
}

func kindOfStatus(status int) kind {
	for _, k := range kinds {
		if k.Status == status {
			return k
		}
	}
	if status >= 400 && status < 500 {
		return kindOf(liveblog.Malformed)
	}
	return kindOf(liveblog.Internal)
}

// failure is what may be said about an error.
type failure struct {
	kind
	Message string
	Fields  []liveblog.FieldError
	Omitted int // faults beside those of the fields
}

// Limits of what is said about one failure. What somebody sent stands in it at most in part.
const (
	maxMessage      = 600 // characters
	maxFieldMessage = 400
	MaxProblem      = 16 << 10 // bytes of JSON
)

// shortly bounds a failure.
func (f failure) shortly() failure {
	if n := len(f.Fields); n > liveblog.MaxFieldErrors {
		f.Omitted += n - liveblog.MaxFieldErrors
		f.Fields = f.Fields[:liveblog.MaxFieldErrors]
	}
	f.Message = Shortened(f.Message, maxMessage)
	f.Fields = slices.Clone(f.Fields)
	for i, field := range f.Fields {
		f.Fields[i] = liveblog.FieldError{Field: clip(field.Field), Message: Shortened(field.Message, maxFieldMessage)}
	}
	if f.Omitted > 0 {
		f.Message += fmt.Sprintf(" Another %d are not listed.", f.Omitted)
	}
	return f
}

func FailureOf(err error) failure {
	if e, ok := errors.AsType[*liveblog.Error](err); ok {
		f := failure{kindOf(e.Code), e.Message, e.Fields, e.Omitted}
		if f.Code == liveblog.Internal || f.Message == "" {
			f.Message, f.Fields, f.Omitted = f.kind.message, nil, 0
		}
		return f.shortly()
	}
	k := kindOf(liveblog.Internal)
	if e, ok := errors.AsType[*fiber.Error](err); ok {
		k = kindOfStatus(e.Code)
	}
	return failure{kind: k, Message: k.message}
}

// StaleEntry adds to a [liveblog.Stale] error what the client needs to go on.
type StaleEntry struct {
	Err     error
	Current int // revision
}

func (e *StaleEntry) Error() string { return e.Err.Error() }

func (e *StaleEntry) Unwrap() error { return e.Err }

// Problem is an answer by RFC 9457. Its type is about:blank: the code says what a program needs to know.
type Problem struct {
	Type            string         `json:"type"`
	Title           string         `json:"title"`
	Status          int            `json:"status"`
	Detail          string         `json:"detail"`
	Code            liveblog.Code  `json:"code"`
	Errors          []ProblemField `json:"errors,omitempty"`         // the first of them
	ErrorsOmitted   int            `json:"errors_omitted,omitempty"` // how many there are beside
	CurrentRevision int            `json:"current_revision,omitempty"`
	RequestID       string         `json:"request_id,omitempty"`
}

type ProblemField struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// WantsProblem tells programs from browsers: by the address where only programs go, else by what is asked for.
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
	return strings.HasPrefix(c.Accepts(fiber.MIMETextHTML, fiber.MIMEApplicationJSON, "application/problem+json"), "application/")
}
