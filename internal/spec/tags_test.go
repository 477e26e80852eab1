package spec

import (
	"fmt"
	"strings"
	"testing"
)

func TestTagsAreWhatEveryServiceTakes(t *testing.T) {
	many, long := "", ""
	for i := range 31 {
		many += fmt.Sprintf("k%d: v, ", i)
	}
	for i := range 3 {
		long += fmt.Sprintf("%s%d: v, ", strings.Repeat("k", 99), i)
	}
	for text, want := range map[string]string{
		`cost-center: "42", team: Équipe web, "a/b": x@y`: "",
		`"aws:x": y`:                        "begins with aws:",
		`AWS-like: y`:                       "",
		`"CICDCTL:client": GLOBEX`:          "begins with cicdctl:",
		`name: y`:                           "cicdctl sets itself",
		`GroupName: y`:                      "cicdctl sets itself",
		`"cost center": y`:                  "is not a tag key",
		`"a,b": y`:                          "is not a tag key",
		strings.Repeat("k", 129) + `: y`:    "is not a tag key",
		`cost: 42`:                          `must be text; put it in quotes: "42"`,
		`cost: ""`:                          "give the tag a value",
		`cost: " 42"`:                       "begins or ends with a space",
		`cost: "a,b"`:                       "is not the value of a tag",
		`cost: ` + strings.Repeat("é", 256): "",
		`cost: ` + strings.Repeat("é", 257): "is not the value of a tag",
		`Cost: a, cost: b`:                  "differs from \"Cost\" in case only",
		`cost: a, cost: b`:                  "given twice",
		many:                                "31 tags are too many",
		long:                                "characters together",
	} {
		s, err := Parse("x.yaml", []byte("client: ACME\nregion: eu-west-3\ntags: {"+text+"}\n"))
		switch {
		case want == "" && (err != nil || len(s.Tags) == 0):
			t.Errorf("%s: %v and tags %v", text, err, s)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	if _, err := Parse("x.yaml", []byte("client: ACME\nregion: eu-west-3\ntags: [a]\n")); err == nil || !strings.Contains(err.Error(), "tags: must hold keys with a text each, not a list") {
		t.Errorf("a list: %v", err)
	}
}
