package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"readout/liveblog"
)

// failure converts the error of an operation into a [liveblog.Error]; no other function does. It returns errors of the
// domain unchanged. A context that has ended and a database that cannot be reached are Unavailable; the engine
// classifies all other errors.
func (s *store) failure(ctx context.Context, op string, err error) error {
	if known, ok := errors.AsType[*liveblog.Error](err); ok {
		return known
	}
	if done := ctx.Err(); done != nil && !errors.Is(err, done) {
		// When a context ends, the transaction may report any error; make errors.Is find the context's.
		err = fmt.Errorf("%w: %w", done, err)
	}
	code := s.engine.classify(err)
	_, isCommit := errors.AsType[commitError](err)
	switch {
	case isCommit && code != liveblog.DiskFull, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded),
		errors.Is(err, driver.ErrBadConn), errors.Is(err, sql.ErrConnDone):
		code = liveblog.Unavailable
	}
	message := "The store failed because of an internal error, which has been logged."
	switch code {
	case liveblog.Unavailable:
		message = unavailable
	case liveblog.DiskFull:
		message = "The disk of the database is full, so this was not saved. Keep your text, tell whoever runs this " +
			"server, and try again when there is space."
	case liveblog.Conflict:
		message = "This conflicts with what is stored. Load the page again and repeat the change."
	}
	return &liveblog.Error{Code: code, Message: message, Err: fmt.Errorf("%s: %w", op, err)}
}

const unavailable = "The store does not answer at the moment. Please try again."

// commitError is an error of the commit itself, after which the transaction may or may not be in the database.
type commitError struct{ error }

// Unwrap returns the cause.
func (e commitError) Unwrap() error { return e.error }

func noBlog(slug string) error {
	return liveblog.FieldErrorf(liveblog.NotFound, "slug", "There is no blog “%.80s”.", slug)
}

func noEntry(field string, number int) error {
	return liveblog.FieldErrorf(liveblog.NotFound, field, "There is no entry %d.", number)
}
