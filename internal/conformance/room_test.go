package conformance

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/servicequotas"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// room is what AWS has for a client, asked before anything is made.
func (r *rig) room(ctx context.Context, s *spec.Spec) cloud.Room {
	r.tb.Helper()
	return roomOf(ctx, r.tb, r.Operator, s)
}

func roomOf(ctx context.Context, tb testing.TB, o *cloud.Operator, s *spec.Spec) cloud.Room {
	tb.Helper()
	run, err := o.Build(ctx, s)
	if err != nil {
		tb.Fatal(err)
	}
	p, err := run.Plan(ctx)
	if err != nil {
		tb.Fatal(err)
	}
	room, err := run.Room(ctx, p)
	if err != nil {
		tb.Fatal(err)
	}
	return room
}

const vcpusCode, networkBalancersCode, natsCode, rangesCode = "L-1216C47A", "L-69A177A2", "L-FE5A380F", "L-83CA0A9D"

// A new account has 5 vCPUs, and the example's hosts take 6.
func TestANewAccountHasTooFewVCPUs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Quotas: map[string]float64{vcpusCode: 5}})
		q := quotaOf(t, r.room(ctx, acme(t)).Quotas, vcpusCode)
		if !q.Short() || q.Used != 0 || q.Needed != 6 || q.Most != 12 || q.Allowed != 5 {
			t.Errorf("in a new account: %+v", q)
		}
		for _, c := range r.account.Calls() {
			if c.Mutating {
				t.Errorf("%s was called", c.Name())
			}
		}
		if _, err := r.account.SetQuota(vcpusCode, 8); err != nil {
			t.Fatal(err)
		}
		if q = quotaOf(t, r.room(ctx, acme(t)).Quotas, vcpusCode); q.Short() || !q.Tight() {
			t.Errorf("with 8: %+v, want room for the fewest hosts and not for the most", q)
		}
		if _, err := r.account.SetQuota(vcpusCode, 64); err != nil {
			t.Fatal(err)
		}
		if q = quotaOf(t, r.room(ctx, acme(t)).Quotas, vcpusCode); q.Short() || q.Tight() {
			t.Errorf("with 64: %+v", q)
		}
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		// What runs counts, whoever's it is.
		if q = quotaOf(t, r.room(ctx, client(t, "GLOBEX")).Quotas, vcpusCode); q.Used != 6 || q.Needed != 6 {
			t.Errorf("beside a client: %+v", q)
		}
		if q = quotaOf(t, r.room(ctx, client(t, "ACME", "min: 3, max: 6", "min: 4, max: 8")).Quotas, vcpusCode); q.Used != 6 || q.Needed != 2 || q.Most != 10 {
			t.Errorf("with a host more: %+v", q)
		}
		r.account.Forget()
		if room := r.room(ctx, acme(t)); len(room.Quotas)+len(room.Offers) > 0 {
			t.Errorf("a plan without a change looks at %+v", room)
		}
		for _, c := range r.account.Calls() {
			if c.Service == servicequotas.ServiceID || c.Operation == "DescribeInstances" || strings.Contains(c.Operation, "Offer") || strings.Contains(c.Operation, "Orderable") {
				t.Errorf("and calls %s", c.Name())
			}
		}
	})
}

func TestWhatAPlanTakesOfQuotas(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
		room := r.room(ctx, acme(t))
		for code, want := range map[string]int{balancersCode: 1, networkBalancersCode: 1, natsCode: 1, vpcsCode: 1} {
			if q := quotaOf(t, room.Quotas, code); q.Needed != want || q.Used != 0 || q.Allowed == 0 || q.Short() {
				t.Errorf("quota %s: %+v, want %d", code, q, want)
			}
		}
		zones := 0
		for _, q := range room.Quotas {
			if q.Code == natsCode {
				zones++
			}
			if q.Code == rangesCode {
				t.Errorf("one range always fits: %+v", q)
			}
		}
		if zones != 3 {
			t.Errorf("NAT gateways are counted in %d zones", zones)
		}
		asked := map[string]int{}
		for _, c := range r.account.Calls() {
			if in, ok := c.Input.(*servicequotas.GetServiceQuotaInput); ok {
				asked[*in.QuotaCode]++
			}
			if c.Operation == "GetAWSDefaultServiceQuota" {
				t.Error("a default is asked for although the account's own value is there")
			}
		}
		for code, times := range asked {
			if times > 1 {
				t.Errorf("%s was asked for %d times", code, times)
			}
		}

		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		var pools []netip.Prefix
		for _, pool := range []string{"10.20.0.0/16", "10.21.0.0/16", "10.22.0.0/16", "10.23.0.0/16", "10.24.0.0/16", "10.25.0.0/16"} {
			pools = append(pools, netip.MustParsePrefix(pool))
		}
		if q := quotaOf(t, roomOf(ctx, t, operator(t, r.account, cloud.Config{Pools: pools}), client(t, "GLOBEX")).Quotas, rangesCode); !q.Short() || q.Used != 1 || q.Needed != 5 || q.Allowed != 5 {
			t.Errorf("six pools in a VPC of five ranges: %+v", q)
		}
	})
}

func TestWhatAWSDoesNotOfferIsSeenFirst(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		replace []string
		short   string
		lacking []string
	}{
		"the example":                 {nil, "", nil},
		"a type that there is not":    {[]string{"m6i.large", "m99.huge"}, "m99.huge", []string{"eu-west-3a", "eu-west-3b", "eu-west-3c"}},
		"a type that a zone lacks":    {[]string{"m6i.large", "t3a.large", "max: 6", "max: 9"}, "t3a.large", []string{"eu-west-3c"}},
		"a class that Aurora has not": {[]string{"db.r6g.large", "db.t3.nano"}, "db.t3.nano", []string{"eu-west-3a", "eu-west-3b"}},
		"a class that there is not":   {[]string{"db.r6g.large", "db.r99.large"}, "db.r99.large", []string{"eu-west-3a", "eu-west-3b"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
				short := ""
				var lacking []string
				for _, o := range r.room(ctx, client(t, "ACME", test.replace...)).Offers {
					if o.Unknown != "" {
						t.Errorf("unknown: %+v", o)
					}
					if o.Short() {
						short, lacking = o.Type, o.Lacking
					}
				}
				if short != test.short || !slices.Equal(lacking, test.lacking) {
					t.Errorf("not offered: %q in %v, want %q in %v", short, lacking, test.short, test.lacking)
				}
			})
		})
	}
}

// A service that only advises delays nobody, however it fails.
func TestASlowQuotaServiceDelaysNobody(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]sandbox.Fault{
		"throttled":   {Before: refusal("TooManyRequestsException")},
		"unavailable": {Before: refusal("ServiceException")},
		"denied":      {Before: refusal("AccessDeniedException")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
				calls := 0
				r.account.OnCall(func(c sandbox.Call) sandbox.Fault {
					if c.Service == servicequotas.ServiceID {
						calls++
						return fault
					}
					return sandbox.Fault{}
				})
				run, err := r.Build(ctx, acme(t))
				if err != nil {
					t.Fatal(err)
				}
				p, err := run.Plan(ctx)
				if err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				room, err := run.Room(ctx, p)
				if err != nil {
					t.Fatal(err)
				}
				if took := time.Since(start); took > cloud.RoomTime {
					t.Errorf("it took %s", took)
				}
				for _, q := range room.Quotas {
					if q.Unknown == "" || q.Short() {
						t.Errorf("%+v, want it unknown", q)
					}
				}
				if calls > 4*len(room.Quotas) {
					t.Errorf("%d calls for %d quotas", calls, len(room.Quotas))
				}
			})
		})
	}
}
