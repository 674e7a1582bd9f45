package liveblog

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bullets that people type or paste before the items of a list. The first ones also begin words and numbers, such as
// −5, so they need a space behind them.
const (
	bullets      = "-*+–—−"
	plainBullets = "•‣⁃◦▪▫●○■□·∙・►▶➢➤✓✔"
)

// listItems returns the items of a typed list, one for each line that is not empty, without bullets and numbers.
// Numbers are those of a list if they count from 1; others belong to the text, as in “30. Oktober”.
func listItems(lines []string) (items []string) {
	counted := 0
	for _, line := range lines {
		line = strings.TrimFunc(line, isBlank)
		if rest, ok := cutBullet(line); ok {
			line = rest
		} else if n, rest := cutNumber(line); n == counted+1 && !continuesDate(rest) {
			counted, line = n, rest
		}
		if line != "" {
			items = append(items, line)
		}
	}
	return items
}

// isBlank reports whether a character is a space or an invisible mark, such as the one at the beginning of some files.
func isBlank(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' || r == '\u200b' }

func cutBullet(line string) (rest string, ok bool) {
	r, size := utf8.DecodeRuneInString(line)
	rest = strings.TrimLeftFunc(line[size:], isBlank)
	switch {
	case strings.ContainsRune(plainBullets, r):
		return rest, true
	case strings.ContainsRune(bullets, r):
		return rest, len(rest) < len(line)-size || rest == ""
	}
	return "", false
}

// cutNumber cuts the number from an item such as “1. …”, “2) …”, “(3) …”, “４、…”, “五、…” or “⑥ …”. It returns 0 if the
// line does not begin with one.
func cutNumber(line string) (n int, rest string) {
	first, size := utf8.DecodeRuneInString(line)
	if first >= '①' && first <= '⑳' {
		return int(first-'①') + 1, strings.TrimLeftFunc(line[size:], isBlank)
	}
	rest, open := line, first == '(' || first == '（'
	if open {
		rest = line[size:]
	}
	end := strings.IndexFunc(rest, func(r rune) bool { return !unicode.IsDigit(r) && !isHanNumeral(r) })
	if end <= 0 || end > 12 {
		return 0, ""
	}
	n = numberIn(rest[:end])
	mark, size := utf8.DecodeRuneInString(rest[end:])
	rest = rest[end+size:]
	text := strings.TrimLeftFunc(rest, isBlank)
	switch {
	case open && (mark == ')' || mark == '）'), !open && strings.ContainsRune("）．、", mark):
		return n, text
	case !open && (mark == '.' || mark == ')') && len(text) < len(rest):
		return n, text
	}
	return 0, ""
}

// hanNumerals are the numerals of Chinese and Japanese lists, beginning with 1.
const hanNumerals = "一二三四五六七八九十"

func isHanNumeral(r rune) bool { return strings.ContainsRune(hanNumerals, r) }

// numberIn returns the value of decimal digits of any script, or of one Han numeral; 0 if they are mixed.
func numberIn(digits string) (n int) {
	if r, size := utf8.DecodeRuneInString(digits); isHanNumeral(r) {
		if size < len(digits) {
			return 0
		}
		return utf8.RuneCountInString(hanNumerals[:strings.IndexRune(hanNumerals, r)]) + 1
	}
	for _, r := range digits {
		value, ok := digitValue(r)
		if !ok {
			return 0
		}
		n = n*10 + value
	}
	return n
}

// digitValue returns the value of a decimal digit. In Unicode the digits of a script follow each other from 0 to 9, and
// where such sequences adjoin, each of them is whole.
func digitValue(r rune) (value int, ok bool) {
	if !unicode.IsDigit(r) {
		return 0, false
	}
	first := r
	for unicode.IsDigit(first - 1) {
		first--
	}
	return int(r-first) % 10, true
}

// germanicMonths are the months of the languages in which a date may look like an item, such as “1. November”.
const germanicMonths = " januar jänner januari februar februari märz marts mars april mai maj juni juli august " +
	"augusti september oktober november dezember desember december "

// continuesDate reports whether a text goes on like a date after “1. ”, with a month or another number.
func continuesDate(text string) bool {
	end := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsLetter(r) })
	if end < 0 {
		end = len(text)
	}
	first, _ := utf8.DecodeRuneInString(text)
	return unicode.IsDigit(first) || end > 0 && strings.Contains(germanicMonths, " "+strings.ToLower(text[:end])+" ")
}
