package store

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// postgresConfig is what a URL says, and what holds where it says nothing.
type postgresConfig struct {
	conn *pgx.ConnConfig
	most int // connections at once
}

const (
	defaultConnections    = 16
	defaultConnectTimeout = 5 * time.Second
)

// defaultSettings are those of each session, unless the URL has others. The times make a node that hangs in the
// middle of a write, or is gone without a word, let go of a blog before those who wait for it give up.
var defaultSettings = map[string]string{
	"application_name":                    "readout",
	"synchronous_commit":                  "on",
	"default_transaction_isolation":       "read committed",
	"TimeZone":                            "UTC",
	"statement_timeout":                   "10s",
	"lock_timeout":                        "5s",
	"idle_in_transaction_session_timeout": "3s",
	"tcp_keepalives_idle":                 "10",
	"tcp_keepalives_interval":             "5",
	"tcp_keepalives_count":                "3",
	"tcp_user_timeout":                    "15000",
}

// parsePostgres reads a URL.
func parsePostgres(text string) (cfg postgresConfig, err error) {
	cfg.most = defaultConnections
	if cfg.conn, err = pgx.ParseConfig(text); err != nil {
		return cfg, unreadable(text, err)
	}
	params := cfg.conn.RuntimeParams
	for name, value := range params {
		if !strings.HasPrefix(name, "pool_") {
			continue
		}
		delete(params, name) // not for the server
		if name != "pool_max_conns" {
			return cfg, fmt.Errorf("the setting %.40q is not known; of those of the pool there is pool_max_conns", name)
		}
		if cfg.most, err = strconv.Atoi(value); err != nil || cfg.most < 2 || cfg.most > 10_000 {
			return cfg, errors.New("pool_max_conns must be a number from 2 to 10000")
		}
	}
	for name, value := range defaultSettings {
		if !has(params, name) {
			params[name] = value
		}
	}
	if cfg.conn.ConnectTimeout == 0 {
		cfg.conn.ConnectTimeout = defaultConnectTimeout
	}
	cfg.conn.DialFunc = newDialer().DialContext
	// A standby may be behind, and a reader must see each write that has returned.
	_, query, _ := strings.Cut(text, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		return cfg, unreadable(text, err)
	}
	switch target := values.Get("target_session_attrs"); target {
	case "primary", "read-write":
	case "":
		cfg.conn.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	default:
		return cfg, fmt.Errorf("target_session_attrs is %.20q; it may be read-write or primary, since the log is read where it is written", target)
	}
	return cfg, nil
}

// PlainHosts returns the hosts of a database's URL that may be reached without TLS: those of PostgreSQL with the sslmode
// disable, allow or prefer. There are none for SQLite and for a URL that cannot be read.
func PlainHosts(url string) (hosts []string) {
	kind, place, err := parse(url)
	if err != nil || kind != kindPostgres {
		return nil
	}
	cfg, err := parsePostgres(place)
	if err != nil {
		return nil
	}
	all := append([]*pgconn.FallbackConfig{{Host: cfg.conn.Host, TLSConfig: cfg.conn.TLSConfig}}, cfg.conn.Fallbacks...)
	for _, h := range all {
		if h.TLSConfig == nil && !slices.Contains(hosts, h.Host) {
			hosts = append(hosts, h.Host)
		}
	}
	return hosts
}

// newDialer returns what makes connections. A server that is gone without a word is noticed on those that wait for
// it, by the keep-alives, and on those that have sent something, by what is not acknowledged.
func newDialer() *net.Dialer {
	return &net.Dialer{
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 10 * time.Second, Interval: 5 * time.Second, Count: 3},
		Control:         limitUnacknowledged,
	}
}

// unacknowledged is how long what was sent may wait for the other system's acknowledgement, as the server has it in
// tcp_user_timeout.
const unacknowledged = 15 * time.Second

// has tells whether a setting is given; the server does not mind the case of names.
func has(params map[string]string, name string) bool {
	for given := range maps.Keys(params) {
		if strings.EqualFold(given, name) {
			return true
		}
	}
	return false
}

// unreadable says why a URL cannot be read. The cause may quote any part of the URL, and in one that cannot be taken
// apart a password may be in any part: then the cause is left out.
func unreadable(text string, err error) error {
	const form = "it must be like postgres://USER:PASSWORD@HOST:PORT/DATABASE, with %40 for @, %2F for / and so on in a password"
	cause := errors.Unwrap(err)
	u, unclear := url.Parse(text)
	if cause == nil || unclear != nil {
		return errors.New(form)
	}
	if password, _ := u.User.Password(); password != "" && strings.Contains(cause.Error(), password) || strings.Contains(text, "password=") {
		return errors.New(form)
	}
	return fmt.Errorf("%s: %s", form, oneLine(cause))
}

// redacted returns the URL without what may be secret.
func (cfg postgresConfig) redacted() string {
	addr := func(host string, port uint16) string { return net.JoinHostPort(host, strconv.Itoa(int(port))) }
	hosts := []string{addr(cfg.conn.Host, cfg.conn.Port)}
	for _, f := range cfg.conn.Fallbacks { // one host may be there with and without TLS
		if next := addr(f.Host, f.Port); next != hosts[len(hosts)-1] {
			hosts = append(hosts, next)
		}
	}
	return fmt.Sprintf("postgres://%s@%s/%s", url.User(cfg.conn.User), strings.Join(hosts, ","), cfg.conn.Database)
}
