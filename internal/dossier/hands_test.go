package dossier

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/smithy-go"

	"gitlab.com/cicd/cicdctl/examples"
	"gitlab.com/cicd/cicdctl/internal/document"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// markdown is the document of a dossier.
func markdown(tb testing.TB, d *Dossier, l lang.Lang) string {
	tb.Helper()
	var b bytes.Buffer
	if err := document.Markdown(&b, Compose(d, l)); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

// section is one of a document in Markdown.
func section(text, title string) string {
	_, rest, _ := strings.Cut(text, "\n## "+title+"\n")
	part, _, _ := strings.Cut(rest, "\n## ")
	return part
}

func (r *rig) group(ctx context.Context, client, name string) string {
	r.tb.Helper()
	out, err := r.Factory.Set(region).EC2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{})
	if err != nil {
		r.tb.Fatal(err)
	}
	for _, g := range out.SecurityGroups {
		if tagOf(g.Tags, "cicdctl:client") == client && tagOf(g.Tags, "GroupName") == name {
			return *g.GroupId
		}
	}
	r.tb.Fatalf("%s has no group %s", client, name)
	return ""
}

// allow lets a range into a security group, as somebody does by hand.
func (r *rig) allow(ctx context.Context, group, cidr string, port int32) {
	r.tb.Helper()
	_, err := r.Factory.Set(region).EC2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &group, IpPermissions: []types.IpPermission{{
		IpProtocol: aws.String("tcp"), FromPort: &port, ToPort: &port, IpRanges: []types.IpRange{{CidrIp: &cidr}},
	}}})
	if err != nil {
		r.tb.Fatal(err)
	}
}

// What somebody changes in the account by hand is in the next dossier, whatever the spec says.
func TestChangesByHandShow(t *testing.T) {
	withSample(t, func(ctx context.Context, t *testing.T, r *rig, s *spec.Spec) {
		before := markdown(t, r.gather(ctx, s, false), lang.English)
		api := r.Factory.Set(region)
		r.allow(ctx, r.group(ctx, "ACME", "load-balancer"), "203.0.113.77/32", 8443)
		if _, err := api.RDS.ModifyDBCluster(ctx, &rds.ModifyDBClusterInput{DBClusterIdentifier: aws.String("acme"), PreferredMaintenanceWindow: aws.String("wed:13:10-wed:14:10"), ApplyImmediately: aws.Bool(true)}); err != nil {
			t.Fatal(err)
		}
		service, err := api.ECS.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: aws.String("acme"), Services: []string{"shop-web-prod"}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := api.ECS.TagResource(ctx, &ecs.TagResourceInput{ResourceArn: service.Services[0].TaskDefinition, Tags: []ecstypes.Tag{{Key: aws.String("cicdctl:image-tag"), Value: aws.String("v1-by-hand")}}}); err != nil {
			t.Fatal(err)
		}
		alarms, err := api.CloudWatch.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{"acme-database-cpu"}})
		if err != nil {
			t.Fatal(err)
		}
		one := alarms.MetricAlarms[0]
		if _, err := api.CloudWatch.PutMetricAlarm(ctx, &cloudwatch.PutMetricAlarmInput{
			AlarmName: one.AlarmName, AlarmDescription: one.AlarmDescription, Namespace: one.Namespace, MetricName: one.MetricName, Statistic: one.Statistic, ExtendedStatistic: one.ExtendedStatistic,
			Metrics: one.Metrics, Period: one.Period, EvaluationPeriods: one.EvaluationPeriods, Threshold: one.Threshold, ComparisonOperator: one.ComparisonOperator, ActionsEnabled: aws.Bool(false),
			Dimensions: one.Dimensions, TreatMissingData: one.TreatMissingData,
		}); err != nil {
			t.Fatal(err)
		}
		after := markdown(t, r.gather(ctx, s, false), lang.English)
		for title, want := range map[string]string{
			"Network":                         "| internet `203.0.113.77/32` | load-balancer | `tcp 8443` |",
			"Access rules":                    "| load-balancer | inbound | `tcp 8443` | `203.0.113.77/32` |",
			"Maintenance windows":             "| Wednesday 14:10 | Wednesday 15:10 | maintenance of the database (acme) |", // winter, in Paris
			"Runtimes and versions":           "| shop/web | prod | running | `v1-by-hand` |",
			"Deployments of the last 90 days": "`v1-by-hand`",
			"Alarms":                          "tells nobody",
			"Audit":                           "A resource differs from the spec",
		} {
			if strings.Contains(section(before, title), want) {
				t.Errorf("%s says %q before it is so", title, want)
			}
			if !strings.Contains(section(after, title), want) {
				t.Errorf("%s does not say %q:\n%s", title, want, section(after, title))
			}
		}
	})
}

// other is the spec of another client.
func other(name string) string {
	return strings.NewReplacer("client: ACME", "client: "+name, "acme/shop", strings.ToLower(name)+"/shop", "shop.example", strings.ToLower(name)+".shop.example", "ops@acme.example", "ops@"+strings.ToLower(name)+".example").Replace(string(examples.ACME))
}

// hole opens one client's database to another's addresses: in the group, and in both ACLs.
func (r *rig) hole(ctx context.Context, from, to string) {
	r.tb.Helper()
	api := r.Factory.Set(region).EC2
	subnets, err := api.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{})
	if err != nil {
		r.tb.Fatal(err)
	}
	acls, err := api.DescribeNetworkAcls(ctx, &ec2.DescribeNetworkAclsInput{})
	if err != nil {
		r.tb.Fatal(err)
	}
	for _, s := range subnets.Subnets {
		client, role := tagOf(s.Tags, "cicdctl:client"), tagOf(s.Tags, "cicdctl:role")
		if client != from && client != to || role != "a" {
			continue
		}
		if client == from {
			r.allow(ctx, r.group(ctx, to, "database"), *s.CidrBlock, 443) // what the hosts of the other may open
		}
		for _, x := range acls.NetworkAcls {
			owner := tagOf(x.Tags, "cicdctl:client")
			if owner != from && owner != to || owner == client {
				continue
			}
			for _, egress := range []bool{false, true} {
				if _, err := api.CreateNetworkAclEntry(ctx, &ec2.CreateNetworkAclEntryInput{NetworkAclId: x.NetworkAclId, RuleNumber: aws.Int32(90), Egress: &egress, Protocol: aws.String("-1"), RuleAction: types.RuleActionAllow, CidrBlock: s.CidrBlock}); err != nil {
					r.tb.Fatal(err)
				}
			}
		}
	}
}

// A hole between clients is in the diagram, in red, and the rules that let it through are told; the
// other client's name is nowhere.
func TestAHoleShowsWithItsRules(t *testing.T) {
	withSample(t, func(ctx context.Context, t *testing.T, r *rig, s *spec.Spec) {
		r.create(ctx, other("GLOBEX"))
		r.hole(ctx, "GLOBEX", "ACME")
		d := r.gather(ctx, s, false)
		if d.Network.Isolated || len(d.Network.Holes) == 0 {
			t.Fatalf("the network counts as isolated: %+v", d.Network.Holes)
		}
		var graph *document.Graph
		var notices []document.Notice
		for _, sec := range Compose(d, lang.English).Sections {
			for _, b := range sec.Blocks {
				switch b := b.(type) {
				case document.Graph:
					if sec.ID == "network" {
						graph = &b
					}
				case document.Notice:
					if sec.ID == "network" && b.Tone == document.Bad {
						notices = append(notices, b)
					}
				}
			}
		}
		found := false
		for _, e := range graph.Edges {
			found = found || e.From == nodeOther && strings.HasPrefix(e.To, "member-database") && e.Tone == document.Bad && strings.Join(e.Label, "") == "tcp 443"
		}
		if !found {
			t.Errorf("no red arrow from another client to the database: %+v", graph.Edges)
		}
		if len(notices) == 0 {
			t.Fatal("no notice of the hole")
		}
		said := ""
		for _, span := range notices[0].Text {
			said += span.Text
		}
		for _, want := range []string{"another client (10.20.24.", ") reaches database (", "on tcp 443", "network ACL client, inbound rule 90: all traffic from 10.20.24.0/21", "security group database, inbound: tcp 443 from 10.20.24.0/21", "network ACL another client, outbound rule 90"} {
			if !strings.Contains(said, want) {
				t.Errorf("the notice lacks %q: %s", want, said)
			}
		}
		wantNowhere(t, d, "GLOBEX", "globex")
	})
}

// forms are all that a dossier is written as.
func forms(tb testing.TB, d *Dossier) map[string]string {
	tb.Helper()
	out := map[string]string{"json": written(tb, d)}
	for _, l := range []lang.Lang{lang.English, lang.French} {
		var b bytes.Buffer
		if err := document.HTML(&b, Compose(d, l)); err != nil {
			tb.Fatal(err)
		}
		out["html "+string(l)], out["md "+string(l)] = b.String(), markdown(tb, d, l)
	}
	return out
}

// wantNowhere fails where one of the words is in any form of a dossier.
func wantNowhere(tb testing.TB, d *Dossier, words ...string) {
	tb.Helper()
	for form, text := range forms(tb, d) {
		for _, word := range words {
			if at := strings.Index(text, word); at >= 0 {
				tb.Errorf("%s has %q: …%s…", form, word, text[max(0, at-80):min(len(text), at+80)])
			}
		}
	}
}

// A dossier goes to one client: with other clients beside it, their names are in no form of it, also
// where the audit's findings are about both.
func TestOtherClientsAreNotNamed(t *testing.T) {
	withSample(t, func(ctx context.Context, t *testing.T, r *rig, s *spec.Spec) {
		globex := r.create(ctx, other("GLOBEX"))
		r.hole(ctx, "ACME", "GLOBEX")
		for _, ids := range []bool{false, true} {
			wantNowhere(t, r.gather(ctx, s, ids), "GLOBEX", "globex")
			wantNowhere(t, r.gather(ctx, globex, ids), "ACME", "acme", "office", "alice")
		}
	})
}

// Identifiers are in a dossier only where they were asked for.
func TestIdentifiersOnlyWhereAsked(t *testing.T) {
	withSample(t, func(ctx context.Context, t *testing.T, r *rig, s *spec.Spec) {
		a := r.answers(ctx)
		planted := []string{"123456789012", "arn:aws", *a.cluster.DBClusterArn, *a.instances[0].DbiResourceId}
		for _, v := range a.vpcs {
			planted = append(planted, *v.VpcId)
		}
		for _, x := range a.subnets {
			planted = append(planted, *x.SubnetId)
		}
		for _, x := range a.groups {
			planted = append(planted, *x.GroupId)
		}
		for _, x := range a.acls {
			planted = append(planted, *x.NetworkAclId)
		}
		for _, x := range a.interfaces {
			planted = append(planted, *x.NetworkInterfaceId)
		}
		for _, x := range a.nats {
			planted = append(planted, *x.NatGatewayId)
		}
		for _, x := range a.sites {
			planted = append(planted, *x.VpnConnectionId, *x.CustomerGatewayId)
		}
		planted = append(planted, *a.endpoints[0].ClientVpnEndpointId)
		r.allow(ctx, r.group(ctx, "ACME", "hosts"), "203.0.113.5/32", 22) // a finding that names its group
		without := r.gather(ctx, s, false)
		if len(without.Audit.Findings) == 0 {
			t.Error("there is no finding whose texts could have identifiers")
		}
		wantNowhere(t, without, planted...)
		with := written(t, r.gather(ctx, s, true))
		for _, id := range []string{*a.subnets[0].SubnetId, r.group(ctx, "ACME", "hosts"), "123456789012"} {
			if !strings.Contains(with, id) {
				t.Errorf("asked for, %s is missing", id)
			}
		}
	})
}

// refuse has AWS refuse operations to the caller.
func (r *rig) refuse(operations ...string) {
	r.account.OnCall(func(c sandbox.Call) sandbox.Fault {
		for _, each := range operations {
			if c.Name() == each {
				return sandbox.Fault{Before: &smithy.GenericAPIError{Code: "AccessDenied", Message: "as the test wants it"}}
			}
		}
		return sandbox.Fault{}
	})
}

// What AWS refuses to tell is told as not read where it would have been, and never as none.
func TestWhatIsNotReadIsToldSo(t *testing.T) {
	for _, c := range []struct {
		operation, section, what string
		never                    []string
	}{
		{"CloudWatch.DescribeAlarms", "Alarms", "cloudwatch/alarm", []string{"has no alarms", "Nobody is told"}},
		{"EC2.DescribeNetworkAcls", "Network", "isolation of clients", []string{"There is no VPC", "Nothing reaches", "No other client reaches"}},
		{"EC2.DescribeSecurityGroups", "Access rules", "ec2/security-group", []string{"neither network ACLs"}},
		{"EC2.DescribeVpnConnections", "VPN", "the tunnels of sites", []string{"No sites"}},
		{"KMS.ListAliases", "Keys", "kms/key", []string{"has no keys"}},
		{"S3.ListObjectsV2", "Recovery times, as measured", "the history of restore drills", []string{"has no database"}},
		{"RDS.DescribeDBClusters", "Recovery times, as measured", "rds/cluster", []string{"has no database"}},
		{"RDS.DescribeDBClusters", "Backups", "database", []string{"There is no backup"}},
		{"ECS.ListTaskDefinitions", "Deployments of the last 90 days", "the deployments of shop/web (prod)", []string{"Nothing was deployed"}},
		{"Scheduler.GetSchedule", "Maintenance windows", "scheduler/group", nil},
		{"EC2.DescribeSubnets", "Region and subnets", "the client's subnets", []string{"has no subnets"}},
	} {
		t.Run(c.operation+" "+c.section, func(t *testing.T) {
			withSample(t, func(ctx context.Context, t *testing.T, r *rig, s *spec.Spec) {
				r.refuse(c.operation)
				d := r.gather(ctx, s, false)
				if len(d.unreadOf()) == 0 {
					t.Error("everything counts as read")
				}
				text := section(markdown(t, d, lang.English), c.section)
				if !strings.Contains(text, "Not read: "+c.what) && !strings.Contains(text, "Not read: the whole region") {
					t.Errorf("it is not told that %s was not read:\n%s", c.what, text)
				}
				if !strings.Contains(text, "as the test wants it") {
					t.Errorf("AWS's words are missing:\n%s", text)
				}
				for _, none := range c.never {
					if strings.Contains(text, none) {
						t.Errorf("it says %q:\n%s", none, text)
					}
				}
			})
		})
	}
}
