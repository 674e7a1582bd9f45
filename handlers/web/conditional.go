package web

import (
	"strconv"
	"strings"

	"readout/liveblog"
)

// matches reports whether an If-None-Match names the entity tag. The comparison is the weak one, as RFC 9110 has it
// for this header. What cannot be read matches nothing.
func matches(ifNoneMatch, tag string) bool {
	rest := strings.TrimSpace(ifNoneMatch)
	if rest == "*" {
		return true
	}
	opaque := strings.TrimPrefix(tag, "W/")
	for rest != "" {
		rest = strings.TrimPrefix(strings.TrimLeft(rest, " \t,"), "W/")
		if rest == "" || rest[0] != '"' {
			return false
		}
		end := strings.IndexByte(rest[1:], '"')
		if end < 0 {
			return false
		}
		if rest[:end+2] == opaque {
			return true
		}
		rest = rest[end+2:]
	}
	return false
}

// RevisionTag is the entity tag of an entry.
func RevisionTag(revision int) string { return `"` + strconv.Itoa(revision) + `"` }

// ParseIfMatch returns the revision that an If-Match names, and 0 for "*", which is any.
func ParseIfMatch(header string) (revision int, err error) {
	header = strings.TrimSpace(header)
	if header == "*" {
		return 0, nil
	}
	digits, open := strings.CutPrefix(header, `"`)
	digits, closed := strings.CutSuffix(digits, `"`)
	revision, convErr := strconv.Atoi(digits)
	if !open || !closed || convErr != nil || revision < 1 || RevisionTag(revision) != header {
		return 0, liveblog.FieldErrorf(liveblog.Malformed, "If-Match",
			`If-Match takes the ETag of one revision, such as "3" in its quotes, or *.`)
	}
	return revision, nil
}
