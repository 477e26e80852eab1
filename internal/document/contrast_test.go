package document_test

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var nan = math.NaN()

// Texts have 4.5:1 on every ground that they may stand on, and lines and signs 3:1 (WCAG 2.2, 1.4.3 and
// 1.4.11), in the light scheme as in the dark one. The last field names what the pairs are of, so that
// a colour that is added is decided on.
func TestContrasts(t *testing.T) {
	css, err := os.ReadFile("style.css")
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{"text", "quiet", "accent", "link", "good", "warning", "bad", "series-1", "series-2", "series-3", "series-4"}
	lines := []string{"edge"}
	grounds := []string{"ground", "raised"}
	tinted := map[string][]string{ // grounds of a tone, and what stands on them
		"good-ground":    {"text", "quiet", "good"},
		"warning-ground": {"text", "quiet", "warning", "link"},
		"bad-ground":     {"text", "quiet", "bad", "link"},
		"slot-ground":    {"text", "accent"},
	}
	decoration := []string{"line"} // tells nothing
	schemes := palettes(string(css))
	if len(schemes) != 2 {
		t.Fatalf("%d schemes, want light and dark", len(schemes))
	}
	for i, colours := range schemes {
		name := []string{"light", "dark"}[i]
		known := map[string]bool{}
		hold := func(front, back string, least float64) {
			known[front], known[back] = true, true
			if got := contrast(t, colours[front], colours[back]); got < least {
				t.Errorf("%s: --%s on --%s has %.2f:1, want %.1f:1", name, front, back, got, least)
			}
		}
		for _, back := range grounds {
			for _, front := range texts {
				hold(front, back, 4.5)
			}
			for _, front := range lines {
				hold(front, back, 3)
			}
		}
		for back, fronts := range tinted {
			for _, front := range fronts {
				hold(front, back, 4.5)
			}
		}
		for _, c := range decoration {
			known[c] = true
		}
		for c := range colours {
			if !known[c] {
				t.Errorf("%s: --%s is in no pair: say above what it is for", name, c)
			}
		}
		if len(colours) != len(schemes[0]) {
			t.Errorf("%s has %d colours, light has %d", name, len(colours), len(schemes[0]))
		}
	}
	if got := contrast(t, "#ffffff", "#98a2ad"); got >= 4.5 || got < 2 {
		t.Errorf("grey on white has %.2f:1: the contrast is computed wrongly", got)
	}
}

var (
	root     = regexp.MustCompile(`(?s):root \{(.*?)\}`)
	declared = regexp.MustCompile(`--([a-z0-9-]+): (#[0-9a-f]{6});`)
)

func palettes(css string) []map[string]string {
	var all []map[string]string
	for _, block := range root.FindAllStringSubmatch(css, -1) {
		colours := map[string]string{}
		for _, d := range declared.FindAllStringSubmatch(block[1], -1) {
			colours[d[1]] = d[2]
		}
		all = append(all, colours)
	}
	return all
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// luminance is WCAG's relative luminance.
func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	v, err := strconv.ParseUint(strings.TrimPrefix(colour, "#"), 16, 32)
	if err != nil {
		t.Fatalf("the colour %q: %v", colour, err)
	}
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		c := float64(v>>(16-8*i)&0xff) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}
