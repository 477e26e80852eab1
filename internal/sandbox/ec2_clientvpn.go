package sandbox

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// clientVPNQuota is how many endpoints a region has room for (Client VPN administrator
// guide, "Quotas", L-8EA77D34).
const clientVPNQuota = 5

// clientVPN is an endpoint of Client VPN with what is asked for by operations of its own.
type clientVPN struct {
	Detail      types.ClientVpnEndpoint
	Networks    table[clientVPNNetwork]             `json:",omitempty"`
	Rules       table[row[types.AuthorizationRule]] `json:",omitempty"`
	Routes      []types.ClientVpnRoute              `json:",omitempty"`
	Connections []types.ClientVpnConnection         `json:",omitempty"` // put there by tests: nobody connects here
	CRL         string                              `json:",omitempty"`
	CRLLooks    int                                 `json:",omitempty"` // exports until the list is active
}

// clientVPNNetwork is an association with a subnet, and its network interface there.
type clientVPNNetwork struct {
	row[types.TargetNetwork]
	ENI string
}

var clientVPNs = kind[clientVPN, types.Tag]{ec2.ServiceID, "client-vpn-endpoint/", func(t *tx) table[row[clientVPN]] { return t.ec2().ClientVPNs }, func(v *clientVPN) *string { return v.Detail.ClientVpnEndpointId }, func(v *clientVPN) *[]types.Tag { return &v.Detail.Tags }, "InvalidClientVpnEndpointId.NotFound", "Endpoint %s does not exist"}

// clientVPN finds an endpoint that is not being deleted.
func (t *tx) clientVPN(id *string) (*row[clientVPN], error) {
	r, err := clientVPNs.get(t, id)
	if err == nil && r.V.Detail.Status.Code == types.ClientVpnEndpointStatusCodeDeleted {
		return nil, apiError(clientVPNs.missing, clientVPNs.message, *id)
	}
	return r, err
}

// changeable finds one that may be changed.
func (t *tx) changeableClientVPN(id *string) (*row[clientVPN], error) {
	r, err := t.clientVPN(id)
	if err == nil && r.V.Detail.Status.Code == types.ClientVpnEndpointStatusCodeDeleting {
		return nil, apiError("IncorrectState", "Endpoint %s is being deleted", *id)
	}
	return r, err
}

func registerClientVPN(a *Account) {
	clientVPNs.tagged(a, ec2Tags, "ec2")
	changeable := on(a, ec2.ServiceID, (*tx).changeableClientVPN)
	opOn(creating(a, types.ResourceTypeClientVpnEndpoint), func(in *ec2.CreateClientVpnEndpointInput) []types.TagSpecification { return in.TagSpecifications }, createClientVPN)
	op(a, ec2.ServiceID, func(t *tx, in *ec2.DescribeClientVpnEndpointsInput) (*ec2.DescribeClientVpnEndpointsOutput, error) {
		if in.NextToken == nil {
			t.ageClientVPNs()
		}
		part, next, err := describe(t, clientVPNs, in.ClientVpnEndpointIds, in.Filters, in.NextToken, func(v *clientVPN) attributes {
			return attributes{"endpoint-id": {*v.Detail.ClientVpnEndpointId}, "transport-protocol": {string(v.Detail.TransportProtocol)}}
		})
		return &ec2.DescribeClientVpnEndpointsOutput{ClientVpnEndpoints: each(part, func(v clientVPN) types.ClientVpnEndpoint { return v.Detail }), NextToken: next}, err
	})
	opOn(changeable, func(in *ec2.ModifyClientVpnEndpointInput) *string { return in.ClientVpnEndpointId }, modifyClientVPN)
	opOn(on(a, ec2.ServiceID, (*tx).clientVPN), func(in *ec2.DeleteClientVpnEndpointInput) *string { return in.ClientVpnEndpointId }, func(t *tx, r *row[clientVPN], in *ec2.DeleteClientVpnEndpointInput) (*ec2.DeleteClientVpnEndpointOutput, error) {
		t.ageNetworks(&r.V)
		if len(r.V.Networks) > 0 {
			return nil, apiError("IncorrectState", "Cannot delete endpoint %s while it has associated target networks", *in.ClientVpnEndpointId)
		}
		if d := &r.V.Detail; d.Status.Code != types.ClientVpnEndpointStatusCodeDeleting {
			d.Status, r.Looks = &types.ClientVpnEndpointStatus{Code: types.ClientVpnEndpointStatusCodeDeleting}, t.opts.Looks
		}
		return &ec2.DeleteClientVpnEndpointOutput{Status: r.V.Detail.Status}, nil
	})
	registerClientVPNNetworks(a)
	registerClientVPNRules(a)
	registerClientVPNPeople(a)
}

// ageClientVPNs is one look at all endpoints: those that were being deleted go. Until its
// first association is there, an endpoint waits for it.
func (t *tx) ageClientVPNs() {
	s := t.ec2()
	s.ClientVPNs.dropAll(func(r *row[clientVPN]) bool {
		return r.V.Detail.Status.Code == types.ClientVpnEndpointStatusCodeDeleted && r.gone()
	})
	for _, r := range s.ClientVPNs {
		t.ageNetworks(&r.V)
		d := &r.V.Detail
		if d.Status.Code == types.ClientVpnEndpointStatusCodeDeleting && !r.wait() {
			// Lists tell of it for a while.
			d.Status, d.DeletionTime, r.Looks = &types.ClientVpnEndpointStatus{Code: types.ClientVpnEndpointStatusCodeDeleted}, aws.String(t.now.Format(time.DateTime)), t.opts.Looks
			r.V.Routes, r.V.Rules = nil, nil
		}
	}
}

// settleStatus is the status that follows from the associations.
func (c *clientVPN) settleStatus() {
	if c.Detail.Status.Code == types.ClientVpnEndpointStatusCodeDeleting || c.Detail.Status.Code == types.ClientVpnEndpointStatusCodeDeleted {
		return
	}
	code := types.ClientVpnEndpointStatusCodePendingAssociate
	if c.Networks.first(func(n *clientVPNNetwork) bool { return n.V.Status.Code == types.AssociationStatusCodeAssociated }) != nil {
		code = types.ClientVpnEndpointStatusCodeAvailable
	}
	c.Detail.Status = &types.ClientVpnEndpointStatus{Code: code}
}

func createClientVPN(t *tx, tags []types.Tag, in *ec2.CreateClientVpnEndpointInput) (*ec2.CreateClientVpnEndpointOutput, error) {
	s := t.ec2()
	made, err := again(s.ClientVPNs, in.ClientToken, func(v clientVPN) bool {
		return *v.Detail.ClientCidrBlock == aws.ToString(in.ClientCidrBlock) && *v.Detail.ServerCertificateArn == aws.ToString(in.ServerCertificateArn)
	})
	if made != nil || err != nil {
		if made != nil {
			return &ec2.CreateClientVpnEndpointOutput{ClientVpnEndpointId: made.Detail.ClientVpnEndpointId, DnsName: made.Detail.DnsName, Status: made.Detail.Status}, err
		}
		return nil, err
	}
	if err := t.checkClientVPN(in); err != nil {
		return nil, err
	}
	live := count(s.ClientVPNs, func(v clientVPN) bool { return v.Detail.Status.Code != types.ClientVpnEndpointStatusCodeDeleted })
	if float64(live) >= t.quota("L-8EA77D34", clientVPNQuota) {
		return nil, apiError("ClientVpnEndpointLimitExceeded", "The maximum number of Client VPN endpoints has been reached.")
	}
	id := t.newID("cvpn-endpoint")
	d := types.ClientVpnEndpoint{
		ClientVpnEndpointId: aws.String(id), Tags: tags, ClientCidrBlock: in.ClientCidrBlock, ServerCertificateArn: in.ServerCertificateArn, Description: in.Description,
		DnsName: aws.String("*." + id + ".prod.clientvpn." + t.region + ".amazonaws.com"), DnsServers: in.DnsServers, CreationTime: aws.String(t.now.Format(time.DateTime)),
		SplitTunnel: aws.Bool(aws.ToBool(in.SplitTunnel)), TransportProtocol: in.TransportProtocol, VpnProtocol: types.VpnProtocolOpenvpn, VpnPort: aws.Int32(443), SessionTimeoutHours: aws.Int32(24),
		DisconnectOnSessionTimeout: aws.Bool(true), VpcId: in.VpcId, SecurityGroupIds: in.SecurityGroupIds,
		Status:               &types.ClientVpnEndpointStatus{Code: types.ClientVpnEndpointStatusCodePendingAssociate},
		ClientConnectOptions: &types.ClientConnectResponseOptions{Enabled: aws.Bool(false)}, ClientLoginBannerOptions: &types.ClientLoginBannerResponseOptions{Enabled: aws.Bool(false)},
		ClientRouteEnforcementOptions: &types.ClientRouteEnforcementResponseOptions{Enforced: aws.Bool(false)},
		ConnectionLogOptions:          t.connectionLog(in.ConnectionLogOptions),
	}
	for _, o := range in.AuthenticationOptions {
		d.AuthenticationOptions = append(d.AuthenticationOptions, types.ClientVpnAuthentication{
			Type: o.Type, MutualAuthentication: &types.CertificateAuthentication{ClientRootCertificateChain: o.MutualAuthentication.ClientRootCertificateChainArn},
		})
	}
	if d.TransportProtocol == "" {
		d.TransportProtocol = types.TransportProtocolUdp
	}
	set(&d.VpnPort, in.VpnPort)
	set(&d.SessionTimeoutHours, in.SessionTimeoutHours)
	set(&d.DisconnectOnSessionTimeout, in.DisconnectOnSessionTimeout)
	if in.SelfServicePortal != types.SelfServicePortalDisabled { // enabled when nothing is said
		d.SelfServicePortalUrl = portalOf(id)
	}
	s.ClientVPNs.add(&row[clientVPN]{V: clientVPN{Detail: d}, meta: t.lagging(in.ClientToken)})
	return &ec2.CreateClientVpnEndpointOutput{ClientVpnEndpointId: &id, DnsName: d.DnsName, Status: d.Status}, nil
}

func portalOf(id string) *string {
	return aws.String("https://self-service.clientvpn.amazonaws.com/endpoints/" + id)
}

// connectionLog names the stream where the request does not, as AWS does.
func (t *tx) connectionLog(in *types.ConnectionLogOptions) *types.ConnectionLogResponseOptions {
	if in == nil || !aws.ToBool(in.Enabled) {
		return &types.ConnectionLogResponseOptions{Enabled: aws.Bool(false)}
	}
	stream := in.CloudwatchLogStream
	if stream == nil {
		stream = aws.String("cvpn-endpoint-" + t.region + "-" + t.now.Format("2006/01/02") + "-" + t.uuid())
	}
	return &types.ConnectionLogResponseOptions{Enabled: aws.Bool(true), CloudwatchLogGroup: in.CloudwatchLogGroup, CloudwatchLogStream: stream}
}

// checkClientVPN refuses what Client VPN does of a new endpoint.
func (t *tx) checkClientVPN(in *ec2.CreateClientVpnEndpointInput) error {
	if in.ServerCertificateArn == nil || len(in.AuthenticationOptions) == 0 || in.ConnectionLogOptions == nil {
		return apiError("MissingParameter", "The request must contain the server certificate, the authentication and the connection log options.")
	}
	cidr, err := netip.ParsePrefix(aws.ToString(in.ClientCidrBlock))
	switch {
	case err != nil || cidr != cidr.Masked():
		return apiError("InvalidParameterValue", "Client CIDR block %s is invalid", aws.ToString(in.ClientCidrBlock))
	case cidr.Bits() < 12 || cidr.Bits() > 22:
		return apiError("InvalidParameterValue", "Client CIDR block %s is invalid: its size must be between /12 and /22", cidr)
	case in.TransitGatewayConfiguration != nil:
		return apiError("InvalidParameterValue", "the sandbox knows no transit gateways")
	}
	if in.VpcId != nil {
		v := vpcs.find(t, *in.VpcId)
		if v == nil {
			return apiError("InvalidVpcID.NotFound", "The vpc ID '%s' does not exist", *in.VpcId)
		}
		if err := overlapsVPC(cidr, v); err != nil {
			return err
		}
	}
	if err := t.groupsOf(in.VpcId, in.SecurityGroupIds); err != nil {
		return err
	}
	if err := t.serverCertificate(in.ServerCertificateArn); err != nil {
		return err
	}
	for _, o := range in.AuthenticationOptions {
		if o.Type != types.ClientVpnAuthenticationTypeCertificateAuthentication || o.MutualAuthentication == nil {
			return apiError("InvalidParameterValue", "the sandbox knows authentication by certificates only")
		}
		if err := t.serverCertificate(o.MutualAuthentication.ClientRootCertificateChainArn); err != nil {
			return err
		}
	}
	return t.checkClientVPNOptions(in.SessionTimeoutHours, in.VpnPort, in.DnsServers, in.ConnectionLogOptions)
}

// checkClientVPNOptions refuses values of what may be changed later.
func (t *tx) checkClientVPNOptions(hours, port *int32, dns []string, log *types.ConnectionLogOptions) error {
	switch {
	case hours != nil && !slices.Contains([]int32{8, 10, 12, 24}, *hours):
		return apiError("InvalidParameterValue", "Session timeout hours must be 8, 10, 12 or 24")
	case port != nil && *port != 443 && *port != 1194:
		return apiError("InvalidParameterValue", "Port must be 443 or 1194")
	case len(dns) > 2:
		return apiError("InvalidParameterValue", "At most two DNS servers can be given")
	}
	if log == nil || !aws.ToBool(log.Enabled) {
		return nil
	}
	if _, err := t.logGroup(log.CloudwatchLogGroup); err != nil {
		return apiError("InvalidParameterValue", "CloudWatch log group %s does not exist", aws.ToString(log.CloudwatchLogGroup))
	}
	return nil
}

// serverCertificate refuses a certificate that Client VPN does not take.
func (t *tx) serverCertificate(arn *string) error {
	r, err := t.certificate(arn)
	if err != nil {
		return apiError("InvalidParameterValue", "Certificate %s does not exist in this region", aws.ToString(arn))
	}
	d := r.V.Detail
	switch {
	case d.Status != acmtypes.CertificateStatusIssued:
		return apiError("InvalidParameterValue", "Certificate %s has not been issued", *arn)
	case !slices.Contains([]acmtypes.KeyAlgorithm{acmtypes.KeyAlgorithmRsa1024, acmtypes.KeyAlgorithmRsa2048}, d.KeyAlgorithm):
		return apiError("InvalidParameterValue", "Certificate %s has an unsupported key: only RSA of 1024 or 2048 bits is", *arn)
	case len(d.SubjectAlternativeNames) == 0 || !strings.Contains(d.SubjectAlternativeNames[0], "."):
		return apiError("InvalidParameterValue", "Certificate %s does not have a domain", *arn)
	}
	return nil
}

// groupsOf refuses security groups of other VPCs than the one that comes with them.
func (t *tx) groupsOf(vpc *string, groups []string) error {
	if len(groups) > 5 {
		return apiError("InvalidParameterValue", "At most five security groups can be given")
	}
	for _, id := range groups {
		g := securityGroups.find(t, id)
		switch {
		case vpc == nil:
			return apiError("MissingParameter", "The VPC must be given with security groups")
		case g == nil:
			return apiError("InvalidGroup.NotFound", "The security group '%s' does not exist", id)
		case *g.V.VpcId != *vpc:
			return apiError("InvalidParameterValue", "The security group %s is of another VPC", id)
		}
	}
	return nil
}

func overlapsVPC(cidr netip.Prefix, v *row[types.Vpc]) error {
	for _, a := range v.V.CidrBlockAssociationSet {
		if block, err := netip.ParsePrefix(*a.CidrBlock); err == nil && block.Overlaps(cidr) {
			return apiError("InvalidParameterValue", "Client CIDR block %s overlaps %s of the VPC", cidr, block)
		}
	}
	return nil
}

// clientVPNsWith are the endpoints that use a certificate.
func (t *tx) clientVPNsWith(arn string) []string {
	var out []string
	for _, r := range t.ec2().ClientVPNs {
		d := r.V.Detail
		root := slices.ContainsFunc(d.AuthenticationOptions, func(o types.ClientVpnAuthentication) bool {
			return o.MutualAuthentication != nil && aws.ToString(o.MutualAuthentication.ClientRootCertificateChain) == arn
		})
		if (root || aws.ToString(d.ServerCertificateArn) == arn) && d.Status.Code != types.ClientVpnEndpointStatusCodeDeleted {
			out = append(out, t.arn("ec2", "client-vpn-endpoint/"+*d.ClientVpnEndpointId))
		}
	}
	return out
}

func modifyClientVPN(t *tx, r *row[clientVPN], in *ec2.ModifyClientVpnEndpointInput) (*ec2.ModifyClientVpnEndpointOutput, error) {
	d := &r.V.Detail
	var dns []string
	if in.DnsServers != nil {
		dns = in.DnsServers.CustomDnsServers
	}
	if err := t.checkClientVPNOptions(in.SessionTimeoutHours, in.VpnPort, dns, in.ConnectionLogOptions); err != nil {
		return nil, err
	}
	if in.ServerCertificateArn != nil {
		if err := t.serverCertificate(in.ServerCertificateArn); err != nil {
			return nil, err
		}
	}
	if in.VpcId != nil && len(r.V.Networks) > 0 && *in.VpcId != aws.ToString(d.VpcId) {
		return nil, apiError("InvalidParameterValue", "The VPC of an endpoint with associations cannot be changed")
	}
	if err := t.groupsOf(in.VpcId, in.SecurityGroupIds); err != nil {
		return nil, err
	}
	set(&d.ServerCertificateArn, in.ServerCertificateArn)
	set(&d.Description, in.Description)
	set(&d.SessionTimeoutHours, in.SessionTimeoutHours)
	set(&d.SplitTunnel, in.SplitTunnel)
	set(&d.VpnPort, in.VpnPort)
	set(&d.VpcId, in.VpcId)
	set(&d.DisconnectOnSessionTimeout, in.DisconnectOnSessionTimeout)
	setList(&d.SecurityGroupIds, in.SecurityGroupIds) // the network interfaces keep theirs for hours
	if in.DnsServers != nil {
		if d.DnsServers = dns; !aws.ToBool(in.DnsServers.Enabled) {
			d.DnsServers = nil
		}
	}
	switch in.SelfServicePortal {
	case types.SelfServicePortalEnabled:
		d.SelfServicePortalUrl = portalOf(*d.ClientVpnEndpointId)
	case types.SelfServicePortalDisabled:
		d.SelfServicePortalUrl = nil
	}
	if in.ConnectionLogOptions != nil {
		d.ConnectionLogOptions = t.connectionLog(in.ConnectionLogOptions)
	}
	if o := in.ClientConnectOptions; o != nil {
		d.ClientConnectOptions = &types.ClientConnectResponseOptions{Enabled: o.Enabled, LambdaFunctionArn: o.LambdaFunctionArn}
	}
	if o := in.ClientLoginBannerOptions; o != nil {
		d.ClientLoginBannerOptions = &types.ClientLoginBannerResponseOptions{Enabled: o.Enabled, BannerText: o.BannerText}
	}
	if o := in.ClientRouteEnforcementOptions; o != nil {
		d.ClientRouteEnforcementOptions = &types.ClientRouteEnforcementResponseOptions{Enforced: o.Enforced}
	}
	return &ec2.ModifyClientVpnEndpointOutput{Return: aws.Bool(true)}, nil
}
