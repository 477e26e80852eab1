package conformance

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// annexe is a network that somebody has made for GLOBEX beside cicdctl's.
const annexe = "10.90.0.0/24"

// peeringHole is what somebody has opened by hand, and how each part of it is closed again.
type peeringHole struct {
	group  string // ACME's, into which it leads
	closes map[string]func(context.Context, *rig) error
}

// peer leads from a host in the annexe, whose group and ACL are those that AWS makes,
// to ACME's database: a peering, routes both ways, and a rule each of the ACL and of
// the database's group. Replies go by the ACL's rule for the internet.
func peer(t *testing.T, r *rig) peeringHole {
	t.Helper()
	ctx, api := t.Context(), r.Factory.Set(region).EC2
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	tags := []ec2types.Tag{
		{Key: aws.String(provision.TagManagedBy), Value: aws.String(provision.ManagedBy)},
		{Key: aws.String(provision.TagScope), Value: aws.String("client")},
		{Key: aws.String(provision.TagRegion), Value: aws.String(region)},
		{Key: aws.String(provision.TagClient), Value: aws.String("GLOBEX")},
	}
	vpc, err := api.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String(annexe)})
	must(err)
	subnet, err := api.CreateSubnet(ctx, &ec2.CreateSubnetInput{
		VpcId: vpc.Vpc.VpcId, CidrBlock: aws.String(annexe), AvailabilityZone: aws.String("eu-west-3a"),
		TagSpecifications: []ec2types.TagSpecification{{ResourceType: ec2types.ResourceTypeSubnet, Tags: tags}},
	})
	must(err)
	subnets, err := api.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{Filters: []ec2types.Filter{{Name: aws.String("tag:" + provision.TagClient), Values: []string{"ACME"}}}})
	must(err)
	groups, err := api.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{Filters: []ec2types.Filter{{Name: aws.String("group-name"), Values: []string{rules.SecurityGroupName("ACME", rules.GroupDatabase)}}}})
	must(err)
	foreign, err := api.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{Filters: []ec2types.Filter{{Name: aws.String("vpc-id"), Values: []string{*vpc.Vpc.VpcId}}}})
	must(err)
	h := peeringHole{group: *groups.SecurityGroups[0].GroupId, closes: map[string]func(context.Context, *rig) error{}}

	home := *subnets.Subnets[0].VpcId
	tree := r.tree()
	network := tree["EC2"].(map[string]any)[region].(map[string]any)
	network["Peerings"] = []any{map[string]any{
		"VpcPeeringConnectionId": "pcx-1", "Status": map[string]any{"Code": "active"},
		"AccepterVpcInfo": map[string]any{"VpcId": home}, "RequesterVpcInfo": map[string]any{"VpcId": *vpc.Vpc.VpcId},
	}}
	network["Interfaces"] = append(network["Interfaces"].([]any), map[string]any{"V": map[string]any{
		"NetworkInterfaceId": "eni-annexe", "VpcId": *vpc.Vpc.VpcId, "SubnetId": *subnet.Subnet.SubnetId, "Description": "a host in the annexe", "SourceDestCheck": true,
		"Status": "in-use", "PrivateIpAddress": "10.90.0.9", "PrivateIpAddresses": []any{map[string]any{"PrivateIpAddress": "10.90.0.9", "Primary": true}},
		"Groups": []any{map[string]any{"GroupId": *foreign.SecurityGroups[0].GroupId}},
	}})
	route := func(table, to string) {
		for _, row := range network["RouteTables"].([]any) {
			v := row.(map[string]any)["V"].(map[string]any)
			if v["RouteTableId"] == table {
				v["Routes"] = append(v["Routes"].([]any), map[string]any{"DestinationCidrBlock": to, "VpcPeeringConnectionId": "pcx-1", "State": "active", "Origin": "CreateRoute"})
			}
		}
	}
	for _, t := range tablesOf(ctx, r, home, *vpc.Vpc.VpcId) {
		route(t.id, t.to())
	}
	r.restore(tree)
	h.closes["the routes of ACME"] = unroute(home, *vpc.Vpc.VpcId, false)
	h.closes["the route of the annexe"] = unroute(home, *vpc.Vpc.VpcId, true)

	acls, err := api.DescribeNetworkAcls(ctx, &ec2.DescribeNetworkAclsInput{Filters: []ec2types.Filter{{Name: aws.String("tag:" + provision.TagClient), Values: []string{"ACME"}}}})
	must(err)
	acl := acls.NetworkAcls[0].NetworkAclId
	_, err = api.CreateNetworkAclEntry(ctx, &ec2.CreateNetworkAclEntryInput{
		NetworkAclId: acl, RuleNumber: aws.Int32(50), Protocol: aws.String("6"), RuleAction: ec2types.RuleActionAllow, Egress: aws.Bool(false),
		CidrBlock: aws.String(annexe), PortRange: &ec2types.PortRange{From: aws.Int32(5432), To: aws.Int32(5432)},
	})
	must(err)
	h.closes["the ACL"] = func(ctx context.Context, r *rig) error {
		_, err := r.Factory.Set(region).EC2.DeleteNetworkAclEntry(ctx, &ec2.DeleteNetworkAclEntryInput{NetworkAclId: acl, RuleNumber: aws.Int32(50), Egress: aws.Bool(false)})
		return err
	}
	permission := []ec2types.IpPermission{{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(5432), ToPort: aws.Int32(5432), IpRanges: []ec2types.IpRange{{CidrIp: aws.String(annexe)}}}}
	_, err = api.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &h.group, IpPermissions: permission})
	must(err)
	h.closes["the group"] = func(ctx context.Context, r *rig) error {
		_, err := r.Factory.Set(region).EC2.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: &h.group, IpPermissions: permission})
		return err
	}
	return h
}

// routeTable is one that carries packets between the annexe and ACME.
type routeTable struct {
	id  string
	far bool // the annexe's own
}

// to is what lies beyond the peering: the annexe, or the first of ACME's subnets.
func (t routeTable) to() string {
	if t.far {
		return "10.20.0.0/21"
	}
	return annexe
}

func tablesOf(ctx context.Context, r *rig, home, far string) []routeTable {
	r.tb.Helper()
	out, err := r.Factory.Set(region).EC2.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{})
	if err != nil {
		r.tb.Fatal(err)
	}
	var tables []routeTable
	for _, t := range out.RouteTables {
		switch {
		case *t.VpcId == far:
			tables = append(tables, routeTable{*t.RouteTableId, true})
		case *t.VpcId == home && cloud.Tag(t.Tags, provision.TagClient) == "ACME":
			tables = append(tables, routeTable{*t.RouteTableId, false})
		}
	}
	return tables
}

// unroute takes the routes through the peering away on one side.
func unroute(home, far string, there bool) func(context.Context, *rig) error {
	return func(ctx context.Context, r *rig) error {
		for _, t := range tablesOf(ctx, r, home, far) {
			if t.far != there {
				continue
			}
			_, err := r.Factory.Set(region).EC2.DeleteRoute(ctx, &ec2.DeleteRouteInput{RouteTableId: &t.id, DestinationCidrBlock: aws.String(t.to())})
			if err != nil {
				return err
			}
		}
		return nil
	}
}

// A way through a peering, opened by hand in a whole account, is named with both
// clients, the ports and all rules that it goes by, and is gone when any one of
// them is.
func TestAHoleThroughAPeeringIsFoundAndClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		acme, globex := client(t, "ACME"), client(t, "GLOBEX")
		if err := create(ctx, r.Operator, acme); err != nil {
			t.Fatal(err)
		}
		if err := create(ctx, r.Operator, globex); err != nil {
			t.Fatal(err)
		}
		reached := func() (holes []judge.Finding) {
			t.Helper()
			a := r.examine(t, acme, globex)
			if len(a.NotAudited) > 0 || len(a.Isolation) != 1 || len(a.Isolation[0].Unknowns) > 0 {
				t.Fatalf("not audited %v, proof %+v", a.NotAudited, a.Isolation)
			}
			for _, f := range a.Findings {
				if f.ID == "CICD-ISOLATION-1" {
					holes = append(holes, f)
				}
			}
			if isolated := a.Isolation[0].Isolated(); isolated != (len(holes) == 0) {
				t.Errorf("isolated: %v, and %d findings", isolated, len(holes))
			}
			return holes
		}
		if got := reached(); len(got) > 0 {
			t.Fatalf("before anything is opened: %v", got)
		}
		h := peer(t, r)
		open := r.tree()
		found := reached()
		if len(found) == 0 {
			t.Fatal("the hole is not found")
		}
		for _, f := range found {
			told, err := json.Marshal(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{"GLOBEX", annexe, "tcp 5432", "inbound rule 50", h.group, "pcx-1"} {
				if f.Client != "ACME" || !strings.Contains(string(told), want) {
					t.Errorf("the finding for %s does not tell %q: %s", f.Client, want, told)
				}
			}
		}
		for name, closes := range h.closes {
			r.restore(open)
			if err := closes(ctx, r); err != nil {
				t.Fatalf("close %s: %v", name, err)
			}
			if got := reached(); len(got) > 0 {
				t.Errorf("with %s closed: %v", name, got)
			}
		}
		r.restore(open)
		if err := create(ctx, r.Operator, acme); err != nil {
			t.Fatal(err)
		}
		if got := reached(); len(got) > 0 {
			t.Errorf("after create of ACME: %v", got)
		}
	})
}
