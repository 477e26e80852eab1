package conformance

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// Whatever may refuse is asked before the first removal.

// wantUntouched fails when a run has changed something.
func (r *rig) wantUntouched() {
	r.tb.Helper()
	for _, c := range r.account.Calls() {
		if c.Mutating && c.Service != "S3" { // a lease changes nothing of the client
			r.tb.Errorf("%s was called", c.Name())
		}
	}
}

// RDS asks whether the caller may tag the final snapshot when the cluster is deleted,
// which is after its instances.
func TestTheFinalSnapshotIsAskedForFirst(t *testing.T) {
	t.Parallel()
	all := rules.OperatorPolicies()
	without := make([]rules.PolicyDocument, len(all))
	for i, d := range all {
		without[i] = d
		without[i].Text = strings.Replace(d.Text, `"rds:AddTagsToResource","rds:CreateDBClusterSnapshot"`, `"rds:CreateDBClusterSnapshot"`, 1)
	}
	for name, c := range map[string]struct {
		policies []rules.PolicyDocument
		purge    bool
		refused  bool
	}{
		"with the printed policies":             {policies: all},
		"without that permission":               {policies: without, refused: true},
		"without it, and no snapshot is wanted": {policies: without, purge: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50})
				if err := create(ctx, r.Operator, acme(t)); err != nil {
					t.Fatal(err)
				}
				r.account.Forget()
				r.enforce(c.policies...)
				err := destroy(ctx, operator(t, r.account, cloud.Config{}), "ACME", c.purge)
				var guard *cloud.GuardError
				if errors.As(err, &guard) != c.refused || err != nil && !c.refused {
					t.Fatalf("destroy: %v, want a refusal: %v", err, c.refused)
				}
				if c.refused {
					r.wantUntouched()
					if !strings.Contains(err.Error(), "rds:AddTagsToResource on arn:aws:rds:eu-west-3:123456789012:cluster-snapshot:acme-final-") {
						t.Errorf("it says %v", err)
					}
				}
			})
		})
	}
}

// Where IAM cannot be asked, the operator is told before anything is confirmed.
func TestTheOperatorIsToldWhenIAMCannotBeAsked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
		if err := create(ctx, r.Operator, acme(t)); err != nil {
			t.Fatal(err)
		}
		r.account.OnCall(func(c sandbox.Call) sandbox.Fault {
			if c.Operation == "SimulatePrincipalPolicy" {
				return sandbox.Fault{Before: refusal("AccessDenied")}
			}
			return sandbox.Fault{}
		})
		run, err := r.Remove(ctx, "ACME", region, false)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := run.Plan(ctx); err != nil || len(run.Notes) != 1 || !strings.Contains(run.Notes[0], "final snapshot is not known") {
			t.Errorf("%v, notes %q", err, run.Notes)
		}
	})
}

func TestWhatWouldRefuseLateIsAskedFirst(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		hinder func(context.Context, *testing.T, *rig) // somebody changes something
		want   []string
		purge  bool
	}{
		"the database's key is disabled": {want: []string{"rds/cluster", "Disabled"}, hinder: func(ctx context.Context, t *testing.T, r *rig) {
			for _, h := range heldBy(ctx, t, r, acme(t)) {
				if h.Kind == "kms/key" && h.Role == "client" {
					r.alter(t, "Arn", h.ID, map[string]any{"KeyState": "Disabled", "Enabled": false})
				}
			}
		}},
		"an instance of somebody else's is in the cluster": {want: []string{"rds/cluster", "by-hand"}, purge: true, hinder: func(ctx context.Context, t *testing.T, r *rig) {
			_, err := r.Factory.Set(region).RDS.CreateDBInstance(ctx, &rds.CreateDBInstanceInput{
				DBInstanceIdentifier: aws.String("by-hand"), DBClusterIdentifier: aws.String("acme"), Engine: aws.String("aurora-postgresql"), DBInstanceClass: aws.String("db.r6g.large"),
			})
			if err != nil {
				t.Fatal(err)
			}
		}},
		"somebody's cluster uses the subnet group": {want: []string{"rds/subnet-group", "theirs"}, purge: true, hinder: func(ctx context.Context, t *testing.T, r *rig) {
			_, err := r.Factory.Set(region).RDS.CreateDBCluster(ctx, &rds.CreateDBClusterInput{
				DBClusterIdentifier: aws.String("theirs"), Engine: aws.String("aurora-postgresql"), DBSubnetGroupName: aws.String("acme"), MasterUsername: aws.String("root1"), MasterUserPassword: aws.String("a-password"),
			})
			if err != nil {
				t.Fatal(err)
			}
		}},
		"somebody's machine is in a subnet": {want: []string{"ec2/subnet", "of instance i-"}, purge: true, hinder: func(ctx context.Context, t *testing.T, r *rig) {
			clients, err := r.Clients(ctx, region)
			if err == nil {
				_, err = r.account.Boot(region, clients[0].Subnets[1].ID)
			}
			if err != nil {
				t.Fatal(err)
			}
		}},
		"somebody's security group names one of ours": {want: []string{"ec2/security-group", "(watchers)"}, purge: true, hinder: func(ctx context.Context, t *testing.T, r *rig) {
			api := r.Factory.Set(region).EC2
			groups, err := api.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{Filters: []ec2types.Filter{{Name: aws.String("tag:GroupName"), Values: []string{rules.GroupDatabase}}}})
			if err != nil || len(groups.SecurityGroups) != 1 {
				t.Fatal(err, len(groups.SecurityGroups))
			}
			ours := groups.SecurityGroups[0]
			made, err := api.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{GroupName: aws.String("watchers"), Description: aws.String("x"), VpcId: ours.VpcId})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := api.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: made.GroupId, IpPermissions: []ec2types.IpPermission{{
				IpProtocol: aws.String("-1"), UserIdGroupPairs: []ec2types.UserIdGroupPair{{GroupId: ours.GroupId}},
			}}}); err != nil {
				t.Fatal(err)
			}
		}},
		"the database is part of a global one": {want: []string{"rds/cluster", "the-world"}, purge: true, hinder: func(_ context.Context, t *testing.T, r *rig) {
			r.alter(t, "DBClusterArn", "arn:aws:rds:eu-west-3:123456789012:cluster:acme", map[string]any{"GlobalClusterIdentifier": "the-world"})
		}},
		"the database cannot be copied any more": {want: []string{"rds/cluster", "inaccessible-encryption-credentials"}, hinder: func(_ context.Context, t *testing.T, r *rig) {
			r.alter(t, "DBClusterArn", "arn:aws:rds:eu-west-3:123456789012:cluster:acme", map[string]any{"Status": "inaccessible-encryption-credentials"})
		}},
		"there is no room for a snapshot": {want: []string{"rds/cluster", "L-9B510759"}, hinder: func(_ context.Context, _ *testing.T, r *rig) {
			tree := r.tree()
			for i := range 100 {
				id := fmt.Sprintf("theirs-%d", i)
				strangers{tree, ""}.rows("RDS", "Snapshots", object{"DBClusterSnapshotIdentifier": id, "DBClusterSnapshotArn": "arn:aws:rds:eu-west-3:123456789012:cluster-snapshot:" + id, "SnapshotType": "manual", "Status": "available", "DBClusterIdentifier": "theirs", "Engine": "aurora-mysql"})
			}
			r.restore(tree)
		}},
		"the hosts are protected by hand": {want: []string{"autoscaling/group", "prevent-all-deletion"}, purge: true, hinder: func(_ context.Context, t *testing.T, r *rig) {
			r.alter(t, "AutoScalingGroupName", "acme-hosts", map[string]any{"DeletionProtection": "prevent-all-deletion"})
		}},
		"somebody's service runs in the cluster": {want: []string{"ecs/cluster", "theirs"}, purge: true, hinder: func(ctx context.Context, t *testing.T, r *rig) {
			api := r.Factory.Set(region).ECS
			_, err := api.CreateService(ctx, &ecs.CreateServiceInput{Cluster: aws.String("acme"), ServiceName: aws.String("theirs"), TaskDefinition: aws.String("acme-shop-web-prod"), DesiredCount: aws.Int32(0), NetworkConfiguration: networkOf(ctx, t, r)})
			if err != nil {
				t.Fatal(err)
			}
		}},
		"somebody's load balancer shows a certificate": {want: []string{"acm/certificate", "loadbalancer/app/theirs"}, purge: true, hinder: func(ctx context.Context, t *testing.T, r *rig) {
			for _, h := range heldBy(ctx, t, r, acme(t)) {
				if h.Kind == "acm/certificate" && h.Role == "shop.example" {
					r.theirBalancer(ctx, t, h.ID)
				}
			}
		}},
		"somebody's instance profile has a role": {want: []string{"iam/role", "theirs"}, purge: true, hinder: func(ctx context.Context, t *testing.T, r *rig) {
			api := r.Factory.Set(region).IAM
			if _, err := api.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: aws.String("theirs")}); err != nil {
				t.Fatal(err)
			}
			if _, err := api.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: aws.String("theirs"), RoleName: aws.String(rules.HostRoleName("ACME"))}); err != nil {
				t.Fatal(err)
			}
		}},
		"a log group is protected by hand": {want: []string{"logs/log-group", "deletion protection"}, purge: true, hinder: func(_ context.Context, t *testing.T, r *rig) {
			r.alter(t, "LogGroupName", rules.InsightsLogGroupName("ACME"), map[string]any{"DeletionProtectionEnabled": true})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, r := t.Context(), newRig(t, sandbox.Options{PageSize: 50, Looks: -1, Lag: -1})
				if err := create(ctx, r.Operator, acme(t)); err != nil {
					t.Fatal(err)
				}
				c.hinder(ctx, t, r)
				r.account.Forget()
				err := destroy(ctx, operator(t, r.account, cloud.Config{}), "ACME", c.purge)
				if _, refused := errors.AsType[*provision.RefusedError](err); !refused {
					t.Errorf("destroy: %v, want a refusal", err)
				}
				for _, want := range c.want {
					if err != nil && !strings.Contains(err.Error(), want) {
						t.Errorf("destroy says %v, nothing of %s", err, want)
					}
				}
				r.wantUntouched()
			})
		})
	}
}

// alter changes all that the account holds under a key with a value, as nothing of
// cicdctl's would.
func (r *rig) alter(t *testing.T, key string, value any, changes map[string]any) {
	t.Helper()
	tree, found := r.tree(), 0
	var walk func(any)
	walk = func(at any) {
		switch at := at.(type) {
		case map[string]any:
			if at[key] == value {
				found++
				maps.Copy(at, changes)
			}
			for _, v := range at {
				walk(v)
			}
		case []any:
			for _, v := range at {
				walk(v)
			}
		}
	}
	if walk(tree); found == 0 {
		t.Fatalf("the account holds no %s %v", key, value)
	}
	r.restore(tree)
}

// networkOf is where tasks of ACME's run.
func networkOf(ctx context.Context, t *testing.T, r *rig) *ecstypes.NetworkConfiguration {
	t.Helper()
	clients, err := r.Clients(ctx, region)
	if err != nil {
		t.Fatal(err)
	}
	return &ecstypes.NetworkConfiguration{AwsvpcConfiguration: &ecstypes.AwsVpcConfiguration{Subnets: []string{clients[0].Subnets[0].ID}, SecurityGroups: []string{r.groupOf("ACME", "shop-web")}}}
}

// theirBalancer is a load balancer of somebody else's that shows a certificate of ACME's.
func (r *rig) theirBalancer(ctx context.Context, t *testing.T, certificate string) {
	t.Helper()
	api := r.Factory.Set(region).ELB
	subnets, err := r.Factory.Set(region).EC2.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{Filters: []ec2types.Filter{{Name: aws.String("vpc-id"), Values: []string{r.homeVPC()}}, {Name: aws.String("tag:" + provision.TagScope), Values: []string{"region"}}}})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, s := range subnets.Subnets {
		ids = append(ids, *s.SubnetId)
	}
	made, err := api.CreateLoadBalancer(ctx, &elb.CreateLoadBalancerInput{Name: aws.String("theirs"), Subnets: ids, Type: elbtypes.LoadBalancerTypeEnumApplication})
	if err != nil {
		t.Fatal(err)
	}
	in := &elb.CreateListenerInput{
		LoadBalancerArn: made.LoadBalancers[0].LoadBalancerArn, Port: aws.Int32(443), Protocol: elbtypes.ProtocolEnumHttps, SslPolicy: aws.String(rules.TLSPolicy), Certificates: []elbtypes.Certificate{{CertificateArn: &certificate}},
		DefaultActions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumFixedResponse, FixedResponseConfig: &elbtypes.FixedResponseActionConfig{StatusCode: aws.String("404")}}},
	}
	if _, err := api.CreateListener(ctx, in); err != nil {
		t.Fatal(err)
	}
}
