package lang

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// What is compared with AWS, such as the field of a resource, is English text in every run: a rule
// may read it, and what one language has written another must not find different. It is put into
// the language where it is shown.

// Value translates the text of a field, of a fact or of a name that holds words: as a whole, line
// by line, or part by part. What is unknown is a name or somebody else's, and stays.
func (l Lang) Value(text string) string {
	if l != French || text == "" {
		return text
	}
	if said, ok := valueOf(text); ok {
		return said
	}
	for _, between := range []string{"\n", " · ", "; ", ", "} {
		if parts := strings.Split(text, between); len(parts) > 1 {
			for i, part := range parts {
				parts[i] = l.Value(part)
			}
			return strings.Join(parts, between)
		}
	}
	if name, value, ok := strings.Cut(text, ": "); ok {
		if said, known := valueOf(name); known {
			return said + " : " + l.Value(value)
		}
	}
	return text
}

// valueOf translates a text that is a value as a whole, or was made of one with verbs.
func valueOf(text string) (string, bool) {
	if fr, ok := worded()[text]; ok {
		return fr, true
	}
	for _, p := range patterns() {
		found := p.expression.FindStringSubmatch(text)
		if found == nil {
			continue
		}
		args := make([]any, len(found)-1)
		for i, part := range found[1:] {
			args[i] = French.Value(part)
			if n, err := strconv.Atoi(part); err == nil && p.kinds[i] == "d" {
				args[i] = n
			}
		}
		return fmt.Sprintf(French.choose(worded()[p.format], args), args...), true
	}
	return text, false
}

// pattern recognises what was made of a format.
type pattern struct {
	expression *regexp.Regexp
	format     string
	kinds      []string // the verbs
}

var patterns = sync.OnceValue(func() []pattern {
	var out []pattern
	for format := range worded() {
		if !strings.Contains(format, "%") {
			continue
		}
		p := pattern{format: format}
		text := regexp.QuoteMeta(format)
		text = pairMeta.ReplaceAllString(text, "(?:$1|$2)")
		text = verbMeta.ReplaceAllStringFunc(text, func(verb string) string {
			switch kind := verb[len(verb)-1:]; kind {
			case "%":
				return "%"
			case "d":
				p.kinds = append(p.kinds, kind)
				return `(-?\d+)`
			case "v": // any text
				p.kinds = append(p.kinds, kind)
				return `(.+)`
			default:
				p.kinds = append(p.kinds, kind)
				return `(\S+)`
			}
		})
		p.expression = regexp.MustCompile("^" + text + "$")
		out = append(out, p)
	}
	// The longest first: what they have in words decides.
	slices.SortFunc(out, func(a, b pattern) int {
		return cmp.Or(cmp.Compare(len(b.format), len(a.format)), cmp.Compare(a.format, b.format))
	})
	return out
})

// pairMeta and verbMeta find pairs and verbs in a format that is quoted as an expression.
var (
	pairMeta = lazyregexp.New(`\\\{([^{}|]*)\\\|([^{}|]*)\\\}`)
	verbMeta = lazyregexp.New(`%[a-z%]`)
)
