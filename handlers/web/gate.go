package web

import (
	"net/netip"

	"github.com/gofiber/fiber/v2"
)

// Gate is what every request passes, whoever it is for: from which address it comes, how often its sender may ask, and
// how much it may send. All rooms share one.
type Gate struct {
	Proxies   Proxies
	Bodies    bodies
	Rates     rates
	LogBudget *logBudget
}

// NewGate returns a gate; proxies are the networks whose X-Forwarded-For is believed, and writes how many writes a minute
// one token or person has.
func NewGate(proxies Proxies, writes int, logBudget *logBudget) *Gate {
	return &Gate{Proxies: proxies, Bodies: newBodies(), Rates: newRates(writes), LogBudget: logBudget}
}

// Client returns the address that a request came from.
func (g *Gate) Client(c *fiber.Ctx) netip.Addr {
	return g.Proxies.client(PeerAddress(c.Context().RemoteAddr()), HeaderList(c, fiber.HeaderXForwardedFor))
}

// Stranger names whose share of a budget somebody without a session uses.
func (g *Gate) Stranger(c *fiber.Ctx) string {
	if a := g.Client(c); !shared(a) {
		return Network(a)
	}
	return ""
}

// Costly is middleware for readers' pages that are made for one answer: a request whose query has one of the members is
// counted against the reader's address.
func (g *Gate) Costly(members ...string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		query := c.Context().QueryArgs()
		for _, name := range members {
			if len(query.Peek(name)) == 0 {
				continue
			}
			limit, address := g.Rates.Past, g.Client(c)
			if shared(address) {
				limit = g.Rates.PastFromPrivateAddr
			}
			if err := limit.Take(c, Network(address), "requests of this kind from your address"); err != nil {
				return err
			}
			break
		}
		return c.Next()
	}
}
