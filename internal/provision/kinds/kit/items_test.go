package kit

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
)

// An answer that says yes may hold failures of single items. Those that pass by themselves are
// tried again, and only those.
func TestItemsThatFailInPassingAreTriedAgain(t *testing.T) {
	refused := errors.New("the call itself is refused")
	cases := map[string]struct {
		codes map[string][]string // what becomes of an item, try by try; nothing when it is done
		fails error
		calls string // the items of each call
		says  []string
	}{
		"all go at once":                        {nil, nil, "abc", nil},
		"one fails in passing":                  {map[string][]string{"b": {"InternalError", "SlowDown"}}, nil, "abc b b", nil},
		"one is refused, and another passes by": {map[string][]string{"a": {"AccessDenied"}, "c": {"ServiceUnavailable"}}, nil, "abc c", []string{"a: ", "AccessDenied"}},
		"one never ends":                        {map[string][]string{"a": slices.Repeat([]string{"InternalError"}, itemTries)}, nil, "abc" + strings.Repeat(" a", itemTries-1), []string{"a: ", "InternalError"}},
		"the call fails":                        {nil, refused, "abc", []string{"the call itself is refused"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var calls []string
				err := Items(t.Context(), []string{"a", "b", "c"}, func(_ context.Context, items []string) ([]Failure[string], error) {
					calls = append(calls, strings.Join(items, ""))
					var failed []Failure[string]
					for _, item := range items {
						if codes := c.codes[item]; len(codes) > 0 {
							failed = append(failed, Failure[string]{Item: item, Name: item, Code: codes[0]})
							c.codes[item] = codes[1:]
						}
					}
					return failed, c.fails
				})
				if got := strings.Join(calls, " "); got != c.calls {
					t.Errorf("calls: %s, want %s", got, c.calls)
				}
				if (err != nil) != (len(c.says) > 0) {
					t.Errorf("error: %v", err)
				}
				for _, text := range c.says {
					if err != nil && !strings.Contains(err.Error(), text) {
						t.Errorf("error %v does not say %q", err, text)
					}
				}
			})
		})
	}
}
