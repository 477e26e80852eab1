package count_test

import (
	"testing"

	"gitlab.com/cicd/cicdctl/internal/count"
)

func TestNumbersTakeTheirForm(t *testing.T) {
	for format, each := range map[string]struct {
		args []any
		want string
	}{
		"%d {day|days}":                        {[]any{0}, "0 days"},
		"%d {day|days} each":                   {[]any{1}, "1 day each"},
		"%s: %d {day|days}, %d {hour|hours}":   {[]any{"a", int64(1), int32(2)}, "a: 1 day, 2 hours"},
		"{not done|none done}: %d":             {[]any{2}, "none done: 2"},
		"%d%% of %d {file|files}":              {[]any{1, 3}, "1% of 3 files"},
		"%d {file|files} of %s {is|are} there": {[]any{1, "x"}, "1 file of x is there"},
		`{"a": %d} {b}`:                        {[]any{1}, `{"a": 1} {b}`},
		"no number {one|many}":                 {nil, "no number {one|many}"},
		"%s {one|many}":                        {[]any{"x"}, "x {one|many}"},
	} {
		if got := count.Sprintf(format, each.args...); got != each.want {
			t.Errorf("%q: got %q, want %q", format, got, each.want)
		}
	}
	if got := count.Of(1, "zone", "zones") + ", " + count.Of(0, "zone", "zones"); got != "1 zone, 0 zones" {
		t.Errorf("got %q", got)
	}
}
