package words_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"readout/views/words"
)

// categories are those that each language must tell apart, by CLDR; one is free to say the same in two of them.
var categories = map[string][]string{
	"en": {"one", "other"},
	"zh": {"other"},
	"ko": {"other"},
	"es": {"one", "other"},
	"fr": {"one", "other"},
	"ar": {"zero", "one", "two", "few", "many", "other"},
}

var place = regexp.MustCompile(`\{[a-z]+\}`)

// forms returns the texts under a key by plural category, "" for a text that does not count.
func forms(t *testing.T, value json.RawMessage) map[string]string {
	t.Helper()
	var one string
	if json.Unmarshal(value, &one) == nil {
		return map[string]string{"": one}
	}
	var plural map[string]string
	if err := json.Unmarshal(value, &plural); err != nil {
		t.Fatal(err)
	}
	return plural
}

func catalogue(t *testing.T, name string) map[string]json.RawMessage {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return all
}

func places(text string) []string {
	found := place.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func TestLanguagesSayTheSame(t *testing.T) {
	t.Parallel()
	areas, err := filepath.Glob("*/en.json")
	if err != nil || len(areas) == 0 {
		t.Fatalf("no catalogues: %v", err)
	}
	for _, english := range areas {
		want := catalogue(t, english)
		for code, needed := range categories {
			name := filepath.Join(filepath.Dir(english), code+".json")
			got := catalogue(t, name)
			for key := range got {
				if _, ok := want[key]; !ok {
					t.Errorf("%s: %q is not in English", name, key)
				}
			}
			for key, value := range want {
				there, ok := got[key]
				if !ok {
					t.Errorf("%s: %q is missing", name, key)
					continue
				}
				ours, theirs := forms(t, value), forms(t, there)
				_, counts := ours["other"]
				if _, also := theirs["other"]; counts != also {
					t.Errorf("%s: %q counts in only one language", name, key)
					continue
				}
				for category, text := range theirs {
					if strings.TrimSpace(text) == "" {
						t.Errorf("%s: %q is empty", name, key)
					}
					if counts && !slices.Contains(needed, category) {
						t.Errorf("%s: %q has %q, which the language does not know", name, key, category)
					}
					// "one" and the like may leave the number out.
					reference := ours[""] + ours["other"]
					for _, p := range places(reference) {
						if !strings.Contains(text, p) && (p != "{n}" || category == "other" || category == "few" || category == "many") {
							t.Errorf("%s: %q lacks %s in %q", name, key, p, text)
						}
					}
					for _, p := range places(text) {
						if !strings.Contains(reference, p) {
							t.Errorf("%s: %q has %s, which English has not", name, key, p)
						}
					}
				}
				for _, category := range needed {
					if _, ok := theirs[category]; counts && !ok {
						t.Errorf("%s: %q lacks the plural %q", name, key, category)
					}
				}
			}
		}
	}
}

// JSON keeps the last of two texts under one key, and a merge can leave both.
func TestNoTextStandsTwice(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("*/*.json")
	if err != nil || len(names) == 0 {
		t.Fatalf("no catalogues: %v", err)
	}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		dec := json.NewDecoder(bytes.NewReader(raw))
		if _, err := dec.Token(); err != nil { // the brace
			t.Fatalf("%s: %v", name, err)
		}
		seen := map[json.Token]bool{}
		for dec.More() {
			key, err := dec.Token()
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			var value json.RawMessage
			if err := dec.Decode(&value); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if seen[key] {
				t.Errorf("%s: %q stands there twice", name, key)
			}
			seen[key] = true
		}
	}
}

// What is in no catalogue of the source would be told by a panic, and what nobody says is a text too much.
func TestEveryTextIsSaid(t *testing.T) {
	t.Parallel()
	var source strings.Builder
	for _, pattern := range []string{"../*.templ", "../*.go", "../*/*.templ", "../*/*.go", "../../assets/src/reader.js", "../../assets/src/reader/*.js"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_templ.go") || strings.HasSuffix(name, "_test.go") {
				continue
			}
			raw, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			source.Write(raw)
		}
	}
	areas, _ := filepath.Glob("*/en.json")
	for _, area := range areas {
		for key := range catalogue(t, area) {
			// A key may be put together from a stem with a hyphen and something of the domain, such as a status.
			stem := key[:strings.LastIndexByte(key, '-')+1]
			said := false
			for _, quote := range []string{`"`, `'`} {
				said = said || strings.Contains(source.String(), quote+key+quote) || stem != "" && strings.Contains(source.String(), quote+stem+quote)
			}
			if !said {
				t.Errorf("%s: nobody says %q", area, key)
			}
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, 10, 3, 14, 3, 0, 0, time.UTC)
	for tag, want := range map[string]struct {
		lang, date, number string
		own                bool
	}{
		"en-GB":       {"en", "3 Oct 2025", "12,345", true},
		"zh":          {"zh-Hans", "2025年10月3日", "12,345", true},
		"zh-Hant":     {"zh-Hans", "2025年10月3日", "12,345", false},
		"zh-TW":       {"zh-Hans", "2025年10月3日", "12,345", false},
		"zh-Hans-HK":  {"zh-Hans", "2025年10月3日", "12,345", true},
		"zh-Latn":     {"zh-Hans", "2025年10月3日", "12,345", false},
		"ar-Latn":     {"ar", "3 أكتوبر 2025", "12٬345", false},
		"ar-arab":     {"ar", "3 أكتوبر 2025", "12٬345", true},
		"ko-Kore-KR":  {"ko", "2025년 10월 3일", "12,345", true},
		"ko-Latn":     {"ko", "2025년 10월 3일", "12,345", false},
		"en-Cyrl-GB":  {"en", "3 Oct 2025", "12,345", false},
		"fr-1694acad": {"fr", "3 octobre 2025", "12\u202f345", true},
		"en-1994":     {"en", "3 Oct 2025", "12,345", true},
		"en-x-cyrl":   {"en", "3 Oct 2025", "12,345", true},
		"KO-kr":       {"ko", "2025년 10월 3일", "12,345", true},
		"es":          {"es", "3 de octubre de 2025", "12.345", true},
		"fr-CH":       {"fr", "3 octobre 2025", "12\u202f345", true},
		"ar":          {"ar", "3 أكتوبر 2025", "12٬345", true},
		"de":          {"en", "3 Oct 2025", "12,345", false},
		"":            {"en", "3 Oct 2025", "12,345", false},
	} {
		l, own := words.For(tag)
		if l.Tag != want.lang || own != want.own || l.Date(at) != want.date || l.Number(12345) != want.number {
			t.Errorf("%q: %s %v %q %q", tag, l.Tag, own, l.Date(at), l.Number(12345))
		}
	}
}

func TestCountsInEachLanguage(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]map[int]string{
		"en": {1: "1 new update", 2: "2 new updates", 1234: "1,234 new updates"},
		"fr": {1: "1 nouvelle publication", 3: "3 nouvelles publications"},
		"ar": {1: "تحديث جديد واحد", 2: "تحديثان جديدان", 3: "3 تحديثات جديدة", 11: "11 تحديثًا جديدًا", 100: "100 تحديث جديد"},
	} {
		for n, text := range want {
			if got := words.Languages()[code].Count("new", n); got != text {
				t.Errorf("%s: %d: %q, want %q", code, n, got, text)
			}
		}
	}
}
