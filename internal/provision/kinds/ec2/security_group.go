package ec2

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// securityGroup is a group; inOurs says that it is in the VPC of cicdctl, where
// its name keeps others from having the same.
type securityGroup struct {
	ec2types.SecurityGroup
	inOurs bool
}

// SecurityGroupKind is the client's groups: what may talk to what.
func SecurityGroupKind() *provision.Type {
	id := func(g *securityGroup) string { return aws.ToString(g.GroupId) }
	return provision.Define(provision.Kind[rules.SecurityGroup, *securityGroup]{
		Name:   "ec2/security-group",
		ARN:    "ec2:security-group/",
		Levels: provision.ClientLevel,
		// All groups exist before any has rules: they name each other.
		DependsOn: append(provision.Existing("ec2/vpc"), provision.ForFields(provision.Existing("ec2/security-group"))...),
		Want: func(s *provision.Scope) map[provision.Role]rules.SecurityGroup {
			out := map[provision.Role]rules.SecurityGroup{}
			for _, g := range rules.SecurityGroups(s.Spec) {
				out[g.Role] = g
			}
			return out
		},
		List:  listSecurityGroups,
		ID:    id,
		Tags:  func(g *securityGroup) provision.Tags { return Tags.Of(g.Tags) },
		State: provision.AlwaysAvailable[*securityGroup],
		Naming: provision.Naming[rules.SecurityGroup, *securityGroup]{
			Key: func(g *securityGroup) string {
				if !g.inOurs {
					return ""
				}
				return strings.ToLower(aws.ToString(g.GroupName))
			},
			KeyOf: func(_ *provision.Scope, d rules.SecurityGroup) string { return strings.ToLower(d.Name) },
			Title: func(_ *provision.Scope, _ provision.Role, d rules.SecurityGroup) string { return d.Name },
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
		// Groups that name each other cannot be deleted. Each one's rules go first:
		// once all have done so, the deletions that were refused pass.
		Delete: func(ctx context.Context, s *provision.Step, g *securityGroup) error {
			if err := revokeAll(ctx, s, g.SecurityGroup); err != nil {
				return err
			}
			return kit.Do(ctx, s.API.EC2.DeleteSecurityGroup, &ec2.DeleteSecurityGroupInput{GroupId: g.GroupId})
		},
		Retag: Retag(id),
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
		Facts: func(g *securityGroup) []provision.Fact {
			return []provision.Fact{{Name: "group name", Value: aws.ToString(g.GroupName)}}
		},
		Limits: provision.Limits[rules.SecurityGroup, *securityGroup]{
			Quota: &provision.Quota{Service: "vpc", Code: "L-E79EC296", Name: "security groups per region"},
		},
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
	vpcs, err := allVPCs(ctx, w)
	if err != nil {
		return nil, err
	}
	ours := map[string]bool{}
	for _, v := range vpcs {
		ours[aws.ToString(v.VpcId)] = Tags.Of(v.Tags)[provision.TagManagedBy] == provision.ManagedBy
	}
	all, err := securityGroups(ctx, w)
	return kit.Map(all, err, func(g ec2types.SecurityGroup) *securityGroup {
		return &securityGroup{g, ours[aws.ToString(g.VpcId)]}
	})
}

// securityGroups lists every group of the region once a sweep: the VPC wants to
// know of its default one too.
func securityGroups(ctx context.Context, w *provision.Sweep) ([]ec2types.SecurityGroup, error) {
	return kit.Shared(ctx, w, "security groups", ec2.NewDescribeSecurityGroupsPaginator(w.EC2, &ec2.DescribeSecurityGroupsInput{}), groupsOf)
}

func groupsOf(o *ec2.DescribeSecurityGroupsOutput) []ec2types.SecurityGroup { return o.SecurityGroups }

// groupField is the rules of one direction.
func groupField(name string, egress bool) provision.Field[rules.SecurityGroup, *securityGroup] {
	wanted := func(s *provision.Step, d rules.SecurityGroup) []ec2types.IpPermission {
		list := d.Ingress
		if egress {
			list = d.Egress
		}
		var out []ec2types.IpPermission
		for _, r := range list {
			out = append(out, permission(s, r))
		}
		return out
	}
	return provision.Field[rules.SecurityGroup, *securityGroup]{
		Name: name,
		Want: func(s *provision.Step, d rules.SecurityGroup) string {
			return kit.Lines(permissionLines(word(egress), wanted(s, d)))
		},
		Have: func(g *securityGroup) string {
			return kit.Lines(permissionLines(word(egress), permissionsOf(g.SecurityGroup, egress)))
		},
		Set: func(ctx context.Context, s *provision.Step, d rules.SecurityGroup, g *securityGroup) error {
			err := setRules(ctx, s, g.SecurityGroup, egress, wanted(s, d))
			if !awsapi.Is(err, awsapi.NotFound, awsapi.Exists) {
				return err
			}
			// AWS refuses a batch whole when one rule of it was changed by somebody else.
			now, err := groupNow(ctx, s, g.SecurityGroup)
			if err != nil {
				return err
			}
			return setRules(ctx, s, now, egress, wanted(s, d))
		},
	}
}

func word(egress bool) string {
	if egress {
		return "to"
	}
	return "from"
}

func permissionsOf(g ec2types.SecurityGroup, egress bool) []ec2types.IpPermission {
	if egress {
		return g.IpPermissionsEgress
	}
	return g.IpPermissions
}

// permission is a rule as EC2 takes it.
func permission(s *provision.Step, r rules.SGRule) ec2types.IpPermission {
	p := ec2types.IpPermission{IpProtocol: aws.String(r.Protocol)}
	if r.Protocol == "all" {
		p.IpProtocol = aws.String("-1")
	} else {
		p.FromPort, p.ToPort = aws.Int32(int32(r.From)), aws.Int32(int32(r.To))
	}
	if r.Group != "" {
		p.UserIdGroupPairs = []ec2types.UserIdGroupPair{{GroupId: aws.String(s.ID("ec2/security-group", r.Group)), Description: aws.String(r.Why)}}
	} else {
		p.IpRanges = []ec2types.IpRange{{CidrIp: aws.String(r.CIDR.String()), Description: aws.String(r.Why)}}
	}
	return p
}

// split makes one permission for each source or destination, without the
// description, which is no part of what a rule is.
func split(permissions []ec2types.IpPermission) []ec2types.IpPermission {
	var out []ec2types.IpPermission
	for _, p := range permissions {
		one := func() *ec2types.IpPermission {
			out = append(out, ec2types.IpPermission{IpProtocol: p.IpProtocol, FromPort: p.FromPort, ToPort: p.ToPort})
			return &out[len(out)-1]
		}
		for _, r := range p.IpRanges {
			one().IpRanges = []ec2types.IpRange{{CidrIp: r.CidrIp}}
		}
		for _, r := range p.Ipv6Ranges {
			one().Ipv6Ranges = []ec2types.Ipv6Range{{CidrIpv6: r.CidrIpv6}}
		}
		for _, l := range p.PrefixListIds {
			one().PrefixListIds = []ec2types.PrefixListId{{PrefixListId: l.PrefixListId}}
		}
		for _, g := range p.UserIdGroupPairs {
			g.Description = nil
			one().UserIdGroupPairs = []ec2types.UserIdGroupPair{g}
		}
	}
	return out
}

// permissionLines is the canonical text of rules: "tcp 8080 from sg-0123".
func permissionLines(word string, permissions []ec2types.IpPermission) []string {
	var out []string
	for _, p := range split(permissions) {
		out = append(out, permissionLine(word, p))
	}
	return out
}

func permissionLine(word string, p ec2types.IpPermission) string {
	peer := ""
	switch {
	case len(p.IpRanges) > 0:
		peer = aws.ToString(p.IpRanges[0].CidrIp)
	case len(p.Ipv6Ranges) > 0:
		peer = aws.ToString(p.Ipv6Ranges[0].CidrIpv6)
	case len(p.PrefixListIds) > 0:
		peer = aws.ToString(p.PrefixListIds[0].PrefixListId)
	case len(p.UserIdGroupPairs) > 0:
		peer = aws.ToString(p.UserIdGroupPairs[0].GroupId)
	}
	protocol := aws.ToString(p.IpProtocol)
	if protocol == "-1" {
		return "all " + word + " " + peer
	}
	return protocol + " " + ports(p.FromPort, p.ToPort) + " " + word + " " + peer
}

// setRules revokes what is not wanted and authorizes what is missing, each in one call.
func setRules(ctx context.Context, s *provision.Step, g ec2types.SecurityGroup, egress bool, want []ec2types.IpPermission) error {
	wanted, held := map[string]bool{}, map[string]bool{}
	for _, line := range permissionLines("", want) {
		wanted[line] = true
	}
	var wrong, added []ec2types.IpPermission
	for _, p := range split(permissionsOf(g, egress)) {
		line := permissionLine("", p)
		held[line] = true
		if !wanted[line] {
			wrong = append(wrong, p)
		}
	}
	for _, p := range want { // one source or destination each
		if line := permissionLine("", p); !held[line] {
			held[line] = true
			added = append(added, p)
		}
	}
	if err := revoke(ctx, s, g.GroupId, egress, wrong); err != nil || len(added) == 0 {
		return err
	}
	var err error
	if egress {
		err = kit.Do(ctx, s.API.EC2.AuthorizeSecurityGroupEgress, &ec2.AuthorizeSecurityGroupEgressInput{GroupId: g.GroupId, IpPermissions: added})
	} else {
		err = kit.Do(ctx, s.API.EC2.AuthorizeSecurityGroupIngress, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: g.GroupId, IpPermissions: added})
	}
	return err
}

func revoke(ctx context.Context, s *provision.Step, group *string, egress bool, wrong []ec2types.IpPermission) error {
	if len(wrong) == 0 {
		return nil
	}
	var err error
	if egress {
		err = kit.Do(ctx, s.API.EC2.RevokeSecurityGroupEgress, &ec2.RevokeSecurityGroupEgressInput{GroupId: group, IpPermissions: wrong})
	} else {
		err = kit.Do(ctx, s.API.EC2.RevokeSecurityGroupIngress, &ec2.RevokeSecurityGroupIngressInput{GroupId: group, IpPermissions: wrong})
	}
	return err
}

// groupNow reads a group again.
func groupNow(ctx context.Context, s *provision.Step, g ec2types.SecurityGroup) (ec2types.SecurityGroup, error) {
	out, err := s.API.EC2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{aws.ToString(g.GroupId)}})
	if err == nil && len(out.SecurityGroups) == 0 {
		err = kit.Unseen("the security group " + aws.ToString(g.GroupId))
	}
	if err != nil {
		return g, err
	}
	return out.SecurityGroups[0], nil
}

// revokeAll empties a group in both directions.
func revokeAll(ctx context.Context, s *provision.Step, g ec2types.SecurityGroup) error {
	both := func(g ec2types.SecurityGroup) error {
		if err := revoke(ctx, s, g.GroupId, false, split(g.IpPermissions)); err != nil {
			return err
		}
		return revoke(ctx, s, g.GroupId, true, split(g.IpPermissionsEgress))
	}
	err := both(g)
	if !awsapi.Is(err, awsapi.NotFound) {
		return err
	}
	now, err := groupNow(ctx, s, g)
	if err != nil {
		return err
	}
	// What is gone by now was revoked by another run; it must not be taken for the
	// group itself.
	return awsapi.IgnoreNotFound(both(now))
}

// referrers names the groups whose rules keep a group from being deleted.
func referrers(ctx context.Context, s *provision.Step, group string) (string, error) {
	var names []string
	for _, by := range []string{"ip-permission.group-id", "egress.ip-permission.group-id"} {
		p := ec2.NewDescribeSecurityGroupsPaginator(s.API.EC2, &ec2.DescribeSecurityGroupsInput{Filters: []ec2types.Filter{filter(by, group)}})
		listed, err := kit.All(ctx, p, groupsOf)
		if err != nil {
			return "", err
		}
		for _, g := range listed {
			if aws.ToString(g.GroupId) != group {
				names = append(names, fmt.Sprintf("a rule of %s (%s)", aws.ToString(g.GroupId), aws.ToString(g.GroupName)))
			}
		}
	}
	return strings.ReplaceAll(kit.Lines(names), "\n", ", "), nil
}
