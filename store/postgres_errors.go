package store

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"readout/liveblog"
)

// classifyPostgres returns the code for an error of the driver or the server.
func classifyPostgres(err error) liveblog.Code {
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return liveblog.Unavailable
	}
	if state := sqlState(err); state != "" {
		return classifyState(state)
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return liveblog.Unavailable
	}
	for _, closed := range []error{
		io.EOF, io.ErrUnexpectedEOF, io.ErrClosedPipe, net.ErrClosed, pgconn.ErrConnClosed, pgx.ErrTxClosed,
	} {
		if errors.Is(err, closed) {
			return liveblog.Unavailable
		}
	}
	if pgconn.Timeout(err) || pgconn.SafeToRetry(err) {
		return liveblog.Unavailable
	}
	return liveblog.Internal
}

func classifyState(state string) liveblog.Code {
	switch state {
	case "23505", "23503": // unique, foreign key
		return liveblog.Conflict
	case "53100":
		return liveblog.DiskFull
	case "40001", "40P01", // serialization failure, deadlock
		"55P03", // lock timeout
		"25006", // read-only: the server has become a standby
		"25P02", // the transaction has failed before
		"25P03": // idle-in-transaction timeout
		return liveblog.Unavailable
	}
	switch state[:min(2, len(state))] {
	case "08", // connection exception
		"53", // insufficient resources: memory, connections
		"57", // operator intervention: cancelled, shutting down, starting up
		"58", // system error
		"28": // invalid authorization, such as after a change of passwords
		return liveblog.Unavailable
	}
	return liveblog.Internal
}

// explain returns an error that tells operators on one line why the database cannot be used.
func (cfg postgresConfig) explain(err error) error {
	switch sqlState(err) {
	case "28P01", "28000":
		return fmt.Errorf("the server refuses the user %q: the name or the password is wrong, or its rules do not "+
			"allow it (%w)",
			cfg.conn.User, short{err})
	case "3D000":
		return fmt.Errorf("the server has no database %q", cfg.conn.Database)
	case "53300":
		return fmt.Errorf("the server has no connection left (%w)", short{err})
	case "57P03":
		return fmt.Errorf("the server is starting up or shutting down (%w)", short{err})
	case "42501":
		return fmt.Errorf("the user %q lacks a permission that is needed (%w)", cfg.conn.User, short{err})
	}
	text := err.Error()
	switch {
	case errors.Is(err, pgconn.ErrReadOnlyConnection), errors.Is(err, pgconn.ErrStandbyConnection):
		return errors.New("the server is a standby or read-only; name the one that can be written to")
	case strings.Contains(text, "server refused TLS connection"):
		return errors.New("the server offers no TLS, which sslmode requires")
	case pgconn.Timeout(err):
		return fmt.Errorf("the server does not answer in time (%w)", short{err})
	}
	return short{err}
}

// short is an error whose text is one line. If the connection failed, that is the cause without pgx's description.
type short struct{ error }

// Error implements error.
func (e short) Error() string {
	if c, ok := errors.AsType[*pgconn.ConnectError](e.error); ok {
		return oneLine(c.Unwrap())
	}
	return oneLine(e.error)
}

// Unwrap returns the cause.
func (e short) Unwrap() error { return e.error }

func oneLine(err error) string {
	lines := strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' || r == '\r' })
	for i, l := range lines {
		lines[i] = strings.TrimSpace(l)
	}
	return strings.Join(lines, "; ")
}
