package count_test

import (
	"fmt"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/count"
)

func TestNumbersTakeTheirForm(t *testing.T) {
	for format, each := range map[string]struct {
		args   []any
		en, fr string
	}{
		"%d {day|days}":                        {[]any{0}, "0 days", "0 day"},
		"%d {day|days} each":                   {[]any{1}, "1 day each", "1 day each"},
		"%s: %d {day|days}, %d {hour|hours}":   {[]any{"a", int64(1), int32(2)}, "a: 1 day, 2 hours", "a: 1 day, 2 hours"},
		"{not done|none done}: %d":             {[]any{2}, "none done: 2", "none done: 2"},
		"%d%% of %d {file|files}":              {[]any{1, 3}, "1% of 3 files", "1% of 3 files"},
		"%d {file|files} of %s {is|are} there": {[]any{1, "x"}, "1 file of x is there", "1 file of x is there"},
		`{"a": %d} {b}`:                        {[]any{1}, `{"a": 1} {b}`, `{"a": 1} {b}`},
		"no number {one|many}":                 {nil, "no number {one|many}", "no number {one|many}"},
		"%s {one|many}":                        {[]any{"x"}, "x {one|many}", "x {one|many}"},
	} {
		for french, want := range map[bool]string{false: each.en, true: each.fr} {
			if got := fmt.Sprintf(count.In(french, format, each.args), each.args...); got != want {
				t.Errorf("%q, French %t: got %q, want %q", format, french, got, want)
			}
		}
		if got := count.Sprintf(format, each.args...); got != each.en {
			t.Errorf("%q: got %q, want %q", format, got, each.en)
		}
	}
	if got := count.Of(1, "zone", "zones") + ", " + count.Of(0, "zone", "zones"); got != "1 zone, 0 zones" {
		t.Errorf("got %q", got)
	}
}
