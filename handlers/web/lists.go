package web

import (
	"bytes"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// listHeaders returns the request headers whose value is a list, in any of which a client or a proxy may add elements
// as lines of their own. Other headers, such as Sec-WebSocket-Key, may appear only once.
func listHeaders() []string {
	return []string{
		fiber.HeaderAccept, fiber.HeaderAcceptCharset, fiber.HeaderAcceptEncoding, fiber.HeaderAcceptLanguage,
		fiber.HeaderAccessControlRequestHeaders, fiber.HeaderCacheControl, fiber.HeaderConnection,
		fiber.HeaderContentEncoding, fiber.HeaderContentLanguage, fiber.HeaderExpect, fiber.HeaderForwarded,
		fiber.HeaderIfMatch, fiber.HeaderIfNoneMatch, fiber.HeaderPragma, fiber.HeaderSecWebSocketExtensions,
		fiber.HeaderSecWebSocketProtocol, fiber.HeaderTE, fiber.HeaderUpgrade, fiber.HeaderVia,
		fiber.HeaderXForwardedFor,
	}
}

// JoinLists returns a function that joins the lines of each header that holds a list into one line, in their order.
// RFC 9110, section 5.3, says that both mean the same, but what reads headers afterwards, our own code, Fiber and the
// WebSocket library, reads the first line only.
func JoinLists() func(*fasthttp.RequestHeader) {
	names := listHeaders()
	return func(h *fasthttp.RequestHeader) {
		for _, name := range names {
			if lines := h.PeekAll(name); len(lines) > 1 {
				h.SetBytesV(name, bytes.Join(lines, []byte(", ")))
			}
		}
	}
}

// HasToken reports whether a list has a token, in any case. Lists may have empty elements (RFC 9110, section 5.6.1).
func HasToken(list, token string) bool {
	for element := range strings.SplitSeq(list, ",") {
		if strings.EqualFold(strings.Trim(element, " \t"), token) {
			return true
		}
	}
	return false
}
