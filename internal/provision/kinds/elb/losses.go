package elb

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
)

func certificateLosses(_ context.Context, _ *provision.Step, _ *provision.Sweep, c *certificate) ([]provision.Loss, error) {
	if c.Status != acmtypes.CertificateStatusIssued {
		return nil, nil
	}
	return []provision.Loss{provision.Lost("HTTPS for %s, with its certificate", aws.ToString(c.DomainName))}, nil
}

// listenerLosses are about ports for file transfer. What is served over HTTP is told by
// domains and by the tasks that serve it.
func listenerLosses(_ context.Context, _ *provision.Step, _ *provision.Sweep, l *listener) ([]provision.Loss, error) {
	if l.Protocol != elbtypes.ProtocolEnumTcp {
		return nil, nil
	}
	return []provision.Loss{provision.Lost("port %d of the load balancer", aws.ToInt32(l.Port))}, nil
}

// balancerLosses: another load balancer has another name, to which domains would have to lead.
func balancerLosses(_ context.Context, _ *provision.Step, _ *provision.Sweep, b *LoadBalancer) ([]provision.Loss, error) {
	return []provision.Loss{provision.Lost("the DNS name %s, which does not come again", aws.ToString(b.DNSName))}, nil
}
