package realtime

import (
	"fmt"
	"net/netip"
	"testing"
)

// TestConnectionLimits: the limits hold for each address and for its network, and do not apply to shared addresses.
func TestConnectionLimits(t *testing.T) {
	t.Parallel()
	each := func(format string, n int) (list []string) {
		for i := range n {
			list = append(list, fmt.Sprintf(format, i))
		}
		return list
	}
	const limit = 1000 // and so 100 for an address, 250 for a network
	for name, c := range map[string]struct {
		from []string
		want int // how many are admitted if each address tries up to the limit
	}{
		"one address":               {[]string{"198.51.100.7"}, 100},
		"two addresses":             {[]string{"198.51.100.7", "203.0.113.9"}, 200},
		"one address in two forms":  {[]string{"198.51.100.7", "::ffff:198.51.100.7"}, 100},
		"one /24":                   {each("198.51.100.%d", 256), 250},
		"one /64":                   {each("2001:db8:0:1::%x", 100), 100},
		"many /64s of one /48":      {each("2001:db8:0:%x::1", 100), 250},
		"two /48s":                  {each("2001:db8:%x::1", 2), 200},
		"loopback":                  {[]string{"127.0.0.1"}, limit},
		"loopback, IPv6":            {[]string{"::1"}, limit},
		"private, 10/8":             {[]string{"10.1.2.3"}, limit},
		"private, 172.16/12":        {[]string{"172.31.0.1"}, limit},
		"private, 192.168/16":       {[]string{"192.168.1.1"}, limit},
		"private, IPv6":             {[]string{"fd00::1"}, limit},
		"private, mapped":           {[]string{"::ffff:10.1.2.3"}, limit},
		"link-local":                {[]string{"169.254.1.1"}, limit},
		"link-local with a zone":    {[]string{"fe80::1%eth0"}, limit},
		"the first carrier address": {[]string{"100.64.0.1"}, limit},
		"the last carrier address":  {[]string{"100.127.255.255"}, limit},
		"below the carriers'":       {[]string{"100.63.255.255"}, 100},
		"above the carriers'":       {[]string{"100.128.0.0"}, 100},
		"above 172.16/12":           {[]string{"172.32.0.1"}, 100},
		"an unknown address":        {[]string{""}, limit},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, Options{MaxClients: limit})
			var tickets []*Ticket
			for _, from := range c.from {
				addr, _ := netip.ParseAddr(from)
				for range limit {
					ticket, err := r.hub.Admit(addr)
					if err != nil {
						break
					}
					tickets = append(tickets, ticket)
				}
			}
			if len(tickets) != c.want {
				t.Errorf("%d were admitted, want %d", len(tickets), c.want)
			}
			for _, ticket := range tickets {
				ticket.Release()
			}
			if n := len(r.hub.admission.byNetwork); n != 0 || r.hub.admission.total != 0 {
				t.Errorf("after all releases %d networks and %d connections are counted", n, r.hub.admission.total)
			}
		})
	}
}

func TestDefaultLimits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ connections, address, network int }{
		{1, 1, 1}, {3, 1, 2}, {20, 5, 12}, {200, 50, 125}, {400, 100, 250}, {800, 100, 250}, {1000, 100, 250},
		{17_800, 1_780, 4_450}, {58_000, 5_800, 14_500},
	} {
		address := perAddress(c.connections)
		if network := perNetwork(c.connections, address); address != c.address || network != c.network {
			t.Errorf("of %d connections %d are for an address and %d for a network, want %d and %d",
				c.connections, address, network, c.address, c.network)
		}
	}
	if got := perNetwork(100, 100); got != 100 {
		t.Errorf("if one address may have all connections, a network may have %d", got)
	}
}
