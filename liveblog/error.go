package liveblog

import (
	"errors"
	"fmt"
	"strings"
)

// Code says what kind of failure an error is. The edge turns codes into HTTP statuses in one table.
type Code string

// The codes, and who can mend what they report.
const (
	Malformed    Code = "malformed"      // the request cannot be read at all: syntax, unknown field, bad cursor
	Invalid      Code = "invalid"        // well formed, but a field breaks a rule
	Unauthorized Code = "unauthorized"   // no valid session or token
	Forbidden    Code = "forbidden"      // known, but beyond its role
	NotFound     Code = "not_found"      // never was, or not visible to the asker
	Gone         Code = "gone"           // was public and has been removed
	Conflict     Code = "conflict"       // the state does not allow it: slug taken, entry removed
	Stale        Code = "stale_revision" // the revision named is not the current one
	KeyReused    Code = "key_reused"     // the idempotency key came before with another request
	TooLarge     Code = "too_large"      // over a limit of size
	TooMany      Code = "too_many"       // over a limit of rate or number; later it may work
	Unavailable  Code = "unavailable"    // the store is away; the same request may work later
	Internal     Code = "internal"       // a fault of ours; details are in the log, not in the message
)

// FieldError names one input field and what is wrong with it.
type FieldError struct {
	Field   string // the field's name as the API spells it, e.g. "time_zone"
	Message string // a whole sentence, safe to show
}

// Error is a failure with a code and texts that are safe to show to whoever made the request.
// The wrapped error, if any, is only for the log.
type Error struct {
	Code    Code
	Message string       // a whole sentence, safe to show
	Fields  []FieldError // the fields at fault, in the order of the form; empty where no field is
	Omitted int          // faults beyond the MaxFieldErrors that Fields names
	Err     error        // the cause, never shown
}

// Error returns the code, the message, the fields and the cause on one line, for the log.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", e.Code, e.Message)
	for _, f := range e.Fields {
		fmt.Fprintf(&b, " [%s: %s]", f.Field, f.Message)
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf returns an error with a code and a message that is safe to show.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// FieldErrorf returns an error about one field. The message stands both as the error's own and the field's.
func FieldErrorf(code Code, field, format string, args ...any) *Error {
	m := fmt.Sprintf(format, args...)
	return &Error{Code: code, Message: m, Fields: []FieldError{{Field: field, Message: m}}}
}

// CodeOf returns the code of the first [*Error] in err's chain, [Internal] for any other error, and "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}

// MaxFieldErrors is how many fields an [Error] names. A request can have a fault every few bytes, and whoever sent it wants
// an answer and not a copy.
const MaxFieldErrors = 20

// invalid collects field errors, the first [MaxFieldErrors] of them, and counts the others; err returns nil when there are
// none.
type invalid struct {
	fields  []FieldError
	omitted int
}

func (v *invalid) count() int { return len(v.fields) + v.omitted }

func (v *invalid) addf(field, format string, args ...any) {
	if len(v.fields) == MaxFieldErrors {
		v.omitted++
		return
	}
	v.fields = append(v.fields, FieldError{Field: field, Message: fmt.Sprintf(format, args...)})
}

func (v *invalid) err() error {
	switch len(v.fields) {
	case 0:
		return nil
	case 1:
		return &Error{Code: Invalid, Message: v.fields[0].Message, Fields: v.fields}
	}
	return &Error{Code: Invalid, Message: fmt.Sprintf("%d fields need a change.", v.count()), Fields: v.fields, Omitted: v.omitted}
}
