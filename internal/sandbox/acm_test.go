package sandbox

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
)

// certificates is an account with certificates in it.
type certificates struct {
	*testing.T
	account *Account
	factory *awsapi.Factory
	api     *awsapi.Set
}

func newCertificates(t *testing.T, opts Options) *certificates {
	t.Helper()
	account, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	factory, err := awsapi.Load(t.Context(), awsapi.Options{Install: account.Install, Unlimited: true})
	if err != nil {
		t.Fatal(err)
	}
	return &certificates{t, account, factory, factory.Set("eu-west-3")}
}

func asked(domain string) *acm.RequestCertificateInput {
	token := strings.NewReplacer(".", "_", "*", "_").Replace(domain)
	return &acm.RequestCertificateInput{DomainName: &domain, ValidationMethod: acmtypes.ValidationMethodDns, IdempotencyToken: aws.String(token[:min(len(token), 32)])}
}

func (c *certificates) request(domain string) *string {
	c.Helper()
	return must[*acm.RequestCertificateOutput](c.T)(c.api.ACM.RequestCertificate(c.Context(), asked(domain))).CertificateArn
}

func (c *certificates) look(arn *string) *acmtypes.CertificateDetail {
	c.Helper()
	return must[*acm.DescribeCertificateOutput](c.T)(c.api.ACM.DescribeCertificate(c.Context(), &acm.DescribeCertificateInput{CertificateArn: arn})).Certificate
}

// record looks until the certificate tells its record.
func (c *certificates) record(arn *string) *acmtypes.ResourceRecord {
	c.Helper()
	for range 5 {
		if v := c.look(arn).DomainValidationOptions; len(v) > 0 && v[0].ResourceRecord != nil {
			return v[0].ResourceRecord
		}
	}
	c.Fatal("the record never comes")
	return nil
}

// write puts a CNAME into a zone.
func (c *certificates) write(zone, name, value string) {
	c.Helper()
	must[*route53.ChangeResourceRecordSetsOutput](c.T)(c.api.Route53.ChangeResourceRecordSets(c.Context(), changes(zone, types.ChangeActionUpsert, cname(name, value))))
}

func (c *certificates) zone(domain string) string {
	c.Helper()
	return must[string](c.T)(c.account.PutZone(domain, nil))
}

// issued is a certificate that the owner's DNS proves.
func (c *certificates) issued(domain string) *string {
	c.Helper()
	arn := c.request(domain)
	must[[]string](c.T)(c.account.Validate(domain))
	for range 10 {
		if c.look(arn).Status == acmtypes.CertificateStatusIssued {
			return arn
		}
	}
	c.Fatal("it is never issued")
	return nil
}

// serve gives the certificate to a load balancer, by a hand that ACM hears of.
func (c *certificates) serve(arn *string, on bool) {
	c.Helper()
	must[any](c.T)(c.account.byHand(func(t *tx) (any, error) {
		t.region = c.api.Region
		t.elb().Listeners = nil
		if on {
			t.elb().Listeners = append(t.elb().Listeners, &row[elbtypes.Listener]{V: elbtypes.Listener{
				ListenerArn: aws.String("listener"), LoadBalancerArn: aws.String("balancer"), Certificates: []elbtypes.Certificate{{CertificateArn: arn}},
			}})
			t.attached(*arn)
		}
		return nil, nil
	}))
}

func TestCertificateLife(t *testing.T) {
	t.Parallel()
	const domain = "shop.acme.example"
	tests := map[string]struct {
		story func(c *certificates, arn *string)
		want  acmtypes.CertificateStatus
	}{
		"nobody has the record": {func(*certificates, *string) {}, acmtypes.CertificateStatusPendingValidation},
		"its zone has the record": {func(c *certificates, arn *string) {
			r := c.record(arn)
			c.write(c.zone("acme.example"), *r.Name, *r.Value)
		}, acmtypes.CertificateStatusIssued},
		"a zone above its own has the record": {func(c *certificates, arn *string) {
			r := c.record(arn)
			c.zone(domain)
			c.write(c.zone("acme.example"), *r.Name, *r.Value)
		}, acmtypes.CertificateStatusPendingValidation},
		"the record has another value": {func(c *certificates, arn *string) {
			c.write(c.zone("acme.example"), *c.record(arn).Name, "elsewhere.acm-validations.aws.")
		}, acmtypes.CertificateStatusPendingValidation},
		"its owner's DNS has the record": {func(c *certificates, _ *string) {
			must[[]string](c.T)(c.account.Validate(domain))
		}, acmtypes.CertificateStatusIssued},
		"three days without the record": {func(c *certificates, _ *string) {
			time.Sleep(validationTime)
			must[[]string](c.T)(c.account.Validate(domain))
		}, acmtypes.CertificateStatusValidationTimedOut},
		"half a year in use": {func(c *certificates, arn *string) {
			c.serve(c.issued(domain), true)
			time.Sleep(certificateLife - renewalTime + time.Hour)
			c.look(arn) // is renewed
			time.Sleep(2 * renewalTime)
		}, acmtypes.CertificateStatusIssued},
		"half a year unused": {func(c *certificates, _ *string) {
			c.issued(domain)
			time.Sleep(certificateLife)
		}, acmtypes.CertificateStatusExpired},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newCertificates(t, Options{})
				arn := c.request(domain)
				test.story(c, arn)
				for range 8 {
					c.look(arn)
				}
				if got := c.look(arn).Status; got != test.want {
					t.Errorf("%s, want %s", got, test.want)
				}
			})
		})
	}
}

func TestCertificateComesSlowly(t *testing.T) {
	t.Parallel()
	c := newCertificates(t, Options{})
	arn := c.request("shop.acme.example")
	if got := c.look(arn).DomainValidationOptions; got != nil {
		t.Errorf("the first look shows %v", got)
	}
	if got := c.look(arn).DomainValidationOptions; len(got) != 1 || got[0].ResourceRecord != nil {
		t.Errorf("the second look shows %v", got)
	}
	record := c.record(arn)
	if !strings.HasSuffix(*record.Name, ".shop.acme.example.") || !strings.HasSuffix(*record.Value, ".acm-validations.aws.") {
		t.Errorf("the record is %s for %s", *record.Value, *record.Name)
	}
	c.write(c.zone("acme.example"), *record.Name, *record.Value)
	for range 2 {
		if got := c.look(arn); got.Status != acmtypes.CertificateStatusPendingValidation {
			t.Errorf("it is %s before its time", got.Status)
		}
	}
	done := c.look(arn)
	if done.Status != acmtypes.CertificateStatusIssued || done.NotAfter.Sub(*done.NotBefore) != certificateLife-time.Second || done.DomainValidationOptions[0].ValidationStatus != acmtypes.DomainStatusSuccess {
		t.Errorf("it is %s, valid from %v to %v", done.Status, done.NotBefore, done.NotAfter)
	}

	other := c.factory.Set("eu-west-1")
	second := must[*acm.RequestCertificateOutput](t)(other.ACM.RequestCertificate(t.Context(), asked("*.shop.acme.example"))).CertificateArn
	for range 2 {
		must[*acm.DescribeCertificateOutput](t)(other.ACM.DescribeCertificate(t.Context(), &acm.DescribeCertificateInput{CertificateArn: second}))
	}
	told := must[*acm.DescribeCertificateOutput](t)(other.ACM.DescribeCertificate(t.Context(), &acm.DescribeCertificateInput{CertificateArn: second})).Certificate
	if got := told.DomainValidationOptions[0].ResourceRecord; *got.Name != *record.Name || *got.Value != *record.Value {
		t.Errorf("the wildcard's record elsewhere is %s for %s", *got.Value, *got.Name)
	}
}

func TestRequestIsKnownAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCertificates(t, Options{})
		first := *c.request("shop.acme.example")
		if again := *c.request("shop.acme.example"); again != first {
			t.Error("the same request with the same token made a second certificate")
		}
		other := asked("www.acme.example")
		other.IdempotencyToken = asked("shop.acme.example").IdempotencyToken
		if other := must[*acm.RequestCertificateOutput](t)(c.api.ACM.RequestCertificate(t.Context(), other)); *other.CertificateArn != first {
			t.Error("another request with the same token made a second certificate")
		}
		must[*acm.DeleteCertificateOutput](t)(c.api.ACM.DeleteCertificate(t.Context(), &acm.DeleteCertificateInput{CertificateArn: &first}))
		if again := *c.request("shop.acme.example"); again != first {
			t.Error("the token has forgotten its certificate, which was deleted")
		}
		time.Sleep(tokenLife)
		if later := *c.request("shop.acme.example"); later == first {
			t.Error("the token is known after an hour")
		}
	})
}

// ACM hears late that a listener is gone, and lists tell of a certificate that is.
func TestCertificateGoesSlowly(t *testing.T) {
	t.Parallel()
	c := newCertificates(t, Options{})
	arn := c.issued("shop.acme.example")
	c.serve(arn, true)
	if got := c.look(arn); len(got.InUseBy) != 1 || got.RenewalEligibility != acmtypes.RenewalEligibilityEligible {
		t.Errorf("in use by %v, renewal: %s", got.InUseBy, got.RenewalEligibility)
	}
	c.serve(arn, false)
	remove := func() string {
		_, err := c.api.ACM.DeleteCertificate(t.Context(), &acm.DeleteCertificateInput{CertificateArn: arn})
		return awsapi.Code(err)
	}
	for _, want := range []string{"ResourceInUseException", "ResourceInUseException", "", "ResourceNotFoundException"} {
		if got := remove(); got != want {
			t.Errorf("delete: %q, want %q", got, want)
		}
	}
	for _, want := range []int{1, 0} {
		if got := len(c.list(nil)); got != want {
			t.Errorf("a list after the deletion has %d certificates, want %d", got, want)
		}
	}
}

// list reads all pages.
func (c *certificates) list(includes *acmtypes.Filters) []acmtypes.CertificateSummary {
	c.Helper()
	var out []acmtypes.CertificateSummary
	for pages := acm.NewListCertificatesPaginator(c.api.ACM, &acm.ListCertificatesInput{Includes: includes}); pages.HasMorePages(); {
		out = append(out, must[*acm.ListCertificatesOutput](c.T)(pages.NextPage(c.Context())).CertificateSummaryList...)
	}
	return out
}

func TestListsLeaveCertificatesOut(t *testing.T) {
	t.Parallel()
	c := newCertificates(t, Options{})
	c.request("shop.acme.example")
	if got := c.list(nil); len(got) != 0 {
		t.Errorf("the first list has %d certificates, want none yet", len(got))
	}
	curve := asked("curve.acme.example")
	curve.KeyAlgorithm = acmtypes.KeyAlgorithmEcPrime256v1
	must[*acm.RequestCertificateOutput](t)(c.api.ACM.RequestCertificate(t.Context(), curve))
	c.list(nil)
	if got := c.list(nil); len(got) != 1 || *got[0].DomainName != "shop.acme.example" || got[0].Status != acmtypes.CertificateStatusPendingValidation || *got[0].InUse {
		t.Errorf("a list without a filter has %v", got)
	}
	if got := c.list(&acmtypes.Filters{KeyTypes: []acmtypes.KeyAlgorithm{acmtypes.KeyAlgorithmRsa2048, acmtypes.KeyAlgorithmEcPrime256v1}}); len(got) != 2 {
		t.Errorf("a list of all keys has %d certificates", len(got))
	}
}

func TestCertificateRefusals(t *testing.T) {
	t.Parallel()
	c := newCertificates(t, Options{Looks: -1})
	arn := c.request("shop.acme.example")
	long := strings.Repeat("a", 53) + ".acme.example" // 66 characters
	request := func(change func(*acm.RequestCertificateInput)) func() error {
		return func() error {
			in := asked("shop.acme.example")
			change(in)
			_, err := c.api.ACM.RequestCertificate(t.Context(), in)
			return err
		}
	}
	tests := map[string]refusal{
		"a name that is no domain":        {request(func(in *acm.RequestCertificateInput) { in.DomainName = aws.String("shop_1.acme.example") }), "ValidationException"},
		"a first name of 66 characters":   {request(func(in *acm.RequestCertificateInput) { in.DomainName = &long }), "ValidationException"},
		"a token with a hyphen":           {request(func(in *acm.RequestCertificateInput) { in.IdempotencyToken = aws.String("acme-shop") }), "ValidationException"},
		"a token of 33 characters":        {request(func(in *acm.RequestCertificateInput) { in.IdempotencyToken = aws.String(strings.Repeat("x", 33)) }), "ValidationException"},
		"no validation method":            {request(func(in *acm.RequestCertificateInput) { in.ValidationMethod = "" }), "ValidationException"},
		"a key that is only for imports":  {request(func(in *acm.RequestCertificateInput) { in.KeyAlgorithm = acmtypes.KeyAlgorithmRsa4096 }), "InvalidParameterException"},
		"a tag that AWS keeps for itself": {request(func(in *acm.RequestCertificateInput) { in.Tags = []acmtypes.Tag{{Key: aws.String("aws:x")}} }), "InvalidTagException"},
		"an ARN of another region": {func() error {
			_, err := c.factory.Set("eu-west-1").ACM.DescribeCertificate(t.Context(), &acm.DescribeCertificateInput{CertificateArn: arn})
			return err
		}, "ResourceNotFoundException"},
		"an ARN of something else": {func() error {
			_, err := c.api.ACM.DeleteCertificate(t.Context(), &acm.DeleteCertificateInput{CertificateArn: aws.String("arn:aws:iam::123456789012:role/x")})
			return err
		}, "InvalidArnException"},
		"a sort without an order": {func() error {
			_, err := c.api.ACM.ListCertificates(t.Context(), &acm.ListCertificatesInput{SortBy: acmtypes.SortByCreatedAt})
			return err
		}, "ValidationException"},
		"51 tags in all": {func() error {
			in := &acm.AddTagsToCertificateInput{CertificateArn: arn}
			for n := range 51 {
				in.Tags = append(in.Tags, acmtypes.Tag{Key: aws.String(strings.Repeat("k", n+1))})
			}
			_, err := c.api.ACM.AddTagsToCertificate(t.Context(), in)
			return err
		}, "TooManyTagsException"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := awsapi.Code(test.call()); got != test.want {
				t.Errorf("code %q, want %q", got, test.want)
			}
		})
	}
}
