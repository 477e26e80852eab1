package rules

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

type object = map[string]any

// plainJSON leaves < and > as they are, which AWS looks for in some texts. It is
// for plain values, which always encode.
func plainJSON(v any) string { return string(encoded(v)) }

func encoded(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// appendJSON is plainJSON for what policies are made of. It writes that itself, in a
// fraction of the time.
func appendJSON(b []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		return appendText(b, v)
	case bool:
		return strconv.AppendBool(b, v)
	case []string:
		return appendTexts(b, v)
	case []any:
		if v == nil {
			return append(b, "null"...)
		}
		for i := range v {
			b = appendJSON(append(b, separator('[', i)), v[i])
		}
		return appendEnd(b, '[', ']', len(v))
	case []object:
		if v == nil {
			return append(b, "null"...)
		}
		for i := range v {
			b = appendJSON(append(b, separator('[', i)), v[i])
		}
		return appendEnd(b, '[', ']', len(v))
	case map[string]any:
		if v == nil {
			return append(b, "null"...)
		}
		var room [8]string
		for i, k := range sortedKeys(room[:0], v) {
			b = append(appendText(append(b, separator('{', i)), k), ':')
			b = appendJSON(b, v[k])
		}
		return appendEnd(b, '{', '}', len(v))
	default:
		return append(b, encoded(v)...)
	}
}

// separator is what comes before the i-th of several.
func separator(begin byte, i int) byte {
	if i == 0 {
		return begin
	}
	return ','
}

// appendEnd closes a list or an object, which nothing has begun when it is empty.
func appendEnd(b []byte, begin, end byte, size int) []byte {
	if size == 0 {
		b = append(b, begin)
	}
	return append(b, end)
}

func sortedKeys(into []string, o object) []string {
	for k := range o {
		into = append(into, k)
	}
	slices.Sort(into)
	return into
}

func appendTexts(b []byte, list []string) []byte {
	if list == nil {
		return append(b, "null"...)
	}
	for i, s := range list {
		b = appendText(append(b, separator('[', i)), s)
	}
	return appendEnd(b, '[', ']', len(list))
}

// appendText writes a text that needs no escape as it is.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return append(b, encoded(s)...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// appendCanonical writes what canonical makes of a value, without making it first.
func appendCanonical(b []byte, v any) []byte {
	switch v := v.(type) {
	case []string:
		return appendNames(b, v)
	case map[string]any:
		if v == nil {
			return append(b, "null"...)
		}
		var room [8]string
		for i, k := range sortedKeys(room[:0], v) {
			b = append(appendText(append(b, separator('{', i)), k), ':')
			b = appendCanonical(b, v[k])
		}
		return appendEnd(b, '{', '}', len(v))
	default:
		return appendJSON(b, canonical(v))
	}
}

// appendNames writes a list as AWS likes to return it.
func appendNames(b []byte, list []string) []byte {
	switch len(list) {
	case 0:
		return append(b, "null"...)
	case 1:
		return appendText(b, list[0])
	}
	return appendTexts(b, sorted(list))
}

// CanonicalJSON is the same text for policies that mean the same: keys sorted,
// lists of one as AWS likes to return them (the bare value), longer ones sorted.
func CanonicalJSON(s string) (string, error) {
	var v any
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		return "", lang.Errorf("not JSON: %w", err)
	}
	return string(appendJSON(nil, canonical(v))), nil
}

func canonical(v any) any {
	switch v := v.(type) {
	case []string:
		switch len(v) {
		case 0:
			return nil
		case 1:
			return v[0]
		}
		return sorted(v)
	case map[string]any:
		if v == nil {
			return nil
		}
		fresh := make(map[string]any, len(v)) // the caller's may be shared
		for k := range v {
			fresh[k] = canonical(v[k])
		}
		v = fresh
		if list, ok := v["Statement"].(map[string]any); ok {
			v["Statement"] = []any{list} // statements stay a list
		}
		return v
	case []any:
		texts := true
		for i := range v {
			v[i] = canonical(v[i])
			_, text := v[i].(string)
			texts = texts && text
		}
		if texts {
			slices.SortFunc(v, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
			if len(v) == 1 {
				return v[0]
			}
		}
		return v
	default:
		return v
	}
}

func sorted(list []string) []string {
	if slices.IsSorted(list) {
		return list
	}
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}
