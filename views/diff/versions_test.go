package diff

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// hardVersions are pairs of texts of 64 KiB that are hard to compare.
func hardVersions() map[string][2]string {
	const size = 64 << 10
	r := rand.New(rand.NewPCG(1, 2))
	words := func(from int) string {
		var b strings.Builder
		for i := from; b.Len() < size-12; i++ {
			fmt.Fprintf(&b, "%d ", i)
		}
		return b.String()
	}
	drawn := func(pieces ...string) string {
		var b strings.Builder
		for b.Len() < size-20 {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		return b.String()
	}
	lines := strings.SplitAfter(strings.ReplaceAll(words(0), "0 ", "0\n"), "\n")
	shuffled := slices.Clone(lines)
	r.Shuffle(len(shuffled), func(i, k int) { shuffled[i], shuffled[k] = shuffled[k], shuffled[i] })
	return map[string][2]string{
		"nothing alike":       {words(0), words(1_000_000)},
		"two words":           {drawn("a ", "b "), drawn("a ", "b ")},
		"two letters":         {drawn("a", " ", "b"), drawn("a", " ", "b")},
		"two sentences":       {drawn("Yes. ", "No. "), drawn("Yes. ", "No. ")},
		"two lines":           {drawn("yes\n", "no\n"), drawn("yes\n", "no\n")},
		"line ends":           {strings.Repeat("\n", size), strings.Repeat("\n ", size/2)},
		"full stops":          {strings.Repeat(".", size), strings.Repeat(". ", size/2)},
		"lines in disorder":   {strings.Join(lines, ""), strings.Join(shuffled, "")},
		"no spaces":           {drawn("谈", "判", "协", "议"), drawn("谈", "判", "协", "议")},
		"every line a little": {strings.Join(lines, "x"), strings.Join(lines, "y")},
	}
}

// TestVersionsBoundsItsWork fails if a level of the comparison does not count its work.
func TestVersionsBoundsItsWork(t *testing.T) {
	t.Parallel()
	for name, v := range hardVersions() {
		c := versionComparison{left: versionsWork}
		c.compare(v[0], v[1], lineLength, sentenceLength)
		if c.left < 0 {
			t.Errorf("%s: took %d steps, limit %d", name, versionsWork-c.left, versionsWork)
		}
		checkBothTexts(t, c.list, v[0], v[1])
	}
}

type failer interface {
	Helper()
	Fatalf(string, ...any)
}

func checkBothTexts(t failer, list []Passage, old, new string) {
	t.Helper()
	var was, is strings.Builder
	for _, p := range list {
		if p.Op != Inserted {
			was.WriteString(p.Text)
		}
		if p.Op != Deleted {
			is.WriteString(p.Text)
		}
	}
	if was.String() != old || is.String() != new {
		t.Fatalf("the passages do not add up to the two texts")
	}
}

// TestVersions checks that long texts with a few differences are compared word by word there. It fails if a line that
// differs is not split further.
func TestVersions(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom([]string{"a", "b", " ", "\n", ". ", "谈"})
		text := func(name string) string { return strings.Join(rapid.SliceOfN(word, 0, 30).Draw(t, name), "") }
		old, new := text("old"), text("new")
		checkBothTexts(t, Versions(old, new), old, new)
	})
	var b strings.Builder
	for i := range 1500 {
		fmt.Fprintf(&b, "The parties agree on point %d. ", i)
		if i%10 == 9 {
			b.WriteByte('\n')
		}
	}
	old := b.String()
	new := strings.Replace(strings.Replace(old, "point 0.", "matter 0.", 1), "point 1499.", "matter 1499.", 1)
	start, end := strings.Index(old, "point 0."), strings.Index(old, "point 1499.")
	want := []Passage{
		{Kept, old[:start]}, {Deleted, "point"}, {Inserted, "matter"},
		{Kept, old[start+len("point") : end]}, {Deleted, "point"}, {Inserted, "matter"},
		{Kept, old[end+len("point"):]},
	}
	if diff := cmp.Diff(want, Versions(old, new)); diff != "" {
		t.Error(diff)
	}
	want = []Passage{{Kept, "One "}, {Deleted, "two"}, {Inserted, "three"}, {Kept, "."}}
	if got := Versions("One two.", "One three."); !cmp.Equal(got, want) {
		t.Error(got)
	}
}

// BenchmarkVersions compares the pairs of texts that take the most work.
func BenchmarkVersions(b *testing.B) {
	for name, v := range hardVersions() {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Versions(v[0], v[1])
			}
		})
	}
}
