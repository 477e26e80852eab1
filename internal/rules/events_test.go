package rules

import (
	"encoding/json"
	"testing"
)

func TestEventPatternsAreWrittenAsJSONIs(t *testing.T) {
	t.Parallel()
	for _, r := range EventRules(Place{Partition: "aws", Region: "eu-west-3", Account: "123456789012"}, "ACME") {
		pattern, err := json.Marshal(r.event)
		if err != nil {
			t.Fatal(err)
		}
		if r.Pattern != string(pattern) {
			t.Errorf("%s: %s, want %s", r.Role, r.Pattern, pattern)
		}
		if text, err := CanonicalJSON(r.Pattern); err != nil || r.Text != text {
			t.Errorf("%s: %s, want %s: %v", r.Role, r.Text, text, err)
		}
	}
}
