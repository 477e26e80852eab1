package sandbox

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// AWS's default quotas of site-to-site VPNs in a region, and of connections at one gateway
// (Site-to-Site VPN user guide, "Site-to-Site VPN quotas").
const (
	vpnGatewayQuota      = 5
	customerGatewayQuota = 50
	vpnQuota             = 50
	vpnsOfGatewayQuota   = 10
)

// goneVPNsFor is how long gateways and connections that are deleted stay listed.
const goneVPNsFor = time.Hour

// amazonASN is that of a gateway that was made without one.
const amazonASN = 64512

// expired reports whether something deleted is no longer listed.
func (t *tx) expired(deleted bool, m meta) bool {
	return deleted && m.Until > 0 && t.now.Unix() >= m.Until
}

// goneVPN is what is remembered of something that is deleted from now on.
func (t *tx) goneVPN(m *meta) { m.Until = t.now.Add(goneVPNsFor).Unix() }

// vpnGatewayOf is the gateway that is attached to a VPC, or is about to be, or no longer.
func (t *tx) vpnGatewayOf(vpc string) *row[types.VpnGateway] {
	return t.ec2().VPNGateways.first(func(r *row[types.VpnGateway]) bool { return attachmentOf(r.V, vpc) != nil })
}

// attachmentOf is the attachment to a VPC; of any without one.
func attachmentOf(g types.VpnGateway, vpc string) *types.VpcAttachment {
	if g.State == types.VpnStateDeleted {
		return nil
	}
	for i, a := range g.VpcAttachments {
		if a.State != types.AttachmentStatusDetached && (vpc == "" || aws.ToString(a.VpcId) == vpc) {
			return &g.VpcAttachments[i]
		}
	}
	return nil
}

// liveVPNGateway is one that is not gone.
func (t *tx) liveVPNGateway(id *string) (*row[types.VpnGateway], error) {
	r, err := vpnGateways.get(t, id)
	if err == nil && r.V.State == types.VpnStateDeleted {
		return nil, apiError(vpnGateways.missing, vpnGateways.message, aws.ToString(id))
	}
	return r, err
}

func registerVPNGateways(a *Account) {
	opOn(creating(a, types.ResourceTypeVpnGateway), func(in *ec2.CreateVpnGatewayInput) []types.TagSpecification { return in.TagSpecifications }, func(t *tx, tags []types.Tag, in *ec2.CreateVpnGatewayInput) (*ec2.CreateVpnGatewayOutput, error) {
		asn := int64(amazonASN)
		setTo(&asn, in.AmazonSideAsn)
		switch s := t.ec2(); {
		case in.Type != types.GatewayTypeIpsec1:
			return nil, apiError("InvalidParameterValue", "Value (%s) for parameter type is invalid.", in.Type)
		case (asn < 64512 || asn > 65534) && (asn < 4200000000 || asn > 4294967294):
			return nil, apiError("InvalidParameterValue", "Invalid value '%d' for amazonSideAsn", asn)
		case float64(count(s.VPNGateways, func(g types.VpnGateway) bool { return g.State != types.VpnStateDeleted })) >= t.quota("L-7029FAB6", vpnGatewayQuota):
			return nil, apiError("VpnGatewayLimitExceeded", "The maximum number of virtual private gateways has been reached.")
		}
		g := types.VpnGateway{VpnGatewayId: aws.String(t.newID("vgw")), Type: in.Type, AmazonSideAsn: &asn, State: types.VpnStatePending, Tags: tags}
		if t.opts.Looks == 0 {
			g.State = types.VpnStateAvailable
		}
		t.ec2().VPNGateways.add(&row[types.VpnGateway]{V: g, meta: meta{Lag: t.opts.Lag, Looks: t.opts.Looks}})
		return &ec2.CreateVpnGatewayOutput{VpnGateway: &g}, nil
	})
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DescribeVpnGatewaysInput) (*ec2.DescribeVpnGatewaysOutput, error) {
		s := t.ec2()
		s.VPNGateways.dropAll(func(r *row[types.VpnGateway]) bool { return t.expired(r.V.State == types.VpnStateDeleted, r.meta) })
		for _, r := range s.VPNGateways {
			t.ageVPNGateway(r)
		}
		all, err := describeAll(t, vpnGateways, in.VpnGatewayIds, in.Filters, func(v *types.VpnGateway) attributes {
			vpcs := each(v.VpcAttachments, func(at types.VpcAttachment) string { return aws.ToString(at.VpcId) })
			return attributes{"attachment.vpc-id": vpcs, "state": {string(v.State)}}
		})
		return &ec2.DescribeVpnGatewaysOutput{VpnGateways: all}, err // AWS does not page this list
	})
	live := on(a, ec2.ServiceID, (*tx).liveVPNGateway)
	opOn(live, func(in *ec2.AttachVpnGatewayInput) *string { return in.VpnGatewayId }, func(t *tx, r *row[types.VpnGateway], in *ec2.AttachVpnGatewayInput) (*ec2.AttachVpnGatewayOutput, error) {
		id, vpc := *in.VpnGatewayId, aws.ToString(in.VpcId)
		switch other := t.vpnGatewayOf(vpc); {
		case vpcs.find(t, vpc) == nil:
			return nil, apiError("InvalidVpcID.NotFound", "The vpc ID '%s' does not exist", vpc)
		case r.V.State == types.VpnStateDeleting:
			return nil, apiError("InvalidVpnGatewayState", "The vpnGateway '%s' is not in a valid state", id)
		case t.changingAt(id):
			return nil, apiError("InvalidParameterValue", "This call cannot be completed because there are pending VPNs or Virtual Interfaces")
		case attachmentOf(r.V, vpc) != nil && attachmentOf(r.V, vpc).State != types.AttachmentStatusDetaching:
			return &ec2.AttachVpnGatewayOutput{VpcAttachment: attachmentOf(r.V, vpc)}, nil
		case attachmentOf(r.V, "") != nil:
			return nil, apiError("VpnGatewayAttachmentLimitExceeded", "The vpnGateway '%s' is attached to another VPC", id)
		case other != nil:
			return nil, apiError("InvalidVpcState", "The vpc '%s' has a virtual private gateway attached already", vpc)
		}
		made := types.VpcAttachment{VpcId: &vpc, State: types.AttachmentStatusAttaching}
		r.V.VpcAttachments, r.Looks = []types.VpcAttachment{made}, max(r.Looks, t.opts.Looks)
		if t.opts.Looks == 0 {
			t.ageVPNGateway(r)
		}
		return &ec2.AttachVpnGatewayOutput{VpcAttachment: &made}, nil
	})
	opChange[ec2.DetachVpnGatewayOutput](live, func(in *ec2.DetachVpnGatewayInput) *string { return in.VpnGatewayId }, func(t *tx, r *row[types.VpnGateway], in *ec2.DetachVpnGatewayInput) error {
		at := attachmentOf(r.V, aws.ToString(in.VpcId))
		switch {
		case at == nil || in.VpcId == nil:
			return apiError("InvalidVpnGatewayAttachment.NotFound", "The attachment with vpnGateway ID '%s' and vpc ID '%s' does not exist", *in.VpnGatewayId, aws.ToString(in.VpcId))
		case t.changingAt(*in.VpnGatewayId):
			return apiError("InvalidParameterValue", "This call cannot be completed because there are pending VPNs or Virtual Interfaces")
		}
		at.State, r.Looks = types.AttachmentStatusDetaching, t.opts.Looks
		t.ec2().blackhole(*in.VpnGatewayId)
		if t.opts.Looks == 0 {
			t.ageVPNGateway(r)
		}
		return nil
	})
	opChange[ec2.DeleteVpnGatewayOutput](live, func(in *ec2.DeleteVpnGatewayInput) *string { return in.VpnGatewayId }, func(t *tx, r *row[types.VpnGateway], in *ec2.DeleteVpnGatewayInput) error {
		used := slices.ContainsFunc(t.ec2().VPNs, func(c *row[vpn]) bool {
			return aws.ToString(c.V.VpnGatewayId) == *in.VpnGatewayId && c.V.State != types.VpnStateDeleted
		})
		switch {
		case used, attachmentOf(r.V, "") != nil:
			return apiError("IncorrectState", "The vpnGateway '%s' is in use.", *in.VpnGatewayId)
		case r.V.State == types.VpnStateDeleting:
			return nil
		}
		r.V.State, r.Looks = types.VpnStateDeleting, t.opts.Looks
		if t.opts.Looks == 0 {
			t.ageVPNGateway(r)
		}
		return nil
	})
}

// changingAt reports whether a connection at the gateway is being made, changed or removed.
func (t *tx) changingAt(gateway string) bool {
	return slices.ContainsFunc(t.ec2().VPNs, func(c *row[vpn]) bool {
		settled := c.V.State == types.VpnStateAvailable || c.V.State == types.VpnStateDeleted
		return aws.ToString(c.V.VpnGatewayId) == gateway && !settled
	})
}

// ageVPNGateway moves a gateway and its attachment on once it has been looked at often enough.
func (t *tx) ageVPNGateway(r *row[types.VpnGateway]) {
	if r.wait() {
		return
	}
	switch r.V.State {
	case types.VpnStatePending:
		r.V.State = types.VpnStateAvailable
	case types.VpnStateDeleting:
		r.V.State = types.VpnStateDeleted
		t.goneVPN(&r.meta)
	}
	for i, at := range r.V.VpcAttachments {
		switch at.State {
		case types.AttachmentStatusAttaching:
			r.V.VpcAttachments[i].State = types.AttachmentStatusAttached
			t.ec2().revive(*r.V.VpnGatewayId, *at.VpcId)
		case types.AttachmentStatusDetaching:
			r.V.VpcAttachments[i].State = types.AttachmentStatusDetached
		}
	}
}

// States of customer gateways, which the API model does not list.
const (
	customerGatewayPending   = "pending"
	customerGatewayAvailable = "available"
	customerGatewayDeleted   = "deleted"
)

func registerCustomerGateways(a *Account) {
	opOn(creating(a, types.ResourceTypeCustomerGateway), func(in *ec2.CreateCustomerGatewayInput) []types.TagSpecification { return in.TagSpecifications }, createCustomerGateway)
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DescribeCustomerGatewaysInput) (*ec2.DescribeCustomerGatewaysOutput, error) {
		s := t.ec2()
		s.CustomerGateways.dropAll(func(r *row[types.CustomerGateway]) bool {
			return t.expired(aws.ToString(r.V.State) == customerGatewayDeleted, r.meta)
		})
		for _, r := range s.CustomerGateways {
			if !r.wait() && aws.ToString(r.V.State) == customerGatewayPending {
				r.V.State = aws.String(customerGatewayAvailable)
			}
		}
		all, err := describeAll(t, customerGateways, in.CustomerGatewayIds, in.Filters, func(v *types.CustomerGateway) attributes {
			return attributes{"ip-address": {aws.ToString(v.IpAddress)}, "state": {aws.ToString(v.State)}, "device-name": {aws.ToString(v.DeviceName)}}
		})
		return &ec2.DescribeCustomerGatewaysOutput{CustomerGateways: all}, err
	})
	opChange[ec2.DeleteCustomerGatewayOutput](customerGateways.on(a), func(in *ec2.DeleteCustomerGatewayInput) *string { return in.CustomerGatewayId }, func(t *tx, r *row[types.CustomerGateway], in *ec2.DeleteCustomerGatewayInput) error {
		used := slices.ContainsFunc(t.ec2().VPNs, func(c *row[vpn]) bool {
			return aws.ToString(c.V.CustomerGatewayId) == *in.CustomerGatewayId && c.V.State != types.VpnStateDeleted
		})
		switch {
		case aws.ToString(r.V.State) == customerGatewayDeleted:
			return apiError(customerGateways.missing, customerGateways.message, *in.CustomerGatewayId)
		case used:
			return apiError("IncorrectState", "The customer gateway is in use.")
		}
		r.V.State = aws.String(customerGatewayDeleted)
		t.goneVPN(&r.meta)
		return nil
	})
}

// createCustomerGateway answers with the gateway of the same type, address, ASN and device
// that is there, whoever made it, and leaves its tags alone (EC2 API reference,
// CreateCustomerGateway).
func createCustomerGateway(t *tx, tags []types.Tag, in *ec2.CreateCustomerGatewayInput) (*ec2.CreateCustomerGatewayOutput, error) {
	s := t.ec2()
	address := cmp.Or(aws.ToString(in.IpAddress), aws.ToString(in.PublicIp))
	asn := strconv.Itoa(int(cmp.Or(aws.ToInt32(in.BgpAsn), 65000)))
	switch {
	case in.Type != types.GatewayTypeIpsec1:
		return nil, apiError("InvalidParameterValue", "Value (%s) for parameter type is invalid.", in.Type)
	case !isPublicIPv4(address):
		return nil, apiError("InvalidParameterValue", "Value (%s) for parameter ipAddress is invalid. Invalid IP address", address)
	case asn == strconv.Itoa(amazonASN):
		return nil, apiError("InvalidParameterValue", "The ASN of the customer gateway cannot be that of the virtual private gateway")
	}
	live := func(g types.CustomerGateway) bool { return aws.ToString(g.State) != customerGatewayDeleted }
	for _, r := range s.CustomerGateways {
		if live(r.V) && aws.ToString(r.V.IpAddress) == address && aws.ToString(r.V.BgpAsn) == asn && aws.ToString(r.V.DeviceName) == aws.ToString(in.DeviceName) {
			return &ec2.CreateCustomerGatewayOutput{CustomerGateway: &r.V}, nil
		}
	}
	if float64(count(s.CustomerGateways, live)) >= t.quota("L-4FB7FF5D", customerGatewayQuota) {
		return nil, apiError("CustomerGatewayLimitExceeded", "The maximum number of customer gateways has been reached.")
	}
	g := types.CustomerGateway{
		CustomerGatewayId: aws.String(t.newID("cgw")), Type: aws.String(string(in.Type)), IpAddress: &address, BgpAsn: &asn, DeviceName: in.DeviceName,
		State: aws.String(customerGatewayPending), Tags: tags,
	}
	if t.opts.Looks == 0 {
		g.State = aws.String(customerGatewayAvailable)
	}
	s.CustomerGateways.add(&row[types.CustomerGateway]{V: g, meta: meta{Lag: t.opts.Lag, Looks: t.opts.Looks}})
	return &ec2.CreateCustomerGatewayOutput{CustomerGateway: &g}, nil
}
