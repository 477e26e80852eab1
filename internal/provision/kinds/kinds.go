// Package kinds is the commented, ordered list of everything cicdctl makes on AWS. A
// folder holds the kinds of a service or of several related ones, one file per resource type.
package kinds

import (
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/acm"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/backup"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/ec2"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/ecs"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/elb"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/iam"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kms"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/rds"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/s3"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/schedule"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/secrets"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/watch"
)

// All lists every kind, in the order in which plans show them. What waits for
// what is each kind's own DependsOn, not this order.
func All() []*provision.Type {
	return []*provision.Type{
		// Keys and storage: the admin bucket and its key first, for everything secret rests on them.
		kms.KeyKind(),
		s3.BucketKind(),
		s3.EscrowKind(),   // the client's private key, in the admin bucket
		ec2.KeyPairKind(), // its public half

		// The network: one VPC a region, its edge, and three subnets for each client.
		ec2.VPCKind(),
		ec2.InternetGatewayKind(),
		ec2.NetworkACLKind(),
		ec2.RouteTableKind(),
		ec2.SubnetKind(),
		ec2.ElasticIPKind(),
		ec2.NATGatewayKind(),
		ec2.VPNGatewayKind(), // one for the sites of all clients
		ec2.VPCEndpointKind(),
		ec2.SecurityGroupKind(),

		// Who may do what.
		iam.ServiceLinkedRoleKind(), // with which AWS's own services work
		iam.OidcProviderKind(),      // whose tokens pipelines show
		iam.RoleKind(),
		iam.InstanceProfileKind(),

		secrets.SecretKind(), // who sends files, and the host keys of the servers

		// What services leave behind: images and logs.
		ecs.RepositoryKind(),
		watch.LogGroupKind(),

		// The clients' own sites, by IPsec.
		ec2.CustomerGatewayKind(),
		ec2.VPNConnectionKind(),

		// The database.
		rds.SubnetGroupKind(),
		rds.ParameterGroupKind(),
		rds.ClusterKind(),
		rds.InstanceKind(),
		rds.SnapshotKind(), // only ever found: what a destroyed client left

		// Copies of databases that AWS Backup keeps for a year.
		backup.VaultKind(),
		backup.PlanKind(),
		backup.RecoveryPointKind(), // only ever found

		// The platform: hosts, containers, and the way in.
		ecs.ClusterKind(),
		ecs.LaunchTemplateKind(),
		ecs.ScalingGroupKind(),
		ecs.CapacityProviderKind(),
		elb.LoadBalancerKind(),
		elb.TargetGroupKind(),
		elb.CertificateKind(), // one for each domain, and its record where the zone is ours
		elb.ListenerKind(),
		elb.ListenerRuleKind(),
		ecs.TaskDefinitionKind(),
		ecs.ServiceKind(),
		ecs.ScalableTargetKind(), // where the number of tasks follows their load

		// What happens by the clock, and what became of it when it failed.
		schedule.QueueKind(),
		schedule.ScheduleGroupKind(),

		// The way in for the client's people.
		acm.ImportedKind(), // the certificate of their server
		ec2.ClientVPNKind(),

		// Monitoring: who hears of trouble, what is watched, who spoke with whom, who did what.
		watch.TopicKind(),
		watch.AlarmKind(),
		rds.EventSubscriptionKind(), // what RDS tells of all clients' databases
		watch.EventRuleKind(),       // what AWS tells of by events: exports and copies that failed
		ec2.FlowLogKind(),
		watch.TrailKind(),
	}
}
