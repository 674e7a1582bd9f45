package realtime

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Limits of one exchange with Redis. Nothing is ever waited for longer, so that a Redis which is away costs little.
const (
	dialTimeout    = time.Second
	connLifetime   = time.Minute
	commandTimeout = time.Second
	openTimeout    = 4 * time.Second // for all that happens at the start
)

// redisPlace is what a URL says.
type redisPlace struct {
	addrs                      []string
	user, password             string
	master                     string // Sentinel's name of the master; "" without Sentinel
	sentinelUser, sentinelPass string
	db                         int
	tls                        *tls.Config
}

// parseRedisURL reads a URL. Its errors hold no part of it that may be a password.
func parseRedisURL(raw string, base *tls.Config) (redisPlace, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Fragment != "" || u.Opaque != "" || strings.Contains(u.Path+u.RawQuery, "@") {
		return redisPlace{}, errors.New("the Redis URL cannot be read: write redis://user:password@host:port, " +
			"with every special character of the password percent-encoded")
	}
	p := redisPlace{}
	switch u.Scheme {
	case "redis":
	case "rediss":
		p.tls = &tls.Config{MinVersion: tls.VersionTLS12}
		if base != nil {
			p.tls = base.Clone()
		}
	default:
		return p, fmt.Errorf("the Redis URL's scheme is %q: write redis:// or, for TLS, rediss://", u.Scheme)
	}
	if u.Hostname() == "" {
		return p, errors.New("the Redis URL names no host: write redis://host:port")
	}
	port := u.Port()
	if port == "" {
		port = "6379"
	}
	p.addrs = []string{net.JoinHostPort(u.Hostname(), port)}
	if u.User != nil {
		p.user = u.User.Username()
		p.password, _ = u.User.Password()
	}
	if path := strings.Trim(u.Path, "/"); path != "" {
		if p.db, err = strconv.Atoi(path); err != nil || p.db < 0 {
			return p, errors.New("the Redis URL's path is not the number of a database")
		}
	}
	return p, p.parameters(u.RawQuery)
}

func (p *redisPlace) parameters(query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return errors.New("the Redis URL's parameters cannot be read")
	}
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		value := values[name]
		if name != "addr" && len(value) > 1 {
			return fmt.Errorf("the Redis URL has the parameter %q twice", name)
		}
		switch name {
		case "addr":
			for _, a := range value {
				if host, port, err := net.SplitHostPort(a); err != nil || host == "" || port == "" {
					return fmt.Errorf("the Redis URL's parameter addr=%q is not host:port", a)
				}
				p.addrs = append(p.addrs, a)
			}
		case "master_name":
			p.master = value[0]
		case "ca_file":
			if err := p.trust(value[0]); err != nil {
				return err
			}
		case "sentinel_username":
			p.sentinelUser = value[0]
		case "sentinel_password":
			p.sentinelPass = value[0]
		default:
			return fmt.Errorf("the Redis URL has an unknown parameter %q: there are addr, ca_file, master_name, "+
				"sentinel_username and sentinel_password", name)
		}
	}
	if p.master == "" && (p.sentinelUser != "" || p.sentinelPass != "") {
		return errors.New("the Redis URL has a sentinel_password or sentinel_username, but no master_name")
	}
	return nil
}

// trust takes the authorities in a PEM file in place of the system's.
func (p *redisPlace) trust(file string) error {
	if p.tls == nil {
		return errors.New("the Redis URL has a ca_file, but no TLS: write rediss://")
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("the Redis URL's parameter ca_file cannot be read: %w", err)
	}
	p.tls.RootCAs = x509.NewCertPool()
	if !p.tls.RootCAs.AppendCertsFromPEM(pem) {
		return fmt.Errorf("the Redis URL's parameter ca_file=%q is no PEM file with certificates", file)
	}
	return nil
}

// PlainRedisHosts returns the hosts that a Redis URL reaches without TLS; none for a URL that cannot be read.
func PlainRedisHosts(raw string) (hosts []string) {
	p, err := parseRedisURL(raw, nil)
	if err != nil || p.tls != nil {
		return nil
	}
	for _, addr := range p.addrs {
		if host, _, err := net.SplitHostPort(addr); err == nil {
			hosts = append(hosts, host)
		}
	}
	return hosts
}

// connect finds out what the server is and returns a client for it.
func (p redisPlace) connect(ctx context.Context) (client redis.UniversalClient, sharded bool, err error) {
	// The library's logger is one for the whole process, and writes a line to stderr for each failure of a connection
	// in a form of its own. Whatever it says, the broker learns by an error and tells once.
	logging.Disable()
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	if p.master != "" {
		c := p.failover()
		if err := c.Ping(ctx).Err(); err != nil {
			c.Close()
			return nil, false, fmt.Errorf("redis Sentinel at %s, master %q: %w", strings.Join(p.addrs, ", "), p.master, p.explained(err))
		}
		return c, false, nil
	}
	for i, addr := range p.addrs {
		var cluster bool
		c := p.single(addr, 0)
		if cluster, err = isCluster(ctx, c); err != nil {
			c.Close()
			err = fmt.Errorf("redis at %s: %w", addr, p.explained(err))
			continue
		}
		switch {
		case cluster && p.db != 0:
			err = fmt.Errorf("redis at %s is a Cluster, which has no database %d: leave the path away", addr, p.db)
		case cluster:
			c.Close()
			return p.cluster(ctx, p.addrs[i:])
		case len(p.addrs) > 1:
			err = fmt.Errorf("redis at %s is not a Cluster: the Redis URL's parameter addr is for a Cluster or, with master_name, for Sentinels", addr)
		case p.db == 0:
			return c, false, nil
		default:
			c.Close()
			c = p.single(addr, p.db)
			if err = c.Ping(ctx).Err(); err == nil {
				return c, false, nil
			}
			err = fmt.Errorf("redis at %s, database %d: %w", addr, p.db, p.explained(err))
		}
		c.Close()
		return nil, false, err
	}
	return nil, false, err
}

func isCluster(ctx context.Context, c *redis.Client) (bool, error) {
	info, err := c.Info(ctx, "cluster").Result()
	return strings.Contains(info, "cluster_enabled:1"), err
}

// explained puts in front of an error what an operator can do about it.
func (p redisPlace) explained(err error) error {
	text := err.Error()
	has := func(parts ...string) bool {
		return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(text, part) })
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded), has("i/o timeout"):
		return fmt.Errorf("no answer in time: %w", err)
	case has("WRONGPASS", "NOAUTH", "without any password"):
		return fmt.Errorf("the user or the password is refused: %w", err)
	case has("tls:", "x509:"):
		return fmt.Errorf("TLS failed: %w", err)
	case p.tls == nil && has("connection reset", "EOF"):
		return fmt.Errorf("the server hangs up; if it wants TLS, write rediss://: %w", err)
	case p.master != "" && has("redis: nil"):
		return fmt.Errorf("no Sentinel knows a master of this name: %w", err)
	}
	return err
}

func (p redisPlace) single(addr string, db int) *redis.Client {
	return redis.NewClient(&redis.Options{
		Addr: addr, Username: p.user, Password: p.password, DB: db, TLSConfig: p.tls,
		Protocol: 2, DisableIdentity: true, MaintNotificationsConfig: quiet(),
		MaxRetries: 1, DialerRetries: 1, MinRetryBackoff: -1, MaxRetryBackoff: -1, ContextTimeoutEnabled: true,
		DialTimeout: dialTimeout, ReadTimeout: commandTimeout, WriteTimeout: commandTimeout, PoolTimeout: commandTimeout,
		PipelinePoolSize: -1, ConnMaxLifetime: connLifetime,
	})
}

func (p redisPlace) failover() *redis.Client {
	return redis.NewFailoverClient(&redis.FailoverOptions{
		MasterName: p.master, SentinelAddrs: p.addrs, SentinelUsername: p.sentinelUser, SentinelPassword: p.sentinelPass,
		Username: p.user, Password: p.password, DB: p.db, TLSConfig: p.tls,
		Protocol: 2, DisableIdentity: true,
		MaxRetries: 1, DialerRetries: 1, MinRetryBackoff: -1, MaxRetryBackoff: -1, ContextTimeoutEnabled: true,
		DialTimeout: dialTimeout, ReadTimeout: commandTimeout, WriteTimeout: commandTimeout, PoolTimeout: commandTimeout,
		PipelinePoolSize: -1, ConnMaxLifetime: connLifetime,
	})
}

func (p redisPlace) cluster(ctx context.Context, addrs []string) (redis.UniversalClient, bool, error) {
	c := redis.NewClusterClient(&redis.ClusterOptions{
		Addrs: addrs, Username: p.user, Password: p.password, TLSConfig: p.tls,
		Protocol: 2, DisableIdentity: true, MaintNotificationsConfig: quiet(),
		MaxRedirects: 2, MaxRetries: 1, DialerRetries: 1, MinRetryBackoff: -1, MaxRetryBackoff: -1, ContextTimeoutEnabled: true,
		DialTimeout: dialTimeout, ReadTimeout: commandTimeout, WriteTimeout: commandTimeout, PoolTimeout: commandTimeout,
		PipelinePoolSize: -1,
	})
	if _, err := c.MasterForKey(ctx, channelPrefix); err != nil {
		c.Close()
		return nil, false, fmt.Errorf("redis Cluster at %s: %w", strings.Join(addrs, ", "), p.explained(err))
	}
	return c, true, nil
}

// quiet keeps the client from asking for notices that servers before 8 refuse with an error.
func quiet() *maintnotifications.Config {
	return &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
}
