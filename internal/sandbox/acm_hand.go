package sandbox

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/acm/types"
)

// ErrZoneExists is told of a domain that has a zone already, with other tags.
var ErrZoneExists = errors.New("the sandbox has this zone already, with other tags")

// PutZone puts a public hosted zone into the account, as somebody does who buys a
// domain, and returns its ID. One that is there with the same tags stays as it is.
func (a *Account) PutZone(domain string, tags map[string]string) (id string, err error) {
	out, err := a.byHand(func(t *tx) (any, error) {
		for _, z := range t.Route53.use().Zones {
			switch {
			case z.Private || z.Name != dnsName(domain):
			case !maps.Equal(z.Tags, tags):
				return nil, ErrZoneExists
			default:
				return z.ID, nil
			}
		}
		return t.addZone(domain, tags).ID, nil
	})
	if err != nil {
		return "", err
	}
	return out.(string), nil
}

// Validate pretends that the owner of a domain has the record that its certificates
// wait for, with a DNS provider of his own. It returns the domains that wait in any
// region, and changes nothing when the domain is none of them.
func (a *Account) Validate(domain string) (waiting []string, err error) {
	out, err := a.byHand(func(t *tx) (any, error) {
		waiting := t.waitingDomains()
		if s := t.Route53.use(); slices.Contains(waiting, domain) && !slices.Contains(s.Elsewhere, domain) {
			s.Elsewhere = append(s.Elsewhere, domain)
		}
		return waiting, nil
	})
	if err != nil {
		return nil, err
	}
	return out.([]string), nil
}

// Refuse has requests for certificates of a domain fail from now on, as a CAA record in
// its owner's DNS does; an empty reason lifts that. Those that have failed stay so.
func (a *Account) Refuse(domain string, reason types.FailureReason) error {
	_, err := a.byHand(func(t *tx) (any, error) {
		s := t.Route53.use()
		if s.Refused == nil {
			s.Refused = map[string]string{}
		}
		s.Refused[domain] = string(reason)
		return nil, nil
	})
	return err
}

// byHand changes the account otherwise than by a call.
func (a *Account) byHand(change func(*tx) (any, error)) (any, error) {
	return a.locked(func(st **state) (any, error) {
		return change(&tx{state: *st, opts: a.opts, region: route53Region, now: time.Now().UTC()})
	})
}

// byHandIn changes what the account has in a region.
func (a *Account) byHandIn(region string, change func(*tx) error) error {
	_, err := a.byHand(func(t *tx) (any, error) {
		t.region = region
		return nil, change(t)
	})
	return err
}

// waitingDomains are those of all requests that may still be validated, sorted.
func (t *tx) waitingDomains() []string {
	var out []string
	for _, s := range *t.ACM.use() {
		for _, r := range s.Certificates {
			d := r.V.Detail
			if r.V.Deleted || d.Status != types.CertificateStatusPendingValidation || t.now.Sub(*d.CreatedAt) >= validationTime {
				continue
			}
			for _, name := range d.SubjectAlternativeNames {
				out = append(out, strings.TrimPrefix(name, "*."))
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
