package rules

import (
	"encoding/json"
	"testing"
)

func TestJSONIsWrittenAsEncodingJSONDoes(t *testing.T) {
	for name, v := range map[string]any{
		"nothing":                     nil,
		"a text with < and >":         "<aws.scheduler.execution-id>",
		"a text with quotes":          `say "hello" \ goodbye`,
		"a text of several lines":     "a\nb\tc\x00\x7f",
		"accents and separators":      "é\u2028\u2029\xff",
		"numbers":                     []any{1.5, 3, int32(7), 1e21, 0.0},
		"no list":                     object{"a": []string(nil), "b": []any(nil), "c": object(nil)},
		"empty ones":                  object{"a": []string{}, "b": []any{}, "c": object{}},
		"keys in no order, and ten":   object{"j": 1, "b": "2", "a": true, "c": nil, "d": "", "e": "", "f": "", "g": "", "h": "", "é": ""},
		"maps that are no any":        object{"a": map[string]string{"z": "1", "b": "<"}},
		"structs, by their own order": object{"a": struct{ Z, B string }{"1", "<"}},
	} {
		if got, want := string(appendJSON(nil, v)), plainJSON(v); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestPoliciesAreWrittenCanonically(t *testing.T) {
	for name, v := range map[string]any{
		"a text": "*", "one name": []string{"a"}, "names": []string{"c", "a", "b"}, "no names": []string{}, "no list": []string(nil),
		"a condition":     object{"StringLike": object{"s3:prefix": []string{"prod/*", "preview/*"}, "a": []string{"b"}}, "Bool": object{"x": "true"}},
		"nobody":          object{"ArnLike": object{"aws:PrincipalArn": []string(nil)}},
		"nothing at all":  nil,
		"no object":       object(nil),
		"an empty object": object{},
		"a mixed list":    []any{"b", []any{"a"}},
	} {
		got, want := string(appendCanonical(nil, v)), plainJSON(canonical(v))
		if got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	statements := []statement{{Sid: "Empty", Effect: "Deny", Action: []string{}, Condition: object{}}, {Effect: "Allow", NotAction: []string{"b", "a"}, Principal: "*"}}
	const want = `{"Statement":[{"Condition":{},"Effect":"Deny","Sid":"Empty"},{"Effect":"Allow","NotAction":["a","b"],"Principal":"*"}],"Version":"2012-10-17"}`
	if got := document(statements...); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func FuzzJSON(f *testing.F) {
	f.Add(`{"b":["x",null,true,1e400],"a":{"<":"é\u2028"}}`)
	f.Add(BucketPolicy("b"))
	f.Fuzz(func(t *testing.T, text string) {
		var v any
		if json.Unmarshal([]byte(text), &v) != nil {
			return
		}
		if got, want := string(appendJSON(nil, v)), plainJSON(v); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	})
}
