package audit

// backupFields are about what is made by schedules: archives, monthly copies, and
// the renewal of hosts.
var backupFields = []field{
	{
		id: "CICD-BACKUP-4", severity: high, kind: "scheduler/group", name: "archive schedule", title: "An archive is made every month",
		why: docRPO + ": une sauvegarde par mois sera envoyée sur le service S3 Glacier", pass: "state: ENABLED", fail: "state: DISABLED",
	},
	{
		id: "CICD-MAINTENANCE-1", severity: medium, kind: "scheduler/group", name: "host refresh schedule", title: "Hosts are renewed with the newest image in the maintenance window",
		why: "document, Fenêtre maintenance: les mises à jour nécessaires à la sécurité du système", pass: "state: ENABLED", fail: "state: DISABLED",
	},
	{
		id: "CICD-SCHEDULE-1", severity: medium, kind: "scheduler/group", name: "other schedules", title: "The client's schedules are cicdctl's only",
		why: "a schedule acts with a role of the client", holds: is(""), should: "none", pass: "", fail: "nightly",
	},
	{
		id: "SQS.1", severity: medium, kind: "sqs/queue", name: "encryption", title: "Queues are encrypted",
		why: "SQS.1", pass: "on", fail: "off",
	},
	{
		id: "SQS.3", severity: high, kind: "sqs/queue", name: "policy", title: "Nobody but the scheduler writes to the queue of failed schedules",
		why: "SQS.3: a queue that anybody can write to tells nothing", pass: "{}", fail: `{"Statement":[{"Effect":"Allow","Principal":{"AWS":"*"}}]}`, breaks: public, should: "only principals that the policy names",
	},
	{
		id: "CICD-SCHEDULE-3", severity: high, kind: "sqs/queue", name: "policy", title: "The scheduler writes to the queue of failed schedules",
		why: "without its policy, failed schedules are not reported", pass: "{}", fail: "", unless: public,
	},
	{
		id: "CICD-SCHEDULE-2", severity: low, kind: "sqs/queue", name: "retention", title: "Failed schedules are told for two weeks",
		why: "who is away for a week must still hear of them", pass: "14 days", fail: "1 day",
	},
	{
		id: "Backup.1", severity: medium, kind: "backup/vault", name: "encryption key", title: "The vault of monthly copies is encrypted",
		why: "Backup.1", pass: "arn:a", fail: "arn:b", fix: byHand,
	},
	{
		id: "RDS.26", severity: high, kind: "backup/plan", name: "rule", title: "AWS Backup copies databases every month and keeps the copies for a year",
		why: "RDS.26; " + docRPO, pass: "kept: 366 days", fail: "kept: 7 days",
	},
	{
		id: "CICD-BACKUP-15", severity: high, kind: "backup/plan", name: "selection", title: "AWS Backup takes the databases whose tag says so",
		why: docRPO + "; a database that is not selected has no monthly copy", pass: "tag", fail: "",
	},
	{
		id: "CICD-BACKUP-16", severity: high, kind: "backup/plan", name: "Aurora opt-in", title: "AWS Backup is switched on for Aurora in the region",
		why: docRPO + "; without it, plans run and copy nothing", pass: "on", fail: "off",
	},
}

// unwatched is EC2.6, which asks for what was rejected.
func unwatched(traffic string) []string {
	if traffic == "REJECT" || traffic == "ALL" {
		return nil
	}
	return []string{traffic}
}

const docWatch = "document, Supervision: CloudWatch, CloudTrail"

const subscriptionKind = "rds/event-subscription"

// watchFields are about alarms, flow logs and the trail.
var watchFields = []field{
	{id: "SNS.1", severity: medium, kind: "sns/topic", name: "encryption key", title: "Alarms are encrypted on their way", why: "SNS.1", pass: "arn:a", fail: "none"},
	{id: "SNS.4", severity: high, kind: "sns/topic", name: "policy", title: "Only the account's alarms publish to the client's topic", why: "SNS.4: anyone who can publish can send false alarms", pass: "{}", fail: `{"Statement":[{"Effect":"Allow","Principal":"*"}]}`, breaks: public, should: "only principals that the policy names"},
	{id: "CICD-ALARM-7", severity: medium, kind: "sns/topic", name: "policy", title: "The policies of topics are cicdctl's", why: docWatch + "; without it alarms cannot publish", pass: "{}", fail: "", unless: public},
	{id: "CICD-ALARM-1", severity: medium, kind: "sns/topic", name: "e-mail addresses", title: "Alarms reach the addresses that were agreed", why: docWatch, pass: "ops@acme.example", fail: ""},
	{id: "CICD-ALARM-2", severity: low, kind: "sns/topic", name: "dashboard", title: "The client has its dashboard", why: docWatch, pass: "{}", fail: ""},
	{id: "RDS.19", severity: low, kind: subscriptionKind, name: "events", roles: []string{"clusters"}, title: "Operators hear of critical events of database clusters", why: "RDS.19", pass: "failure of db-cluster\nmaintenance of db-cluster", fail: "maintenance of db-cluster"},
	{id: "RDS.20", severity: low, kind: subscriptionKind, name: "events", roles: []string{"instances"}, title: "Operators hear of critical events of database instances", why: "RDS.20", pass: "failure of db-instance", fail: "backup of db-instance"},
	{id: "RDS.21", severity: low, kind: subscriptionKind, name: "events", roles: []string{"parameter-groups"}, title: "Operators hear of critical events of parameter groups", why: "RDS.21", pass: "configuration change of db-parameter-group", fail: "all of db-snapshot"},
	{id: "RDS.22", severity: low, kind: subscriptionKind, name: "events", roles: []string{"security-groups"}, title: "Operators hear of critical events of database security groups", why: "RDS.22; there are none outside of EC2-Classic, but scans ask for it", pass: "failure of db-security-group", fail: "all of db-snapshot"},
	{id: "CICD-RDS-7", severity: low, kind: subscriptionKind, name: "enabled", title: "Subscriptions to events of databases are on", why: "RDS.19 to RDS.22", pass: "on", fail: "off"},
	{id: "CICD-RDS-8", severity: low, kind: subscriptionKind, name: "sources", title: "Subscriptions to events are about all databases", why: "RDS.19 to RDS.22; a new client's database would not be in a list", pass: "all", fail: "acme"},
	{id: "CICD-RDS-9", severity: low, kind: subscriptionKind, name: "topic", title: "Events of databases go to the region's topic", why: "RDS.19 to RDS.22", pass: "arn:a", fail: "arn:b"},
	{id: "CICD-RDS-10", severity: low, kind: subscriptionKind, name: "delivery", title: "RDS can tell its events", why: "RDS.19 to RDS.22; without the topic and its policy nobody hears of anything", pass: "active", fail: "no-permission"},
	{id: "CICD-ALARM-3", severity: medium, kind: "cloudwatch/alarm", name: "metric", title: "Alarms watch what they are for", why: docWatch, pass: "CPUUtilization", fail: "Latency"},
	{id: "CICD-ALARM-4", severity: medium, kind: "cloudwatch/alarm", name: "threshold", title: "Alarms ring when agreed", why: docWatch, pass: "above 80", fail: "above 8000"},
	{id: "CICD-ALARM-5", severity: medium, kind: "cloudwatch/alarm", name: "missing data", title: "Alarms say what silence means", why: docWatch + "; a thing that no longer reports is not well", pass: "breaching", fail: "missing"},
	{id: "CloudWatch.15", severity: high, kind: "cloudwatch/alarm", name: "actions", title: "Alarms tell somebody", why: "CloudWatch.15; " + docWatch, pass: "arn:a", fail: ""},
	{id: "CloudWatch.17", severity: high, kind: "cloudwatch/alarm", name: "actions enabled", title: "Alarms are switched on", why: "CloudWatch.17; " + docWatch, pass: "on", fail: "off"},
	{id: "EC2.6", severity: medium, kind: "ec2/flow-log", name: "traffic", title: "Flow logs keep what was rejected in the VPC", why: "EC2.6, CIS 3.7", pass: "REJECT", fail: "ACCEPT", breaks: unwatched, should: "REJECT or ALL", fix: byHand},
	{id: "CICD-LOG-3", severity: medium, kind: "ec2/flow-log", name: "traffic", title: "Flow logs keep all traffic of the VPC", why: docWatch + "; EC2.6 would do with what was rejected", pass: "ALL", fail: "REJECT", unless: unwatched, fix: byHand},
	{id: "CICD-LOG-2", severity: medium, kind: "ec2/flow-log", name: "destination", title: "Flow logs go where they are kept", why: "EC2.6; " + docWatch, pass: "arn:a", fail: "arn:b", fix: byHand},
	{id: "CloudTrail.1", severity: high, kind: "cloudtrail/trail", name: "all regions", title: "The trail covers all regions", why: "CloudTrail.1, CIS 3.1; " + docWatch, pass: "on", fail: "off"},
	{id: "CloudTrail.2", severity: medium, kind: "cloudtrail/trail", name: "encryption key", title: "The trail is encrypted with its own key", why: "CloudTrail.2, CIS 3.5", pass: "arn:a", fail: ""},
	{id: "CloudTrail.3", severity: high, kind: "cloudtrail/trail", name: "logging", title: "The trail is on", why: "CloudTrail.3; " + docWatch, pass: "on", fail: "off"},
	{id: "CloudTrail.4", severity: low, kind: "cloudtrail/trail", name: "file validation", title: "The trail's files can be proved unchanged", why: "CloudTrail.4, CIS 3.2", pass: "on", fail: "off"},
	{id: "CloudTrail.5", severity: low, kind: "cloudtrail/trail", name: "CloudWatch Logs", title: "The trail goes to CloudWatch Logs", why: "CloudTrail.5; trail_alarms in the configuration switches it off", pass: "arn:logs as arn:role", fail: "off"},
	{id: "CICD-TRAIL-4", severity: low, kind: "logs/log-group", name: "metric filters", title: "What is done in the account is counted", why: "CloudWatch.1 to CloudWatch.14, CIS 4.1 to 4.14: without a filter its alarm never rings", pass: "root-used: {…}", fail: ""},
	{id: "CICD-TRAIL-1", severity: high, kind: "cloudtrail/trail", name: "management events", title: "The trail keeps all management events", why: docWatch, pass: "read and write", fail: "write"},
	{id: "CICD-TRAIL-2", severity: high, kind: "cloudtrail/trail", name: "bucket", title: "The trail goes into its own bucket", why: "CloudTrail.6; who can change the bucket can change history", pass: "cicdctl-trail", fail: "elsewhere"},
	{id: "CICD-TRAIL-3", severity: medium, kind: "cloudtrail/trail", name: "global services", title: "The trail keeps events of global services", why: docWatch + "; roles are global", pass: "on", fail: "off"},
}
