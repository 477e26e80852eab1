package lang

import (
	"go/ast"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// same are texts that are the same in both languages, or of commands that only machines read.
var same = []string{"cicdctl %s (%s %s/%s)", "%s %s"}

// TestEveryTextIsTranslated reads the source for what is said.
func TestEveryTextIsTranslated(t *testing.T) {
	missing := map[string]bool{}
	for _, each := range texts(t) {
		if _, known := french()[each.text]; !known && !missing[each.text] && wordy(each.text) && !slices.Contains(same, each.text) {
			missing[each.text] = true
			t.Errorf("%s says %q, which has no French text", each.place, each.text)
		}
	}
}

// wordy reports whether a text has a word beside its verbs.
func wordy(text string) bool {
	return regexp.MustCompile(`[A-Za-z]{2}`).MatchString(verbs.ReplaceAllString(text, ""))
}

// composed are texts that stand nowhere as a whole: states of AWS, and what is put together.
var composed = []string{"canceled", "canceling", "no longer in the spec; kept because it may hold data"}

// TestEveryTranslationIsSaid looks for French texts whose English is nowhere any more.
func TestEveryTranslationIsSaid(t *testing.T) {
	written := map[string]bool{}
	eachSource(t, func(path string, tree *ast.File) {
		if strings.Contains(path, "internal/lang/french") {
			return
		}
		consts := constants(path)
		ast.Inspect(tree, func(n ast.Node) bool {
			if e, ok := n.(ast.Expr); ok {
				if text, ok := constant(e, consts); ok {
					written[text] = true
				}
			}
			return true
		})
	})
	all := strings.Join(slices.Collect(maps.Keys(written)), "\n")
	for text := range worded() { // made of parts: the longest of its words has to be there
		words := slices.MaxFunc(verbs.Split(brace.ReplaceAllString(text, "%s"), -1), func(a, b string) int { return len(a) - len(b) })
		if !strings.Contains(all, strings.TrimSpace(words)) {
			t.Errorf("values: %q is nowhere in the source: remove it", text)
		}
	}
	for area, part := range catalogues() {
		for text := range part {
			if !written[text] && !slices.Contains(composed, text) {
				t.Errorf("%s: %q is said nowhere: remove it", area, text)
			}
		}
	}
}

// TestEachTextIsTranslatedOnce finds texts that stand in two catalogues.
func TestEachTextIsTranslatedOnce(t *testing.T) {
	where := map[string]string{}
	for area, part := range catalogues() {
		for text := range part {
			if other, there := where[text]; there {
				t.Errorf("%q stands in %s and in %s", text, area, other)
			}
			where[text] = area
		}
	}
}

// TestTranslationsAreSound holds what a translation has to keep of its text, and how French is
// written here.
func TestTranslationsAreSound(t *testing.T) {
	all := maps.Clone(french())
	maps.Copy(all, worded())
	for en, fr := range all {
		for _, fault := range faults(en, fr) {
			t.Errorf("%q: %q %s", en, fr, fault)
		}
	}
}

// TestFaultsOfTranslationsAreFound shows that each check can fail.
func TestFaultsOfTranslationsAreFound(t *testing.T) {
	for _, c := range [][3]string{
		{"%s of %d", "%d de %s", "takes other arguments"},
		{"%s: %w", "%s", "takes other arguments"},
		{"%s of %s", "%[2]s de %[1]s", ""},
		{"%d {day|days}", "%d {jour|}", "has an empty form"},
		{"%d {day|days}", "%d {jour}", "has a pair without its second form"},
		{"day", "{jour|jours}", "has forms that go with no number"},
		{"a: b", "a: b", "needs a space before its punctuation"},
		{"a", "", "is empty"},
		{"a: b", "a : b", ""},
		{"admin_region: none (http://x:80, 10:30, %s:%d)", "admin_region: aucune (http://x:80, 10:30, %s:%d)", ""},
		{"%d {day|days}: %q", "%d {jour|jours} : %q", ""},
	} {
		got := strings.Join(faults(c[0], c[1]), "; ")
		if got != c[2] {
			t.Errorf("%q: %q: got %q, want %q", c[0], c[1], got, c[2])
		}
	}
}

var (
	verbs = regexp.MustCompile(verb.String())
	brace = regexp.MustCompile(`\{[^{}]*\}`)
	// squeezed is punctuation right after a French word; keys, addresses and times have it so.
	squeezed = regexp.MustCompile(`[a-zà-ÿ)»][:;?!](?: |$)`)
	key      = regexp.MustCompile(`[a-z]+_[a-z_]+: |[a-z.]+: (?:true|false|\d|%|\[|")|(?:language|pools|hosts|tags|admins|exec|key): `)
)

// faults are what is wrong with a translation.
func faults(en, fr string) []string {
	var out []string
	if fr == "" {
		return []string{"is empty"}
	}
	if !slices.Equal(arguments(en), arguments(fr)) {
		out = append(out, "takes other arguments")
	}
	for _, at := range brace.FindAllStringIndex(fr, -1) {
		one, many, paired := strings.Cut(fr[at[0]+1:at[1]-1], "|")
		switch {
		case !paired:
			if strings.Contains(en, "|") {
				out = append(out, "has a pair without its second form")
			}
		case one == "" || many == "" || strings.Contains(many, "|"):
			out = append(out, "has an empty form")
		case numbered(fr, at[0]) == 0:
			out = append(out, "has forms that go with no number")
		}
	}
	if squeezed.MatchString(key.ReplaceAllString(fr, "")) {
		out = append(out, "needs a space before its punctuation")
	}
	return out
}

// arguments are what a format takes of each argument, in their order.
func arguments(format string) []string {
	taken := map[int]string{}
	next := 1
	for _, v := range verbs.FindAllStringSubmatch(format, -1) {
		if v[2] == "%" {
			continue
		}
		if v[1] != "" {
			next, _ = strconv.Atoi(v[1])
		}
		taken[next] += v[2]
		next++
	}
	var out []string
	for _, i := range slices.Sorted(maps.Keys(taken)) {
		out = append(out, strconv.Itoa(i)+taken[i])
	}
	return out
}
