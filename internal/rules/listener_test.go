package rules

import (
	"regexp"
	"testing"
)

// Only letters may follow the last dot of a host condition's value: what else a rule
// answers to is told as a regular expression that matches the same hosts.
func TestHostsThatAreNoValuesMatchAsRegexes(t *testing.T) {
	tests := map[string]struct {
		hosts      []string
		plain      bool
		match, not []string
	}{
		"names are values":         {hosts: []string{"shop.example", "www.shop.example"}, plain: true},
		"every host has no values": {plain: true},
		"the preview of a service without a domain": {
			hosts: []string{PreviewHost},
			match: []string{"preview.shop.example", "PREVIEW.Shop.example", "preview.acme-web-1.eu-west-3.elb.amazonaws.com", "preview.10"},
			not:   []string{"shop.example", "preview", "previews.shop.example", "xpreview.shop.example", "www.preview.shop.example", "previewxshop.example"},
		},
		"a name under an internationalized top-level domain, beside a plain one": {
			hosts: []string{"shop.example", "shop.xn--p1ai"},
			match: []string{"shop.example", "shop.xn--p1ai"},
			not:   []string{"shopxexample", "www.shop.example", "shop.xn--p1ai.example"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			regexes := ListenerRule{Hosts: test.hosts}.HostRegexes()
			if plain := len(regexes) == 0; plain != test.plain {
				t.Fatalf("expressions are %q, want none: %t", regexes, test.plain)
			}
			matches := func(host string) bool {
				found := false
				for _, r := range regexes {
					if len(r) > 128 {
						t.Errorf("%q has %d characters, AWS takes 128", r, len(r))
					}
					found = found || regexp.MustCompile(r).MatchString(host)
				}
				return found
			}
			for _, host := range test.match {
				if !matches(host) {
					t.Errorf("%q do not match %s", regexes, host)
				}
			}
			for _, host := range test.not {
				if matches(host) {
					t.Errorf("%q match %s", regexes, host)
				}
			}
		})
	}
}
