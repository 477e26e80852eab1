package spec

import (
	"strings"
	"testing"
)

// summed is a file with something of each form. Its sum is on the tags of clients: no later
// release may count another one.
const summed = `client: ACME
region: eu-west-3
hosts: {instance_type: m6i.large, min: 3, max: 6}
network:
  allow:
    - {name: monitoring, cidr: 198.51.100.7/32, ports: "9100"}
backup: {restorable_monthly: false}
tags: {cost-center: "4711"}
`

func TestSumIsOfWhatTheFileSays(t *testing.T) {
	t.Parallel()
	const want = "15dabc434a77"
	for name, each := range map[string]struct {
		text string
		same bool
	}{
		"as it is":                         {summed, true},
		"a comment":                        {"# of ACME\n" + summed + "# end\n", true},
		"with another order":               {"region: eu-west-3\nclient: ACME\n" + strings.TrimPrefix(summed, "client: ACME\nregion: eu-west-3\n"), true},
		"in blocks":                        {strings.Replace(summed, "hosts: {instance_type: m6i.large, min: 3, max: 6}", "hosts:\n  max: 6\n  min: 3\n  instance_type: \"m6i.large\"", 1), true},
		"by Windows":                       {"\ufeff" + strings.ReplaceAll(summed, "\n", "\r\n"), true},
		"a key without a value":            {summed + "database:\n", true},
		"the version that it requires":     {summed + "required_version: v1.4.0\n", true},
		"another value":                    {strings.Replace(summed, "max: 6", "max: 7", 1), false},
		"a default that is written out":    {summed + "maintenance: {timezone: Europe/Paris}\n", false},
		"another tag":                      {strings.Replace(summed, "4711", "4712", 1), false},
		"something less":                   {strings.Replace(summed, "backup: {restorable_monthly: false}\n", "", 1), false},
		"of another client":                {strings.Replace(summed, "ACME", "GLOBEX", 1), false},
		"a default of a key without block": {summed + "stopped: {preview: false}\n", false},
	} {
		s, err := Parse("acme.yaml", []byte(each.text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := s.Sum(); (got == want) != each.same || len(got) != sumDigits {
			t.Errorf("%s: the sum is %q, that of the file %q: the same %v, want %v", name, got, want, got == want, each.same)
		}
	}
}

func TestRequiredVersion(t *testing.T) {
	t.Parallel()
	const head = "client: ACME\nregion: eu-west-3\n"
	for name, each := range map[string]struct{ text, required, problem string }{
		"none":                           {head, "", ""},
		"a release":                      {head + "required_version: v1.4.0\n", "v1.4.0", ""},
		"in quotes, with a comment":      {head + "required_version: \"v1.4.0\" # by alice\n", "v1.4.0", ""},
		"a candidate":                    {head + "required_version: v2.0.0-rc.1\n", "v2.0.0-rc.1", ""},
		"in a file that is not valid":    {head + "required_version: v9.0.0\nnew_key: {}\n", "v9.0.0", `unknown key`},
		"without its v":                  {head + "required_version: 1.4.0\n", "", `"1.4.0" is not a version of cicdctl such as v1.4.0`},
		"not exact":                      {head + "required_version: v1.4\n", "", `required_version: "v1.4" is not a version of cicdctl such as v1.4.0`},
		"a constraint, as Terraform has": {head + "required_version: \">= v1.4.0\"\n", "", `is not a version of cicdctl`},
		"of a commit":                    {head + "required_version: v0.0.0-20261130101500-1a2b3c4d5e6f\n", "", `is not a version of cicdctl`},
	} {
		if got := Required([]byte(each.text)); got != each.required {
			t.Errorf("%s: requires %q, want %q", name, got, each.required)
		}
		s, err := Parse("acme.yaml", []byte(each.text))
		switch {
		case each.problem == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case each.problem == "" && s.RequiredVersion != each.required:
			t.Errorf("%s: requires %q when parsed", name, s.RequiredVersion)
		case each.problem != "" && (err == nil || !strings.Contains(err.Error(), each.problem)):
			t.Errorf("%s: %v, want %q", name, err, each.problem)
		}
	}
}

// The version is put into a file without touching the rest, wherever it stands.
func TestRequiredVersionIsEdited(t *testing.T) {
	t.Parallel()
	for name, each := range map[string]struct{ text, want string }{
		"raised": {"client: ACME # ours\nregion: eu-west-3\nrequired_version: v1.3.0   # see the wiki\n", "client: ACME # ours\nregion: eu-west-3\nrequired_version: v1.4.0   # see the wiki\n"},
		"added":  {"client: ACME\nregion: eu-west-3\n", "client: ACME\nregion: eu-west-3\nrequired_version: v1.4.0\n"},
	} {
		got, err := Edit("acme.yaml", []byte(each.text), Change{RequiredPath, "v1.4.0"})
		if err != nil || string(got) != each.want {
			t.Errorf("%s: %q, %v, want %q", name, got, err, each.want)
		}
	}
}
