package rules

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// person is somebody who sends files, as the images of file servers read it
// (configs/images/files/users).
type person struct {
	Name         string   `json:"name"`
	PasswordHash string   `json:"password_hash,omitempty"`
	Keys         []string `json:"keys,omitempty"`
}

var (
	personName = lazyregexp.New(`^[a-z][a-z0-9_.-]{0,31}$`)
	// passwordHash is one of crypt(3), whose methods all begin with a dollar sign.
	passwordHash = lazyregexp.New(`^[$][A-Za-z0-9./$,=+-]{12,}$`)
)

// MaxSecret is how many bytes the value of a secret may have (Secrets Manager quotas).
const MaxSecret = 65536

// ParsePeople reads the people of a file server: a JSON list of
// {"name": "alice", "password_hash": "$y$…", "keys": ["ssh-ed25519 AAAA…"]}. It returns
// the value of the secret, and the names. Errors tell people by their place in the
// list: nothing of a secret is in them.
func ParsePeople(data []byte, runtime spec.Runtime) (value string, names []string, err error) {
	var people []person
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&people); err != nil {
		return "", nil, notPeople(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return "", nil, lang.New("there is more behind the list")
	}
	if len(people) == 0 {
		return "", nil, lang.New("nobody is on the list")
	}
	for i, p := range people {
		if err := p.check(runtime); err != nil {
			return "", nil, lang.Errorf("person %d: %w", i+1, err)
		}
		if slices.Contains(names, p.Name) {
			return "", nil, lang.Errorf("person %d: the name comes twice", i+1)
		}
		names = append(names, p.Name)
	}
	text := plainJSON(people)
	if len(text) > MaxSecret {
		return "", nil, lang.Errorf("the list has %d bytes, and a secret takes %d", len(text), MaxSecret)
	}
	return text, names, nil
}

// notPeople says what is wrong without what was read: a parser quotes it.
func notPeople(err error) error {
	syntax, ok := errors.AsType[*json.SyntaxError](err)
	if ok {
		return lang.Errorf("it is not JSON, at byte %d", syntax.Offset)
	}
	return lang.New(`it is no JSON list of {"name", "password_hash", "keys"} and nothing else; passwords are given as hashes, which mkpasswd makes`)
}

func (p person) check(runtime spec.Runtime) error {
	switch {
	case !personName.MatchString(p.Name):
		return lang.New("a name is a small letter and up to 31 of a-z 0-9 _ . -")
	case p.Name == "root" || p.Name == "files":
		return lang.New("the names root and files are taken")
	case p.PasswordHash != "" && !passwordHash.MatchString(p.PasswordHash):
		return lang.New("password_hash is not one of crypt(3), such as mkpasswd makes")
	case runtime == spec.ProFTPD && p.PasswordHash == "":
		return lang.New("FTP takes no keys: give a password_hash, which mkpasswd makes")
	case p.PasswordHash == "" && len(p.Keys) == 0:
		return lang.New("there is neither a password_hash nor a key")
	}
	for i, key := range p.Keys {
		p.Keys[i] = strings.TrimSpace(key) // the line's end
		if _, _, _, _, err := ssh.ParseAuthorizedKey([]byte(p.Keys[i])); err != nil || strings.ContainsAny(p.Keys[i], "\r\n") {
			return lang.Errorf("key %d is no line of an authorized_keys file, such as ssh-keygen writes into a .pub file", i+1)
		}
	}
	return nil
}
