package web

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// Proxies are the networks of trusted proxies, whose X-Forwarded-For header is believed.
type Proxies []netip.Prefix

// ParseProxies parses a list of IP addresses and CIDR ranges. Its error is one line for the operator.
func ParseProxies(list []string) (Proxies, error) {
	var p Proxies
	for _, s := range list {
		prefix, err := netip.ParsePrefix(s)
		if addr, e := netip.ParseAddr(s); e == nil {
			prefix, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil {
			return nil, fmt.Errorf("the trusted proxy %q must be an address or a CIDR range such as 10.0.0.0/8", s)
		}
		p = append(p, prefix)
	}
	return p, nil
}

// Trust reports whether a is the address of a trusted proxy.
func (p Proxies) Trust(a netip.Addr) bool {
	return slices.ContainsFunc(p, func(n netip.Prefix) bool { return n.Contains(a) })
}

// client returns the address that a request came from: the connection's peer or, if that is a trusted proxy, the last
// address in X-Forwarded-For that is not one. Addresses to the left of that one are ignored, because the client may
// have made them up.
func (p Proxies) client(peer netip.Addr, forwarded string) netip.Addr {
	addr := peer
	hops := strings.Split(forwarded, ",")
	for i := len(hops) - 1; i >= 0 && p.Trust(addr); i-- {
		hop := ParseHop(strings.TrimSpace(hops[i]))
		if !hop.IsValid() {
			break
		}
		addr = hop
	}
	return addr
}

// ParseHop parses one address of X-Forwarded-For, with or without a port. It returns the zero Addr if s is not an
// address.
func ParseHop(s string) netip.Addr {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone("")
	}
	addr, err := netip.ParseAddr(strings.Trim(s, "[]"))
	if err != nil {
		return netip.Addr{}
	}
	return addr.Unmap().WithZone("")
}

// Network returns the network that limits count as one client: a whole IPv4 address, or the /64 of an IPv6 address,
// which is what a household gets.
func Network(a netip.Addr) string {
	if !a.Is6() {
		return a.String()
	}
	return netip.PrefixFrom(a, 64).Masked().String()
}

// LogAddress returns the part of an address that the log may keep: the /24 of an IPv4 address, the /48 of an IPv6
// address.
func LogAddress(a netip.Addr) string {
	if !a.IsValid() {
		return "unknown"
	}
	bits := 48
	if a.Is4() {
		bits = 24
	}
	return netip.PrefixFrom(a, bits).Masked().String()
}

// shared reports whether many clients may share an address: a loopback, private or link-local address is probably
// that of a proxy that is not trusted.
func shared(a netip.Addr) bool {
	return !a.IsValid() || a.IsUnspecified() || a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast()
}

// PeerAddress returns the IP address of a connection's peer, or the zero Addr if it has none.
func PeerAddress(a net.Addr) netip.Addr {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	return tcp.AddrPort().Addr().Unmap().WithZone("")
}
