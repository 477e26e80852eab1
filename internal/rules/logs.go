package rules

import "strings"

// LogRetentionDays is how long every log group keeps its events: a year, as
// Prowler asks and as French law has hosts keep traces of connections.
const LogRetentionDays = 365

// FactOverruled names the account's policy that decides how long a log group keeps
// its events, whatever cicdctl says.
const FactOverruled = "kept by policy"

// LogMode is what a container does when CloudWatch Logs does not take its lines: it
// goes on. In the other mode, "blocking", its writes wait, its health check with them,
// and an outage of the logs becomes one of the services (ECS API reference,
// LogConfiguration). Since June 2025 an account decides which of them a task
// definition without a mode gets.
const LogMode = "non-blocking"

// LogBuffer is how much waits meanwhile; what comes on top is lost. AWS lost nothing
// with it at 5 MB a second to Logs of the same region, and less with the default of
// 10m ("Preventing log loss with non-blocking mode in the AWSLogs container log driver").
// It is memory of the host's Docker, not of the task.
const LogBuffer = "25m"

// TrailDays is how long the account's trail is kept: a year, as PCI DSS 4.0
// (10.5.1) and the traces of connections above, and a month in which a yearly audit
// still finds the whole of it.
const TrailDays = 400

// Of a VPC's flow logs.
const (
	// FlowLogGroupName is where they are written. No client is named SHARED.
	FlowLogGroupName = SharedLogGroups + "flow-logs"
	// SharedLogGroups begins the names of the log groups that a region's clients share.
	SharedLogGroups = "/cicdctl/shared/"
	// FlowLogSeconds is over how long a connection's packets make one record: the
	// longer of the two that AWS offers. The other, one minute, writes up to ten times
	// as much, at the same price per GiB; who spoke with whom is in both.
	FlowLogSeconds = 600
)

// Where AWS writes by itself; the names cannot be chosen.
const (
	insightsLogs = "/aws/ecs/containerinsights/"
	databaseLogs = "/aws/rds/cluster/"
)

// InsightsLogGroupName is where ECS writes the cluster's measurements.
func InsightsLogGroupName(client string) string {
	return insightsLogs + ClusterName(client) + "/performance"
}

// DatabaseLogGroupName is where the Aurora cluster of a name writes one of the [LogExports].
func DatabaseLogGroupName(cluster, log string) string { return databaseLogs + cluster + "/" + log }

// DatabaseLogPrefix begins the log groups of the Aurora clusters whose names begin so.
func DatabaseLogPrefix(cluster string) string { return databaseLogs + cluster }

// ClusterOfLogGroup is the Aurora cluster that writes to a log group, or "".
func ClusterOfLogGroup(name string) string {
	rest, _ := strings.CutPrefix(name, databaseLogs)
	cluster, _, ok := strings.Cut(rest, "/")
	if !ok || rest == name {
		return ""
	}
	return cluster
}

// WrittenByAWS reports whether a log group is one that AWS makes itself when it is not
// there: RDS and Container Insights do.
func WrittenByAWS(name string) bool {
	return strings.HasPrefix(name, insightsLogs) || ClusterOfLogGroup(name) != ""
}

// WriterOf is the cluster, of RDS or of ECS, that AWS writes to a log group for, or "".
func WriterOf(name string) string {
	if rest, ok := strings.CutPrefix(name, insightsLogs); ok {
		return strings.TrimSuffix(rest, "/performance")
	}
	return ClusterOfLogGroup(name)
}

// WrittenFor reports whether a log group has exactly the name under which AWS writes for
// the client's ECS cluster, its database, or a copy of that. A name that another
// client's could be is none.
func WrittenFor(client, name string) bool {
	if name == InsightsLogGroupName(client) {
		return true
	}
	cluster := ClusterOfLogGroup(name)
	_, copied := RestoredTime(client, cluster)
	return cluster != "" && (cluster == DatabaseName(client) || copied)
}

// LogGroupPattern is in the names of all of a client's log groups, of its
// database's copies too, and of few others'; see [LogGroupOf].
func LogGroupPattern(client string) string { return "/" + Lower(client) }

// LogGroupOf reports whether a log group can be the client's by its name: that of
// a copy of the database begins with the client's name and a hyphen, as another
// client's may.
func LogGroupOf(client, name string) bool {
	if cluster := ClusterOfLogGroup(name); cluster != "" {
		return cluster == DatabaseName(client) || strings.HasPrefix(cluster, CopyPrefix(client))
	}
	return strings.HasPrefix(name, "/cicdctl/"+Lower(client)+"/") || strings.HasPrefix(name, insightsLogs+ClusterName(client)+"/")
}

// ClientLogGroups begin the names of the log groups that the client's key may encrypt.
func ClientLogGroups(client string) []string {
	return []string{
		"/cicdctl/" + Lower(client) + "/", insightsLogs + ClusterName(client) + "/",
		databaseLogs + DatabaseName(client) + "/", databaseLogs + CopyPrefix(client),
	}
}

// AllLogGroupPrefixes begin the names of every client's log groups.
func AllLogGroupPrefixes() []string { return []string{"/cicdctl/", insightsLogs, databaseLogs} }
