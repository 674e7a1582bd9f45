package realtime

import (
	"fmt"
	"net/netip"
	"testing"
)

// TestShares: the table falls when an address is counted whole, when its network is not counted, and when one that many
// may share is.
func TestShares(t *testing.T) {
	t.Parallel()
	each := func(format string, n int) (list []string) {
		for i := range n {
			list = append(list, fmt.Sprintf(format, i))
		}
		return list
	}
	const places = 1000 // 100 an address, 250 a network
	for name, c := range map[string]struct {
		from []string
		want int // how many get in when each address tries for all places
	}{
		"one address":                     {[]string{"198.51.100.7"}, 100},
		"two addresses":                   {[]string{"198.51.100.7", "203.0.113.9"}, 200},
		"one address written in two ways": {[]string{"198.51.100.7", "::ffff:198.51.100.7"}, 100},
		"neighbours":                      {each("198.51.100.%d", 256), 250},
		"one household":                   {each("2001:db8:0:1::%x", 100), 100},
		"many /64s of one /48":            {each("2001:db8:0:%x::1", 100), 250},
		"two /48s":                        {each("2001:db8:%x::1", 2), 200},
		"loopback":                        {[]string{"127.0.0.1"}, places},
		"loopback of IPv6":                {[]string{"::1"}, places},
		"private":                         {[]string{"10.1.2.3"}, places},
		"private too":                     {[]string{"172.31.0.1"}, places},
		"private at home":                 {[]string{"192.168.1.1"}, places},
		"private in IPv6":                 {[]string{"fd00::1"}, places},
		"private, mapped":                 {[]string{"::ffff:10.1.2.3"}, places},
		"link-local":                      {[]string{"169.254.1.1"}, places},
		"link-local with a zone":          {[]string{"fe80::1%eth0"}, places},
		"a mesh":                          {[]string{"100.64.0.1"}, places},
		"the end of that":                 {[]string{"100.127.255.255"}, places},
		"just below":                      {[]string{"100.63.255.255"}, 100},
		"just above":                      {[]string{"100.128.0.0"}, 100},
		"just outside private":            {[]string{"172.32.0.1"}, 100},
		"of unknown origin":               {[]string{""}, places},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, Options{MaxClients: places})
			var tickets []*Ticket
			for _, from := range c.from {
				addr, _ := netip.ParseAddr(from)
				for range places {
					ticket, err := r.hub.Admit(addr)
					if err != nil {
						break
					}
					tickets = append(tickets, ticket)
				}
			}
			if len(tickets) != c.want {
				t.Errorf("%d got in, want %d", len(tickets), c.want)
			}
			for _, ticket := range tickets {
				ticket.Release()
			}
			if n := len(r.hub.admission.byNetwork); n != 0 || r.hub.admission.total != 0 {
				t.Errorf("%d networks are counted when all are gone, and %d places", n, r.hub.admission.total)
			}
		})
	}
}

func TestSharesOfFewAndMany(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ places, address, network int }{
		{1, 1, 1}, {3, 1, 2}, {20, 5, 12}, {200, 50, 125}, {400, 100, 250}, {800, 100, 250}, {1000, 100, 250}, {17_800, 1_780, 4_450}, {58_000, 5_800, 14_500},
	} {
		address := perAddress(c.places)
		if network := perNetwork(c.places, address); address != c.address || network != c.network {
			t.Errorf("of %d places %d for an address and %d for a network, want %d and %d", c.places, address, network, c.address, c.network)
		}
	}
	if got := perNetwork(100, 100); got != 100 {
		t.Errorf("a setting of all places leaves %d to a network", got)
	}
}
