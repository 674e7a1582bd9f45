package server

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
)

// TestWarningOfPlaintext falls when a kind of URL, of sslmode or of address is forgotten.
func TestWarningOfPlaintext(t *testing.T) {
	t.Parallel()
	lookup := func(_ context.Context, _, host string) ([]netip.Addr, error) {
		if a, err := netip.ParseAddr(host); err == nil {
			return []netip.Addr{a}, nil
		}
		switch host {
		case "db.example":
			return []netip.Addr{netip.MustParseAddr("10.0.0.7"), netip.MustParseAddr("198.51.100.7")}, nil
		case "postgres", "redis":
			return []netip.Addr{netip.MustParseAddr("172.18.0.3")}, nil
		}
		return nil, errors.New("no such host")
	}
	for name, c := range map[string]struct {
		database, redis string
		want            []string // what the warnings name, in their order
	}{
		"one host":                   {database: "postgres://u:p@127.0.0.1/d?sslmode=disable", redis: "redis://localhost:6379"},
		"containers":                 {database: "postgres://u:p@postgres/d?sslmode=disable", redis: "redis://:p@redis:6379"},
		"a socket":                   {database: "postgres:///d?host=/var/run/postgresql&user=u&sslmode=disable"},
		"SQLite":                     {database: "sqlite:readout.db"},
		"a database by its name":     {database: "postgres://u:p@db.example/d?sslmode=disable", want: []string{"db.example"}},
		"by its address":             {database: "postgres://u:p@198.51.100.7/d?sslmode=disable", want: []string{"198.51.100.7"}},
		"TLS where the server likes": {database: "postgres://u:p@db.example/d", want: []string{"db.example"}},
		"TLS":                        {database: "postgres://u:p@db.example/d?sslmode=require"},
		"TLS and the right server":   {database: "postgres://u:p@db.example/d?sslmode=verify-full"},
		"the second of two":          {database: "postgres://u:p@127.0.0.1,db.example/d?sslmode=disable", want: []string{"db.example"}},
		"Redis":                      {redis: "redis://:p@db.example:6379", want: []string{"db.example"}},
		"Redis in IPv6":              {redis: "redis://[2001:db8::1]:6379", want: []string{"2001:db8::1"}},
		"a second address of Redis":  {redis: "redis://127.0.0.1:1?addr=db.example:2&master_name=m", want: []string{"db.example"}},
		"Redis with TLS":             {redis: "rediss://:p@db.example:6379"},
		"both":                       {database: "postgres://u:p@db.example/d?sslmode=disable", redis: "redis://198.51.100.9", want: []string{"db.example", "198.51.100.9"}},
		"nobody knows it":            {database: "postgres://u:p@db.invalid/d?sslmode=disable", redis: "nonsense"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			warnOfPlaintext(t.Context(), slog.New(slog.NewTextHandler(&b, nil)), c.database, c.redis, lookup)
			lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
			if b.Len() == 0 {
				lines = nil
			}
			if len(lines) != len(c.want) {
				t.Fatalf("%d warnings, want %d: %s", len(lines), len(c.want), &b)
			}
			for i, want := range c.want {
				if !strings.HasSuffix(lines[i], "host="+want) || !strings.Contains(lines[i], "level=WARN") || strings.Contains(lines[i], "u:p") {
					t.Errorf("warning %d does not name %s: %s", i, want, lines[i])
				}
			}
		})
	}
}
