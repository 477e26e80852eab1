package conformance

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// elsewhere is the example with domains whose DNS nobody keeps in this account.
func elsewhere(t *testing.T) *spec.Spec {
	return client(t, "ACME", "preview.shop.example", "preview.elsewhere.example", "shop.example", "www.elsewhere.example")
}

// doors are the ports of the client's load balancer for HTTP, and how many of the rules of
// each send people on to HTTPS.
func (r *rig) doors(t *testing.T) map[int32]int {
	t.Helper()
	ctx, api := t.Context(), r.Factory.Set(region).ELB
	balancers, err := api.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{Names: []string{"acme-web"}})
	if err != nil {
		t.Fatal(err)
	}
	out := map[int32]int{}
	for p := elb.NewDescribeListenersPaginator(api, &elb.DescribeListenersInput{LoadBalancerArn: balancers.LoadBalancers[0].LoadBalancerArn}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range page.Listeners {
			redirects := 0
			for p := elb.NewDescribeRulesPaginator(api, &elb.DescribeRulesInput{ListenerArn: l.ListenerArn}); p.HasMorePages(); {
				page, err := p.NextPage(ctx)
				if err != nil {
					t.Fatal(err)
				}
				for _, rule := range page.Rules {
					if rule.Actions[0].Type == elbtypes.ActionTypeEnumRedirect {
						redirects++
					}
				}
			}
			out[aws.ToInt32(l.Port)] = redirects
		}
	}
	return out
}

// certified are the domains that have certificates of AWS, or have asked for one.
func (r *rig) certified(t *testing.T) []string {
	t.Helper()
	var out []string
	for p := acm.NewListCertificatesPaginator(r.Factory.Set(region).ACM, &acm.ListCertificatesInput{}); p.HasMorePages(); {
		page, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range page.CertificateSummaryList {
			if c.Type != acmtypes.CertificateTypeImported {
				out = append(out, aws.ToString(c.DomainName))
			}
		}
	}
	return out
}

// waiting are the domains whose records a plan tells.
func waiting(p *cloud.Plan) []string {
	var out []string
	for _, r := range cloud.WantedRecords(p.Held()) {
		out = append(out, r.Domain)
	}
	slices.Sort(out)
	return out
}

// HTTPS comes domain by domain, as the owner of each puts its record, and until then
// people are served without it.
func TestHTTPSComesWithTheCertificates(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r, s := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1}), elsewhere(t)
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		p := plan(ctx, t, r.Operator, s)
		if got := waiting(p); !slices.Equal(got, []string{"preview.elsewhere.example", "www.elsewhere.example"}) {
			t.Errorf("records are told of %v", got)
		}
		if got := r.doors(t); len(got) != 1 || got[80] != 0 {
			t.Errorf("without a certificate, doors %v", got)
		}
		if !p.Settled() || p.Mutations() != 0 {
			t.Errorf("what waits for others is told as a change: %v", p.Changes())
		}
		if a := r.examine(t, s); len(a.Findings) > 0 {
			t.Errorf("a request that is fresh is told as a finding: %+v", a.Findings)
		}

		if _, err := r.account.Validate("www.elsewhere.example"); err != nil {
			t.Fatal(err)
		}
		for range 2 { // AWS takes a look before it issues
			if err := create(ctx, r.Operator, s); err != nil {
				t.Fatal(err)
			}
		}
		if got := r.doors(t); len(got) != 2 || got[80] != 2 || got[443] != 0 {
			t.Errorf("with the certificate of prod, doors %v: its two services want to be sent on, preview's not", got)
		}
		if got := waiting(plan(ctx, t, r.Operator, s)); !slices.Equal(got, []string{"preview.elsewhere.example"}) {
			t.Errorf("then records are told of %v", got)
		}

		time.Sleep(25 * time.Hour)
		findings := r.examine(t, s).Findings
		if len(findings) != 1 || findings[0].ID != "ACM.1" || !strings.Contains(findings[0].Is, "waits for its DNS record since") {
			t.Errorf("a request that nobody answers for a day: %+v", findings)
		}

		time.Sleep(72 * time.Hour)
		p = plan(ctx, t, r.Operator, s)
		if changes := p.Changes(); !slices.ContainsFunc(changes, func(c provision.Change) bool {
			return c.Op == provision.OpCreate && c.Kind == "acm/certificate" && c.Role == "preview.elsewhere.example"
		}) || p.Mutations() != 2 {
			t.Errorf("a request that has lapsed is not made again, in the place of the old one: %v", changes)
		}
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		r.wantNoChange(ctx, s)

		if err := destroy(ctx, r.Operator, "ACME", true); err != nil {
			t.Fatal(err)
		}
		if left := r.certified(t); len(left) > 0 {
			t.Errorf("certificates of %v are left after a destroy", left)
		}
	})
}

// A domain that the spec no longer has loses its certificate, after the listener has.
func TestADomainThatGoesTakesItsCertificateAlong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		less := client(t, "ACME", "preview: preview.shop.example, ", "")
		if err := create(ctx, r.Operator, less); err != nil {
			t.Fatal(err)
		}
		r.wantNoChange(ctx, less)
		if got := r.certified(t); !slices.Equal(got, []string{"shop.example"}) {
			t.Errorf("certificates of %v are left of those of two domains", got)
		}
		none := client(t, "ACME", ", domains: {preview: preview.shop.example, prod: shop.example}", "")
		if err := create(ctx, r.Operator, none); err != nil {
			t.Fatal(err)
		}
		r.wantNoChange(ctx, none)
		if got := r.doors(t); len(got) != 1 {
			t.Errorf("without domains, doors %v", got)
		}
	})
}

// A certificate that has expired, because somebody took its record away, is replaced. People
// are served without it meanwhile, and the listener has the old one until the new one is there.
func TestACertificateThatExpiredIsReplaced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		before := r.doors(t)
		for range 2 { // preview's and prod's
			if err := hands["acm/certificate DNS record"](ctx, r.Factory.Set(region)); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(199 * 24 * time.Hour)
		p := plan(ctx, t, r.Operator, acme(t))
		kept := 0
		for _, c := range p.Changes() {
			if c.Kind == "acm/certificate" && c.Op == provision.OpRetain {
				kept++
			}
		}
		if kept != 2 {
			t.Errorf("%d of 2 expired certificates stay as long as the listener has them: %v", kept, p.Changes())
		}
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		r.wantNoChange(ctx, acme(t))
		if got := r.certified(t); len(got) != 2 {
			t.Errorf("certificates of %v", got)
		}
		if after := r.doors(t); !maps.Equal(after, before) {
			t.Errorf("doors %v, before %v", after, before)
		}
	})
}

// The certificate for people who tell no name stays the same one when others are issued.
func TestTheDefaultCertificateStays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r, s := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1}), elsewhere(t)
		for _, domain := range []string{"", "www.elsewhere.example", "preview.elsewhere.example"} {
			if domain != "" {
				if _, err := r.account.Validate(domain); err != nil {
					t.Fatal(err)
				}
			}
			for range 2 { // AWS takes a look before it issues
				for _, c := range plan(ctx, t, r.Operator, s).Changes() {
					if c.Kind == "elb/listener" && slices.ContainsFunc(c.Diffs, func(d provision.Diff) bool { return d.Field == "certificate" }) {
						t.Errorf("once %s has its certificate: %s", domain, line(c))
					}
				}
				if err := create(ctx, r.Operator, s); err != nil {
					t.Fatal(err)
				}
			}
		}
		r.wantNoChange(ctx, s)
	})
}

// For an hour AWS answers a repeated request with the certificate of the first one, even
// when that is gone: what is asked for then has to be another request.
func TestACertificateThatIsGoneIsNotTakenForTheNextOne(t *testing.T) {
	t.Parallel()
	tests := map[string]func(t *testing.T, r *rig){
		"deleted by hand": func(t *testing.T, r *rig) {
			api := r.Factory.Set(region).ACM
			for p := acm.NewListCertificatesPaginator(api, &acm.ListCertificatesInput{}); p.HasMorePages(); {
				page, err := p.NextPage(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for _, c := range page.CertificateSummaryList {
					if c.Type == acmtypes.CertificateTypeImported { // the VPN has it
						continue
					}
					if _, err := api.DeleteCertificate(t.Context(), &acm.DeleteCertificateInput{CertificateArn: c.CertificateArn}); err != nil {
						t.Fatal(err)
					}
				}
			}
		},
		"gone with the client": func(t *testing.T, r *rig) {
			if err := destroy(t.Context(), r.Operator, "ACME", true); err != nil {
				t.Fatal(err)
			}
		},
	}
	for name, goes := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, r, s := t.Context(), newRig(t, sandbox.Options{PageSize: 50}), elsewhere(t)
				if err := create(ctx, r.Operator, s); err != nil {
					t.Fatal(err)
				}
				goes(t, r)
				// The run dies as the request takes effect, and the next one knows the request again.
				died := false
				r.account.OnCall(func(c sandbox.Call) sandbox.Fault {
					if died = died || c.Operation == "RequestCertificate"; died {
						return sandbox.Fault{After: errKilled}
					}
					return sandbox.Fault{}
				})
				if err := create(ctx, operator(t, r.account, cloud.Config{}), s); err == nil {
					t.Error("the run did not die")
				}
				r.revive()
				if err := create(ctx, operator(t, r.account, cloud.Config{}), s); err != nil {
					t.Fatal(err)
				}
				if got := slices.Sorted(slices.Values(r.certified(t))); !slices.Equal(got, []string{"preview.elsewhere.example", "www.elsewhere.example"}) {
					t.Errorf("certificates of %v", got)
				}
				r.account.Forget()
				if err := create(ctx, r.Operator, s); err != nil || r.changes() > 0 {
					t.Errorf("the run after: %d changes, %v", r.changes(), err)
				}
			})
		})
	}
}

// What AWS refuses is told with its reason, and not asked for again in each run.
func TestARefusedCertificateIsToldAndNotAskedForAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r, s := t.Context(), newRig(t, sandbox.Options{PageSize: 50}), elsewhere(t)
		const domain = "www.elsewhere.example"
		refuse := func(reason acmtypes.FailureReason) {
			if err := r.account.Refuse(domain, reason); err != nil {
				t.Fatal(err)
			}
		}
		refuse(acmtypes.FailureReasonCaaError)
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		told := func() *provision.Change {
			for _, c := range plan(ctx, t, r.Operator, s).Changes() {
				if c.Kind == "acm/certificate" && c.Role == domain {
					return &c
				}
			}
			return nil
		}
		if c := told(); c == nil || c.Op != provision.OpLater || !strings.Contains(c.Why, "CAA_ERROR") || !strings.Contains(c.Why, "amazon.com") {
			t.Fatalf("the plan says %v", c)
		}
		r.account.Forget()
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		if n := r.changes(); n > 0 {
			t.Errorf("the next run makes %d changes", n)
		}
		held := plan(ctx, t, r.Operator, s).Held()
		if !slices.ContainsFunc(held, func(h provision.Held) bool {
			return slices.Contains(h.Facts, provision.Fact{Name: "refused", Value: "CAA_ERROR"})
		}) {
			t.Error("client show does not tell of it")
		}

		// A day later it is asked for again, and what was refused goes.
		refuse("")
		time.Sleep(24 * time.Hour)
		if err := create(ctx, r.Operator, s); err != nil {
			t.Fatal(err)
		}
		if c := told(); c != nil {
			t.Errorf("after a day the plan says %s", line(*c))
		}
		if got := slices.Sorted(slices.Values(r.certified(t))); !slices.Equal(got, []string{"preview.elsewhere.example", domain}) {
			t.Errorf("certificates of %v", got)
		}
	})
}
