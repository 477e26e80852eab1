package elb

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// LoadBalancer is a load balancer with its tags and attributes.
type LoadBalancer struct {
	elbtypes.LoadBalancer
	tags       provision.Tags
	attributes map[string]string
}

// front is one of a client's load balancers: how it is made, and the role of its
// security group. A network load balancer takes groups later only if it was made
// with one.
type front struct {
	Name, Group string
	Type        elbtypes.LoadBalancerTypeEnum
}

// fronts are the load balancers that a client's services need, by role.
func fronts(s *provision.Scope) map[provision.Role]front {
	out := map[provision.Role]front{}
	if len(webTargets(s)) > 0 {
		out[webBalancer] = front{rules.LoadBalancerName(s.Client), rules.GroupLoadBalancer, elbtypes.LoadBalancerTypeEnumApplication}
	}
	if len(rules.TransferPorts(s.Spec)) > 0 {
		out[TransferBalancer] = front{rules.TransferBalancerName(s.Client), rules.GroupTransfer, elbtypes.LoadBalancerTypeEnumNetwork}
	}
	return out
}

const deletionProtection = "deletion_protection.enabled"

// balancerAttributes are the attributes that cicdctl decides on, and what AWS gives a new
// load balancer (API reference, LoadBalancerAttribute). Security Hub asks for them: ELB.6,
// ELB.4, ELB.12, ELB.9. FTP could not do without the last: its data connections may come
// through another zone than the one where its task is. An empty type means that all
// load balancers have the attribute.
var balancerAttributes = []struct {
	field, key, want, born string
	of                     elbtypes.LoadBalancerTypeEnum
}{
	{"deletion protection", deletionProtection, "true", "false", ""},
	{"drop invalid headers", "routing.http.drop_invalid_header_fields.enabled", "true", "false", elbtypes.LoadBalancerTypeEnumApplication},
	{"desync mitigation", "routing.http.desync_mitigation_mode", "defensive", "defensive", elbtypes.LoadBalancerTypeEnumApplication},
	{"idle timeout in seconds", "idle_timeout.timeout_seconds", "60", "60", elbtypes.LoadBalancerTypeEnumApplication},
	{"cross-zone balancing", "load_balancing.cross_zone.enabled", "true", "false", elbtypes.LoadBalancerTypeEnumNetwork},
}

// balancerChanges sets all attributes that differ with one call.
func balancerChanges() []kit.Change[front, *LoadBalancer, provision.Tags] {
	var out []kit.Change[front, *LoadBalancer, provision.Tags]
	for _, a := range balancerAttributes {
		out = append(out, kit.Change[front, *LoadBalancer, provision.Tags]{
			Name: a.field, Want: func(*provision.Step, front) string { return a.want },
			Have: func(b *LoadBalancer) string {
				if a.of != "" && a.of != b.Type {
					return provision.Keep
				}
				return b.attributes[a.key]
			},
			Put: func(_ *provision.Step, _ front, _ *LoadBalancer, values *provision.Tags) { (*values)[a.key] = a.want },
		})
	}
	return append(out, kit.Change[front, *LoadBalancer, provision.Tags]{
		Name: "access logs", Want: func(s *provision.Step, _ front) string { return accessLogsText(accessLogs(s)) },
		Have: func(b *LoadBalancer) string {
			if b.Type != elbtypes.LoadBalancerTypeEnumApplication {
				return provision.Keep // it writes logs of TLS listeners only, and has none
			}
			return accessLogsText(b.attributes)
		},
		Put: func(s *provision.Step, _ front, _ *LoadBalancer, values *provision.Tags) {
			maps.Copy(*values, accessLogs(s))
		},
	})
}

// Where a load balancer writes who used it.
const (
	logsEnabled = "access_logs.s3.enabled"
	logsBucket  = "access_logs.s3.bucket"
	logsPrefix  = "access_logs.s3.prefix"
)

// accessLogs are the attributes by which the client's load balancer writes to the region's
// bucket of access logs (ELB.5).
func accessLogs(s *provision.Step) provision.Tags {
	if s.AccessLogDays == 0 {
		return provision.Tags{logsEnabled: "false"}
	}
	return provision.Tags{
		logsEnabled: "true", logsBucket: rules.AccessLogBucketName(s.Account, s.Region), logsPrefix: rules.BalancerLogPrefix(s.Client),
	}
}

func accessLogsText(attributes map[string]string) string {
	if attributes[logsEnabled] != "true" {
		return "off"
	}
	return "s3://" + attributes[logsBucket] + "/" + attributes[logsPrefix]
}

// balancerValues are attributes as Elastic Load Balancing has them: keys with values, as tags are.
var balancerValues = kit.TagCodec[elbtypes.LoadBalancerAttribute](func(a *elbtypes.LoadBalancerAttribute) (key, value **string) { return &a.Key, &a.Value })

// LoadBalancerKind is the application load balancer before a client's HTTP services,
// and the network load balancer before those for file transfer. They stand in the
// edge subnets, the only ones that the internet reaches.
func LoadBalancerKind() *provision.Type {
	id := func(b *LoadBalancer) string { return aws.ToString(b.LoadBalancerArn) }
	changes := balancerChanges()
	fields := []provision.Field[front, *LoadBalancer]{
		{
			Name: "scheme",
			Want: func(*provision.Step, front) string { return "internet-facing" },
			Have: func(b *LoadBalancer) string { return string(b.Scheme) },
			Fix:  lang.Text("a load balancer's scheme cannot be changed; delete it by hand and run again: its DNS name will be another one"),
		},
		{
			Name: "subnets",
			Want: func(s *provision.Step, _ front) string { return kit.Lines(edgeSubnets(s)) },
			Have: func(b *LoadBalancer) string {
				return kit.LinesOf(b.AvailabilityZones, func(z elbtypes.AvailabilityZone) string { return aws.ToString(z.SubnetId) })
			},
			Set: func(ctx context.Context, s *provision.Step, _ front, b *LoadBalancer) error {
				return kit.Do(ctx, s.API.ELB.SetSubnets, &elb.SetSubnetsInput{LoadBalancerArn: b.LoadBalancerArn, Subnets: edgeSubnets(s)})
			},
		},
		{
			Name: "security groups",
			Want: func(s *provision.Step, d front) string { return s.ID("ec2/security-group", d.Group) },
			Have: func(b *LoadBalancer) string { return kit.Lines(b.SecurityGroups) },
			Set: func(ctx context.Context, s *provision.Step, d front, b *LoadBalancer) error {
				return kit.Do(ctx, s.API.ELB.SetSecurityGroups, &elb.SetSecurityGroupsInput{LoadBalancerArn: b.LoadBalancerArn, SecurityGroups: []string{s.ID("ec2/security-group", d.Group)}})
			},
		},
	}
	return provision.Define(provision.Kind[front, *LoadBalancer]{
		Name:    "elb/load-balancer",
		ARN:     "elasticloadbalancing:loadbalancer/",
		Levels:  provision.ClientLevel,
		Billing: provision.Billing[front, *LoadBalancer]{Items: billBalancer},
		Impact:  provision.Impact[*LoadBalancer]{Losses: balancerLosses},
		// AWS refuses a load balancer that faces the internet in a VPC without an attached gateway.
		DependsOn: slices.Concat(
			provision.Existing("ec2/subnet", "ec2/security-group", "iam/service-linked-role"), provision.Ready("ec2/internet-gateway"),
			provision.ForFields(provision.Ready("s3/bucket")), // Elastic Load Balancing tries whether it may write its logs
		),
		// AWS says up to 10 minutes ("Provisioning" in the user guide's troubleshooting).
		Timing: provision.Timing{Usual: 150 * time.Second, Timeout: 10 * time.Minute}, // Terraform's logs say 2m15s to 3m7s
		Want:   fronts,
		List: func(ctx context.Context, w *provision.Sweep) ([]*LoadBalancer, error) {
			return kit.Pointers(loadBalancers(ctx, w))
		},
		Describe: func(ctx context.Context, w *provision.Sweep, b *LoadBalancer) error { return b.describe(ctx, w) },
		Removal:  provision.Removal[*LoadBalancer]{Listed: true}, // ours are protected, as a rule
		ID:       id,
		Tags:     func(b *LoadBalancer) provision.Tags { return b.tags },
		Repair: func(b *LoadBalancer) string {
			return lang.Sprintf("AWS could not set it up (%s), so it has served nobody: mend that, delete it, and run again; the next one gets another DNS name", aws.ToString(b.LoadBalancer.State.Reason))
		},
		State: func(b *LoadBalancer) provision.State {
			if b.LoadBalancer.State == nil {
				return provision.Available
			}
			return balancerStates[b.LoadBalancer.State.Code]
		},
		Naming: provision.Naming[front, *LoadBalancer]{
			Key:   func(b *LoadBalancer) string { return aws.ToString(b.LoadBalancerName) },
			KeyOf: func(_ *provision.Scope, d front) string { return d.Name },
		},
		Create: func(ctx context.Context, s *provision.Step, d front) (*LoadBalancer, error) {
			return kit.Get(ctx, s.API.ELB.CreateLoadBalancer, &elb.CreateLoadBalancerInput{
				Name: aws.String(d.Name), Type: d.Type, Scheme: elbtypes.LoadBalancerSchemeEnumInternetFacing,
				Subnets: edgeSubnets(s), SecurityGroups: []string{s.ID("ec2/security-group", d.Group)}, Tags: elbTags.To(s.Tags),
			}, func(o *elb.CreateLoadBalancerOutput) *LoadBalancer {
				b := &LoadBalancer{LoadBalancer: o.LoadBalancers[0], tags: s.Tags, attributes: map[string]string{}}
				for _, a := range balancerAttributes {
					b.attributes[a.key] = a.born
				}
				return b
			})
		},
		Delete: func(ctx context.Context, s *provision.Step, b *LoadBalancer) error {
			if b.attributes[deletionProtection] != "false" {
				if err := setBalancerAttributes(ctx, s, b, provision.Tags{deletionProtection: "false"}); err != nil {
					return err
				}
			}
			return kit.Do(ctx, s.API.ELB.DeleteLoadBalancer, &elb.DeleteLoadBalancerInput{LoadBalancerArn: b.LoadBalancerArn})
		},
		Retag:       retagELB(id),
		Untag:       untagELB(id),
		FactsListed: true,
		Facts: func(b *LoadBalancer) []provision.Fact {
			return []provision.Fact{{Name: rules.FactDNSName, Value: aws.ToString(b.DNSName)}, {Name: "DNS zone", Value: aws.ToString(b.CanonicalHostedZoneId)}}
		},
		Limits: provision.Limits[front, *LoadBalancer]{
			Needed: func(_ *provision.Scope, _ provision.Role, d front, have **LoadBalancer) []provision.Take {
				if have != nil {
					return nil
				}
				return oneBalancer(d.Type)
			},
			Used: func(_ *provision.Inventory, _ string, b *LoadBalancer) []provision.Take { return oneBalancer(b.Type) },
		},
		Update: func(ctx context.Context, s *provision.Step, d front, b *LoadBalancer, changed []string) error {
			values := provision.Tags{}
			kit.Fill(changes, changed, s, d, b, &values)
			return setBalancerAttributes(ctx, s, b, values)
		},
		Fields: append(fields, kit.BatchFields(changes)...),
	})
}

// balancerStates are those of a load balancer that is not available: it is when it is
// active, or active and short of room to grow.
var balancerStates = map[elbtypes.LoadBalancerStateEnum]provision.State{
	elbtypes.LoadBalancerStateEnumProvisioning: provision.Pending, elbtypes.LoadBalancerStateEnumFailed: provision.Failed,
}

// balancerQuotas are AWS's limits on load balancers of a region, by their type.
var balancerQuotas = map[elbtypes.LoadBalancerTypeEnum]*provision.Quota{
	elbtypes.LoadBalancerTypeEnumApplication: {Service: "elasticloadbalancing", Code: "L-53DA6B97", Name: "application load balancers per region"},
	elbtypes.LoadBalancerTypeEnumNetwork:     {Service: "elasticloadbalancing", Code: "L-69A177A2", Name: "network load balancers per region"},
}

func oneBalancer(t elbtypes.LoadBalancerTypeEnum) []provision.Take {
	if q := balancerQuotas[t]; q != nil {
		return []provision.Take{{Quota: q, Now: 1}}
	}
	return nil
}

func setBalancerAttributes(ctx context.Context, s *provision.Step, b *LoadBalancer, values provision.Tags) error {
	return kit.Do(ctx, s.API.ELB.ModifyLoadBalancerAttributes, &elb.ModifyLoadBalancerAttributesInput{LoadBalancerArn: b.LoadBalancerArn, Attributes: balancerValues.To(values)})
}

// edgeSubnets are the IDs of the region's public subnets, one in each AZ: a load
// balancer sends nothing to an AZ that it is not in.
func edgeSubnets(s *provision.Step) []string {
	return kit.Texts(s.Letters(), func(letter string) string { return s.ID("ec2/subnet", "edge-"+letter) })
}

// loadBalancers lists the load balancers of the region with their tags.
func loadBalancers(ctx context.Context, w *provision.Sweep) ([]LoadBalancer, error) {
	return provision.Shared(w, "elb load balancers", func() ([]LoadBalancer, error) {
		p := elb.NewDescribeLoadBalancersPaginator(w.ELB, &elb.DescribeLoadBalancersInput{})
		all, err := kit.All(ctx, p, func(o *elb.DescribeLoadBalancersOutput) []elbtypes.LoadBalancer { return o.LoadBalancers })
		return withTags(ctx, w, all, err, func(b elbtypes.LoadBalancer) *string { return b.LoadBalancerArn }, func(b elbtypes.LoadBalancer, tags provision.Tags) LoadBalancer {
			return LoadBalancer{LoadBalancer: b, tags: tags}
		})
	})
}

func (b *LoadBalancer) describe(ctx context.Context, w *provision.Sweep) error {
	out, err := w.ELB.DescribeLoadBalancerAttributes(ctx, &elb.DescribeLoadBalancerAttributesInput{LoadBalancerArn: b.LoadBalancerArn})
	if err != nil {
		return err
	}
	b.attributes = balancerValues.Of(out.Attributes)
	for key, value := range b.attributes {
		b.attributes[key] = strings.ToLower(value)
	}
	return nil
}
