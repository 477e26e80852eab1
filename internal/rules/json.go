package rules

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

type object = map[string]any

// plainJSON leaves < and > as they are, which AWS looks for in some texts. It is
// for plain values, which always encode.
func plainJSON(v any) string { return string(appendJSON(nil, v)) }

// appendJSON writes what policies are made of itself, and leaves all else to
// encoding/json, whose text is the same and takes ten times as long.
func appendJSON(b []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		return appendText(b, v)
	case bool:
		return strconv.AppendBool(b, v)
	case []string:
		return appendList(b, v, appendText)
	case []any:
		return appendList(b, v, appendJSON)
	case map[string]any:
		return appendObject(b, v)
	default:
		return appendEncoded(b, v)
	}
}

func appendList[T any](b []byte, list []T, add func([]byte, T) []byte) []byte {
	if list == nil {
		return append(b, "null"...)
	}
	b = append(b, '[')
	for i, v := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = add(b, v)
	}
	return append(b, ']')
}

func appendObject(b []byte, o object) []byte {
	if o == nil {
		return append(b, "null"...)
	}
	keys := make([]string, 0, 8) // mostly enough, and off the heap
	for k := range o {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	b = append(b, '{')
	for i, k := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendText(b, k), ':')
		b = appendJSON(b, o[k])
	}
	return append(b, '}')
}

// appendText writes a text that needs no escape as it is.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return appendEncoded(b, s)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

func appendEncoded(b []byte, v any) []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return append(b, bytes.TrimSpace(out.Bytes())...)
}

// CanonicalJSON is the same text for policies that mean the same: keys sorted,
// lists of one as AWS likes to return them (the bare value), longer ones sorted.
func CanonicalJSON(s string) (string, error) {
	var v any
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		return "", fmt.Errorf("not JSON: %w", err)
	}
	return plainJSON(canonical(v)), nil
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
		if slices.IsSorted(v) {
			return v
		}
		return slices.Sorted(slices.Values(v))
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
