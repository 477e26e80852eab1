package ec2

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

type vpnGateway = *ec2types.VpnGateway

// vpnStates are the states of gateways and connections other than that of one that is as
// it should be. The API model does not list "modifying".
var vpnStates = map[ec2types.VpnState]provision.State{
	ec2types.VpnStatePending: provision.Pending, "modifying": provision.Pending,
	ec2types.VpnStateDeleting: provision.Deleting, ec2types.VpnStateDeleted: provision.Gone, // listed for a while
}

// VPNGatewayKind is AWS's end of all tunnels: a VPC has room for one.
func VPNGatewayKind() *provision.Type {
	id := func(g vpnGateway) string { return aws.ToString(g.VpnGatewayId) }
	return provision.Define(provision.Kind[struct{}, vpnGateway]{
		Name:          "ec2/vpn-gateway",
		ARN:           "ec2:vpn-gateway/",
		Levels:        provision.RegionLevel,
		Billing:       provision.Billing[struct{}, vpnGateway]{Free: freeGateway},
		Impact:        provision.Impact[vpnGateway]{Stateless: true},
		DependsOn:     provision.Existing("ec2/vpc"),
		NotIdempotent: true,
		// Detaching may take half an hour (terraform-provider-aws, internal/service/ec2/wait.go).
		Timing: provision.Timing{AsyncDelete: true, Timeout: 30 * time.Minute},
		Want: func(s *provision.Scope) map[provision.Role]struct{} {
			if !s.VPN {
				return nil
			}
			return kit.One(kit.VPNRole)(s)
		},
		List: func(ctx context.Context, w *provision.Sweep) ([]vpnGateway, error) {
			// AWS answers with all gateways at once: there are no pages.
			return kit.Pointers(kit.Get(ctx, w.EC2.DescribeVpnGateways, &ec2.DescribeVpnGatewaysInput{}, func(o *ec2.DescribeVpnGatewaysOutput) []ec2types.VpnGateway { return o.VpnGateways }))
		},
		ID:   id,
		Tags: func(g vpnGateway) provision.Tags { return Tags.Of(g.Tags) },
		State: func(g vpnGateway) provision.State {
			if a := attachment(g); a != nil && a.State != ec2types.AttachmentStatusAttached && vpnStates[g.State] == provision.Available {
				return provision.Pending
			}
			return vpnStates[g.State]
		},
		InUse: func(g vpnGateway) bool { return attachment(g) != nil },
		Conflict: func(s *provision.Step, _ struct{}, other vpnGateway) string {
			a, vpc := attachment(other), s.ID("ec2/vpc", "vpc")
			if a == nil || aws.ToString(a.VpcId) != vpc {
				return ""
			}
			return lang.Sprintf("%s (%s) is attached to %s, which has room for one VPN gateway: detach it, and move its connections to cicdctl's", id(other), kit.Owner(Tags.Of(other.Tags)), vpc)
		},
		Create: func(ctx context.Context, s *provision.Step, _ struct{}) (vpnGateway, error) {
			in := &ec2.CreateVpnGatewayInput{Type: ec2types.GatewayTypeIpsec1, AmazonSideAsn: aws.Int64(rules.AmazonASN), TagSpecifications: Tagged(s, ec2types.ResourceTypeVpnGateway)}
			return kit.Get(ctx, s.API.EC2.CreateVpnGateway, in, func(o *ec2.CreateVpnGatewayOutput) vpnGateway { return o.VpnGateway })
		},
		Delete: func(ctx context.Context, s *provision.Step, g vpnGateway) error {
			if err := attach(ctx, s, g, ""); err != nil {
				return err
			}
			return kit.Do(ctx, s.API.EC2.DeleteVpnGateway, &ec2.DeleteVpnGatewayInput{VpnGatewayId: g.VpnGatewayId})
		},
		Retag:  Retag(id),
		Naming: provision.Naming[struct{}, vpnGateway]{Title: kit.Title(func(struct{}) string { return "ASN " + strconv.Itoa(rules.AmazonASN) })},
		Facts:  kit.Fact("ASN", func(g vpnGateway) *string { return aws.String(strconv.FormatInt(aws.ToInt64(g.AmazonSideAsn), 10)) }),
		Limits: provision.Limits[struct{}, vpnGateway]{Quota: &provision.Quota{Service: "ec2", Code: "L-7029FAB6", Name: "virtual private gateways per region"}},
		Fields: []provision.Field[struct{}, vpnGateway]{
			kit.Settable("attached to", kit.IDOf[struct{}]("ec2/vpc", "vpc"), func(g vpnGateway) string {
				if a := attachment(g); a != nil && a.State != ec2types.AttachmentStatusDetaching {
					return aws.ToString(a.VpcId)
				}
				return ""
			}, func(ctx context.Context, s *provision.Step, _ struct{}, g vpnGateway) error {
				return attach(ctx, s, g, s.ID("ec2/vpc", "vpc"))
			}),
			kit.Immutable("Amazon-side ASN", kit.Const[struct{}](strconv.Itoa(rules.AmazonASN)), func(g vpnGateway) string {
				return strconv.FormatInt(aws.ToInt64(g.AmazonSideAsn), 10)
			}, "a VPN gateway keeps its ASN: delete its connections and the gateway by hand and run again; all sites are cut off until then"),
		},
	})
}

// attachment is where the gateway is, or will be, or still is; nil for nowhere.
func attachment(g vpnGateway) *ec2types.VpcAttachment {
	i := slices.IndexFunc(g.VpcAttachments, func(a ec2types.VpcAttachment) bool { return a.State != ec2types.AttachmentStatusDetached })
	if i < 0 {
		return nil
	}
	return &g.VpcAttachments[i]
}

// attach brings the gateway to a VPC, or to none. Until it is there, which takes minutes, it
// answers with an error that the engine takes for "in use".
func attach(ctx context.Context, s *provision.Step, g vpnGateway, vpc string) error {
	in := &ec2.DescribeVpnGatewaysInput{VpnGatewayIds: []string{aws.ToString(g.VpnGatewayId)}}
	found, err := kit.Get(ctx, s.API.EC2.DescribeVpnGateways, in, func(o *ec2.DescribeVpnGatewaysOutput) []ec2types.VpnGateway { return o.VpnGateways })
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return kit.Unseen(aws.ToString(g.VpnGatewayId))
	}
	switch a := attachment(&found[0]); {
	case a == nil && vpc == "", a != nil && aws.ToString(a.VpcId) == vpc && a.State == ec2types.AttachmentStatusAttached:
		return nil
	case a == nil:
		err = kit.Do(ctx, s.API.EC2.AttachVpnGateway, &ec2.AttachVpnGatewayInput{VpnGatewayId: g.VpnGatewayId, VpcId: &vpc})
	case aws.ToString(a.VpcId) != vpc && a.State != ec2types.AttachmentStatusDetaching:
		err = kit.Do(ctx, s.API.EC2.DetachVpnGateway, &ec2.DetachVpnGatewayInput{VpnGatewayId: g.VpnGatewayId, VpcId: a.VpcId})
	}
	if err != nil {
		return err
	}
	if vpc == "" {
		return kit.Busy("IncorrectState", lang.Say("the gateway is being detached"))
	}
	return kit.Busy("IncorrectState", lang.Sprintf("the gateway is being attached to %s", vpc))
}
