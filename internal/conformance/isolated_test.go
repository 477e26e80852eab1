package conformance

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// Ten normal clients do not reach each other; a hole that somebody opens is named
// with both clients, the ports, and the rules; and create closes it.
func TestAHoleBetweenClientsIsFoundAndClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		acme, globex := client(t, "ACME"), client(t, "GLOBEX")
		for _, s := range []string{"ACME", "GLOBEX"} {
			if err := create(ctx, r.Operator, client(t, s)); err != nil {
				t.Fatal(err)
			}
		}
		a := r.examine(t, acme, globex)
		if len(a.Findings) > 0 || len(a.Isolation) != 1 || !a.Isolation[0].Isolated() || a.Isolation[0].Size.Pairs != 2 {
			t.Fatalf("two normal clients: findings %v, proof %+v", a.Findings, a.Isolation)
		}

		// One rule of an ACL on each side, and one of the database's group.
		api := r.Factory.Set(region).EC2
		acl := func(client string, egress bool, cidr string) {
			t.Helper()
			acls, err := api.DescribeNetworkAcls(ctx, &ec2.DescribeNetworkAclsInput{Filters: []ec2types.Filter{{Name: aws.String("tag:cicdctl:client"), Values: []string{client}}}})
			if err != nil {
				t.Fatal(err)
			}
			_, err = api.CreateNetworkAclEntry(ctx, &ec2.CreateNetworkAclEntryInput{
				NetworkAclId: acls.NetworkAcls[0].NetworkAclId, RuleNumber: aws.Int32(50), Protocol: aws.String("6"), RuleAction: ec2types.RuleActionAllow, Egress: &egress,
				CidrBlock: &cidr, PortRange: &ec2types.PortRange{From: aws.Int32(1), To: aws.Int32(65535)},
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		const acmes, globexes = "10.20.0.0/21", "10.20.24.0/21"
		acl("GLOBEX", true, acmes)
		acl("ACME", false, globexes)
		if a := r.examine(t, acme, globex); len(a.Isolation[0].Flows) > 0 || len(a.Isolation[0].Latent) > 0 {
			t.Errorf("without a way back: %v", a.Isolation[0].Lines())
		}
		acl("ACME", true, globexes)
		acl("GLOBEX", false, acmes)
		a = r.examine(t, acme, globex)
		if len(a.Isolation[0].Flows) > 0 || len(a.Isolation[0].Latent) == 0 {
			t.Errorf("with open ACLs only: %v", a.Isolation[0].Lines())
		}
		groups, err := api.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{Filters: []ec2types.Filter{{Name: aws.String("group-name"), Values: []string{rules.SecurityGroupName("ACME", rules.GroupDatabase)}}}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = api.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: groups.SecurityGroups[0].GroupId, IpPermissions: []ec2types.IpPermission{{
			IpProtocol: aws.String("tcp"), FromPort: aws.Int32(443), ToPort: aws.Int32(443), IpRanges: []ec2types.IpRange{{CidrIp: aws.String("10.20.0.0/16")}},
		}}})
		if err != nil {
			t.Fatal(err)
		}
		a = r.examine(t, acme, globex)
		named := false
		for _, f := range a.Findings {
			named = named || f.ID == "CICD-ISOLATION-1" && f.Client == "ACME" && strings.Contains(f.Is, "GLOBEX") && strings.Contains(f.Is, "tcp 443") &&
				strings.Contains(f.Fix, "rule 50") && strings.Contains(f.Fix, *groups.SecurityGroups[0].GroupId)
		}
		if !named {
			t.Errorf("the hole is not named: %v\n%v", a.Isolation[0].Lines(), a.Findings)
		}
		if err := create(ctx, r.Operator, acme); err != nil {
			t.Fatal(err)
		}
		if a := r.examine(t, acme, globex); len(a.Isolation[0].Flows) > 0 {
			t.Errorf("after create of one of the two: %v", a.Isolation[0].Lines())
		}
	})
}
