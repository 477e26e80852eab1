package elb

import (
	"context"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
)

// refusesCertificate names load balancers and services of others that show a certificate.
func refusesCertificate(_ context.Context, s *provision.Step, _ *provision.Sweep, c *certificate) (string, error) {
	for _, user := range c.InUseBy {
		ours := slices.ContainsFunc(s.Found("elb/load-balancer"), func(r *provision.Resource) bool { return r.ID == user && !r.Foreign() })
		// Lists know late what is in use no more: a load balancer that is gone is none.
		balancer := strings.Contains(user, ":loadbalancer/")
		listed := slices.ContainsFunc(s.Found("elb/load-balancer"), func(r *provision.Resource) bool { return r.ID == user })
		if !ours && (!balancer || listed) {
			return lang.Sprintf("%s uses it, which is not cicdctl's", user), nil
		}
	}
	return "", nil
}

// refusesTargets names load balancers of others that send to a target group.
func refusesTargets(_ context.Context, s *provision.Step, _ *provision.Sweep, g *targetGroup) (string, error) {
	for _, arn := range g.LoadBalancerArns {
		if slices.ContainsFunc(s.Found("elb/load-balancer"), func(r *provision.Resource) bool { return r.ID == arn && r.Foreign() }) {
			return lang.Sprintf("%s sends to it, which is not cicdctl's", arn), nil
		}
	}
	return "", nil
}
