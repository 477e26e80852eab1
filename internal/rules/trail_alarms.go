package rules

import "strings"

// What is done in the account is watched through the trail in CloudWatch Logs, as CIS AWS
// Foundations Benchmark asks.

// TrailAlarmsOwner stands for the account where a client's name would: in names of its alarms and
// of the topic that they are told on. No client has it.
const TrailAlarmsOwner = "CICDCTL-TRAIL"

// TrailMetrics is the namespace of what the metric filters count.
const TrailMetrics = "cicdctl/trail"

// TrailLogGroupName is where CloudTrail writes what it writes to the bucket.
const TrailLogGroupName = SharedLogGroups + "trail"

// TrailRoleName is the role with which CloudTrail writes there.
const TrailRoleName = "cicdctl-trail"

// TrailWatch is one metric filter on the trail's log group, with its alarm.
type TrailWatch struct {
	Role, What, Todo string
	Control          string // of Security Hub
	Pattern          string
}

// known is what is done first about most of them.
const known = "find out who did it, in the trail, and whether it was meant"

// TrailWatches have the filter patterns that Security Hub looks for word for word ("Security Hub
// controls for Amazon CloudWatch", CloudWatch.1 to CloudWatch.14, Security Hub user guide).
func TrailWatches() []TrailWatch {
	return []TrailWatch{
		{"root-used", "the root user of the account was used", known + "; use roles instead", "CloudWatch.1", `{$.userIdentity.type="Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType !="AwsServiceEvent"}`},
		{"unauthorized", "calls of the API were refused", known + "; many at once are an attempt", "CloudWatch.2", `{($.errorCode="*UnauthorizedOperation") || ($.errorCode="AccessDenied*")}`},
		{"sign-in-without-mfa", "somebody signed in to the console without MFA", "give that user MFA, or take the user away", "CloudWatch.3", `{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }`},
		{"iam-policies", "policies of IAM were changed", known, "CloudWatch.4", of("iam", "DeleteGroupPolicy", "DeleteRolePolicy", "DeleteUserPolicy", "PutGroupPolicy", "PutRolePolicy", "PutUserPolicy", "CreatePolicy", "DeletePolicy", "CreatePolicyVersion", "DeletePolicyVersion", "AttachRolePolicy", "DetachRolePolicy", "AttachUserPolicy", "DetachUserPolicy", "AttachGroupPolicy", "DetachGroupPolicy")},
		{"trails", "a trail was changed", known + "; cicdctl audit tells whether the account's own still is what it should be", "CloudWatch.5", named("CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging")},
		{"sign-in-failures", "signing in to the console failed", known, "CloudWatch.6", `{($.eventName=ConsoleLogin) && ($.errorMessage="Failed authentication")}`},
		{"kms-keys", "a key of KMS was disabled, or is to be deleted", "enable it again, or cancel its deletion, unless it was meant: what it encrypts is lost else", "CloudWatch.7", of("kms", "DisableKey", "ScheduleKeyDeletion")},
		{"bucket-policies", "policies of buckets were changed", known, "CloudWatch.8", of("s3", "PutBucketAcl", "PutBucketPolicy", "PutBucketCors", "PutBucketLifecycle", "PutBucketReplication", "DeleteBucketPolicy", "DeleteBucketCors", "DeleteBucketLifecycle", "DeleteBucketReplication")},
		{"config", "AWS Config was changed", known, "CloudWatch.9", of("config", "StopConfigurationRecorder", "DeleteDeliveryChannel", "PutDeliveryChannel", "PutConfigurationRecorder")},
		{"security-groups", "security groups were changed", known, "CloudWatch.10", named("AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress", "RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress", "CreateSecurityGroup", "DeleteSecurityGroup")},
		{"network-acls", "network ACLs were changed", known, "CloudWatch.11", named("CreateNetworkAcl", "CreateNetworkAclEntry", "DeleteNetworkAcl", "DeleteNetworkAclEntry", "ReplaceNetworkAclEntry", "ReplaceNetworkAclAssociation")},
		{"gateways", "gateways of networks were changed", known, "CloudWatch.12", named("CreateCustomerGateway", "DeleteCustomerGateway", "AttachInternetGateway", "CreateInternetGateway", "DeleteInternetGateway", "DetachInternetGateway")},
		{"route-tables", "route tables were changed", known, "CloudWatch.13", of("ec2", "CreateRoute", "CreateRouteTable", "ReplaceRoute", "ReplaceRouteTableAssociation", "DeleteRouteTable", "DeleteRoute", "DisassociateRouteTable")},
		{"vpcs", "VPCs were changed", known, "CloudWatch.14", named("CreateVpc", "DeleteVpc", "ModifyVpcAttribute", "AcceptVpcPeeringConnection", "CreateVpcPeeringConnection", "DeleteVpcPeeringConnection", "RejectVpcPeeringConnection", "AttachClassicLinkVpc", "DetachClassicLinkVpc", "DisableVpcClassicLink", "EnableVpcClassicLink")},
	}
}

// anyOf are events by name.
func anyOf(names []string) string {
	var text strings.Builder
	for i, name := range names {
		if i > 0 {
			text.WriteString(" || ")
		}
		text.WriteString("($.eventName=")
		text.WriteString(name)
		text.WriteByte(')')
	}
	return text.String()
}

func named(names ...string) string { return "{" + anyOf(names) + "}" }

func of(service string, names ...string) string {
	return "{($.eventSource=" + service + ".amazonaws.com) && (" + anyOf(names) + ")}"
}

// TrailAlarms ring when a filter has counted anything in five minutes.
func TrailAlarms() []Alarm {
	var out []Alarm
	for _, w := range TrailWatches() {
		out = append(out, Alarm{
			Role: w.Role, Severity: Low, What: Both(w.What).with(" (" + w.Control + ")"), Todo: Both(w.Todo),
			Metric: Metric{Namespace: TrailMetrics, Name: w.Role, Stat: "Sum"},
			Period: fiveMinutes, Periods: 1, Over: AtLeast, Threshold: 1, Missing: MeansWell,
		})
	}
	return out
}

// TrailLogsPolicy is what CloudTrail may do: write to its log group, of which the streams are
// named after the account (CloudTrail user guide, "Role policy document for CloudTrail to use
// CloudWatch Logs for monitoring").
func TrailLogsPolicy(p Place) string {
	streams := p.arn("logs", "log-group:"+TrailLogGroupName+":log-stream:"+p.Account+"_CloudTrail_*")
	return document(statement{Sid: "Write", Effect: "Allow", Action: []string{"logs:CreateLogStream", "logs:PutLogEvents"}, Resource: []string{streams}})
}
