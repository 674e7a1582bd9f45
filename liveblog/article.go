package liveblog

import (
	"strings"
	"unicode/utf8"
)

// withoutArticle returns the forms of a word without the article that Arabic and Hebrew attach to it, and without the
// particles before the article.
func withoutArticle(word string) []string {
	switch first, _ := utf8.DecodeRuneInString(word); first {
	case 'ا', 'و', 'ف', 'ب', 'ك', 'ل':
		return withoutArabicArticle(word)
	case 'ה', 'ו', 'ש', 'מ', 'כ':
		return withoutHebrewArticle(word)
	}
	return nil
}

const arabicArticle = "ال"

func withoutArabicArticle(word string) []string {
	rest := trimOne(word, "و", "ف")
	noun, contracted := strings.CutPrefix(rest, "لل") // of li- and the article
	if !contracted {
		var ok bool
		if noun, ok = strings.CutPrefix(trimOne(rest, "ب", "ك", "ل"), arabicArticle); !ok {
			return nil
		}
	}
	switch noun {
	case "ان", "له", "ذي", "تي": // الآن, الله, الذي and التي keep their article: the rests are, or end, other words
		if whole := arabicArticle + noun; whole != word {
			return []string{whole}
		}
		return nil
	}
	switch {
	case utf8.RuneCountInString(noun) < 2:
		return nil
	case contracted: // a noun that begins with lam loses it: للقاء is li- and اللقاء
		return []string{noun, "ل" + noun}
	}
	return []string{noun}
}

func withoutHebrewArticle(word string) []string {
	rest := trimOne(trimOne(word, "ו"), "כש", "ש", "מ")
	noun, ok := strings.CutPrefix(rest, "ה")
	if !ok || utf8.RuneCountInString(noun) < 2 {
		return nil
	}
	return []string{noun}
}

// trimOne removes the first of the prefixes that a word has.
func trimOne(word string, prefixes ...string) string {
	for _, p := range prefixes {
		if rest, ok := strings.CutPrefix(word, p); ok {
			return rest
		}
	}
	return word
}
