package report

import (
	"slices"
	"testing"
)

func TestJSONDiffersByItsStructure(t *testing.T) {
	for name, c := range map[string]struct {
		have, want string
		lines      []string
	}{
		"statements by Sid, an action of one": {
			`{"Version":"2012-10-17","Statement":[{"Sid":"Read","Effect":"Allow","Action":["s3:GetObject","s3:*"]},{"Sid":"Open","Effect":"Allow","Principal":"*"}]}`,
			`{"Version":"2012-10-17","Statement":[{"Sid":"Lock","Effect":"Deny"},{"Sid":"Read","Effect":"Allow","Action":["s3:GetObject"]}]}`,
			[]string{`- Statement[Open]: {"Effect":"Allow","Principal":"*","Sid":"Open"}`, `+ Statement[Lock]: {"Effect":"Deny","Sid":"Lock"}`, "- Statement[Read].Action: s3:*"},
		},
		"a single value and a list": {
			`{"Statement":[{"Action":"a:b"}]}`, `{"Statement":[{"Action":["a:b","a:c"]}]}`,
			[]string{"+ Statement.Action: a:c"},
		},
		"statements without Sids, of which one is new": {
			`{"Statement":[{"Action":"a"}]}`, `{"Statement":[{"Action":"a"},{"Action":"b"}]}`,
			[]string{`+ Statement: {"Action":"b"}`},
		},
		"a value, and one that is gone": {
			`{"a":{"b":1,"c":"x y"}}`, `{"a":{"b":2}}`,
			[]string{`- a.c: "x y"`, "~ a.b: 1 → 2"},
		},
		"another order": {`{"a":["x","y"]}`, `{"a":["y","x"]}`, []string{`~ a: ["x","y"] → ["y","x"]`}},
		"widgets by their titles": {
			`{"widgets":[{"type":"metric","y":0,"properties":{"title":"CPU"}},{"properties":{"title":"Errors"}},{"properties":{"markdown":"# ACME\nmore"}}]}`,
			`{"widgets":[{"type":"metric","y":6,"properties":{"title":"CPU"}},{"properties":{"title":"Memory"}},{"properties":{"markdown":"# ACME\nother"}}]}`,
			[]string{"- 1 widget removed: Errors", "+ 1 widget added: Memory", `~ # ACME.properties.markdown: "# ACME\nmore" → "# ACME\nother"`, "~ CPU.y: 0 → 6"},
		},
		"an object that is a list now": {`{"a":{"b":1}}`, `{"a":[]}`, []string{`- a: {"b":1}`}},
	} {
		t.Run(name, func(t *testing.T) {
			p, _ := recorded()
			if got, ok := p.structural(c.have, c.want); !ok || !slices.Equal(got, c.lines) {
				t.Errorf("got %q, want %q", got, c.lines)
			}
		})
	}
	p, _ := recorded()
	for _, text := range []string{"", "null", "[]", "on", `"{}"`} {
		if _, ok := p.structural(text, `{"a":1}`); ok {
			t.Errorf("%q is no object", text)
		}
	}
}
