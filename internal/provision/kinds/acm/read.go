// Package acm holds the kind of certificates that are imported into AWS Certificate
// Manager, and the list that it shares with that of requested ones.
package acm

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kms"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// Tags are tags as ACM has them.
var Tags = kit.TagCodec[acmtypes.Tag](func(t *acmtypes.Tag) (key, value **string) { return &t.Key, &t.Value })

// Keys are tags that are to go, whatever their values are.
func Keys(keys []string) []acmtypes.Tag {
	out := make([]acmtypes.Tag, len(keys))
	for i := range keys {
		out[i].Key = &keys[i]
	}
	return out
}

// AskTags asks ACM for the tags of a certificate.
func AskTags(ctx context.Context, w *provision.Sweep, arn *string) (provision.Tags, error) {
	in := &acm.ListTagsForCertificateInput{CertificateArn: arn}
	return kit.Get(ctx, w.ACM.ListTagsForCertificate, in, func(o *acm.ListTagsForCertificateOutput) provision.Tags { return Tags.Of(o.Tags) })
}

// Summaries lists the certificates with RSA keys of 2048 bits, as all of cicdctl's have,
// once a sweep: those that were imported, or those that ACM issues.
func Summaries(ctx context.Context, w *provision.Sweep, imported bool) ([]acmtypes.CertificateSummary, error) {
	p := acm.NewListCertificatesPaginator(w.ACM, &acm.ListCertificatesInput{Includes: &acmtypes.Filters{KeyTypes: []acmtypes.KeyAlgorithm{acmtypes.KeyAlgorithmRsa2048}}})
	all, err := kit.Shared(ctx, w, "certificates", p, func(o *acm.ListCertificatesOutput) []acmtypes.CertificateSummary { return o.CertificateSummaryList })
	return kit.Where(all, func(c acmtypes.CertificateSummary) bool {
		return (c.Type == acmtypes.CertificateTypeImported) == imported
	}), err
}

// Pair is a certificate and that of the authority that has signed it. Either is nil when it
// is not there or cannot be read.
type Pair struct{ Certificate, Authority *x509.Certificate }

// Read reads an imported certificate, once a sweep. Nobody is told its private key.
func Read(ctx context.Context, w *provision.Sweep, arn string) (Pair, error) {
	return provision.Shared(w, "certificate "+arn, func() (Pair, error) {
		out, err := w.ACM.GetCertificate(ctx, &acm.GetCertificateInput{CertificateArn: &arn})
		if err != nil {
			return Pair{}, err
		}
		return Pair{parse(out.Certificate), parse(out.CertificateChain)}, nil
	})
}

// parse reads the first certificate of a text; nil for none.
func parse(text *string) *x509.Certificate {
	block, _ := pem.Decode([]byte(aws.ToString(text)))
	if block == nil {
		return nil
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil // as told by the field that compares it
	}
	return c
}

// describe judges the certificate itself, not what ACM says of it.
func describe(ctx context.Context, w *provision.Sweep, c *imported) error {
	read, err := Read(ctx, w, c.ARN())
	if err != nil {
		return err
	}
	client := c.tags[provision.TagClient]
	if read.Certificate == nil || read.Authority == nil {
		c.verdict = "not signed by an authority of its own"
		return nil
	}
	c.ends = read.Certificate.NotAfter
	same, known, err := kms.Signs(ctx, w, client, read.Authority)
	switch {
	case err != nil:
		return err
	case !known:
		c.verdict = provision.Keep
	case !same || read.Certificate.CheckSignatureFrom(read.Authority) != nil:
		c.verdict = "signed by another authority"
	case read.Certificate.VerifyHostname(rules.VPNServerName(client)) != nil:
		c.verdict = "for another name than " + rules.VPNServerName(client)
	case time.Until(c.ends) < renewalDays*24*time.Hour:
		c.verdict = "valid until " + c.ends.Format(time.DateOnly)
	default:
		c.verdict = inOrder
	}
	return nil
}
