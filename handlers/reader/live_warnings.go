package reader

import (
	"net/netip"
	"strings"

	"readout/handlers/web"
	"readout/realtime"
)

// warnAboutProxy warns the operator once that readers seem to come through a proxy that is not trusted. All of them
// then have the proxy's address, which is exempt from the limit of live connections per address. An X-Forwarded-For
// header that comes from a public address proves nothing, because anybody can send it.
func (l *Live) warnAboutProxy(from netip.Addr, forwarded string) {
	first, _, _ := strings.Cut(forwarded, ",")
	if forwarded == "" || !realtime.Shared(from) || l.Proxies.Trust(from) ||
		web.ParseHop(strings.TrimSpace(first)) == from {
		return // the last case is a reader in a private network behind a trusted proxy
	}
	l.proxyWarning.Do(func() {
		l.Log.Warn("requests with X-Forwarded-For come from an address that is not trusted, so limits per address do "+
			"not apply; "+
			"if it is a proxy, name it in READOUT_TRUSTED_PROXIES", "address", from.String())
	})
}

// warnAboutShare warns the operator once that an address has reached its share of the live connections.
func (l *Live) warnAboutShare(from netip.Addr) {
	l.shareWarning.Do(func() {
		l.Log.Warn("an address or its network has reached its share of the live connections; more from it are "+
			"refused; "+
			"if it is a proxy, name it in READOUT_TRUSTED_PROXIES, and if many readers are behind it, raise "+
			"READOUT_MAX_READERS_PER_ADDRESS",
			"network", web.LogAddress(from))
	})
}
