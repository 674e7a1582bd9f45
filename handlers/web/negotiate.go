package web

import (
	"strconv"
	"strings"
)

// coding is an HTTP content coding; "" means none.
type coding string

const (
	identity     coding = ""
	gzipCoding   coding = "gzip"
	brotliCoding coding = "br"
)

// negotiate returns the offered coding that an Accept-Encoding header prefers, and the first one offered among
// equals. It may return identity even if the client refuses that: a body that the client may be able to read is
// better than a 406.
func negotiate(accept string, offers ...coding) coding {
	best, bestQuality := identity, quality(accept, "identity")
	for i := len(offers) - 1; i >= 0; i-- {
		if q := quality(accept, string(offers[i])); q > 0 && q >= bestQuality {
			best, bestQuality = offers[i], q
		}
	}
	return best
}

// quality returns the weight, from 0 to 1, that an Accept-Encoding header gives to a coding. A coding that it does
// not name has weight 0, except identity, which then has the lowest positive one.
func quality(accept, name string) float64 {
	rest, found := 0.0, false
	for item := range strings.SplitSeq(accept, ",") {
		token, params, _ := strings.Cut(item, ";")
		token = strings.TrimSpace(token)
		switch {
		case strings.EqualFold(token, name):
			return weight(params)
		case token == "*":
			rest, found = weight(params), true
		}
	}
	if name == "identity" && !found {
		return 0.0001 // below any weight with three decimals
	}
	return rest
}

func weight(params string) float64 {
	value, ok := strings.CutPrefix(strings.ToLower(strings.ReplaceAll(params, " ", "")), "q=")
	if !ok {
		return 1
	}
	q, err := strconv.ParseFloat(value, 64)
	if err != nil || !(q >= 0 && q <= 1) {
		return 0
	}
	return q
}
