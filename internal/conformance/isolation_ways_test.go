package conformance

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// taggedFor are the tags of something that belongs to a client.
func taggedFor(client string) []any {
	out := []any{}
	for k, v := range map[string]string{provision.TagManagedBy: provision.ManagedBy, provision.TagScope: "client", provision.TagRegion: region, provision.TagClient: client} {
		out = append(out, object{"Key": k, "Value": v})
	}
	return out
}

// tableOf changes the route tables of a client.
func (s strangers) tableOf(client string, change func(table object)) {
	for _, row := range s.in("EC2")["RouteTables"].([]any) {
		table := row.(object)["V"].(object)
		for _, t := range asList(table["Tags"]) {
			if t := t.(object); t["Key"] == provision.TagClient && t["Value"] == client {
				change(table)
			}
		}
	}
}

func asList(v any) []any { l, _ := v.([]any); return l }

// allow opens a client's ACL and its hosts' group to a range, and lets both out to it.
func (r *rig) allow(client, peer string) {
	r.tb.Helper()
	ctx, api := r.tb.Context(), r.Factory.Set(region).EC2
	acls, err := api.DescribeNetworkAcls(ctx, &ec2.DescribeNetworkAclsInput{Filters: []ec2types.Filter{{Name: aws.String("tag:" + provision.TagClient), Values: []string{client}}}})
	if err != nil {
		r.tb.Fatal(err)
	}
	for _, egress := range []bool{false, true} {
		if _, err := api.CreateNetworkAclEntry(ctx, &ec2.CreateNetworkAclEntryInput{
			NetworkAclId: acls.NetworkAcls[0].NetworkAclId, RuleNumber: aws.Int32(50), Protocol: aws.String("-1"), RuleAction: ec2types.RuleActionAllow, Egress: &egress, CidrBlock: &peer,
		}); err != nil {
			r.tb.Fatal(err)
		}
	}
	permission := []ec2types.IpPermission{{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(8080), ToPort: aws.Int32(8080), IpRanges: []ec2types.IpRange{{CidrIp: &peer}}}}
	group := r.groupOf(client, "shop-web")
	if _, err := api.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &group, IpPermissions: permission}); err != nil {
		r.tb.Fatal(err)
	}
}

func (r *rig) groupOf(client, role string) string {
	r.tb.Helper()
	out, err := r.Factory.Set(region).EC2.DescribeSecurityGroups(r.tb.Context(), &ec2.DescribeSecurityGroupsInput{Filters: []ec2types.Filter{{Name: aws.String("group-name"), Values: []string{rules.SecurityGroupName(client, role)}}}})
	if err != nil || len(out.SecurityGroups) != 1 {
		r.tb.Fatal(role, err)
	}
	return *out.SecurityGroups[0].GroupId
}

// task gives a client a container on a service's port.
func (s strangers) task(client, subnet, group, address string) {
	s.rows("EC2", "Interfaces", object{
		"NetworkInterfaceId": "eni-task-" + client, "VpcId": s.home, "SubnetId": subnet, "Description": "a task of " + client, "SourceDestCheck": true, "Status": "in-use",
		"PrivateIpAddress": address, "PrivateIpAddresses": []any{object{"PrivateIpAddress": address, "Primary": true}}, "Groups": []any{object{"GroupId": group}},
	})
}

// What is behind a VPN gateway reaches, and is reached, as the routes, the gateway's
// connections and the propagation say: by static routes, by what a site announces, by
// what a table would learn once the tunnel is up, and by Direct Connect.
func TestWhatIsBehindAVPNGatewayIsRead(t *testing.T) {
	t.Parallel()
	const site = "192.168.77.0/24"
	static := object{"StaticRoutesOnly": true}
	connection := func(owner string, more object) object {
		c := object{
			"VpnConnectionId": "vpn-1", "VpnGatewayId": "vgw-1", "State": "available", "Tags": taggedFor(owner), "Options": static,
			"Routes": []any{object{"DestinationCidrBlock": site, "State": "available"}}, "CustomerGatewayConfiguration": "<key>secret</key>",
		}
		maps.Copy(c, more)
		return c
	}
	route := func(table object, more object) {
		r := object{"DestinationCidrBlock": site, "GatewayId": "vgw-1", "State": "active", "Origin": "CreateRoute"}
		maps.Copy(r, more)
		table["Routes"] = append(table["Routes"].([]any), r)
	}
	for why, c := range map[string]struct {
		put  func(strangers)
		from string // whose site reaches ACME; empty for nobody's
		told string // what the proof cannot tell
	}{
		"a route to another client's site": {func(s strangers) {
			s.rows("EC2", "VPNs", connection("GLOBEX", nil))
			s.tableOf("ACME", func(t object) { route(t, nil) })
		}, "GLOBEX", ""},
		"a table that learns from the gateway, whose tunnel is down": {func(s strangers) {
			s.rows("EC2", "VPNs", connection("GLOBEX", nil))
			s.tableOf("ACME", func(t object) { t["PropagatingVgws"] = []any{object{"GatewayId": "vgw-1"}} })
		}, "GLOBEX", ""},
		"what another client's site has announced": {func(s strangers) {
			s.rows("EC2", "VPNs", connection("GLOBEX", object{"Options": object{}, "Routes": []any{}}))
			s.tableOf("ACME", func(t object) { route(t, object{"Origin": "EnableVgwRoutePropagation"}) })
		}, "GLOBEX", ""},
		"no route back: only what needs no answer gets in": {func(s strangers) {
			s.rows("EC2", "VPNs", connection("GLOBEX", nil))
		}, "", ""},
		"a connection that is gone": {func(s strangers) {
			s.rows("EC2", "VPNs", connection("GLOBEX", object{"State": "deleted"}))
		}, "", ""},
		"a connection that is gone, and a route that is still there": {func(s strangers) {
			s.rows("EC2", "VPNs", connection("GLOBEX", object{"State": "deleted"}))
			s.tableOf("ACME", func(t object) { route(t, nil) })
		}, "", "routes to VPN gateway vgw-1 lead to what no VPN connection has"},
		"a gateway at no VPC": {func(s strangers) {
			s.rows("EC2", "VPNs", connection("GLOBEX", object{"VpnGatewayId": "vgw-2"}))
			s.rows("EC2", "VPNGateways", object{"VpnGatewayId": "vgw-2", "State": "available"})
			s.tableOf("ACME", func(t object) { route(t, object{"GatewayId": "vgw-2", "State": "blackhole"}) })
		}, "", ""},
		"Direct Connect: nobody knows whose it is": {func(s strangers) {
			s.tableOf("ACME", func(t object) { route(t, nil) })
		}, "", "routes to VPN gateway vgw-1 lead to what no VPN connection has"},
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
				if err := create(ctx, r.Operator, acme(t)); err != nil {
					t.Fatal(err)
				}
				r.allow("ACME", site)
				tree := r.tree()
				s := strangers{tree, r.homeVPC()}
				s.rows("EC2", "VPNGateways", object{"VpnGatewayId": "vgw-1", "State": "available", "VpcAttachments": []any{object{"VpcId": s.home, "State": "attached"}}})
				clients, err := r.Clients(ctx, region)
				if err != nil {
					t.Fatal(err)
				}
				s.task("ACME", clients[0].Subnets[0].ID, r.groupOf("ACME", "shop-web"), clients[0].Subnets[0].CIDR.Addr().Next().String())
				c.put(s)
				r.restore(tree)
				proof := r.examine(t, acme(t)).Isolation[0]
				from := []string{}
				for _, f := range proof.Flows {
					if f.Protocol == "tcp" && f.Ports.From == 8080 {
						from = append(from, f.From)
					}
				}
				from = slices.Compact(from)
				if got := strings.Join(from, " "); got != c.from {
					t.Errorf("ACME is reached from %q, want %q\n%s", got, c.from, strings.Join(proof.Lines(), "\n"))
				}
				if told := strings.Join(proof.Unknowns, "\n"); !strings.Contains(told, c.told) || c.told == "" && told != "" {
					t.Errorf("not known: %q, want %q", told, c.told)
				}
			})
		})
	}
}

// A range that may send files to a client and contains the public address of a NAT
// gateway lets in every client. What is public is public to clients as well, and no
// finding.
func TestARangeWithTheNATGatewaysLetsEveryClientIn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		for _, name := range []string{"ACME", "GLOBEX"} {
			if err := create(ctx, r.Operator, client(t, name)); err != nil {
				t.Fatal(err)
			}
		}
		clients, err := r.Clients(ctx, region)
		if err != nil {
			t.Fatal(err)
		}
		tree := r.tree()
		s := strangers{tree, r.homeVPC()}
		for _, c := range clients {
			s.task(c.Name, c.Subnets[0].ID, r.groupOf(c.Name, rules.GroupHosts), c.Subnets[0].CIDR.Addr().Next().String())
		}
		r.restore(tree)
		holes := func() (out []judge.Finding) {
			for _, f := range r.examine(t, client(t, "ACME"), client(t, "GLOBEX")).Findings {
				if strings.HasPrefix(f.ID, "CICD-ISOLATION-") {
					out = append(out, f)
				}
			}
			return out
		}
		if got := holes(); len(got) > 0 {
			t.Fatalf("with the document's rules: %+v", got)
		}
		api := r.Factory.Set(region).EC2
		nats, err := api.DescribeNatGateways(ctx, &ec2.DescribeNatGatewaysInput{})
		if err != nil {
			t.Fatal(err)
		}
		public := *nats.NatGateways[0].NatGatewayAddresses[0].PublicIp
		group := r.groupOf("ACME", rules.GroupTransfer)
		// Hosts get out on ports 80 and 443.
		open := []ec2types.IpPermission{{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(443), ToPort: aws.Int32(443), IpRanges: []ec2types.IpRange{{CidrIp: aws.String(public + "/32")}}}}
		if _, err := api.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &group, IpPermissions: open}); err != nil {
			t.Fatal(err)
		}
		got := holes()
		if len(got) != 1 {
			t.Fatalf("%d findings: %+v", len(got), got)
		}
		told, err := json.Marshal(got[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"GLOBEX", "over the internet", "tcp 443", group, public + "/32", "CICD-ISOLATION-1"} {
			if got[0].Client != "ACME" || !strings.Contains(string(told), want) {
				t.Errorf("the finding does not tell %q: %s", want, told)
			}
		}
		if _, err := api.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: &group, IpPermissions: open}); err != nil {
			t.Fatal(err)
		}
		// On a port that no client's group lets out to, it would be a way all the same.
		open[0].FromPort, open[0].ToPort = aws.Int32(2222), aws.Int32(2222)
		if _, err := api.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &group, IpPermissions: open}); err != nil {
			t.Fatal(err)
		}
		got = holes()
		if len(got) != 1 || got[0].ID != "CICD-ISOLATION-2" || !strings.Contains(got[0].Is, "tcp 2222") || !strings.Contains(got[0].Fix, public) {
			t.Errorf("on another port: %+v", got)
		}
		if _, err := api.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: &group, IpPermissions: open}); err != nil {
			t.Fatal(err)
		}
		if got := holes(); len(got) > 0 {
			t.Errorf("once it is closed: %+v", got)
		}
	})
}
