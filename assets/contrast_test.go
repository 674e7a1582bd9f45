package assets_test

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"testing"
)

// Text needs a contrast of 4.5:1 with what it stands on, in both color schemes.
func TestColorsContrast(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("src/css/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	light := map[string]string{}
	schemes := []map[string]string{light, {}}
	blocks := regexp.MustCompile(`(?s):root \{(.*?)\}`).FindAllSubmatch(source, -1)
	if len(blocks) != len(schemes) {
		t.Fatalf("%d sets of tokens, want one a scheme", len(blocks))
	}
	for i, block := range blocks {
		for _, m := range regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6});`).FindAllSubmatch(block[1], -1) {
			schemes[i][string(m[1])] = string(m[2])
		}
		for _, pair := range [][2]string{
			{"ink", "paper"}, {"ink", "tint"}, {"ink", "flash"}, {"soft", "paper"}, {"soft", "tint"}, {"soft", "flash"},
			{"accent", "paper"}, {"accent", "tint"}, {"accent", "flash"},
			{"link", "paper"}, {"link", "tint"}, {"link", "flash"},
			{"good", "paper"}, {"paper", "accent"}, {"paper", "ink"},
		} {
			text, ground := schemes[i][pair[0]], schemes[i][pair[1]]
			if text == "" || ground == "" {
				t.Fatalf("scheme %d has no %s or no %s", i, pair[0], pair[1])
			}
			if c := contrast(t, text, ground); c < 4.5 {
				t.Errorf("scheme %d: %s on %s has a contrast of %.2f", i, pair[0], pair[1], c)
			}
		}
	}
}

// contrast is that of WCAG 2.2.
func contrast(t *testing.T, a, b string) float64 {
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(t *testing.T, hex string) (l float64) {
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		v, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(v) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		l += weight * c
	}
	return l
}
