package liveblog

import (
	"fmt"
	"strings"
	"testing"
)

func TestParseSearch(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                            "",
		" \t\n ":                      "",
		"tariff":                      "tariff*",
		"  Tariffs,  rare\x00earths ": "earths* rare* tariffs*",
		"to be tariff tariff to":      "be tariff* to",
		"145 5G 2025a":                "145 2025a* 5g",
		"foo OR -bar* (NEAR":          "bar* foo* near* or",
		`"rare earths" NOT x:y^2`:     "2 earths* not* rare* x y",
		"贸易战 关税，美5g国":                 "5g 关+税 国 美 贸+易+战",
		"회 5월":                        "5월* 회*",
		"***":                         "",
		"caf\xffé":                    "caf* e",
		strings.Repeat("é", 200):      strings.Repeat("e", 64) + "*",
	} {
		q, err := ParseSearch(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		var terms []string
		for _, term := range q.Terms {
			s := strings.Join(term.Words, "+")
			if term.Prefix {
				s += "*"
			}
			terms = append(terms, s)
		}
		if got := strings.Join(terms, " "); got != want {
			t.Errorf("the terms of %q are %q, want %q", text, got, want)
		}
		if q.Blank() != (strings.TrimSpace(text) == "") {
			t.Errorf("%q: blank is %v", text, q.Blank())
		}
	}
	for _, n := range []int{201, 10_000} {
		_, err := ParseSearch(strings.Repeat("关", n))
		e, ok := err.(*Error)
		if !ok || e.Code != Invalid || len(e.Fields) != 1 || e.Fields[0].Field != "q" ||
			!strings.Contains(e.Message, fmt.Sprint(n)) {
			t.Errorf("%d characters: %v", n, err)
		}
	}
}

func TestSearchFind(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ query, text, want string }{
		{"tariff", "Tariffs, a tariff and no contariff.", "[Tariffs], a [tariff] and no contariff."},
		{"to", "To tomorrow", "[To] tomorrow"},
		{"cafe resume", "Le CAFÉ: r\u00e9sume\u0301s.", "Le [CAFÉ]: [r\u00e9sume\u0301s]."},
		{"易战", "贸易战，易 战。易，战", "贸[易战]，易 战。易，战"},
		{"贸易 易战", "贸易战争", "[贸易战]争"},
		{"회담", "정상회담 회담장에서", "정상회담 [회담장에서]"},
		{"10", "100 10 10%", "100 [10] [10]%"},
		{"rare earth", "Rare earths", "[Rare] [earths]"},
		{"-bar*", "a-bar", "a-[bar]"},
		{"x", "", ""},
		{"", "text", "text"},
	} {
		q, err := ParseSearch(c.query)
		if err != nil {
			t.Fatal(err)
		}
		if got := marked(q, c.text); got != c.want {
			t.Errorf("%q in %q: %s, want %s", c.query, c.text, got, c.want)
		}
	}
}
