package postgrestest

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	var shared Shared
	goleak.VerifyTestMain(shared.Around(m))
}

// ask returns the result of a query for one value. It waits no longer than the limit.
func ask(t *testing.T, url, sql string, limit time.Duration) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	c, err := pgconn.Connect(ctx, url)
	if err != nil {
		return "", err
	}
	defer c.Close(ctx)
	results, err := c.Exec(ctx, sql).ReadAll()
	if err != nil || len(results) == 0 || len(results[0].Rows) == 0 {
		return "", err
	}
	return string(results[0].Rows[0][0]), nil
}

func TestServer(t *testing.T) {
	t.Parallel()
	s := Start(t, "work_mem=5MB")
	url := s.NewDatabase(t)
	want := func(sql, answer string) {
		t.Helper()
		if got, err := ask(t, url, sql, patience); err != nil || got != answer {
			t.Errorf("%s: %q, error %v, want %q", sql, got, err, answer)
		}
	}
	want("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", "0")
	want("SHOW work_mem", "5MB")
	want("SHOW is_superuser", "off")
	if other := s.NewDatabase(t); other == url {
		t.Error("two databases are one")
	}

	_, err := ask(t, strings.Replace(url, "s3cret", "guess", 1), "SELECT 1", patience)
	if e, ok := errors.AsType[*pgconn.PgError](err); !ok || e.Code != "28P01" {
		t.Errorf("with a wrong password: %v", err)
	}

	want("CREATE TABLE x (n int); INSERT INTO x VALUES (7); SELECT 1", "")
	s.Restart(t)
	want("SELECT n FROM x", "7")

	s.Pause(t)
	if _, err := ask(t, url, "SELECT 1", 100*time.Millisecond); err == nil {
		t.Error("a paused server answers")
	}
	s.Resume(t)
	want("SELECT n FROM x", "7")

	s.Kill(t)
	if c, err := net.Dial("tcp", s.Addr()); err == nil {
		c.Close()
		t.Error("a killed server listens")
	}
	s.Start(t)
	want("SELECT n FROM x", "7")
	s.Pause(t) // a paused server must end with the test too
}
