package web

import (
	"net/netip"

	"github.com/gofiber/fiber/v2"
)

// Gate holds what the handlers of all kinds of users share to admit a request: which address it comes from, how often
// its sender may ask, and how much it may send.
type Gate struct {
	Proxies   Proxies
	Bodies    bodyLimits
	Rates     rates
	LogBudget *LogBudget
}

// NewGate returns a gate. Proxies are the networks whose X-Forwarded-For is believed; writes is how many writes per
// minute one token or person may make.
func NewGate(proxies Proxies, writes int, logBudget *LogBudget) *Gate {
	return &Gate{Proxies: proxies, Bodies: newBodyLimits(), Rates: newRates(writes), LogBudget: logBudget}
}

// Client returns the address that a request came from, seen through trusted proxies.
func (g *Gate) Client(c *fiber.Ctx) netip.Addr {
	return g.Proxies.client(PeerAddress(c.Context().RemoteAddr()), c.Get(fiber.HeaderXForwardedFor))
}

// AnonymousOwner returns the owner, for a [Budget], of a request without a session: its network, or "" for an address
// that many clients may share.
func (g *Gate) AnonymousOwner(c *fiber.Ctx) string {
	if a := g.Client(c); !shared(a) {
		return Network(a)
	}
	return ""
}

// LimitCostly is middleware for readers' pages that may be rendered for one answer only. A request whose query has
// one of the named parameters counts against the quota of the reader's address.
func (g *Gate) LimitCostly(params ...string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		query := c.Context().QueryArgs()
		for _, name := range params {
			if len(query.Peek(name)) == 0 {
				continue
			}
			limit, address := g.Rates.Costly, g.Client(c)
			if shared(address) {
				limit = g.Rates.CostlyFromPrivateAddr
			}
			if err := limit.Take(c, Network(address), "requests of this kind from your address"); err != nil {
				return err
			}
			break
		}
		return c.Next()
	}
}
