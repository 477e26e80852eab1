package sandbox

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
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
func (a *Account) Refuse(domain string, reason acmtypes.FailureReason) error {
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

// PutAvailabilityZone gives a region an availability zone that it has not had, or one that
// it has another state, as AWS does: region "eu-west-3", name "eu-west-3b", id "euw3-az2".
func (a *Account) PutAvailabilityZone(region, name, id string, state types.AvailabilityZoneState) error {
	return a.byHandIn(region, func(t *tx) error {
		s := t.ec2()
		s.Zones = append(slices.DeleteFunc(s.Zones, func(z zone) bool { return z.ID == id }), zone{name, id, state})
		return nil
	})
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
			if r.V.Deleted || d.Status != acmtypes.CertificateStatusPendingValidation || t.now.Sub(*d.CreatedAt) >= validationTime {
				continue
			}
			out = append(out, each(d.SubjectAlternativeNames, func(name string) string { return strings.TrimPrefix(name, "*.") })...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// WatchRuntime puts into a VPC what GuardDuty's Runtime Monitoring does by itself: an
// interface endpoint with a network interface in each of the subnets, and a security
// group ("Creating an Amazon VPC endpoint manually", GuardDuty user guide, says what
// the automated agent does otherwise). It returns the endpoint and the group.
func (a *Account) WatchRuntime(region, vpc string, subnets ...string) (endpoint, group string, err error) {
	err = a.byHandIn(region, func(t *tx) error {
		tags := []types.Tag{{Key: aws.String("GuardDutyManaged"), Value: aws.String("true")}}
		endpoint, group = t.newID("vpce"), t.newID("sg")
		s := t.ec2()
		s.Endpoints.add(&row[types.VpcEndpoint]{V: types.VpcEndpoint{
			VpcEndpointId: &endpoint, VpcId: &vpc, ServiceName: aws.String("com.amazonaws." + region + ".guardduty-data"), SubnetIds: subnets,
			VpcEndpointType: types.VpcEndpointTypeInterface, State: endpointAvailable, Tags: tags, OwnerId: &t.opts.ID, PolicyDocument: aws.String(endpointDefault),
		}})
		s.Groups.add(&row[types.SecurityGroup]{V: types.SecurityGroup{
			GroupId: &group, GroupName: aws.String("GuardDutyManagedSecurityGroup-" + vpc), Description: aws.String("Associated with VPC " + vpc), VpcId: &vpc,
			OwnerId: &t.opts.ID, Tags: tags,
		}})
		for _, subnet := range subnets {
			if _, err := t.addENI(subnet, "vpc_endpoint", "VPC Endpoint Interface "+endpoint, "", []string{group}); err != nil {
				return err
			}
		}
		return nil
	})
	return endpoint, group, err
}

// Unwatch deletes such an endpoint, as GuardDuty or its user does: the group stays.
func (a *Account) Unwatch(region, endpoint string) error {
	return a.byHandIn(region, func(t *tx) error {
		s := t.ec2()
		s.Endpoints.drop(endpoints.find(t, endpoint))
		s.Interfaces.dropAll(func(r *row[types.NetworkInterface]) bool {
			return *r.V.Description == "VPC Endpoint Interface "+endpoint
		})
		return nil
	})
}

// Boot starts a machine in a subnet, as somebody does who takes it for his own.
func (a *Account) Boot(region, subnet string) (instance string, err error) {
	err = a.byHandIn(region, func(t *tx) error {
		eni, err := t.addENI(subnet, "interface", "", "", nil)
		if err != nil {
			return err
		}
		instance = t.newID("i")
		interfaces.find(t, eni).V.Attachment = &types.NetworkInterfaceAttachment{InstanceId: &instance, InstanceOwnerId: &t.opts.ID}
		return nil
	})
	return instance, err
}
