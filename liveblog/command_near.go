package liveblog

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// NearCommands finds lines that look as if they were meant as commands and are none, so that they are not published
// as text. It returns one error for each of the first [MaxFieldErrors], which names the field and the line. Text is
// what [LiftCommands] is given, or a headline. These lines are held back:
//
//   - A line that begins with a slash and a word of letters: “/mvoe …”, “/이동 …”, also “/etc” alone, since nobody
//     would see it if it was meant. A word with a further slash or a dot in it is a path, such as “/etc/passwd”.
//   - A line that begins with two slashes, or with a sign that looks like one, and then a command, or nearly one:
//     “//move …”, “＼move …”. A backslash counts only before a command that is spelt right.
//   - A line that begins with the sign of a list item or a quotation and then a command, or nearly one: “- /move …”.
//   - A line that has a command behind other text, unless a letter or digit directly before the slash makes it
//     something like “talks/position”; letters of scripts without spaces do not, and neither does any letter if an
//     arrow follows, and neither does the emphasis of “**/move** …”. A misspelt command counts if it stands by
//     itself, or if the sign of an argument follows, such as an arrow or a colon. A command is only named, and so
//     ordinary text, if nothing but punctuation or “and” with a further command follows: “see /move and /cite”.
//     But “/key”, “/pin” and “/summary” take nothing after them, so they are held at the end of a line too.
//
// Code, addresses of links, and slashes behind a backslash are ordinary text. The work is linear in the text.
func NearCommands(field, text string) (found []FieldError) {
	var code CodeFences
	lifted := map[int]bool{} // the lines of commands
	if field != "headline" {
		_, commands := LiftCommands(text)
		for _, c := range commands {
			for i := range strings.Count(c.Text, "\n") + 1 {
				lifted[c.Line+i] = true
			}
		}
	}
	for i, line := range lines(text) {
		if lifted[i+1] || code.Next(line) {
			continue
		}
		if len(found) == MaxFieldErrors {
			break
		}
		if problem := nearCommand(line); problem != "" {
			at := fmt.Sprintf("Line %d: ", i+1)
			if field == "headline" {
				at, problem = "", strings.ToUpper(problem[:1])+problem[1:]
			}
			found = append(found, FieldError{field, at + problem + " Type \\/ for a slash that belongs to the text."})
		}
	}
	return found
}

var (
	// blockSigns are those of list items and quotations at the beginning of a line.
	blockSigns = regexp.MustCompile(`^(?:[-+*>•·–—]|\d{1,9}[.)])[\s\p{Z}]*`)
	codeSpan   = regexp.MustCompile("`[^`]*`")
	address    = regexp.MustCompile(`(?i)\b[a-z][a-z0-9+.-]*://\S*|\]\([^)\s]*`)
	wordEnd    = ":：,，、。.;；!！?？…=＝→|｜*)）]”\"»"
	signs      = slices.Concat(arrowForms, equalsForms, barForms, colonForms)
)

// nearCommand returns what is wrong with a line that looks like a command, or "".
func nearCommand(line string) string {
	rest := strings.TrimLeftFunc(visible(line), isMargin)
	if after, ok := cutForm(rest, slashForms); ok {
		if problem := nearName(strings.TrimLeftFunc(after, unicode.IsMark)); problem != "" {
			return problem
		}
	}
	if name := besideSlash(rest); name != "" {
		return misplaced(name)
	}
	signed := rest
	for range 8 {
		short := blockSigns.ReplaceAllString(signed, "")
		if short == signed {
			break
		}
		signed = short
	}
	if after, ok := cutForm(signed, slashForms); ok && signed != rest {
		word, path := leadingWord(after)
		if name := nearest(word); name != "" && !path {
			return misplaced(name)
		}
	}
	blank := func(s string) string { return strings.Repeat(" ", len(s)) }
	rest = address.ReplaceAllStringFunc(codeSpan.ReplaceAllStringFunc(rest, blank), blank)
	lastSign, lastArrow := lastIndex(rest, signs), lastIndex(rest, arrowForms)
	for i := 0; i < len(rest); {
		_, size := utf8.DecodeRuneInString(rest[i:])
		if after, ok := cutForm(rest[i:], slashForms); ok && i > 0 {
			if name := commandAfterText(rest[:i], after, lastSign > i, lastArrow > i); name != "" {
				return misplaced(name)
			}
		}
		i += size
	}
	return ""
}

// nearName returns what is wrong with a line that has this after its slash, or "".
func nearName(after string) string {
	detached := strings.TrimLeftFunc(after, isMargin)
	word, path := leadingWord(detached)
	name := knownCommand(word)
	switch arrowed := lastIndex(detached, arrowForms) > 0; {
	case word == "" || path && (name == "" || !arrowed):
		return ""
	case detached != after && name == "" && (utf8.RuneCountInString(word) < 4 || lastIndex(detached, signs) < 0):
		return ""
	case detached != after && nearest(word) == "":
		return ""
	case path:
		return fmt.Sprintf("a space has to follow /%s.", name)
	case name == "":
		return fmt.Sprintf("there is no command “/%s”.%s", clip(word, 30), suggestion(word))
	}
	if _, _, own := entryCommand("/" + detached); own {
		return misheaded(name)
	}
	if _, _, acts := commandKind("/" + detached); acts {
		return misheaded(name)
	}
	return fmt.Sprintf("a space has to follow /%s.", name)
}

// misheaded says that a command is in a headline.
func misheaded(name string) string {
	return fmt.Sprintf("the command /%s has to stand in the text or in the field for acts.", name)
}

// slashLikes look like a slash.
var slashLikes = []string{"//", "／／", "⧸", "╱", "⟋", "\\", "＼", "⧵", "∖"}

// besideSlash returns the name of the command that a line begins with after something that looks like a slash, or "".
func besideSlash(line string) string {
	after, ok := cutForm(line, slashLikes)
	if !ok {
		return ""
	}
	after = strings.TrimLeft(after, line[:len(line)-len(after)])
	word, path := leadingWord(after)
	switch {
	case path || word == "":
		return ""
	case strings.HasPrefix(line, "\\") || utf8.RuneCountInString(word) < 4:
		return knownCommand(word)
	}
	return nearest(word)
}

// commandAfterText returns the name of the command whose slash stands between before and after, or "" if there is
// none. Signed and arrowed report whether an argument's sign and an arrow follow in the line.
func commandAfterText(before, after string, signed, arrowed bool) string {
	word, path := leadingWord(after)
	last, _ := utf8.DecodeLastRuneInString(before)
	if word == "" || path || last == '\\' || slices.Contains(slashForms, string(last)) {
		return ""
	}
	next, size := utf8.DecodeRuneInString(after[len(word):])
	alone := isMargin(last) && (isMargin(next) || size == 0)
	if onlyNamed(after[len(word):]) {
		if mark := nearest(word); alone && (mark == knownCommand(word) || utf8.RuneCountInString(word) >= 4) &&
			slices.Contains(markCommands(), mark) && strings.TrimFunc(after[len(word):], isMargin) == "" {
			return mark
		}
		return ""
	}
	detached := !unicode.IsLetter(last) && !unicode.IsDigit(last) && !unicode.IsMark(last) || isUnspaced(last)
	switch name := knownCommand(word); {
	case name != "" && (detached || arrowed):
		return name
	case detached && (signed || alone) && utf8.RuneCountInString(word) >= 4:
		return nearest(word)
	}
	return ""
}

var conjunction = regexp.MustCompile(`^(?:(?i:and|or|et|ou|y|e|o|u|und|oder)[\s\p{Z}]+|&|أو|و|和|或|与|및)`)

// onlyNamed reports whether what follows a command shows that it is only named: nothing but the end of a sentence, or
// further commands of which the last one is named.
func onlyNamed(after string) bool {
	skip := func(s string) string {
		return strings.TrimLeftFunc(s, func(r rune) bool { return isMargin(r) || strings.ContainsRune(wordEnd, r) })
	}
	const most = 10 // so that the work is linear in the line
	after = skip(after)
	for i := 0; after != "" && i < most; i++ {
		after = skip(strings.TrimPrefix(after, conjunction.FindString(after)))
		rest, ok := cutForm(after, slashForms)
		word, path := leadingWord(rest)
		if !ok || path || knownCommand(word) == "" {
			return false
		}
		after = skip(rest[len(word):])
	}
	return after == ""
}

func misplaced(name string) string {
	return fmt.Sprintf("the command /%s has to stand at the beginning of a line of its own.", name)
}

// lastIndex returns where the last of the forms stands in a text, or -1.
func lastIndex(s string, forms []string) int {
	last := -1
	for _, form := range forms {
		last = max(last, strings.LastIndex(s, form))
	}
	return last
}

// leadingWord returns the word with which a text begins. Path reports whether the text goes on as a path or a number
// does, so that it is not a command.
func leadingWord(s string) (word string, path bool) {
	end := strings.IndexFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) && r != '-' && r != '_'
	})
	if end < 0 {
		end = len(s)
	}
	word = s[:end]
	first, _ := utf8.DecodeRuneInString(word)
	next, size := utf8.DecodeRuneInString(s[end:])
	if !unicode.IsLetter(first) {
		return "", false
	}
	switch {
	case size == 0 || isMargin(next):
	case strings.ContainsRune(wordEnd, next):
		then, more := utf8.DecodeRuneInString(s[end+size:])
		path = more > 0 && next == '.' && (unicode.IsLetter(then) || unicode.IsDigit(then))
	default:
		path = true
	}
	return word, path
}
