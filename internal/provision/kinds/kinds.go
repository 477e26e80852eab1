package kinds

import "gitlab.com/cicd/cicdctl/internal/provision"

// All lists every kind, in the order in which plans show them. What waits for
// what is each kind's own After, not this order.
func All() []*provision.Type {
	return []*provision.Type{
		// Keys and storage: the admin bucket and its key first, for everything secret rests on them.
		kmsKeyKind(),
		s3BucketKind(),
		s3EscrowKind(),   // the client's private key, in the admin bucket
		ec2KeyPairKind(), // its public half

		// The network: one VPC a region, its edge, and three subnets for each client.
		vpcKind(),
		internetGatewayKind(),
		networkACLKind(),
		routeTableKind(),
		subnetKind(),
		elasticIPKind(),
		natGatewayKind(),
		vpcEndpointKind(),
		securityGroupKind(),

		// Who may do what.
		serviceLinkedRoleKind(), // with which AWS's own services work
		oidcProviderKind(),      // whose tokens pipelines show
		iamRoleKind(),
		instanceProfileKind(),

		secretKind(), // who sends files, and the host keys of the servers

		// What services leave behind: images and logs.
		repositoryKind(),
		logGroupKind(),

		// The database.
		dbSubnetGroupKind(),
		dbParameterGroupKind(),
		dbClusterKind(),
		dbInstanceKind(),
		dbSnapshotKind(), // only ever found: what a destroyed client left

		// Copies of databases that AWS Backup keeps for a year.
		backupVaultKind(),
		backupPlanKind(),
		recoveryPointKind(), // only ever found

		// The platform: hosts, containers, and the way in.
		ecsClusterKind(),
		launchTemplateKind(),
		scalingGroupKind(),
		capacityProviderKind(),
		loadBalancerKind(),
		targetGroupKind(),
		certificateKind(), // one for each domain, and its record where the zone is ours
		listenerKind(),
		listenerRuleKind(),
		taskDefinitionKind(),
		ecsServiceKind(),

		// What happens by the clock, and what became of it when it failed.
		queueKind(),
		scheduleGroupKind(),

		// Monitoring: who hears of trouble, what is watched, who spoke with whom, who did what.
		topicKind(),
		alarmKind(),
		flowLogKind(),
		trailKind(),
	}
}
