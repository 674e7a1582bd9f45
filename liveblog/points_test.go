package liveblog

import (
	"slices"
	"strings"
	"testing"
	"unicode"
)

// It fails if a list is only read with one kind of bullet, or if the beginning of a text is taken for one.
func TestListItems(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ typed, want string }{
		{"- one\n- two", "one|two"}, {"* one\n+ two\n– three\n— four", "one|two|three|four"},
		{"• one\n•\ttwo\n•three\n\u2022\u00a0four\n•\u3000five", "one|two|three|four|five"},
		{"・一\n·二\n● 三\n▪四\n‣ five\n◦ six\n➢ seven", "一|二|三|四|five|six|seven"},
		{"\ufeff- one\n\u200b• two\n  - three", "one|two|three"},
		{"1. one\n2. two\n3. three", "one|two|three"}, {"1) one\n2) two", "one|two"}, {"(1) one\n（2）two", "one|two"},
		{"1、一\n2、二", "一|二"}, {"一、关税\n二、稀土", "关税|稀土"}, {"１．一\n２．二", "一|二"}, {"① one\n②two", "one|two"},
		{"١. أول\n٢. ثان", "أول|ثان"}, {"१. एक\n२. दो", "एक|दो"},
		{"• one\n* two\n1. three", "one|two|three"}, {"1. [tariffs] Down.", "[tariffs] Down."},
		{"one\n\n\ntwo\n-\n- \n•", "one|two"},
		// Numbers and marks that belong to the text.
		{"30. Oktober: talks\n10. November: the end", "30. Oktober: talks|10. November: the end"},
		{"1. November: the truce ends", "1. November: the truce ends"}, {"1. 10. 2025", "1. 10. 2025"},
		{"2025. 10. 30. 회담", "2025. 10. 30. 회담"}, {"1.5% less", "1.5% less"}, {"2. two", "2. two"},
		{"1. one\n3. three", "one|3. three"}, {"-5% on steel", "-5% on steel"}, {"−5 °C", "−5 °C"},
		{"*Agreed* by both", "*Agreed* by both"}, {"**Agreed**", "**Agreed**"}, {"1one", "1one"}, {"(a) one", "(a) one"},
		{"一带一路", "一带一路"}, {"1、", ""}, {"- - one", "- one"}, {"- • one", "• one"}, {"- 1. one", "1. one"},
		{"99999999999999. one", "99999999999999. one"},
	} {
		if got := strings.Join(listItems(strings.Split(row.typed, "\n")), "|"); got != row.want {
			t.Errorf("%q is read as %q, want %q", row.typed, got, row.want)
		}
	}
}

// The digits of every script have the values 0 to 9 in their order.
func TestDigitValue(t *testing.T) {
	t.Parallel()
	next := 0
	for r := rune(0); r <= unicode.MaxRune; r++ {
		value, ok := digitValue(r)
		if ok != unicode.IsDigit(r) || ok && value != next {
			t.Fatalf("the value of %q is %d, %t; want %d", r, value, ok, next)
		}
		if ok {
			next = (next + 1) % 10
		}
	}
	if next != 0 {
		t.Error("a script has no 9")
	}
}

// What is read is spelled with dashes, and read as the same again. Nothing that was typed gets lost but marks before an
// item.
func FuzzListItems(f *testing.F) {
	for _, typed := range []string{"- one\n• two", "1. one\n2. two", "- - x", "１．一", "\ufeff", "(1", "①", "-", "1、", "- 1. a"} {
		f.Add(typed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		lines := strings.Split(typed, "\n")
		got := listItems(lines)
		if len(got) > len(lines) {
			t.Fatalf("%q has %d items", typed, len(got))
		}
		spelled := make([]string, len(got))
		for i, item := range got {
			if !strings.HasSuffix(strings.TrimFunc(lines[slices.IndexFunc(lines, func(l string) bool {
				return strings.HasSuffix(strings.TrimFunc(l, isBlank), item)
			})], isBlank), item) || item == "" {
				t.Fatalf("%q has the item %q", typed, item)
			}
			spelled[i] = "- " + item
		}
		if again := listItems(spelled); !slices.Equal(again, got) {
			t.Fatalf("%q is read as %q, which is spelled and read as %q", typed, got, again)
		}
	})
}
