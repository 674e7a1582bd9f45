package server

import (
	"context"
	"log/slog"
	"net/netip"
	"strings"
	"time"

	"readout/realtime"
	"readout/store"
)

// lookupTimeout limits the look-up of hosts, so that a warning does not delay the start of the node.
const lookupTimeout = 2 * time.Second

// lookupFunc returns the addresses of a host, as [net.Resolver.LookupNetIP] does.
type lookupFunc func(ctx context.Context, network, host string) ([]netip.Addr, error)

// warnOfPlaintext warns of a database and a Redis that the node reaches over the public Internet without TLS, where
// others can read passwords and drafts.
func warnOfPlaintext(ctx context.Context, log *slog.Logger, database, redis string, lookup lookupFunc) {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	for _, host := range publicHosts(ctx, store.PlainHosts(database), lookup) {
		log.Warn("the connection to the database crosses the public Internet without TLS; add sslmode=verify-full to "+
			"READOUT_DATABASE, and sslrootcert=FILE if you have your own certificate authority", "host", host)
	}
	for _, host := range publicHosts(ctx, realtime.PlainRedisHosts(redis), lookup) {
		log.Warn("the connection to Redis crosses the public Internet without TLS; write rediss:// in READOUT_REDIS, "+
			"and add ?ca_file=FILE if you have your own certificate authority", "host", host)
	}
}

// publicHosts returns the hosts that have a public address. It omits a host that it cannot look up; the code that
// connects to it reports that.
func publicHosts(ctx context.Context, hosts []string, lookup lookupFunc) (public []string) {
	for _, host := range hosts {
		if host == "" || strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@") {
			continue // a Unix socket
		}
		addrs, err := lookup(ctx, "ip", host)
		if err != nil {
			continue
		}
		for _, a := range addrs {
			if !realtime.Shared(a) {
				public = append(public, host)
				break
			}
		}
	}
	return public
}
