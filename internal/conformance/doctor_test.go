package conformance

import (
	"slices"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"

	"gitlab.com/cicd/cicdctl/internal/account"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

func quotaOf(t *testing.T, checks []cloud.QuotaCheck, code string) cloud.QuotaCheck {
	t.Helper()
	i := slices.IndexFunc(checks, func(q cloud.QuotaCheck) bool { return q.Code == code })
	if i < 0 {
		t.Fatalf("quota %s was not looked at: %+v", code, checks)
	}
	return checks[i]
}

const (
	vpcsCode, addressesCode, balancersCode = "L-F678F1CE", "L-0263D0A3", "L-53DA6B97"
	databaseInstancesCode                  = "L-7B6409FD"
)

func TestAnEmptyAccountHasRoom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{})
		h, err := account.Diagnose(ctx, r.Operator, region)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range h.Quotas {
			if q.Unknown != "" || q.Short() || q.Needed == 0 || q.Used != 0 {
				t.Errorf("in an empty account: %+v", q)
			}
		}
		for code, want := range map[string]cloud.QuotaCheck{
			vpcsCode: {Needed: 1, Allowed: 5}, addressesCode: {Needed: 3, Allowed: 5}, balancersCode: {Needed: 1, Allowed: 50}, databaseInstancesCode: {Needed: 2, Allowed: 40},
		} {
			if q := quotaOf(t, h.Quotas, code); q.Needed != want.Needed || q.Allowed != want.Allowed {
				t.Errorf("quota %s: %+v, want %d of %d", code, q, want.Needed, want.Allowed)
			}
		}

		// One more takes nothing of what the clients of a region share.
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		if h, err = account.Diagnose(ctx, r.Operator, region); err != nil {
			t.Fatal(err)
		}
		if q := quotaOf(t, h.Quotas, balancersCode); q.Used != 1 || q.Needed != 1 {
			t.Errorf("beside one client: %+v, want 1 used and 1 needed", q)
		}
		if slices.ContainsFunc(h.Quotas, func(q cloud.QuotaCheck) bool { return q.Code == addressesCode }) {
			t.Errorf("one more client needs addresses: %+v", h.Quotas)
		}
	})
}

// Where clients have VPNs, one more needs room for them as well; elsewhere nobody asks.
func TestDoctorAsksForVPNsWhereSpecsHaveThem(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		both, site := acme(t), acme(t)
		site.VPN.OpenVPN = nil
		elsewhere := acme(t)
		elsewhere.Region = "eu-central-1"
		const ofGateway, connections, customers, gateways, endpoints = "L-B91E5754", "L-3E6EC3A3", "L-4FB7FF5D", "L-7029FAB6", "L-8EA77D34"
		asked := func(used int, like ...*spec.Spec) (codes []string) {
			t.Helper()
			h, err := account.Diagnose(ctx, r.Operator, region, like...)
			if err != nil {
				t.Fatal(err)
			}
			for _, q := range h.Quotas {
				if slices.Contains([]string{ofGateway, connections, customers, gateways, endpoints}, q.Code) {
					codes = append(codes, q.Code)
					if q.Used != used || q.Needed != 1 || q.Unknown != "" {
						t.Errorf("%+v, want %d used and 1 needed", q, used)
					}
				}
			}
			slices.Sort(codes)
			return codes
		}
		for why, c := range map[string]struct {
			like []*spec.Spec
			want []string
		}{
			"no specs":                {nil, nil},
			"VPNs in another region":  {[]*spec.Spec{elsewhere}, nil},
			"a site":                  {[]*spec.Spec{site}, []string{connections, customers, gateways, ofGateway}},
			"a site, people and both": {[]*spec.Spec{site, both, elsewhere}, []string{connections, customers, gateways, endpoints, ofGateway}},
		} {
			if got := asked(0, c.like...); !slices.Equal(got, c.want) {
				t.Errorf("%s: asked for %v, want %v", why, got, c.want)
			}
		}
		if err := create(ctx, r.Operator, both); err != nil {
			t.Fatal(err)
		}
		if got := asked(1, both); !slices.Equal(got, []string{connections, customers, endpoints, ofGateway}) {
			t.Errorf("beside a client with both: asked for %v", got)
		}
	})
}

func TestForeignAddressesCount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{Lag: -1})
		for range 3 {
			if _, err := r.Factory.Set(region).EC2.AllocateAddress(ctx, &ec2.AllocateAddressInput{}); err != nil {
				t.Fatal(err)
			}
		}
		h, err := account.Diagnose(ctx, r.Operator, region)
		if err != nil {
			t.Fatal(err)
		}
		if q := quotaOf(t, h.Quotas, addressesCode); !q.Short() || q.Used != 3 || q.Needed != 3 || q.Allowed != 5 {
			t.Errorf("3 of 5 addresses are taken, 3 are needed: %+v", q)
		}
	})
}

// An emulator, and a partition of AWS, may not know a quota; the caller may not
// be allowed to ask. Nothing is refused for that.
func TestAQuotaThatAWSDoesNotTellIsUnknown(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"NoSuchResourceException", "AccessDeniedException"} {
		synctest.Test(t, func(t *testing.T) {
			ctx, r := t.Context(), newRig(t, sandbox.Options{})
			r.account.OnCall(func(c sandbox.Call) sandbox.Fault {
				if c.Service == servicequotas.ServiceID {
					return sandbox.Fault{Before: refusal(code)}
				}
				return sandbox.Fault{}
			})
			h, err := account.Diagnose(ctx, r.Operator, region)
			if err != nil {
				t.Fatal(err)
			}
			if len(h.Quotas) == 0 {
				t.Error("no quota was looked at")
			}
			for _, q := range h.Quotas {
				if q.Unknown == "" || q.Short() {
					t.Errorf("%s: %+v, want it unknown", code, q)
				}
			}
		})
	}
}

// A plan that creates tells what: the kinds left out have neither a name nor
// anything else that tells them before they exist.
func TestAPlanNamesWhatWillBeMade(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{})
		names := map[string]string{}
		for _, c := range plan(ctx, t, r.Operator, acme(t)).Changes() {
			names[c.Kind+" "+c.Role] = c.Name
			nameless := []string{"ec2/internet-gateway", "ec2/network-acl"}
			if c.Name == "" && !slices.Contains(nameless, c.Kind) && c.Kind+" "+c.Role != "ec2/route-table edge" {
				t.Errorf("%s %s has no name", c.Kind, c.Role)
			}
		}
		for resource, want := range map[string]string{
			"ec2/vpc vpc": "10.20.0.0/16", "ec2/subnet a": "10.20.0.0/21 eu-west-3a", "ec2/nat-gateway nat-b": "eu-west-3b",
			"s3/bucket shop": "acme-shop-123456789012-eu-west-3-an", "iam/role app-shop": "acme-shop", "kms/key client": "alias/cicdctl/client/acme",
			"ec2/security-group load-balancer": "acme-load-balancer", "elb/listener http": "acme-web:80",
		} {
			if names[resource] != want {
				t.Errorf("%s is called %q, want %q", resource, names[resource], want)
			}
		}
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		held := plan(ctx, t, r.Operator, acme(t)).Held()
		if len(held) == 0 {
			t.Fatal("nothing is held")
		}
		quiet := []string{
			"ec2/internet-gateway", "ec2/network-acl", "ec2/route-table", "ec2/vpc-endpoint", "ec2/key-pair", "ec2/launch-template", "iam/instance-profile",
			"ecs/capacity-provider", "elb/target-group", "elb/listener-rule", "iam/oidc-provider", "rds/subnet-group", "rds/cluster-parameter-group",
			"cloudwatch/alarm", "events/rule", "rds/event-subscription", // they tell when they ring
		}
		for _, h := range held {
			web := h.Kind == "elb/listener" && h.Role == "http"                        // those of file transfer tell their ports
			unheard := h.Kind == "sns/topic" && h.Scope.Level != provision.ClientLevel // alarm_emails names nobody here
			if (len(h.Facts) == 0) != (web || unheard || slices.Contains(quiet, h.Kind)) {
				t.Errorf("%s %s tells %v", h.Kind, h.Role, h.Facts)
			}
			if slices.ContainsFunc(h.Facts, func(f provision.Fact) bool { return f.Name == "" || f.Value == "" }) {
				t.Errorf("%s %s tells something empty: %v", h.Kind, h.Role, h.Facts)
			}
		}
	})
}

func TestDoctorOverHTTP(t *testing.T) {
	t.Parallel()
	w := overHTTP(t)
	h, err := account.Diagnose(t.Context(), w.Operator, region)
	if err != nil {
		t.Fatal(err)
	}
	if q := quotaOf(t, h.Quotas, vpcsCode); q.Used != 1 || q.Allowed != 5 { // the default VPC
		t.Errorf("VPCs: %+v, want 1 of 5 used", q)
	}
	for _, q := range h.Quotas {
		if q.Short() {
			t.Errorf("short: %+v", q)
		}
	}
}
