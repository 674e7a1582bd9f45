package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"readout/liveblog"
)

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
		"late":                        {t.Context(), context.DeadlineExceeded, liveblog.Unavailable, context.DeadlineExceeded},
		"connection lost":             {t.Context(), driver.ErrBadConn, liveblog.Unavailable, driver.ErrBadConn},
		"transaction used after end":  {t.Context(), sql.ErrTxDone, liveblog.Internal, sql.ErrTxDone},
		"unknown":                     {t.Context(), io.ErrUnexpectedEOF, liveblog.Internal, io.ErrUnexpectedEOF},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := s.failure(c.ctx, "read page", c.err)
			e, ok := errors.AsType[*liveblog.Error](err)
			if !ok || e.Code != c.code {
				t.Fatalf("error %v, want code %q", err, c.code)
			}
			if c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("error %v does not tell of %v", err, c.is)
			}
			if e.Err != nil && !strings.HasPrefix(e.Err.Error(), "read page: ") {
				t.Errorf("the cause %q does not tell of the operation", e.Err)
			}
			if strings.Contains(e.Message, "EOF") || strings.Contains(e.Message, "sql") {
				t.Errorf("the message shows the cause: %q", e.Message)
			}
		})
	}
}
