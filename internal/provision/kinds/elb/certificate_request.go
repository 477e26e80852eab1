package elb

import (
	"cmp"
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	acmkinds "gitlab.com/cicd/cicdctl/internal/provision/kinds/acm"
)

const (
	// shownWait is how long AWS may not know of a certificate that it has just made: "a
	// delay of several seconds" (API reference, DescribeCertificate).
	shownWait = 30 * time.Second
	shownPace = 5 * time.Second
	// formerRequests is how many certificates for one domain may have gone within an hour.
	formerRequests = 10
)

// requestCertificate asks for a certificate of a domain. For an hour AWS answers a token
// with the certificate of its first request, even when that has been deleted or refused
// since (RequestCertificate: "ACM recognizes that you are requesting only one
// certificate"). So the token depends on the client's first subnet, which is another one
// when the client is built again, and on the certificates that it stood for in vain: the
// same request is the same after a crash, and another one after its certificate is gone.
func requestCertificate(ctx context.Context, s *provision.Step, domain string) (*certificate, error) {
	zones, err := hostedZones(ctx, s.API.Route53)
	if err != nil {
		return nil, err
	}
	parts := []string{domain, s.ID("ec2/subnet", "a")}
	for range formerRequests {
		out, err := s.API.ACM.RequestCertificate(ctx, &acm.RequestCertificateInput{
			DomainName: &domain, ValidationMethod: acmtypes.ValidationMethodDns, KeyAlgorithm: acmtypes.KeyAlgorithmRsa2048,
			Tags: acmkinds.Tags.To(s.Tags), IdempotencyToken: aws.String(s.Token(parts...)),
		})
		if err != nil {
			return nil, err
		}
		detail, err := shownCertificate(ctx, s.API.ACM, out.CertificateArn)
		if err != nil {
			return nil, err
		}
		c := &certificate{tags: s.Tags, zone: zoneFor(zones, domain, s.Client), seen: time.Now()}
		if detail != nil {
			if c.CertificateDetail = *detail; !c.spent() && c.Status != acmtypes.CertificateStatusFailed {
				return c, nil
			}
		}
		parts = append(parts, aws.ToString(out.CertificateArn))
	}
	return nil, lang.Errorf("AWS has made %d {certificate|certificates} for %s within an hour, and all of them are gone or refused; run again in an hour", formerRequests, domain)
}

// shownCertificate is a certificate that AWS says it has made; nil when it has been
// deleted since.
func shownCertificate(ctx context.Context, api awsapi.ACM, arn *string) (*acmtypes.CertificateDetail, error) {
	for end := time.Now().Add(shownWait); ; {
		out, err := api.DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: arn})
		switch {
		case err == nil:
			return out.Certificate, nil
		case !awsapi.Is(err, awsapi.NotFound):
			return nil, err
		case !time.Now().Before(end):
			return nil, nil
		}
		timer := time.NewTimer(shownPace)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, ctx.Err()
		}
	}
}

// refusals say what helps against AWS's reasons (ACM user guide, "Troubleshooting
// certificate requests").
var refusals = map[acmtypes.FailureReason]string{
	acmtypes.FailureReasonCaaError:                       lang.Text("a CAA record in the domain's DNS lets other authorities issue, but not Amazon: add one for amazon.com, or remove them"),
	acmtypes.FailureReasonAdditionalVerificationRequired: lang.Text("AWS wants to know more about the domain: ask AWS Support"),
	acmtypes.FailureReasonDomainNotAllowed:               lang.Text("the domain is on a list of unsafe ones: have it taken off there, then ask AWS Support"),
	acmtypes.FailureReasonInvalidPublicDomain:            lang.Text("the domain is no public one: check its spelling"),
}

// refused is why AWS does not issue the certificate, and what helps; empty when it has
// not refused, or so long ago that another is asked for.
func (c *certificate) refused() string {
	if c.Status != acmtypes.CertificateStatusFailed || c.spent() {
		return ""
	}
	return lang.Sprintf("AWS refused it: %s: %s; it is asked for again after %s, or in the next run once you have deleted it in Certificate Manager",
		cmp.Or(string(c.FailureReason), lang.Say("no reason given")), lang.Say(cmp.Or(refusals[c.FailureReason], lang.Text("ask AWS Support"))),
		aws.ToTime(c.CreatedAt).Add(refusedFor).UTC().Format("2006-01-02 15:04 UTC"))
}
