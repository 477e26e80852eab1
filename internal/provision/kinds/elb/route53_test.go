package elb

import "testing"

func TestWhichZoneADomainIsIn(t *testing.T) {
	parent := hostedZone{id: "PARENT", name: "shop.example", ours: true}
	for name, c := range map[string]struct {
		zones []hostedZone
		want  string
	}{
		"none":                        {nil, ""},
		"one of ours":                 {[]hostedZone{parent}, "PARENT"},
		"one of others":               {[]hostedZone{{id: "Z", name: "shop.example"}}, ""},
		"a name that only ends alike": {[]hostedZone{{id: "Z", name: "hop.example", ours: true}}, ""},
		"the domain's own zone before its parent":  {[]hostedZone{parent, {id: "CHILD", name: "www.shop.example", ours: true}}, "CHILD"},
		"the nearest is of others":                 {[]hostedZone{{id: "CHILD", name: "www.shop.example"}, parent}, ""},
		"for this client":                          {[]hostedZone{{id: "Z", name: "shop.example", ours: true, client: "ACME"}}, "Z"},
		"for another client":                       {[]hostedZone{{id: "Z", name: "shop.example", ours: true, client: "NOVA"}}, ""},
		"two of one name, of which one is of ours": {[]hostedZone{{id: "Z", name: "shop.example"}, parent}, "PARENT"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := zoneFor(c.zones, "www.shop.example", "ACME"); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
