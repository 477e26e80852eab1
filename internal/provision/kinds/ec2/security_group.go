package ec2

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// securityGroup is a group; inOurs says that it is in the VPC of cicdctl, where
// its name keeps others from having the same.
type securityGroup struct {
	ec2types.SecurityGroup
	inOurs bool

	letting chan struct{} // full while somebody has it let go of the others, see letGo
	letsGo  bool
}

// SecurityGroupKind is the client's groups: what may talk to what.
func SecurityGroupKind() *provision.Type {
	id := func(g *securityGroup) string { return aws.ToString(g.GroupId) }
	return provision.Define(provision.Kind[rules.SecurityGroup, *securityGroup]{
		Name:    "ec2/security-group",
		ARN:     "ec2:security-group/",
		Levels:  provision.ClientLevel,
		Billing: provision.Billing[rules.SecurityGroup, *securityGroup]{Free: freeVPC},
		Impact:  provision.Impact[*securityGroup]{Stateless: true},
		// All groups exist before any has rules: they name each other.
		DependsOn: append(provision.Existing("ec2/vpc"), provision.ForFields(provision.Existing("ec2/security-group"))...),
		Want: func(s *provision.Scope) map[provision.Role]rules.SecurityGroup {
			return kit.ByRole(rules.SecurityGroups(s.Spec), func(g rules.SecurityGroup) provision.Role { return g.Role })
		},
		List: OfClient(ec2types.ResourceTypeSecurityGroup, listSecurityGroups),
		ID:   id,
		Tags: func(g *securityGroup) provision.Tags { return Tags.Of(g.Tags) },
		Naming: provision.Naming[rules.SecurityGroup, *securityGroup]{
			Key: func(g *securityGroup) string {
				if !g.inOurs {
					return ""
				}
				return strings.ToLower(aws.ToString(g.GroupName))
			},
			KeyOf: kit.Name(func(d rules.SecurityGroup) string { return strings.ToLower(d.Name) }),
			Title: kit.Title(func(d rules.SecurityGroup) string { return d.Name }),
			ExtraTags: func(s *provision.Scope, d rules.SecurityGroup) provision.Tags {
				return provision.Tags{provision.TagName: s.Client, "GroupName": d.Role, provision.TagApp: d.App, provision.TagService: d.Service}
			},
		},
		Create: func(ctx context.Context, s *provision.Step, d rules.SecurityGroup) (*securityGroup, error) {
			vpc := aws.String(s.ID("ec2/vpc", "vpc"))
			out, err := s.API.EC2.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{
				GroupName: aws.String(d.Name), Description: aws.String(d.Role + " of " + s.Client), VpcId: vpc,
				TagSpecifications: Tagged(s, ec2types.ResourceTypeSecurityGroup),
			})
			if err != nil {
				return nil, err
			}
			return &securityGroup{inOurs: true, SecurityGroup: ec2types.SecurityGroup{
				GroupId: out.GroupId, GroupName: aws.String(d.Name), VpcId: vpc, Tags: Tags.To(s.Tags),
				// AWS lets every new group talk to everything.
				IpPermissionsEgress: []ec2types.IpPermission{{IpProtocol: aws.String("-1"), IpRanges: []ec2types.IpRange{{CidrIp: aws.String(rules.Anywhere.String())}}}},
			}}, nil
		},
		Delete: deleteSecurityGroup,
		Retag:  Retag(id),
		Untag:  Untag(id),
		Removal: provision.Removal[*securityGroup]{
			Blockers: func(ctx context.Context, s *provision.Step, g *securityGroup) (string, error) {
				who, err := occupants(ctx, s, anyNIC, filter("group-id", id(g)))
				if who != "" || err != nil {
					return who, err
				}
				return referrers(ctx, s, id(g))
			},
			Refused: refusesGroup,
			WaitFor: occupiedBy(func(g *securityGroup) *string { return g.VpcId }, func(g *securityGroup, n nic) bool { return inGroup(g.GroupId, n) }),
		},
		Timing: provision.Timing{DeleteTimeout: networkPatience},
		Facts:  kit.Fact("group name", func(g *securityGroup) *string { return g.GroupName }),
		Limits: provision.Limits[rules.SecurityGroup, *securityGroup]{Quota: &provision.Quota{Service: "vpc", Code: "L-E79EC296", Name: "security groups per region"}},
		Fields: []provision.Field[rules.SecurityGroup, *securityGroup]{
			inVPC[rules.SecurityGroup](func(g *securityGroup) *string { return g.VpcId }),
			kit.Immutable("name", kit.Wanted(func(d rules.SecurityGroup) string { return d.Name }), func(g *securityGroup) string { return aws.ToString(g.GroupName) },
				"a security group keeps its name: delete it by hand and run again"),
			groupField("ingress", false),
			groupField("egress", true),
		},
	})
}

func listSecurityGroups(ctx context.Context, w *provision.Sweep) ([]*securityGroup, error) {
	var vpcs []ec2types.Vpc
	if !w.OwnOnly() { // then nothing is looked for by its name
		var err error
		if vpcs, err = allVPCs(ctx, w); err != nil {
			return nil, err
		}
	}
	ours := map[string]bool{}
	for _, v := range vpcs {
		ours[aws.ToString(v.VpcId)] = isOurs(v.Tags)
	}
	all, err := securityGroups(ctx, w)
	return kit.Map(all, err, func(g ec2types.SecurityGroup) *securityGroup {
		return &securityGroup{SecurityGroup: g, inOurs: ours[aws.ToString(g.VpcId)], letting: make(chan struct{}, 1)}
	})
}

// securityGroups lists every group of the region once a sweep: the VPC wants to
// know of its default one too.
func securityGroups(ctx context.Context, w *provision.Sweep) ([]ec2types.SecurityGroup, error) {
	return provision.Shared(w, "security groups", func() ([]ec2types.SecurityGroup, error) { return groupsBy(ctx, w.EC2) })
}

// deleteSecurityGroup has all groups that go let go of each other first: EC2 deletes none that
// a rule of another names. Its own rules go with it.
func deleteSecurityGroup(ctx context.Context, s *provision.Step, g *securityGroup) error {
	var going []*securityGroup
	for _, r := range s.FoundOwn("ec2/security-group") {
		if other, ok := r.Object.(*securityGroup); ok && s.Removes("ec2/security-group", r.ID) {
			going = append(going, other)
		}
	}
	for _, other := range going {
		if err := other.letGo(ctx, s, going); err != nil {
			return err
		}
	}
	err := kit.Do(ctx, s.API.EC2.DeleteSecurityGroup, &ec2.DeleteSecurityGroupInput{GroupId: g.GroupId})
	if awsapi.Is(err, awsapi.InUse) { // somebody may have given one of them rules meanwhile
		for _, other := range going {
			other.letting <- struct{}{}
			other.letsGo = false
			<-other.letting
		}
	}
	return err
}

// letGo revokes the group's rules that name others of some, once for all who ask.
func (g *securityGroup) letGo(ctx context.Context, s *provision.Step, others []*securityGroup) error {
	select {
	case g.letting <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-g.letting }()
	if g.letsGo {
		return nil
	}
	err := revokeThose(ctx, s, g.SecurityGroup, func(r oneRule) bool {
		return slices.ContainsFunc(others, func(other *securityGroup) bool { return other != g && aws.ToString(other.GroupId) == r.peer })
	})
	g.letsGo = err == nil
	return err
}

// referrers names the groups whose rules keep a group from being deleted.
func referrers(ctx context.Context, s *provision.Step, group string) (string, error) {
	var others []ec2types.SecurityGroup
	for _, by := range []string{"ip-permission.group-id", "egress.ip-permission.group-id"} {
		listed, err := groupsBy(ctx, s.API.EC2, filter(by, group))
		if err != nil {
			return "", err
		}
		others = append(others, listed...)
	}
	others = slices.DeleteFunc(others, func(g ec2types.SecurityGroup) bool { return aws.ToString(g.GroupId) == group })
	names := kit.Texts(others, func(g ec2types.SecurityGroup) string {
		return lang.Sprintf("a rule of %s (%s)", aws.ToString(g.GroupId), aws.ToString(g.GroupName))
	})
	return strings.ReplaceAll(kit.Lines(names), "\n", ", "), nil
}

// refusesGroup names the groups of others whose rules speak of a group.
func refusesGroup(_ context.Context, s *provision.Step, _ *provision.Sweep, g *securityGroup) (string, error) {
	for _, r := range s.Found("ec2/security-group") {
		other, ok := r.Object.(*securityGroup)
		if !ok || !r.Foreign() {
			continue
		}
		for _, p := range append(slices.Clone(other.IpPermissions), other.IpPermissionsEgress...) {
			if slices.ContainsFunc(p.UserIdGroupPairs, func(pair ec2types.UserIdGroupPair) bool { return aws.ToString(pair.GroupId) == aws.ToString(g.GroupId) }) {
				return lang.Sprintf("a rule of %s (%s) names it, which is not cicdctl's", r.ID, aws.ToString(other.GroupName)), nil
			}
		}
	}
	return "", nil
}
