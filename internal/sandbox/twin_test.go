package sandbox

import (
	"encoding/base64"
	"strings"
	"testing"
)

// Names are replaced wherever they stand, and nothing else is.
func TestATwinHasOtherNames(t *testing.T) {
	names := strings.NewReplacer("CLIENT1", "CLIENT2", "client1", "client2", "111111111111", "222222222222")
	in64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for what, c := range map[string]struct{ old, want string }{
		"a value":                      {`{"Name":"CLIENT1"}`, `{"Name":"CLIENT2"}`},
		"a key":                        {`{"client1-web":7}`, `{"client2-web":7}`},
		"the number in an ARN":         {`["arn:aws:iam::111111111111:role/client1"]`, `["arn:aws:iam::222222222222:role/client2"]`},
		"JSON in a text":               {`"{\"Resource\":\"client1\"}"`, `"{\"Resource\":\"client2\"}"`},
		"a text that ends in a stroke": {`["a\\","client1"]`, `["a\\","client2"]`},
		"user data":                    {`"` + in64("ECS_CLUSTER=client1") + `"`, `"` + in64("ECS_CLUSTER=client2") + `"`},
		"other data":                   {`"` + in64("ECS_CLUSTER=another") + `"`, `"` + in64("ECS_CLUSTER=another") + `"`},
		"a text like base64":           {`"abcdefghijklmnop"`, `"abcdefghijklmnop"`},
	} {
		t.Run(what, func(t *testing.T) {
			if got := string(renamed([]byte(c.old), names)); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestTheNamesOfATwinAreAsLong(t *testing.T) {
	from, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	to, err := New(Options{ID: "222222222222"})
	if err != nil {
		t.Fatal(err)
	}
	if err := to.Twin(from, [][2]string{{"CLIENT9", "CLIENT10"}}); err == nil || !strings.Contains(err.Error(), "longer or shorter") {
		t.Errorf("%v", err)
	}
}
