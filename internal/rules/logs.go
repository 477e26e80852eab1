package rules

// LogRetentionDays is how long every log group keeps its events: a year, as
// Prowler asks and as French law has hosts keep traces of connections.
const LogRetentionDays = 365

// Where AWS writes by itself; the names cannot be chosen.
const (
	insightsLogs = "/aws/ecs/containerinsights/"
	databaseLogs = "/aws/rds/cluster/"
)

// InsightsLogGroupName is where ECS writes the cluster's measurements.
func InsightsLogGroupName(client string) string {
	return insightsLogs + ClusterName(client) + "/performance"
}

// DatabaseLogGroupName is where Aurora writes one of the [LogExports].
func DatabaseLogGroupName(client, log string) string {
	return databaseLogs + DatabaseName(client) + "/" + log
}

// LogGroupPrefixes begin the names of all of a client's log groups, and of no
// other client's.
func LogGroupPrefixes(client string) []string {
	return []string{
		"/cicdctl/" + Lower(client) + "/",
		insightsLogs + ClusterName(client) + "/",
		databaseLogs + DatabaseName(client) + "/",
	}
}

// AllLogGroupPrefixes begin the names of every client's log groups.
func AllLogGroupPrefixes() []string { return []string{"/cicdctl/", insightsLogs, databaseLogs} }
