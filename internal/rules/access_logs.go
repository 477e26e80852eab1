package rules

// AccessLogDays is how long access logs are kept unless the configuration says otherwise:
// as long as log groups, and for the same reasons.
const AccessLogDays = LogRetentionDays

// MaxAccessLogDays is the longest that the configuration may ask for: ten years.
const MaxAccessLogDays = 3650

// AccessLogBucketName is where load balancers and buckets of a region write who used them.
func AccessLogBucketName(account, region string) string {
	return "cicdctl-logs" + BucketSuffix(account, region)
}

// AccessLogsRole is the role of that bucket. The one of the home region is the account's.
const AccessLogsRole = "access-logs"

// accountLogs begins what the account's own buckets write. No client's name has an underscore.
const accountLogs = "_account"

// BalancerLogPrefix is where a client's load balancer writes. Elastic Load Balancing appends
// "/AWSLogs/<account>/…" to it.
func BalancerLogPrefix(client string) string { return Lower(client) + "/load-balancer" }

// BucketLogPrefix is where a bucket's logs go: under its client, or under the account.
func BucketLogPrefix(client, bucket string) string {
	if client == "" {
		return accountLogs + "/" + bucket + "/"
	}
	return Lower(client) + "/" + bucket + "/"
}

// AccessLogBucketPolicy lets Elastic Load Balancing and S3 write the account's access logs,
// and nobody come without TLS. Elastic Load Balancing puts the account whose load balancer
// it is into the key, so that the path ties it; it is not documented to say for whom it
// writes (Application Load Balancers user guide, "Enable access logs"). S3 is tied to the
// account's own buckets in the region (S3 user guide, "Enabling Amazon S3 server access
// logging").
func AccessLogBucketPolicy(p Place, bucket string) string {
	arn := "arn:" + p.Partition + ":s3:::" + bucket
	return document(
		tlsOnly(bucket),
		statement{
			Sid: "LoadBalancers", Effect: "Allow", Principal: object{"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
			Action: []string{"s3:PutObject"}, Resource: []string{arn + "/" + BalancerLogPrefix("*") + "/AWSLogs/" + p.Account + "/*"},
		},
		statement{
			Sid: "Buckets", Effect: "Allow", Principal: object{"Service": "logging.s3.amazonaws.com"}, Action: []string{"s3:PutObject"}, Resource: []string{arn + "/*"},
			Condition: object{
				"StringEquals": object{"aws:SourceAccount": p.Account},
				"ArnLike":      object{"aws:SourceArn": "arn:" + p.Partition + ":s3:::*" + BucketSuffix(p.Account, p.Region)},
			},
		},
	)
}
