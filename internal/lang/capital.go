package lang

import (
	"unicode"
	"unicode/utf8"
)

// Capital says a text that begins with a capital letter where the catalogue may have it with a
// small one, as what is said within a sentence elsewhere.
func (l Lang) Capital(text string) string {
	if fr := l.Say(text); fr != text {
		return fr
	}
	r, size := utf8.DecodeRuneInString(text)
	small := string(unicode.ToLower(r)) + text[size:]
	said := l.Say(small)
	if said == small {
		return text
	}
	first, size := utf8.DecodeRuneInString(said)
	return string(unicode.ToUpper(first)) + said[size:]
}
