package elb

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/smithy-go"

	"gitlab.com/cicd/cicdctl/internal/provision"
	acmkinds "gitlab.com/cicd/cicdctl/internal/provision/kinds/acm"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
)

// Reading certificates, and the DNS records by which AWS validates them.

// listCertificates lists those that ACM issues.
func listCertificates(ctx context.Context, w *provision.Sweep) ([]*certificate, error) {
	all, err := acmkinds.Summaries(ctx, w, false)
	found, err := kit.Map(all, err, func(c acmtypes.CertificateSummary) *certificate {
		return &certificate{CertificateDetail: acmtypes.CertificateDetail{CertificateArn: c.CertificateArn, DomainName: c.DomainName, Status: c.Status, CreatedAt: c.CreatedAt}}
	})
	if err == nil {
		err = kit.ReadTags(ctx, w, found, func(ctx context.Context, c *certificate) (provision.Tags, error) {
			return acmkinds.AskTags(ctx, w, c.CertificateArn)
		})
	}
	if err != nil {
		return nil, err
	}
	return kit.Present(ctx, found, func(ctx context.Context, c *certificate) error {
		if !concerns(w, c.tags) {
			return nil
		}
		return c.describe(ctx, w)
	})
}

// describe reads what lists leave out, and whether its record is there where the zone is ours.
func (c *certificate) describe(ctx context.Context, w *provision.Sweep) error {
	zones, err := provision.Shared(w, "hosted zones", func() ([]hostedZone, error) { return hostedZones(ctx, w.Route53) })
	if err != nil {
		return err
	}
	out, err := w.ACM.DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: c.CertificateArn})
	if err != nil {
		return err
	}
	c.CertificateDetail, c.seen = *out.Certificate, time.Now()
	c.zone = zoneFor(zones, aws.ToString(c.DomainName), c.tags[provision.TagClient])
	want := c.validation()
	if c.zone == "" || want == nil {
		return nil
	}
	c.recorded, err = findRecord(ctx, w.Route53, c.zone, want)
	return err
}

// validate puts the record that AWS wants to see into the domain's zone. AWS says which
// some seconds after the certificate was requested. Listeners and their rules look at the
// certificate meanwhile, so that nothing is noted in it.
func (c *certificate) validate(ctx context.Context, s *provision.Step) error {
	want := c.validation()
	if want == nil {
		out, err := s.API.ACM.DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: c.CertificateArn})
		if err != nil {
			return err
		}
		want = (&certificate{CertificateDetail: *out.Certificate}).validation()
	}
	if want == nil {
		return &smithy.GenericAPIError{Code: "RequestInProgressException", Message: "AWS has not said yet which DNS record it wants to see"}
	}
	there, err := findRecord(ctx, s.API.Route53, c.zone, want)
	if err != nil {
		return err
	}
	if there {
		return nil
	}
	return putRecord(ctx, s.API.Route53, c.zone, want)
}
