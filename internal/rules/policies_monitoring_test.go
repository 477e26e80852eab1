package rules

import (
	"strings"
	"testing"
)

func TestMonitoringPoliciesAllowTheirTaskAndNoMore(t *testing.T) {
	const (
		account = "123456789012"
		topic   = "arn:aws:sns:eu-west-3:" + account + ":acme-alarms"
		key     = "arn:aws:kms:eu-west-3:" + account + ":key/1"
		trail   = "arn:aws:cloudtrail:eu-west-3:" + account + ":trail/cicdctl"
		bucket  = "arn:aws:s3:::b"
		group   = "arn:aws:logs:eu-west-3:" + account + ":log-group:/cicdctl/shared/flow-logs"
	)
	alarm := func(account, name string) map[string]string {
		return map[string]string{"aws:SourceAccount": account, "aws:SourceArn": "arn:aws:cloudwatch:eu-west-3:" + account + ":alarm:" + name}
	}
	encrypts := func(topic string) map[string]string {
		return map[string]string{"aws:SourceAccount": account, "kms:EncryptionContext:aws:sns:topicArn": topic}
	}
	writes := func(source string) map[string]string {
		return map[string]string{"aws:SourceArn": source, "s3:x-amz-acl": "bucket-owner-full-control", "kms:EncryptionContext:aws:cloudtrail:arn": source}
	}
	// The key's first statement lets IAM decide in the account; who asks here is a service.
	service := func(policy string) string {
		return strings.Replace(policy, `"Action":"kms:*"`, `"Action":"none"`, 1)
	}
	topics, keys := TopicPolicy(backupPlace, "ACME"), service(ClientKeyPolicy(backupPlace, "ACME", "/cicdctl/acme/"))
	buckets, trailKeys, flows := TrailBucketPolicy(backupPlace, "b"), service(TrailKeyPolicy(backupPlace)), FlowLogsPolicy(backupPlace)
	for name, c := range map[string]struct {
		policy string
		asked  asked
		want   bool
	}{
		"an alarm of the client is told":                {topics, asked{"sns:Publish", topic, alarm(account, "acme-database-cpu")}, true},
		"an alarm of another client is not":             {topics, asked{"sns:Publish", topic, alarm(account, "globex-database-cpu")}, false},
		"an alarm of another account is not":            {topics, asked{"sns:Publish", topic, alarm("999999999999", "acme-database-cpu")}, false},
		"nobody subscribes by the topic's policy":       {topics, asked{"sns:Subscribe", topic, alarm(account, "acme-database-cpu")}, false},
		"what is told is encrypted":                     {keys, asked{"kms:GenerateDataKey", key, encrypts(topic)}, true},
		"what EventBridge tells is encrypted":           {keys, asked{"kms:GenerateDataKey", key, map[string]string{"kms:EncryptionContext:aws:sns:topicArn": topic}}, true}, // without its source
		"what is told on another topic is not":          {keys, asked{"kms:GenerateDataKey", key, encrypts(topic + "2")}, false},
		"alarms read nothing else with the key":         {keys, asked{"kms:Decrypt", key, map[string]string{"aws:SourceAccount": account}}, false},
		"the trail is written":                          {buckets, asked{"s3:PutObject", bucket + "/AWSLogs/" + account + "/x", writes(trail)}, true},
		"the trail's bucket is looked at":               {buckets, asked{"s3:GetBucketAcl", bucket, writes(trail)}, true},
		"another trail is not written there":            {buckets, asked{"s3:PutObject", bucket + "/AWSLogs/" + account + "/x", writes(trail + "2")}, false},
		"another account's trail is not written there":  {buckets, asked{"s3:PutObject", bucket + "/AWSLogs/999999999999/x", writes(trail)}, false},
		"nothing is removed by CloudTrail":              {buckets, asked{"s3:DeleteObject", bucket + "/AWSLogs/" + account + "/x", writes(trail)}, false},
		"the trail is encrypted":                        {trailKeys, asked{"kms:GenerateDataKey", key, writes(trail)}, true},
		"another trail is not encrypted with its key":   {trailKeys, asked{"kms:GenerateDataKey", key, writes(trail + "2")}, false},
		"CloudTrail reads what it has written":          {trailKeys, asked{"kms:Decrypt", key, writes(trail)}, true},
		"flow logs are written":                         {flows, asked{"logs:PutLogEvents", group + ":log-stream:eni-1", nil}, true},
		"flow logs are written nowhere else":            {flows, asked{"logs:PutLogEvents", strings.Replace(group, "shared", "acme", 1) + ":log-stream:eni-1", nil}, false},
		"flow logs make no groups, which would not end": {flows, asked{"logs:CreateLogGroup", group, nil}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := allows(t, c.policy, c.asked); got != c.want {
				t.Errorf("allowed is %t, want %t by %s", got, c.want, c.policy)
			}
		})
	}
	for name, policy := range map[string]string{"topic": topics, "bucket": buckets} {
		if !strings.Contains(policy, `"aws:SecureTransport":"false"`) {
			t.Errorf("the %s lets in what does not come over TLS", name)
		}
	}
}
