package provision

import (
	"maps"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/spec"
)

// The tags that a client's spec asks for. Which of a resource's tags these are is said by
// one more tag, TagCustomer, with their keys: what the spec no longer asks for is taken
// away, what somebody else has put is not.

// addCustomers adds what the spec asks for, and the tag that says so.
func (s *Scope) addCustomers(tags Tags) {
	if s.Level != ClientLevel || s.Spec == nil || len(s.Spec.Tags) == 0 {
		return
	}
	maps.Copy(tags, s.Spec.Tags)
	// Keys have no spaces, and AWS takes no commas in tags everywhere.
	tags[TagCustomer] = strings.Join(slices.Sorted(maps.Keys(s.Spec.Tags)), " ")
}

// goneTags are the keys of the tags that a resource has by its client's former spec. Those
// that tell whose it is are never among them, whoever wrote TagCustomer.
func (s *Step) goneTags(tags Tags) []string {
	if s.typ.untag == nil || s.typ.retag == nil {
		return nil
	}
	var gone []string
	for key := range strings.FieldsSeq(tags[TagCustomer]) {
		_, there := tags[key]
		_, wanted := s.Tags[key]
		if there && !wanted && spec.CheckTagKey(key) == nil {
			gone = append(gone, key)
		}
	}
	if tags[TagCustomer] != "" && s.Tags[TagCustomer] == "" {
		gone = append(gone, TagCustomer)
	}
	slices.Sort(gone)
	return slices.Compact(gone)
}

// Untags reports whether tags can be taken away from resources of the type, where they are
// put there by a client's spec.
func (t *Type) Untags() bool {
	return t.Levels&ClientLevel == 0 || t.retag == nil || t.ownTags || t.untag != nil
}
