package web

import (
	"strconv"
	"time"

	"readout/liveblog"

	"github.com/gofiber/fiber/v2"
)

// PathNumber returns the entry number in the path. It fails with [liveblog.NotFound] for anything but a positive
// decimal number without leading zeros.
func PathNumber(c *fiber.Ctx) (int, error) {
	s := c.Params("number")
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || strconv.Itoa(n) != s {
		return 0, liveblog.FieldErrorf(liveblog.NotFound, "number", "There is no such entry.")
	}
	return n, nil
}

// QueryNumber returns a positive number from the query, or 0 if the parameter is missing or empty. It fails with
// [liveblog.Malformed].
func QueryNumber(c *fiber.Ctx, name string) (int, error) {
	s := c.Query(name)
	if s == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || strconv.Itoa(n) != s { // one spelling per page, or caches hold it twice
		return 0, liveblog.FieldErrorf(liveblog.Malformed, name, "“%s” must be a number, 1 or higher.", name)
	}
	return n, nil
}

// InRange reports whether a typed time is in the years that a blog may be asked about: 1970 to 9998.
func InRange(t time.Time) bool { return t.Year() >= 1970 && t.Year() <= 9998 }

// MomentParam returns the time in ?at=, in UTC, or the zero time if the parameter is missing. It fails with
// [liveblog.Malformed].
func MomentParam(c *fiber.Ctx) (time.Time, error) {
	text := c.Query("at")
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, RestorePlus(text))
	if err != nil || !InRange(at) {
		return time.Time{}, liveblog.FieldErrorf(liveblog.Malformed, "at",
			"“at” must be a time with its offset, such as 2025-10-30T11:00:00+09:00.")
	}
	return at.UTC(), nil
}

// RestorePlus restores the plus sign of a time's offset. In a query that was not escaped, a plus is decoded as a
// space.
func RestorePlus(text string) string {
	if sign := len(text) - len("+09:00"); sign > 0 && text[sign] == ' ' {
		return text[:sign] + "+" + text[sign+1:]
	}
	return text
}
