package lang

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"
)

func TestNumbersTakeTheirForm(t *testing.T) {
	type port int
	for format, each := range map[string]struct {
		args   []any
		en, fr string
	}{
		"%d {day|days}":                        {[]any{0}, "0 days", "0 jour"},
		"%d {day|days} long":                   {[]any{1}, "1 day long", "1 day long"},
		"%s: %d {day|days}, %d {hour|hours}":   {[]any{"a", int64(1), int32(2)}, "a: 1 day, 2 hours", "a: 1 day, 2 hours"},
		"{not done|none done}: %d":             {[]any{2}, "none done: 2", "none done: 2"},
		"%d%% of %d {file|files}":              {[]any{1, 3}, "1% of 3 files", "1% of 3 files"},
		"%d {file|files} of %s {is|are} there": {[]any{1, "x"}, "1 file of x is there", "1 file of x is there"},
		"%[2]d {file|files} of %[1]s":          {[]any{"x", 1}, "1 file of x", "1 file of x"},
		`{"a": %d} {b}`:                        {[]any{1}, `{"a": 1} {b}`, `{"a": 1} {b}`},
		"no number {one|many}":                 {nil, "no number {one|many}", "no number {one|many}"},
		"%s {one|many}":                        {[]any{"x"}, "x {one|many}", "x {one|many}"},
		"${HOME} and %d {file|files} of ${%s}": {[]any{port(1), "x"}, "${HOME} and 1 file of ${x}", "${HOME} and 1 file of ${x}"},
		"port %d, {one|many}":                  {[]any{10000000}, "port 10000000, many", "port 10000000, many"},
		"%.1f of %d":                           {[]any{2.5, 1000}, "2.5 of 1000", "2,5 of 1000"},
		"%d {%d|(%d)}":                         {[]any{1, 2}, "1 2", "1 2"},
	} {
		for l, want := range map[Lang]string{English: each.en, French: each.fr} {
			for range 2 { // compiled, and again
				if got := l.Sayf(format, each.args...); got != want {
					t.Errorf("%s, %q: got %q, want %q", l, format, got, want)
				}
			}
		}
	}
}

func TestErrorsAreToldInTheLanguageOfTheRun(t *testing.T) {
	sentinel := New("interrupted")
	for name, c := range map[string]struct {
		err    error
		en, fr string
	}{
		"plain":   {sentinel, "interrupted", "interrompu"},
		"wrapped": {Errorf("until %s", Errorf("x: %w", sentinel)), "until x: interrupted", "jusqu'au x: interrompu"},
		"pairs":   {Errorf("%d {day|days}", 2), "2 days", "2 jours"},
		"percent": {New("100%"), "100%", "100%"},
		"unknown": {Errorf("nobody says this: %w", sentinel), "nobody says this: interrupted", "nobody says this: interrompu"},
	} {
		t.Run(name, func(t *testing.T) {
			for l, want := range map[Lang]string{French: c.fr, English: c.en} {
				Use(l)
				t.Cleanup(func() { Use(English) })
				if got := c.err.Error(); got != want {
					t.Errorf("%s: got %q, want %q", l, got, want)
				}
			}
		})
	}
}

func TestErrorsWrapAsThoseOfFmt(t *testing.T) {
	one, two := New("one"), &fs.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist}
	for name, err := range map[string]error{"one": Errorf("a: %w", one), "several": Errorf("a: %w, %w", one, two)} {
		if !errors.Is(err, one) {
			t.Errorf("%s is not the error that it wraps", name)
		}
	}
	both := Errorf("a: %w, %w", one, two)
	if found, ok := errors.AsType[*fs.PathError](both); !ok || found != two || !errors.Is(both, fs.ErrNotExist) {
		t.Errorf("the second error is not found in %v", both)
	}
	if _, joins := both.(interface{ Unwrap() []error }); !joins {
		t.Errorf("%T does not wrap several", both)
	}
	if errors.Unwrap(Errorf("a: %v", one)) != nil {
		t.Error("an error that is only shown is wrapped")
	}
	if got, want := Errorf("a: %w", one).Error(), fmt.Errorf("a: %w", one).Error(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestOfReadsTheEnvironment(t *testing.T) {
	for want, environments := range map[Lang][][]string{
		French:  {{"fr_FR.UTF-8"}, {"", "fr"}, {"", "", "fr_CA"}},
		English: {{}, {"", ""}, {"C.UTF-8", "fr_FR"}, {"en_US"}, {"de_DE.UTF-8"}},
	} {
		for _, locales := range environments {
			if got := Of(locales...); got != want {
				t.Errorf("%q is %q, want %q", locales, got, want)
			}
		}
	}
}
