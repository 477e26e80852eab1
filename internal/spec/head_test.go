package spec

import (
	"errors"
	"testing"

	"gitlab.com/cicd/cicdctl/examples"
)

func TestHeads(t *testing.T) {
	for name, c := range map[string]struct {
		text  string
		want  Head
		plain bool
	}{
		"as nearly all":        {"client: ACME\nregion: eu-west-3\n", Head{"ACME", "eu-west-3", ""}, true},
		"with an account":      {"# ours\nclient: ACME # upper case\nregion: eu-west-3\naccount: production\napps:\n  - name: client\n", Head{"ACME", "eu-west-3", "production"}, true},
		"from Windows":         {"\xef\xbb\xbfclient: ACME\r\nregion: eu-west-3\r\n", Head{"ACME", "eu-west-3", ""}, true},
		"quoted":               {"client: \"ACME\"\nregion: 'eu-west-3'\n", Head{"ACME", "eu-west-3", ""}, false},
		"in braces":            {"{client: ACME, region: eu-west-3}\n", Head{"ACME", "eu-west-3", ""}, false},
		"with a marker":        {"---\nclient: ACME\nregion: eu-west-3\n", Head{"ACME", "eu-west-3", ""}, false},
		"lists that stick out": {"client: ACME\nregion: eu-west-3\napps:\n- name: shop\n", Head{"ACME", "eu-west-3", ""}, false},
	} {
		if _, plain := plainHead([]byte(c.text)); plain != c.plain {
			t.Errorf("%s: plain is %v, want %v", name, plain, c.plain)
		}
		got, err := ReadHead("acme.yaml", []byte(c.text))
		if err != nil || got != c.want {
			t.Errorf("%s: %+v, %v, want %+v", name, got, err, c.want)
		}
	}
	if got, err := ReadHead("acme.yaml", examples.ACME); err != nil || got != (Head{"ACME", "eu-west-3", ""}) {
		t.Error(got, err)
	}
}

func TestBrokenHeadsAreNamed(t *testing.T) {
	for name, text := range map[string]string{
		"no client":      "region: eu-west-3\n",
		"no region":      "client: ACME\n",
		"empty":          "",
		"no YAML":        "client: ACME\nregion: eu-west-3\n}{\n",
		"twice":          "client: ACME\nregion: eu-west-3\nclient: GLOBEX\n",
		"another client": "client: [ACME]\nregion: eu-west-3\n",
	} {
		_, err := ReadHead("clients/acme.yaml", []byte(text))
		if invalid, ok := errors.AsType[*InvalidError](err); !ok || invalid.File != "clients/acme.yaml" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzHead holds that what is plain says the same as what is parsed.
func FuzzHead(f *testing.F) {
	f.Add([]byte("client: ACME\nregion: eu-west-3\naccount: a\n"))
	f.Add(examples.ACME)
	f.Fuzz(func(t *testing.T, data []byte) {
		quick, plain := plainHead(data)
		s, d := read(data)
		if !plain || len(d.problems) > 0 {
			return
		}
		if quick.Client != s.Client || quick.Region != s.Region {
			t.Errorf("%q: %+v, parsed as %s in %s", data, quick, s.Client, s.Region)
		}
	})
}
