package judge

import (
	"slices"
	"strings"
	"testing"
	"time"

	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// agreed is a client with the document's defaults.
func agreed(t *testing.T) *spec.Spec {
	t.Helper()
	s, err := spec.Default("ACME", "eu-west-3")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// protected is a client that has all that was agreed.
func protected() Protection { return *copiesExample(nil).Protection }

// found is what the rules say of a client's protection, the worst first.
func found(s *spec.Spec, p Protection) []Finding {
	out := All(BackupRules(), &Group{Client: s.Client, Region: s.Region, Spec: s, Protection: &p, At: exampleNow})
	WorstFirst(out)
	return out
}

// what the rules are to see: the state in which a rule is kept, and those in which it is not.
var backupExamples = map[string]map[string]struct {
	change func(*spec.Spec, *Protection)
	want   string // severity and what is wrong; empty when the rule is kept
}{
	"CICD-BACKUP-1": {
		"as agreed":  {},
		"seven days": {func(_ *spec.Spec, p *Protection) { p.Database.Retention = 7 }, "high 7 days"},
		"one day":    {func(_ *spec.Spec, p *Protection) { p.Database.Retention = 1 }, "high 1 day"},
		"longer":     {func(_ *spec.Spec, p *Protection) { p.Database.Retention = 35 }, "low 35 days"},
		"none":       {func(_ *spec.Spec, p *Protection) { p.Database = nil }, "high no database"},
		"agreed on less, and so it is": {func(s *spec.Spec, p *Protection) {
			s.Backup.RetentionDays, p.Database.Retention = 7, 7
		}, ""},
	},
	"CICD-BACKUP-2": {
		"the document's": {},
		"more":           {func(s *spec.Spec, _ *Protection) { s.Backup.RetentionDays = 35 }, ""},
		"less":           {func(s *spec.Spec, _ *Protection) { s.Backup.RetentionDays = 14 }, "low 14 days"},
	},
	"CICD-BACKUP-3": {
		"four minutes":    {},
		"fifteen minutes": {func(_ *spec.Spec, p *Protection) { p.Database.Latest = exampleNow.Add(-15 * time.Minute) }, ""},
		"sixteen minutes": {func(_ *spec.Spec, p *Protection) { p.Database.Latest = exampleNow.Add(-16 * time.Minute) }, "high 2026-07-15 11:44 UTC, 16m0s ago"},
		"none":            {func(_ *spec.Spec, p *Protection) { p.Database.Latest = time.Time{} }, "high AWS tells no restorable moment"},
		"none, but just made": {func(_ *spec.Spec, p *Protection) {
			p.Database.Latest, p.Database.Made = time.Time{}, exampleNow.Add(-10*time.Minute)
		}, ""},
	},
	"CICD-BACKUP-4": {
		"scheduled":                   {},
		"not scheduled":               {func(_ *spec.Spec, p *Protection) { p.Archive = nil }, "high missing"},
		"disabled":                    {func(_ *spec.Spec, p *Protection) { p.Archive.Enabled = false }, "high disabled"},
		"once a year":                 {func(_ *spec.Spec, p *Protection) { p.Archive.Expression = "cron(0 2 1 1 ? *)" }, "high cron(0 2 1 1 ? *)"},
		"not scheduled nor agreed on": {func(s *spec.Spec, p *Protection) { s.Backup.Archive.Every, p.Archive = spec.EveryNone, nil }, ""},
	},
	"CICD-BACKUP-5": {
		"this month":       {},
		"35 days":          {func(_ *spec.Spec, p *Protection) { p.Exports[0].End = ago(35) }, ""},
		"36 days":          {func(_ *spec.Spec, p *Protection) { p.Exports[0].End = ago(36) }, "high made on 2026-06-09 12:00 UTC"},
		"none":             {func(_ *spec.Spec, p *Protection) { p.Exports = nil }, "high no archive"},
		"only failed":      {func(_ *spec.Spec, p *Protection) { p.Exports = p.Exports[1:] }, "high no archive"},
		"not due yet":      {func(_ *spec.Spec, p *Protection) { p.Exports, p.Database.Made = nil, ago(20) }, ""},
		"agreed on lately": {func(_ *spec.Spec, p *Protection) { p.Exports, p.Archive.Made = nil, ago(20) }, ""},
		"not agreed on":    {func(s *spec.Spec, p *Protection) { s.Backup.Archive.Every, p.Exports = spec.EveryNone, nil }, ""},
	},
	"CICD-BACKUP-6": {
		"the one before failed": {},
		"failed": {func(_ *spec.Spec, p *Protection) {
			p.Exports = []Export{{Name: "x", Status: ExportFailed, Failure: "no such key"}, p.Exports[0]}
		}, "high failed: no such key"},
		"canceled": {func(_ *spec.Spec, p *Protection) { p.Exports[0].Status = "CANCELED" }, "high canceled"},
		"running":  {func(_ *spec.Spec, p *Protection) { p.Exports[0].Status = ExportRunning }, ""},
	},
	"CICD-BACKUP-7": {
		"complete":                  {},
		"skipped":                   {func(_ *spec.Spec, p *Protection) { p.Exports[0].Warning = "skipped shop.carts" }, "medium skipped shop.carts"},
		"skipped in the one before": {func(_ *spec.Spec, p *Protection) { p.Exports[1].Warning = "skipped shop.carts" }, ""},
	},
	"CICD-BACKUP-8": {
		"twelve months":  {},
		"no bucket":      {func(_ *spec.Spec, p *Protection) { p.Bucket = nil }, "high no bucket"},
		"a day short":    {func(_ *spec.Spec, p *Protection) { p.Bucket.Expires = 365 }, "high deleted after 365 days"},
		"a day more":     {func(_ *spec.Spec, p *Protection) { p.Bucket.Expires = 367 }, "low deleted after 367 days"},
		"for ever":       {func(_ *spec.Spec, p *Protection) { p.Bucket.Whole, p.Bucket.Expires = false, 0 }, "low never deleted"},
		"not in Glacier": {func(_ *spec.Spec, p *Protection) { p.Bucket.Glacier = false }, "medium not moved to S3 Glacier"},
		"six months":     {func(s *spec.Spec, p *Protection) { s.Backup.Archive.KeepMonths, p.Bucket.Expires = 6, 184 }, ""},
		"no archive":     {func(s *spec.Spec, p *Protection) { s.Backup.Archive.Every, p.Bucket = spec.EveryNone, nil }, ""},
	},
	"CICD-BACKUP-9": {
		"this month":    {},
		"none":          {func(_ *spec.Spec, p *Protection) { p.Monthly = nil }, "high no copy"},
		"old":           {func(_ *spec.Spec, p *Protection) { p.Monthly[0].Made = ago(40) }, "high made on 2026-06-05 12:00 UTC"},
		"being made":    {func(_ *spec.Spec, p *Protection) { p.Monthly[0].Complete = false }, "high no copy"},
		"not due yet":   {func(_ *spec.Spec, p *Protection) { p.Monthly, p.Database.Made = nil, ago(30) }, ""},
		"not agreed on": {func(s *spec.Spec, p *Protection) { s.Backup.RestorableMonthly, p.Monthly = false, nil }, ""},
	},
	"CICD-BACKUP-10": {
		"encrypted":     {},
		"not encrypted": {func(_ *spec.Spec, p *Protection) { p.Monthly[0].Encrypted = false }, "medium not encrypted"},
	},
	"CICD-BACKUP-11": {
		"as agreed":      {},
		"backup":         {func(_ *spec.Spec, p *Protection) { p.Database.Backup = "03:00-03:30" }, "medium backup at 03:00-03:30 UTC"},
		"cluster":        {func(_ *spec.Spec, p *Protection) { p.Database.Maintenance = "sat:05:00-sat:05:30" }, "medium maintenance at sat:05:00-sat:05:30 UTC"},
		"an instance":    {func(_ *spec.Spec, p *Protection) { p.Database.Instances["acme-2"] = "sat:05:00-sat:05:30" }, "medium maintenance at sat:05:00-sat:05:30 UTC"},
		"as in winter":   {func(_ *spec.Spec, p *Protection) { p.Database.Maintenance = "sun:02:30-sun:04:00" }, "medium maintenance at sun:02:30-sun:04:00 UTC"},
		"another zone's": {func(s *spec.Spec, _ *Protection) { s.Maintenance.Timezone = "Europe/London" }, "medium maintenance at sun:01:30-sun:03:00 UTC"},
	},
	"CICD-BACKUP-12": {
		"apart":          {},
		"on the cluster": {func(_ *spec.Spec, p *Protection) { p.Database.Backup = "02:30-03:30" }, "medium backup 02:30-03:30, maintenance sun:01:30-sun:03:00 UTC"},
		"on an instance": {func(_ *spec.Spec, p *Protection) { p.Database.Instances["acme-2"] = "mon:22:00-mon:22:45" }, "medium backup 22:30-23:00, maintenance mon:22:00-mon:22:45 UTC"},
	},
	"CICD-BACKUP-13": {
		"usable":             {},
		"the client's waits": {func(_ *spec.Spec, p *Protection) { p.ClientKey = "PendingDeletion" }, "high waits for its deletion"},
		"the archive's waits": {func(s *spec.Spec, p *Protection) {
			s.Backup.Archive.Every, p.ArchiveKey = spec.EveryNone, "PendingDeletion"
		}, "high waits for its deletion"},
		"disabled":    {func(_ *spec.Spec, p *Protection) { p.ClientKey = "Disabled" }, "high disabled"},
		"missing":     {func(_ *spec.Spec, p *Protection) { p.ArchiveKey = "" }, "high missing"},
		"none needed": {func(s *spec.Spec, p *Protection) { s.Backup.Archive.Every, p.ArchiveKey = spec.EveryNone, "" }, ""},
	},
	"CICD-BACKUP-14": {
		"last spring": {},
		"never":       {func(_ *spec.Spec, p *Protection) { p.Database.Drill = "" }, "low never"},
		"last year": {func(_ *spec.Spec, p *Protection) {
			p.Database.Drill = rules.Drill{At: ago(200), Restored: ago(200)}.Encode()
		}, "low on 2025-12-27 12:00 UTC"},
		"never, but new": {func(_ *spec.Spec, p *Protection) { p.Database.Drill, p.Database.Made = "", ago(100) }, ""},
	},
	"CICD-MAINTENANCE-1": {
		"in the window": {},
		"missing":       {func(_ *spec.Spec, p *Protection) { p.Refresh = nil }, "medium missing"},
		"disabled":      {func(_ *spec.Spec, p *Protection) { p.Refresh.Enabled = false }, "medium disabled"},
		"at noon":       {func(_ *spec.Spec, p *Protection) { p.Refresh.Expression = "cron(0 12 ? * SUN *)" }, "medium cron(0 12 ? * SUN *) Europe/Paris"},
		"in UTC":        {func(_ *spec.Spec, p *Protection) { p.Refresh.TimeZone = "UTC" }, "medium cron(30 3 ? * SUN *) UTC"},
	},
}

func TestBackupRules(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range BackupRules() {
		if seen[r.ID] {
			t.Errorf("%s is there twice", r.ID)
		}
		seen[r.ID] = true
		kept, broken := 0, 0
		for name, c := range backupExamples[r.ID] {
			s, p := agreed(t), protected()
			if c.change != nil {
				c.change(s, &p)
			}
			var got []string
			for _, f := range found(s, p) {
				if f.ID != r.ID {
					continue
				}
				got = append(got, string(f.Severity)+" "+f.Is)
				if f.Title == "" || f.Resource == "" || f.Should == "" || f.Why == "" || !strings.HasPrefix(f.Fix, "cicdctl ") || f.NotKnown {
					t.Errorf("%s, %s: incomplete: %+v", r.ID, name, f)
				}
			}
			if c.want == "" {
				kept++
			} else {
				broken++
			}
			if c.want == "" && len(got) > 0 || c.want != "" && !slices.Contains(got, c.want) {
				t.Errorf("%s, %s: found %q, want %q", r.ID, name, got, c.want)
			}
		}
		if kept == 0 || broken == 0 {
			t.Errorf("%s has %d examples that keep it and %d that do not", r.ID, kept, broken)
		}
	}
	if len(seen) != len(backupExamples) {
		t.Errorf("%d rules and examples of %d", len(seen), len(backupExamples))
	}
}

func TestAllIsWell(t *testing.T) {
	for _, f := range found(agreed(t), protected()) {
		t.Errorf("found %+v", f)
	}
}

// An answer that AWS refuses is neither good nor bad.
func TestWhatIsNotKnownIsSaidSo(t *testing.T) {
	used := map[Look]bool{}
	for _, r := range BackupRules() {
		for _, look := range r.Needs {
			used[look] = true
			p := protected()
			p.Unknown[look] = "RDS DescribeDBClusters: no (AccessDenied)"
			// What the look would have told is not there.
			p.Database, p.Archive, p.Exports, p.Monthly, p.Bucket, p.ClientKey, p.ArchiveKey, p.Refresh = nil, nil, nil, nil, nil, "", "", nil
			for _, f := range found(agreed(t), p) {
				if f.ID == r.ID && (!f.NotKnown || f.Severity != rules.Medium || !strings.Contains(f.Is, "AccessDenied")) {
					t.Errorf("%s without %s: %+v", r.ID, look, f)
				}
			}
		}
	}
	if len(used) < 8 {
		t.Errorf("only %d looks are needed by a rule", len(used))
	}
}

func TestTheWorstComesFirst(t *testing.T) {
	p := protected()
	p.Database.Retention, p.Database.Drill, p.Database.Backup, p.ClientKey = 7, "", "03:30-04:00", "Disabled"
	var got []string
	for _, f := range found(agreed(t), p) {
		got = append(got, string(f.Severity))
	}
	if text := strings.Join(got, " "); text != "high high medium low" { //nolint:dupword // two of them
		t.Errorf("in the order %s", text)
	}
}
