package acm

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kms"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// imported is a certificate that was made elsewhere. AWS does not renew it.
type imported struct {
	acmtypes.CertificateSummary
	tags    provision.Tags
	verdict string
	ends    time.Time
}

const (
	// renewalDays is how long before its end a certificate is replaced: twice as long as for
	// requested ones, for nobody but a run does it, and Client VPN takes a day to hear of it
	// (administrator guide, "Mutual authentication").
	renewalDays = 60
	// indexed is how long AWS's tagging service may take to hear of a certificate.
	indexed = time.Hour

	inOrder = "signed by the client's authority, valid for 60 days at least"
)

func (c *imported) ARN() string                 { return aws.ToString(c.CertificateArn) }
func (c *imported) SetTags(tags provision.Tags) { c.tags = tags }
func (c *imported) Likely() bool                { return time.Since(aws.ToTime(c.ImportedAt)) < indexed }

// ImportedKind is the certificate of a client's OpenVPN server, signed by the client's own
// authority. Its private key is made here, goes to ACM, and is kept nowhere else.
func ImportedKind() *provision.Type {
	return provision.Define(provision.Kind[string, *imported]{
		Name:          "acm/imported-certificate", // acm/certificate tells of the ARNs of both
		Levels:        provision.ClientLevel,
		Billing:       provision.Billing[string, *imported]{Free: freeImported},
		Impact:        provision.Impact[*imported]{Stateless: true},
		DependsOn:     provision.Ready("kms/key"),
		NotIdempotent: true,
		Want: func(s *provision.Scope) map[provision.Role]string {
			if s.Spec.VPN.OpenVPN == nil {
				return nil
			}
			return map[provision.Role]string{kit.VPNRole: rules.VPNServerName(s.Client)}
		},
		Naming:   provision.Naming[string, *imported]{Title: kit.Title(func(name string) string { return name })},
		List:     listImported,
		Describe: describe,
		ID:       (*imported).ARN,
		Tags:     func(c *imported) provision.Tags { return c.tags },
		InUse:    func(c *imported) bool { return aws.ToBool(c.CertificateSummary.InUse) },
		LostTags: func(_ *provision.Step, name string, other *imported) bool {
			return aws.ToString(other.DomainName) == name
		},
		Create: func(ctx context.Context, s *provision.Step, name string) (*imported, error) {
			arn, err := put(ctx, s, name, nil, s.Tags)
			if err != nil {
				return nil, err
			}
			now := aws.Time(time.Now())
			return &imported{acmtypes.CertificateSummary{CertificateArn: arn, DomainName: &name, ImportedAt: now}, s.Tags, inOrder, time.Time{}}, nil
		},
		Delete: kit.Delete(ofACM, awsapi.ACM.DeleteCertificate, func(c *imported, in *acm.DeleteCertificateInput) { in.CertificateArn = c.CertificateArn }),
		Retag: kit.Retag(ofACM, awsapi.ACM.AddTagsToCertificate, func(c *imported, tags provision.Tags, in *acm.AddTagsToCertificateInput) {
			in.CertificateArn, in.Tags = c.CertificateArn, Tags.To(tags)
		}),
		Untag: kit.Untag(ofACM, awsapi.ACM.RemoveTagsFromCertificate, func(c *imported, keys []string, in *acm.RemoveTagsFromCertificateInput) {
			in.CertificateArn, in.Tags = c.CertificateArn, Keys(keys)
		}),
		Facts: func(c *imported) []provision.Fact {
			if c.ends.IsZero() {
				return nil
			}
			return []provision.Fact{{Name: "valid until", Value: c.ends.Format(time.DateOnly)}}
		},
		Fields: []provision.Field[string, *imported]{
			// Under the same ARN. Sessions begin anew once Client VPN has heard of it.
			kit.Settable("certificate", kit.Const[string](inOrder), func(c *imported) string { return c.verdict }, func(ctx context.Context, s *provision.Step, name string, c *imported) error {
				_, err := put(ctx, s, name, c.CertificateArn, nil)
				return err
			}),
		},
	})
}

func ofACM(s *provision.Step) awsapi.ACM { return s.API.ACM }

// put makes a key and a certificate and imports them: as a new one, or in the place of one
// that is there, which takes no tags.
func put(ctx context.Context, s *provision.Step, name string, arn *string, tags provision.Tags) (*string, error) {
	authority, err := kms.Authority(ctx, s)
	if err != nil {
		return nil, err
	}
	certificate, key, err := authority.Server(name, s.Now, s.NewKey)
	if err != nil {
		return nil, err
	}
	in := &acm.ImportCertificateInput{Certificate: certificate, PrivateKey: key, CertificateChain: authority.PEM(), CertificateArn: arn}
	if arn == nil {
		in.Tags = Tags.To(tags)
	}
	return kit.Get(ctx, s.API.ACM.ImportCertificate, in, func(o *acm.ImportCertificateOutput) *string { return o.CertificateArn })
}

func listImported(ctx context.Context, w *provision.Sweep) ([]*imported, error) {
	all, err := Summaries(ctx, w, true)
	found, err := kit.Map(all, err, func(c acmtypes.CertificateSummary) *imported { return &imported{CertificateSummary: c} })
	if err != nil {
		return nil, err
	}
	return found, kit.ReadTags(ctx, w, found, func(ctx context.Context, c *imported) (provision.Tags, error) {
		return AskTags(ctx, w, c.CertificateArn)
	})
}
