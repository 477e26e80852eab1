package rules

import "strings"

// given is met by grants that an AWS service asks for in the caller's name, for
// its own use.
var given = object{"Bool": object{"kms:GrantIsForAWSResource": "true"}}

// ExportPolicy is what RDS may do to write a client's archives: use their bucket and
// their key (Aurora user guide, "Setting up access to an Amazon S3 bucket"). It
// needs to delete objects to clean up after a failed export.
func ExportPolicy(bucket, keyARN string) string {
	arn := "arn:aws:s3:::" + bucket
	return document(
		statement{Sid: "Bucket", Effect: "Allow", Action: []string{"s3:ListBucket", "s3:GetBucketLocation"}, Resource: []string{arn}},
		statement{Sid: "Objects", Effect: "Allow", Action: []string{"s3:PutObject*", "s3:GetObject*", "s3:DeleteObject*"}, Resource: []string{arn + "/*"}},
		statement{Sid: "Key", Effect: "Allow", Action: []string{"kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey", "kms:RetireGrant"}, Resource: []string{keyARN}},
		statement{Sid: "Grants", Effect: "Allow", Action: []string{"kms:CreateGrant"}, Resource: []string{keyARN}, Condition: given},
	)
}

// SchedulerPolicy is what the client's schedules may do: renew the hosts, start
// archives, and say what went wrong. The keys are those of the database and of the
// archives; without them there are no archives.
func SchedulerPolicy(p Place, client string, keys ...string) string {
	statements := append([]statement{
		{Sid: "DeadLetters", Effect: "Allow", Action: []string{"sqs:SendMessage"}, Resource: []string{p.arn("sqs", DeadLetterQueueName(client))}},
		{Sid: "Renew", Effect: "Allow", Action: []string{"autoscaling:StartInstanceRefresh"}, Resource: []string{p.arn("autoscaling", "autoScalingGroup:*:autoScalingGroupName/"+HostsName(client))}},
	}, launch(p, client)...)
	if len(keys) == 0 {
		return document(statements...)
	}
	return document(append(statements,
		statement{Sid: "Export", Effect: "Allow", Action: []string{"rds:StartExportTask"}, Resource: []string{p.arn("rds", "cluster:"+DatabaseName(client))}},
		pass("ExportRole", p, ExportRoleName(client), "export.rds.amazonaws.com", "rds.amazonaws.com"),
		// RDS reads the database's storage and writes the archive with grants that it asks for in the caller's name.
		statement{Sid: "Keys", Effect: "Allow", Action: []string{"kms:DescribeKey"}, Resource: keys},
		statement{Sid: "Grants", Effect: "Allow", Action: []string{"kms:CreateGrant"}, Resource: keys, Condition: given},
	)...)
}

// launch is what it takes to start one of the client's hosts. Auto Scaling tries it
// with the permissions of whoever asks for an instance refresh, when the group takes
// the latest version of its template (Auto Scaling user guide, "Permissions
// validation for ec2:RunInstances and iam:PassRole").
func launch(p Place, client string) []statement {
	what := func(types ...string) []string {
		for i, t := range types {
			types[i] = p.arn("ec2", t+"/*")
		}
		return types
	}
	none := Place{p.Partition, p.Region, ""} // what AWS itself owns
	return []statement{
		{
			Sid: "LaunchFrom", Effect: "Allow", Action: []string{"ec2:RunInstances"}, Resource: what("launch-template", "subnet", "security-group", "key-pair"),
			Condition: object{"StringEquals": object{"aws:ResourceTag/cicdctl:client": client}},
		},
		{Sid: "Launch", Effect: "Allow", Action: []string{"ec2:RunInstances"}, Resource: append(what("instance", "volume", "network-interface"), none.arn("ec2", "image/*"))},
		{
			Sid: "Tag", Effect: "Allow", Action: []string{"ec2:CreateTags"}, Resource: what("instance", "volume"),
			Condition: object{"StringEquals": object{"ec2:CreateAction": "RunInstances"}},
		},
		{Sid: "Image", Effect: "Allow", Action: []string{"ssm:GetParameters"}, Resource: []string{none.arn("ssm", "parameter"+strings.TrimPrefix(hostImages, "resolve:ssm:")+"*")}},
		pass("HostRole", p, HostRoleName(client), "ec2.amazonaws.com"),
	}
}

// pass lets a role be handed to services.
func pass(sid string, p Place, role string, services ...string) statement {
	return statement{
		Sid: sid, Effect: "Allow", Action: []string{"iam:PassRole"}, Resource: []string{"arn:" + p.Partition + ":iam::" + p.Account + ":role/" + role},
		Condition: object{"StringEquals": object{"iam:PassedToService": services}},
	}
}

// DeadLetterPolicy lets schedules of this account send to a queue, and nobody do
// anything with it without TLS.
func DeadLetterPolicy(p Place, queueARN string) string {
	return document(
		statement{
			Sid: "Schedules", Effect: "Allow", Principal: object{"Service": "scheduler.amazonaws.com"}, Action: []string{"sqs:SendMessage"}, Resource: []string{queueARN},
			Condition: object{"StringEquals": object{"aws:SourceAccount": p.Account}},
		},
		statement{Sid: "TLSOnly", Effect: "Deny", Principal: "*", Action: []string{"sqs:*"}, Resource: []string{queueARN}, Condition: insecure},
	)
}

// DeadLetterDays is how long a failed invocation can be looked at: as long as SQS allows.
const DeadLetterDays = 14
