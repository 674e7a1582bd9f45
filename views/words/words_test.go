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

// categories are the plural categories by CLDR that each language must have. Texts of two of them may be the same.
var categories = map[string][]string{
	"en": {"one", "other"},
	"zh": {"other"},
	"ko": {"other"},
	"es": {"one", "other"},
	"fr": {"one", "other"},
	"ar": {"zero", "one", "two", "few", "many", "other"},
}

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

// forms returns the texts of a key by plural category, which is "" for a text without plurals.
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

func placeholders(text string) []string {
	found := placeholder.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func TestLanguagesHaveTheSameTexts(t *testing.T) {
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
				translated, ok := got[key]
				if !ok {
					t.Errorf("%s: %q is missing", name, key)
					continue
				}
				source, translation := forms(t, value), forms(t, translated)
				_, counts := source["other"]
				if _, also := translation["other"]; counts != also {
					t.Errorf("%s: %q has plurals in only one language", name, key)
					continue
				}
				for category, text := range translation {
					if strings.TrimSpace(text) == "" {
						t.Errorf("%s: %q is empty", name, key)
					}
					if counts && !slices.Contains(needed, category) {
						t.Errorf("%s: %q has the plural %q, which the language does not use", name, key, category)
					}
					// Categories that stand for a single number, such as "one", may leave the number out.
					needsNumber := category == "other" || category == "few" || category == "many"
					reference := source[""] + source["other"]
					for _, p := range placeholders(reference) {
						if !strings.Contains(text, p) && (p != "{n}" || needsNumber) {
							t.Errorf("%s: %q lacks %s in %q", name, key, p, text)
						}
					}
					for _, p := range placeholders(text) {
						if !strings.Contains(reference, p) {
							t.Errorf("%s: %q has %s, which English does not have", name, key, p)
						}
					}
				}
				for _, category := range needed {
					if _, ok := translation[category]; counts && !ok {
						t.Errorf("%s: %q lacks the plural %q", name, key, category)
					}
				}
			}
		}
	}
}

// TestKeysAreUnique finds duplicate keys within a file, which a merge can leave behind. A JSON decoder would silently
// use the last one.
func TestKeysAreUnique(t *testing.T) {
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
				t.Errorf("%s: duplicate key %q", name, key)
			}
			seen[key] = true
		}
	}
}

// TestEveryTextIsUsed finds texts that no template, Go file or script uses. A key that is used without being in a
// catalogue panics.
func TestEveryTextIsUsed(t *testing.T) {
	t.Parallel()
	var source strings.Builder
	for _, pattern := range []string{
		"../*.templ", "../*.go", "../*/*.templ", "../*/*.go",
		"../../assets/src/reader.js", "../../assets/src/reader/*.js",
	} {
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
			// A key may be built from a prefix that ends with a hyphen and a value such as a status.
			prefix := key[:strings.LastIndexByte(key, '-')+1]
			used := false
			for _, quote := range []string{`"`, `'`} {
				used = used || strings.Contains(source.String(), quote+key+quote) ||
					prefix != "" && strings.Contains(source.String(), quote+prefix+quote)
			}
			if !used {
				t.Errorf("%s: %q is not used", area, key)
			}
		}
	}
}

func TestFor(t *testing.T) {
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

func TestCount(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]map[int]string{
		"en": {1: "1 new update", 2: "2 new updates", 1234: "1,234 new updates"},
		"fr": {1: "1 nouvelle publication", 3: "3 nouvelles publications"},
		"ar": {
			1: "تحديث جديد واحد", 2: "تحديثان جديدان", 3: "3 تحديثات جديدة",
			11: "11 تحديثًا جديدًا", 100: "100 تحديث جديد",
		},
	} {
		for n, text := range want {
			if got := words.Languages()[code].Count("new", n); got != text {
				t.Errorf("%s: %d: %q, want %q", code, n, got, text)
			}
		}
	}
}
