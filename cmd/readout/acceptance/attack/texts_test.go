package attack

import (
	"fmt"
	"strings"
)

// The size of the chain of claims.
const (
	chainEntries = 40
	chainClaims  = 50 // in each entry
)

// chainOfClaims returns the acts of entry i: claims, each of which rests on the one before.
func chainOfClaims(i int) string {
	var acts []string
	for j := range chainClaims {
		number := i*chainClaims + j
		by := "an official"
		if number > 0 {
			by = fmt.Sprintf("claim:claim-%d", number-1)
		}
		const claim = `{"kind":"claim","claim":"claim-%d","status":"reported","text":"Claim %[1]d.","attribution":%q}`
		acts = append(acts, fmt.Sprintf(claim, number, by))
	}
	return "[" + strings.Join(acts, ",") + "]"
}

// hostileTexts returns bodies of nearly 64 KiB, for each of which a Markdown library needed far more time or memory
// than for ordinary text.
func hostileTexts() []string {
	fill := func(pattern string) string { return strings.Repeat(pattern, 64_000/len(pattern)) }
	return []string{
		strings.Repeat("|", 800) + "\n" + strings.Repeat("|-", 800) + "|\n" + strings.Repeat("|\n", 7000),
		fill("[]("), fill("[a]("), fill("*a_ "), fill(">"), fill("!["), fill("`a``"), fill("- "), fill("**a__"),
		fill("~~a"), fill("<a"), fill("[a]: b\n"), fill("www.a"), fill("a@"), fill("1. "), fill("|a"), fill("\\"),
		fill("&#"),
	}
}
