package liveblog

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// line tidies a text of one line: it trims white space and replaces each run of it by one space.
func (v *FieldErrors) line(field, name, s string, maxRunes int) string {
	s = strings.Join(strings.Fields(v.readable(field, name, s)), " ")
	if n := utf8.RuneCountInString(s); n > maxRunes {
		v.Addf(field, "The %s has %d characters; %d is the limit.", name, n, maxRunes)
	}
	return s
}

// text tidies a text of several lines: line ends become \n, and white space at the end is removed.
func (v *FieldErrors) text(field, name, s string, maxBytes int) string {
	s = strings.ReplaceAll(v.readable(field, name, s), "\r\n", "\n")
	s = strings.TrimRightFunc(strings.ReplaceAll(s, "\r", "\n"), unicode.IsSpace)
	if len(s) > maxBytes {
		v.Addf(field, "The %s takes %d bytes; %d is the limit.", name, len(s), maxBytes)
	}
	return s
}

// readable returns s, or "" after adding an error if s has invalid UTF-8 or control characters.
func (v *FieldErrors) readable(field, name, s string) string {
	if !utf8.ValidString(s) {
		v.Addf(field, "The %s is not valid UTF-8 text.", name)
		return ""
	}
	for _, r := range s {
		if unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' {
			v.Addf(field, "The %s holds the control character U+%04X.", name, r)
			return ""
		}
	}
	return s
}

// moment converts a time to UTC and checks that it is plausible.
func (v *FieldErrors) moment(field string, t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	if !plausible(*t) {
		v.Addf(field, "The time must be between the years 1970 and 2199.")
		return nil
	}
	utc := t.UTC()
	return &utc
}

// plausible reports whether a time can belong to the talks. The limits also ensure that the time of a session that
// slips can still be encoded as JSON, which needs a year below 10000.
func plausible(t time.Time) bool {
	year := t.UTC().Year()
	return year >= 1970 && year < 2200
}

// clip shortens a text for a message that quotes it.
func clip(s string, runes int) string {
	s = strings.ToValidUTF8(s, "�")
	if utf8.RuneCountInString(s) <= runes {
		return s
	}
	return string([]rune(s)[:runes]) + "…"
}
