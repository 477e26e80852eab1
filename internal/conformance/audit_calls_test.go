package conformance

import (
	"testing"
	"testing/synctest"

	"gitlab.com/cicd/cicdctl/internal/audit"
)

// furtherClient is how many calls an audit makes for each client beyond the first:
// what AWS tells only one by one. Buckets and keys are 9 of them, the targets of the rules of EventBridge 3.
const furtherClient = 28

// TestAnAuditsCallsGrowByClient counts the calls of audits of one client and of three.
func TestAnAuditsCallsGrowByClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := func(clients int) (count int, by map[string]int) {
			r, specs := estate(t, clients)
			r.account.Forget()
			a, err := audit.Examine(t.Context(), r.Operator, audit.Examined{Specs: specs, Regions: []string{region}})
			if err != nil || len(a.Findings) > 0 || len(a.NotAudited) > 0 {
				t.Fatalf("%v, findings %v, not audited %v", err, a.Findings, a.NotAudited)
			}
			by = map[string]int{}
			for _, c := range r.account.Calls() {
				by[c.Name()]++
			}
			return len(r.account.Calls()), by
		}
		one, first := calls(1)
		three, third := calls(3)
		if further := (three - one) / 2; further > furtherClient {
			t.Errorf("an audit of one client makes %d calls and each further one %d, want at most %d", one, further, furtherClient)
			for name, n := range third {
				if n > first[name] {
					t.Logf("%v %s", float64(n-first[name])/2, name)
				}
			}
		}
		t.Logf("one client: %d calls; each further one: %d", one, (three-one)/2)
	})
}
