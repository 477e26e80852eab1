package spec

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/goccy/go-yaml"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
	"gitlab.com/cicd/cicdctl/internal/version"
)

// RequiredPath is where a file says which release it needs, as changes and problems name it.
const RequiredPath = "required_version"

// sumDigits are enough to tell what one client's file said at different times, and few enough for a tag.
const sumDigits = 12

// Sum is a short name for what the client's file says, 12 hex digits: the same for files that
// differ in comments, order and form only. Defaults are no part of it, and neither is the
// version that the file requires, so that another release of cicdctl has the same sum for it.
func (s *Spec) Sum() string {
	var says map[string]any
	if err := yaml.Unmarshal(bytes.TrimPrefix(s.source, byteOrderMark), &says); err != nil {
		return "" // it was read before, if by another way
	}
	delete(says, RequiredPath)
	text, err := json.Marshal(without(says))
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])[:sumDigits]
}

// without leaves out keys without a value: they mean their defaults.
func without(value any) any {
	switch value := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, v := range value {
			if v != nil {
				out[k] = without(v)
			}
		}
		return out
	case []any:
		out := make([]any, len(value))
		for i, v := range value {
			out[i] = without(v)
		}
		return out
	default:
		return value
	}
}

// requiredLine is how nearly all files say which release they need.
var requiredLine = lazyregexp.New(`(?m)^required_version:[ \t]*["']?([^"'\s#]+)["']?[ \t]*(?:#.*)?\r?$`)

// Required is the release that a file needs, in canonical form, whether the rest of it is valid or
// not: a newer release may know keys that this one does not. Empty when it needs none, or says it
// in a way that Parse refuses.
func Required(data []byte) string {
	if m := requiredLine.FindSubmatch(data); m != nil {
		return version.Parse(string(m[1]))
	}
	return ""
}

// checkRequired says what is wrong with the version that a file requires, or returns nil.
func checkRequired(text string) error {
	if text == "" || version.Parse(text) == text {
		return nil
	}
	return lang.Errorf("%q is not a version of cicdctl such as v1.4.0", text)
}
