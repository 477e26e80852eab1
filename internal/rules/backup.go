package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Limits within which a client's data counts as protected.
const (
	// DocumentRetention is what the infrastructure document promises, in days.
	DocumentRetention = 30
	// restorableLag is how far the newest restorable moment may lie behind. Aurora is
	// typically within 5 minutes; a quarter of an hour means that something is wrong.
	restorableLag = 15 * time.Minute
	// monthly is how old the newest copy of a month may be: the longest month, and a
	// few days in which it is made and looked after.
	monthly = 35 * 24 * time.Hour
	// drillAge is how long a measured restore time can be relied on: half a year.
	drillAge = 183 * 24 * time.Hour
	// settling is how long a new database may take until AWS tells what can be restored.
	settling = time.Hour
)

// BackupRule is one rule on how a client's data is protected.
type BackupRule struct {
	ID       string
	Severity Severity
	Title    string
	Why      string

	needs []Look
	check func(sight) []miss
}

// sight is what a rule looks at.
type sight struct {
	Protection
	spec *spec.Spec
	now  time.Time
}

// miss is one way in which a rule is not kept.
type miss struct {
	severity   Severity // the rule's own when empty
	resource   string
	is, should string
	fix        string // arguments of cicdctl
}

func (s sight) cluster() string               { return "rds/cluster " + DatabaseName(s.spec.Client) }
func (s sight) repair() string                { return "client create " + s.spec.Client }
func (s sight) again() string                 { return "backup run " + s.spec.Client }
func (s sight) archives() bool                { return s.spec.Backup.Archive.Monthly() }
func (s sight) age(t time.Time) time.Duration { return s.now.Sub(t) }

// CheckProtection holds what AWS has against what was agreed with the client. The
// most severe findings come first.
func CheckProtection(s *spec.Spec, p Protection, now time.Time) []Finding {
	var out []Finding
	for _, r := range BackupRules() {
		f := Finding{ID: r.ID, Severity: r.Severity, Title: r.Title, Client: s.Client, Region: s.Region, Why: r.Why}
		if blind := slices.IndexFunc(r.needs, func(l Look) bool { return p.Unknown[l] != "" }); blind >= 0 {
			f.Severity, f.Resource, f.Is = Medium, string(r.needs[blind]), notKnown+p.Unknown[r.needs[blind]]
			f.Should, f.Fix = "an answer of AWS", "look again, or ask for the permission that is missing"
			out = append(out, f)
			continue
		}
		for _, m := range r.check(sight{p, s, now}) {
			each := f
			if m.severity != "" {
				each.Severity = m.severity
			}
			each.Resource, each.Is, each.Should, each.Fix = m.resource, m.is, m.should, "cicdctl "+m.fix
			out = append(out, each)
		}
	}
	slices.SortStableFunc(out, func(a, b Finding) int {
		switch {
		case a.Severity == b.Severity:
			return 0
		case a.Severity.AtLeast(b.Severity):
			return -1
		default:
			return 1
		}
	})
	return out
}

// BackupRules are the rules, in the order of their numbers. Those of AWS's
// Foundational Security Best Practices that say the same are named in Why.
func BackupRules() []BackupRule {
	return []BackupRule{
		{
			ID: "CICD-BACKUP-1", Severity: High, Title: "backups are kept for another time than agreed",
			Why:   "the client was promised that every moment of these days can be brought back",
			needs: []Look{LookDatabase},
			check: checkRetention,
		},
		{
			ID: "CICD-BACKUP-2", Severity: Low, Title: "backups are kept for less than the document's 30 days",
			Why:   "the infrastructure document promises 30 days unless the client agreed to something else",
			needs: nil,
			check: func(s sight) []miss {
				if s.spec.Backup.RetentionDays >= DocumentRetention {
					return nil
				}
				return []miss{{
					resource: "spec " + s.spec.Client, is: dayCount(s.spec.Backup.RetentionDays), should: dayCount(DocumentRetention) + ", or a client who knows",
					fix: fmt.Sprintf("backup-policy set %s --retention-days %d", s.spec.Client, DocumentRetention),
				}}
			},
		},
		{
			ID: "CICD-BACKUP-3", Severity: High, Title: "the newest restorable moment lies too far back",
			Why:   "what was written since then would be lost: Aurora is typically within five minutes",
			needs: []Look{LookDatabase},
			check: checkLag,
		},
		{
			ID: "CICD-BACKUP-4", Severity: High, Title: "the monthly archive is not scheduled",
			Why:   "without the schedule nobody makes the archive that the document promises for every month",
			needs: []Look{LookArchive},
			check: checkArchiveSchedule,
		},
		{
			ID: "CICD-BACKUP-5", Severity: High, Title: "the last archive is older than a month",
			Why:   "the document promises one archive a month in S3 Glacier",
			needs: []Look{LookDatabase, LookExports, LookArchive},
			check: checkArchiveAge,
		},
		{
			ID: "CICD-BACKUP-6", Severity: High, Title: "the last attempt to archive failed",
			Why:   "AWS does not try again by itself before next month",
			needs: []Look{LookExports},
			check: func(s sight) []miss {
				if !s.archives() || len(s.Exports) == 0 || slices.Contains([]string{ExportStarting, ExportRunning, ExportComplete}, s.Exports[0].Status) {
					return nil
				}
				last := s.Exports[0]
				why := strings.ToLower(last.Status)
				if last.Failure != "" {
					why += ": " + last.Failure
				}
				return []miss{{resource: "archive " + last.Name, is: why, should: "complete", fix: s.again()}}
			},
		},
		{
			ID: "CICD-BACKUP-7", Severity: Medium, Title: "the last archive is not complete",
			Why:   "RDS leaves out tables that it cannot write, and calls the archive complete",
			needs: []Look{LookExports},
			check: func(s sight) []miss {
				last := lastArchive(s.Exports)
				if !s.archives() || last == nil || last.Warning == "" {
					return nil
				}
				return []miss{{resource: "archive " + last.Name, is: last.Warning, should: "every table in the archive", fix: s.again()}}
			},
		},
		{
			ID: "CICD-BACKUP-8", Severity: High, Title: "archives are not kept as agreed",
			Why:   "an archive that S3 deletes too early is gone; one outside S3 Glacier costs several times as much (FSBP S3.13)",
			needs: []Look{LookBucket},
			check: checkLifecycle,
		},
		{
			ID: "CICD-BACKUP-9", Severity: High, Title: "there is no restorable copy of the last month",
			Why:   "an archive cannot be restored as a database: after the days of continuous backup only this copy can (FSBP RDS.26)",
			needs: []Look{LookDatabase, LookMonthly},
			check: checkMonthly,
		},
		{
			ID: "CICD-BACKUP-10", Severity: Medium, Title: "a restorable copy is not encrypted",
			Why:   "whoever gets at the copy could read the client's data (FSBP Backup.1)",
			needs: []Look{LookMonthly},
			check: func(s sight) []miss {
				last := newest(s.Monthly)
				if last == nil || last.Encrypted {
					return nil
				}
				return []miss{{resource: "backup/recovery-point " + last.ID, is: "not encrypted", should: "encrypted with a KMS key", fix: s.repair()}}
			},
		},
		{
			ID: "CICD-BACKUP-11", Severity: Medium, Title: "AWS works on the database at other times than agreed",
			Why:   "maintenance may restart the database; the client knows only the window that was agreed",
			needs: []Look{LookDatabase, LookInstances},
			check: checkWindows,
		},
		{
			ID: "CICD-BACKUP-12", Severity: Medium, Title: "backup and maintenance overlap",
			Why:   "maintenance that restarts the database may cost the day's backup",
			needs: []Look{LookDatabase, LookInstances},
			check: checkOverlap,
		},
		{
			ID: "CICD-BACKUP-13", Severity: High, Title: "a key that backups need is not usable",
			Why:   "what is encrypted with a deleted key is lost for good, archives and snapshots included (FSBP KMS.3)",
			needs: []Look{LookClientKey, LookArchiveKey},
			check: checkKeys,
		},
		{
			ID: "CICD-BACKUP-14", Severity: Low, Title: "nobody has measured a restore for half a year",
			Why:   "how long a restore takes is only known from one that was made",
			needs: []Look{LookDatabase},
			check: checkDrill,
		},
		{
			ID: "CICD-MAINTENANCE-1", Severity: Medium, Title: "the hosts are not renewed every week",
			Why:   "hosts get their security updates with a new image, in the client's window (FSBP SSM.2)",
			needs: []Look{LookRefresh},
			check: checkRefresh,
		},
	}
}
