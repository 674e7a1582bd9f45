// Package words has the interface's texts in all its languages.
//
// The catalogues are JSON files: a directory for each area of the interface, with a file for each language. They map
// keys to texts. A text that depends on a number is an object with a text for each of the language's CLDR plural
// categories. A text may have placeholders such as {time}; {n} is the number that decides the plural.
//
// Tests ensure that every language has every key of English, with the same placeholders and with the plural categories
// that the language needs. Plurals, dates and numbers follow CLDR, by go-playground/locales.
package words

import (
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/go-playground/locales"
	"github.com/go-playground/locales/ar"
	"github.com/go-playground/locales/en"
	"github.com/go-playground/locales/es"
	"github.com/go-playground/locales/fr"
	"github.com/go-playground/locales/ko"
	"github.com/go-playground/locales/zh"
)

//go:embed */*.json
var catalogues embed.FS

// Language is one language of the interface.
type Language struct {
	Tag    string // BCP 47, e.g. "zh-Hans"
	locale locales.Translator
	texts  map[string]text
	script string // the texts of the reader script, as JSON
}

// text is a plain text, or texts by plural category.
type text struct {
	plain  string
	plural map[string]string
}

// scriptArea has the texts of the reader script.
const scriptArea = "script"

// English returns the language that the interface falls back to.
func English() *Language { return load()["en"] }

// For returns the language of the interface for a blog with the language tag, and whether it is the blog's own
// language. If it is not, interface texts have to be marked with their language.
func For(tag string) (l *Language, own bool) {
	parts := strings.Split(strings.ToLower(tag), "-")
	l, ok := load()[parts[0]]
	if !ok {
		return English(), false
	}
	for _, part := range parts[1:] {
		switch {
		case len(part) == 1: // what follows names no script
			return l, true
		case len(part) == 4 && part[0] > '9':
			return l, strings.Contains(scripts[parts[0]], part)
		case parts[0] == "zh" && (part == "tw" || part == "hk" || part == "mo"):
			return l, false
		}
	}
	return l, true
}

// scripts are the scripts of the catalogues. A blog in another script is not in the interface's language.
var scripts = map[string]string{
	"en": "latn", "zh": "hans", "ko": "hang kore", "es": "latn", "fr": "latn", "ar": "arab aran",
}

// Languages returns all languages by the primary subtag of their tags.
func Languages() map[string]*Language { return load() }

var load = sync.OnceValue(func() map[string]*Language {
	all := map[string]*Language{}
	for code, l := range map[string]*Language{
		"en": {Tag: "en", locale: en.New()},
		"zh": {Tag: "zh-Hans", locale: zh.New()},
		"ko": {Tag: "ko", locale: ko.New()},
		"es": {Tag: "es", locale: es.New()},
		"fr": {Tag: "fr", locale: fr.New()},
		"ar": {Tag: "ar", locale: ar.New()},
	} {
		l.read(code)
		all[code] = l
	}
	return all
})

// read reads the catalogues of a language. It panics if one is invalid; they are part of the program, so every test
// would find that.
func (l *Language) read(code string) {
	l.texts = map[string]text{}
	areas, err := catalogues.ReadDir(".")
	if err != nil {
		panic(err)
	}
	for _, area := range areas {
		name := path.Join(area.Name(), code+".json")
		raw, err := catalogues.ReadFile(name)
		if err != nil {
			panic(err)
		}
		var entries map[string]json.RawMessage
		if err := json.Unmarshal(raw, &entries); err != nil {
			panic(fmt.Errorf("words: %s: %w", name, err))
		}
		for key, value := range entries {
			var t text
			if json.Unmarshal(value, &t.plain) != nil {
				if err := json.Unmarshal(value, &t.plural); err != nil {
					panic(fmt.Errorf("words: %s: %q: %w", name, key, err))
				}
			}
			if _, duplicate := l.texts[key]; duplicate {
				panic(fmt.Errorf("words: %s: %q is a key in another area too", name, key))
			}
			l.texts[key] = t
		}
		if area.Name() == scriptArea {
			entries["lang"], _ = json.Marshal(l.Tag)
			compact, err := json.Marshal(entries)
			if err != nil {
				panic(err)
			}
			l.script = string(compact)
		}
	}
}

// Say returns the text of a key. Pairs are the names of its placeholders and their values. It panics if there is no
// such key, or if its text depends on a number.
func (l *Language) Say(key string, pairs ...string) string {
	t, ok := l.texts[key]
	if !ok || t.plural != nil {
		panic(fmt.Sprintf("words: no text %q", key))
	}
	return fill(t.plain, pairs)
}

// Count returns the text of a key for the number n. It panics if there is no such key, or if its text does not depend
// on a number.
func (l *Language) Count(key string, n int, pairs ...string) string {
	t, ok := l.texts[key]
	if !ok || t.plural == nil {
		panic(fmt.Sprintf("words: no text %q with plurals", key))
	}
	form, ok := t.plural[category(l.locale.CardinalPluralRule(float64(n), 0))]
	if !ok {
		form = t.plural["other"]
	}
	return fill(form, append([]string{"n", l.Number(n)}, pairs...))
}

// Has reports whether there is a key, for keys that are built from values such as a status.
func (l *Language) Has(key string) bool {
	_, ok := l.texts[key]
	return ok
}

// Script returns the texts of the reader script as a JSON object by key, with the language tag under "lang".
func (l *Language) Script() string { return l.script }

func fill(text string, pairs []string) string {
	if len(pairs) == 0 {
		return text
	}
	replacements := make([]string, len(pairs))
	for i := range pairs {
		replacements[i] = pairs[i]
		if i%2 == 0 {
			replacements[i] = "{" + pairs[i] + "}"
		}
	}
	return strings.NewReplacer(replacements...).Replace(text)
}

// Split returns the text of a key in pieces: the names of its placeholders at odd indices, the text between them at
// even ones.
func (l *Language) Split(key string) []string { return pieces(l.Say(key)) }

// SplitCount is [Language.Split] for the text of a key for the number n.
func (l *Language) SplitCount(key string, n int) []string { return pieces(l.Count(key, n)) }

func pieces(rest string) (pieces []string) {
	for {
		before, behind, ok := strings.Cut(rest, "{")
		name, after, closed := strings.Cut(behind, "}")
		if !ok || !closed {
			return append(pieces, rest)
		}
		pieces, rest = append(pieces, before, name), after
	}
}

// Date returns the day of t, e.g. "23 Oct 2025".
func (l *Language) Date(t time.Time) string {
	if l.Tag == "en" {
		return t.Format("2 Jan 2006") // CLDR's order for "en" is that of the United States
	}
	return l.locale.FmtDateLong(t)
}

// LongDate returns the day of t with its day of the week, e.g. "Thursday, 23 October 2025".
func (l *Language) LongDate(t time.Time) string {
	if l.Tag == "en" {
		return t.Format("Monday, 2 January 2006")
	}
	return l.locale.FmtDateFull(t)
}

// DayMonth returns the day of t without the year, e.g. "23 Oct".
func (l *Language) DayMonth(t time.Time) string {
	month := l.locale.MonthAbbreviated(t.Month())
	switch l.Tag {
	case "zh-Hans":
		return fmt.Sprintf("%s%d日", month, t.Day())
	case "ko":
		return fmt.Sprintf("%s %d일", month, t.Day())
	}
	return fmt.Sprintf("%d %s", t.Day(), month)
}

// Weekday returns the name of t's day of the week.
func (l *Language) Weekday(t time.Time) string { return l.locale.WeekdayWide(t.Weekday()) }

// Number formats n with the language's separators.
func (l *Language) Number(n int) string { return l.locale.FmtNumber(float64(n), 0) }

// category returns the CLDR name of a plural category.
func category(rule locales.PluralRule) string {
	switch rule {
	case locales.PluralRuleZero:
		return "zero"
	case locales.PluralRuleOne:
		return "one"
	case locales.PluralRuleTwo:
		return "two"
	case locales.PluralRuleFew:
		return "few"
	case locales.PluralRuleMany:
		return "many"
	}
	return "other"
}
