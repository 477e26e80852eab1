package document

import (
	"strings"
	"unicode"
)

// clean replaces what must not reach a reader: characters that control, such as those that turn the
// direction of what follows, so that a name cannot show as another one, and broken UTF-8. Breaks of
// lines are spaces.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case turns(r), unicode.IsControl(r), r == '\ufeff', unicode.Is(unicode.Noncharacter_Code_Point, r), unicode.Is(unicode.Co, r):
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

// turns reports whether a character changes the direction of others, or hides: the marks,
// embeddings, overrides and isolates of Unicode's bidirectional algorithm (UAX 9), the tags, and
// spaces of no width.
func turns(r rune) bool {
	return r == '\u061c' || r >= '\u200b' && r <= '\u200f' || r >= '\u202a' && r <= '\u202e' ||
		r >= '\u2060' && r <= '\u206f' || r >= 0xe0000 && r <= 0xe007f
}
