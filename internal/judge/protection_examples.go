package judge

import (
	"time"

	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// exampleNow is a summer day, two years after everything in the example was made.
var exampleNow = time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC)

func ago(days int) time.Time { return exampleNow.AddDate(0, 0, -days) }

// copiesExample is a client that has all that was agreed, which is what the document says,
// but for a change.
func copiesExample(change func(*spec.Spec, *Protection)) *Group {
	s := &spec.Spec{
		Client: "ACME", Region: "eu-west-3",
		Backup: spec.Backup{
			RetentionDays: rules.DocumentRetention, Window: "22:30-23:00",
			Archive: spec.Archive{Every: spec.EveryMonth, KeepMonths: 12}, RestorableMonthly: true,
		},
		Maintenance: spec.Maintenance{Window: "sun:03:30-sun:05:00", Timezone: "Europe/Paris"},
	}
	p := &Protection{
		Unknown: map[Look]string{},
		Database: &Database{
			Made: ago(730), Status: "available", Retention: 30, Backup: "22:30-23:00", Maintenance: "sun:01:30-sun:03:00",
			Instances: map[string]string{"acme-1": "sun:01:30-sun:03:00", "acme-2": "sun:01:30-sun:03:00"},
			Earliest:  ago(30), Latest: exampleNow.Add(-4 * time.Minute), Drill: rules.Drill{At: ago(90), Restored: ago(90)}.Encode(),
		},
		Archive:    &Schedule{Enabled: true, Expression: rules.ArchiveCron(3), TimeZone: "UTC", Made: ago(730)},
		Refresh:    &Schedule{Enabled: true, Expression: "cron(30 3 ? * SUN *)", TimeZone: "Europe/Paris", Made: ago(730)},
		Exports:    []Export{{Name: "acme-july", Status: ExportComplete, Begun: ago(11), End: ago(11)}, {Name: "acme-june", Status: ExportFailed, Begun: ago(41), End: ago(41)}},
		Bucket:     &Lifecycle{Expires: 366, Whole: true, Glacier: true},
		Monthly:    []MonthlyCopy{{ID: "arn:july", Made: ago(14), Kept: ago(14 - 366), Complete: true, Encrypted: true}},
		ArchiveKey: "Enabled", ClientKey: "Enabled",
	}
	if change != nil {
		change(s, p)
	}
	return &Group{Client: s.Client, Region: s.Region, Spec: s, Protection: p, At: exampleNow}
}
