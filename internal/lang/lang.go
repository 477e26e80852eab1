// Package lang is the language that cicdctl speaks. Every text is written once, in English, where
// it is said; the English text is the key of its translation. Texts are formats as of fmt, and hold
// both forms of what goes with a number: "%d {day|days}".
//
// A run speaks one language, which the command line chooses before anything is said (Use). What
// cannot ask for it, the engine and its kinds, says Say, Sprintf, New and Errorf; a printer that
// was told another language says that.
package lang

import (
	"fmt"
	"strings"
	"sync/atomic"
)

// Lang is a language.
type Lang string

// The languages.
const (
	English Lang = "en"
	French  Lang = "fr"
)

// Of picks the language of an environment such as "fr_FR.UTF-8": the first that is not empty.
func Of(locales ...string) Lang {
	for _, l := range locales {
		switch {
		case strings.HasPrefix(l, "fr"):
			return French
		case l != "":
			return English
		}
	}
	return English
}

// spoken is the language of the run; without one, English.
var spoken atomic.Pointer[Lang]

// Use makes a language that of the run.
func Use(l Lang) { spoken.Store(&l) }

// Current is the language of the run.
func Current() Lang {
	if l := spoken.Load(); l != nil {
		return *l
	}
	return English
}

// Say is a text in the language of the run.
func Say(text string) string { return Current().Say(text) }

// Sprintf is a sentence in the language of the run.
func Sprintf(format string, args ...any) string { return Current().Sayf(format, args...) }

// Text marks a text that is said later, such as one in a table: the check of the catalogue then
// knows it. It is its text as it is.
func Text(text string) string { return text }

// Say translates a text; what has no translation stays as it is, in English.
func (l Lang) Say(text string) string {
	if l == French {
		if fr, ok := french()[text]; ok {
			return fr
		}
	}
	return text
}

// Has reports whether the language has a text, in English or translated.
func (l Lang) Has(text string) bool {
	_, ok := french()[text]
	return ok || l == English
}

// Sayf is a sentence in the language, of each pair of forms that which goes with its number.
func (l Lang) Sayf(format string, args ...any) string {
	return fmt.Sprintf(l.format(format, args), l.local(args)...)
}

// Sayn is the sentence for one or for many, with the number in it.
func (l Lang) Sayn(n int, one, many string) string {
	if l.singular(n) {
		return l.Sayf(one, n)
	}
	return l.Sayf(many, n)
}

// format is a text translated, with the forms that go with the numbers.
func (l Lang) format(text string, args []any) string { return l.choose(l.Say(text), args) }
