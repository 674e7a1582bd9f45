package reader

import (
	"encoding/base64"
	"strconv"
	"strings"

	"readout/handlers/web"
	"readout/liveblog"

	"github.com/gofiber/fiber/v2"
)

// checkHandshake checks a WebSocket handshake by RFC 6455, section 4.2.1, and reports whether the client offers
// permessage-deflate in a form that the hub supports. It ignores offered subprotocols.
func checkHandshake(c *fiber.Ctx) (deflate bool, err error) {
	header := &c.Request().Header
	if c.Method() != fiber.MethodGet || !web.HasToken(c.Get(fiber.HeaderConnection), "upgrade") ||
		!web.HasToken(c.Get(fiber.HeaderUpgrade), "websocket") {
		return false, upgradeRequired(c)
	}
	// The library stops at the first empty element of a list.
	header.Set(fiber.HeaderConnection, fiber.HeaderUpgrade)
	header.Set(fiber.HeaderUpgrade, "websocket")
	if !header.IsHTTP11() {
		return false, liveblog.Errorf(liveblog.Malformed, "A WebSocket handshake requires HTTP/1.1.")
	}
	for _, name := range []string{"Sec-WebSocket-Version", "Sec-WebSocket-Key"} {
		if len(header.PeekAll(name)) > 1 {
			return false, liveblog.FieldErrorf(liveblog.Malformed, name,
				"A WebSocket handshake must have this header once.")
		}
	}
	if len(header.Host()) == 0 {
		return false, liveblog.FieldErrorf(liveblog.Malformed, fiber.HeaderHost,
			"A WebSocket handshake must name the host.")
	}
	// Frames follow the handshake: with a body, frames could be read as body, or the body as frames.
	if n := header.Peek(fiber.HeaderContentLength); len(n) > 0 && string(n) != "0" ||
		len(header.Peek(fiber.HeaderTransferEncoding)) > 0 {
		return false, liveblog.Errorf(liveblog.Malformed, "A WebSocket handshake must not have a body.")
	}
	if c.Get("Sec-WebSocket-Version") != "13" {
		return false, upgradeRequired(c)
	}
	if key, err := base64.StdEncoding.DecodeString(c.Get("Sec-WebSocket-Key")); err != nil || len(key) != 16 {
		return false, liveblog.FieldErrorf(liveblog.Malformed, "Sec-WebSocket-Key",
			"The key of a WebSocket handshake must be 16 bytes in base64.")
	}
	offers, ok := parseExtensions(c.Get("Sec-WebSocket-Extensions"))
	if !ok {
		return false, liveblog.FieldErrorf(liveblog.Malformed, "Sec-WebSocket-Extensions",
			"The extensions are not a list as RFC 6455, section 9.1, defines it.")
	}
	for _, o := range offers {
		deflate = deflate || o.isDeflate()
	}
	return deflate, nil
}

// upgradeRequired sets the headers that tell the client to upgrade, and returns the error.
func upgradeRequired(c *fiber.Ctx) error {
	c.Set(fiber.HeaderUpgrade, "websocket")
	c.Set(fiber.HeaderConnection, fiber.HeaderUpgrade)
	c.Set("Sec-WebSocket-Version", "13")
	return fiber.ErrUpgradeRequired
}

// extension is an offered extension with its parameters in order.
type extension struct {
	name   string
	params []extensionParam
}

type extensionParam struct {
	name, value string
	hasValue    bool
}

// parseExtensions parses a Sec-WebSocket-Extensions list (RFC 6455, section 9.1). It reports whether the list is
// valid.
func parseExtensions(list string) (offers []extension, ok bool) {
	for rest := list; rest != ""; {
		var element string
		if element, rest, ok = cutUnquoted(rest, ','); !ok {
			return nil, false
		}
		element = strings.Trim(element, " \t")
		if element == "" {
			continue // lists may have empty elements (RFC 9110, section 5.6.1)
		}
		if strings.HasSuffix(element, ";") {
			return nil, false
		}
		var o extension
		for first := true; first || element != ""; first = false {
			var part string
			if part, element, ok = cutUnquoted(element, ';'); !ok {
				return nil, false
			}
			name, value, hasValue := strings.Cut(part, "=")
			name, value = strings.Trim(name, " \t"), strings.Trim(value, " \t")
			if inner, quoted := strings.CutPrefix(value, `"`); quoted {
				value = strings.ReplaceAll(strings.TrimSuffix(inner, `"`), `\`, "")
			}
			if !web.IsToken(name) || hasValue && !web.IsToken(value) || first && hasValue {
				return nil, false
			}
			if first {
				o.name = name
			} else {
				o.params = append(o.params, extensionParam{name, value, hasValue})
			}
		}
		offers = append(offers, o)
	}
	return offers, true
}

// cutUnquoted cuts s around the first separator outside a quoted string. It reports whether every quote before it is
// closed.
func cutUnquoted(s string, separator byte) (before, after string, ok bool) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			quoted = !quoted
		case quoted && c == '\\':
			i++
		case !quoted && c == separator:
			return s[:i], s[i+1:], true
		}
	}
	return s, "", !quoted
}

// isDeflate reports whether the offer is permessage-deflate as the hub implements it, with the full window. A client
// that asks for a smaller server window could not decompress what the hub sends. RFC 7692, section 7.1, requires
// declining an offer with parameters that are unknown, repeated or invalid.
func (o extension) isDeflate() bool {
	if o.name != "permessage-deflate" {
		return false
	}
	seen := map[string]bool{}
	for _, p := range o.params {
		switch p.name {
		case "server_no_context_takeover", "client_no_context_takeover":
			if p.hasValue {
				return false
			}
		case "client_max_window_bits":
			if bits, err := strconv.Atoi(p.value); p.hasValue &&
				(err != nil || bits < 8 || bits > 15 || p.value != strconv.Itoa(bits)) {
				return false
			}
		default:
			return false
		}
		if seen[p.name] {
			return false
		}
		seen[p.name] = true
	}
	return true
}
