package web

import (
	"net/netip"
	"testing"
)

func TestClientAddress(t *testing.T) {
	t.Parallel()
	p, err := ParseProxies([]string{"10.0.0.0/8", "192.0.2.7", "2001:db8:1::/48"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ name, peer, forwarded, want string }{
		{"no proxy", "198.51.100.9", "", "198.51.100.9"},
		{"a header from an untrusted peer is ignored", "198.51.100.9", "203.0.113.1", "198.51.100.9"},
		{"one proxy", "10.1.1.1", "203.0.113.1", "203.0.113.1"},
		{"an address that the client made up is ignored", "10.1.1.1", "1.2.3.4, 203.0.113.1", "203.0.113.1"},
		{"two proxies", "10.1.1.1", "1.2.3.4, 203.0.113.1, 192.0.2.7", "203.0.113.1"},
		{"only proxies", "10.1.1.1", "10.2.2.2, 192.0.2.7", "10.2.2.2"},
		{"a proxy without a header", "10.1.1.1", "", "10.1.1.1"},
		{"a malformed address ends the search", "10.1.1.1", "203.0.113.1, unknown", "10.1.1.1"},
		{"the last well-formed address before a malformed one", "10.1.1.1", "203.0.113.1, unknown, 10.3.3.3",
			"10.3.3.3"},
		{"a port", "10.1.1.1", "203.0.113.1:4711", "203.0.113.1"},
		{"IPv6", "2001:db8:1::5", "2001:db8:2::1", "2001:db8:2::1"},
		{"IPv6 with a port", "10.1.1.1", "[2001:db8:2::1]:443", "2001:db8:2::1"},
		{"IPv4 in IPv6", "10.1.1.1", "::ffff:203.0.113.1", "203.0.113.1"},
	} {
		if got := p.client(netip.MustParseAddr(tc.peer), tc.forwarded).String(); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
	if _, err := ParseProxies([]string{"proxy.example"}); err == nil {
		t.Error("ParseProxies accepted a host name")
	}
}

func TestAddressParts(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ addr, network, logged string }{
		{"203.0.113.77", "203.0.113.77", "203.0.113.0/24"},
		{"2001:db8:aaaa:bbbb:1:2:3:4", "2001:db8:aaaa:bbbb::/64", "2001:db8:aaaa::/48"},
	} {
		a := netip.MustParseAddr(tc.addr)
		if got := Network(a); got != tc.network {
			t.Errorf("Network(%s) is %s, want %s", a, got, tc.network)
		}
		if got := LogAddress(a); got != tc.logged {
			t.Errorf("LogAddress(%s) is %s, want %s", a, got, tc.logged)
		}
	}
	if got := LogAddress(netip.Addr{}); got != "unknown" {
		t.Errorf("the zero address is logged as %s", got)
	}
}
