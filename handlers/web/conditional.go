package web

import (
	"strconv"
	"strings"

	"readout/liveblog"
)

// matches reports whether an If-None-Match header names the entity tag. It compares weakly, as RFC 9110, section
// 13.1.2, asks. A header that cannot be parsed matches nothing.
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

// ParseIfMatch returns the revision that an If-Match header names, or 0 for "*", which is any revision. It fails with
// [liveblog.Malformed].
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
			`If-Match takes the ETag of one revision, such as "3" with its quotes, or *.`)
	}
	return revision, nil
}
