package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"readout/liveblog"
)

// After a failed commit the transaction may be in the database, so the error must be Unavailable and not a refusal.
func TestFailureOfCommit(t *testing.T) {
	t.Parallel()
	for _, e := range []engine{sqliteEngine(), postgresEngine()} {
		s := &store{engine: e}
		for _, cause := range []error{io.ErrUnexpectedEOF, errors.New("anything"), &pgconn.PgError{Code: "XX000"}} {
			err := s.failure(t.Context(), "commit entry", commitError{cause})
			if liveblog.CodeOf(err) != liveblog.Unavailable || !errors.Is(err, cause) {
				t.Errorf("error %v, want Unavailable for %v", err, cause)
			}
		}
	}
}

func TestClassifyPostgres(t *testing.T) {
	t.Parallel()
	for code, errs := range map[liveblog.Code][]error{
		liveblog.Unavailable: {
			&net.OpError{Op: "read", Err: syscall.ECONNRESET}, os.ErrDeadlineExceeded, io.EOF, io.ErrUnexpectedEOF,
			net.ErrClosed,
			pgconn.ErrConnClosed, fmt.Errorf("wrapped: %w", pgconn.ErrConnClosed), &pgconn.ConnectError{},
			state("08006"), state("40001"), state("40P01"), state("55P03"), state("25006"), state("25P03"),
			state("53300"), state("53200"),
			state("57014"), state("57P01"), state("57P02"), state("57P03"), state("57P04"), state("57P05"),
			state("58030"), state("28P01"),
			errors.Join(&pgconn.ConnectError{}, state("3D000")),
		},
		liveblog.DiskFull: {state("53100")},
		liveblog.Conflict: {state("23505"), state("23503")},
		liveblog.Internal: {
			state("22021"), state("23502"), state("23514"), state("42P01"), state("42601"), state("XX000"), state("x"),
			errors.New("unknown"),
		},
	} {
		for _, err := range errs {
			if got := classifyPostgres(err); got != code {
				t.Errorf("%v is %q, want %q", err, got, code)
			}
		}
	}
}

// A server that reports an error of the commit has ended the transaction, so a full disk is reported as such.
func TestFailureOfCommitOnAFullDisk(t *testing.T) {
	t.Parallel()
	s := &store{engine: postgresEngine()}
	err := s.failure(t.Context(), "commit entry", commitError{state("53100")})
	if liveblog.CodeOf(err) != liveblog.DiskFull {
		t.Errorf("error %v, want DiskFull", err)
	}
}

func state(code string) error {
	return fmt.Errorf("wrapped: %w", &pgconn.PgError{Code: code, Message: code})
}

func TestFailure(t *testing.T) {
	t.Parallel()
	s := &store{engine: sqliteEngine()}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		ctx  context.Context
		err  error
		code liveblog.Code
		is   error
	}{
		"of the domain":               {t.Context(), noBlog("x"), liveblog.NotFound, nil},
		"of the domain, wrapped":      {t.Context(), fmt.Errorf("op: %w", noBlog("x")), liveblog.NotFound, nil},
		"of the domain, then ended":   {cancelled, noBlog("x"), liveblog.NotFound, nil},
		"ended":                       {cancelled, context.Canceled, liveblog.Unavailable, context.Canceled},
		"ended before the commit":     {cancelled, sql.ErrTxDone, liveblog.Unavailable, context.Canceled},
		"ended while something broke": {cancelled, io.ErrUnexpectedEOF, liveblog.Unavailable, io.ErrUnexpectedEOF},
		"late": {
			t.Context(), context.DeadlineExceeded, liveblog.Unavailable, context.DeadlineExceeded,
		},
		"connection lost":            {t.Context(), driver.ErrBadConn, liveblog.Unavailable, driver.ErrBadConn},
		"transaction used after end": {t.Context(), sql.ErrTxDone, liveblog.Internal, sql.ErrTxDone},
		"unknown":                    {t.Context(), io.ErrUnexpectedEOF, liveblog.Internal, io.ErrUnexpectedEOF},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := s.failure(c.ctx, "read page", c.err)
			e, ok := errors.AsType[*liveblog.Error](err)
			if !ok || e.Code != c.code {
				t.Fatalf("error %v, want code %q", err, c.code)
			}
			if c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("error %v does not wrap %v", err, c.is)
			}
			if e.Err != nil && !strings.HasPrefix(e.Err.Error(), "read page: ") {
				t.Errorf("the cause %q does not name the operation", e.Err)
			}
			if strings.Contains(e.Message, "EOF") || strings.Contains(e.Message, "sql") {
				t.Errorf("the message shows the cause: %q", e.Message)
			}
		})
	}
}
