package ec2

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/pki"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/s3"
)

// addressLosses: AWS gives an address that was given back to anybody.
func addressLosses(_ context.Context, _ *provision.Step, _ *provision.Sweep, a elasticIP) ([]provision.Loss, error) {
	return []provision.Loss{provision.Lost("the public address %s, which others may have let in", aws.ToString(a.PublicIp))}, nil
}

func natLosses(_ context.Context, _ *provision.Step, _ *provision.Sweep, g natGateway) ([]provision.Loss, error) {
	if g.State != ec2types.NatGatewayStateAvailable {
		return nil, nil
	}
	return []provision.Loss{provision.Lost("connections to the internet through it")}, nil
}

// siteLosses: another connection has other addresses and other keys.
func siteLosses(_ context.Context, _ *provision.Step, _ *provision.Sweep, v *vpnConnection) ([]provision.Loss, error) {
	open := 0
	for _, t := range v.VgwTelemetry {
		if up(t) {
			open++
		}
	}
	return []provision.Loss{provision.Lost("{tunnel that is|tunnels that are} up: %d", open), provision.Lost("the addresses and keys of its tunnels, which the site's device has")}, nil
}

// clientVPNLosses: profiles name the endpoint, so that those who have one need another.
func clientVPNLosses(ctx context.Context, s *provision.Step, w *provision.Sweep, c *clientVPN) ([]provision.Loss, error) {
	var losses []provision.Loss
	index, err := s3.ReadVPNIndex(ctx, w.Home, w.Account, s.Client, w.Region)
	if err := awsapi.IgnoreNotFound(err); err != nil { // without the bucket nobody has one that is let in
		return nil, err
	}
	if n := validAt(index, s.Now); n > 0 {
		losses = append(losses, provision.Lost("{user|users} with a valid certificate, who {needs|need} another profile: %d", n))
	}
	p := ec2.NewDescribeClientVpnConnectionsPaginator(w.EC2, &ec2.DescribeClientVpnConnectionsInput{ClientVpnEndpointId: c.ClientVpnEndpointId})
	all, err := kit.All(ctx, p, func(o *ec2.DescribeClientVpnConnectionsOutput) []ec2types.ClientVpnConnection { return o.Connections })
	if err := awsapi.IgnoreNotFound(err); err != nil {
		return nil, err
	}
	open := 0
	for _, each := range all {
		if each.Status != nil && each.Status.Code == ec2types.ClientVpnConnectionStatusCodeActive {
			open++
		}
	}
	if open > 0 {
		losses = append(losses, provision.Lost("open VPN {session|sessions}: %d", open))
	}
	return losses, nil
}

// validAt is how many people have a certificate that is let in.
func validAt(index *pki.Index, now time.Time) int {
	if index == nil {
		return 0
	}
	people := map[string]bool{}
	for _, e := range index.Entries {
		if e.State == pki.StateIssued && now.Before(e.Expires) {
			people[e.Person] = true
		}
	}
	return len(people)
}
