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

// lookupTimeout is for finding out where a host is, for a warning and nothing else.
const lookupTimeout = 2 * time.Second

// lookupFunc returns the addresses of a host, as [net.Resolver.LookupNetIP] does.
type lookupFunc func(ctx context.Context, network, host string) ([]netip.Addr, error)

// warnOfPlaintext says at the start which service is reached over the public Internet without TLS, where passwords and
// drafts can be read on their way.
func warnOfPlaintext(ctx context.Context, log *slog.Logger, database, redis string, lookup lookupFunc) {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	for _, host := range publicHosts(ctx, store.PlainHosts(database), lookup) {
		log.Warn("the database is reached over the public Internet without TLS; add sslmode=verify-full, and sslrootcert=FILE for an authority of your own, to READOUT_DATABASE", "host", host)
	}
	for _, host := range publicHosts(ctx, realtime.PlainRedisHosts(redis), lookup) {
		log.Warn("Redis is reached over the public Internet without TLS; write rediss://, with ?ca_file=FILE for an authority of your own, in READOUT_REDIS", "host", host)
	}
}

// publicHosts returns those of the hosts that have a public address. A host that cannot be found is not among them: what
// opens the connection says so.
func publicHosts(ctx context.Context, hosts []string, lookup lookupFunc) (public []string) {
	for _, host := range hosts {
		if host == "" || strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@") {
			continue // a socket of this machine
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
