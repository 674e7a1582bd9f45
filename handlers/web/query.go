package web

import (
	"strconv"
	"time"

	"readout/liveblog"

	"github.com/gofiber/fiber/v2"
)

// PathNumber reads an entry's number from the path. What is not spelt as one names nothing.
func PathNumber(c *fiber.Ctx) (int, error) {
	s := c.Params("number")
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || strconv.Itoa(n) != s {
		return 0, liveblog.FieldErrorf(liveblog.NotFound, "number", "There is no such entry.")
	}
	return n, nil
}

// QueryNumber reads a positive number from the query, 0 where it is missing.
func QueryNumber(c *fiber.Ctx, name string) (int, error) {
	s := c.Query(name)
	if s == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || strconv.Itoa(n) != s { // an address has one spelling
		return 0, liveblog.FieldErrorf(liveblog.Malformed, name, "“%s” must be a number from 1.", name)
	}
	return n, nil
}

// InReach reports whether a time that somebody typed is of the years that a blog may be asked about.
func InReach(t time.Time) bool { return t.Year() >= 1970 && t.Year() <= 9998 }

// MomentParam reads ?at=, the zero time where it is missing.
func MomentParam(c *fiber.Ctx) (time.Time, error) {
	text := c.Query("at")
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, PlusBack(text))
	if err != nil || !InReach(at) {
		return time.Time{}, liveblog.FieldErrorf(liveblog.Malformed, "at", "“at” is a moment such as 2025-10-30T11:00:00+09:00.")
	}
	return at.UTC(), nil
}

// PlusBack returns a time whose offset begins with a plus again where the query, typed as it is, made that a space.
func PlusBack(text string) string {
	if sign := len(text) - len("+09:00"); sign > 0 && text[sign] == ' ' {
		return text[:sign] + "+" + text[sign+1:]
	}
	return text
}
