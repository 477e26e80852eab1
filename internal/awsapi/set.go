// Package awsapi is everything cicdctl says to AWS: one narrow interface per
// service, the real clients behind them, one table of rate limits, one of errors.
package awsapi

// Set holds one client per service, all for the same account and region.
type Set struct {
	Region       string
	EC2          EC2
	RDS          RDS
	ECS          ECS
	ECR          ECR
	ELB          ELB
	ASG          AutoScaling
	S3           S3
	IAM          IAM
	KMS          KMS
	Logs         Logs
	SSM          SSM
	Quotas       Quotas
	STS          STS
	Tagging      Tagging
	Scheduler    Scheduler
	SQS          SQS
	Backup       Backup
	SNS          SNS
	CloudWatch   CloudWatch
	CloudTrail   CloudTrail
	ACM          ACM
	Route53      Route53
	CloudControl CloudControl
	Secrets      Secrets
	EventBridge  EventBridge
	AppScaling   AppScaling
	Pricing      Pricing
}
