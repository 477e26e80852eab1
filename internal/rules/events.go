package rules

// EventRule is something that AWS tells of by an event, and that the client's alarm topic
// tells on or, when Counted, that an alarm counts.
type EventRule struct {
	Role    string // its name is the client's and this
	Pattern string // JSON that the event must match
	Text    string // CanonicalJSON of it
	Counted bool
	Message Said              // to people; <name> stands for what Paths takes out of the event
	Paths   map[string]string // JSONPath by name

	event object // that Pattern describes
}

// Roles of event rules.
const (
	ExportFailed = "export-failed"
	BackupFailed = "backup-failed"
	DailyBackup  = "daily-backup"
)

// EventRuleName is the EventBridge rule with a role: "acme-export-failed".
func EventRuleName(client, role string) string { return join(Lower(client), role) }

// EventRules are the events about copies of the client's database. RDS tells the end of an
// export as RDS-EVENT-0234 (failed) and 0235 (canceled), and every automated snapshot of
// a cluster as 0169 (Aurora user guide, "Amazon RDS event categories and event messages
// for Aurora"); AWS Backup tells every state of a job ("Monitoring AWS Backup events
// using EventBridge"). Of an automated backup that did not happen nothing tells: the
// alarm database-backups counts those that did.
func EventRules(p Place, client string) []EventRule {
	database := p.arn("rds", "cluster:"+DatabaseName(client))
	automated := "rds:" + DatabaseName(client) + "-20" // and the rest of the time: "rds:acme-2026-11-30-22-31"
	out := []EventRule{
		{
			Role: ExportFailed,
			event: object{
				"source": []string{"aws.rds"}, "resources": []string{database}, "detail": object{"EventID": []string{"RDS-EVENT-0234", "RDS-EVENT-0235"}},
			},
			Message: Both("%[1]s: an archive of the database failed at <time>: <said>. Read why with cicdctl backup list %[1]s, then start it again with cicdctl backup run %[1]s.", client),
			Paths:   map[string]string{"time": "$.time", "said": "$.detail.Message"},
		},
		{
			Role: BackupFailed,
			event: object{
				"source": []string{"aws.backup"}, "detail-type": []string{"Backup Job State Change"},
				"detail": object{"resourceArn": []string{database}, "state": []string{"ABORTED", "EXPIRED", "FAILED"}},
			},
			Message: Both("%s: the monthly copy of the database is <state> since <time>. Read why in the backup jobs of AWS Backup; start one there by hand, as the next one comes in a month.", client),
			Paths:   map[string]string{"time": "$.time", "state": "$.detail.state"},
		},
		{
			Role: DailyBackup, Counted: true,
			// Not those of restored copies, whose names go on with a time: "acme-20261124t101500".
			event: object{
				"source": []string{"aws.rds"}, "resources": []object{{"prefix": p.arn("rds", "cluster-snapshot:"+automated)}},
				"detail": object{"EventID": []string{"RDS-EVENT-0169"}, "SourceIdentifier": []object{{"anything-but": object{"wildcard": automated + "*t*"}}}},
			},
		},
	}
	for i := range out {
		out[i].Pattern, out[i].Text = string(appendJSON(nil, out[i].event)), string(appendCanonical(nil, out[i].event))
	}
	return out
}
