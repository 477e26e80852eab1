package judge

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Limits within which a client's data counts as protected.
const (
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

// sight is what a rule on copies looks at.
type sight struct {
	*Protection
	spec *spec.Spec
	now  time.Time
}

// looking makes the judge of a rule on copies. It has nothing to say of a group of whose
// copies nothing is known, or nothing was agreed.
func looking(breaks func(sight) []Verdict) func(*Group) []Verdict {
	return func(g *Group) []Verdict {
		if g.Protection == nil || g.Spec == nil {
			return nil
		}
		return breaks(sight{g.Protection, g.Spec, g.At})
	}
}

func (s sight) cluster() string               { return "rds/cluster " + rules.DatabaseName(s.spec.Client) }
func (s sight) again() string                 { return "cicdctl backup run " + s.spec.Client }
func (s sight) archives() bool                { return s.spec.Backup.Archive.Monthly() }
func (s sight) age(t time.Time) time.Duration { return s.now.Sub(t) }

// BackupRules are the rules on how a client's data is protected, in the order of their
// numbers. Those of AWS's Foundational Security Best Practices that say the same are named
// in Why. Those with a kind are about its attributes, which an audit judges one by one.
func BackupRules() []Rule {
	return []Rule{
		{
			ID: "CICD-BACKUP-1", Kind: "rds/cluster", Severity: rules.High, Title: "backups are kept for another time than agreed",
			Why:   "the client was promised that every moment of these days can be brought back",
			Needs: []Look{LookDatabase},
			Judge: looking(checkRetention),
			Pass:  copiesExample(nil), Fail: copiesExample(func(_ *spec.Spec, p *Protection) { p.Database.Retention = 7 }),
		},
		{
			ID: "CICD-BACKUP-2", Severity: rules.Low, Title: "backups are kept for less than the document's 30 days",
			Why: "the infrastructure document promises 30 days unless the client agreed to something else",
			Judge: looking(func(s sight) []Verdict {
				if s.spec.Backup.RetentionDays >= rules.DocumentRetention {
					return nil
				}
				return []Verdict{{
					Resource: "spec " + s.spec.Client, Is: dayCount(s.spec.Backup.RetentionDays), Should: lang.Sprintf("%s, or a client who knows", dayCount(rules.DocumentRetention)),
					Fix: fmt.Sprintf("cicdctl backup-policy set %s --retention-days %d", s.spec.Client, rules.DocumentRetention),
				}}
			}),
			Pass: copiesExample(nil), Fail: copiesExample(func(s *spec.Spec, _ *Protection) { s.Backup.RetentionDays = 14 }),
		},
		{
			ID: "CICD-BACKUP-3", Severity: rules.High, Title: "the newest restorable moment lies too far back",
			Why:   "what was written since then would be lost: Aurora is typically within five minutes",
			Needs: []Look{LookDatabase},
			Judge: looking(checkLag),
			Pass:  copiesExample(nil), Fail: copiesExample(func(_ *spec.Spec, p *Protection) { p.Database.Latest = time.Time{} }),
		},
		{
			ID: "CICD-BACKUP-4", Kind: "scheduler/group", Severity: rules.High, Title: "the monthly archive is not scheduled",
			Why:   "without the schedule nobody makes the archive that the document promises for every month",
			Needs: []Look{LookArchive},
			Judge: looking(checkArchiveSchedule),
			Pass:  copiesExample(nil), Fail: copiesExample(func(_ *spec.Spec, p *Protection) { p.Archive = nil }),
		},
		{
			ID: "CICD-BACKUP-5", Severity: rules.High, Title: "the last archive is older than a month",
			Why:   "the document promises one archive a month in S3 Glacier",
			Needs: []Look{LookDatabase, LookExports, LookArchive},
			Judge: looking(checkArchiveAge),
			Pass:  copiesExample(nil), Fail: copiesExample(func(_ *spec.Spec, p *Protection) { p.Exports[0].End = ago(36) }),
		},
		{
			ID: "CICD-BACKUP-6", Severity: rules.High, Title: "the last attempt to archive failed",
			Why:   "AWS does not try again by itself before next month",
			Needs: []Look{LookExports},
			Judge: looking(func(s sight) []Verdict {
				if !s.archives() || len(s.Exports) == 0 || slices.Contains([]string{ExportStarting, ExportRunning, ExportComplete}, s.Exports[0].Status) {
					return nil
				}
				last := s.Exports[0]
				why := strings.ToLower(last.Status)
				if last.Failure != "" {
					why += ": " + last.Failure
				}
				return []Verdict{{Resource: "archive " + last.Name, Is: why, Should: "complete", Fix: s.again()}}
			}),
			Pass: copiesExample(nil), Fail: copiesExample(func(_ *spec.Spec, p *Protection) {
				p.Exports = append([]Export{{Name: "acme-now", Status: ExportFailed}}, p.Exports...)
			}),
		},
		{
			ID: "CICD-BACKUP-7", Severity: rules.Medium, Title: "the last archive is not complete",
			Why:   "RDS leaves out tables that it cannot write, and calls the archive complete",
			Needs: []Look{LookExports},
			Judge: looking(func(s sight) []Verdict {
				last := lastArchive(s.Exports)
				if !s.archives() || last == nil || last.Warning == "" {
					return nil
				}
				return []Verdict{{Resource: "archive " + last.Name, Is: last.Warning, Should: "every table in the archive", Fix: s.again()}}
			}),
			Pass: copiesExample(nil), Fail: copiesExample(func(_ *spec.Spec, p *Protection) { p.Exports[0].Warning = "skipped shop.carts" }),
		},
		{
			ID: "CICD-BACKUP-8", Kind: "s3/bucket", Severity: rules.High, Title: "archives are not kept as agreed",
			Why:   "an archive that S3 deletes too early is gone; one outside S3 Glacier costs several times as much (FSBP S3.13)",
			Needs: []Look{LookBucket},
			Judge: looking(checkLifecycle),
			Pass:  copiesExample(nil), Fail: copiesExample(func(_ *spec.Spec, p *Protection) { p.Bucket = nil }),
		},
		{
			ID: "CICD-BACKUP-9", Severity: rules.High, Title: "there is no restorable copy of the last month",
			Why:   "an archive cannot be restored as a database: after the days of continuous backup only this copy can (FSBP RDS.26)",
			Needs: []Look{LookDatabase, LookMonthly},
			Judge: looking(checkMonthly),
			Pass:  copiesExample(nil), Fail: copiesExample(func(_ *spec.Spec, p *Protection) { p.Monthly[0].Made = ago(40) }),
		},
		{
			ID: "CICD-BACKUP-10", Severity: rules.Medium, Title: "a restorable copy is not encrypted",
			Why:   "whoever gets at the copy could read the client's data (FSBP Backup.1)",
			Needs: []Look{LookMonthly},
			Judge: looking(func(s sight) []Verdict {
				last := newest(s.Monthly)
				if last == nil || last.Encrypted {
					return nil
				}
				return []Verdict{{Resource: "backup/recovery-point " + last.ID, Is: "not encrypted", Should: "encrypted with a KMS key"}}
			}),
			Pass: copiesExample(nil), Fail: copiesExample(func(_ *spec.Spec, p *Protection) { p.Monthly[0].Encrypted = false }),
		},
		{
			ID: "CICD-BACKUP-11", Kind: "rds/cluster", Severity: rules.Medium, Title: "AWS works on the database at other times than agreed",
			Why:   "maintenance may restart the database; the client knows only the window that was agreed",
			Needs: []Look{LookDatabase, LookInstances},
			Judge: looking(checkWindows),
			Pass:  copiesExample(nil), Fail: copiesExample(func(_ *spec.Spec, p *Protection) { p.Database.Backup = "03:00-03:30" }),
		},
		{
			ID: "CICD-BACKUP-12", Kind: "rds/cluster", Severity: rules.Medium, Title: "backup and maintenance overlap",
			Why:   "maintenance that restarts the database may cost the day's backup",
			Needs: []Look{LookDatabase, LookInstances},
			Judge: looking(checkOverlap),
			Pass:  copiesExample(nil), Fail: copiesExample(func(_ *spec.Spec, p *Protection) { p.Database.Backup = "02:30-03:30" }),
		},
		{
			ID: "CICD-BACKUP-13", Kind: "kms/key", Severity: rules.High, Title: "a key that backups need is not usable",
			Why:   "what is encrypted with a deleted key is lost for good, archives and snapshots included (FSBP KMS.3)",
			Needs: []Look{LookClientKey, LookArchiveKey},
			Judge: looking(checkKeys),
			Pass:  copiesExample(nil), Fail: copiesExample(func(_ *spec.Spec, p *Protection) { p.ClientKey = "Disabled" }),
		},
		{
			ID: "CICD-BACKUP-14", Severity: rules.Low, Title: "nobody has measured a restore for half a year",
			Why:   "how long a restore takes is only known from one that was made",
			Needs: []Look{LookDatabase},
			Judge: looking(checkDrill),
			Pass:  copiesExample(nil), Fail: copiesExample(func(_ *spec.Spec, p *Protection) { p.Database.Drill = "" }),
		},
		{
			ID: "CICD-MAINTENANCE-1", Kind: "scheduler/group", Severity: rules.Medium, Title: "the hosts are not renewed every week",
			Why:   "hosts get their security updates with a new image, in the client's window (FSBP SSM.2)",
			Needs: []Look{LookRefresh},
			Judge: looking(checkRefresh),
			Pass:  copiesExample(nil), Fail: copiesExample(func(_ *spec.Spec, p *Protection) { p.Refresh.Enabled = false }),
		},
	}
}
