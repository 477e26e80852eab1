package rules

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gitlab.com/cicd/cicdctl/internal/spec"
)

func TestCopiesAreThoseOfTheSpec(t *testing.T) {
	const month = 31 * 24 * time.Hour
	for name, c := range map[string]struct {
		text string
		want []Copy
	}{
		"the document's defaults": {"", []Copy{
			{Continuous, true, 30, true, 5 * time.Minute}, {Monthly, true, 366, true, month}, {Archive, true, 366, false, month},
		}},
		"all that can be switched off": {"backup: {retention_days: 7, restorable_monthly: false, archive: {every: none, keep_months: 24}}\n", []Copy{
			{Continuous, true, 7, true, 5 * time.Minute}, {Monthly, false, 366, true, month}, {Archive, false, 731, false, month},
		}},
	} {
		s, err := spec.Parse("acme.yaml", []byte("client: ACME\nregion: eu-west-3\n"+c.text))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, Copies(s)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
