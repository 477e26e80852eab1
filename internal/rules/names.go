package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Limit is what AWS allows in one kind of name.
type Limit struct {
	What    string // the resource, in AWS's words
	Max     int    // characters
	Pattern *lazyregexp.Regexp
	Source  string
}

// Limits is the one table of AWS's rules for the names that cicdctl makes.
var Limits = map[string]Limit{
	"security-group":     {"security group", 255, lazyregexp.New(`^[a-zA-Z0-9._\-:/()#,@\[\]+=&;{}!$* ]+$`), "EC2 CreateSecurityGroup; may not start with sg-, unique in the VPC whatever the case"},
	"role":               {"IAM role", 64, lazyregexp.New(`^[\w+=,.@-]+$`), "IAM CreateRole; unique in the account whatever the case"},
	"bucket":             {"S3 bucket", 63, lazyregexp.New(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`), "S3 user guide, \"General purpose bucket naming rules\"; account and region are part of the name"},
	"repository":         {"ECR repository", 256, lazyregexp.New(`^([a-z0-9]+([._-][a-z0-9]+)*/)*[a-z0-9]+([._-][a-z0-9]+)*$`), "ECR CreateRepository"},
	"log-group":          {"log group", 512, lazyregexp.New(`^[\w.\-/#]+$`), "CloudWatch Logs CreateLogGroup"},
	"load-balancer":      {"load balancer", 32, lazyregexp.New(`^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$`), "ELBv2 CreateLoadBalancer; may not start with internal-"},
	"target-group":       {"target group", 32, lazyregexp.New(`^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$`), "ELBv2 CreateTargetGroup"},
	"database":           {"DB cluster or instance", 63, lazyregexp.New(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`), "RDS CreateDBCluster; no double hyphen"},
	"db-group":           {"DB subnet or parameter group", 255, lazyregexp.New(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`), "RDS CreateDBSubnetGroup; may not be Default"},
	"cluster":            {"ECS cluster, service or task family", 255, lazyregexp.New(`^[\w-]+$`), "ECS CreateCluster"},
	"capacity":           {"capacity provider", 255, lazyregexp.New(`^[\w-]+$`), "ECS CreateCapacityProvider; may not start with aws, ecs or fargate"},
	"auto-scaling":       {"Auto Scaling group", 255, lazyregexp.New(`^[^:]+$`), "Auto Scaling CreateAutoScalingGroup"},
	"template":           {"launch template", 128, lazyregexp.New(`^[a-zA-Z0-9().\-/_]{3,}$`), "EC2 CreateLaunchTemplate"},
	"key-pair":           {"key pair", 255, lazyregexp.New(`^[\x20-\x7e]+$`), "EC2 ImportKeyPair"},
	"schedule-group":     {"schedule group", 64, lazyregexp.New(`^[0-9a-zA-Z_.-]+$`), "EventBridge Scheduler CreateScheduleGroup"},
	"queue":              {"SQS queue", 80, lazyregexp.New(`^[\w-]+$`), "SQS CreateQueue"},
	"export":             {"export task", 60, lazyregexp.New(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`), "RDS StartExportTask"},
	"event-subscription": {"event subscription", 254, lazyregexp.New(`^[a-zA-Z][a-zA-Z0-9]*(-[a-zA-Z0-9]+)*$`), "RDS CreateEventSubscription; less than 255 characters"},
	"event-rule":         {"EventBridge rule", 64, lazyregexp.New(`^[.\-_A-Za-z0-9]+$`), "EventBridge PutRule"},
	"alias":              {"KMS alias", 256, lazyregexp.New(`^alias/[a-zA-Z0-9/_-]+$`), "KMS CreateAlias; may not start with alias/aws/"},
}

// Lower is the client's name as AWS names have it. The hyphen that clients may
// have makes names ambiguous between clients: ACME with the app two-x and
// ACME-TWO with the app x would share the role acme-two-x. The second one to
// come finds a resource that is not its own, and is stopped before any change.
func Lower(client string) string { return strings.ToLower(client) }

func join(parts ...string) string { return strings.Join(parts, "-") }

// GroupTag is the GroupName tag of the document: "shop-web".
func GroupTag(app, service string) string { return join(app, service) }

// SecurityGroupName is the EC2 GroupName of the group with a role: "acme-shop-web".
func SecurityGroupName(client, role string) string { return join(Lower(client), role) }

// RoleName is the IAM role of an app: "acme-shop".
func RoleName(client, app string) string { return join(Lower(client), app) }

// AppRoleName is the role of an app's containers: the document's "acme-shop" in prod,
// and "acme-shop-preview" in preview, so that what is tried cannot write what counts.
func AppRoleName(client, app string, env spec.Env) string {
	if env == spec.Prod {
		return RoleName(client, app)
	}
	return RoleName(client, app) + previewSuffix
}

const previewSuffix = "-" + string(spec.Preview)

// HostRoleName is the role and the instance profile of the client's hosts.
func HostRoleName(client string) string { return join(Lower(client), "ecs-host") }

// BucketSuffix ends the names that only this account can give to buckets, and only
// in this region: its account regional namespace (S3 user guide, "Namespaces for
// general purpose buckets"). Any other name can be taken by whoever guesses it first,
// or again after a bucket was deleted.
func BucketSuffix(account, region string) string { return "-" + join(account, region, "an") }

// BucketName is the bucket of an app: "acme-shop-123456789012-eu-west-3-an".
func BucketName(client, app, region, account string) string {
	return join(Lower(client), app) + BucketSuffix(account, region)
}

// AdminBucketName is the bucket of private keys and leases.
func AdminBucketName(account, region string) string {
	return "cicdctl-admin" + BucketSuffix(account, region)
}

// RepositoryName is the ECR repository of a service: "acme/shop-web".
func RepositoryName(client, app, service string) string {
	return Lower(client) + "/" + join(app, service)
}

// LogGroupName is the log group of a service: "/cicdctl/acme/shop-web".
func LogGroupName(client, app, service string) string {
	return "/cicdctl/" + Lower(client) + "/" + join(app, service)
}

// ExecLogGroupName is the log group of the sessions that operators open in containers. No
// service's has the name, which has a hyphen.
func ExecLogGroupName(client string) string { return "/cicdctl/" + Lower(client) + "/exec" }

// DatabaseName is the Aurora cluster, its subnet group and its parameter group.
func DatabaseName(client string) string { return Lower(client) }

// DatabaseInstanceName is an instance of an Aurora cluster: "acme-1".
func DatabaseInstanceName(cluster, number string) string { return join(cluster, number) }

// ClusterName is the ECS cluster.
func ClusterName(client string) string { return Lower(client) }

// HostsName is the Auto Scaling group and the launch template.
func HostsName(client string) string { return join(Lower(client), "hosts") }

// CapacityProviderName is like HostsName, with a prefix where ECS reserves the name.
func CapacityProviderName(client string) string {
	for _, reserved := range []string{"aws", "ecs", "fargate"} {
		if strings.HasPrefix(Lower(client), reserved) {
			return "c-" + HostsName(client)
		}
	}
	return HostsName(client)
}

// KeyPairName is the EC2 key pair of the client.
func KeyPairName(client string) string { return Lower(client) }

// RotatedKeyPairName is the EC2 key pair of a client's later keys, "acme.1f2e3d4c": EC2 keeps
// the key of a pair as it is, and the old one stays until no host is started with it. No
// client's name has a dot. The public key is as OpenSSH writes it.
func RotatedKeyPairName(name, public string) string {
	sum := sha256.Sum256([]byte(public))
	return name + "." + hex.EncodeToString(sum[:4])
}

// KeyPairNames match the names of all key pairs that a client has had, as filters of EC2 do.
func KeyPairNames(client string) []string {
	return []string{KeyPairName(client), KeyPairName(client) + ".*"}
}

// AccountKeyDays is how many days the account's own keys wait for their deletion: the longest that
// KMS offers (API reference, ScheduleKeyDeletion), for what they opened may be missed late.
const AccountKeyDays = 30

// EscrowKey is the object in the admin bucket that holds the private key.
func EscrowKey(client, region string) string { return "keys/" + region + "/" + client + ".pem" }

// LoadBalancerName is the application load balancer: "acme-web".
func LoadBalancerName(client string) string { return Fit(join(Lower(client), "web"), 32) }

// TransferBalancerName is the network load balancer: "acme-transfer".
func TransferBalancerName(client string) string { return Fit(join(Lower(client), "transfer"), 32) }

// TransferTargetName is a target group of it: "acme-shop-files-prod".
func TransferTargetName(client string, p TransferPort) string {
	return Fit(join(Lower(client), p.Name()), 32)
}

// TargetGroupName is a target group, at most 32 characters: "acme-shop-web-prod".
func TargetGroupName(client, app, service string, env spec.Env) string {
	return Fit(join(Lower(client), app, service, string(env)), 32)
}

// TaskFamily is a task definition family: "acme-shop-web-prod".
func TaskFamily(client, app, service string, env spec.Env) string {
	return join(Lower(client), app, service, string(env))
}

// ServiceName is an ECS service within the client's cluster: "shop-web-prod".
func ServiceName(app, service string, env spec.Env) string { return join(app, service, string(env)) }

// FinalSnapshots are the names of all snapshots that removals leave, as a pattern of IAM.
const FinalSnapshots = "*-final-*"

// FinalSnapshotName is the snapshot that the removal of an Aurora cluster leaves:
// the time makes it unique.
func FinalSnapshotName(cluster string, at time.Time) string {
	return join(cluster, "final", at.UTC().Format("20060102150405"))
}

// ArchiveBucketName is the bucket of a client's monthly archives.
func ArchiveBucketName(client, region, account string) string {
	return BucketName(client, "archive", region, account)
}

// ArchiveKeyAlias is the alias of the key that a client's archives are encrypted with.
func ArchiveKeyAlias(client string) string { return KeyAlias(client) + "/archive" }

// ExportRoleName is the role with which RDS writes archives.
func ExportRoleName(client string) string { return join(Lower(client), "archive-export") }

// SchedulerRoleName is the role with which the client's schedules act.
func SchedulerRoleName(client string) string { return join(Lower(client), "scheduler") }

// ScheduleGroupName is the group of the client's schedules.
func ScheduleGroupName(client string) string { return Lower(client) }

// DefaultScheduleGroup is in every region of every account, and no client's.
const DefaultScheduleGroup = "default"

// Names of the schedules within a client's group.
const (
	ArchiveSchedule = "archive"
	RefreshSchedule = "host-refresh"
)

// DeadLetterQueueName is where invocations of the client's schedules end that failed for good.
func DeadLetterQueueName(client string) string { return Lower(client) + deadLetters }

const deadLetters = "-dead-letters"

// IsDeadLetterQueue reports whether a queue can be a client's by its name.
func IsDeadLetterQueue(name string) bool { return strings.HasSuffix(name, deadLetters) }

// AlarmTopicName is where the client's alarms are told: "acme-alarms".
func AlarmTopicName(client string) string { return AlarmName(client, "alarms") }

// AlarmName is the alarm with a role: "acme-database-cpu".
func AlarmName(client, role string) string { return Lower(client) + "-" + role }

// DashboardName is the client's dashboard. An account has one list of them for all
// regions.
func DashboardName(client, region string) string { return join(Lower(client), region) }

// TrailName is the account's trail.
const TrailName = "cicdctl"

// TrailARN is the ARN of the account's trail; the place is its home.
func TrailARN(p Place) string { return p.arn("cloudtrail", "trail/"+TrailName) }

// TrailBucketName is where the account's trail is kept.
func TrailBucketName(account, region string) string {
	return "cicdctl-trail" + BucketSuffix(account, region)
}

// FlowLogsRoleName is the role with which a VPC's flow logs are written.
func FlowLogsRoleName(region string) string { return join("cicdctl-flow-logs", region) }

// ExportTaskName is an archive that an operator starts: the time makes it unique.
func ExportTaskName(client string, at time.Time) string {
	return join(Lower(client), at.UTC().Format("20060102150405"))
}

// MonthlyName is the region's vault, plan and selection of AWS Backup.
const MonthlyName = "cicdctl-monthly"

// BackupRoleName is the role with which AWS Backup works in a region.
func BackupRoleName(region string) string { return join("cicdctl-backup", region) }

// Aliases of the KMS keys.
const (
	AdminAlias  = "alias/cicdctl/admin"
	SharedAlias = "alias/cicdctl/shared"
	TrailAlias  = "alias/cicdctl/trail"
)

// KeyAlias is the alias of a client's KMS key: "alias/cicdctl/client/acme".
func KeyAlias(client string) string { return "alias/cicdctl/client/" + Lower(client) }

// SecretPrefix is where the client's secrets live in Secrets Manager.
func SecretPrefix(client string) string { return AllSecrets + Lower(client) + "/" }

// SecretName is a secret of a service: "cicdctl/acme/shop-files-prod/users".
func SecretName(client, app, service string, env spec.Env, secret string) string {
	return SecretPrefix(client) + ServiceName(app, service, env) + "/" + secret
}

// AllSecrets is in front of every secret's name.
const AllSecrets = "cicdctl/"

// Fit shortens a name that is too long and marks it with a hash, so that two long
// names with the same beginning stay different.
func Fit(name string, limit int) string {
	if len(name) <= limit {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return strings.TrimRight(name[:limit-7], "-") + "-" + hex.EncodeToString(sum[:3])
}

// checkName says what AWS would refuse in a name, or returns nil.
func checkName(limit, name string) error {
	l := Limits[limit]
	if len(name) > l.Max {
		return lang.Errorf("makes the %s name %q, which has %d characters; AWS allows %d (%s)", lang.Say(l.What), name, len(name), l.Max, l.Source)
	}
	if !l.Pattern.MatchString(name) {
		return lang.Errorf("makes the %s name %q, which AWS refuses (%s)", lang.Say(l.What), name, l.Source)
	}
	return nil
}

// reserved are client names that would collide with names of AWS or of cicdctl.
var reserved = map[string]string{
	"AWS": "AWS keeps it for itself", "CICDCTL": "the tool's own resources carry it", TrailAlarmsOwner: "the alarms on the account's trail carry it",
	"SHARED": "the region's own resources carry it", "DEFAULT": "RDS keeps it for its default groups",
	"EDGE": "the region's own resources carry it", "INTERNAL": "a load balancer may not be named internal-…",
}

// reservedApps are app names whose role or bucket would be one of the client's own.
var reservedApps = map[string]string{
	"ecs-host": "the hosts' role",
	"archive":  "the archive bucket", "archive-export": "the role that writes archives", "scheduler": "the schedules' role",
}

// checkClientName says why a well-formed client name cannot be used, or returns nil.
func checkClientName(client string) error {
	if why, taken := reserved[client]; taken {
		return lang.Errorf("%q is reserved: %s", client, lang.Say(why))
	}
	for _, prefix := range []string{"SG-", "INTERNAL-", "AWS-", "STHREE", "AMZN-S3-DEMO"} { // the last two in names of buckets
		if strings.HasPrefix(client, prefix) {
			return lang.Errorf("%q may not start with %s: AWS refuses such names", client, prefix)
		}
	}
	return nil
}
