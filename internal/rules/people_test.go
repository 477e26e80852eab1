package rules

import (
	"slices"
	"strings"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/spec"
)

const (
	goodKey  = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKn0wd1P2FSmfIvvDYhXdxU1MbSdJtsmUQpfDIBaSGLY alice@desk"
	goodHash = "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7"
)

func TestPeople(t *testing.T) {
	for name, c := range map[string]struct {
		text    string
		runtime spec.Runtime
		names   []string
		want    string // of the error
	}{
		"a key and a password":      {`[{"name":"alice","keys":["` + goodKey + `"]},{"name":"bob","password_hash":"` + goodHash + `"}]`, spec.MySecureShell, []string{"alice", "bob"}, ""},
		"a key with its line's end": {`[{"name":"alice","keys":["` + goodKey + `\n"]}]`, spec.MySecureShell, []string{"alice"}, ""},
		"white space":               {"\n[ {\"name\": \"bob\",\n \"password_hash\": \"" + goodHash + "\"} ]\n", spec.ProFTPD, []string{"bob"}, ""},
		"an older hash":             {`[{"name":"bob","password_hash":"$6$saltsalt$abcdefghijklmnopqrstuvwxyz"}]`, spec.ProFTPD, []string{"bob"}, ""},
		"nobody":                    {`[]`, spec.ProFTPD, nil, "nobody is on the list"},
		"null":                      {`null`, spec.ProFTPD, nil, "nobody is on the list"},
		"nothing":                   {``, spec.ProFTPD, nil, "it is no JSON list"},
		"no list":                   {`{"name":"bob"}`, spec.ProFTPD, nil, "it is no JSON list"},
		"no JSON":                   {`[{"name":"bob",hunter2}]`, spec.ProFTPD, nil, "it is not JSON, at byte 16"},
		"two lists":                 {`[{"name":"bob","password_hash":"` + goodHash + `"}][]`, spec.ProFTPD, nil, "there is more behind the list"},
		"a password in clear":       {`[{"name":"bob","password":"hunter2"}]`, spec.ProFTPD, nil, "passwords are given as hashes, which mkpasswd makes"},
		"a password as its hash":    {`[{"name":"bob","password_hash":"hunter2"}]`, spec.ProFTPD, nil, "person 1: password_hash is not one of crypt(3)"},
		"a hash that ends the line": {`[{"name":"bob","password_hash":"` + goodHash + `:0:0"}]`, spec.ProFTPD, nil, "person 1: password_hash is not one of crypt(3)"},
		"a name in capitals":        {`[{"name":"Bob","password_hash":"` + goodHash + `"}]`, spec.ProFTPD, nil, "person 1: a name is a small letter"},
		"a path as a name":          {`[{"name":"../bob","password_hash":"` + goodHash + `"}]`, spec.ProFTPD, nil, "person 1: a name is a small letter"},
		"root":                      {`[{"name":"root","password_hash":"` + goodHash + `"}]`, spec.ProFTPD, nil, "person 1: the names root and files are taken"},
		"twice":                     {`[{"name":"bob","password_hash":"` + goodHash + `"},{"name":"bob","password_hash":"` + goodHash + `"}]`, spec.ProFTPD, nil, "person 2: the name comes twice"},
		"no way in":                 {`[{"name":"bob"}]`, spec.MySecureShell, nil, "person 1: there is neither a password_hash nor a key"},
		"a key for FTP":             {`[{"name":"bob","keys":["` + goodKey + `"]}]`, spec.ProFTPD, nil, "person 1: FTP takes no keys"},
		"a broken key":              {`[{"name":"bob","keys":["ssh-ed25519 hunter2"]}]`, spec.MySecureShell, nil, "person 1: key 1 is no line of an authorized_keys file"},
		"two keys as one":           {`[{"name":"bob","keys":["` + goodKey + `\n` + goodKey + `"]}]`, spec.MySecureShell, nil, "person 1: key 1 is no line"},
		"too many":                  {`[{"name":"bob","keys":["` + strings.Repeat(goodKey+`","`, 700) + goodKey + `"]}]`, spec.MySecureShell, nil, "and a secret takes 65536"},
	} {
		value, names, err := ParsePeople([]byte(c.text), c.runtime)
		if c.want == "" {
			if again, _, err := ParsePeople([]byte(value), c.runtime); err != nil || again != value {
				t.Errorf("%s: the value %s is read as %s, %v", name, value, again, err)
			}
		}
		if !slices.Equal(names, c.names) || (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, %v, want %q", name, names, err, c.want)
		}
		if err != nil && (strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), goodHash)) {
			t.Errorf("%s: the error tells a secret: %v", name, err)
		}
	}
}

func FuzzPeople(f *testing.F) {
	f.Add([]byte(`[{"name":"alice","keys":["` + goodKey + `"],"password_hash":"` + goodHash + `"}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		value, names, err := ParsePeople(data, spec.MySecureShell)
		if err != nil {
			return
		}
		again, same, err := ParsePeople([]byte(value), spec.MySecureShell)
		if err != nil || again != value || !slices.Equal(names, same) {
			t.Errorf("%q makes %q, which is read as %q, %v", data, value, again, err)
		}
	})
}
