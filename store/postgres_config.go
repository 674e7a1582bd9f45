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

// postgresConfig is the configuration from a URL, with our defaults for settings that the URL does not have.
type postgresConfig struct {
	conn     *pgx.ConnConfig
	maxConns int
}

const (
	defaultConnections    = 16
	defaultConnectTimeout = 5 * time.Second
)

// defaultSettings are the session settings unless the URL has others. With these timeouts the server releases the locks
// of a node that hangs in a write, or has disappeared, before other nodes that wait for them give up.
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

func parsePostgres(text string) (cfg postgresConfig, err error) {
	cfg.maxConns = defaultConnections
	if cfg.conn, err = pgx.ParseConfig(text); err != nil {
		return cfg, unreadable(text, err)
	}
	params := cfg.conn.RuntimeParams
	for name, value := range params {
		if !strings.HasPrefix(name, "pool_") {
			continue
		}
		delete(params, name) // the server does not know it
		if name != "pool_max_conns" {
			return cfg, fmt.Errorf("the setting %.40q is not known; of those of the pool there is pool_max_conns", name)
		}
		if cfg.maxConns, err = strconv.Atoi(value); err != nil || cfg.maxConns < 2 || cfg.maxConns > 10_000 {
			return cfg, errors.New("pool_max_conns must be a number from 2 to 10000")
		}
	}
	for name, value := range defaultSettings {
		if !hasSetting(params, name) {
			params[name] = value
		}
	}
	if cfg.conn.ConnectTimeout == 0 {
		cfg.conn.ConnectTimeout = defaultConnectTimeout
	}
	cfg.conn.DialFunc = newDialer().DialContext
	// A standby may lag, but reads must see every write that has returned.
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
		return cfg, fmt.Errorf(
			"target_session_attrs is %.20q; it may be read-write or primary, since the log is read where it is written",
			target)
	}
	return cfg, nil
}

// PlainHosts returns the hosts in a database's URL to which connections without TLS are possible, which is so for
// PostgreSQL with the sslmode disable, allow or prefer. It returns none for SQLite and for a URL that cannot be parsed.
func PlainHosts(url string) (hosts []string) {
	kind, target, err := parse(url)
	if err != nil || kind != kindPostgres {
		return nil
	}
	cfg, err := parsePostgres(target)
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

// newDialer returns a dialer whose connections notice a server that has disappeared: keep-alives detect it while a
// connection waits, and limitUnacknowledged detects it after a connection has sent something.
func newDialer() *net.Dialer {
	return &net.Dialer{
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 10 * time.Second, Interval: 5 * time.Second, Count: 3},
		Control:         limitUnacknowledged,
	}
}

// unacknowledged is how long sent data may stay unacknowledged. The server's side has the same limit, tcp_user_timeout.
const unacknowledged = 15 * time.Second

// hasSetting reports whether a setting is given. The server ignores the case of names.
func hasSetting(params map[string]string, name string) bool {
	for given := range maps.Keys(params) {
		if strings.EqualFold(given, name) {
			return true
		}
	}
	return false
}

// unreadable explains why a URL cannot be parsed. It omits the cause if that might quote a password: the cause may
// quote any part of the URL, and in a URL that net/url cannot parse the password may be anywhere.
func unreadable(text string, err error) error {
	const form = "it must be like postgres://USER:PASSWORD@HOST:PORT/DATABASE, " +
		"with %40 for @, %2F for / and so on in a password"
	cause := errors.Unwrap(err)
	u, parseErr := url.Parse(text)
	if cause == nil || parseErr != nil || strings.Contains(text, "password=") {
		return errors.New(form)
	}
	if password, _ := u.User.Password(); password != "" && strings.Contains(cause.Error(), password) {
		return errors.New(form)
	}
	return fmt.Errorf("%s: %s", form, oneLine(cause))
}

// redacted returns the URL without the parts that may be secret.
func (cfg postgresConfig) redacted() string {
	addr := func(host string, port uint16) string { return net.JoinHostPort(host, strconv.Itoa(int(port))) }
	hosts := []string{addr(cfg.conn.Host, cfg.conn.Port)}
	for _, f := range cfg.conn.Fallbacks { // with sslmode prefer or allow, a host occurs with and without TLS
		if next := addr(f.Host, f.Port); next != hosts[len(hosts)-1] {
			hosts = append(hosts, next)
		}
	}
	return fmt.Sprintf("postgres://%s@%s/%s", url.User(cfg.conn.User), strings.Join(hosts, ","), cfg.conn.Database)
}
