package lang

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// alwaysMany are the numbers before a plural that are never 1, each with the reason.
var alwaysMany = map[string]string{
	"not between 1 and %d days, or 0":  "rules.MaxAccessLogDays",
	"all %d places of":                 "a pool has ten",
	"must hold both and have %d char":  "the longest name",
	"an RSA key of %d bits":            "AWS takes 2048",
	"%d revoked certificates that":     "more than a list may have",
	"%d days are not within 1-%d":      "1 is within",
	"in lower case and of %d char":     "the longest name",
	"change the index of certificates": "how often it is tried",
	"client and app may have %d char":  "rules.Limits",
	"%d services need %d characters":   "more than a policy may have, which takes several",
	"needs %d rules in the security":   "rules.MaxGroupRules",
	"needs %d load balancer rules":     "rules.MaxListenerRules",
	"needs %d %s network ACL rules":    "rules.MaxACLRules",
	"1 to %d lower-case letters":       "the longest name",
	"has %d domains, each with":        "rules.MaxCertificates",
	"would answer on %d domains":       "more than a rule may have",
	"which has %d characters; AWS":     "rules.Limits",
	"the list has %d bytes":            "rules.MaxSecret",
	"needs %d ports on the load":       "rules.MaxListeners",
	"1 to %d capital letters":          "the longest code",
	"%q has %d characters and the":     "more than a name may have",
	"has %d wildcards, and AWS":        "more than a rule may have",
	"is not a tag key: 1 to %d":        "the longest key",
	"value of a tag: at most %d":       "the longest value",
	"%d tags are too many":             "more than a resource may have",
	"the keys have %d characters":      "more than a tag may have",
	"%d packets":                       "the replay window",
	"%d columns on a terminal":         "no terminal has one",
}

// itself is a text about a number itself, not about so many things.
var itself = regexp.MustCompile(`%d is (not within|not between|not a number|less than|more than|the most|too many|too few)|tunnel %d|line %d`)

// excused reports whether a text has a number that is never 1.
func excused(text string) bool {
	return slices.ContainsFunc(keys(alwaysMany), func(s string) bool { return strings.Contains(text, s) })
}

// counted is a number before a plural noun or verb, with a word or two between.
var counted = regexp.MustCompile(`%d(?: [a-zà-ÿ]+){0,2}? ([a-zà-ÿ]*[^\Wsui]s|[a-z]+[^i]us|are|have|were|sont|ont)\b`)

// ordinal is a number that is no count, and small words that end like a plural.
var (
	ordinal = regexp.MustCompile(`(?:[Tt]unnel|line|key|person|certificate|lines) $`)
	small   = []string{"dans", "its", "plus", "sans", "sous", "mois", "vers", "goes", "takes", "has", "runs", "needs", "concerns", "les"}
)

// TestCountsWithANounHaveBothForms reads the source for numbers before a plural that have no
// singular beside it, and for plurals put after a number.
func TestCountsWithANounHaveBothForms(t *testing.T) {
	pairs, paired, reasons := 0, pairedTexts(t), map[string]bool{}
	eachSource(t, func(path string, tree *ast.File) {
		ast.Inspect(tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BinaryExpr: // strconv.Itoa(n) + " days"
				call, ok := n.X.(*ast.CallExpr)
				text, isText := literal(n.Y)
				if ok && isText && n.Op == token.ADD && slices.Contains([]string{"Itoa", "Sprint", "FormatInt"}, called(call)) && regexp.MustCompile(`^ [a-z]+s\b`).MatchString(text) {
					t.Errorf("%s puts %q after a number: count.Of has both forms", path, text)
				}
			case *ast.BasicLit:
				text, ok := literal(n)
				if !ok || slices.Contains(paired, text) || strings.Contains(path, "lang/french") {
					return true
				}
				pairs += strings.Count(text, "|")
				for _, at := range counted.FindAllStringSubmatchIndex(text, -1) {
					reason := slices.IndexFunc(keys(alwaysMany), func(s string) bool { return strings.Contains(text, s) })
					if reason >= 0 {
						reasons[keys(alwaysMany)[reason]] = true
					}
					if reason < 0 && !ordinal.MatchString(text[:at[0]]) && !slices.Contains(small, text[at[2]:at[3]]) {
						t.Errorf("%s: %q in %q is wrong for 1", path, text[at[0]:at[1]], text)
					}
				}
			}
			return true
		})
	})
	for en, fr := range french() {
		for _, reason := range keys(alwaysMany) {
			reasons[reason] = reasons[reason] || strings.Contains(en, reason)
		}
		if slices.Contains(paired, en) || excused(en) || itself.MatchString(en) {
			continue
		}
		for _, at := range counted.FindAllStringSubmatchIndex(fr, -1) {
			if !ordinal.MatchString(fr[:at[0]]) && !slices.Contains(small, fr[at[2]:at[3]]) {
				t.Errorf("%q in %q is wrong for 1", fr[at[0]:at[1]], fr)
			}
		}
	}
	if pairs < 60 {
		t.Errorf("only %d pairs of forms were found", pairs)
	}
	for text := range alwaysMany {
		if !reasons[text] {
			t.Errorf("nothing says %q any more", text)
		}
	}
}

// TestNumbersReadRight renders all sentences with 0, 1 and 2.
func TestNumbersReadRight(t *testing.T) {
	wrong := map[Lang][]*regexp.Regexp{
		English: {regexp.MustCompile(`\b1 (?:[a-z]+ )?[a-z]*[^\Wsui]s\b`), regexp.MustCompile(`\b1 (are|have|were)\b`), regexp.MustCompile(`\b[02] (is|has|was|day|month|minute|second|file|user|client|rule|call|task|finding|session|certificate|host)\b`)},
		French:  {regexp.MustCompile(`\b[01] (?:[a-zà-ÿ]+ )?[a-zà-ÿ]*[^\Wsui]s\b`), regexp.MustCompile(`\b[01] (sont|ont)\b`), regexp.MustCompile(`\b2 (est|a|jour|minute|seconde|fichier|client|règle|appel|tâche|constat|session|certificat|hôte)\b`)},
	}
	rendered, paired := 0, pairedTexts(t)
	for text := range french() {
		if !strings.Contains(text, "%d") || slices.Contains(paired, text) || excused(text) || itself.MatchString(text) {
			continue
		}
		for lang, patterns := range wrong {
			for n := range 3 {
				said := lang.Sayf(text, examples(text, n)...)
				rendered++
				for _, pattern := range patterns {
					for _, at := range pattern.FindAllStringIndex(said, -1) {
						found := said[at[0]:at[1]]
						if word := found[strings.LastIndexByte(found, ' ')+1:]; !ordinal.MatchString(said[:at[0]]) && !strings.HasSuffix(said[:at[0]], ".") && !slices.Contains(small, word) {
							t.Errorf("%s, %d: %q in %q", lang, n, found, said)
						}
					}
				}
				if strings.Contains(said, "|") {
					t.Errorf("%s, %d: both forms in %q", lang, n, said)
				}
			}
		}
	}
	if rendered < 200 {
		t.Errorf("only %d sentences were rendered", rendered)
	}
}

// examples are arguments that a format takes, all numbers the same.
func examples(format string, n int) []any {
	var out []any
	for _, verb := range regexp.MustCompile(`%[a-z.\d]*[a-z]`).FindAllString(strings.ReplaceAll(format, "%%", ""), -1) {
		switch verb[len(verb)-1] {
		case 'd':
			out = append(out, n)
		case 'f':
			out = append(out, 2.5)
		default:
			out = append(out, "X")
		}
	}
	return out
}

// pairedTexts are those that Sayn is given, one for one and one for many, and their translations.
func pairedTexts(t *testing.T) []string {
	t.Helper()
	var out []string
	eachSource(t, func(_ string, tree *ast.File) {
		ast.Inspect(tree, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && called(call) == "Sayn" && len(call.Args) == 3 {
				for _, arg := range call.Args[1:] {
					text, _ := literal(arg)
					out = append(out, text, french()[text])
				}
			}
			return true
		})
	})
	return out
}

func keys(m map[string]string) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
