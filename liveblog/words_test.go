package liveblog

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/unicode/runenames"
)

func TestWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                      "",
		"Tariffs of 145%":       "tariffs of 145",
		"don't":                 "don t",
		"U.S.-China (2025/26)":  "u s china 2025 26",
		"Café CAFÉ cafe\u0301":  "cafe cafe cafe",
		"Đà Nẵng, Ørsted, Łódź": "da nang orsted lodz",
		"Straße Œuvre ﬁn":       "strasse oeuvre fin",
		"ΣΊΣΥΦΟΣ Σίσυφος":       "σισυφοσ σισυφοσ",
		"CO₂ 5ᵗʰ":               "co2 5th",
		"Ｇ７　２０２５":               "g7 2025",
		"贸易战":                   "贸+易+战",
		"贸易，战 争":                "贸+易 战 争",
		"5G网络A股":                "5g 网+络 a 股",
		"トランプ、スーパー":             "ト+ラ+ン+プ ス+ー+パ+ー",
		"々〆 時々":                 "々+〆 時+々",
		"회담장에서 5월":              "회담장에서 5월",
		norm.NFD.String("회담 갂"): "회담 갂",
		"مُحَادَثَات تجـــارية":      "محادثات تجاريه",
		"إلى أوروبا الآن مؤتمر":      "الي اوروبا الان موتمر",
		norm.NFD.String("مؤتمر"):     "موتمر",
		"ﻣﺆﺗﻤﺮ":                      "موتمر",
		"שָׁלוֹם":                    "שלומ",
		"कि की":                      "कि की",
		"zero\u200dwidth so\u00adft": "zerowidth soft",
		"a\xffb\x00c":                "a b c",
		"‘quoted’ #tag_two":          "quoted tag two",
		strings.Repeat("x", 100):     strings.Repeat("x", maxWord),
	} {
		var b strings.Builder
		before := Word{}
		for _, w := range Words(text) {
			switch {
			case b.Len() == 0:
			case before.Unspaced && w.Unspaced && !w.Gap:
				b.WriteByte('+')
			default:
				b.WriteByte(' ')
			}
			b.WriteString(w.Text)
			before = w
		}
		if got := b.String(); got != want {
			t.Errorf("%q has the words %q, want %q", text, got, want)
		}
	}
}

// TestSearchForms compares the form of every letter and digit with the list in testdata. The search indexes store these
// forms, so it fails if a form changes, which needs a migration.
func TestSearchForms(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/search_forms.txt")
	if err != nil {
		t.Fatal(err)
	}
	forms := map[rune]string{}
	for line := range strings.Lines(string(text)) {
		form, letters, _ := strings.Cut(strings.TrimSpace(line), " ")
		for _, r := range letters {
			forms[r] = strings.TrimPrefix(form, "-") // for none
		}
		if got := formsOf(form); got != form && form != "-" {
			t.Errorf("the form %q is searched as %q, not as itself", form, got)
		}
	}
	if n := len(forms); n < 3500 {
		t.Fatalf("the list has %d letters", n)
	}
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !utf8.ValidRune(r) || isSilent(r) || !unicode.IsLetter(r) && !unicode.IsNumber(r) {
			continue
		}
		lower := unicode.ToLower(r)
		want, ok := forms[lower]
		switch {
		case ok:
		case r >= 0xf900 && r <= 0xfaff || r >= 0x2f800 && r <= 0x2fa1f: // copies of Han characters
			want = norm.NFC.String(string(r))
		default:
			want = string(lower)
		}
		if got := formsOf(string(r)); got != want {
			t.Errorf("%q (%U) is searched as %q, want %q", r, r, got, want)
		}
	}
}

// TestSilentCharacters compares the characters that are left out of words with the list of ranges in testdata, and the
// forms of all other marks with what Unicode normalizes them to. It fails if any of them changes.
func TestSilentCharacters(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/search_silent.txt")
	if err != nil {
		t.Fatal(err)
	}
	silent := map[rune]bool{}
	for line := range strings.Lines(string(text)) {
		var first, last rune
		if _, err := fmt.Sscanf(line, "%X-%X", &first, &last); err != nil {
			t.Fatal(err)
		}
		for r := first; r <= last; r++ {
			silent[r] = true
		}
	}
	for r := rune(utf8.RuneSelf); r <= unicode.MaxRune; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		got := formsOf("x" + string(r) + "x")
		if got == "xx" != silent[r] {
			t.Errorf("%q (%U): silent is %v", r, r, !silent[r])
		}
		if !unicode.IsMark(r) || silent[r] {
			continue
		}
		want := "x" + norm.NFKC.String(string(r)) + "x"
		if r == 0x901 {
			want = "x\u0902x" // chandrabindu
		}
		if got != want {
			t.Errorf("%q (%U) is searched as %q, want %q", r, r, got, want)
		}
	}
}

// TestDigits compares the form of each decimal digit with its name in Unicode. It fails if the digits of a script are
// not converted, or by one too much.
func TestDigits(t *testing.T) {
	t.Parallel()
	names := strings.Fields("ZERO ONE TWO THREE FOUR FIVE SIX SEVEN EIGHT NINE")
	n := 0
	for r := range unicode.MaxRune {
		if !unicode.IsDigit(r) {
			continue
		}
		n++
		name := runenames.Name(r)
		want := fmt.Sprint(slices.Index(names, name[strings.LastIndexByte(name, ' ')+1:]))
		if got := formsOf(string(r)); got != want {
			t.Errorf("%s (%U) is searched as %q, want %q", name, r, got, want)
		}
	}
	if n < 600 {
		t.Errorf("Unicode has %d digits", n)
	}
}

// formsOf returns the words of a text, joined by plus signs.
func formsOf(text string) string {
	var all []string
	for _, w := range Words(text) {
		all = append(all, w.Text)
	}
	return strings.Join(all, "+")
}

func FuzzWords(f *testing.F) {
	for _, s := range []string{"Tariffs – “rare earths”", "贸易战 e\u0301\u0301", "회담\xff", "مُحَـ",
		"\u1112\u1161\u11ab", "น้ําเเ ក្្រ", "ｶﾞ㍿㋿ﱞ½", "0㏾0", "والمحادثات للقاء השיחות", "ßǅ٢٠", "བོད་ཡིག"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		start, end := 0, 0
		for _, w := range Words(text) {
			// The parts of one character may belong to several words, as in ㏾.
			if w.Start < start || w.End < end || w.End <= w.Start || w.End > len(text) {
				t.Fatalf("%q: the word %+v has wrong offsets", text, w)
			}
			start, end = w.Start, w.End
			if !utf8.ValidString(w.Text) || w.Text == "" || strings.ContainsAny(w.Text, " '\"\\。\x00") ||
				len(w.Text) > 2000 {
				t.Fatalf("%q: an index cannot store the word %q", text, w.Text)
			}
			if again := Words(w.Text); len(again) != 1 || again[0].Text != w.Text {
				t.Fatalf("%q: a query for the word %q searches for %+v", text, w.Text, again)
			}
		}
		if in := (Entry{Body: text}).Indexed(); !strings.HasSuffix(in.Words, " ") {
			t.Fatalf("%q: %+v", text, in)
		}
	})
}

func TestIndexed(t *testing.T) {
	t.Parallel()
	e := Entry{Headline: "中国：关税", Author: "Ada",
		Body: "税收 a**贸**易战 [the `text`](https://example.org/hidden \"Title\") and *bold*er &amp; " +
			"https://hidden.example/path.\n\n[ref]: http://hidden.example",
		Acts: NewActs([]Act{{Kind: ActClaim, Claim: "soy", Status: "reported", Text: "They buy.",
			Attribution: "two officials"},
			{Kind: ActClaim, Claim: "beans", Status: "reported", Text: "More.", Attribution: "claim:soy"},
			{Kind: ActQuote, Speaker: "wu", Text: "Secret.", Record: "off"},
			{Kind: ActReadout, Points: []string{"[Trade] Less"}},
			{Kind: ActFigure, Figure: "rate", Value: "47", Unit: "%"}})}
	got := e.Indexed()
	want := Indexed{
		Words: " 。 中 国 。 关 税 。 税 收 a 。 贸 易 战 the text and bolder ada they buy two " +
			"officials more trade less 47 ",
		Pairs: " 。 中国 。 关税 。 税收 。 贸易 易战",
	}
	if got != want {
		t.Errorf("indexed as\n%+v, want\n%+v", got, want)
	}
	if fields := strings.Fields(got.Words); slices.Contains(fields, "hidden") || slices.Contains(fields, "secret") {
		t.Error("the index has words that readers do not see")
	}
}
