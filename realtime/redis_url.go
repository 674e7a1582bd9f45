package realtime

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// parseRedisURL parses a URL as [OpenRedis] describes it. Of the result only the addresses, the users and passwords,
// the database, the TLS settings and the Sentinels' name of the master are set. No error contains a part of the URL
// that may be a password.
//
// The parsers of go-redis are no replacement: their errors quote the URL with its password, they accept a URL without a
// host, they have no ca_file, and they tie TLS to the URL's host name, which is wrong for the other nodes of a Cluster
// and for a master that Sentinels name.
func parseRedisURL(raw string, base *tls.Config) (redis.UniversalOptions, error) {
	var opt redis.UniversalOptions
	u, err := url.Parse(raw)
	if err != nil || u.Fragment != "" || u.Opaque != "" || strings.Contains(u.Path+u.RawQuery, "@") {
		return opt, errors.New("cannot parse the Redis URL: write redis://user:password@host:port, " +
			"with all special characters of the password percent-encoded")
	}
	switch u.Scheme {
	case "redis":
	case "rediss":
		opt.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
		if base != nil {
			opt.TLSConfig = base.Clone()
		}
	default:
		return opt, fmt.Errorf("the Redis URL's scheme is %q: write redis:// or, for TLS, rediss://", u.Scheme)
	}
	if u.Hostname() == "" {
		return opt, errors.New("the Redis URL has no host: write redis://host:port")
	}
	port := u.Port()
	if port == "" {
		port = "6379"
	}
	opt.Addrs = []string{net.JoinHostPort(u.Hostname(), port)}
	opt.Username = u.User.Username()
	opt.Password, _ = u.User.Password()
	if path := strings.Trim(u.Path, "/"); path != "" {
		if opt.DB, err = strconv.Atoi(path); err != nil || opt.DB < 0 {
			return opt, errors.New("the Redis URL's path is not a database number: write redis://host:port/0")
		}
	}
	return opt, parseRedisParameters(&opt, u.RawQuery)
}

func parseRedisParameters(opt *redis.UniversalOptions, query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return errors.New("cannot parse the Redis URL's parameters: percent-encode their special characters")
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		value := values[name]
		if name != "addr" && len(value) > 1 {
			return fmt.Errorf("the Redis URL has the parameter %q more than once", name)
		}
		switch name {
		case "addr":
			for _, a := range value {
				if host, port, err := net.SplitHostPort(a); err != nil || host == "" || port == "" {
					return fmt.Errorf("the Redis URL's parameter addr=%q is not host:port", a)
				}
				opt.Addrs = append(opt.Addrs, a)
			}
		case "master_name":
			opt.MasterName = value[0]
		case "ca_file":
			if err := trustCAFile(opt.TLSConfig, value[0]); err != nil {
				return err
			}
		case "sentinel_username":
			opt.SentinelUsername = value[0]
		case "sentinel_password":
			opt.SentinelPassword = value[0]
		default:
			return fmt.Errorf("the Redis URL has an unknown parameter %q: the known ones are "+
				"addr, ca_file, master_name, sentinel_username and sentinel_password", name)
		}
	}
	if opt.MasterName == "" && (opt.SentinelUsername != "" || opt.SentinelPassword != "") {
		return errors.New("the Redis URL has a sentinel_password or sentinel_username, but no master_name")
	}
	return nil
}

// trustCAFile makes the configuration trust the authorities in a PEM file instead of the system's. The configuration is
// nil for a URL without TLS.
func trustCAFile(config *tls.Config, file string) error {
	if config == nil {
		return errors.New("the Redis URL has a ca_file, but does not use TLS: write rediss://")
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("cannot read the Redis URL's ca_file: %w", err)
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(pem) {
		return fmt.Errorf("the Redis URL's ca_file=%q has no certificates in PEM form", file)
	}
	return nil
}

// PlainRedisHosts returns the hosts that a Redis URL connects to without TLS; none if the URL is invalid.
func PlainRedisHosts(raw string) (hosts []string) {
	opt, err := parseRedisURL(raw, nil)
	if err != nil || opt.TLSConfig != nil {
		return nil
	}
	for _, addr := range opt.Addrs {
		if host, _, err := net.SplitHostPort(addr); err == nil {
			hosts = append(hosts, host)
		}
	}
	return hosts
}
