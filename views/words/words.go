// Package words holds the interface's own words in the languages that it is read in.
//
// The catalogues are JSON, one directory an area of the interface and in it one file a language. A text stands under
// its key; one that counts is an object with a text for each plural category of its language, as CLDR has them. A
// text may have places such as {time}; {n} is the number that is counted.
//
// What always holds, and is tested: every language has every key of English, with the same places, and the plural
// categories that it needs. Plurals, dates and numbers are those of CLDR, by go-playground/locales.
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
	script string // of the reader script, as JSON
}

// text is one text, or one for each plural category.
type text struct {
	one    string
	plural map[string]string
}

// scriptArea holds what the reader script says.
const scriptArea = "script"

// English is what the interface falls back to.
func English() *Language { return load()["en"] }

// For returns the language of the interface for a blog in the language of the tag, and whether it is the blog's own;
// where it is not, the interface's words must be marked as being of another language.
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

// scripts are those that the catalogues are written in; a blog in another one is not in the interface's language.
var scripts = map[string]string{"en": "latn", "zh": "hans", "ko": "hang kore", "es": "latn", "fr": "latn", "ar": "arab aran"}

// Languages returns all of them by the primary subtag of their tags.
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

// read panics where a catalogue is wrong: a fault of ours that every test meets.
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
			if json.Unmarshal(value, &t.one) != nil {
				if err := json.Unmarshal(value, &t.plural); err != nil {
					panic(fmt.Errorf("words: %s: %q: %w", name, key, err))
				}
			}
			if _, twice := l.texts[key]; twice {
				panic(fmt.Errorf("words: %s: %q stands in another area too", name, key))
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

// Say returns the text of a key. Pairs are the names of its places and what stands there. It panics for a key that
// there is not, and for one that counts.
func (l *Language) Say(key string, pairs ...string) string {
	t, ok := l.texts[key]
	if !ok || t.plural != nil {
		panic(fmt.Sprintf("words: no text %q", key))
	}
	return fill(t.one, pairs)
}

// Count returns the text of a key for n of what it counts.
func (l *Language) Count(key string, n int, pairs ...string) string {
	t, ok := l.texts[key]
	if !ok || t.plural == nil {
		panic(fmt.Sprintf("words: no text %q that counts", key))
	}
	form, ok := t.plural[category(l.locale.CardinalPluralRule(float64(n), 0))]
	if !ok {
		form = t.plural["other"]
	}
	return fill(form, append([]string{"n", l.Number(n)}, pairs...))
}

// Knows reports whether there is a text of a key, for one that is put together with what may be unknown.
func (l *Language) Has(key string) bool {
	_, ok := l.texts[key]
	return ok
}

// Script returns what the reader script says, as a JSON object: the texts by their keys, and the tag under "lang".
func (l *Language) Script() string { return l.script }

func fill(text string, pairs []string) string {
	if len(pairs) == 0 {
		return text
	}
	places := make([]string, len(pairs))
	for i := range pairs {
		places[i] = pairs[i]
		if i%2 == 0 {
			places[i] = "{" + pairs[i] + "}"
		}
	}
	return strings.NewReplacer(places...).Replace(text)
}

// Split returns the text of a key in pieces: what stands between places, and at odd indices the names of the places.
func (l *Language) Split(key string) []string { return pieces(l.Say(key)) }

// SplitCount is [Language.Split] of the text for n of what a key counts.
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
		return t.Format("2 Jan 2006") // the order that most of its readers expect
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

// DayMonth returns the day of t where the year is plain, e.g. "23 Oct".
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

// Number returns n with the language's separators.
func (l *Language) Number(n int) string { return l.locale.FmtNumber(float64(n), 0) }

// category is the CLDR name of a plural rule.
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
