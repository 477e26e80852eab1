package ec2

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// The rules of a security group, in both directions.

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

// oneRule is a permission for a single source or destination.
type oneRule struct {
	ec2types.IpPermission
	peer string
}

// split makes one permission for each source or destination, without the
// description, which is no part of what a rule is.
func split(permissions []ec2types.IpPermission) []oneRule {
	var out []oneRule
	for _, p := range permissions {
		one := func(peer *string) *ec2types.IpPermission {
			out = append(out, oneRule{ec2types.IpPermission{IpProtocol: p.IpProtocol, FromPort: p.FromPort, ToPort: p.ToPort}, aws.ToString(peer)})
			return &out[len(out)-1].IpPermission
		}
		for _, r := range p.IpRanges {
			one(r.CidrIp).IpRanges = []ec2types.IpRange{{CidrIp: r.CidrIp}}
		}
		for _, r := range p.Ipv6Ranges {
			one(r.CidrIpv6).Ipv6Ranges = []ec2types.Ipv6Range{{CidrIpv6: r.CidrIpv6}}
		}
		for _, l := range p.PrefixListIds {
			one(l.PrefixListId).PrefixListIds = []ec2types.PrefixListId{{PrefixListId: l.PrefixListId}}
		}
		for _, g := range p.UserIdGroupPairs {
			g.Description = nil
			one(g.GroupId).UserIdGroupPairs = []ec2types.UserIdGroupPair{g}
		}
	}
	return out
}

// permissionLines is the canonical text of rules: "tcp 8080 from sg-0123".
func permissionLines(word string, permissions []ec2types.IpPermission) []string {
	return kit.Texts(split(permissions), func(r oneRule) string { return r.text(word) })
}

func (r oneRule) text(word string) string {
	protocol := aws.ToString(r.IpProtocol)
	if protocol == "-1" {
		return "all " + word + " " + r.peer
	}
	return protocol + " " + ports(r.FromPort, r.ToPort) + " " + word + " " + r.peer
}

// setRules revokes what is not wanted and authorizes what is missing, each in one call.
func setRules(ctx context.Context, s *provision.Step, g ec2types.SecurityGroup, egress bool, want []ec2types.IpPermission) error {
	wanted, held := permissionLines("", want), map[string]bool{}
	var wrong []oneRule
	var added []ec2types.IpPermission
	for _, r := range split(permissionsOf(g, egress)) {
		line := r.text("")
		held[line] = true
		if !slices.Contains(wanted, line) {
			wrong = append(wrong, r)
		}
	}
	for i, p := range want { // one source or destination each
		if !held[wanted[i]] {
			held[wanted[i]] = true
			added = append(added, p)
		}
	}
	if err := revoke(ctx, s, g.GroupId, egress, wrong); err != nil || len(added) == 0 {
		return err
	}
	if egress {
		return kit.Do(ctx, s.API.EC2.AuthorizeSecurityGroupEgress, &ec2.AuthorizeSecurityGroupEgressInput{GroupId: g.GroupId, IpPermissions: added})
	}
	return kit.Do(ctx, s.API.EC2.AuthorizeSecurityGroupIngress, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: g.GroupId, IpPermissions: added})
}

func revoke(ctx context.Context, s *provision.Step, group *string, egress bool, wrong []oneRule) error {
	if len(wrong) == 0 {
		return nil
	}
	permissions, _ := kit.Map(wrong, nil, func(r oneRule) ec2types.IpPermission { return r.IpPermission })
	if egress {
		return kit.Do(ctx, s.API.EC2.RevokeSecurityGroupEgress, &ec2.RevokeSecurityGroupEgressInput{GroupId: group, IpPermissions: permissions})
	}
	return kit.Do(ctx, s.API.EC2.RevokeSecurityGroupIngress, &ec2.RevokeSecurityGroupIngressInput{GroupId: group, IpPermissions: permissions})
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
	return revokeThose(ctx, s, g, func(oneRule) bool { return true })
}

// revokeThose takes some rules out of a group, in both directions. A group that is gone has none.
func revokeThose(ctx context.Context, s *provision.Step, g ec2types.SecurityGroup, those func(oneRule) bool) error {
	both := func(g ec2types.SecurityGroup) error {
		for _, egress := range []bool{false, true} {
			if err := revoke(ctx, s, g.GroupId, egress, kit.Where(split(permissionsOf(g, egress)), those)); err != nil {
				return err
			}
		}
		return nil
	}
	err := both(g)
	if !awsapi.Is(err, awsapi.NotFound) {
		return err
	}
	// What is gone by now was revoked by another run; it must not be taken for the
	// group itself.
	now, err := groupNow(ctx, s, g)
	if err == nil {
		err = both(now)
	}
	return awsapi.IgnoreNotFound(err)
}
