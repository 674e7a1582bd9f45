package handlers

import (
	"net/netip"

	"github.com/gofiber/fiber/v2"
)

// gate is what every request passes, whoever it is for: from which address it comes, how often its sender may ask, and
// how much it may send. All rooms share one.
type gate struct {
	proxies   proxies
	bodies    bodies
	rates     rates
	logBudget *logBudget
}

// newGate returns a gate; proxies are the networks whose X-Forwarded-For is believed, and writes how many writes a minute
// one token or person has.
func newGate(proxies proxies, writes int, logBudget *logBudget) *gate {
	return &gate{proxies: proxies, bodies: newBodies(), rates: newRates(writes), logBudget: logBudget}
}

// client returns the address that a request came from.
func (g *gate) client(c *fiber.Ctx) netip.Addr {
	return g.proxies.client(peerAddress(c.Context().RemoteAddr()), headerList(c, fiber.HeaderXForwardedFor))
}

// stranger names whose share of a budget somebody without a session uses.
func (g *gate) stranger(c *fiber.Ctx) string {
	if a := g.client(c); !shared(a) {
		return network(a)
	}
	return ""
}

// costly is middleware for readers' pages that are made for one answer: a request whose query has one of the members is
// counted against the reader's address.
func (g *gate) costly(members ...string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		query := c.Context().QueryArgs()
		for _, name := range members {
			if len(query.Peek(name)) == 0 {
				continue
			}
			limit, address := g.rates.past, g.client(c)
			if shared(address) {
				limit = g.rates.pastFromPrivateAddr
			}
			if err := limit.take(c, network(address), "requests of this kind from your address"); err != nil {
				return err
			}
			break
		}
		return c.Next()
	}
}
