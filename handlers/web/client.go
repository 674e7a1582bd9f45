package web

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// Proxies are the networks whose X-Forwarded-For is believed.
type Proxies []netip.Prefix

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

func (p Proxies) Trust(a netip.Addr) bool {
	return slices.ContainsFunc(p, func(n netip.Prefix) bool { return n.Contains(a) })
}

// client returns the address that a request came from: the connection's peer or, where that is a trusted proxy, the
// last address of X-Forwarded-For that no trusted proxy has. What stands left of it is the client's own invention.
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

// ParseHop reads an address with or without a port.
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

// Network returns the part of an address that one client has to itself as a limit sees it: an IPv4 address whole,
// of IPv6 the /64 that every household gets.
func Network(a netip.Addr) string {
	if !a.Is6() {
		return a.String()
	}
	return netip.PrefixFrom(a, 64).Masked().String()
}

// Blurred returns as much of an address as a log may keep.
func Blurred(a netip.Addr) string {
	if !a.IsValid() {
		return "unknown"
	}
	bits := 48
	if a.Is4() {
		bits = 24
	}
	return netip.PrefixFrom(a, bits).Masked().String()
}

// HeaderList joins the lines of a header that is a list.
func HeaderList(c *fiber.Ctx, name string) string {
	lines := c.Request().Header.PeekAll(name)
	if len(lines) == 1 {
		return string(lines[0])
	}
	texts := make([]string, len(lines))
	for i, line := range lines {
		texts[i] = string(line)
	}
	return strings.Join(texts, ",")
}

// shared reports whether many clients may have an address: one of this machine or of a private network, as that of a proxy
// that is not trusted.
func shared(a netip.Addr) bool {
	return !a.IsValid() || a.IsUnspecified() || a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast()
}

// PeerAddress returns the address of a connection's other end, or none where it has no IP address.
func PeerAddress(a net.Addr) netip.Addr {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	return tcp.AddrPort().Addr().Unmap().WithZone("")
}
