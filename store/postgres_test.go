package store

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"readout/liveblog"
	"readout/store/postgrestest"
)

// openURL opens a database and closes it with the test.
func openURL(t testing.TB, url string) *store {
	t.Helper()
	s, err := open(t.Context(), url, bringUp)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

// rawPostgres opens a database without the settings of a store.
func rawPostgres(t *testing.T, url string) *sql.DB {
	t.Helper()
	conn, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	db := stdlib.OpenDB(*conn)
	t.Cleanup(func() { db.Close() })
	return db
}

// with returns a URL with further settings, such as "lock_timeout=200&pool_max_conns=2".
func with(database, settings string) string {
	u, err := url.Parse(database)
	if err != nil {
		panic(err)
	}
	query := u.Query()
	others, err := url.ParseQuery(settings)
	if err != nil {
		panic(err)
	}
	for name, values := range others {
		query[name] = values
	}
	u.RawQuery = query.Encode()
	return u.String()
}

// patience is how long a test waits for an event. It is reached only if something is broken.
const patience = 2 * time.Minute

// silent returns the address of a server that accepts connections and never responds.
func silent(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().String()
}

func TestOpenPostgresRefuses(t *testing.T) {
	t.Parallel()
	server := PostgresServer.Server(t)
	good := postgrestest.Patient(server.NewDatabase(t))
	secret := url.QueryEscape(postgrestest.Password)
	readOnly := server.NewDatabase(t)
	server.Exec(t, readOnly, "ALTER ROLE ALL IN DATABASE "+name(readOnly)+" SET default_transaction_read_only = on")
	taken := server.NewDatabase(t)
	server.Exec(t, taken, "CREATE TABLE bookmarks (url TEXT)")
	newer := newPostgres(t)
	openURL(t, newer)
	server.Exec(t, newer, "INSERT INTO schema_version (version_id, is_applied) VALUES (900, true)")
	for name, c := range map[string]struct{ url, want string }{
		"nobody listens": {postgrestest.Through(t, good, "127.0.0.1:1"), `127.0.0.1:1/` + name(good) + `": `},
		"nobody answers": {with(postgrestest.Through(t, good, silent(t)), "connect_timeout=1"),
			"does not answer in time"},
		"no such host":     {postgrestest.Through(t, good, "db.invalid:5432"), "db.invalid"},
		"wrong password":   {strings.Replace(good, "s3cret", "0ther", 1), `refuses the user "readout"`},
		"unknown user":     {strings.Replace(good, "readout:", "nobody:", 1), `refuses the user "nobody"`},
		"unknown database": {strings.Replace(good, "/test_", "/absent_", 1), "the server has no database \"absent_"},
		"no TLS": {
			strings.Replace(good, "sslmode=disable", "sslmode=require", 1), "the server offers no TLS",
		},
		"read only":         {readOnly, "the server is a standby or read-only"},
		"a standby wanted":  {with(good, "target_session_attrs=any"), "target_session_attrs is"},
		"another program's": {taken, "it is a database of another program"},
		"newer schema": {
			newer, fmt.Sprintf("the database is at schema 900, this binary knows up to %d", lastStep(t)),
		},
		"unknown pool":        {with(good, "pool_min_conns=2"), "pool_max_conns"},
		"pool of one":         {with(good, "pool_max_conns=1"), "pool_max_conns must be"},
		"unknown setting":     {with(good, "frobnicate=1"), "frobnicate"},
		"bad port":            {"postgres://readout:" + secret + "@host:port/db", "must be like postgres://"},
		"password not quoted": {"postgres://readout:" + postgrestest.Password + "@host/db", ""},
		"password as setting": {"postgres://host:x/db?password=" + secret, "must be like postgres://"},
		"bad sslmode":         {strings.Replace(good, "sslmode=disable", "sslmode=maybe", 1), "sslmode"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := Open(t.Context(), c.url)
			if err == nil {
				s.Close()
				t.Fatal("opened")
			}
			message := err.Error()
			if !strings.Contains(message, c.want) || strings.ContainsAny(message, "\n\r") {
				t.Errorf("message %q, want one line with %q", message, c.want)
			}
			for _, part := range []string{"s3cret", "0ther", "w@rd", "w%40rd", "pass:", "pass%3A"} {
				if strings.Contains(message, part) {
					t.Errorf("the message %q has the password", message)
				}
			}
		})
	}
	if n := scalar[int](t, rawPostgres(t, taken),
		`SELECT count(*) FROM pg_tables WHERE schemaname = 'public'`); n != 1 {
		t.Errorf("the other program's database has %d tables now", n)
	}
}

// name returns the database name in a URL.
func name(database string) string {
	u, err := url.Parse(database)
	if err != nil {
		panic(err)
	}
	return u.Path[1:]
}

func scalar[T any](t testing.TB, db *sql.DB, query string, args ...any) (v T) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), query, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}

// Without connect_timeout in the URL, the store uses its own default.
func TestPostgresConnectTimeout(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"postgres://u@h/d":                   5 * time.Second,
		"postgres://u@h/d?connect_timeout=2": 2 * time.Second,
	} {
		cfg, err := parsePostgres(text)
		if err != nil || cfg.conn.ConnectTimeout != want {
			t.Errorf("%s: %v, error %v, want %v", text, cfg.conn.ConnectTimeout, err, want)
		}
	}
}

// Nodes that start at the same time on an empty database all succeed.
func TestOpenPostgresTogether(t *testing.T) {
	t.Parallel()
	url := PostgresServer.Server(t).NewDatabase(t)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			s, err := Open(t.Context(), url)
			if err != nil {
				t.Errorf("Open: %v", err)
				return
			}
			if _, err := s.CreateBlog(t.Context(), liveblog.Blog{Slug: fmt.Sprintf("summit-%d", i)},
				liveblog.Audit{}); err != nil {
				t.Errorf("CreateBlog: %v", err)
			}
			if err := s.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
	}
	wg.Wait()
	if all, err := openURL(t, url).Blogs(t.Context()); err != nil || len(all) != 8 {
		t.Errorf("%d blogs, error %v", len(all), err)
	}
	if n := scalar[int](t, rawPostgres(t, url),
		`SELECT count(*) - count(DISTINCT version_id) FROM schema_version`); n != 0 {
		t.Errorf("%d steps were applied twice", n)
	}
}

// A node that starts while another one migrates waits for it, and then continues.
func TestPostgresMigrationsAreSerialized(t *testing.T) {
	t.Parallel()
	url := PostgresServer.Server(t).NewDatabase(t)
	url = postgrestest.Patient(url)
	db := rawPostgres(t, url)
	unlock, err := lockSchema(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	opened := make(chan error, 1)
	go func() {
		s, err := Open(t.Context(), url)
		if err == nil {
			err = s.Close()
		}
		opened <- err
	}()
	waitForLock(t, db)
	if n := scalar[int](t, db, `SELECT count(*) FROM pg_tables WHERE schemaname = 'public'`); n != 0 {
		t.Errorf("%d tables were created in the meantime", n)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	if err := <-opened; err != nil {
		t.Error(err)
	}
}

// OpenMigrated refuses an outdated schema with advice and changes nothing.
func TestOpenMigrated(t *testing.T) {
	t.Parallel()
	url := PostgresServer.Server(t).NewDatabase(t)
	db := rawPostgres(t, url)
	refused := func(want string) {
		t.Helper()
		s, err := OpenMigrated(t.Context(), url)
		if err == nil {
			s.Close()
			t.Fatal("opened")
		}
		if !strings.HasSuffix(err.Error(), want) {
			t.Errorf("error %q, want %q at its end", err, want)
		}
	}
	last := lastStep(t)
	refused(fmt.Sprintf("the database is at schema 0, this binary needs %d; run `readout database migrate` first",
		last))
	if n := scalar[int](t, db, `SELECT count(*) FROM pg_tables WHERE schemaname = 'public'`); n != 0 {
		t.Errorf("%d tables were created", n)
	}
	if version, err := Migrate(t.Context(), url); err != nil || version != last {
		t.Fatalf("version %d, error %v", version, err)
	}
	s, err := OpenMigrated(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	mustExec(t, db, `DELETE FROM schema_version WHERE version_id > 3`)
	refused(fmt.Sprintf("the database is at schema 3, this binary needs %d; run `readout database migrate` first",
		last))
}

func TestPostgresSession(t *testing.T) {
	t.Parallel()
	url := PostgresServer.Server(t).NewDatabase(t)
	for _, c := range []struct{ url, setting, want string }{
		{url, "application_name", "readout"},
		{url, "synchronous_commit", "on"},
		{url, "transaction_isolation", "read committed"},
		{url, "TimeZone", "UTC"},
		{url, "statement_timeout", "10s"},
		{url, "lock_timeout", "5s"},
		{url, "idle_in_transaction_session_timeout", "3s"},
		{url, "tcp_keepalives_idle", "10"},
		{url, "tcp_user_timeout", "15000"},
		{with(url, "application_name=node-7"), "application_name", "node-7"},
		{with(url, "statement_timeout=1234"), "statement_timeout", "1234ms"},
		{with(url, "timezone=Asia/Seoul"), "TimeZone", "Asia/Seoul"},
	} {
		if got := scalar[string](t, openURL(t, c.url).write, "SHOW "+c.setting); got != c.want {
			t.Errorf("%s is %q, want %q", c.setting, got, c.want)
		}
	}
	if n := openURL(t, url).read.Stats().MaxOpenConnections; n != 16 {
		t.Errorf("%d connections at most", n)
	}
	if n := openURL(t, with(url, "pool_max_conns=3")).read.Stats().MaxOpenConnections; n != 3 {
		t.Errorf("%d connections at most, want 3", n)
	}
}

// The pool keeps its connections, but replaces them after connLifetime.
func TestPostgresConnectionLifetime(t *testing.T) {
	t.Parallel()
	s := openURL(t, with(newPostgres(t), "pool_max_conns=2"))
	// database/sql has no getter for the limit.
	limit := reflect.ValueOf(s.read).Elem().FieldByName("maxLifetime").Int()
	if time.Duration(limit) != connLifetime {
		t.Errorf("connections are used for %v, want %v", time.Duration(limit), connLifetime)
	}
	pid := func() int { return scalar[int](t, s.read, `SELECT pg_backend_pid()`) }
	before := pid()
	if again := pid(); again != before {
		t.Fatalf("the connection changed from %d to %d before its lifetime ended", before, again)
	}
	s.read.SetConnMaxLifetime(time.Nanosecond)
	if after := pid(); after == before {
		t.Error("the connection was not replaced after its lifetime")
	}
}

// When many writers use the same address, name or key at once, one succeeds and the others get an error.
func TestPostgresContention(t *testing.T) {
	t.Parallel()
	s := openURL(t, newPostgres(t))
	for _, slug := range []string{"a", "b"} {
		addBlog(t, s, slug)
	}
	for name, c := range map[string]struct {
		write func(i int) error
		lost  liveblog.Code
	}{
		"user": {func(i int) error {
			return s.CreateUser(t.Context(), liveblog.User{ID: fmt.Sprint("u", i), Email: "Ada@example.org"},
				liveblog.Audit{})
		}, liveblog.Conflict},
		"token": {func(i int) error {
			return s.CreateToken(t.Context(),
				liveblog.Token{ID: fmt.Sprint("t", i), Hash: fmt.Sprint("h", i), Name: "Wire"}, liveblog.Audit{})
		}, liveblog.Conflict},
		// Writers of one blog are serialized by the lock of its row; writers of two blogs conflict only by the key.
		"key": {func(i int) error {
			at := time.UnixMicro(1).UTC()
			_, err := s.Commit(t.Context(), liveblog.Commit{Slug: string(rune('a' + i%2)),
				Audit: liveblog.Audit{At: at},
				Entry: liveblog.Entry{Body: "x", Status: liveblog.Published, CreatedAt: at, PublishedAt: at,
					UpdatedAt: at},
				Key: &liveblog.IdempotencyKey{Actor: "u_1", Key: "k", Fingerprint: fmt.Sprint(i)}})
			return err
		}, liveblog.KeyReused},
	} {
		var won atomic.Int64
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				switch code := liveblog.CodeOf(c.write(i)); {
				case code == "":
					won.Add(1)
				case code == c.lost:
				default:
					t.Errorf("%s: code %q", name, code)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Errorf("%s: %d writers succeeded", name, won.Load())
		}
	}
}

// Commits and seqs have the same order: a writer that holds the lock of a blog's row keeps the next one from taking a
// seq.
func TestPostgresWritersAreSerialized(t *testing.T) {
	t.Parallel()
	s := openURL(t, newPostgres(t))
	addBlog(t, s, "summit")
	addBlog(t, s, "other")
	tx, err := s.write.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	b, err := s.lockBlog(t.Context(), tx, "summit")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan liveblog.Committed, 1)
	go func() {
		c, err := post(t.Context(), s, "summit", "Second.")
		if err != nil {
			t.Errorf("Commit: %v", err)
		}
		done <- c
	}()
	waitForLock(t, s.read)
	if _, err := post(t.Context(), s, "other", "Another blog waits for nobody."); err != nil {
		t.Error(err)
	}
	if err := advance(t.Context(), tx, &b, liveblog.Effect{Entry: true}, false, time.Now()); err != nil ||
		b.Cursor.Seq != 1 {
		t.Errorf("seq %d, error %v", b.Cursor.Seq, err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if c := <-done; c.Entry.Seq != 2 {
		t.Errorf("the second commit has seq %d", c.Entry.Seq)
	}
}

// waitForLock returns when a session waits for a lock in the database.
func waitForLock(t *testing.T, db *sql.DB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if scalar[int](t, db, `SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock'`) > 0 {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("after %v no session waits for a lock in the database", patience)
		case <-tick.C:
		}
	}
}
