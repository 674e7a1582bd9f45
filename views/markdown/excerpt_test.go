package markdown

import (
	"strings"
	"testing"

	"github.com/rivo/uniseg"
	"pgregory.net/rapid"
)

func TestClip(t *testing.T) {
	t.Parallel()
	const flags, family, decomposed = "🇰🇷🇺🇸", "👩‍👩‍👧‍👦", "e\u0301"
	korean := "\u1112\u1161\u11ab" // one decomposed syllable, as in macOS file names
	for _, row := range []struct {
		text string
		n    int
		want string
	}{
		{"short", 5, "short"},
		{"tariffs and soybeans", 13, "tariffs and…"},
		{"tariffs", 4, "tar…"},
		{strings.Repeat(flags, 60), 10, flags + flags + "…"},
		{strings.Repeat(flags, 60), 8, flags + "🇰🇷…"},
		{family + family, 9, family + "…"},
		{family + family, 7, "…"},
		{strings.Repeat(decomposed, 9), 6, decomposed + decomposed + "…"},
		{strings.Repeat(korean, 9), 6, korean + "…"},
		{"关税与大豆", 4, "关税与…"},
	} {
		if got := Clip(row.text, row.n); got != row.want {
			t.Errorf("Clip(%q, %d) is %q, want %q", row.text, row.n, got, row.want)
		}
	}
}

// TestClusterFrom compares ClusterFrom with all clusters of a text. It fails if it finds an offset within a cluster or
// skips one.
func TestClusterFrom(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		pieces := []string{"a", " ", "关", "🇰🇷", "👩‍👧", "e\u0301", "\u1112\u1161\u11ab", "ก็", "नि"}
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 60).Draw(t, "text"), "")
		begins := map[int]bool{len(text): true}
		for clusters := uniseg.NewGraphemes(text); clusters.Next(); {
			from, _ := clusters.Positions()
			begins[from] = true
		}
		for at := range text {
			want := at
			for !begins[want] {
				want++
			}
			if got := ClusterFrom(text, at); got != want {
				t.Fatalf("from %d of %q the first cluster begins at %d, want %d", at, text, got, want)
			}
		}
	})
}

// TestClipKeepsGraphemeClusters fails if Clip cuts within a grapheme cluster or returns too many code points.
func TestClipKeepsGraphemeClusters(t *testing.T) {
	t.Parallel()
	pieces := []string{
		"a", " ", "关", "🇰🇷", "👩‍👧", "e\u0301", "\u1112\u1161\u11ab", "ก็", "नि", "\u200d",
		"\U0001F3FD", "한", ".",
	}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(rapid.SampledFrom(pieces)).Draw(t, "text"), "")
		n := rapid.IntRange(2, 30).Draw(t, "n")
		got := Clip(text, n)
		if len([]rune(got)) > n {
			t.Fatalf("Clip(%q, %d) is %q", text, n, got)
		}
		kept, cut := strings.CutSuffix(got, "…")
		if !cut || got == text {
			return
		}
		rest, state := text, -1
		for done := ""; done != kept; {
			if !strings.HasPrefix(kept, done) || rest == "" {
				t.Fatalf("Clip(%q, %d) is %q, which ends within a grapheme cluster", text, n, got)
			}
			var cluster string
			cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
			done += cluster
		}
	})
}
