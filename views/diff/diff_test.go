package diff

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestWords(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		old, new string
		want     []Passage
	}{
		"same":          {"They met.", "They met.", []Passage{{Kept, "They met."}}},
		"nothing":       {"", "", []Passage{}},
		"added":         {"", "They met.", []Passage{{Inserted, "They met."}}},
		"no half words": {"tariffs", "tariff", []Passage{{Deleted, "tariffs"}, {Inserted, "tariff"}}},
		"a new line":    {"One.", "One.\n\nTwo.", []Passage{{Kept, "One."}, {Inserted, "\n\nTwo."}}},
		"one word": {
			"They met for two hours.", "They met for three hours.",
			[]Passage{{Kept, "They met for "}, {Deleted, "two"}, {Inserted, "three"}, {Kept, " hours."}},
		},
		"a phrase": {
			"the old tariff stays", "the new duty stays",
			[]Passage{{Kept, "the "}, {Deleted, "old tariff"}, {Inserted, "new duty"}, {Kept, " stays"}},
		},
		"Chinese": {
			"双方会谈两小时", "双方会谈三小时",
			[]Passage{{Kept, "双方会谈"}, {Deleted, "两"}, {Inserted, "三"}, {Kept, "小时"}},
		},
	} {
		if diff := cmp.Diff(row.want, Words(row.old, row.new, time.Second)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestWordsKeepsBothTexts(t *testing.T) {
	t.Parallel()
	texts := rapid.StringOf(rapid.OneOf(rapid.RuneFrom([]rune("ab \n.双é\u0301\U0001F4A5")), rapid.Rune()))
	rapid.Check(t, func(t *rapid.T) {
		old, new := texts.Draw(t, "old"), texts.Draw(t, "new")
		within := rapid.SampledFrom([]time.Duration{-time.Second, 0, time.Second}).Draw(t, "within")
		var gotOld, gotNew strings.Builder
		for _, p := range Words(old, new, within) {
			if p.Op != Inserted {
				gotOld.WriteString(p.Text)
			}
			if p.Op != Deleted {
				gotNew.WriteString(p.Text)
			}
		}
		if gotOld.String() != old || gotNew.String() != new {
			t.Fatalf("%q became %q, %q became %q", old, gotOld.String(), new, gotNew.String())
		}
	})
}

func TestWordsSkipsSurrogates(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for r := rune(0x4E00); r < 0x4E00+20_000; r++ {
		b.WriteRune(r)
	}
	for r := rune(0x20000); r < 0x20000+40_000; r++ {
		b.WriteRune(r)
	}
	text := b.String()
	want := []Passage{{Kept, text}, {Inserted, "新"}}
	if got := Words(text, text+"新", time.Second); !cmp.Equal(got, want) {
		t.Errorf("%d passages", len(got))
	}
}

func TestShortenCutsLongKeptText(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("word ", 500)
	for _, row := range []struct{ old, new, head, tail string }{
		{long + "old", long + "new", "… word", "word"},
		{"old " + long, "new " + long, "word word", "word …"},
		{"a " + long + "b", "x " + long + "y", "word word", "word word"},
	} {
		var kept string
		for _, p := range Shorten(Words(row.old, row.new, time.Second)) {
			if p.Op == Kept {
				kept = strings.TrimSpace(p.Text)
			}
		}
		whole := strings.HasPrefix(kept, row.head) && strings.HasSuffix(kept, row.tail)
		if len(kept) > 400 || !whole || strings.Count(kept, "…") != 1 {
			t.Errorf("kept %q", kept)
		}
	}
}

func TestWordsBoundsItsWork(t *testing.T) {
	t.Parallel()
	line := strings.Repeat("=-", 300) + "\n"
	lines := strings.Repeat(line, 40)
	want := []Passage{{Deleted, "a\n"}, {Inserted, "b\n"}, {Kept, lines}, {Deleted, "c"}, {Inserted, "d"}}
	if got := Words("a\n"+lines+"c", "b\n"+lines+"d", time.Minute); !cmp.Equal(got, want) {
		t.Errorf("words: %d passages", len(got))
	}
	line = strings.Repeat("=-", 30_000)
	old, new := "a"+line+"c", "b"+line+"d"
	if got := Words(old, new, time.Minute); !cmp.Equal(got, []Passage{{Deleted, old}, {Inserted, new}}) {
		t.Errorf("one long line: %d passages", len(got))
	}
	want = []Passage{{Deleted, "One two."}, {Inserted, "One three."}}
	if got := Words("One two.", "One three.", 0); !cmp.Equal(got, want) {
		t.Errorf("without time: %v", got)
	}
}
