package backup

import (
	"testing"
	"time"

	"gitlab.com/cicd/cicdctl/internal/golden"
	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/report/reporttest"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

func on(month time.Month, day, hour int) time.Time {
	return time.Date(2026, month, day, hour, 0, 0, 0, time.UTC)
}

var backups = map[string]Backups{
	"everything": {
		Points: &Points{
			Client: "ACME", Region: "eu-west-3", At: on(11, 24, 10), Unknown: map[judge.Look]string{},
			Points: []Point{
				{Kind: rules.Continuous, ID: "acme", At: time.Date(2026, 11, 24, 9, 57, 0, 0, time.UTC), Since: new(on(10, 25, 9)), Days: 30, Status: "available", Restorable: true},
				{Kind: rules.Monthly, ID: "arn:aws:rds:eu-west-3:123456789012:cluster-snapshot:awsbackup:job-1", At: on(11, 1, 3), Until: new(time.Date(2027, 11, 2, 3, 0, 0, 0, time.UTC)), Status: "COMPLETED", Restorable: true},
				{Kind: rules.Snapshot, ID: "acme-before-upgrade", At: on(11, 23, 20), Status: "creating"},
				{Kind: rules.Archive, ID: "acme-20261105023700", At: on(11, 5, 2), Until: new(on(12, 31, 0)), Status: "COMPLETE", Note: "1 table left out: shop.public.carts (UNSUPPORTED_COLUMN_NAME)"},
			},
			Findings: []judge.Finding{
				{ID: "CICD-BACKUP-1", Severity: rules.High, Title: "backups are kept for another time than agreed", Resource: "rds/cluster acme", Is: "7 days", Should: "30 days", Why: "promised", Fix: "cicdctl client create ACME"},
				{ID: "CICD-BACKUP-7", Severity: rules.Medium, Title: "the last archive is not complete", Resource: "archive acme-20261105023700", Is: "1 table left out", Should: "every table in the archive", Why: "RDS leaves out tables", Fix: "cicdctl backup run ACME"},
			},
		},
		City: "Paris", Spec: "clients/acme.yaml",
		Copies: []Copied{
			{RestoredCopy: RestoredCopy{ID: "acme-20261124t0900", Name: "acme-20261124t0900", From: "acme at 2026-11-24T08:55:00Z", Made: on(11, 24, 9), Usable: true, Status: "available", Endpoint: "acme-20261124t0900.cluster-x.eu-west-3.rds.amazonaws.com"}},
			{RestoredCopy: RestoredCopy{ID: "acme-drill", Name: "acme-drill", Drill: true, Made: on(11, 24, 8), Expires: new(on(11, 25, 8)), Status: "creating"}, Next: []string{"cicdctl backup drill ACME"}},
		},
		How: []How{
			{[]rules.CopyKind{rules.Continuous}, "cicdctl backup restore ACME --to-time 2026-11-24T09:57:00Z"},
			{[]rules.CopyKind{rules.Monthly, rules.Snapshot}, "by hand"},
			{[]rules.CopyKind{rules.Archive}, "not as a database"},
		},
	},
	"refused": {
		Points: &Points{
			Client: "ACME", Region: "eu-west-3", At: on(11, 24, 10),
			Unknown:  map[judge.Look]string{judge.LookExports: "RDS DescribeExportTasks: not authorized (AccessDenied)"},
			Findings: []judge.Finding{{ID: "CICD-BACKUP-5", Severity: rules.Medium, Title: "the last archive is older than a month", Resource: "archives", NotKnown: true, Is: "not known: RDS DescribeExportTasks: not authorized (AccessDenied)"}},
			Protection: judge.Protection{
				Unknown: map[judge.Look]string{judge.LookExports: "RDS DescribeExportTasks: not authorized (AccessDenied)"},
			},
		},
		City: "Paris", Spec: "clients/acme.yaml",
	},
	"in order": {
		Points: &Points{
			Client: "ACME", Region: "eu-west-3", At: on(11, 24, 10), Unknown: map[judge.Look]string{},
			Points: []Point{{Kind: rules.Continuous, ID: "acme", At: on(11, 24, 10), Since: new(on(10, 25, 10)), Days: 30, Status: "available", Restorable: true}},
		},
		City: "Paris", Spec: "clients/acme.yaml", How: []How{{[]rules.CopyKind{rules.Continuous}, "cicdctl backup restore ACME --to-time 2026-11-24T10:00:00Z"}},
	},
	"nothing": {
		Points: &Points{Client: "ACME", Region: "eu-west-3", At: on(11, 24, 10), Unknown: map[judge.Look]string{}},
		City:   "Paris",
	},
}

func TestBackups(t *testing.T) {
	for name, each := range backups {
		for suffix, setting := range map[string]struct {
			lang   report.Lang
			format report.Format
		}{"en": {report.English, report.Text}, "fr": {report.French, report.Text}, "json": {report.English, report.JSON}} {
			t.Run(name+"-"+suffix, func(t *testing.T) {
				p, b := reporttest.Recorded()
				p.Lang, p.Format = setting.lang, setting.format
				if err := showBackups(p, each); err != nil {
					t.Fatal(err)
				}
				golden.Match(t, b.String())
			})
		}
		reporttest.OnTerminals(t, func(p *report.Printer) error { return showBackups(p, each) })
	}
}

func TestArchived(t *testing.T) {
	complete := &ArchiveState{
		Name: "acme-20261124100000", Status: "COMPLETE", Percent: 100, Gigabytes: 12, AsOf: new(on(11, 24, 10)), Begun: new(on(11, 24, 10)), End: new(on(11, 24, 11)),
		Until: new(time.Date(2027, 11, 26, 0, 0, 0, 0, time.UTC)), Place: "s3://acme-archive-123456789012-eu-west-3-an/acme-20261124100000/",
	}
	partly := *complete
	partly.Warning = "2 tables left out: shop.public.carts (UNSUPPORTED_COLUMN_NAME), shop.public.a/b (TABLE_NAME_CONTAINS_SLASH)"
	for name, each := range map[string]Archived{
		"complete": {Client: "ACME", Region: "eu-west-3", Begun: true, OK: true, Archive: complete, Next: []string{"cicdctl backup list ACME"}},
		"partly":   {Client: "ACME", Region: "eu-west-3", Begun: true, OK: true, Archive: &partly},
		"fresh":    {Client: "ACME", Region: "eu-west-3", OK: true, Fresh: true, Archive: complete, Next: []string{"cicdctl backup run ACME --again"}},
	} {
		t.Run(name, func(t *testing.T) {
			p, b := reporttest.Recorded()
			for _, lang := range []report.Lang{report.English, report.French} {
				p.Lang = lang
				if err := showArchived(p, each); err != nil {
					t.Fatal(err)
				}
			}
			p.Format = report.JSON
			if err := showArchived(p, each); err != nil {
				t.Fatal(err)
			}
			golden.Match(t, b.String())
		})
		reporttest.OnTerminals(t, func(p *report.Printer) error { return showArchived(p, each) })
	}
}

func TestArchivePlan(t *testing.T) {
	p, b := reporttest.Recorded()
	for _, lang := range []report.Lang{report.English, report.French} {
		p.Lang = lang
		if err := showArchivePlan(p, &Archive{
			Client: "ACME", Region: "eu-west-3", Name: "acme-20261124100000", Cluster: "arn:aws:rds:eu-west-3:123456789012:cluster:acme",
			Bucket: "acme-archive-123456789012-eu-west-3-an", Key: "arn:aws:kms:eu-west-3:123456789012:key/1", Months: 12,
		}, true); err != nil {
			t.Fatal(err)
		}
		see := showArchiveProgress(p)
		for _, percent := range []int{0, 0, 50} {
			see(ArchiveState{Name: "acme-20261124100000", Status: "IN_PROGRESS", Percent: percent})
		}
	}
	golden.Match(t, b.String())
}

func TestFindingsOnBackupsAreTranslated(t *testing.T) {
	for _, r := range judge.BackupRules() {
		if report.French.Say(r.Title) == r.Title {
			t.Errorf("%s: %q has no translation", r.ID, r.Title)
		}
	}
}
