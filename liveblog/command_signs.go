package liveblog

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Editors type commands with the keyboard of their language and paste them from elsewhere. The functions of this file
// recognize the signs of a command in every form in which they come. What a command says to readers is not changed.

// Forms of the signs of a command. Each begins with the one in which commands are written.
var (
	slashForms  = []string{"/", "／", "∕", "⁄"}
	barForms    = []string{"|", "｜"}
	colonForms  = []string{":", "："}
	equalsForms = []string{"=", "＝"}
	arrowForms  = arrows()
)

// arrows returns every arrow, and every pair of a stroke and a tip.
func arrows() []string {
	forms := []string{"→", "⇒", "➔", "➜", "⟶", "⟹", "￫"}
	for _, stroke := range []string{"-", "=", "－", "＝", "–", "—", "−"} {
		for _, tip := range []string{">", "＞"} {
			forms = append(forms, stroke+tip)
		}
	}
	return forms
}

// isMargin reports whether a character before a command does not matter: spaces and invisible characters, such as the
// mark at the beginning of some files, those that set the direction, and the fillers of Korean and Braille.
func isMargin(r rune) bool {
	return isBlank(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune("\u115f\u1160\u2800\u3164\uffa0", r)
}

// trimCommand removes what surrounds a command. Marks of direction at its end may belong to what it says.
func trimCommand(line string) string { return strings.TrimSpace(strings.TrimLeftFunc(line, isMargin)) }

// cutSlash returns what follows the slash with which a line begins, leaving out a margin before it.
func cutSlash(line string) (after string, ok bool) {
	return cutForm(strings.TrimLeftFunc(line, isMargin), slashForms)
}

// startsCommand reports whether a line begins as a command does.
func startsCommand(line string) bool {
	_, ok := cutSlash(line)
	return ok
}

// cutForm cuts one of the forms from the beginning of a text.
func cutForm(s string, forms []string) (after string, ok bool) {
	for _, form := range forms {
		if after, ok := strings.CutPrefix(s, form); ok {
			return after, true
		}
	}
	return s, false
}

// cutAt splits a text around the first of the forms in it.
func cutAt(s string, forms []string) (before, after string, ok bool) {
	first, size := len(s), 0
	for _, form := range forms {
		if i := strings.Index(s[:first], form); i >= 0 {
			first, size = i, len(form)
		}
	}
	return s[:first], s[first+size:], size > 0
}

// cutWord splits a text at its first space, of whatever kind.
func cutWord(s string) (word, rest string) {
	s = strings.TrimFunc(s, isMargin)
	i := strings.IndexFunc(s, isMargin)
	if i < 0 {
		return s, ""
	}
	return s[:i], strings.TrimLeftFunc(s[i:], isMargin)
}

// cutName returns the name of the command at the beginning of a line, and what follows it. A colon may stand behind the
// name, and invisible characters in it.
func cutName(line string) (name, rest string, ok bool) {
	after, ok := cutSlash(line)
	if !ok {
		return "", "", false
	}
	plain := func(word string) string { return looseName(strings.TrimRight(visible(word), ":：")) }
	word, rest := cutWord(after)
	after = strings.TrimFunc(after, isMargin)
	if i := strings.IndexFunc(after, unicode.IsSpace); i > len(word) && knownCommand(plain(after[:i])) != "" {
		word, rest = after[:i], strings.TrimLeftFunc(after[i:], isMargin)
	}
	return plain(word), rest, true
}

// visible returns a text without invisible characters: marks of direction, soft hyphens, joiners, and controls.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) || unicode.IsControl(r) && !unicode.IsSpace(r) || r >= 0xfe00 && r <= 0xfe0f {
			return -1
		}
		return r
	}, s)
}

// cutBar splits a text at the first bar without a backslash before it.
func cutBar(s string) (before, after string, found bool) {
	for i := 0; i < len(s); {
		if after, ok := cutForm(s[i:], barForms); ok && (i == 0 || s[i-1] != '\\') {
			return s[:i], after, true
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		i += size
	}
	return s, "", false
}

var barEscapes = strings.NewReplacer("|", `\|`, "｜", `\｜`, "\n", " ")

func escapeBars(s string) string { return barEscapes.Replace(s) }

var barUnescapes = strings.NewReplacer(`\|`, "|", `\｜`, "｜")

func unescapeBars(s string) string { return strings.TrimSpace(barUnescapes.Replace(s)) }

// escapeSlash adds a backslash to a line that begins with a slash, or with backslashes and a slash.
func escapeSlash(line string) string {
	if startsCommand(strings.TrimLeft(line, `\`)) {
		return `\` + line
	}
	return line
}

func unescapeSlash(line string) string {
	if strings.HasPrefix(line, `\`) && startsCommand(strings.TrimLeft(line, `\`)) {
		return line[1:]
	}
	return line
}

var plainMarks = strings.NewReplacer(
	"’", "'", "‘", "'", "ʼ", "'", "ʹ", "'", "′", "'", "`", "'",
	"“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`,
	"‐", " ", "‑", " ", "‒", " ", "–", " ", "—", " ", "−", " ", "-", " ", "_", " ",
)

// looseName returns a form of a name that is the same for different ways to type it: it ignores case, the width of
// characters and the form of apostrophes and quotation marks, and hyphens and underscores count as spaces.
func looseName(s string) string {
	s = strings.ToLower(plainMarks.Replace(norm.NFKC.String(s)))
	return strings.Join(strings.FieldsFunc(s, isMargin), " ")
}

// spaced replaces hyphens and underscores by spaces.
func spaced(s string) string { return strings.NewReplacer("_", " ", "-", " ").Replace(s) }
