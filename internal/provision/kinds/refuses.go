package kinds

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
)

// What AWS would refuse to remove, as far as it can be told before anything is gone.
// Nearly all of it is in what a plan has read already.

// A region's quota of manual snapshots of clusters, and its default, which is never
// lower ("Quotas and constraints for Amazon Aurora").
const (
	snapshotQuota     = "L-9B510759"
	snapshotsAnywhere = 100
)

// refusesDBCluster is about the one removal that must not stop half way: without its
// instances a database answers nobody, and its last copy is still to be made.
func refusesDBCluster(ctx context.Context, s *provision.Step, w *provision.Sweep, c dbCluster) (string, error) {
	id, status := aws.ToString(c.DBClusterIdentifier), aws.ToString(c.Status)
	for _, m := range c.DBClusterMembers {
		name := aws.ToString(m.DBInstanceIdentifier)
		theirs := func(r *provision.Resource) bool { return r.ID == name && r.Foreign() }
		if slices.ContainsFunc(s.Found("rds/instance"), theirs) {
			return "its instance " + name + " is not cicdctl's: delete it by hand, or give it its tags back", nil
		}
	}
	switch {
	case status == "stopped" || status == "stopping":
		return fmt.Sprintf("it is %s, and RDS deletes no stopped cluster: start it (aws rds start-db-cluster --db-cluster-identifier %s --region %s), and run again once it is available", status, id, s.Region), nil
	case aws.ToString(c.GlobalClusterIdentifier) != "":
		return "it is part of the global cluster " + *c.GlobalClusterIdentifier + ": take it out first", nil
	case s.Purge || isDrill(RDSTags(c.TagList)):
		return "", nil // no last copy
	case dbState(c.Status) == provision.Failed:
		return "RDS calls it " + status + ", and makes no final snapshot of it: repair it first; --purge-data removes it without a last copy", nil
	}
	if why, err := keyRefuses(ctx, s, w, aws.ToString(c.KmsKeyId)); why != "" || err != nil {
		return why, err
	}
	if taken := len(s.Found("rds/cluster-snapshot")); taken >= snapshotsAnywhere {
		out, err := w.Quotas.GetServiceQuota(ctx, &servicequotas.GetServiceQuotaInput{ServiceCode: aws.String("rds"), QuotaCode: aws.String(snapshotQuota)})
		if err != nil {
			return "", err
		}
		if most := int(aws.ToFloat64(out.Quota.Value)); taken >= most {
			return fmt.Sprintf("the region holds %d manual snapshots of clusters and may hold %d, so there is no room for the final one: delete some, or ask for more (%s)", taken, most, snapshotQuota), nil
		}
	}
	return "", nil
}

// keyRefuses is why nothing can be written that is encrypted with a key.
func keyRefuses(ctx context.Context, s *provision.Step, w *provision.Sweep, arn string) (string, error) {
	if arn == "" {
		return "", nil
	}
	state := kmstypes.KeyState("")
	for _, r := range s.Found("kms/key") {
		if k, ok := r.Object.(*key); ok && r.ID == arn && !k.made.IsZero() {
			state = k.state
		}
	}
	if state == "" {
		about, err := describeKey(ctx, w, w.KMS, arn)
		switch {
		case awsapi.Is(err, awsapi.NotFound):
			return "its KMS key " + arn + " is not there any more", nil
		case awsapi.Is(err, awsapi.Denied):
			return "", nil // it may be used all the same
		case err != nil:
			return "", err
		}
		state = about.KeyState
	}
	if state == kmstypes.KeyStateEnabled {
		return "", nil
	}
	return fmt.Sprintf("its KMS key %s is %s, and the final snapshot is encrypted with it: enable it first", arn, state), nil
}

// usedByClusters is a Refuses: a group stays while somebody else's cluster or instance
// is in it.
func usedByClusters[A any](name func(A) string, ofCluster func(dbCluster) *string, ofInstance func(dbInstance) string) func(context.Context, *provision.Step, *provision.Sweep, A) (string, error) {
	return func(_ context.Context, s *provision.Step, _ *provision.Sweep, a A) (string, error) {
		for _, r := range append(slices.Clone(s.Found("rds/cluster")), s.Found("rds/instance")...) {
			in := ""
			switch o := r.Object.(type) {
			case dbCluster:
				in = aws.ToString(ofCluster(o))
			case dbInstance:
				in = ofInstance(o)
			}
			if r.Foreign() && in == name(a) {
				return "the " + strings.TrimPrefix(r.Type.Name, "rds/") + " " + r.ID + " uses it and is not cicdctl's", nil
			}
		}
		return "", nil
	}
}

// refusesSubnet names machines and services of others in a subnet. What AWS takes out by
// itself is waited for.
func refusesSubnet(ctx context.Context, s *provision.Step, w *provision.Sweep, n *subnet) (string, error) {
	all, err := nicsIn(ctx, w, n.VpcId)
	if err != nil {
		return "", err
	}
	hosts := map[string]bool{}
	for _, r := range s.Found("autoscaling/group") {
		if g, ok := r.Object.(scalingGroup); ok && !r.Foreign() {
			for _, i := range g.Instances {
				hosts[aws.ToString(i.InstanceId)] = true
			}
		}
	}
	theirs := slices.DeleteFunc(slices.Clone(all), func(in nic) bool {
		if aws.ToString(in.SubnetId) != aws.ToString(n.SubnetId) || in.Status == ec2types.NetworkInterfaceStatusDetaching {
			return true
		}
		switch in.InterfaceType {
		case ec2types.NetworkInterfaceTypeLambda, ec2types.NetworkInterfaceTypeTransitGateway, "efs":
			return false
		case ec2types.NetworkInterfaceTypeInterface:
			return in.Attachment == nil || aws.ToString(in.Attachment.InstanceOwnerId) != s.Account || aws.ToString(in.Attachment.InstanceId) == "" || hosts[*in.Attachment.InstanceId]
		default:
			return true
		}
	})
	if len(theirs) == 0 || len(hosts) == 0 { // hosts of a group that is gone shut down for a while
		return "", nil
	}
	return "it holds " + nicsText(theirs) + ", which cicdctl did not make", nil
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
				return fmt.Sprintf("a rule of %s (%s) names it, which is not cicdctl's", r.ID, aws.ToString(other.GroupName)), nil
			}
		}
	}
	return "", nil
}

// refusesCertificate names load balancers and services of others that show a certificate.
func refusesCertificate(_ context.Context, s *provision.Step, _ *provision.Sweep, c *certificate) (string, error) {
	for _, user := range c.InUseBy {
		ours := slices.ContainsFunc(s.Found("elb/load-balancer"), func(r *provision.Resource) bool { return r.ID == user && !r.Foreign() })
		// Lists know late what is in use no more: a load balancer that is gone is none.
		balancer := strings.Contains(user, ":loadbalancer/")
		listed := slices.ContainsFunc(s.Found("elb/load-balancer"), func(r *provision.Resource) bool { return r.ID == user })
		if !ours && (!balancer || listed) {
			return user + " uses it, which is not cicdctl's", nil
		}
	}
	return "", nil
}

// refusesTargets names load balancers of others that send to a target group.
func refusesTargets(_ context.Context, s *provision.Step, _ *provision.Sweep, g *targetGroup) (string, error) {
	for _, arn := range g.LoadBalancerArns {
		if slices.ContainsFunc(s.Found("elb/load-balancer"), func(r *provision.Resource) bool { return r.ID == arn && r.Foreign() }) {
			return arn + " sends to it, which is not cicdctl's", nil
		}
	}
	return "", nil
}

// refusesECSCluster names services of others in the client's cluster.
func refusesECSCluster(_ context.Context, s *provision.Step, _ *provision.Sweep, c ecsCluster) (string, error) {
	for _, r := range s.Found("ecs/service") {
		v, ok := r.Object.(ecsService)
		if ok && r.Foreign() && aws.ToString(v.ClusterArn) == aws.ToString(c.ClusterArn) {
			return "it runs the service " + aws.ToString(v.ServiceName) + ", which is not cicdctl's", nil
		}
	}
	return "", nil
}

// refusesLogGroup and refusesHosts are about protection that somebody has turned on by hand.
func refusesLogGroup(_ context.Context, _ *provision.Step, _ *provision.Sweep, g *logGroup) (string, error) {
	if aws.ToBool(g.DeletionProtectionEnabled) {
		return "its deletion protection is on: turn it off first", nil
	}
	return "", nil
}

func refusesHosts(_ context.Context, _ *provision.Step, _ *provision.Sweep, g scalingGroup) (string, error) {
	if p := g.DeletionProtection; p != "" && p != asgtypes.DeletionProtectionNone {
		return "its deletion protection is " + string(p) + ": set it to none first", nil
	}
	return "", nil
}

// refusesRole names instance profiles of others that have a role.
func refusesRole(_ context.Context, s *provision.Step, _ *provision.Sweep, r *role) (string, error) {
	for _, name := range r.profiles {
		if slices.ContainsFunc(s.Found("iam/instance-profile"), func(p *provision.Resource) bool { return p.ID == name && p.Foreign() }) {
			return "the instance profile " + name + " has it, which is not cicdctl's", nil
		}
	}
	return "", nil
}
