package judge

import (
	"maps"
	"slices"
	"time"
)

// Protection is what AWS holds against the loss of a client's data: plain facts,
// from which nothing is concluded yet. Times are the zero time where AWS tells none.
type Protection struct {
	// Unknown are the looks that AWS refused, each with the reason. What such a look
	// would have filled in is empty and means nothing.
	Unknown map[Look]string

	Database *Database // nil when there is none
	Archive  *Schedule // the schedule of the monthly archive; nil when there is none
	Refresh  *Schedule // the schedule of the hosts' renewal; nil when there is none
	Exports  []Export  // archives, the newest first
	Bucket   *Lifecycle
	Monthly  []MonthlyCopy // restorable copies of AWS Backup, the newest first
	// States of the KMS keys in AWS's words ("Enabled"); empty when there is no such key.
	ArchiveKey, ClientKey string
}

// Look is one question put to AWS.
type Look string

// The looks.
const (
	LookDatabase   Look = "database"
	LookInstances  Look = "instances"
	LookSnapshots  Look = "snapshots"
	LookExports    Look = "archives"
	LookMonthly    Look = "monthly copies"
	LookArchive    Look = "archive schedule"
	LookRefresh    Look = "host refresh schedule"
	LookBucket     Look = "archive bucket"
	LookArchiveKey Look = "archive key"
	LookClientKey  Look = "client key"
)

// Looks are those that AWS refused, in a steady order.
func (p Protection) Looks() []Look { return slices.Sorted(maps.Keys(p.Unknown)) }

// Database is the client's Aurora cluster.
type Database struct {
	Made             time.Time
	Status           string
	Retention        int // days
	Backup           string
	Maintenance      string            // window of the cluster, UTC
	Instances        map[string]string // their own maintenance windows
	Earliest, Latest time.Time         // of what can be restored
	Drill            string            // the last restore drill, as [rules.Drill] encodes it
}

// Schedule is one of EventBridge Scheduler's.
type Schedule struct {
	Enabled              bool
	Expression, TimeZone string
	Made                 time.Time
}

// States of an export.
const (
	ExportStarting = "STARTING"
	ExportRunning  = "IN_PROGRESS"
	ExportComplete = "COMPLETE"
	ExportFailed   = "FAILED"
)

// Export is one archive, finished or not.
type Export struct {
	Name       string
	Status     string // in capitals
	Begun, End time.Time
	Warning    string // what it left out, in people's words
	Failure    string
}

// Lifecycle is what S3 does with what is in the archive bucket.
type Lifecycle struct {
	Expires int  // days after which the first rule deletes something; 0 when none does
	Whole   bool // a rule deletes everything in the end
	Glacier bool // a rule moves everything to S3 Glacier
}

// MonthlyCopy is a restorable copy of the database.
type MonthlyCopy struct {
	ID        string // ARN
	Made      time.Time
	Kept      time.Time // until then; the zero time when for ever
	Complete  bool
	Encrypted bool
}

// newest is the newest of the copies that are complete, or nil.
func newest(copies []MonthlyCopy) *MonthlyCopy {
	for i := range copies {
		if copies[i].Complete {
			return &copies[i]
		}
	}
	return nil
}

// lastArchive is the newest export that is complete, or nil.
func lastArchive(exports []Export) *Export {
	for i := range exports {
		if exports[i].Status == ExportComplete {
			return &exports[i]
		}
	}
	return nil
}
