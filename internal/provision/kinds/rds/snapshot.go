package rds

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"

	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

type dbSnapshot = *rdstypes.DBClusterSnapshot

// wantDBSnapshot is a snapshot of another region that is copied into this one, under the
// client's key of here: keys are of one region.
type wantDBSnapshot struct {
	name string
	from provision.RestoreFrom
}

func wantDBSnapshots(s *provision.Scope) map[provision.Role]wantDBSnapshot {
	if r := s.Restore; r != nil && r.Moves(s.Region) {
		return map[provision.Role]wantDBSnapshot{r.SourceRole(): {rules.SourceCopyName(s.Client, r.At), r.From}}
	}
	return nil
}

// SnapshotKind is what the client's clusters have left: final snapshots and
// those that people took. They carry the cluster's tags, so all have its role.
// Automated ones do too, but belong to RDS.
func SnapshotKind() *provision.Type {
	return provision.Define(provision.Kind[wantDBSnapshot, dbSnapshot]{
		Name:      "rds/cluster-snapshot",
		ARN:       "rds:cluster-snapshot:",
		Levels:    provision.ClientLevel,
		Billing:   provision.Billing[wantDBSnapshot, dbSnapshot]{Items: billSnapshot},
		Impact:    provision.Impact[dbSnapshot]{Losses: snapshotLosses},
		DependsOn: provision.Existing("kms/key"), // without its key a snapshot is lost
		Data:      provision.Data[dbSnapshot]{Policy: provision.Retain},
		Timing:    provision.Timing{Timeout: databasePatience},
		Want:      wantDBSnapshots,
		Found:     true,
		List: func(ctx context.Context, w *provision.Sweep) ([]dbSnapshot, error) {
			return kit.Pointers(Snapshots(ctx, w, "manual"))
		},
		ID:    func(s dbSnapshot) string { return aws.ToString(s.DBClusterSnapshotIdentifier) },
		Tags:  func(s dbSnapshot) provision.Tags { return Tags.Of(s.TagList) },
		State: func(s dbSnapshot) provision.State { return dbState(s.Status) },
		Naming: provision.Naming[wantDBSnapshot, dbSnapshot]{
			Key:   func(s dbSnapshot) string { return aws.ToString(s.DBClusterSnapshotIdentifier) },
			KeyOf: func(_ *provision.Scope, d wantDBSnapshot) string { return d.name },
			Title: func(_ *provision.Scope, _ provision.Role, d wantDBSnapshot) string {
				return d.name + ", copy of " + d.from.ID
			},
		},
		Create: func(ctx context.Context, s *provision.Step, d wantDBSnapshot) (dbSnapshot, error) {
			return kit.Get(ctx, s.API.RDS.CopyDBClusterSnapshot, &rds.CopyDBClusterSnapshotInput{
				SourceDBClusterSnapshotIdentifier: &d.from.Snapshot, SourceRegion: &d.from.Region, TargetDBClusterSnapshotIdentifier: &d.name,
				KmsKeyId: aws.String(s.ID("kms/key", "client")), Tags: Tags.To(s.Tags),
			}, func(o *rds.CopyDBClusterSnapshotOutput) dbSnapshot { return o.DBClusterSnapshot })
		},
		Facts: func(s dbSnapshot) []provision.Fact {
			return []provision.Fact{
				{Name: "engine", Value: aws.ToString(s.Engine) + " " + aws.ToString(s.EngineVersion)},
				{Name: "taken", Value: aws.ToTime(s.SnapshotCreateTime).UTC().Format(time.RFC3339)},
			}
		},
		Delete: func(ctx context.Context, s *provision.Step, a dbSnapshot) error {
			return kit.Do(ctx, s.API.RDS.DeleteDBClusterSnapshot, &rds.DeleteDBClusterSnapshotInput{DBClusterSnapshotIdentifier: a.DBClusterSnapshotIdentifier})
		},
	})
}

// Snapshots lists the snapshots of clusters that are of a type: "manual", "awsbackup".
func Snapshots(ctx context.Context, w *provision.Sweep, of string) ([]rdstypes.DBClusterSnapshot, error) {
	p := rds.NewDescribeDBClusterSnapshotsPaginator(w.RDS, &rds.DescribeDBClusterSnapshotsInput{SnapshotType: &of, MaxRecords: RdsPage})
	return kit.All(ctx, p, func(o *rds.DescribeDBClusterSnapshotsOutput) []rdstypes.DBClusterSnapshot {
		return o.DBClusterSnapshots
	})
}

func snapshotLosses(_ context.Context, _ *provision.Step, _ *provision.Sweep, s dbSnapshot) ([]provision.Loss, error) {
	return []provision.Loss{provision.Lost("the snapshot of %s", aws.ToTime(s.SnapshotCreateTime).UTC().Format(time.RFC3339))}, nil
}
