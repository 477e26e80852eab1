package kinds

import "testing"

// A client's spec asks for tags, and some day no longer: whatever has tags that can be
// written must let go of them, too.
func TestTagsOfClientsCanBeTakenAway(t *testing.T) {
	t.Parallel()
	for _, typ := range All() {
		if !typ.Untags() {
			t.Errorf("%s has Retag but no Untag", typ.Name)
		}
	}
}
