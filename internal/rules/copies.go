package rules

import (
	"time"

	"gitlab.com/cicd/cicdctl/internal/spec"
)

// CopyKind is one of the ways in which a client's data is kept twice.
type CopyKind string

// The copies. The archive is for analysis: no database can be restored from it.
const (
	Continuous CopyKind = "continuous"
	Monthly    CopyKind = "monthly"
	Archive    CopyKind = "archive"
	// Snapshot is a copy that somebody took, or that destroy left, besides those that a
	// spec promises; Retained are the automated backups of a database that is gone.
	Snapshot CopyKind = "snapshot"
	Retained CopyKind = "retained"
)

// DocumentRetention is how many days of continuous backup the infrastructure document
// promises.
const DocumentRetention = 30

// Copy is what a spec promises of one kind of copy.
type Copy struct {
	Kind       CopyKind
	On         bool
	Days       int           // it is kept so long; where it is off, it would be
	Restorable bool          // into Aurora
	Loss       time.Duration // of data at worst, if this copy were all that is left
}

const (
	// continuousLoss is how far the last restorable moment is behind: "typically
	// within 5 minutes of the current time" (Aurora user guide, Managing backups).
	continuousLoss = 5 * time.Minute
	// monthlyLoss is the longest month.
	monthlyLoss = 31 * 24 * time.Hour
)

// Copies are the copies of a client's database, the youngest data first.
func Copies(s *spec.Spec) []Copy {
	b := s.Backup
	return []Copy{
		{Kind: Continuous, On: true, Days: b.RetentionDays, Restorable: true, Loss: continuousLoss},
		{Kind: Monthly, On: b.RestorableMonthly, Days: MonthlyDays, Restorable: true, Loss: monthlyLoss},
		{Kind: Archive, On: b.Archive.Monthly(), Days: ArchiveDays(b.Archive.KeepMonths), Restorable: false, Loss: monthlyLoss},
	}
}
