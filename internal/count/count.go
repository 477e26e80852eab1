// Package count puts numbers into English sentences: "1 day", "2 days".
package count

import (
	"fmt"
	"reflect"
	"strings"
)

// Of is a number with its noun in English, such as Of(2, "zone", "zones").
func Of(n int, one, many string) string {
	if n == 1 {
		return fmt.Sprintf("%d %s", n, one)
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Sprintf is fmt.Sprintf for formats such as "%d {day|days}": of each pair the form
// that goes with the number before it or, where there is none, with the one after it.
func Sprintf(format string, args ...any) string { return fmt.Sprintf(chosen(format, args), args...) }

// chosen is a format with the forms that go with the numbers.
func chosen(format string, args []any) string {
	if !strings.Contains(format, "|") {
		return format
	}
	var b strings.Builder
	for rest, done := format, 0; ; {
		open := strings.IndexByte(rest, '{')
		end := strings.IndexByte(rest[max(open, 0):], '}') + max(open, 0)
		if open < 0 || end < open {
			return b.String() + rest
		}
		before, pair := rest[:open], rest[open+1:end]
		done += verbs(before)
		b.WriteString(before)
		one, many, paired := strings.Cut(pair, "|")
		switch n, counted := number(args, done); {
		case !paired || !counted:
			b.WriteString(rest[open : end+1])
		case n == 1:
			b.WriteString(one)
		default:
			b.WriteString(many)
		}
		rest = rest[end+1:]
	}
}

// verbs counts the arguments that a part of a format takes.
func verbs(part string) int {
	return strings.Count(strings.ReplaceAll(part, "%%", ""), "%")
}

// number is the last whole number of the first arguments, or the next one.
func number(args []any, done int) (n int64, ok bool) {
	for i := min(done, len(args)) - 1; i >= 0; i-- {
		if v := reflect.ValueOf(args[i]); v.CanInt() {
			return v.Int(), true
		}
	}
	for _, arg := range args[min(done, len(args)):] {
		if v := reflect.ValueOf(arg); v.CanInt() {
			return v.Int(), true
		}
	}
	return 0, false
}
