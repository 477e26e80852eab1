package rules

import (
	"slices"

	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Alarm is one thing that is watched for a client.
type Alarm struct {
	Role     string   // its name is the client's and this
	Severity Severity // high: users or data are affected; medium: they will be; low: somebody should look
	What     Said     // what has happened when it rings
	Todo     Said     // what whoever hears it does first
	Metric   Metric
	Less     *Metric // what is watched is Metric less this one; nil for Metric alone
	Or       *Metric // what is watched is the greater of Metric and this one; nil for Metric alone

	Period  int32 // seconds that make one point
	Periods int32 // points in a row that must be past the threshold
	// Over says which side of the threshold is bad.
	Over      Comparison
	Threshold float64
	Missing   Missing
}

// Metric is something that AWS measures.
type Metric struct {
	Namespace, Name string
	Stat            string // of the points in a period: "Sum", "p95"
	Dimensions      []Dimension
}

// Dimension says of what. The value is either known, or the identifier that AWS
// has given to one of the client's resources.
type Dimension struct {
	Name, Value string
	Kind, Role  string
}

// Comparison is which side of a threshold is bad, in CloudWatch's words.
type Comparison string

// The comparisons in use.
const (
	AtLeast Comparison = "GreaterThanOrEqualToThreshold"
	Above   Comparison = "GreaterThanThreshold"
	Below   Comparison = "LessThanThreshold"
)

// Missing is what it means that a metric has no points. CloudWatch's own default
// leaves the alarm in whatever state it was.
type Missing string

// The meanings of silence.
const (
	// MeansWell is for metrics that only have points when something happens.
	MeansWell Missing = "notBreaching"
	// MeansNothing leaves it open; others watch the cause.
	MeansNothing Missing = "missing"
	// MustBeTold is for metrics that always have points while the thing lives. Whoever
	// hears the alarm hears of their end too, but not of the time before the first.
	MustBeTold Missing = "missing, and told"
)

// Thresholds whose derivation is not in the row.
const (
	minute      = 60
	fiveMinutes = 5 * minute
	day         = 24 * 60 * minute

	freeMemory  = 512 << 20 // below it Aurora begins to swap, and restarts when it gets worse
	freeStorage = 2 << 30   // for sorts and logs; the smallest class has about 8 GiB
	replicaLag  = 1000      // milliseconds; Aurora's usual lag is below 100 (Aurora user guide, "Replication")
)

// Alarms is the one table of what is watched for a client. nats are the roles of
// the NAT gateways through which it reaches the internet: they are the region's,
// but the region has nobody who would hear an alarm, and its clients have.
func Alarms(s *spec.Spec, nats []string) []Alarm {
	out := slices.Concat(entryAlarms(s), serviceAlarms(s), hostAlarms(s), databaseAlarms(s), scheduleAlarms(s.Client), siteAlarms(s), peopleAlarms(s))
	for _, nat := range nats {
		out = append(out, Alarm{
			Role: nat + "-ports", Severity: Medium,
			What: Both("a NAT gateway has no ports left for new connections to the same place"), Todo: Both("find what opens so many connections; use a VPC endpoint, or keep connections open"),
			Metric: Metric{"AWS/NATGateway", "ErrorPortAllocation", "Sum", []Dimension{{Name: "NatGatewayId", Kind: "ec2/nat-gateway", Role: nat}}},
			Period: fiveMinutes, Periods: 2, Over: AtLeast, Threshold: 1,
			Missing: MeansWell, // a gateway that is gone is drift, and told as such
		})
	}
	return out
}

var (
	loadBalancer     = Dimension{Name: "LoadBalancer", Kind: "elb/load-balancer", Role: "web"}
	transferBalancer = Dimension{Name: "LoadBalancer", Kind: "elb/load-balancer", Role: "transfer"}
)

// entryAlarms watch the load balancer for HTTP. Its counters have points only when
// there is something to count.
func entryAlarms(s *spec.Spec) []Alarm {
	if len(ListenerRules(s)) == 0 {
		return nil // there is none
	}
	balancer := func(name, stat string) Metric {
		return Metric{"AWS/ApplicationELB", name, stat, []Dimension{loadBalancer}}
	}
	return []Alarm{
		{
			Role: "load-balancer-errors", Severity: High,
			What: Both("the load balancer itself answers with errors: no container took the requests"), Todo: Both("look at the health of the target groups, then at the hosts"),
			Metric: balancer("HTTPCode_ELB_5XX_Count", "Sum"), Period: fiveMinutes, Periods: 1, Over: AtLeast, Threshold: 10, Missing: MeansWell,
		},
		{
			Role: "application-errors", Severity: Medium,
			What: Both("containers answer with errors"), Todo: Both("read the log groups of the services"),
			Metric: balancer("HTTPCode_Target_5XX_Count", "Sum"), Period: fiveMinutes, Periods: 2, Over: AtLeast, Threshold: 25, Missing: MeansWell,
		},
		{
			Role: "slow-answers", Severity: Medium,
			What: Both("one request in twenty takes longer than two seconds"), Todo: Both("look at the database and at the hosts' load"),
			Metric: balancer("TargetResponseTime", "p95"), Period: fiveMinutes, Periods: 3, Over: Above, Threshold: 2, Missing: MeansWell,
		},
	}
}

// serviceAlarms watch what runs in each environment: that it is there, and that it
// answers. A preview is nobody's outage.
func serviceAlarms(s *spec.Spec) []Alarm {
	var out []Alarm
	for _, app := range s.Apps {
		for _, svc := range app.Services {
			for _, env := range spec.Envs() {
				role, severity := ServiceName(app.Name, svc.Name, env), High
				if env == spec.Preview {
					severity = Low
				}
				tasks := func(name string) Metric {
					return Metric{"ECS/ContainerInsights", name, "Average", []Dimension{{Name: "ClusterName", Value: ClusterName(s.Client)}, {Name: "ServiceName", Value: role}}}
				}
				running := tasks("RunningTaskCount")
				out = append(out, Alarm{
					Role: role + "-missing", Severity: severity,
					What: Both("fewer containers run than should"), Todo: Both("read the service's events in ECS, then its log group"),
					Metric: tasks("DesiredTaskCount"), Less: &running, Period: fiveMinutes, Periods: 3, Over: Above, Threshold: 0,
					Missing: MeansNothing, // ECS reports nothing, which is not that nothing runs
				})
				namespace, before, todo := "AWS/ApplicationELB", loadBalancer, Both("ask for %s on it; read its log group", HealthPath)
				if !svc.Runtime.HTTP() {
					namespace, before, todo = "AWS/NetworkELB", transferBalancer, Both("connect to it; read its log group")
				}
				out = append(out, Alarm{
					Role: role + "-unhealthy", Severity: severity,
					What: Both("a container does not answer its health check"), Todo: todo,
					Metric: Metric{namespace, "UnHealthyHostCount", "Maximum", []Dimension{{Name: "TargetGroup", Kind: "elb/target-group", Role: role}, before}},
					Period: minute, Periods: 5, Over: AtLeast, Threshold: 1,
					Missing: MeansWell, // a group without containers has no points; the other alarm rings
				})
			}
		}
	}
	return out
}

// hostAlarms watch the machines under the cluster.
func hostAlarms(s *spec.Spec) []Alarm {
	cluster := []Dimension{{Name: "ClusterName", Value: ClusterName(s.Client)}}
	reserved := func(name string) Metric { return Metric{"AWS/ECS", name, "Average", cluster} }
	memory := reserved("MemoryReservation")
	return []Alarm{
		{
			Role: "hosts-full", Severity: Medium,
			What: Both("the CPU or the memory of the hosts is as good as taken, and has been for half an hour: at the limit of hosts.max"), Todo: Both("raise hosts.max or hosts.instance_type in the spec"),
			Metric: reserved("CPUReservation"), Or: &memory, Period: fiveMinutes, Periods: 6, Over: AtLeast, Threshold: 95,
			Missing: MeansNothing, // there are no hosts: hosts-missing rings
		},
		{
			// How many hosts the tasks need, those that wait included, in percent of those there
			// are, by network interfaces, CPU and memory ("Amazon ECS cluster auto scaling"). It is
			// above 100 for the minutes in which a host is added, and stays there when none can
			// be. Tasks of a deployment that has no room are counted too: as long as the old ones
			// run, the service's own alarm is silent.
			Role: "hosts-places", Severity: Medium,
			What: Both("tasks wait for a place on a host, and no host is added: nothing more can be deployed"), Todo: Both("look whether hosts.max is reached, then at the activity of the Auto Scaling group; raise hosts.max or hosts.instance_type in the spec"),
			Metric: Metric{"AWS/ECS/ManagedScaling", "CapacityProviderReservation", "Minimum", []Dimension{
				{Name: "CapacityProviderName", Value: CapacityProviderName(s.Client)}, {Name: "ClusterName", Value: ClusterName(s.Client)},
			}},
			Period: fiveMinutes, Periods: 3, Over: Above, Threshold: ProviderTarget,
			Missing: MeansNothing, // as above
		},
		{
			// Not GroupInServiceInstances: a host that runs may still not have joined.
			Role: "hosts-missing", Severity: High,
			What: Both("fewer hosts are in the cluster than hosts.min"), Todo: Both("read the activity of the Auto Scaling group"),
			Metric: Metric{"ECS/ContainerInsights", "ContainerInstanceCount", "Average", cluster}, Period: fiveMinutes, Periods: 3, Over: Below, Threshold: float64(s.Hosts.Min),
			Missing: MustBeTold, // a cluster whose last host is gone falls silent
		},
	}
}

// databaseAlarms watch Aurora. Instances that live have points every minute.
func databaseAlarms(s *spec.Spec) []Alarm {
	cluster := Dimension{Name: "DBClusterIdentifier", Value: DatabaseName(s.Client)}
	instances := func(name, stat string) Metric { return Metric{"AWS/RDS", name, stat, []Dimension{cluster}} }
	out := []Alarm{
		{
			Role: "database-cpu", Severity: Medium,
			What: Both("the writer computes at its limit, or says nothing at all"), Todo: Both("look at Performance Insights; take a larger database.class"),
			Metric: Metric{"AWS/RDS", "CPUUtilization", "Average", []Dimension{cluster, {Name: "Role", Value: "WRITER"}}},
			Period: fiveMinutes, Periods: 3, Over: AtLeast, Threshold: 90,
			Missing: MustBeTold, // a database without a writer is down
		},
		{
			Role: "database-memory", Severity: High,
			What: Both("an instance of the database is nearly out of memory"), Todo: Both("look for what holds it in Performance Insights; take a larger database.class"),
			Metric: instances("FreeableMemory", "Minimum"), Period: fiveMinutes, Periods: 3, Over: Below, Threshold: freeMemory,
			Missing: MeansNothing, // the silence of a database is told by database-cpu
		},
		{
			Role: "database-connections", Severity: High,
			What: Both("an instance of the database has four fifths of the connections it can have"), Todo: Both("look for clients that do not close theirs; take a larger database.class"),
			Metric: instances("DatabaseConnections", "Maximum"), Period: fiveMinutes, Periods: 2, Over: AtLeast, Threshold: float64(MaxConnections(s.Database) * 4 / 5),
			Missing: MeansNothing, // as above
		},
		{
			Role: "database-storage", Severity: High,
			What: Both("an instance of the database has nearly no room left for sorts and logs"), Todo: Both("look for large sorts and open transactions; take a larger database.class"),
			Metric: instances("FreeLocalStorage", "Minimum"), Period: fiveMinutes, Periods: 2, Over: Below, Threshold: freeStorage,
			Missing: MeansNothing, // as above
		},
		{
			Role: "database-backups", Severity: High,
			What: Both("no automated backup of the database was made for a day"), Todo: Both("look at what RDS says: aws rds describe-events --source-type db-cluster --source-identifier %s; take a snapshot by hand", DatabaseName(s.Client)),
			Metric: Metric{"AWS/Events", "TriggeredRules", "Sum", []Dimension{{Name: "RuleName", Value: EventRuleName(s.Client, DailyBackup)}}},
			Period: day, Periods: 1, Over: Below, Threshold: 1,
			Missing: MustBeTold, // a day without a backup is a day without a point
		},
	}
	if s.Database.Instances > 1 {
		out = append(out, Alarm{
			Role: "database-lag", Severity: Medium,
			What: Both("a reader is far behind the writer: it would be slow to take over"), Todo: Both("look at what the writer is busy with, and whether readers are too small"),
			Metric: instances("AuroraReplicaLag", "Maximum"), Period: fiveMinutes, Periods: 3, Over: Above, Threshold: replicaLag,
			Missing: MeansWell, // no reader for now: it is being replaced
		})
	}
	return out
}

// scheduleAlarms watch what happens by the clock. Counters of schedules have points
// only when one runs, and SQS reports queues only while they are in use.
func scheduleAlarms(client string) []Alarm {
	scheduled := func(name string) Metric {
		return Metric{"AWS/Scheduler", name, "Sum", []Dimension{{Name: "ScheduleGroup", Value: ScheduleGroupName(client)}}}
	}
	return []Alarm{
		{
			Role: "schedules-failing", Severity: Low,
			What: Both("AWS refused what a schedule wanted to start; it is tried again"), Todo: Both("nothing yet: schedules-dropped tells when it was given up"),
			Metric: scheduled("TargetErrorCount"), Period: fiveMinutes, Periods: 1, Over: AtLeast, Threshold: 1, Missing: MeansWell,
		},
		{
			Role: "schedules-dropped", Severity: High,
			What: Both("an archive or the renewal of the hosts was given up"), Todo: Both("read the message in the queue %s; start an archive with cicdctl backup run", DeadLetterQueueName(client)),
			Metric: scheduled("InvocationDroppedCount"), Period: fiveMinutes, Periods: 1, Over: AtLeast, Threshold: 1, Missing: MeansWell,
		},
		{
			Role: "dead-letters", Severity: High,
			What: Both("the queue of failed schedules holds a message"), Todo: Both("read it, do by hand what it says, and delete it"),
			Metric: Metric{"AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", []Dimension{{Name: "QueueName", Value: DeadLetterQueueName(client)}}},
			Period: fiveMinutes, Periods: 1, Over: AtLeast, Threshold: 1, Missing: MeansWell,
		},
	}
}

// siteAlarms watch the tunnels of the client's sites. AWS measures a tunnel from the moment it
// is made, 0 while it is down, so that the alarms of a site whose gateway was never set up
// ring until it is: nothing gets through to that site, and somebody has to see to it.
func siteAlarms(s *spec.Spec) []Alarm {
	var out []Alarm
	for _, site := range s.VPN.Sites() {
		state := func(stat string) Metric {
			return Metric{"AWS/VPN", "TunnelState", stat, []Dimension{{Name: "VpnId", Kind: "ec2/vpn-connection", Role: site.Name}}}
		}
		role := "site-" + site.Name
		out = append(out,
			Alarm{
				Role: role + "-tunnel", Severity: Medium,
				What: Both("one of the two tunnels to the site %s is down: the next failure cuts it off", site.Name), Todo: Both("look at the site's gateway and the log group %s; a site that is new has to set up both tunnels", VPNLogGroupName(s.Client)),
				Metric: state("Minimum"), Period: fiveMinutes, Periods: 3, Over: Below, Threshold: 1, // AWS itself takes a tunnel down for some minutes to renew it
				Missing: MustBeTold, // a connection that is gone falls silent
			},
			Alarm{
				Role: role + "-down", Severity: High,
				What: Both("both tunnels to the site %s are down: it is cut off", site.Name), Todo: Both("ask whether the site's gateway runs, then read the log group %s; a site that is new has to set up its gateway", VPNLogGroupName(s.Client)),
				Metric: state("Maximum"), Period: fiveMinutes, Periods: 1, Over: Below, Threshold: 1,
				Missing: MustBeTold,
			})
	}
	return out
}
