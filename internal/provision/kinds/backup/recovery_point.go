package backup

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	backuptypes "github.com/aws/aws-sdk-go-v2/service/backup/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	rdskinds "gitlab.com/cicd/cicdctl/internal/provision/kinds/rds"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// recoveryPoint is a copy of a database in the vault.
type recoveryPoint struct {
	backuptypes.RecoveryPointByBackupVault
	tags provision.Tags
}

// RecoveryPointKind is what AWS Backup has made of the client's database. A copy
// carries the cluster's tags, so all have its role.
func RecoveryPointKind() *provision.Type {
	return provision.Define(provision.Kind[struct{}, *recoveryPoint]{
		Name:      "backup/recovery-point",
		Levels:    provision.ClientLevel,
		Billing:   provision.Billing[struct{}, *recoveryPoint]{Items: billPoint, With: []string{"rds/cluster"}},
		Impact:    provision.Impact[*recoveryPoint]{Losses: pointLosses},
		DependsOn: provision.Existing("kms/key"), // without its key a copy is lost
		Data: provision.Data[*recoveryPoint]{
			Policy:    provision.Retain,
			ExpiresAt: func(p *recoveryPoint) time.Time { return expiry(p.RecoveryPointByBackupVault) },
			Needs:     func(p *recoveryPoint) []string { return []string{aws.ToString(p.EncryptionKeyArn)} },
		},
		Timing: provision.Timing{AsyncDelete: true, Timeout: backupPatience},
		List:   listRecoveryPoints,
		ID:     func(p *recoveryPoint) string { return aws.ToString(p.RecoveryPointArn) },
		Tags:   func(p *recoveryPoint) provision.Tags { return p.tags },
		State:  func(p *recoveryPoint) provision.State { return recoveryPointStates[p.Status] },
		Facts: func(p *recoveryPoint) []provision.Fact {
			facts := []provision.Fact{{Name: "taken", Value: aws.ToTime(p.CreationDate).UTC().Format(time.RFC3339)}, {Name: "restorable", Value: restorable(p)}}
			if until := expiry(p.RecoveryPointByBackupVault); !until.IsZero() {
				facts = append(facts, provision.Fact{Name: "expires", Value: until.Format(time.RFC3339)})
			}
			return facts
		},
		Delete: deleteRecoveryPoint,
	})
}

// recoveryPointStates are those of a copy that is not available.
var recoveryPointStates = map[backuptypes.RecoveryPointStatus]provision.State{
	backuptypes.RecoveryPointStatusDeleting: provision.Deleting,
	backuptypes.RecoveryPointStatusCreating: provision.Pending,
	backuptypes.RecoveryPointStatusPartial:  provision.Failed,
}

// restorable says whether a database can be made of the copy.
func restorable(p *recoveryPoint) string {
	if slices.Contains([]backuptypes.RecoveryPointStatus{backuptypes.RecoveryPointStatusCompleted, backuptypes.RecoveryPointStatusExpired}, p.Status) {
		return "yes"
	}
	return "no"
}

// expiry is when AWS Backup removes the copy by itself; zero when it never does.
func expiry(p backuptypes.RecoveryPointByBackupVault) time.Time {
	switch {
	case p.CalculatedLifecycle != nil && p.CalculatedLifecycle.DeleteAt != nil:
		return p.CalculatedLifecycle.DeleteAt.UTC()
	case p.Lifecycle != nil && p.Lifecycle.DeleteAfterDays != nil && p.CreationDate != nil:
		return p.CreationDate.UTC().AddDate(0, 0, int(*p.Lifecycle.DeleteAfterDays))
	default:
		return time.Time{}
	}
}

// lastExpiry is when the last of the copies expires; zero when one never does.
func lastExpiry(points []backuptypes.RecoveryPointByBackupVault) (last time.Time) {
	for _, p := range points {
		until := expiry(p)
		if until.IsZero() {
			return until
		}
		if until.After(last) {
			last = until
		}
	}
	return last
}

// listRecoveryPoints lists the copies of Aurora clusters. They are snapshots of
// RDS, which has their tags.
func listRecoveryPoints(ctx context.Context, w *provision.Sweep) ([]*recoveryPoint, error) {
	all, err := recoveryPoints(ctx, w)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	listed, err := rdskinds.Snapshots(ctx, w, "awsbackup")
	if err != nil {
		return nil, err
	}
	tags := map[string]provision.Tags{}
	for _, s := range listed {
		tags[aws.ToString(s.DBClusterSnapshotArn)] = rdskinds.Tags.Of(s.TagList)
	}
	points := make([]*recoveryPoint, len(all))
	var untold []*recoveryPoint
	for i, p := range all {
		points[i] = &recoveryPoint{p, tags[aws.ToString(p.RecoveryPointArn)]}
		if points[i].tags == nil && points[i].concerns(w.Clients) {
			untold = append(untold, points[i])
		}
	}
	// RDS's reference does not name this type of snapshots for clusters, though it is
	// in use: what the list leaves out is asked about by itself.
	err = kit.Parallel(ctx, untold, func(ctx context.Context, p *recoveryPoint) error {
		return kit.Optional(ctx, w.RDS.ListTagsForResource, &rds.ListTagsForResourceInput{ResourceName: p.RecoveryPointArn}, func(o *rds.ListTagsForResourceOutput) {
			p.tags = rdskinds.Tags.Of(o.TagList)
		})
	})
	return points, err
}

// concerns reports whether the copy can be one of the clients' by the name of its
// cluster; all are looked at when none is named.
func (p *recoveryPoint) concerns(clients []string) bool {
	_, cluster, ok := strings.Cut(aws.ToString(p.ResourceArn), ":cluster:")
	return ok && (len(clients) == 0 || slices.ContainsFunc(clients, func(client string) bool {
		name := rules.DatabaseName(client)
		return cluster == name || strings.HasPrefix(cluster, name+"-")
	}))
}

func deleteRecoveryPoint(ctx context.Context, s *provision.Step, p *recoveryPoint) error {
	err := kit.Do(ctx, s.API.Backup.DeleteRecoveryPoint, &backup.DeleteRecoveryPointInput{BackupVaultName: aws.String(rules.MonthlyName), RecoveryPointArn: p.RecoveryPointArn})
	return awsapi.IgnoreNotFound(err)
}
