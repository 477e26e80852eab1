package rules

// TopicPolicy lets CloudWatch publish the client's alarms to its topic, and EventBridge the
// events of its rules, and nothing else: what else publishes needs a permission of IAM. Nothing comes without TLS.
func TopicPolicy(p Place, client string) string {
	topic := p.arn("sns", AlarmTopicName(client))
	return document(
		statement{
			Sid: "Alarms", Effect: "Allow", Principal: object{"Service": "cloudwatch.amazonaws.com"}, Action: []string{"sns:Publish"}, Resource: []string{topic},
			Condition: object{
				"StringEquals": object{"aws:SourceAccount": p.Account},
				"ArnLike":      object{"aws:SourceArn": p.arn("cloudwatch", "alarm:"+AlarmName(client, "*"))},
			},
		},
		statement{
			Sid: "Events", Effect: "Allow", Principal: object{"Service": "events.amazonaws.com"}, Action: []string{"sns:Publish"}, Resource: []string{topic},
			Condition: object{
				"StringEquals": object{"aws:SourceAccount": p.Account},
				"ArnLike":      object{"aws:SourceArn": p.arn("events", "rule/"+EventRuleName(client, "*"))},
			},
		},
		statement{Sid: "TLSOnly", Effect: "Deny", Principal: "*", Action: []string{"sns:Publish"}, Resource: []string{topic}, Condition: insecure},
	)
}

// ClientKeyPolicy is KeyPolicy for a client's key, which also encrypts what
// CloudWatch and EventBridge say on the client's topic (SNS developer guide, "Enable compatibility
// between event sources from AWS services and encrypted topics"). By the same page, a key's policy
// that names the source of what EventBridge says is not supported: nothing would arrive, and
// nobody be told. The topic's policy names it.
func ClientKeyPolicy(p Place, client string, logGroups ...string) string {
	const forTopic = "kms:EncryptionContext:aws:sns:topicArn"
	topic, use := p.arn("sns", AlarmTopicName(client)), []string{"kms:Decrypt", "kms:GenerateDataKey*"}
	return document(append(keyStatements(p, logGroups...),
		statement{
			Sid: "Alarms", Effect: "Allow", Principal: object{"Service": "cloudwatch.amazonaws.com"}, Action: use, Resource: []string{"*"},
			Condition: object{"StringEquals": object{"aws:SourceAccount": p.Account, forTopic: topic}},
		},
		statement{
			Sid: "Events", Effect: "Allow", Principal: object{"Service": "events.amazonaws.com"}, Action: use, Resource: []string{"*"},
			Condition: object{"StringEquals": object{forTopic: topic}},
		},
	)...)
}

// FlowLogsPolicy is what the VPC's flow logs may do: write to their log group (VPC
// user guide, "IAM role for publishing flow logs to CloudWatch Logs"). The group is
// made beforehand, so it takes no right to make any.
func FlowLogsPolicy(p Place) string {
	group := p.arn("logs", "log-group:"+FlowLogGroupName)
	return document(
		statement{Sid: "Write", Effect: "Allow", Action: []string{"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"}, Resource: []string{group + ":*"}},
		// It is a list, which IAM ties to no resource (service authorization reference).
		statement{Sid: "Find", Effect: "Allow", Action: []string{"logs:DescribeLogGroups"}, Resource: everywhere},
	)
}

// TrailBucketPolicy lets CloudTrail write the account's trail, and nobody come
// without TLS (CloudTrail user guide, "Amazon S3 bucket policy for CloudTrail").
func TrailBucketPolicy(p Place, bucket string) string {
	arn := "arn:" + p.Partition + ":s3:::" + bucket
	trail := func(more object) map[string]any {
		more["aws:SourceArn"] = TrailARN(p)
		return object{"StringEquals": more}
	}
	service := object{"Service": "cloudtrail.amazonaws.com"}
	return document(
		tlsOnly(bucket),
		statement{Sid: "Look", Effect: "Allow", Principal: service, Action: []string{"s3:GetBucketAcl"}, Resource: []string{arn}, Condition: trail(object{})},
		statement{
			Sid: "Write", Effect: "Allow", Principal: service, Action: []string{"s3:PutObject"}, Resource: []string{arn + "/AWSLogs/" + p.Account + "/*"},
			Condition: trail(object{"s3:x-amz-acl": "bucket-owner-full-control"}),
		},
	)
}

// TrailKeyPolicy lets IAM decide in the account, and CloudTrail encrypt the trail
// (CloudTrail user guide, "Configure AWS KMS key policies for CloudTrail"). Without
// kms:Decrypt it neither makes nor changes a trail whose bucket has a bucket key, as
// somebody may have given it.
func TrailKeyPolicy(p Place) string {
	service, source := object{"Service": "cloudtrail.amazonaws.com"}, object{"aws:SourceArn": TrailARN(p)}
	return document(
		statement{Sid: "Account", Effect: "Allow", Principal: root(p), Action: []string{"kms:*"}, Resource: []string{"*"}},
		statement{
			Sid: "Encrypt", Effect: "Allow", Principal: service, Action: []string{"kms:GenerateDataKey*"}, Resource: []string{"*"},
			Condition: object{
				"StringEquals": source,
				"StringLike":   object{"kms:EncryptionContext:aws:cloudtrail:arn": "arn:" + p.Partition + ":cloudtrail:*:" + p.Account + ":trail/*"},
			},
		},
		statement{Sid: "Decrypt", Effect: "Allow", Principal: service, Action: []string{"kms:Decrypt"}, Resource: []string{"*"}, Condition: object{"StringEquals": source}},
		statement{
			Sid: "Logs", Effect: "Allow", Principal: object{"Service": "logs." + p.Region + ".amazonaws.com"},
			Action: []string{"kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"}, Resource: []string{"*"},
			Condition: object{"ArnLike": object{"kms:EncryptionContext:aws:logs:arn": p.arn("logs", "log-group:"+TrailLogGroupName+"*")}},
		},
		statement{
			Sid: "Alarms", Effect: "Allow", Principal: object{"Service": "cloudwatch.amazonaws.com"}, Action: []string{"kms:Decrypt", "kms:GenerateDataKey*"}, Resource: []string{"*"},
			Condition: object{"StringEquals": object{"kms:EncryptionContext:aws:sns:topicArn": p.arn("sns", AlarmTopicName(TrailAlarmsOwner))}},
		},
		statement{Sid: "Describe", Effect: "Allow", Principal: service, Action: []string{"kms:DescribeKey"}, Resource: []string{"*"}, Condition: object{"StringEquals": source}},
	)
}
