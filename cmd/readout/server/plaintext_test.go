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

func TestWarnOfPlaintext(t *testing.T) {
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
		want            []string // the hosts that the warnings name, in order
	}{
		"loopback": {
			database: "postgres://u:p@127.0.0.1/d?sslmode=disable",
			redis:    "redis://localhost:6379",
		},
		"containers": {
			database: "postgres://u:p@postgres/d?sslmode=disable",
			redis:    "redis://:p@redis:6379",
		},
		"Unix socket": {
			database: "postgres:///d?host=/var/run/postgresql&user=u&sslmode=disable",
		},
		"SQLite": {
			database: "sqlite:readout.db",
		},
		"PostgreSQL by name": {
			database: "postgres://u:p@db.example/d?sslmode=disable",
			want:     []string{"db.example"},
		},
		"PostgreSQL by address": {
			database: "postgres://u:p@198.51.100.7/d?sslmode=disable",
			want:     []string{"198.51.100.7"},
		},
		"PostgreSQL with TLS only if the server offers it": {
			database: "postgres://u:p@db.example/d",
			want:     []string{"db.example"},
		},
		"PostgreSQL with TLS": {
			database: "postgres://u:p@db.example/d?sslmode=require",
		},
		"PostgreSQL with TLS and a verified name": {
			database: "postgres://u:p@db.example/d?sslmode=verify-full",
		},
		"second host of PostgreSQL": {
			database: "postgres://u:p@127.0.0.1,db.example/d?sslmode=disable",
			want:     []string{"db.example"},
		},
		"Redis": {
			redis: "redis://:p@db.example:6379",
			want:  []string{"db.example"},
		},
		"Redis over IPv6": {
			redis: "redis://[2001:db8::1]:6379",
			want:  []string{"2001:db8::1"},
		},
		"second address of Redis": {
			redis: "redis://127.0.0.1:1?addr=db.example:2&master_name=m",
			want:  []string{"db.example"},
		},
		"Redis with TLS": {
			redis: "rediss://:p@db.example:6379",
		},
		"PostgreSQL and Redis": {
			database: "postgres://u:p@db.example/d?sslmode=disable",
			redis:    "redis://198.51.100.9",
			want:     []string{"db.example", "198.51.100.9"},
		},
		"unknown host": {
			database: "postgres://u:p@db.invalid/d?sslmode=disable",
			redis:    "nonsense",
		},
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
				if !strings.HasSuffix(lines[i], "host="+want) || !strings.Contains(lines[i], "level=WARN") {
					t.Errorf("line %d is no warning about %s: %s", i, want, lines[i])
				}
				if strings.Contains(lines[i], "u:p") {
					t.Errorf("line %d contains the password: %s", i, lines[i])
				}
			}
		})
	}
}
