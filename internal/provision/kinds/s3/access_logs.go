package s3

import (
	"cmp"
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// Who used a bucket is written to the region's bucket of access logs, which writes nothing
// about itself: each entry would make another.

// noLogging is the text of a bucket that writes no access logs.
const noLogging = "off"

// logBucket is the region's bucket of access logs.
func logBucket(s *provision.Scope, days int32) wantBucket {
	return wantBucket{rules.AccessLogBucketName(s.Account, s.Region), "", kit.AccessLogsRole, newLifecycle(
		lifecycled{id: "logs", expire: days},
		lifecycled{id: "uploads", abort: 7},
		lifecycled{id: "versions", noncurrent: 1}, // of what has expired
	)}
}

// adoptLogs keeps the bucket for as long as there are logs in it when no more are written:
// they go on expiring.
func adoptLogs(s *provision.Scope, role provision.Role, b *Bucket) (wantBucket, bool) {
	if role != kit.AccessLogsRole || b.empty {
		return wantBucket{}, false
	}
	return logBucket(s, cmp.Or(b.expires, rules.AccessLogDays)), true
}

// logEncryption is with keys of S3: neither service writes its logs with a key of KMS
// (Application Load Balancers user guide, "Enable access logs"; S3 user guide, "Enabling
// Amazon S3 server access logging").
func logEncryption() *s3types.ServerSideEncryptionConfiguration {
	return &s3types.ServerSideEncryptionConfiguration{Rules: []s3types.ServerSideEncryptionRule{{
		ApplyServerSideEncryptionByDefault: &s3types.ServerSideEncryptionByDefault{SSEAlgorithm: s3types.ServerSideEncryptionAes256},
	}}}
}

// loggingSetting is where a bucket writes who used it.
func loggingSetting() setting {
	return setting{
		field: "access logs", at: func(b *Bucket) *string { return &b.logging },
		want: func(s *provision.Step, d wantBucket) string { return loggingText(bucketLogging(s, d)) },
		read: get(awsapi.S3.GetBucketLogging, func(b *Bucket, in *s3.GetBucketLoggingInput) { in.Bucket = &b.name },
			func(b *Bucket, o *s3.GetBucketLoggingOutput) { b.logging = loggingText(o.LoggingEnabled) }),
		set: func(ctx context.Context, s *provision.Step, d wantBucket, b *Bucket) error {
			return kit.Do(ctx, s.API.S3.PutBucketLogging, &s3.PutBucketLoggingInput{
				Bucket: &b.name, BucketLoggingStatus: &s3types.BucketLoggingStatus{LoggingEnabled: bucketLogging(s, d)},
			})
		},
		property: "LoggingConfiguration", told: toldLogging,
	}
}

// bucketLogging is nil for a bucket that is to write none.
func bucketLogging(s *provision.Step, d wantBucket) *s3types.LoggingEnabled {
	if s.AccessLogDays == 0 || d.key == kit.AccessLogsRole {
		return nil
	}
	return &s3types.LoggingEnabled{
		TargetBucket: aws.String(rules.AccessLogBucketName(s.Account, s.Region)), TargetPrefix: aws.String(rules.BucketLogPrefix(s.Client, d.name)),
	}
}

func loggingText(l *s3types.LoggingEnabled) string {
	if l == nil {
		return noLogging
	}
	text := "s3://" + aws.ToString(l.TargetBucket) + "/" + aws.ToString(l.TargetPrefix)
	if f := l.TargetObjectKeyFormat; f != nil && f.PartitionedPrefix != nil {
		text += ", by " + string(f.PartitionedPrefix.PartitionDateSource)
	}
	for _, g := range l.TargetGrants {
		text += ", with a grant of " + string(g.Permission)
	}
	return text
}

// toldLogging takes what names a bucket and a prefix, and nothing else.
func toldLogging(b *Bucket, property []byte) bool {
	var c struct {
		DestinationBucketName, LogFilePrefix *string
	}
	if !kit.Plain(property, &c) || c.DestinationBucketName == nil || c.LogFilePrefix == nil {
		return false
	}
	b.logging = loggingText(&s3types.LoggingEnabled{TargetBucket: c.DestinationBucketName, TargetPrefix: c.LogFilePrefix})
	return true
}
