package ec2

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/pki"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// clientVPN is an endpoint of Client VPN with what AWS tells by operations of their own.
type clientVPN struct {
	ec2types.ClientVpnEndpoint
	networks []ec2types.TargetNetwork
	rules    []ec2types.AuthorizationRule
	routes   []ec2types.ClientVpnRoute
	list     string         // what is to be said of the revocation list
	read     *pki.List      // nil when none is there that could be read
	indexed  bool           // certificates were given to people
	holders  map[string]int // certificates that are let in, by person
}

type wantClientVPN struct {
	cidr    netip.Prefix // not valid where there is none for the slot
	hours   int32
	subnets []provision.Role
	ranges  []netip.Prefix // of the client
	users   []string
}

// clientVPNPatience is how long associations may take to come and to go: Terraform's
// provider gives them 30 minutes (internal/service/ec2/wait.go), for ten were too few
// (terraform-provider-aws issue 15680).
const clientVPNPatience = 30 * time.Minute

// clientVPNStates are the states other than that of an endpoint that is as it should be.
// One that waits for its first association is: that is a field.
var clientVPNStates = map[ec2types.ClientVpnEndpointStatusCode]provision.State{
	ec2types.ClientVpnEndpointStatusCodeDeleting: provision.Deleting, ec2types.ClientVpnEndpointStatusCodeDeleted: provision.Gone,
	ec2types.ClientVpnEndpointStatusCodePending: provision.Pending, // with a transit gateway
}

// ClientVPNKind is where a client's people connect to with OpenVPN. Who has a certificate
// of the client's authority comes in, unless the revocation list names it.
func ClientVPNKind() *provision.Type {
	id := func(c *clientVPN) string { return aws.ToString(c.ClientVpnEndpointId) }
	return provision.Define(provision.Kind[wantClientVPN, *clientVPN]{
		Name:    "ec2/client-vpn-endpoint",
		ARN:     "ec2:client-vpn-endpoint/",
		Levels:  provision.ClientLevel,
		Billing: provision.Billing[wantClientVPN, *clientVPN]{Items: billClientVPN},
		Impact:  provision.Impact[*clientVPN]{Losses: clientVPNLosses, Word: func(provision.Role) string { return "vpn.openvpn" }},
		DependsOn: slices.Concat(
			provision.Existing("ec2/vpc", "ec2/subnet", "ec2/security-group"), provision.Ready("logs/log-group", "acm/imported-certificate", "kms/key"),
			provision.ForFields(provision.Existing("ec2/client-vpn-endpoint")), // itself: whether it has an index
		),
		NotIdempotent: true, // its client token is good for one run only: see runToken
		Timing:        provision.Timing{AsyncDelete: true, Timeout: clientVPNPatience + 5*time.Minute},
		Want:          wantClientVPNs,
		Naming: provision.Naming[wantClientVPN, *clientVPN]{
			Title: kit.Title(func(d wantClientVPN) string { return d.cidr.String() + ", " + kit.Many(len(d.subnets), "zone") }),
		},
		List:     OfClient(ec2types.ResourceTypeClientVpnEndpoint, listClientVPNs),
		Describe: describeClientVPN,
		ID:       id,
		Tags:     func(c *clientVPN) provision.Tags { return Tags.Of(c.ClientVpnEndpoint.Tags) },
		State:    func(c *clientVPN) provision.State { return clientVPNStates[kit.Value(c.Status).Code] },
		InUse: func(c *clientVPN) bool {
			return kit.Value(c.Status).Code == ec2types.ClientVpnEndpointStatusCodeAvailable
		},
		LostTags: func(s *provision.Step, d wantClientVPN, other *clientVPN) bool {
			return aws.ToString(other.VpcId) == s.ID("ec2/vpc", "vpc") && aws.ToString(other.ClientCidrBlock) == d.cidr.String()
		},
		Create: createClientVPN,
		Delete: deleteClientVPN,
		Retag:  Retag(id),
		Untag:  Untag(id),
		Facts: func(c *clientVPN) []provision.Fact {
			facts := []provision.Fact{{Name: "DNS name", Value: aws.ToString(c.DnsName)}, {Name: "addresses of people", Value: aws.ToString(c.ClientCidrBlock)}}
			if c.read != nil {
				facts = append(facts, provision.Fact{Name: "revocation list", Value: fmt.Sprintf("number %s, %s, until %s", c.read.Number, kit.Many(len(c.read.Serials), "certificate"), c.read.NextUpdate.Format(time.DateOnly))})
			}
			return facts
		},
		Limits: provision.Limits[wantClientVPN, *clientVPN]{Quota: &provision.Quota{Service: "ec2", Code: "L-8EA77D34", Name: "Client VPN endpoints per region"}},
		Update: updateClientVPN,
		Fields: clientVPNFields(),
	})
}

func wantClientVPNs(s *provision.Scope) map[provision.Role]wantClientVPN {
	open := s.Spec.VPN.OpenVPN
	if open == nil {
		return nil
	}
	d := wantClientVPN{ranges: s.Slot.Collapsed(), hours: rules.SessionHours(open.Session), users: open.Users}
	d.cidr, _ = rules.VPNRange(s.Spec, s.Addr.Number(s.Slot))
	d.subnets = s.Letters()[:min(open.Zones, len(s.Zones))]
	return map[provision.Role]wantClientVPN{kit.VPNRole: d}
}

func listClientVPNs(ctx context.Context, w *provision.Sweep) ([]*clientVPN, error) {
	p := ec2.NewDescribeClientVpnEndpointsPaginator(w.EC2, &ec2.DescribeClientVpnEndpointsInput{})
	endpoints := func(o *ec2.DescribeClientVpnEndpointsOutput) []ec2types.ClientVpnEndpoint {
		return o.ClientVpnEndpoints
	}
	return kit.ListAs(ctx, p, endpoints, func(e ec2types.ClientVpnEndpoint) *clientVPN { return &clientVPN{ClientVpnEndpoint: e} })
}

func createClientVPN(ctx context.Context, s *provision.Step, d wantClientVPN) (*clientVPN, error) {
	if !d.cidr.IsValid() {
		return nil, lang.Errorf("there are no addresses left for the people of %s: give a range of its own in vpn.openvpn.cidr", s.Client)
	}
	certificate, group, vpc := s.ID("acm/imported-certificate", kit.VPNRole), s.ID("ec2/security-group", rules.GroupVPN), s.ID("ec2/vpc", "vpc")
	in := &ec2.CreateClientVpnEndpointInput{
		ClientCidrBlock: aws.String(d.cidr.String()), ServerCertificateArn: &certificate, VpcId: &vpc, SecurityGroupIds: []string{group},
		AuthenticationOptions: []ec2types.ClientVpnAuthenticationRequest{{
			Type: ec2types.ClientVpnAuthenticationTypeCertificateAuthentication,
			// The authority of the server's certificate is that of the people's.
			MutualAuthentication: &ec2types.CertificateAuthenticationRequest{ClientRootCertificateChainArn: &certificate},
		}},
		TransportProtocol: ec2types.TransportProtocolUdp, VpnPort: aws.Int32(vpnPort), SplitTunnel: aws.Bool(true), SelfServicePortal: ec2types.SelfServicePortalDisabled,
		SessionTimeoutHours: &d.hours, DisconnectOnSessionTimeout: aws.Bool(true), ConnectionLogOptions: connectionLog(s), Description: aws.String(describedAs(s)),
		ClientToken: runToken(s, certificate, vpc), TagSpecifications: Tagged(s, ec2types.ResourceTypeClientVpnEndpoint),
	}
	out, err := s.API.EC2.CreateClientVpnEndpoint(ctx, in)
	if err != nil {
		return nil, err
	}
	return &clientVPN{list: noList, ClientVpnEndpoint: ec2types.ClientVpnEndpoint{
		ClientVpnEndpointId: out.ClientVpnEndpointId, DnsName: out.DnsName, Status: out.Status, Tags: Tags.To(s.Tags), ClientCidrBlock: in.ClientCidrBlock,
		ServerCertificateArn: &certificate, VpcId: &vpc, SecurityGroupIds: in.SecurityGroupIds, TransportProtocol: in.TransportProtocol, VpnPort: in.VpnPort,
		SplitTunnel: in.SplitTunnel, SessionTimeoutHours: in.SessionTimeoutHours, DisconnectOnSessionTimeout: in.DisconnectOnSessionTimeout, Description: in.Description,
		AuthenticationOptions: []ec2types.ClientVpnAuthentication{{
			Type: ec2types.ClientVpnAuthenticationTypeCertificateAuthentication, MutualAuthentication: &ec2types.CertificateAuthentication{ClientRootCertificateChain: &certificate},
		}},
		ConnectionLogOptions: &ec2types.ConnectionLogResponseOptions{Enabled: in.ConnectionLogOptions.Enabled, CloudwatchLogGroup: in.ConnectionLogOptions.CloudwatchLogGroup},
	}}, nil
}
