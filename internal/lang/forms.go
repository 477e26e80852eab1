package lang

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// tag is the language as x/text knows it. Only these two ever ask the catalogue, which falls back
// on nothing by itself.
func (l Lang) tag() language.Tag {
	if l == French {
		return language.French
	}
	return language.English
}

// singular reports whether a number takes the singular: in English 1 alone, in French 0 as well
// (Unicode CLDR, plural rules of en and fr).
func (l Lang) singular(n int) bool {
	return plural.Cardinal.MatchPlural(l.tag(), max(n, -n)%1e7, 0, 0, 0, 0) == plural.One
}

// forms is the catalogue of the texts that have forms. A run says few of them, so that each is
// compiled when it is first said.
var forms = struct {
	sync.Mutex
	*catalog.Builder
	known map[Lang]map[string]bool
}{Builder: catalog.NewBuilder(), known: map[Lang]map[string]bool{English: {}, French: {}}}

var (
	// pair is both forms, and verb is what takes an argument, with its number where it is written.
	pair = lazyregexp.New(`\{([^{}|]*)\|([^{}|]*)\}`)
	verb = lazyregexp.New(`%[-+# 0]*(?:\[(\d+)\])?[\d.]*([a-zA-Z%])`)
)

// choose is a format with the forms that go with its numbers: the last one before the pair or,
// where there is none, the next one after it.
func (l Lang) choose(format string, args []any) string {
	if !strings.Contains(format, "|") {
		return format
	}
	r := rendering{args: args}
	if err := l.compile(format); err != nil {
		return format
	}
	if err := forms.Context(l.tag(), &r).Execute(format); err != nil {
		return format
	}
	return strings.ReplaceAll(r.String(), dollar, "${")
}

// dollar stands for what the catalogue would take for a variable.
const dollar = "\x00{"

// compile makes a text a message of the catalogue, with a variable for each pair.
func (l Lang) compile(format string) error {
	forms.Lock()
	defer forms.Unlock()
	if forms.known[l][format] {
		return nil
	}
	text := strings.ReplaceAll(format, "${", dollar)
	var (
		message []catalog.Message
		b       strings.Builder
		done    int
	)
	for _, at := range pair.FindAllStringSubmatchIndex(text, -1) {
		name, n := fmt.Sprintf("p%d", len(message)), numbered(text, at[0])
		b.WriteString(text[done:at[0]])
		done = at[1]
		if n == 0 { // goes with no number, and is no pair
			b.WriteString(text[at[0]:at[1]])
			continue
		}
		b.WriteString("${" + name + "}")
		message = append(message, catalog.Var(name, plural.Selectf(n, "%d", plural.One, text[at[2]:at[3]], plural.Other, text[at[4]:at[5]])))
	}
	message = append(message, catalog.String(b.String()+text[done:]))
	if err := forms.Set(l.tag(), format, message...); err != nil {
		return err
	}
	forms.known[l][format] = true
	return nil
}

// numbered is which argument is the number that goes with what stands at a place of a format,
// counted from 1; 0 if none is.
func numbered(format string, at int) int {
	before, next := 0, 1
	for _, v := range verb.FindAllStringSubmatchIndex(format, -1) {
		kind := format[v[4]:v[5]]
		if kind == "%" {
			continue
		}
		if v[2] >= 0 {
			written, err := strconv.Atoi(format[v[2]:v[3]])
			if err != nil {
				return before
			}
			next = written
		}
		if kind == "d" {
			if v[0] > at && before == 0 {
				return next
			}
			if v[0] < at {
				before = next
			}
		}
		next++
	}
	return before
}

// rendering is what the catalogue makes of a format. It has the verbs still, which fmt fills in:
// the printer of x/text would group digits, also those of ports and years.
type rendering struct {
	strings.Builder
	args []any
}

// Render takes a piece of the format.
func (r *rendering) Render(piece string) { r.WriteString(piece) }

// Arg is the number that decides on a form, as a type that x/text takes for a number.
func (r *rendering) Arg(i int) any {
	if i < 1 || i > len(r.args) {
		return nil
	}
	switch v := reflect.ValueOf(r.args[i-1]); {
	case v.CanInt():
		return v.Int()
	case v.CanUint():
		return v.Uint()
	default:
		return nil
	}
}

// local is arguments as the language writes them: with a comma in French fractions.
func (l Lang) local(args []any) []any {
	if l != French {
		return args
	}
	out := args
	for i, arg := range args {
		switch arg.(type) {
		case float32, float64:
			if &out[0] == &args[0] {
				out = append([]any(nil), args...)
			}
			out[i] = fraction{arg}
		}
	}
	return out
}

// fraction is a number that is not whole, in French.
type fraction struct{ of any }

var printer = sync.OnceValue(func() *message.Printer { return message.NewPrinter(language.French) })

// Format writes the number as the verb says.
func (n fraction) Format(s fmt.State, verb rune) {
	_, _ = printer().Fprintf(s, fmt.FormatString(s, verb), n.of)
}
