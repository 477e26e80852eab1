package provision

import (
	"strings"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// ScopeRef names a scope. Its text, which JSON has as well, is "account",
// "region eu-west-3" or "client ACME".
type ScopeRef struct {
	Level Level
	Name  string // of the region or the client; empty for the account
}

func (r ScopeRef) String() string {
	if r.Level == AccountLevel {
		return r.Level.String()
	}
	return r.Level.String() + " " + r.Name
}

// MarshalText writes the text; the zero value has none.
func (r ScopeRef) MarshalText() ([]byte, error) {
	if r == (ScopeRef{}) {
		return nil, nil
	}
	return []byte(r.String()), nil
}

// UnmarshalText reads what MarshalText writes.
func (r *ScopeRef) UnmarshalText(text []byte) error {
	level, name, _ := strings.Cut(string(text), " ")
	for _, l := range []Level{AccountLevel, RegionLevel, ClientLevel} {
		if l.String() == level && (name == "") == (l == AccountLevel) {
			*r = ScopeRef{l, name}
			return nil
		}
	}
	if len(text) == 0 {
		*r = ScopeRef{}
		return nil
	}
	return lang.Errorf("%q is no scope", text)
}
