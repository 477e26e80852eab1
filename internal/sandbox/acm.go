package sandbox

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// acmState is Certificate Manager in one region, in the order of the requests.
type acmState struct {
	Certificates table[row[certificate]]
	Tokens       map[string]usedToken `json:",omitempty"`
}

// usedToken is what a token of RequestCertificate stands for.
type usedToken struct {
	ARN string
	At  time.Time
}

// certificate is what was requested and how far it is.
type certificate struct {
	Detail types.CertificateDetail // as DescribeCertificate tells it, without who uses it
	Tags   []types.Tag
	Told   bool // the records that prove the domains are known
	Found  bool // and they were found
	// Users are the load balancers that ACM knows of. It hears late that one has left:
	// after Leaving more looks.
	Users   []string
	Leaving int `json:",omitempty"`
	// Unheard is how often load balancers still say that it was not issued.
	Unheard int  `json:",omitempty"`
	Deleted bool `json:",omitempty"` // only lists still tell of it
	// PEM and Chain are the text of an imported one. Its key nobody gets to see.
	PEM   string `json:",omitempty"`
	Chain string `json:",omitempty"`
}

func certificateARN(c *certificate) *string { return c.Detail.CertificateArn }

func (t *tx) acm() *acmState { return in(&t.ACM, t.region) }

// certificate finds one by its ARN.
func (t *tx) certificate(arn *string) (*row[certificate], error) {
	if !strings.HasPrefix(aws.ToString(arn), "arn:aws:acm:") {
		return nil, apiError("InvalidArnException", "%s is not a valid ARN.", aws.ToString(arn))
	}
	r := find(t.acm().Certificates, *arn, certificateARN)
	if r == nil || r.V.Deleted {
		return nil, apiError("ResourceNotFoundException", "Could not find certificate %s.", *arn)
	}
	return r, nil
}

func registerACM(a *Account) {
	certificates := on(a, acm.ServiceID, (*tx).certificate)
	op(a, acm.ServiceID, requestCertificate)
	registerImport(a)
	op(a, acm.ServiceID, func(t *tx, in *acm.ListCertificatesInput) (*acm.ListCertificatesOutput, error) {
		if (in.SortBy == "") != (in.SortOrder == "") {
			return nil, apiError("ValidationException", "If you specify SortBy, you must also specify SortOrder.")
		}
		if in.MaxItems != nil && (*in.MaxItems < 1 || *in.MaxItems > 1000) {
			return nil, apiError("ValidationException", "1 validation error detected: Value '%d' at 'maxItems' failed to satisfy constraint: Member must have value between 1 and 1000", *in.MaxItems)
		}
		s := t.acm()
		if !t.more {
			s.Certificates.dropAll(func(r *row[certificate]) bool { return r.V.Deleted && r.Lag <= 0 })
		}
		keys := listedKeys
		if in.Includes != nil && len(in.Includes.KeyTypes) > 0 {
			keys = in.Includes.KeyTypes
		}
		var all []types.CertificateSummary
		for _, r := range s.Certificates {
			if !t.more {
				t.settleCertificate(&r.V)
			}
			if late := t.late(&r.meta); late != r.V.Deleted {
				continue // new, and not heard of yet; or told of for the last time
			}
			d := r.V.Detail
			if !slices.Contains(keys, d.KeyAlgorithm) || len(in.CertificateStatuses) > 0 && !slices.Contains(in.CertificateStatuses, d.Status) {
				continue
			}
			all = append(all, certificateSummary(r.V))
		}
		part, next, err := page(t, all, in.NextToken)
		return &acm.ListCertificatesOutput{CertificateSummaryList: part, NextToken: next}, err
	})
	opOn(certificates, func(in *acm.DescribeCertificateInput) *string { return in.CertificateArn }, func(t *tx, r *row[certificate], _ *acm.DescribeCertificateInput) (*acm.DescribeCertificateOutput, error) {
		t.settleCertificate(&r.V)
		t.lookAt(r)
		return &acm.DescribeCertificateOutput{Certificate: t.certificateDetail(r)}, nil
	})
	opChange[acm.DeleteCertificateOutput](certificates, func(in *acm.DeleteCertificateInput) *string { return in.CertificateArn }, func(t *tx, r *row[certificate], in *acm.DeleteCertificateInput) error {
		if t.hearOf(&r.V); len(r.V.Users) > 0 {
			return apiError("ResourceInUseException", "Certificate %s in account %s is in use.", *in.CertificateArn, t.opts.ID)
		}
		// A list may tell of it for a while ("eventually consistent", DeleteCertificate).
		r.V.Deleted, r.Lag = true, t.opts.Lag
		return nil
	})
	tags := tagsOn(certificates, certificateTags, func(r *row[certificate]) *[]types.Tag { return &r.V.Tags })
	opListTags(tags, func(in *acm.ListTagsForCertificateInput) *string { return in.CertificateArn }, func(out *acm.ListTagsForCertificateOutput, tags []types.Tag) { out.Tags = tags })
	opTag[acm.AddTagsToCertificateOutput](tags, func(in *acm.AddTagsToCertificateInput) (*string, []types.Tag) { return in.CertificateArn, in.Tags })
	opUntag[acm.RemoveTagsFromCertificateOutput](tags, func(in *acm.RemoveTagsFromCertificateInput) (*string, []string) {
		return in.CertificateArn, each(in.Tags, func(tag types.Tag) string { return aws.ToString(tag.Key) })
	})
	tagged(a, acm.ServiceID, certificateTags, func(t *tx) []*row[certificate] { return t.acm().Certificates }, func(_ *tx, r *row[certificate]) (string, []types.Tag) {
		if r.V.Deleted {
			return "", nil
		}
		return *r.V.Detail.CertificateArn, r.V.Tags
	})
}

var certificateTags = tagList[types.Tag]{
	parts: func(tag types.Tag) (*string, *string) { return tag.Key, tag.Value },
	tagRules: refuses(anyTagFault, func(key string) error {
		return apiError("InvalidTagException", "The tag key %q or its value is not valid.", key)
	}).upTo(50, apiError("TooManyTagsException", "A certificate can have no more than 50 tags.")).ofAll(),
}

func checkTransparency(o *types.CertificateOptions) error {
	//nolint:staticcheck // a certificate that asks for what AWS no longer offers
	if o != nil && o.CertificateTransparencyLoggingPreference == types.CertificateTransparencyLoggingPreferenceDisabled {
		return apiError("ValidationException", "Certificate transparency logging opt-out is no longer available.")
	}
	return nil
}

// listedKeys are the algorithms that a list tells of unless it is asked for others.
var listedKeys = []types.KeyAlgorithm{types.KeyAlgorithmRsa1024, types.KeyAlgorithmRsa2048}

func certificateSummary(c certificate) types.CertificateSummary {
	d := c.Detail
	return types.CertificateSummary{
		CertificateArn: d.CertificateArn, DomainName: d.DomainName, CreatedAt: d.CreatedAt, Status: d.Status, Type: d.Type, ImportedAt: d.ImportedAt,
		KeyAlgorithm: d.KeyAlgorithm, IssuedAt: d.IssuedAt, NotBefore: d.NotBefore, NotAfter: d.NotAfter, CertificateKeyPairOrigin: d.CertificateKeyPairOrigin,
		SubjectAlternativeNameSummaries: d.SubjectAlternativeNames, HasAdditionalSubjectAlternativeNames: aws.Bool(false),
		ExportOption: d.Options.Export, Exported: aws.Bool(false), InUse: aws.Bool(len(c.Users) > 0), RenewalEligibility: eligibility(c),
	}
}

// eligibility is for renewal: ACM renews what it has issued and what is in use.
func eligibility(c certificate) types.RenewalEligibility {
	if len(c.Users) > 0 && c.Detail.Type == types.CertificateTypeAmazonIssued {
		return types.RenewalEligibilityEligible
	}
	return types.RenewalEligibilityIneligible
}

// certificateDetail is what a look shows. The records come late: first there are no
// domains at all, then domains without records.
func (t *tx) certificateDetail(r *row[certificate]) *types.CertificateDetail {
	d := clone(r.V.Detail)
	d.InUseBy, d.RenewalEligibility = slices.Clone(r.V.Users), eligibility(r.V)
	switch {
	case r.V.Told:
	case r.Looks >= t.opts.Looks-1:
		d.DomainValidationOptions = nil
	default:
		for i := range d.DomainValidationOptions {
			d.DomainValidationOptions[i].ResourceRecord = nil
		}
	}
	return &d
}

// tokenLife is how long ACM knows a request again (RequestCertificate).
const tokenLife = time.Hour

// Times of certificates (ACM user guide, "DNS validation" and "Managed certificate
// renewal"; 198 days since February 2026).
const (
	validationTime  = 72 * time.Hour
	certificateLife = 198 * 24 * time.Hour
	renewalTime     = 45 * 24 * time.Hour // before the end
)

// lookAt lets a certificate that waits come one look further: to its records, and
// once those are found to its issue.
func (t *tx) lookAt(r *row[certificate]) {
	c := &r.V
	if c.Detail.Status != types.CertificateStatusPendingValidation {
		return
	}
	if !c.Told && r.wait() {
		return
	}
	c.Told = true
	if reason := t.Route53.use().Refused[*c.Detail.DomainName]; reason != "" {
		c.Detail.Status, c.Detail.FailureReason = types.CertificateStatusFailed, types.FailureReason(reason)
		return
	}
	switch {
	case !t.proved(c):
		c.Found = false
		return
	case !c.Found:
		c.Found, r.Looks = true, t.opts.Looks
	}
	if r.wait() {
		return
	}
	c.Detail.Status, c.Detail.IssuedAt, c.Unheard = types.CertificateStatusIssued, aws.Time(t.now), t.opts.Lag
	t.sign(c)
}

// sign makes the certificate valid from today on.
func (t *tx) sign(c *certificate) {
	t.Seq++
	day := t.now.Truncate(24 * time.Hour)
	c.Detail.Serial = aws.String(fmt.Sprintf("0a:%02x:%02x:%02x:%02x", byte(t.Seq>>24), byte(t.Seq>>16), byte(t.Seq>>8), byte(t.Seq)))
	c.Detail.NotBefore, c.Detail.NotAfter = aws.Time(day), aws.Time(day.Add(certificateLife-time.Second))
}

// settleCertificate lets time do its part: a request times out, a certificate that is
// in use is renewed while its records stand, and one that was not expires.
func (t *tx) settleCertificate(c *certificate) {
	t.hearOf(c)
	switch d := &c.Detail; d.Status {
	case types.CertificateStatusPendingValidation:
		if t.now.Sub(*d.CreatedAt) >= validationTime {
			d.Status, c.Told = types.CertificateStatusValidationTimedOut, true
			for i := range d.DomainValidationOptions {
				d.DomainValidationOptions[i].ValidationStatus = types.DomainStatusFailed
			}
		}
	case types.CertificateStatusIssued:
		if d.Type == types.CertificateTypeAmazonIssued && len(c.Users) > 0 && t.now.After(d.NotAfter.Add(-renewalTime)) {
			t.renew(c)
		}
		if t.now.After(*d.NotAfter) {
			d.Status = types.CertificateStatusExpired
		}
	}
}

func (t *tx) renew(c *certificate) {
	status := types.RenewalStatusPendingValidation
	if t.proved(c) {
		status = types.RenewalStatusSuccess
		t.sign(c)
	}
	c.Detail.RenewalSummary = &types.RenewalSummary{RenewalStatus: status, UpdatedAt: aws.Time(t.now), DomainValidationOptions: slices.Clone(c.Detail.DomainValidationOptions)}
}

// proved looks for the records of all domains, and notes which were found.
func (t *tx) proved(c *certificate) bool {
	all := true
	for i := range c.Detail.DomainValidationOptions {
		v := &c.Detail.DomainValidationOptions[i]
		domain := strings.TrimPrefix(*v.DomainName, "*.")
		v.ValidationStatus = types.DomainStatusPendingValidation
		if slices.Contains(t.Route53.use().Elsewhere, domain) || t.resolves(*v.ResourceRecord.Name, *v.ResourceRecord.Value) {
			v.ValidationStatus = types.DomainStatusSuccess
		} else {
			all = false
		}
	}
	return all
}

// hearOf lets ACM hear which load balancers use a certificate: at once of new ones,
// late of those that have left.
func (t *tx) hearOf(c *certificate) {
	users := append(t.balancersWith(*c.Detail.CertificateArn), t.clientVPNsWith(*c.Detail.CertificateArn)...)
	left := slices.ContainsFunc(c.Users, func(arn string) bool { return !slices.Contains(users, arn) })
	if left && c.Leaving > 0 {
		c.Leaving--
		return
	}
	c.Users, c.Leaving = users, t.opts.Looks
}

// Limits of certificates (ACM user guide, "Quotas"; RequestCertificate).
const (
	certificateQuota   = 2500
	namesOfCertificate = 10
	firstNameLength    = 64
)

var (
	certificateName  = lazyregexp.New(`^(\*\.)?([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9][A-Za-z0-9-]{0,61}[A-Za-z0-9]$`)
	certificateToken = lazyregexp.New(`^\w{1,32}$`)
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
