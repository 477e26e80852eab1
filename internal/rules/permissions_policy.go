package rules

import (
	"slices"
	"strings"
)

// ReadPolicy is what it takes to look: plan, show, list, doctor, audit. Private keys
// cannot be read with it: the facts beside a key need s3:GetObject (HeadObject has no
// action of its own), but what is in it is encrypted with the admin key, whose use is
// denied here, whatever else the reader may do.
func ReadPolicy() PolicyDocument {
	return PolicyDocument{"cicdctl-read-only", document(append(reads(), statement{
		Sid: "NoPrivateKeys", Effect: "Deny", Action: []string{"kms:Decrypt"}, Resource: everywhere,
		Condition: object{"ForAnyValue:StringEquals": object{"kms:ResourceAliases": []string{AdminAlias}}},
	})...)}
}

// TrustPolicy lets principals assume the role of an account, by the external ID where there is
// one: without it, whoever has the credentials' own right may, on behalf of anybody (IAM user
// guide, "The confused deputy problem").
func TrustPolicy(principals []string, externalID string) PolicyDocument {
	s := statement{Sid: "AssumeForCicdctl", Effect: "Allow", Principal: object{"AWS": principals}, Action: []string{"sts:AssumeRole"}}
	if externalID != "" {
		s.Condition = object{"StringEquals": object{"sts:ExternalId": externalID}}
	}
	return PolicyDocument{"cicdctl-trust", document(s)}
}

// BucketHandlerReads are what Cloud Control asks of a bucket in the caller's name,
// beside what cicdctl asks itself ("handlers" of AWS::S3::Bucket in the CloudFormation
// registry). All are settings.
func BucketHandlerReads() []string {
	return words(`s3:GetAccelerateConfiguration s3:GetAnalyticsConfiguration s3:GetBucketAbac s3:GetBucketCORS
		s3:GetBucketMetadataTableConfiguration s3:GetBucketNotification s3:GetBucketObjectLockConfiguration s3:GetBucketWebsite
		s3:GetIntelligentTieringConfiguration s3:GetInventoryConfiguration s3:GetMetricsConfiguration s3:GetReplicationConfiguration
		s3:ListTagsForResource`)
}

// publicParameters are those that AWS publishes.
const publicParameters = "arn:aws:ssm:*::parameter/aws/service/*"

// listBuckets is the one action of S3 that is about no bucket.
const listBuckets = "s3:ListAllMyBuckets"

// reads are the statements for looking.
func reads() []statement {
	var regional, global []string
	for _, s := range Services() {
		switch {
		case s.Prefix == "s3", s.Prefix == "ssm": // below, tied to names
		case s.global():
			global = append(global, s.actions(s.Read)...)
		default:
			regional = append(regional, s.actions(s.Read)...)
		}
	}
	// Service Quotas asks the services in the caller's name ("GetServiceQuota").
	regional = append(regional, "elasticloadbalancing:DescribeAccountLimits", "rds:DescribeAccountAttributes")
	var buckets []string
	for _, s := range Services() {
		if s.Prefix == "s3" {
			buckets = s.actions(s.Read)
		}
	}
	ofObjects := []string{"s3:GetObject", "s3:GetObjectTagging", "s3:GetObjectVersion"}
	global = append(global, listBuckets)
	buckets = slices.DeleteFunc(buckets, func(a string) bool { return slices.Contains(ofObjects, a) || a == listBuckets })
	return slices.Concat(
		allow("Look", regional, everywhere, here(nil)),
		allow("LookInAllRegions", global, everywhere, nil),
		allow("LookAtBuckets", append(buckets, BucketHandlerReads()...), bucketARNs(""), nil),
		allow("LookBesideKeys", ofObjects, escrowARNs, nil),
		allow("LookAtImages", []string{"ssm:GetParameter"}, []string{publicParameters}, nil), // other parameters may be secrets
	)
}

// OperatorPolicies are what it takes to do everything, in parts that IAM takes. All
// of them belong together.
func OperatorPolicies() []PolicyDocument {
	more := map[string][]statement{partNetwork: networkNeeds(), partPlatform: platformNeeds(), partData: dataNeeds(), partWatch: watchNeeds()}
	out := []PolicyDocument{{"cicdctl-read", document(reads()...)}}
	for _, part := range []string{partNetwork, partPlatform, partData, partWatch} {
		out = append(out, PolicyDocument{"cicdctl-" + part, document(append(changes(part), more[part]...)...)})
	}
	return out
}

// changes are the statements of a part that follow from the lists of operations.
func changes(part string) []statement {
	type limited struct{ made, ours, free []string }
	var regional, global limited
	var births []statement
	for _, s := range Services() {
		if s.Part != part || s.Prefix == "s3" {
			continue
		}
		if s.Birth != "" {
			births = append(births, allow("TagAtBirth"+strings.ToUpper(s.Prefix[:1])+s.Prefix[1:], s.actions([]string{s.Tag}), everywhere, object{"StringEquals": object{s.Birth: s.Made}})...)
		}
		to := &regional
		if s.global() {
			to = &global
		}
		to.made, to.ours, to.free = append(to.made, s.actions(s.Made)...), append(to.ours, s.actions(s.Ours)...), append(to.free, s.actions(s.Free)...)
	}
	return slices.Concat(
		allow("Make", regional.made, everywhere, here(managed("aws:RequestTag"))),
		allow("ChangeOurs", regional.ours, everywhere, here(managed("aws:ResourceTag"))),
		allow("Change", regional.free, everywhere, here(nil)),
		allow("MakeInAllRegions", global.made, everywhere, object{"StringEquals": managed("aws:RequestTag")}),
		allow("ChangeOursInAllRegions", global.ours, everywhere, object{"StringEquals": managed("aws:ResourceTag")}),
		births,
	)
}

// networkNeeds are what launch templates name, and their tags: Auto Scaling tries what
// it would start (platformNeeds).
func networkNeeds() []statement {
	return slices.Concat(
		allow("TagHosts", []string{"ec2:CreateTags"}, []string{"arn:aws:ec2:*:*:instance/*", "arn:aws:ec2:*:*:volume/*"}, object{"StringEquals": object{"ec2:CreateAction": "RunInstances"}}),
		// A template whose image is a parameter ("resolve:ssm:") makes EC2 read it.
		allow("Image", []string{"ssm:GetParameters"}, []string{publicParameters}, nil),
	)
}

// platformNeeds are what Auto Scaling, ECS and load balancers ask for in the
// caller's name, and the records of Route 53.
func platformNeeds() []statement {
	var records, linking []string
	for _, s := range Services() {
		switch s.Prefix {
		case "route53":
			records = s.actions(s.Free)
		case "iam":
			linking = s.actions(s.Free)
		}
	}
	linked := []string{"backup.amazonaws.com", "s2svpn.amazonaws.com", "clientvpn.amazonaws.com"} // make their roles by themselves, in the caller's name
	for _, r := range LinkedRoles() {
		linked = append(linked, r.Service)
	}
	slices.Sort(linked)
	what := func(types ...string) []string {
		for i, t := range types {
			types[i] = "arn:aws:ec2:*:*:" + t + "/*"
		}
		return types
	}
	return slices.Concat(
		// Auto Scaling tries what its template would start ("Launch template support").
		allow("StartHostsFrom", []string{"ec2:RunInstances"}, what("launch-template", "subnet", "security-group", "key-pair"), object{"StringEquals": managed("aws:ResourceTag")}),
		allow("StartHosts", []string{"ec2:RunInstances"}, append(what("instance", "volume", "network-interface"), "arn:aws:ec2:*::image/*"), here(nil)),
		allow("PassRoles", []string{"iam:PassRole"}, []string{"arn:aws:iam::*:role/*"}, object{"StringEquals": object{
			"iam:PassedToService": []string{"backup.amazonaws.com", "cloudtrail.amazonaws.com", "ec2.amazonaws.com", "ecs-tasks.amazonaws.com", "export.rds.amazonaws.com", "rds.amazonaws.com", "scheduler.amazonaws.com", "vpc-flow-logs.amazonaws.com"},
		}}),
		allow("ServiceRoles", linking, []string{"arn:aws:iam::*:role/aws-service-role/*"}, object{"StringEquals": object{"iam:AWSServiceName": linked}}),
		// What ACM wants to see for certificates: names that begin with an underscore, which
		// no host and no mail domain can have. cicdctl puts records and removes none.
		// (Route 53 developer guide, "Using IAM policy conditions for fine-grained access
		// control". "For all" is met by none at all, so the key has to be there.)
		allow("Records", records, []string{"arn:aws:route53:::hostedzone/*"}, object{
			"ForAllValues:StringEquals": object{
				"route53:ChangeResourceRecordSetsActions":     []string{"UPSERT"},
				"route53:ChangeResourceRecordSetsRecordTypes": []string{"CNAME"},
			},
			"ForAllValues:StringLike": object{"route53:ChangeResourceRecordSetsNormalizedRecordNames": []string{"_*"}},
			"Null":                    object{"route53:ChangeResourceRecordSetsNormalizedRecordNames": "false"},
		}),
		// The default of the account for who has no setting of his own, as the hosts.
		allow("HostInterfaces", []string{"ecs:PutAccountSettingDefault"}, everywhere, here(object{"ecs:account-setting": TrunkingSetting})),
		// Elastic Load Balancing looks at the network in the caller's name (as its
		// managed policy ElasticLoadBalancingFullAccess has it).
		allow("LookForLoadBalancers", []string{"ec2:DescribeAccountAttributes", "ec2:GetSecurityGroupsForVpc"}, everywhere, here(nil)),
	)
}

// scalingService is Application Auto Scaling's for ECS services.
const scalingService = "ecs.application-autoscaling.amazonaws.com"

// watchNeeds are those of logs, and what has no room in its own part.
func watchNeeds() []statement {
	return slices.Concat(
		// Application Auto Scaling makes its role with the first target, in the caller's name, as
		// AWS Backup and the VPNs do (platformNeeds).
		allow("RoleOfScaling", []string{"iam:CreateServiceLinkedRole"}, []string{"arn:aws:iam::*:role/aws-service-role/" + scalingService + "/*"}, object{"StringEquals": object{"iam:AWSServiceName": scalingService}}),
		// ECS asks about the cluster and the task, which has the tags of its service.
		allow("ReachHosts", []string{"autoscaling:StartInstanceRefresh", "ecs:ExecuteCommand"}, everywhere, here(managed("aws:ResourceTag"))),
		// Site-to-Site VPN has CloudWatch Logs take the tunnels' logs, in the caller's name
		// (Site-to-Site VPN user guide, "IAM requirements to publish to CloudWatch Logs").
		allow("LogsOfTunnels", words(`logs:CreateLogDelivery logs:DeleteLogDelivery logs:DescribeResourcePolicies logs:GetLogDelivery
			logs:ListLogDeliveries logs:PutResourcePolicy logs:UpdateLogDelivery`), everywhere, here(nil)),
		// RDS and Container Insights make their log groups again, without tags, when what
		// they watch is gone: these are taken over, or removed.
		allow("LogsOfAWS", []string{"logs:AssociateKmsKey", "logs:DeleteLogGroup", "logs:PutRetentionPolicy", "logs:TagResource"},
			[]string{"arn:aws:logs:*:*:log-group:" + databaseLogs + "*", "arn:aws:logs:*:*:log-group:" + insightsLogs + "*"}, here(nil)),
	)
}

// FinalSnapshotActions are what IAM asks about the snapshot that the removal of a
// cluster leaves.
func FinalSnapshotActions() []string {
	return []string{"rds:AddTagsToResource", "rds:CreateDBClusterSnapshot", "rds:DeleteDBCluster"}
}

// dataNeeds are those of keys, secrets and buckets.
func dataNeeds() []statement {
	var buckets, objects []string
	for _, s := range Services() {
		if s.Prefix != "s3" {
			continue
		}
		for _, op := range s.Free {
			switch op {
			case "CopyObject", "DeleteObject", "DeleteObjects", "PutObject", "PutObjectTagging", "RestoreObject":
				objects = append(objects, s.Actions(op)...)
			default:
				buckets = append(buckets, s.Actions(op)...)
			}
		}
	}
	making := []string{"s3:CreateBucket"}
	buckets = slices.DeleteFunc(buckets, func(action string) bool { return slices.Contains(making, action) })
	return slices.Concat(
		// None where others could have had the name.
		allow("NewBuckets", making, bucketARNs(""), object{"StringEquals": object{"s3:x-amz-bucket-namespace": "account-regional"}}),
		allow("Buckets", buckets, bucketARNs(""), nil),
		allow("Objects", objects, bucketARNs("/*"), nil),
		// What S3 keeps is asked before anything is removed.
		allow("LookForLocks", []string{"s3:GetBucketObjectLockConfiguration"}, bucketARNs(""), nil),
		allow("LookForLockedObjects", []string{"s3:GetObjectLegalHold", "s3:GetObjectRetention"}, bucketARNs("/*"), nil),
		// What ECR, RDS, S3 and AWS Backup do with a key, in the caller's name.
		allow("UseKeys", []string{"kms:Decrypt", "kms:GenerateDataKey", "kms:RetireGrant"}, []string{"arn:aws:kms:*:*:key/*"}, here(nil)),
		// Of the keys of certificate authorities, whose own policies let in the admins alone.
		allow("SignCertificates", []string{"kms:Sign"}, []string{"arn:aws:kms:*:*:key/*"}, here(object{"kms:MessageType": "DIGEST", "kms:SigningAlgorithm": "RSASSA_PKCS1_V1_5_SHA_256"})),
		allow("LetServicesUseKeys", []string{"kms:CreateGrant"}, []string{"arn:aws:kms:*:*:key/*"}, given),
		// RDS keeps the master password ("Password management with Amazon RDS and AWS
		// Secrets Manager"); vaults are storage of AWS Backup's own.
		allow("MasterPasswords", []string{"secretsmanager:CreateSecret", "secretsmanager:RotateSecret", "secretsmanager:TagResource"}, []string{"arn:aws:secretsmanager:*:*:secret:rds!*"}, nil),
		// The pre-shared keys of VPN connections, in secrets that AWS makes (managed policy
		// AWSVPCS2SVpnServiceRolePolicy).
		allow("VPNKeys", []string{"secretsmanager:GetSecretValue"}, []string{"arn:aws:secretsmanager:*:*:secret:s2svpn!*"}, nil),
		allow("Vaults", []string{"backup-storage:MountCapsule"}, everywhere, here(nil)),
		// The final snapshot is another resource of the same call, without tags yet. Since
		// 2025, whoever has a cluster deleted that hands its tags on needs to be allowed to
		// tag it, too (AWS's notice of that is in convox's pull request 856).
		allow("FinalSnapshots", FinalSnapshotActions(), []string{"arn:aws:rds:*:*:cluster-snapshot:" + FinalSnapshots}, nil),
		allow("FinalSnapshotsOfOurs", []string{"rds:CreateDBClusterSnapshot"}, []string{"arn:aws:rds:*:*:cluster:*"}, object{"StringEquals": managed("aws:ResourceTag")}),
	)
}
