package elb

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
)

// forgetful knows of a certificate after some questions.
type forgetful struct {
	awsapi.ACM
	unknown int
}

func (f *forgetful) DescribeCertificate(_ context.Context, in *acm.DescribeCertificateInput, _ ...func(*acm.Options)) (*acm.DescribeCertificateOutput, error) {
	if f.unknown--; f.unknown >= 0 {
		return nil, &acmtypes.ResourceNotFoundException{Message: aws.String("Could not find certificate")}
	}
	return &acm.DescribeCertificateOutput{Certificate: &acmtypes.CertificateDetail{CertificateArn: in.CertificateArn}}, nil
}

// AWS takes seconds to know of a certificate that it has just made: it is not taken for
// one that is gone, and no other one is asked for.
func TestACertificateThatIsNotKnownYetIsWaitedFor(t *testing.T) {
	for name, c := range map[string]struct {
		unknown int
		there   bool
	}{"at once": {0, true}, "after some seconds": {3, true}, "never": {1000, false}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got, err := shownCertificate(t.Context(), &forgetful{unknown: c.unknown}, aws.String("arn"))
				if err != nil || (got != nil) != c.there {
					t.Errorf("%v, %v, want a certificate: %v", got, err, c.there)
				}
			})
		})
	}
}
