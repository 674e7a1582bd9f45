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
	DiskFull     Code = "disk_full"      // the store has no space left; nothing was written
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

// FieldErrors collects the first [MaxFieldErrors] errors of a request's fields and counts the others. The zero
// value has none.
type FieldErrors struct {
	Fields  []FieldError
	Omitted int // errors that are not in Fields
}

// Addf adds an error of one field.
func (v *FieldErrors) Addf(field, format string, args ...any) {
	if len(v.Fields) == MaxFieldErrors {
		v.Omitted++
		return
	}
	v.Fields = append(v.Fields, FieldError{Field: field, Message: fmt.Sprintf(format, args...)})
}

// Add adds the field errors of e.
func (v *FieldErrors) Add(e *Error) {
	for _, f := range e.Fields {
		v.Addf(f.Field, "%s", f.Message)
	}
	v.Omitted += e.Omitted
}

// Count returns how many errors were added, those that are not in Fields included.
func (v *FieldErrors) Count() int { return len(v.Fields) + v.Omitted }

// Err returns an error with the code, or nil if no error was added. Its message is that of the only error, or says how
// many of what the plural names need a change.
func (v *FieldErrors) Err(code Code, plural string) error {
	if v.Count() <= 1 {
		return v.First(code)
	}
	message := fmt.Sprintf("%d %s need a change.", v.Count(), plural)
	return &Error{Code: code, Message: message, Fields: v.Fields, Omitted: v.Omitted}
}

// First is as Err, but its message is always that of the first error.
func (v *FieldErrors) First(code Code) error {
	if len(v.Fields) == 0 {
		return nil
	}
	return &Error{Code: code, Message: v.Fields[0].Message, Fields: v.Fields, Omitted: v.Omitted}
}

// err returns an [Invalid] error, or nil if there are no field errors.
func (v *FieldErrors) err() error { return v.Err(Invalid, "fields") }

// MapFields returns a copy of the error with each of its fields mapped. If it has only one field, the message is that
// field's.
func (e *Error) MapFields(mapped func(FieldError) FieldError) *Error {
	out := *e
	out.Fields = make([]FieldError, len(e.Fields))
	for i, f := range e.Fields {
		out.Fields[i] = mapped(f)
	}
	if len(out.Fields) == 1 {
		out.Message = out.Fields[0].Message
	}
	return &out
}
