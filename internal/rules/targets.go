package rules

// Retries of what a schedule starts. A second attempt of an export has another
// execution id, and would be a second archive: hence few, and not for long.
const (
	TargetRetries    = 3
	TargetAgeSeconds = 3600
)

// executionID stands in an input for what tells each attempt of an invocation from
// the others (EventBridge Scheduler user guide, "Adding context attributes"). It
// must be in the input literally: escaped as JSON may be, it is not replaced.
const executionID = "<aws.scheduler.execution-id>"

// Universal targets name an API action of the SDK ("Using universal targets"). Their
// inputs have the parameters as the SDK for Java spells them.
func universalTarget(p Place, action string) string {
	return "arn:" + p.Partition + ":scheduler:::aws-sdk:" + action
}

// ArchiveTarget starts an export of a cluster.
func ArchiveTarget(p Place) string { return universalTarget(p, "rds:startExportTask") }

// RefreshTarget starts the renewal of an Auto Scaling group's hosts.
func RefreshTarget(p Place) string { return universalTarget(p, "autoscaling:startInstanceRefresh") }

// ArchiveInput is the input of ArchiveTarget. An export's identifier has 60
// characters at most: the longest client name, a hyphen, and 36 of the execution id
// make 57. Each archive is then a folder of that name at the top of the bucket.
func ArchiveInput(client, clusterARN, bucket, roleARN, keyARN string) string {
	return plainJSON(struct {
		ExportTaskIdentifier, SourceArn, S3BucketName, IamRoleArn string
		KeyID                                                     string `json:"KmsKeyId"`
	}{join(Lower(client), executionID), clusterARN, bucket, roleARN, keyARN})
}

// Refresh is how the hosts of an Auto Scaling group are replaced.
type Refresh struct {
	MinHealthyPercentage, MaxHealthyPercentage  int32
	ScaleInProtectedInstances, StandbyInstances string
	SkipMatching                                bool
	InstanceWarmup                              int32 // seconds
}

// RefreshPreferences are those of every replacement. Hosts are started before others are
// stopped, so that the client never has fewer than it wants, half as many more at
// most. It waits for nobody: ECS protects hosts with tasks from being scaled in, and
// the default is to wait an hour for such hosts, and then to fail. Five minutes are
// for a new host to boot, to join the cluster and to take over tasks. SkipMatching
// would leave all as they are: a new image behind the alias changes no template.
func RefreshPreferences() Refresh { return Refresh{100, 150, "Refresh", "Ignore", false, 300} }

// RefreshInput is the input of RefreshTarget.
func RefreshInput(group string) string {
	return plainJSON(struct {
		AutoScalingGroupName, Strategy string
		Preferences                    Refresh
	}{group, "Rolling", RefreshPreferences()})
}
