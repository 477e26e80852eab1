package sandbox

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"
)

// Limits of certificates (ACM user guide, "Quotas"; RequestCertificate).
const (
	certificateQuota   = 2500
	namesOfCertificate = 10
	firstNameLength    = 64
)

var (
	certificateName  = regexp.MustCompile(`^(\*\.)?([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9][A-Za-z0-9-]{0,61}[A-Za-z0-9]$`)
	certificateToken = regexp.MustCompile(`^\w{1,32}$`)
	requestedKeys    = []types.KeyAlgorithm{types.KeyAlgorithmRsa2048, types.KeyAlgorithmEcPrime256v1, types.KeyAlgorithmEcSecp384r1}
)

func requestCertificate(t *tx, in *acm.RequestCertificateInput) (*acm.RequestCertificateOutput, error) {
	names := certificateNames(in)
	if err := checkCertificateRequest(in, names); err != nil {
		return nil, err
	}
	s, token := t.acm(), aws.ToString(in.IdempotencyToken)
	// For an hour a token stands for one certificate, whatever else is asked for, and even
	// when that is deleted (RequestCertificate; terraform-provider-aws#6666).
	if used, known := s.Tokens[token]; known && t.now.Sub(used.At) < tokenLife {
		return &acm.RequestCertificateOutput{CertificateArn: aws.String(used.ARN)}, nil
	}
	if len(s.Certificates) >= certificateQuota {
		return nil, apiError("LimitExceededException", "Cannot request more certificates in this account. Contact Customer Service for details.")
	}
	arn := t.arn("acm", "certificate/"+t.uuid())
	d := types.CertificateDetail{
		CertificateArn: aws.String(arn), DomainName: aws.String(names[0]), SubjectAlternativeNames: names, CreatedAt: aws.Time(t.now),
		Status: types.CertificateStatusPendingValidation, Type: types.CertificateTypeAmazonIssued, KeyAlgorithm: in.KeyAlgorithm,
		CertificateKeyPairOrigin: types.CertificateKeyPairOriginAwsManaged, Subject: aws.String("CN=" + names[0]), Issuer: aws.String("Amazon"), SignatureAlgorithm: aws.String("SHA256WITHRSA"),
		Options: &types.CertificateOptions{CertificateTransparencyLoggingPreference: types.CertificateTransparencyLoggingPreferenceEnabled, Export: types.CertificateExportDisabled}, //nolint:staticcheck // AWS still answers it
	}
	d.KeyAlgorithm = cmp.Or(d.KeyAlgorithm, types.KeyAlgorithmRsa2048)
	if in.Options != nil && in.Options.Export != "" {
		d.Options.Export = in.Options.Export
	}
	for _, name := range names {
		d.DomainValidationOptions = append(d.DomainValidationOptions, types.DomainValidation{
			DomainName: aws.String(name), ValidationDomain: aws.String(name), ValidationMethod: types.ValidationMethodDns,
			ValidationStatus: types.DomainStatusPendingValidation, ResourceRecord: t.validationRecord(name),
		})
	}
	s.Certificates.add(&row[certificate]{
		V: certificate{Detail: d, Tags: in.Tags}, meta: meta{Lag: t.opts.Lag, Looks: t.opts.Looks},
	})
	if token != "" {
		if s.Tokens == nil {
			s.Tokens = map[string]usedToken{}
		}
		s.Tokens[token] = usedToken{arn, t.now}
	}
	return &acm.RequestCertificateOutput{CertificateArn: aws.String(arn)}, nil
}

// certificateNames are all names of a request, each once, in lower case.
func certificateNames(in *acm.RequestCertificateInput) []string {
	var names []string
	for _, name := range append([]string{aws.ToString(in.DomainName)}, in.SubjectAlternativeNames...) {
		if name = strings.ToLower(name); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func checkCertificateRequest(in *acm.RequestCertificateInput, names []string) error {
	for _, name := range names {
		if len(name) > 253 || !certificateName.MatchString(name) {
			return apiError("ValidationException", "1 validation error detected: Value '%s' at 'domainName' failed to satisfy constraint: Member must satisfy regular expression pattern: %s", name, certificateName)
		}
	}
	switch token := in.IdempotencyToken; {
	case len(names[0]) > firstNameLength:
		return apiError("ValidationException", "The first domain name can be no longer than %d characters.", firstNameLength)
	case len(names) > namesOfCertificate:
		return apiError("LimitExceededException", "Too many domain names: a certificate can have %d.", namesOfCertificate)
	case token != nil && !certificateToken.MatchString(*token):
		return apiError("ValidationException", "1 validation error detected: Value '%s' at 'idempotencyToken' failed to satisfy constraint: Member must satisfy regular expression pattern: \\w+", *token)
	case in.ValidationMethod != types.ValidationMethodDns:
		return apiError("ValidationException", "the sandbox knows validation by DNS only, not %q, which is by mail when it is not given", in.ValidationMethod)
	case in.CertificateAuthorityArn != nil:
		return apiError("InvalidArnException", "the sandbox knows no private certificate authorities")
	case in.KeyAlgorithm != "" && !slices.Contains(requestedKeys, in.KeyAlgorithm):
		return apiError("InvalidParameterException", "The key algorithm %s is for imported certificates only.", in.KeyAlgorithm)
	}
	if err := checkTransparency(in.Options); err != nil {
		return err
	}
	return certificateTags.check(in.Tags)
}

// validationRecord proves that somebody owns a domain: the same for all certificates
// of the account, in all regions, with or without "*.".
func (t *tx) validationRecord(name string) *types.ResourceRecord {
	domain := strings.TrimPrefix(name, "*.")
	digest := func(what string) string {
		sum := sha256.Sum256([]byte(what + t.opts.ID + domain))
		return "_" + hex.EncodeToString(sum[:16])
	}
	return &types.ResourceRecord{
		Name: aws.String(digest("name") + "." + domain + "."), Type: types.RecordTypeCname,
		Value: aws.String(digest("value") + ".mhbtsbpdnt.acm-validations.aws."),
	}
}
