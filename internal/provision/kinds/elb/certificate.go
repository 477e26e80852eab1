package elb

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
	acmkinds "gitlab.com/cicd/cicdctl/internal/provision/kinds/acm"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// certificate is one of AWS Certificate Manager, with the DNS record by which AWS
// sees that whoever asks for it has the domain. AWS renews it by the same record.
type certificate struct {
	acmtypes.CertificateDetail
	tags     provision.Tags
	zone     string    // ID of the hosted zone of ours that the domain is in; empty without one
	recorded bool      // the record is there
	seen     time.Time // when AWS was asked
}

const (
	// issueWait is how long a run waits for AWS to say which record it wants, and to issue a
	// certificate whose record is in place: "some minutes" (ACM user guide, "DNS validation").
	// What takes longer is for a later run.
	issueWait = 10 * time.Minute
	// renewalDays is how long before its end a certificate is renewed at the latest: AWS
	// begins 45 days before (ACM user guide, "Managed renewal"), Security Hub complains at 30 (ACM.1).
	renewalDays = 30
	// unvalidated is how long a certificate may wait for its record before that is a finding.
	unvalidated = 24 * time.Hour
	// refusedFor is how long a request that AWS has refused is left alone: asking again at once
	// has the same answer, and an account may ask for 5,000 certificates a year only (ACM quotas).
	refusedFor = 24 * time.Hour
	// indexed is how long AWS's tagging service may take to hear of a certificate.
	indexed = time.Hour
)

// spent reports whether the certificate will never be valid, or never again, and another
// may be asked for.
func (c *certificate) spent() bool {
	if c.Status == acmtypes.CertificateStatusFailed {
		return time.Since(aws.ToTime(c.CreatedAt)) >= refusedFor
	}
	return slices.Contains([]acmtypes.CertificateStatus{
		acmtypes.CertificateStatusValidationTimedOut, acmtypes.CertificateStatusExpired, acmtypes.CertificateStatusRevoked,
	}, c.Status)
}

func (c *certificate) ARN() string                 { return aws.ToString(c.CertificateArn) }
func (c *certificate) SetTags(tags provision.Tags) { c.tags = tags }
func (c *certificate) Likely() bool                { return time.Since(aws.ToTime(c.CreatedAt)) < indexed }

// CertificateKind is one certificate for each domain. The record that AWS wants to see
// is put where the domain's hosted zone carries cicdctl's tags; otherwise it is told,
// and nothing waits for it: HTTPS comes with a later run.
func CertificateKind() *provision.Type {
	return provision.Define(provision.Kind[string, *certificate]{
		Name:      "acm/certificate",
		ARN:       "acm:certificate/",
		Levels:    provision.ClientLevel,
		Billing:   provision.Billing[string, *certificate]{Free: freeCertificate},
		Impact:    provision.Impact[*certificate]{Losses: certificateLosses, Word: func(domain provision.Role) string { return domain }},
		DependsOn: provision.Existing("ec2/subnet"), // by which requests are told apart
		Timing:    provision.Timing{Timeout: issueWait + 5*time.Minute},
		Want: func(s *provision.Scope) map[provision.Role]string {
			return kit.ByRole(rules.Domains(s.Spec), func(domain string) provision.Role { return domain })
		},
		Naming:  provision.Naming[string, *certificate]{Title: func(_ *provision.Scope, _ provision.Role, domain string) string { return domain }},
		List:    listCertificates,
		Removal: provision.Removal[*certificate]{Refused: refusesCertificate},
		ID:      (*certificate).ARN,
		Tags:    func(c *certificate) provision.Tags { return c.tags },
		State: func(c *certificate) provision.State {
			fresh := c.Status == acmtypes.CertificateStatusPendingValidation && c.seen.Sub(aws.ToTime(c.CreatedAt)) < issueWait
			if fresh && (c.validation() == nil || c.recorded) {
				return provision.Pending // AWS is to say which record it wants, or to see it
			}
			return provision.Available
		},
		InUse:    func(c *certificate) bool { return c.Status == acmtypes.CertificateStatusIssued },
		Defunct:  (*certificate).spent,
		Unusable: (*certificate).refused,
		Data: provision.Data[*certificate]{
			KeepReason: func(_ *provision.Scope, c *certificate) string {
				if c.spent() && len(c.InUseBy) > 0 {
					return "the load balancer has it until there is another"
				}
				return ""
			},
		},
		Create: requestCertificate,
		// Its record stays: by the same one AWS renews all certificates of the domain, those
		// of other regions and of other tools too.
		Delete: func(ctx context.Context, s *provision.Step, c *certificate) error {
			return kit.Do(ctx, s.API.ACM.DeleteCertificate, &acm.DeleteCertificateInput{CertificateArn: c.CertificateArn})
		},
		Retag: func(ctx context.Context, s *provision.Step, c *certificate, tags provision.Tags) error {
			return kit.Do(ctx, s.API.ACM.AddTagsToCertificate, &acm.AddTagsToCertificateInput{CertificateArn: c.CertificateArn, Tags: acmkinds.Tags.To(tags)})
		},
		Untag: func(ctx context.Context, s *provision.Step, c *certificate, keys []string) error {
			return kit.Do(ctx, s.API.ACM.RemoveTagsFromCertificate, &acm.RemoveTagsFromCertificateInput{CertificateArn: c.CertificateArn, Tags: acmkinds.Keys(keys)})
		},
		Facts: func(c *certificate) []provision.Fact {
			facts := []provision.Fact{{Name: "domain", Value: aws.ToString(c.DomainName)}, {Name: "refused", Value: string(c.FailureReason)}}
			if r := c.validation(); c.Status == acmtypes.CertificateStatusPendingValidation && r != nil {
				name := FactDNSRecord
				if c.recorded {
					name = FactUnseenRecord
				}
				facts = append(facts, provision.Fact{Name: name, Value: fmt.Sprintf("%s %s %s", aws.ToString(r.Name), r.Type, aws.ToString(r.Value))})
			}
			return facts
		},
		Fields: []provision.Field[string, *certificate]{
			{
				Name: "DNS record",
				Want: func(*provision.Step, string) string { return inPlace },
				Have: func(c *certificate) string {
					switch {
					case c.zone == "":
						return provision.Keep // in a zone of others, where cicdctl does not look
					case !c.recorded:
						return ""
					default:
						return inPlace
					}
				},
				Set: func(ctx context.Context, s *provision.Step, _ string, c *certificate) error {
					return c.validate(ctx, s)
				},
			},
			{
				Name: "validity", // for who judges; AWS and the owner of the domain see to it
				Want: func(*provision.Step, string) string { return provision.Keep },
				Have: (*certificate).validity,
			},
		},
	})
}

// Facts that tell which record AWS waits for: one to be put, and one that is in its hosted
// zone and that AWS does not see.
const (
	FactDNSRecord    = "waits for DNS record"
	FactUnseenRecord = "waits until AWS sees DNS record"
)

const inPlace = "in its hosted zone"

// issuedFor are the ARNs of the certificates of those of the domains that have one, in
// the order of the domains.
func issuedFor(s *provision.Step, domains []string) []string {
	var arns []string
	for _, domain := range domains {
		if c, ok := provision.Lookup[*certificate](s, "acm/certificate", domain); ok && c.Status == acmtypes.CertificateStatusIssued {
			arns = append(arns, c.ARN())
		}
	}
	return arns
}

// validity is how the certificate does: what matters of its status, its record and
// its renewal.
func (c *certificate) validity() string {
	end := aws.ToTime(c.NotAfter)
	switch {
	case c.Status == acmtypes.CertificateStatusPendingValidation && c.seen.Sub(aws.ToTime(c.CreatedAt)) > unvalidated:
		return "waits for its DNS record since " + aws.ToTime(c.CreatedAt).Format(time.DateOnly)
	case c.Status == acmtypes.CertificateStatusPendingValidation:
		return "requested"
	case c.Status == acmtypes.CertificateStatusIssued && !end.IsZero() && end.Sub(c.seen) < renewalDays*24*time.Hour:
		return "ends on " + end.Format(time.DateOnly) + " and has not been renewed"
	case c.Status == acmtypes.CertificateStatusIssued:
		return "issued"
	case c.Status == acmtypes.CertificateStatusFailed:
		return strings.TrimSpace(fmt.Sprintf("%s %s", c.Status, c.FailureReason))
	default:
		return string(c.Status)
	}
}

// validation is the record that AWS wants to see; nil while it has not said yet.
func (c *certificate) validation() *acmtypes.ResourceRecord {
	for _, o := range c.DomainValidationOptions {
		if o.ResourceRecord != nil {
			return o.ResourceRecord
		}
	}
	return nil
}
