package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"
)

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
		if len(c.Users) > 0 && t.now.After(d.NotAfter.Add(-renewalTime)) {
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
	users := t.balancersWith(*c.Detail.CertificateArn)
	left := slices.ContainsFunc(c.Users, func(arn string) bool { return !slices.Contains(users, arn) })
	if left && c.Leaving > 0 {
		c.Leaving--
		return
	}
	c.Users, c.Leaving = users, t.opts.Looks
}
