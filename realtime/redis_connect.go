package realtime

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Time limits of one exchange with Redis. They are short, so that an unavailable Redis delays little.
const (
	dialTimeout    = time.Second
	connLifetime   = time.Minute
	commandTimeout = time.Second
	openTimeout    = 4 * time.Second // for all exchanges at the start together
)

// connectRedis returns a client for the server, the Cluster or the Sentinels' master at the addresses in opt, and
// whether it is a Cluster, which has sharded pub/sub. An error says in one line what to change.
func connectRedis(ctx context.Context, opt redis.UniversalOptions) (
	client redis.UniversalClient, sharded bool, err error) {
	// The logger of go-redis is shared by the whole process and writes a line to stderr for each failed attempt. The
	// broker gets the same failures as errors and logs them once.
	logging.Disable()
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	setRedisDefaults(&opt)
	if opt.MasterName != "" {
		c := redis.NewFailoverClient(opt.Failover())
		if err := c.Ping(ctx).Err(); err != nil {
			c.Close()
			return nil, false, fmt.Errorf("redis Sentinel at %s, master %q: %w",
				strings.Join(opt.Addrs, ", "), opt.MasterName, explainRedisError(opt, err))
		}
		return c, false, nil
	}
	for i, addr := range opt.Addrs {
		var cluster bool
		c := newRedisClient(opt, addr, 0) // a Cluster has only the database 0
		if cluster, err = isCluster(ctx, c); err != nil {
			c.Close()
			err = fmt.Errorf("redis at %s: %w", addr, explainRedisError(opt, err))
			continue
		}
		switch {
		case cluster && opt.DB != 0:
			err = fmt.Errorf("redis at %s is a Cluster, which has no database %d: "+
				"remove the database from the Redis URL", addr, opt.DB)
		case cluster:
			c.Close()
			opt.Addrs = opt.Addrs[i:]
			return connectCluster(ctx, opt)
		case len(opt.Addrs) > 1:
			err = fmt.Errorf("redis at %s is not a Cluster: the Redis URL's parameter addr is only for a Cluster or, "+
				"with master_name, for Sentinels", addr)
		case opt.DB == 0:
			return c, false, nil
		default:
			c.Close()
			c = newRedisClient(opt, addr, opt.DB)
			if err = c.Ping(ctx).Err(); err == nil {
				return c, false, nil
			}
			err = fmt.Errorf("redis at %s, database %d: %w", addr, opt.DB, explainRedisError(opt, err))
		}
		c.Close()
		return nil, false, err
	}
	return nil, false, err
}

// setRedisDefaults sets everything that the URL does not.
func setRedisDefaults(opt *redis.UniversalOptions) {
	opt.Protocol, opt.DisableIdentity = 2, true
	// Servers before version 8 answer the request for these notifications with an error.
	opt.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	opt.MaxRedirects, opt.MaxRetries, opt.DialerRetries = 2, 1, 1
	opt.MinRetryBackoff, opt.MaxRetryBackoff = -1, -1 // none
	opt.ContextTimeoutEnabled = true
	opt.DialTimeout = dialTimeout
	opt.ReadTimeout, opt.WriteTimeout, opt.PoolTimeout = commandTimeout, commandTimeout, commandTimeout
	opt.PipelinePoolSize = -1 // none
	opt.ConnMaxLifetime = connLifetime
}

func newRedisClient(opt redis.UniversalOptions, addr string, db int) *redis.Client {
	opt.Addrs, opt.DB = []string{addr}, db
	return redis.NewClient(opt.Simple())
}

func connectCluster(ctx context.Context, opt redis.UniversalOptions) (redis.UniversalClient, bool, error) {
	opt.ConnMaxLifetime = 0 // the client follows the Cluster's own announcements of its masters
	c := redis.NewClusterClient(opt.Cluster())
	if _, err := c.MasterForKey(ctx, channelPrefix); err != nil {
		c.Close()
		return nil, false, fmt.Errorf("redis Cluster at %s: %w",
			strings.Join(opt.Addrs, ", "), explainRedisError(opt, err))
	}
	return c, true, nil
}

func isCluster(ctx context.Context, c *redis.Client) (bool, error) {
	info, err := c.Info(ctx, "cluster").Result()
	return strings.Contains(info, "cluster_enabled:1"), err
}

// explainRedisError prefixes an error with its likely cause in the operator's terms.
func explainRedisError(opt redis.UniversalOptions, err error) error {
	text := err.Error()
	has := func(parts ...string) bool {
		return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(text, part) })
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded), has("i/o timeout"):
		return fmt.Errorf("no answer in time: %w", err)
	case has("WRONGPASS", "NOAUTH", "without any password"):
		return fmt.Errorf("the server rejects the user name or the password: %w", err)
	case has("tls:", "x509:"):
		return fmt.Errorf("TLS failed: %w", err)
	case opt.TLSConfig == nil && has("connection reset", "EOF"):
		return fmt.Errorf("the server closes the connection; if it requires TLS, write rediss://: %w", err)
	case opt.MasterName != "" && has("redis: nil"):
		return fmt.Errorf("no Sentinel knows a master of this name: %w", err)
	}
	return err
}
