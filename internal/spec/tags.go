package spec

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// Tags are those that a client wants on all of its resources.
type Tags map[string]string

const (
	// mostTags leaves room for cicdctl's own, a dozen at most, and for those of others among
	// the 50 that AWS has room for on a resource (Tagging AWS resources user guide).
	mostTags = 30
	// longestTagKey and longestTagValue are AWS's.
	longestTagKey   = 128
	longestTagValue = 256
)

var (
	// tagKeyPattern is what all services take, without spaces: keys are told apart by these
	// where they stand in one tag.
	tagKeyPattern = lazyregexp.New(`^[A-Za-z0-9_.:/=+@-]+$`)
	// tagValuePattern is what all services take.
	tagValuePattern = lazyregexp.New(`^[\p{L}\p{N}_.:/=+@ -]*$`)
)

// ownTagKeys are what cicdctl uses without its prefix: the document's names of security groups.
var ownTagKeys = []string{"name", "groupname"}

// CheckTagKey says why a tag cannot have a key, or returns nil. Case does not tell keys
// apart: IAM's do not.
func CheckTagKey(key string) error {
	switch lower := strings.ToLower(key); {
	case !tagKeyPattern.MatchString(key) || len(key) > longestTagKey:
		return lang.Errorf("%q is not a tag key: 1 to %d letters, digits and _.:/=+@-, without spaces", key, longestTagKey)
	case strings.HasPrefix(lower, "aws:"):
		return lang.Errorf("%q begins with aws:, which AWS keeps for itself; choose another key", key)
	case strings.HasPrefix(lower, "cicdctl:"):
		return lang.Errorf("%q begins with cicdctl:, which says whose a resource is; choose another key", key)
	case slices.Contains(ownTagKeys, lower):
		return lang.Errorf("%q is a tag that cicdctl sets itself; choose another key", key)
	}
	return nil
}

func (c *shaper) tags(tags Tags) {
	folded := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		at, value := "$.tags."+key, tags[key]
		if err := CheckTagKey(key); err != nil {
			c.add(at, "%v", err)
		}
		if other, twice := folded[strings.ToLower(key)]; twice {
			c.add(at, "differs from %q in case only, which IAM takes for the same key", other)
		}
		folded[strings.ToLower(key)] = key
		switch {
		case value == "":
			c.add(at, "missing; give the tag a value, or leave it out")
		case value != strings.TrimSpace(value):
			c.add(at, "%q begins or ends with a space", value)
		case !tagValuePattern.MatchString(value) || utf8.RuneCountInString(value) > longestTagValue:
			c.add(at, "%q is not the value of a tag: at most %d letters, digits, spaces and _.:/=+@-", value, longestTagValue)
		}
	}
	if len(tags) > mostTags {
		c.add("$.tags", "%d tags are too many: AWS has room for 50 on a resource, of which %d can be the client's", len(tags), mostTags)
	}
	if all := strings.Join(slices.Sorted(maps.Keys(tags)), " "); len(all) > longestTagValue {
		c.add("$.tags", "the keys have %d characters together, with a space between them; at most %d fit into the tag that says which are the client's", len(all), longestTagValue)
	}
}
