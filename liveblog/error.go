package liveblog

import (
	"errors"
	"fmt"
	"strings"
)

// Code classifies an error. Package handlers/web maps codes to HTTP statuses in one table.
type Code string

// The codes of errors.
const (
	Malformed    Code = "malformed"      // the request cannot be parsed: syntax, unknown field, invalid cursor
	Invalid      Code = "invalid"        // the request is well formed, but a field breaks a rule
	Unauthorized Code = "unauthorized"   // there is no valid session or token
	Forbidden    Code = "forbidden"      // the actor's role does not allow it
	NotFound     Code = "not_found"      // it does not exist, or the actor may not see it
	Gone         Code = "gone"           // it was public and has been removed
	Conflict     Code = "conflict"       // the present state does not allow it: slug taken, entry removed
	Stale        Code = "stale_revision" // the given revision is not the current one
	KeyReused    Code = "key_reused"     // the idempotency key was used before for another request
	TooLarge     Code = "too_large"      // a size exceeds a limit
	TooMany      Code = "too_many"       // a rate or number exceeds a limit; the request may succeed later
	Unavailable  Code = "unavailable"    // the store cannot be reached; the request may succeed later
	Internal     Code = "internal"       // a bug or a broken system; details are only in the log
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
	Fields  []FieldError // the fields at fault, in the order of the form; may be empty
	Omitted int          // how many more faults there are beyond the first MaxFieldErrors
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

// FieldErrorf returns an error about one field. The message is both the error's and the field's.
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

// MaxFieldErrors is the maximum number of fields that an [Error] names. Without a limit, a request with an error every
// few bytes would produce a response that is many times larger.
const MaxFieldErrors = 20

// invalid collects the first [MaxFieldErrors] field errors and counts the others.
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

// err returns an [Invalid] error, or nil if there are no field errors.
func (v *invalid) err() error {
	switch len(v.fields) {
	case 0:
		return nil
	case 1:
		return &Error{Code: Invalid, Message: v.fields[0].Message, Fields: v.fields}
	}
	message := fmt.Sprintf("%d fields need a change.", v.count())
	return &Error{Code: Invalid, Message: message, Fields: v.fields, Omitted: v.omitted}
}
