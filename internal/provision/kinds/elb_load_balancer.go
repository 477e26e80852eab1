package kinds

import (
	"context"
	"iter"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

type loadBalancer struct {
	elbtypes.LoadBalancer
	tags       provision.Tags
	attributes map[string]string
	gone       bool // deleted between the list and the attributes
}

// balancerAttribute is an attribute of a load balancer that cicdctl decides on.
type balancerAttribute struct{ field, key, want, born string }

const deletionProtection = "deletion_protection.enabled"

// balancerAttributes are those attributes, and what AWS gives a new application
// load balancer (API reference, LoadBalancerAttribute). Security Hub asks for
// them: ELB.6, ELB.4, ELB.12.
var balancerAttributes = []balancerAttribute{
	{"deletion protection", deletionProtection, "true", "false"},
	{"drop invalid headers", "routing.http.drop_invalid_header_fields.enabled", "true", "false"},
	{"desync mitigation", "routing.http.desync_mitigation_mode", "defensive", "defensive"},
	{"idle timeout in seconds", "idle_timeout.timeout_seconds", "60", "60"},
}

// loadBalancerKind is the application load balancer before a client's HTTP
// services. It stands in the edge subnets, the only ones that the internet reaches.
func loadBalancerKind() *provision.Type {
	id := func(b *loadBalancer) string { return aws.ToString(b.LoadBalancerArn) }
	fields := []provision.Field[struct{}, *loadBalancer]{
		{
			Name: "scheme",
			Want: func(*provision.Step, struct{}) string { return "internet-facing" },
			Have: func(b *loadBalancer) string { return string(b.Scheme) },
			Fix:  "a load balancer's scheme cannot be changed; delete it by hand and run again: its DNS name will be another one",
		},
		{
			Name: "subnets",
			Want: func(s *provision.Step, _ struct{}) string { return lines(edgeSubnets(s)) },
			Have: func(b *loadBalancer) string {
				var ids []string
				for _, z := range b.AvailabilityZones {
					ids = append(ids, aws.ToString(z.SubnetId))
				}
				return lines(ids)
			},
			Set: func(ctx context.Context, s *provision.Step, _ struct{}, b *loadBalancer) error {
				_, err := s.API.ELB.SetSubnets(ctx, &elb.SetSubnetsInput{LoadBalancerArn: b.LoadBalancerArn, Subnets: edgeSubnets(s)})
				return err
			},
		},
		{
			Name: "security groups",
			Want: func(s *provision.Step, _ struct{}) string { return s.ID("ec2/security-group", rules.GroupLoadBalancer) },
			Have: func(b *loadBalancer) string { return lines(b.SecurityGroups) },
			Set: func(ctx context.Context, s *provision.Step, _ struct{}, b *loadBalancer) error {
				_, err := s.API.ELB.SetSecurityGroups(ctx, &elb.SetSecurityGroupsInput{LoadBalancerArn: b.LoadBalancerArn, SecurityGroups: []string{s.ID("ec2/security-group", rules.GroupLoadBalancer)}})
				return err
			},
		},
	}
	for _, a := range balancerAttributes {
		fields = append(fields, provision.Field[struct{}, *loadBalancer]{
			Name:  a.field,
			Batch: true,
			Want:  func(*provision.Step, struct{}) string { return a.want },
			Have:  func(b *loadBalancer) string { return b.attributes[a.key] },
		})
	}
	return provision.Define(provision.Kind[struct{}, *loadBalancer]{
		Name:   "elb/load-balancer",
		Levels: provision.ClientLevel,
		// AWS refuses a load balancer that faces the internet in a VPC without an attached gateway.
		After: append(provision.Existing("ec2/subnet", "ec2/security-group"), provision.Ready("ec2/internet-gateway")...),
		// AWS says up to 10 minutes ("Provisioning" in the user guide's troubleshooting).
		Patience: 10 * time.Minute,
		Want: func(s *provision.Scope) map[provision.Role]struct{} {
			if len(webServices(s.Spec)) == 0 {
				return nil
			}
			return map[provision.Role]struct{}{"web": {}}
		},
		List: func(ctx context.Context, w *provision.Sweep) iter.Seq2[*loadBalancer, error] {
			all, err := loadBalancers(ctx, w)
			return replay(all, err, func(b loadBalancer) *loadBalancer { return &b })
		},
		Hydrate: hydrateBalancers,
		ID:      id,
		Tags:    func(b *loadBalancer) provision.Tags { return b.tags },
		State: func(b *loadBalancer) provision.State {
			switch {
			case b.gone:
				return provision.Gone
			case b.LoadBalancer.State == nil:
				return provision.Available
			}
			switch b.LoadBalancer.State.Code {
			case elbtypes.LoadBalancerStateEnumProvisioning:
				return provision.Pending
			case elbtypes.LoadBalancerStateEnumFailed:
				return provision.Failed
			default: // active, or active and short of room to grow
				return provision.Available
			}
		},
		Key:   func(b *loadBalancer) string { return aws.ToString(b.LoadBalancerName) },
		KeyOf: func(s *provision.Scope, _ struct{}) string { return rules.LoadBalancerName(s.Client) },
		Create: func(ctx context.Context, s *provision.Step, _ struct{}) (*loadBalancer, error) {
			out, err := s.API.ELB.CreateLoadBalancer(ctx, &elb.CreateLoadBalancerInput{
				Name: aws.String(rules.LoadBalancerName(s.Client)), Type: elbtypes.LoadBalancerTypeEnumApplication, Scheme: elbtypes.LoadBalancerSchemeEnumInternetFacing,
				Subnets: edgeSubnets(s), SecurityGroups: []string{s.ID("ec2/security-group", rules.GroupLoadBalancer)}, Tags: toELBTags(s.Tags),
			})
			if err != nil {
				return nil, err
			}
			b := &loadBalancer{LoadBalancer: out.LoadBalancers[0], tags: s.Tags, attributes: map[string]string{}}
			for _, a := range balancerAttributes {
				b.attributes[a.key] = a.born
			}
			return b, nil
		},
		Delete: func(ctx context.Context, s *provision.Step, b *loadBalancer) error {
			if b.attributes[deletionProtection] != "false" {
				if err := setBalancerAttributes(ctx, s, b, map[string]string{deletionProtection: "false"}); err != nil {
					return err
				}
			}
			_, err := s.API.ELB.DeleteLoadBalancer(ctx, &elb.DeleteLoadBalancerInput{LoadBalancerArn: b.LoadBalancerArn})
			return err
		},
		Retag: retagELB(id),
		Facts: func(b *loadBalancer) []provision.Fact {
			return []provision.Fact{{Name: "DNS name", Value: aws.ToString(b.DNSName)}, {Name: "DNS zone", Value: aws.ToString(b.CanonicalHostedZoneId)}}
		},
		Quota:  &provision.Quota{Service: "elasticloadbalancing", Code: "L-53DA6B97", Name: "application load balancers per region"},
		Counts: func(b *loadBalancer) bool { return b.Type == elbtypes.LoadBalancerTypeEnumApplication },
		Update: func(ctx context.Context, s *provision.Step, _ struct{}, b *loadBalancer, changed []string) error {
			values := map[string]string{}
			for _, a := range balancerAttributes {
				for _, name := range changed {
					if name == a.field {
						values[a.key] = a.want
					}
				}
			}
			return setBalancerAttributes(ctx, s, b, values)
		},
		Fields: fields,
	})
}

func setBalancerAttributes(ctx context.Context, s *provision.Step, b *loadBalancer, values map[string]string) error {
	in := &elb.ModifyLoadBalancerAttributesInput{LoadBalancerArn: b.LoadBalancerArn}
	for k, v := range values {
		in.Attributes = append(in.Attributes, elbtypes.LoadBalancerAttribute{Key: aws.String(k), Value: aws.String(v)})
	}
	_, err := s.API.ELB.ModifyLoadBalancerAttributes(ctx, in)
	return err
}

// edgeSubnets are the IDs of the region's public subnets, one in each AZ: a load
// balancer sends nothing to an AZ that it is not in.
func edgeSubnets(s *provision.Step) []string {
	var ids []string
	for i := range s.Zones {
		ids = append(ids, s.ID("ec2/subnet", "edge-"+s.Letter(i)))
	}
	return ids
}

// loadBalancers lists the application load balancers of the region with their tags.
func loadBalancers(ctx context.Context, w *provision.Sweep) ([]loadBalancer, error) {
	return provision.Shared(w, "elb load balancers", func() ([]loadBalancer, error) {
		p := elb.NewDescribeLoadBalancersPaginator(w.ELB, &elb.DescribeLoadBalancersInput{})
		all, err := collect(pages(ctx, p, func(o *elb.DescribeLoadBalancersOutput) []elbtypes.LoadBalancer { return o.LoadBalancers }))
		if err != nil {
			return nil, err
		}
		arn := func(b elbtypes.LoadBalancer) *string { return b.LoadBalancerArn }
		return withTags(ctx, w, all, arn, func(b elbtypes.LoadBalancer, tags provision.Tags) loadBalancer {
			return loadBalancer{LoadBalancer: b, tags: tags}
		})
	})
}

func hydrateBalancers(ctx context.Context, w *provision.Sweep, all []*loadBalancer) error {
	_, err := perOwner(ctx, all, func(ctx context.Context, b *loadBalancer) ([]struct{}, error) {
		out, err := w.ELB.DescribeLoadBalancerAttributes(ctx, &elb.DescribeLoadBalancerAttributesInput{LoadBalancerArn: b.LoadBalancerArn})
		if err != nil {
			b.gone = awsapi.Is(err, awsapi.NotFound)
			return nil, err
		}
		b.attributes = map[string]string{}
		for _, a := range out.Attributes {
			b.attributes[aws.ToString(a.Key)] = strings.ToLower(aws.ToString(a.Value))
		}
		return nil, nil
	})
	return err
}
