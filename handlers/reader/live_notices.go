package reader

import (
	"net/netip"
	"strings"

	"readout/handlers/web"
	"readout/realtime"
)

// noticeProxy tells the operator once that readers seem to come through a proxy that is not trusted: every one of them
// then has its address, and none has a share of the live connections to be held to. A header from the public Internet
// proves nothing, since anybody can send it.
func (l *Live) noticeProxy(from netip.Addr, forwarded string) {
	first, _, _ := strings.Cut(forwarded, ",")
	if forwarded == "" || !realtime.Shared(from) || l.Proxies.Trust(from) || web.ParseHop(strings.TrimSpace(first)) == from {
		return // the last: a reader in a private network, behind a trusted proxy
	}
	l.toldProxy.Do(func() {
		l.Log.Warn("requests with X-Forwarded-For come from an address that is not trusted, so that no limit for one address holds; "+
			"if it is a proxy, name it in READOUT_TRUSTED_PROXIES", "address", from.String())
	})
}

// noticeShare tells the operator once that an address holds its whole share of the live connections.
func (l *Live) noticeShare(from netip.Addr) {
	l.toldShare.Do(func() {
		l.Log.Warn("an address or its network holds its whole share of the live connections and is refused more; "+
			"if it is a proxy, name it in READOUT_TRUSTED_PROXIES, and if many readers are behind it, raise READOUT_MAX_READERS_PER_ADDRESS",
			"network", web.LogAddress(from))
	})
}
